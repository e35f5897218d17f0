"""The zones, and how many people are in each; and how far that can be known while scanners are silent."""

import json
from collections.abc import Mapping
from typing import Any

import asyncpg

from services.operations.parts.shape import Picture, Rows

_ZONES = """
    SELECT zones.*, coalesce(identified.people, 0) + coalesce(unidentified.people, 0) AS count,
           coalesce(unidentified.people, 0) AS nameless
    FROM live.zones
    LEFT JOIN (SELECT zone_id, count(*) AS people FROM live.presence GROUP BY 1) AS identified USING (zone_id)
    LEFT JOIN live.unidentified USING (zone_id)
    ORDER BY defined_by
"""
_IDENTIFIED = """
    SELECT delegation_id, count(*) FROM (SELECT DISTINCT person_id FROM live.presence)
    LEFT JOIN live.persons USING (person_id) GROUP BY 1
"""
_VENUES = "SELECT * FROM live.venues ORDER BY venue_id"


async def zones(connection: asyncpg.Connection) -> list[Mapping[str, Any]]:
    """As rows, in the order of the layout."""
    found: list[Mapping[str, Any]] = await connection.fetch(_ZONES)
    return found


async def identified(connection: asyncpg.Connection) -> Mapping[str | None, int]:
    """How many people of each delegation are inside; None: of those whose delegation is not known."""
    by_delegation: dict[str | None, int] = dict(await connection.fetch(_IDENTIFIED))
    return by_delegation


def inside(identified: Mapping[str | None, int], zones: Rows) -> int:
    """Nobody is counted twice, in however many zones inside one another: people once, the others at the outer doors."""
    nameless: int = sum(zone["nameless"] for zone in zones if zone["parent_id"] is None)
    return sum(identified.values()) + nameless


async def venues(connection: asyncpg.Connection) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = await connection.fetch(_VENUES)
    return found


def drawn(rows: Rows, pending: Mapping[str, int], gates: Rows) -> list[dict[str, Any]]:
    """Every zone behind its parent, otherwise as they come; how deep it lies, and which orders around it hold in it.

    ``pending``: scans that silent scanners may hold, by gate.
    """
    children: dict[str | None, list[Mapping[str, Any]]] = {}
    known = {row["zone_id"] for row in rows}
    for row in rows:
        children.setdefault(row["parent_id"] if row["parent_id"] in known else None, []).append(row)
    shown: list[dict[str, Any]] = []

    def walk(parent: str | None, depth: int, *, locked: bool, evacuated: bool) -> None:
        for row in children.get(parent, ()):
            orders = {
                "locked": locked or row["lockdown"] is not None,
                "evacuated": evacuated or row["evacuation"] is not None,
            }
            uncertain = _uncertain(row, pending, gates)
            shown.append({**_zone(row, len(shown), depth), **orders, "uncertain": uncertain})
            walk(row["zone_id"], depth + 1, **orders)

    walk(None, 0, locked=False, evacuated=False)
    return shown


def _zone(row: Mapping[str, Any], order: int, depth: int) -> dict[str, Any]:
    return {
        "zone_id": row["zone_id"],
        "order": order,
        "depth": depth,
        "names": json.loads(row["names"]),
        "zone_class": row["zone_class"],
        "count": row["count"],
        "capacity": row["capacity"],
        "full": row["is_full"],
        "nearly_full": row["is_nearly_full"],
        "lockdown": row["lockdown"],
        "evacuation": row["evacuation"],
    }


def _uncertain(zone: Mapping[str, Any], pending: Mapping[str, int], gates: Rows) -> Picture | None:
    """Between how many and how many people, while a gate of the zone may hold scans that nobody has heard of."""
    if not pending:
        return None
    beside = [
        gate["gate_id"]
        for gate in gates
        if gate["gate_id"] in pending and zone["zone_id"] in {gate["from_zone_id"], gate["to_zone_id"]}
    ]
    if not beside:
        return None
    unheard = sum(pending[gate_id] for gate_id in beside)
    return {"low": max(0, zone["count"] - unheard), "high": zone["count"] + unheard, "gates": beside}


def venue(row: Mapping[str, Any]) -> Picture:
    return {name: row[name] for name in ("venue_id", "threat_level", "threat_reason", "policy_version")}
