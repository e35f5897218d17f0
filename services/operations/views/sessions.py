"""The programme as rows: the sessions that are planned."""

import json
from dataclasses import dataclass, field

import asyncpg

from contracts import access
from contracts.event import SharedEvent
from services.operations.views.rows import write

_SCHEDULED = """
    INSERT INTO sessions (session_id, zone_id, titles, starts_at, ends_at, doors_minutes)
    SELECT * FROM unnest($1::text[], $2::text[], $3::json[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
    ON CONFLICT (session_id) DO UPDATE SET
        (zone_id, titles, starts_at, ends_at, doors_minutes) =
        (excluded.zone_id, excluded.titles, excluded.starts_at, excluded.ends_at, excluded.doors_minutes)
"""
_CANCELLED = (
    "DELETE FROM sessions USING unnest($1::text[]) AS gone (session_id) WHERE sessions.session_id = gone.session_id"
)


@dataclass(slots=True)
class Sessions:
    """A run of what access tells of sessions, until it is written: the last word on each holds."""

    planned: dict[str, access.SessionScheduled | None] = field(default_factory=dict)
    """None: it was cancelled."""

    def take(self, event: SharedEvent) -> None:
        match event:
            case access.SessionScheduled(session_id=session):
                self.planned[session] = event
            case access.SessionCancelled(session_id=session):
                self.planned[session] = None

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        cancelled = [(session,) for session, plan in self.planned.items() if plan is None]
        await write(connection, _CANCELLED, cancelled)
        await write(connection, _SCHEDULED, [_row(plan) for plan in self.planned.values() if plan is not None])


def _row(plan: access.SessionScheduled) -> tuple[object, ...]:
    titles = json.dumps(plan.titles.model_dump(), ensure_ascii=False)
    return plan.session_id, plan.zone_id, titles, plan.starts_at, plan.ends_at, plan.doors_minutes
