"""Incidents as rows: how each stands, and its log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import asyncpg

from services.operations.domain import incident_record as record
from services.operations.domain.escalation import due
from services.operations.domain.incident_record import Incident, IncidentEvent
from services.operations.parts.shape import Picture, text
from services.operations.views.rows import write

Which = Literal["open", "closed", "all"]
_SHOWN_CLOSED = timedelta(hours=1)

_WRITE = """
    INSERT INTO incidents AS known (
        incident_id, number, title, is_open, discreet, is_rules, merged_into, changed_at, due_at, due_level, incident
    )
    SELECT * FROM unnest(
        $1::uuid[], $2::integer[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[], $7::uuid[],
        $8::timestamptz[], $9::timestamptz[], $10::integer[], $11::json[]
    )
    ON CONFLICT (incident_id) DO UPDATE SET
        (is_open, merged_into, changed_at, due_at, due_level, incident) =
        (excluded.is_open, excluded.merged_into, excluded.changed_at, excluded.due_at, excluded.due_level,
         excluded.incident)
"""
_ENTER = """
    INSERT INTO entries (incident_id, at, actor, what, text, rationale, was, became, is_open, incident)
    SELECT * FROM unnest(
        $1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::boolean[], $10::json[]
    )
"""
_LISTED = """
    SELECT title, incident FROM incidents.incidents
    WHERE ($1 = 'all' OR is_open = ($1 = 'open')) AND (NOT discreet OR $2) ORDER BY number DESC LIMIT $3
"""
_PICTURED = """
    SELECT title, incident FROM incidents.incidents
    WHERE is_open OR changed_at > $1 ORDER BY number
"""
_STOOD = """
    SELECT title, stood.incident FROM (
        SELECT DISTINCT ON (incident_id) incident_id, at, is_open, incident
        FROM incidents.entries WHERE at <= $1 AND incident IS NOT NULL ORDER BY incident_id, place DESC
    ) AS stood JOIN incidents.incidents USING (incident_id)
    WHERE stood.is_open OR at > $2 ORDER BY number
"""
_ONE = "SELECT title, incident FROM incidents.incidents WHERE incident_id = $1"
_LOG = """
    SELECT at, actor, what, text, rationale, was, became FROM incidents.entries WHERE incident_id = $1 ORDER BY place
"""
_MERGED = "SELECT incident_id FROM incidents.incidents WHERE merged_into = $1 ORDER BY number"
_NEXT_NUMBER = "SELECT coalesce(max(number), 0) + 1 FROM incidents.incidents"
_RULES = """
    SELECT incident FROM incidents.incidents WHERE is_rules AND (is_open OR merged_into IS NOT NULL) ORDER BY number
"""
_DUE = "SELECT incident_id, due_level, due_at FROM incidents.incidents WHERE due_at <= $1"


@dataclass(frozen=True, slots=True)
class Overdue:
    """An incident whose clock has run out."""

    incident_id: UUID
    level: int
    since: datetime


class IncidentsView:
    """The view's fold."""

    name = "incidents"
    tables = Path(__file__).with_suffix(".sql")

    async def project(self, connection: asyncpg.Connection, events: Sequence[IncidentEvent]) -> None:
        """The last event of an incident says how it stands; each is an entry in its log."""
        titles = {one.incident.incident_id: one.title for one in events if isinstance(one, record.IncidentReported)}
        last = {one.incident.incident_id: one.incident for one in events}
        await write(connection, _WRITE, [_row(incident, titles.get(id_)) for id_, incident in last.items()])
        await write(connection, _ENTER, [entry for event in events for entry in _entries(event)])


async def pictured(connection: asyncpg.Connection, now: datetime) -> Picture:
    """The part ``incidents`` of the picture: those that are open, and those closed or merged in the last hour."""
    return {"incidents": [_summary(row) for row in await connection.fetch(_PICTURED, now - _SHOWN_CLOSED)]}


async def as_they_stood(connection: asyncpg.Connection, then: datetime) -> Picture:
    """The same part as it was."""
    return {"incidents": [_summary(row) for row in await connection.fetch(_STOOD, then, then - _SHOWN_CLOSED)]}


async def listed(pool: asyncpg.Pool, which: Which, limit: int, *, discreet: bool) -> list[dict[str, Any]]:
    """The latest first. ``discreet``: also those that only few may know of."""
    return [_summary(row) for row in await pool.fetch(_LISTED, which, discreet, limit)]


async def one(pool: asyncpg.Pool, incident_id: UUID) -> dict[str, Any] | None:
    """How an incident stands, its log, and what was merged into it; None: there is no such incident."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(_ONE, incident_id)
        if row is None:
            return None
        log = [_entry(entry) for entry in await connection.fetch(_LOG, incident_id)]
        merged = [str(other) for (other,) in await connection.fetch(_MERGED, incident_id)]
        return {**_summary(row), "log": log, "merged": merged}


async def next_number(pool: asyncpg.Pool) -> int:
    """The first number that no incident has, as far as the view has come."""
    return int(await pool.fetchval(_NEXT_NUMBER))


async def raised_by_rules(pool: asyncpg.Pool) -> list[Incident]:
    """Those that are open, or part of another; in the order of their numbers."""
    return [Incident.model_validate_json(text) for (text,) in await pool.fetch(_RULES)]


async def overdue(pool: asyncpg.Pool, now: datetime) -> list[Overdue]:
    """Those whose escalation clock has run out at ``now``."""
    return [Overdue(*row) for row in await pool.fetch(_DUE, now)]


def _row(incident: Incident, title: str | None) -> tuple[object, ...]:
    clock = due(incident)
    return (
        incident.incident_id,
        incident.number,
        title,
        incident.is_open,
        incident.discreet,
        incident.cause is not None,
        incident.merged_into,
        incident.changed_at,
        clock and clock.at,
        clock and clock.level,
        incident.model_dump_json(),
    )


def _entries(event: IncidentEvent) -> list[tuple[object, ...]]:
    """One for its own incident; a merger is one for the other, too."""
    own = event.incident.incident_id
    stands = event.incident.is_open, event.incident.model_dump_json()
    found: list[tuple[object, ...]] = [(own, event.at, event.by, record.change(type(event)), *_said(event), *stands)]
    if isinstance(event, record.IncidentMerged):
        other = event.incident.merged_into
        found.append((other, event.at, event.by, "absorbed", None, None, None, str(own), None, None))
    return found


def _said(event: IncidentEvent) -> tuple[str | None, str | None, str | None, str | None]:
    """What somebody wrote, and why; from what it went, to what: states, unless the event is about something else."""
    now = event.incident
    match event:
        case record.IncidentReported(note=note):
            return note, None, None, now.state
        case record.IncidentTriaged(was_severity=before, reason=reason) if before != now.severity:
            return reason, None, str(before), str(now.severity)
        case record.IncidentAssigned(was_assignee=before):
            return None, None, before, now.assignee
        case record.IncidentEscalated(reason=reason):
            return reason, None, None, str(now.escalated)
        case record.IncidentMerged():
            return None, None, None, str(now.merged_into)
        case record.IncidentNoted(text=text, rationale=rationale):
            return text, rationale, None, None
        case record.IncidentRepeated(count=count, at_gate=gate):
            return None, None, gate, str(count)
        case record.CauseEnded(about=about):
            return None, None, about, "over" if now.cause_over else None
        case record.IncidentTriaged(reason=text) | record.IncidentReopened(reason=text):
            return text, None, event.was, now.state
        case (
            record.IncidentContained(note=text) | record.IncidentVerified(note=text) | record.IncidentClosed(note=text)
        ):
            return text, None, event.was, now.state
        case record.IncidentResolved(resolution=text):
            return text, None, event.was, now.state
        case _:
            return None, None, event.was, now.state


def _summary(row: Any) -> dict[str, Any]:
    incident = Incident.model_validate_json(row["incident"])
    clock = due(incident)
    shown = incident.model_dump(
        mode="json",
        include={
            "incident_id",
            "number",
            "kind",
            "severity",
            "state",
            "escalated",
            "about",
            "people",
            "badges",
            "assignee",
            "raised_by",
            "repeats",
            "discreet",
            "version",
            "cause_over",
            "merged_into",
        },
    )
    return {
        **shown,
        "title": row["title"],
        "place": {"zone_id": incident.zone_id, "gate_id": incident.gate_id},
        "opened_at": text(incident.opened_at),
        "changed_at": text(incident.changed_at),
        "due_at": text(clock.at if clock else None),
    }


def _entry(row: Any) -> dict[str, Any]:
    return {
        "at": text(row["at"]),
        "actor": row["actor"],
        "what": row["what"],
        "text": row["text"],
        "rationale": row["rationale"],
        "from": row["was"],
        "to": row["became"],
    }
