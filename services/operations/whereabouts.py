"""Where people are and have been, by id: of one person the path through the day, of a delegation who is inside.

``person_id`` and no name: who somebody is, accreditation tells, and records that it was asked.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.operations.parts.shape import text
from services.operations.views.reading import reading

HEADS = ("head-of-state", "head-of-delegation")
"""The categories of whoever leads a delegation, the highest first."""
MOST_SCANS = 500  # of a path, the latest
MOST_FOUND = 20  # people

_PERSON = "SELECT delegation_id, category FROM live.persons WHERE person_id = $1"
_BADGES = """
    SELECT badge_id, person_id, version,
           CASE WHEN revoked THEN 'revoked' WHEN suspended THEN 'suspended'
                WHEN holding = 'issued' THEN 'awaiting' ELSE holding END AS status
    FROM live.badges WHERE person_id = ANY($1) ORDER BY badge_id
"""
_INSIDE = """
    WITH RECURSIVE placed AS (
        SELECT zone_id, 0 AS depth FROM live.zones WHERE parent_id IS NULL
        UNION ALL SELECT zones.zone_id, depth + 1 FROM live.zones JOIN placed ON zones.parent_id = placed.zone_id
    )
    SELECT person_id, array_agg(zone_id ORDER BY depth, zone_id) AS zones
    FROM live.presence LEFT JOIN placed USING (zone_id) WHERE person_id = ANY($1) GROUP BY 1
"""
_PATH = """
    SELECT decided_at, gate_id, zone_id, direction, outcome, reason, scan_id, undone.scan_id IS NOT NULL AS undone
    FROM live.scans LEFT JOIN live.undone USING (scan_id)
    WHERE person_id = $1 ORDER BY decided_at DESC, number DESC LIMIT $2
"""
_LAST_SEEN = """
    SELECT person_id, gate_id, decided_at FROM unnest($1::uuid[]) AS wanted (person_id)
    CROSS JOIN LATERAL (
        SELECT gate_id, decided_at FROM live.scans WHERE scans.person_id = wanted.person_id
        ORDER BY decided_at DESC, number DESC LIMIT 1
    ) AS last
"""
_BY_BADGE = """
    SELECT DISTINCT person_id, delegation_id, category
    FROM live.badges LEFT JOIN live.persons USING (person_id) WHERE badge_id BETWEEN $1 AND $2 ORDER BY 1 LIMIT $3
"""
_NAMED = """
    WITH named AS (
        SELECT person_id, delegation_id, category,
               person_id IN (SELECT person_id FROM live.nominations WHERE decision = 'refused') AS refused
        FROM live.persons
    )
"""
_DELEGATIONS = f"""
    {_NAMED}
    SELECT delegation_id, kind, names, confirmed, coalesce(people, 0) AS people, coalesce(inside, 0) AS inside
    FROM live.delegations
    LEFT JOIN (
        SELECT delegation_id, count(*) FILTER (WHERE NOT refused) AS people,
               count(*) FILTER (WHERE person_id IN (SELECT person_id FROM live.presence)) AS inside
        FROM named GROUP BY 1
    ) AS counted USING (delegation_id)
    WHERE $1::text IS NULL OR delegation_id = $1 ORDER BY delegation_id
"""
_PEOPLE = f"""
    {_NAMED}
    SELECT person_id, category FROM named
    WHERE delegation_id = $1 AND NOT refused ORDER BY array_position($2::text[], category), category, person_id
"""


class Whereabouts:
    """Questions to the live view. All raise UnavailableError while it is not there."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def person(self, person_id: UUID) -> Mapping[str, Any] | None:
        """None: nobody has heard of them. ``path`` begins with the earliest of the last ``MOST_SCANS`` scans."""
        async with reading(self._pool) as connection:
            known = await connection.fetchrow(_PERSON, person_id)
            path = await connection.fetch(_PATH, person_id, MOST_SCANS)
            if known is None and not path:
                return None
            badges = await connection.fetch(_BADGES, [person_id])
            inside = dict(await connection.fetch(_INSIDE, [person_id]))
        return {
            "person_id": person_id,
            "delegation_id": known and known["delegation_id"],
            "category": known and known["category"],
            "badges": [_badge(row) for row in badges],
            "inside": inside.get(person_id, []),
            "last_seen": _seen(path[0]) if path else None,
            "path": [_scan(row) for row in reversed(path)],
        }

    async def holders(self, first: UUID, last: UUID) -> list[Mapping[str, Any]]:
        """Who has a badge between these two, inclusive; at most ``MOST_FOUND``."""
        async with reading(self._pool) as connection:
            people = await connection.fetch(_BY_BADGE, first, last, MOST_FOUND)
            badges = await connection.fetch(_BADGES, [row["person_id"] for row in people])
        return [
            {**row, "badges": [_badge(badge) for badge in badges if badge["person_id"] == row["person_id"]]}
            for row in people
        ]

    async def delegations(self) -> list[Mapping[str, Any]]:
        """All of them, by id, with how many people they named who were not refused, and how many are inside."""
        async with reading(self._pool) as connection:
            return [_delegation(row) for row in await connection.fetch(_DELEGATIONS, None)]

    async def delegation(self, delegation_id: str) -> Mapping[str, Any] | None:
        """With its people, those who lead it first; None: there is no such delegation."""
        async with reading(self._pool) as connection:
            known = await connection.fetch(_DELEGATIONS, delegation_id)
            rows = await connection.fetch(_PEOPLE, delegation_id, HEADS)
            ids = [row["person_id"] for row in rows]
            inside = dict(await connection.fetch(_INSIDE, ids))
            last = {row["person_id"]: _seen(row) for row in await connection.fetch(_LAST_SEEN, ids)}
        if not known:
            return None
        people = [
            {**row, "inside": inside.get(row["person_id"], []), "last_seen": last.get(row["person_id"])} for row in rows
        ]
        return {**_delegation(known[0]), "head": _head(people), "people": people}


def _head(people: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Who leads the delegation: of several of the highest category whoever is inside."""
    for category in HEADS:
        leading = [one for one in people if one["category"] == category]
        if leading:
            return next((one for one in leading if one["inside"]), leading[0])
    return None


def _delegation(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "names": {} if row["names"] is None else json.loads(row["names"])}


def _badge(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"badge_id": row["badge_id"], "version": row["version"], "status": row["status"]}


def _seen(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"gate_id": row["gate_id"], "at": text(row["decided_at"])}


def _scan(row: Mapping[str, Any]) -> Mapping[str, Any]:
    of_scan = ("gate_id", "zone_id", "direction", "outcome", "reason", "scan_id", "undone")
    return {"at": text(row["decided_at"]), **{name: row[name] for name in of_scan}}
