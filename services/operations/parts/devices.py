"""The scanners: where each stands, how it is, and what it has not taken in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.operations.parts.shape import Picture, Rows, text

_DEVICES = """
    SELECT devices.*, greatest(venues.policy_version, venues.policy_seen) AS policy_there_is,
           venues.revocation_version AS revocations_there_are
    FROM live.devices LEFT JOIN live.gates USING (gate_id) LEFT JOIN live.venues USING (venue_id)
    ORDER BY enrolled_by
"""


async def devices(connection: asyncpg.Connection, heard: Mapping[UUID, datetime]) -> list[dict[str, Any]]:
    """As rows, in the order they were enrolled. ``heard``: what access says it heard last, by the gathering's clock."""
    rows = [dict(row) for row in await connection.fetch(_DEVICES)]
    for row in rows:
        since = heard.get(row["device_id"])
        if since is not None and (row["heard_at"] is None or row["heard_at"] < since):
            row["heard_at"] = since
    return rows


def drawn(rows: Rows) -> list[Picture]:
    return [_device(order, row) for order, row in enumerate(rows)]


def _device(order: int, row: Mapping[str, Any]) -> Picture:
    return {
        "device_id": str(row["device_id"]),
        "order": order,
        "gate_id": row["gate_id"],
        "heard_at": text(row["heard_at"]),
        "battery": None if row["battery"] is None else row["battery"] / 100,
        "queue": row["queue"],
        "skew_s": row["skew_s"],
        "policy_version": row["policy_version"],
        "revocation_version": row["revocation_version"],
        "software": row["software"],
        "silent": row["silent"] and not row["cut_off"],
        "clock_suspected": row["clock_suspected"],
        "cut_off": row["cut_off"],
        "behind": _behind(row),
    }


def _behind(row: Mapping[str, Any]) -> list[str]:
    """What there is and it said that it has less of. One that said nothing is not blamed."""
    has = (
        ("policy", row["policy_version"], row["policy_there_is"]),
        ("revocations", row["revocation_version"], row["revocations_there_are"]),
    )
    return [what for what, version, there_is in has if version is not None and version < (there_is or 0)]
