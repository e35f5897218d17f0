"""The picture: totals drawn from the rows of the live view at one moment. No person and no badge is in it.

A dictionary of parts, JSON as it stands. Times are ISO 8601 in UTC: of the gathering, unless a word says real time.
``KEYED`` parts are lists of entries that have an id; every other part is small and changes as a whole.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock
from contracts.words import STATE_KINDS
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources

Picture = Mapping[str, Any]
KEYED: Mapping[str, str] = {"zones": "zone_id", "gates": "gate_id"}
"""Parts that are lists, and the field that names an entry."""

_HOUR = 60  # minutes
_QUIET = timedelta(minutes=10)

_APPLIED = "SELECT source, number FROM readers.cursors WHERE reader = 'live'"
_DELEGATIONS = """
    SELECT CASE WHEN kind = ANY($1) THEN 'states' ELSE 'others' END, count(*), count(*) FILTER (WHERE confirmed)
    FROM live.delegations GROUP BY 1
"""
_NOMINATIONS = "SELECT decision, count(*) FROM live.nominations GROUP BY 1"
_BADGES = """
    SELECT CASE WHEN revoked THEN 'revoked' WHEN suspended THEN 'suspended'
                WHEN holding = 'issued' THEN 'awaiting' ELSE holding END, count(*)
    FROM live.badges GROUP BY 1
"""
_NOTICES = "SELECT outcome, count(*) FROM live.notices GROUP BY 1"
_ZONES = """
    SELECT zones.*, coalesce(identified.people, 0) + coalesce(unidentified.people, 0) AS count
    FROM live.zones
    LEFT JOIN (SELECT zone_id, count(*) AS people FROM live.presence GROUP BY 1) AS identified USING (zone_id)
    LEFT JOIN live.unidentified USING (zone_id)
    ORDER BY defined_by
"""
# Nobody is counted twice, in however many zones inside one another: people once each, the others at the outer doors.
_INSIDE = """
    SELECT
        (SELECT count(*) FROM (SELECT DISTINCT person_id FROM live.presence))
        + (SELECT coalesce(sum(people), 0) FROM live.unidentified JOIN live.zones USING (zone_id)
           WHERE parent_id IS NULL)
"""
_VENUES = "SELECT * FROM live.venues ORDER BY venue_id"
_GATES = "SELECT * FROM live.gates LEFT JOIN live.sightings USING (gate_id) ORDER BY defined_by"
_SECONDS = """
    SELECT coalesce(sum(admitted), 0) AS admitted, coalesce(sum(refused), 0) AS refused,
           coalesce(sum(exited), 0) AS exited
    FROM live.seconds WHERE second > $1
"""
_MINUTES = "SELECT minute, outcome, reason, scans FROM live.minutes WHERE minute >= $1"
_OUTCOMES = "SELECT outcome, reason, scans FROM live.outcomes"


class Drawing:
    """Draws pictures. What only one source changes is drawn again only when that source has moved."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, settings: OperationsSettings, sources: Sources) -> None:
        self._pool = pool
        self._clock = clock
        self._settings = settings
        self._time_zone = settings.time_zone
        self._sources = sources
        self._kept: dict[str, tuple[int, Picture]] = {}

    async def draw(self) -> Picture:
        """Everything at one moment. Raises UnavailableError while the view is not there, and ``passing`` errors."""
        now = self._clock.now()
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                applied: dict[str, int] = dict(await connection.fetch(_APPLIED))
                people = await self._unless_kept("accreditation", applied, connection)
                notices = await self._unless_kept("notifications", applied, connection)
                venue = await self._venue(connection, now)
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError) as error:
            raise UnavailableError("the view is being made") from error
        return {
            "updated_at": _text(datetime.now(UTC)),
            "event": self._settings.event,
            "clock": {
                "now": _text(now),
                "simulated": self._clock.simulated,
                "time_zone": self._time_zone.key,
            },
            "sources": self._sources.shown(applied),
            **people,
            **venue,
            **notices,
        }

    async def _unless_kept(self, source: str, applied: Mapping[str, int], connection: asyncpg.Connection) -> Picture:
        number = applied.get(source, 0)
        if source not in self._kept or self._kept[source][0] != number:
            draw = _who_may_come if source == "accreditation" else _notices
            self._kept[source] = number, await draw(connection)
        return self._kept[source][1]

    async def _venue(self, connection: asyncpg.Connection, now: datetime) -> Picture:
        until = now.replace(second=0, microsecond=0)
        since = until - timedelta(minutes=_HOUR - 1)
        minutes = await connection.fetch(_MINUTES, since)
        outcomes = await connection.fetch(_OUTCOMES)
        last_minute = await connection.fetchrow(_SECONDS, now - timedelta(seconds=60))
        return {
            "people": {"inside": int(await connection.fetchval(_INSIDE))},
            "scans": {
                **_by_outcome(outcomes),
                "last_minute": dict(last_minute),
                "last_hour": _last_hour(minutes, since),
            },
            "refusals": _refusals(outcomes, minutes),
            "venues": [dict(row) for row in await connection.fetch(_VENUES)],
            "zones": _zones(await connection.fetch(_ZONES)),
            "gates": [self._gate(order, row, now) for order, row in enumerate(await connection.fetch(_GATES))],
        }

    def _gate(self, order: int, row: Mapping[str, Any], now: datetime) -> Picture:
        last = row["decided_at"]
        return {
            "gate_id": row["gate_id"],
            "order": order,
            "name": row["name"],
            "from_zone_id": row["from_zone_id"],
            "to_zone_id": row["to_zone_id"],
            "last_scan_at": _text(last),
            "heard_at": _text(row["arrived_at"]),
            "state": row["state"],
            "silent": row["state"] == "open" and last is not None and self._is_quiet(last, now),
        }

    def _is_quiet(self, last: datetime, now: datetime) -> bool:
        """Whether nothing was heard of for a while that was heard of today."""
        same_day = last.astimezone(self._time_zone).date() == now.astimezone(self._time_zone).date()
        return same_day and now - last > _QUIET


