"""Orders in force, and which gates have been heard of since they were given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from services.operations.parts.shape import Picture, Rows, text

# Missing: believed inside still, and not at an assembly point; access counts the same way.
_EVACUATIONS = """
    WITH RECURSIVE within AS (
        SELECT evacuation_id, zone_id AS ordered_for, zone_id FROM live.evacuations
        UNION ALL
        SELECT evacuation_id, ordered_for, zones.zone_id
        FROM live.zones JOIN within ON zones.parent_id = within.zone_id
    ), missing AS (
        SELECT evacuation_id, ordered_for AS zone_id, count(DISTINCT presence.person_id) AS missing
        FROM within JOIN live.presence USING (zone_id)
        WHERE NOT EXISTS (
            SELECT FROM live.mustered
            WHERE mustered.evacuation_id = within.evacuation_id AND mustered.person_id = presence.person_id
        )
        GROUP BY 1, 2
    )
    SELECT evacuations.*, evacuation AS reason, coalesce(missing, 0) AS missing,
           (SELECT count(*) FROM live.mustered WHERE mustered.evacuation_id = evacuations.evacuation_id) AS mustered
    FROM live.evacuations JOIN live.zones USING (zone_id) LEFT JOIN missing USING (evacuation_id, zone_id)
    ORDER BY ordered_at, defined_by
"""


async def evacuations(connection: asyncpg.Connection, zones: Rows) -> list[Mapping[str, Any]]:
    """As rows, the first ordered first. Asked for only while a zone is being evacuated."""
    if all(zone["evacuation"] is None for zone in zones):
        return []
    found: list[Mapping[str, Any]] = await connection.fetch(_EVACUATIONS)
    return found


def drawn(evacuations: Rows, zones: Rows, venues: Rows, gates: Rows, devices: Rows) -> Picture:
    heard = _Heard(zones, gates, devices)
    locked = sorted((zone for zone in zones if zone["lockdown"] is not None), key=lambda zone: zone["lockdown_since"])
    return {
        "lockdowns": [
            {
                "zone_id": zone["zone_id"],
                "reason": zone["lockdown"],
                "since": text(zone["lockdown_since"]),
                **heard.after(zone["lockdown_since"], zone["zone_id"]),
            }
            for zone in locked
        ],
        "evacuations": [
            {
                "evacuation_id": str(one["evacuation_id"]),
                "zone_id": one["zone_id"],
                "reason": one["reason"],
                "ordered_at": text(one["ordered_at"]),
                **{name: one[name] for name in ("expected", "unidentified", "mustered", "missing")},
                **heard.after(one["ordered_at"], one["zone_id"]),
            }
            for one in evacuations
        ],
        "threat": {
            venue["venue_id"]: {
                "level": venue["threat_level"],
                "reason": venue["threat_reason"],
                "since": text(venue["threat_since"]),
            }
            for venue in venues
            if venue["threat_level"]
        },
    }


class _Heard:
    """Which scanners an order concerns: those at the gates into its zone, and into everything inside that."""

    def __init__(self, zones: Rows, gates: Rows, devices: Rows) -> None:
        self._parents = {zone["zone_id"]: zone["parent_id"] for zone in zones}
        self._gates = gates
        self._devices = [one for one in devices if not one["cut_off"]]

    def after(self, order: datetime, zone_id: str) -> Picture:
        """How many of them were heard of after ``order``."""
        concerned = {gate["gate_id"] for gate in self._gates if self._lies_in(gate["to_zone_id"], zone_id)}
        there = [one for one in self._devices if one["gate_id"] in concerned]
        waiting = [one["gate_id"] for one in there if one["heard_at"] is None or one["heard_at"] < order]
        return {
            "acknowledged": len(there) - len(waiting),
            "of": len(there),
            "waiting": list(dict.fromkeys(waiting)),
        }

    def _lies_in(self, inner: str | None, outer: str) -> bool:
        while inner is not None and inner != outer:
            inner = self._parents.get(inner)
        return inner is not None
