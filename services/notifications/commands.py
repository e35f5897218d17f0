"""Obeying notifications' commands, and finding what they made again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from chassis.log.codec import Codec
from chassis.log.decider import Refused
from chassis.log.log import Log, Metadata, event_id
from chassis.log.obey import CommandHandler, UnavailableError
from chassis.run.clock import Clock
from chassis.run.logging import Logger
from services.notifications import metrics
from services.notifications.domain.notice import (
    NOTICE,
    BeginAttempt,
    DeferNotice,
    FailNotice,
    NoticeAttempted,
    NoticeCommand,
    NoticeEvent,
    NoticeQueued,
    QueueNotice,
    RecordSent,
)
from services.notifications.published import publish
from services.notifications.reactions import queueing_id

_ACTOR = "service:notifications"

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Queued:
    """A notice as it was queued, and the trace it belongs to."""

    notice: NoticeQueued
    traceparent: str | None


class Notices:
    """Everything that is recorded of notices. Raises UnavailableError while the log cannot be reached."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._codec = Codec(NOTICE.events)
        self._handler = CommandHandler(log, NOTICE, publish, self._codec)

    async def queue(self, command: QueueNotice, trace: str | None) -> None:
        """Queues a notice, once however often it is asked."""
        metadata = self._metadata(queueing_id(command.notice_id), command.source_event_id, trace)
        await self._handler.obey(_stream(command), command, metadata)

    async def queued(self, ids: Sequence[UUID]) -> dict[UUID, Queued]:
        """These notices, by id."""
        recorded = await self._log.find([event_id(queueing_id(notice_id)) for notice_id in ids])
        found = {}
        for one in recorded:
            notice = self._codec.decode(one.type, one.schema_version, one.data)
            assert isinstance(notice, NoticeQueued)
            found[notice.notice_id] = Queued(notice, one.metadata.traceparent)
        return found

    async def begin(
        self, notice: NoticeQueued, attempt: int, language: str, trace: str | None
    ) -> NoticeAttempted | None:
        """The attempt, if it was begun here and now; None if another process was faster or nothing is left to do."""
        command = BeginAttempt(notice_id=notice.notice_id, attempt=attempt, language=language)
        # Not derived from the notice: only who made the event may send, and a derived id is everybody's.
        metadata = self._metadata(uuid4(), notice.source_event_id, trace)
        for event in await self._obey(command, metadata):
            if isinstance(event, NoticeAttempted):
                return event
        return None

    async def settle(
        self, notice: NoticeQueued, outcome: RecordSent | DeferNotice | FailNotice, trace: str | None
    ) -> None:
        """Records how an attempt ended. It is known here alone, so it is tried for as long as this process lives."""
        command_id = uuid5(notice.notice_id, f"{type(outcome).__name__}-{outcome.attempt}")
        metadata = self._metadata(command_id, notice.source_event_id, trace)
        while True:
            try:
                await self._obey(outcome, metadata)
            except UnavailableError:
                log.warning("outcome_not_recorded_yet", notice_id=notice.notice_id)
            else:
                return

    async def _obey(self, command: NoticeCommand, metadata: Metadata) -> Sequence[NoticeEvent]:
        outcome = await self._handler.obey(_stream(command), command, metadata)
        if isinstance(outcome, Refused):
            log.warning("outcome_refused", notice_id=command.notice_id, code=outcome.code)
            return ()
        metrics.count(outcome.events)
        return outcome.events

    def _metadata(self, command_id: UUID, cause: UUID, trace: str | None) -> Metadata:
        return Metadata(_ACTOR, command_id, self._clock.now(), causation_id=cause, traceparent=trace)


def _stream(command: NoticeCommand) -> str:
    return f"notice-{command.notice_id}"