async def _who_may_come(connection: asyncpg.Connection) -> Picture:
    delegations = {"states": {"invited": 0, "confirmed": 0}, "others": {"invited": 0, "confirmed": 0}}
    for group, invited, confirmed in await connection.fetch(_DELEGATIONS, list(STATE_KINDS)):
        delegations[group] = {"invited": invited, "confirmed": confirmed}
    decisions: dict[str, int] = dict(await connection.fetch(_NOMINATIONS))
    badges: dict[str, int] = dict(await connection.fetch(_BADGES))
    return {
        "delegations": delegations,
        "nominations": {
            "nominated": sum(decisions.values()),
            **{decision: decisions.get(decision, 0) for decision in ("pending", "granted", "refused")},
        },
        "badges": {
            "issued": sum(badges.values()),
            **{status: badges.get(status, 0) for status in ("awaiting", "active", "lost", "suspended", "revoked")},
        },
    }


async def _notices(connection: asyncpg.Connection) -> Picture:
    outcomes: dict[str, int] = dict(await connection.fetch(_NOTICES))
    return {"notices": {"sent": outcomes.get("sent", 0), "failed": outcomes.get("failed", 0)}}


def _by_outcome(outcomes: list[Mapping[str, Any]]) -> dict[str, int]:
    counted = Counter({"admitted": 0, "refused": 0, "exited": 0})
    for row in outcomes:
        counted[row["outcome"]] += int(row["scans"])
    return {"total": counted.total(), **counted}


def _last_hour(minutes: list[Mapping[str, Any]], since: datetime) -> dict[str, Any]:
    """Sixty numbers an outcome, one a minute, the current minute last."""
    bars: dict[str, list[int]] = {outcome: [0] * _HOUR for outcome in ("admitted", "refused", "exited")}
    for row in minutes:
        place = int((row["minute"] - since).total_seconds()) // 60
        if place < _HOUR:
            bars[row["outcome"]][place] += row["scans"]
    return {"since": _text(since), **bars}


def _refusals(outcomes: list[Mapping[str, Any]], minutes: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By reason, the most frequent of all time first."""
    last_hour: Counter[str] = Counter()
    for row in minutes:
        if row["outcome"] == "refused":
            last_hour[row["reason"]] += row["scans"]
    found = [
        {"reason": row["reason"], "total": int(row["scans"]), "last_hour": last_hour[row["reason"]]}
        for row in outcomes
        if row["outcome"] == "refused"
    ]
    return sorted(found, key=lambda one: (-one["total"], one["reason"]))


def _zones(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every zone behind its parent, otherwise as they come; how deep it lies, and which orders around it hold in it."""
    children: dict[str | None, list[Mapping[str, Any]]] = {}
    known = {row["zone_id"] for row in rows}
    for row in rows:
        children.setdefault(row["parent_id"] if row["parent_id"] in known else None, []).append(row)
    drawn: list[dict[str, Any]] = []

    def walk(parent: str | None, depth: int, *, locked: bool, evacuated: bool) -> None:
        for row in children.get(parent, ()):
            orders = {
                "locked": locked or row["lockdown"] is not None,
                "evacuated": evacuated or row["evacuation"] is not None,
            }
            drawn.append(_zone(row, len(drawn), depth) | orders)
            walk(row["zone_id"], depth + 1, **orders)

    walk(None, 0, locked=False, evacuated=False)
    return drawn


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


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat(timespec="seconds")
