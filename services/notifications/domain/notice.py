"""A notice is queued once, tried until a mail server accepts or refuses it, and then settled for good."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision, Event, Refused, Unknown, Value

MAX_ATTEMPTS = 8
FALLBACK_LANGUAGE = "en"

Fact = str | Mapping[str, str]
"""A code, an id, a number, a time in ISO 8601; or what something is called, by language. Never who somebody is."""


class Recipient(Value):
    """Whom a notice is for; their address is asked for when it is sent."""

    kind: Literal["person", "focal_point", "duty"]
    id: str  # of a person, of a delegation, of a duty


class QueueNotice(Command):
    notice_id: UUID
    source_event_id: UUID
    template: str
    channel: Literal["email"]
    recipient: Recipient
    facts: Mapping[str, Fact]


class BeginAttempt(Command):
    notice_id: UUID
    attempt: int  # the first is 1
    language: str  # the message is written in


class RecordSent(Command):
    notice_id: UUID
    attempt: int


class DeferNotice(Command):
    notice_id: UUID
    attempt: int
    reason: str  # a code
    until: datetime  # real time, not the gathering's
    maybe_delivered: bool  # the message left, and the answer never came


class FailNotice(Command):
    notice_id: UUID
    attempt: int
    reason: str  # a code


NoticeCommand = QueueNotice | BeginAttempt | RecordSent | DeferNotice | FailNotice


class NoticeQueued(Event):
    notice_id: UUID
    source_event_id: UUID
    template: str
    channel: Literal["email"]
    recipient: Recipient
    facts: Mapping[str, Fact]


class NoticeAttempted(Event):
    """On record before the dialogue with the server."""

    notice_id: UUID
    attempt: int
    language: str
    possible_repeat: bool  # the server may have the message from an earlier attempt


class NoticeDeferred(Event):
    notice_id: UUID
    attempt: int
    reason: str
    until: datetime
    maybe_delivered: bool


class NoticeSent(Event):
    notice_id: UUID
    source_event_id: UUID
    template: str
    channel: Literal["email"]
    language: str
    attempts: int


class NoticeFailed(Event):
    notice_id: UUID
    source_event_id: UUID
    template: str
    channel: Literal["email"]
    language: str
    attempts: int
    reason: str


NoticeEvent = NoticeQueued | NoticeAttempted | NoticeDeferred | NoticeSent | NoticeFailed


class NoticeUnknown(Unknown):
    """No such notice was queued."""

    __slots__ = ()
    code = "notice_unknown"


class AttemptOutOfTurn(Refused):
    """Attempts are begun one after the other, and end after they began."""

    __slots__ = ()
    code = "attempt_out_of_turn"


class NoticeSettled(Refused):
    """The notice was settled before, and otherwise."""

    __slots__ = ()
    code = "notice_settled"


@dataclass(frozen=True)
class State:
    """Only what the next decision needs."""

    queued: NoticeQueued | None = None
    attempts: int = 0
    under_way: bool = False  # an attempt began, and nobody said how it ended
    maybe_delivered: bool = False  # an attempt ended without an answer
    language: str = FALLBACK_LANGUAGE
    settled: Literal["sent", "failed"] | None = None


def decide(command: NoticeCommand, state: State) -> Decision[NoticeEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, QueueNotice):
        return [] if state.queued else [NoticeQueued(**command.model_dump())]
    if state.queued is None:
        return NoticeUnknown(str(command.notice_id))
    if isinstance(command, BeginAttempt):
        return _begin(command, state)
    if command.attempt > state.attempts:
        return AttemptOutOfTurn(f"attempt {command.attempt} has not begun")
    match command:
        case RecordSent():
            if state.settled == "failed":
                return NoticeSettled("failed")
            return [] if state.settled else [NoticeSent(**_settlement(state))]
        case FailNotice(reason=reason):
            if state.settled == "sent":
                return NoticeSettled("sent")
            return [] if state.settled else [_failed(state, reason)]
        case DeferNotice(attempt=attempt, reason=reason):
            if state.settled or attempt < state.attempts or not state.under_way:
                return []  # a later attempt tells, or has told
            if attempt >= MAX_ATTEMPTS:
                return [_failed(state, reason)]
            return [NoticeDeferred(**command.model_dump())]
        case _:
            assert_never(command)


def evolve(state: State, event: NoticeEvent) -> State:
    """State after ``event``. Never refuses: it has already happened."""
    match event:
        case NoticeQueued():
            return replace(state, queued=event)
        case NoticeAttempted(attempt=attempt, language=language, possible_repeat=possible_repeat):
            return replace(state, attempts=attempt, under_way=True, maybe_delivered=possible_repeat, language=language)
        case NoticeDeferred(maybe_delivered=maybe_delivered):
            return replace(state, under_way=False, maybe_delivered=state.maybe_delivered or maybe_delivered)
        case NoticeSent():
            return replace(state, under_way=False, settled="sent")
        case NoticeFailed():
            return replace(state, under_way=False, settled="failed")
        case _:
            assert_never(event)


def _begin(command: BeginAttempt, state: State) -> Decision[NoticeEvent]:
    """Whoever gets the event back has begun the attempt, and nobody else."""
    if state.settled or command.attempt <= state.attempts:
        return []
    if command.attempt > state.attempts + 1:
        return AttemptOutOfTurn(f"attempt {state.attempts + 1} is next")
    if command.attempt > MAX_ATTEMPTS:
        return [_failed(state, "unanswered")]  # the last one was cut off, and may have arrived
    return [NoticeAttempted(**command.model_dump(), possible_repeat=state.under_way or state.maybe_delivered)]


def _failed(state: State, reason: str) -> NoticeFailed:
    return NoticeFailed(**_settlement(state), reason=reason)


def _settlement(state: State) -> dict[str, object]:
    assert state.queued is not None
    same = state.queued.model_dump(include={"notice_id", "source_event_id", "template", "channel"})
    return {**same, "language": state.language, "attempts": state.attempts}


NOTICE: Decider[NoticeCommand, State, NoticeEvent] = Decider(
    decide, evolve, State(), (NoticeQueued, NoticeAttempted, NoticeDeferred, NoticeSent, NoticeFailed)
)
