"""The timeline: over what time there is a past to look at, and what stood out in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from chassis.run.clock import Clock
from services.operations.parts.shape import Picture, text
from services.operations.tiers import Tier
from services.operations.views.reading import reading

MOST = 300  # marks
_STEP_S = 60
_GRAVEST_FIRST = (
    "evacuation", "all_clear", "lockdown", "lockdown_lifted", "threat", "incident", "incident_closed", "zone_full",
    "zone_has_room", "session",
)  # fmt: skip

# The day begins with its first scan; before there was one, with the first thing that was told.
_BEGAN = """
    SELECT coalesce(
        (SELECT min(minute) FROM live.minutes),
        least((SELECT min(at) FROM live.told), (SELECT min(at) FROM live.steps),
              (SELECT min(at) FROM live.delegation_steps))
    )
"""
_TOLD = """
    SELECT at, kind, data FROM live.told
    WHERE at BETWEEN $1 AND $2 AND kind = ANY($3::text[]) ORDER BY number
"""
_OF_TOLD: Mapping[str, tuple[str, str, str | None]] = {
    "EvacuationOrdered": ("evacuation", "zone_id", "reason"),
    "AllClearGiven": ("all_clear", "zone_id", None),
    "LockdownDeclared": ("lockdown", "zone_id", "reason"),
    "LockdownLifted": ("lockdown_lifted", "zone_id", None),
    "ThreatLevelSet": ("threat", "venue_id", "level"),
    "ZoneCapacityReached": ("zone_full", "zone_id", None),
    "ZoneCapacityRestored": ("zone_has_room", "zone_id", None),
}
"""By event: the mark, whose it is, and what is said beside it."""
_SESSIONS = """
    SELECT session_id, starts_at FROM live.sessions WHERE starts_at BETWEEN $1 AND $2 ORDER BY starts_at, session_id
"""
_INCIDENTS = """
    SELECT incident_id, at, what, entries.incident ->> 'kind' AS kind
    FROM incidents.entries JOIN incidents.incidents USING (incident_id)
    WHERE at BETWEEN $1 AND $2 AND what IN ('reported', 'closed') AND (NOT discreet OR $3) ORDER BY place
"""
_OF_INCIDENTS = {"reported": "incident", "closed": "incident_closed"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Reads it."""

    pool: asyncpg.Pool
    clock: Clock

    async def shown(self, tier: Tier) -> Picture:
        """From the beginning until now, in steps of a minute; of too many marks, the gravest."""
        now = self.clock.now()
        async with reading(self.pool) as connection:
            began = await connection.fetchval(_BEGAN) or now
            marks = await _of_the_venue(connection, began, now)
            if tier != "totals":
                marks += await _of_incidents(connection, began, now, discreet=tier == "command")
        return {"from": text(began), "to": text(now), "step_s": _STEP_S, "marks": _chosen(marks)}


async def _of_the_venue(connection: asyncpg.Connection, since: datetime, until: datetime) -> list[Picture]:
    """Orders, zones that were full, and sessions as they are planned now."""
    told = await connection.fetch(_TOLD, since, until, list(_OF_TOLD))
    sessions = await connection.fetch(_SESSIONS, since, until)
    return [
        *(_of_event(row["at"], row["kind"], json.loads(row["data"])) for row in told),
        *(_mark(row["starts_at"], "session", row["session_id"]) for row in sessions),
    ]


async def _of_incidents(
    connection: asyncpg.Connection, since: datetime, until: datetime, *, discreet: bool
) -> list[Picture]:
    """When they were raised and closed. ``discreet``: also of those that only few may know of."""
    rows = await connection.fetch(_INCIDENTS, since, until, discreet)
    return [_mark(row["at"], _OF_INCIDENTS[row["what"]], str(row["incident_id"]), row["kind"]) for row in rows]


def _of_event(at: datetime, kind: str, told: Mapping[str, Any]) -> Picture:
    mark, whose, beside = _OF_TOLD[kind]
    return _mark(at, mark, told[whose], None if beside is None else str(told[beside]))


def _mark(at: datetime, kind: str, ref: str, beside: str | None = None) -> Picture:
    mark = {"at": text(at), "kind": kind, "ref": ref}
    return mark if beside is None else {**mark, "text": beside}


def _chosen(marks: list[Picture]) -> list[Picture]:
    """In the order of time."""
    gravest = sorted(marks, key=lambda mark: (_GRAVEST_FIRST.index(mark["kind"]), mark["at"]))[:MOST]
    return sorted(gravest, key=lambda mark: mark["at"])
