"""The notices, and what became of them: for the sender, which takes what waits, and for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import asyncpg

from services.notifications.domain.notice import (
    NOTICE,
    NoticeAttempted,
    NoticeDeferred,
    NoticeEvent,
    NoticeFailed,
    NoticeQueued,
    NoticeSent,
)

EVENTS = NOTICE.events

Status = Literal["queued", "sent", "failed"]

_INSERT = """
    INSERT INTO notices (
        place, notice_id, source_event_id, template, channel, recipient_kind, recipient_id
    )
    SELECT (SELECT coalesce(max(place), 0) FROM notices) + new.ordinal,
           new.notice_id, new.source_event_id, new.template, new.channel, new.recipient_kind, new.recipient_id
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
         AS new(notice_id, source_event_id, template, channel, recipient_kind, recipient_id, ordinal)
"""
_UPDATE = """
    UPDATE notices SET status = now.status, attempts = now.attempts, reason = now.reason, language = now.language,
                       due_at = now.due_at
    FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::timestamptz[])
         AS now(notice_id, status, attempts, reason, language, due_at)
    WHERE notices.notice_id = now.notice_id
"""
_WAITING = """
    SELECT notice_id, attempts FROM notices.notices
    WHERE status = 'queued' AND (due_at IS NULL OR due_at <= $1) AND (recipient_kind = 'duty' OR NOT $2)
    ORDER BY recipient_kind <> 'duty', place LIMIT $3
"""
_QUEUE = "SELECT count(*), min(due_at) FROM notices.notices WHERE status = 'queued'"
_LISTED = """
    SELECT place, notice_id, source_event_id, template, channel, recipient_kind, recipient_id, status, attempts,
           reason, language
    FROM notices.notices
    WHERE ($1::text IS NULL OR status = $1) AND place > $2 ORDER BY place LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that may be sent now, and how often that was tried before."""

    notice_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Queue:
    """How many notices are not settled, and when the first of those put off is due (None: none was)."""

    length: int
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class _Standing:
    status: Status
    attempts: int
    reason: str | None = None
    language: str | None = None
    due_at: datetime | None = None


class NoticesView:
    """The view's fold: a page of events is one insert and one update."""

    name = "notices"
    tables = Path(__file__).with_suffix(".sql")

    async def project(self, connection: asyncpg.Connection, events: Sequence[NoticeEvent]) -> None:
        if queued := [event for event in events if isinstance(event, NoticeQueued)]:
            await connection.execute(
                _INSERT,
                [event.notice_id for event in queued],
                [event.source_event_id for event in queued],
                [event.template for event in queued],
                [event.channel for event in queued],
                [event.recipient.kind for event in queued],
                [event.recipient.id for event in queued],
            )
        if last := {event.notice_id: _standing(event) for event in events if not isinstance(event, NoticeQueued)}:
            await connection.execute(
                _UPDATE,
                list(last),
                [standing.status for standing in last.values()],
                [standing.attempts for standing in last.values()],
                [standing.reason for standing in last.values()],
                [standing.language for standing in last.values()],
                [standing.due_at for standing in last.values()],
            )


async def waiting(pool: asyncpg.Pool, now: datetime, limit: int, *, only_duty: bool) -> list[Waiting]:
    """Notices that are due at ``now`` (real time): for those on duty first, then in the order of queueing."""
    return [Waiting(*row) for row in await pool.fetch(_WAITING, now, only_duty, limit)]


async def queue(pool: asyncpg.Pool) -> Queue:
    """The queue as a whole."""
    return Queue(*await pool.fetchrow(_QUEUE))


async def listed(pool: asyncpg.Pool, status: Status | None, after: int, limit: int) -> list[dict[str, Any]]:
    """Notices that fit, in the order of queueing, after place ``after``."""
    return [_shown(row) for row in await pool.fetch(_LISTED, status, after, limit)]


def _standing(event: NoticeAttempted | NoticeDeferred | NoticeSent | NoticeFailed) -> _Standing:
    """Each event after the first tells all there is to know, so the last one counts."""
    match event:
        case NoticeAttempted(attempt=attempt, language=language):
            return _Standing("queued", attempt, language=language)
        case NoticeDeferred(attempt=attempt, reason=reason, until=until):
            return _Standing("queued", attempt, reason, due_at=until)
        case NoticeSent(attempts=attempts, language=language):
            return _Standing("sent", attempts, language=language)
        case NoticeFailed(attempts=attempts, reason=reason, language=language):
            return _Standing("failed", attempts, reason, language)


def _shown(row: Any) -> dict[str, Any]:
    fields = dict(row)
    fields["recipient"] = {"kind": fields.pop("recipient_kind"), "id": fields.pop("recipient_id")}
    return fields
