"""Whether the live picture shows what the room's list says."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any

from placet.rehearsal.outsider import Outsider

_DRAWN_WITHIN_S = 5.0
_LOOK_S = 0.05


async def is_pictured(outsider: Outsider) -> bool:
    """Whether the picture shows what the list says, within seconds: it is drawn a moment later."""
    deadline = time.monotonic() + _DRAWN_WITHIN_S
    while True:
        shown = (await outsider.get("operations", "/v1/snapshot", "operations")).body["incidents"]
        listed = (await outsider.get("operations", "/v1/incidents", "operations", state="all", limit=1_000)).body
        known = {one["incident_id"]: one for one in listed}
        same = all(known.get(one["incident_id"]) == one for one in shown)
        if same and _still_open(known.values()) == _still_open(shown):
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_S)


def _still_open(incidents: Iterable[Mapping[str, Any]]) -> set[str]:
    return {one["incident_id"] for one in incidents if one["state"] != "closed" and not one["merged_into"]}
