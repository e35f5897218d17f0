"""One zone: how many people were in it minute by minute, and who was in it at one of them. Ids, never a name."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.operations.parts.shape import Picture, minute_of, text
from services.operations.views.reading import reading

_MINUTE = timedelta(minutes=1)

_ZONE = "SELECT capacity FROM live.zones WHERE zone_id = $1"
_BEFORE = """
    SELECT (SELECT count(*) FROM live.visits WHERE zone_id = $1 AND since < $2 AND until >= $2)
         + (SELECT count(*) FROM live.presence WHERE zone_id = $1 AND since < $2)
         + (SELECT coalesce(sum(people), 0) FROM live.counted WHERE zone_id = $1 AND at < $2)
"""
_CHANGES = """
    SELECT date_trunc('minute', at) AS minute, sum(people) AS people FROM (
        SELECT since AS at, 1 AS people FROM live.visits WHERE zone_id = $1
        UNION ALL SELECT until, -1 FROM live.visits WHERE zone_id = $1
        UNION ALL SELECT since, 1 FROM live.presence WHERE zone_id = $1
        UNION ALL SELECT at, people FROM live.counted WHERE zone_id = $1
    ) WHERE at >= $2 AND at < $3 GROUP BY 1
"""
_PEOPLE = """
    SELECT person_id, delegation_id, category, since FROM (
        SELECT person_id, since FROM live.visits WHERE zone_id = $1 AND since < $2 AND until >= $2
        UNION ALL SELECT person_id, since FROM live.presence WHERE zone_id = $1 AND since < $2
    ) LEFT JOIN live.persons USING (person_id) ORDER BY since, person_id
"""
_UNIDENTIFIED = "SELECT coalesce(sum(people), 0) FROM live.counted WHERE zone_id = $1 AND at < $2"


@dataclass(frozen=True, slots=True)
class ZoneHistory:
    """Reads it. Of a zone that there is now; None for any other."""

    pool: asyncpg.Pool

    async def occupancy(self, zone_id: str, since: datetime, until: datetime) -> Picture | None:
        """At the end of every minute from that of ``since`` to that of ``until``."""
        first, end = minute_of(since), minute_of(until) + _MINUTE
        async with reading(self.pool) as connection:
            zone = await connection.fetchrow(_ZONE, zone_id)
            if zone is None:
                return None
            count = int(await connection.fetchval(_BEFORE, zone_id, first))
            changes: dict[datetime, int] = dict(await connection.fetch(_CHANGES, zone_id, first, end))
        minutes = [first + place * _MINUTE for place in range((end - first) // _MINUTE)]
        counts = []
        for minute in minutes:
            count += int(changes.get(minute, 0))
            counts.append(count)
        return {
            "zone_id": zone_id,
            "capacity": zone["capacity"],
            "minutes": [text(minute) for minute in minutes],
            "counts": counts,
        }

    async def people(self, zone_id: str, at: datetime) -> Picture | None:
        """At the end of the minute of ``at``, whoever has been there longest first."""
        end = minute_of(at) + _MINUTE
        async with reading(self.pool) as connection:
            if await connection.fetchrow(_ZONE, zone_id) is None:
                return None
            rows = await connection.fetch(_PEOPLE, zone_id, end)
            unidentified = int(await connection.fetchval(_UNIDENTIFIED, zone_id, end))
        return {
            "zone_id": zone_id,
            "count": len(rows) + unidentified,
            "unidentified": unidentified,
            "by_delegation": _counted(rows, "delegation_id"),
            "by_category": _counted(rows, "category"),
            "people": [_person(row) for row in rows],
        }


def _counted(rows: list[Mapping[str, Any]], by: str) -> list[Picture]:
    """The most first."""
    counted = Counter(row[by] for row in rows)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0] or ""))
    return [{by: name, "people": people} for name, people in ranked]


def _person(row: Mapping[str, Any]) -> Picture:
    return {
        "person_id": str(row["person_id"]),
        "delegation_id": row["delegation_id"],
        "category": row["category"],
        "since": text(row["since"]),
    }
