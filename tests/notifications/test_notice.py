"""The decider of notices: queued once, tried in turn, settled for good."""

from datetime import UTC, datetime
from uuid import UUID

from contracts import notifications as shared
from services.notifications.domain.notice import (
    MAX_ATTEMPTS,
    NOTICE,
    AttemptOutOfTurn,
    BeginAttempt,
    DeferNotice,
    FailNotice,
    NoticeAttempted,
    NoticeDeferred,
    NoticeEvent,
    NoticeFailed,
    NoticeQueued,
    NoticeSent,
    NoticeSettled,
    NoticeUnknown,
    QueueNotice,
    Recipient,
    RecordSent,
)
from services.notifications.published import publish
from tests.controls import given

ID = UUID("018f0000-0000-7000-8000-000000000006")
CAUSE = UUID("018f0000-0000-7000-8000-000000000007")
LATER = datetime(2025, 10, 25, 9, tzinfo=UTC)
WHAT = {"notice_id": ID, "source_event_id": CAUSE, "template": "badge_issued", "channel": "email"}
FOR = {"recipient": Recipient(kind="person", id=str(ID)), "facts": {"category": "delegate"}}

QUEUED = NoticeQueued(**WHAT, **FOR)


def begin(attempt: int, language: str = "fr") -> BeginAttempt:
    return BeginAttempt(notice_id=ID, attempt=attempt, language=language)


def sent(attempt: int) -> RecordSent:
    return RecordSent(notice_id=ID, attempt=attempt)


def defer(attempt: int, reason: str = "recipient_refused", *, maybe_delivered: bool = False) -> DeferNotice:
    return DeferNotice(notice_id=ID, attempt=attempt, reason=reason, until=LATER, maybe_delivered=maybe_delivered)


def fail(attempt: int, reason: str = "recipient_refused") -> FailNotice:
    return FailNotice(notice_id=ID, attempt=attempt, reason=reason)


def attempted(attempt: int, *, possible_repeat: bool = False) -> NoticeAttempted:
    return NoticeAttempted(notice_id=ID, attempt=attempt, language="fr", possible_repeat=possible_repeat)


def deferred(attempt: int, reason: str = "recipient_refused", *, maybe_delivered: bool = False) -> NoticeDeferred:
    return NoticeDeferred(notice_id=ID, attempt=attempt, reason=reason, until=LATER, maybe_delivered=maybe_delivered)


def was_sent(attempts: int, language: str = "fr") -> NoticeSent:
    return NoticeSent(**WHAT, attempts=attempts, language=language)


def has_failed(attempts: int, reason: str = "recipient_refused") -> NoticeFailed:
    return NoticeFailed(**WHAT, attempts=attempts, reason=reason, language="fr")


def tried(times: int) -> list[NoticeEvent]:
    """Queued, and put off after each attempt."""
    return [QUEUED, *(event for n in range(1, times + 1) for event in (attempted(n), deferred(n)))]


def test_a_notice_is_queued() -> None:
    given(NOTICE).when(QueueNotice(**WHAT, **FOR)).then(QUEUED)


def test_nothing_is_done_for_a_notice_that_was_never_queued() -> None:
    for command in (begin(1), sent(1), defer(1), fail(1)):
        given(NOTICE).when(command).then_refused(NoticeUnknown)


def test_a_first_attempt_is_no_repeat() -> None:
    given(NOTICE, QUEUED).when(begin(1)).then(attempted(1))


def test_an_attempt_that_was_begun_by_somebody_else_is_not_begun_again() -> None:
    given(NOTICE, QUEUED, attempted(1)).when(begin(1)).then()


def test_attempts_are_begun_in_turn() -> None:
    given(NOTICE, QUEUED).when(begin(2)).then_refused(AttemptOutOfTurn)


def test_an_attempt_ends_after_it_began() -> None:
    for command in (sent(1), defer(1), fail(1)):
        given(NOTICE, QUEUED).when(command).then_refused(AttemptOutOfTurn)


def test_a_notice_is_sent_in_the_language_of_its_last_attempt() -> None:
    given(NOTICE, QUEUED, attempted(1)).when(sent(1)).then(was_sent(1))


def test_a_notice_that_was_put_off_is_tried_again_and_is_no_repeat() -> None:
    given(NOTICE, QUEUED, attempted(1)).when(defer(1)).then(deferred(1))
    given(NOTICE, *tried(1)).when(begin(2)).then(attempted(2))


def test_after_an_answer_was_lost_every_later_attempt_may_be_a_repeat() -> None:
    lost = deferred(1, "unanswered", maybe_delivered=True)
    given(NOTICE, QUEUED, attempted(1)).when(defer(1, "unanswered", maybe_delivered=True)).then(lost)
    given(NOTICE, QUEUED, attempted(1), lost).when(begin(2)).then(attempted(2, possible_repeat=True))

    later: list[NoticeEvent] = [attempted(2, possible_repeat=True), deferred(2)]
    given(NOTICE, QUEUED, attempted(1), lost, *later).when(begin(3)).then(attempted(3, possible_repeat=True))


def test_an_attempt_that_was_cut_off_makes_the_next_one_a_possible_repeat() -> None:
    given(NOTICE, QUEUED, attempted(1)).when(begin(2)).then(attempted(2, possible_repeat=True))


def test_the_outcome_of_an_attempt_that_was_overtaken_does_not_put_off_the_later_one() -> None:
    given(NOTICE, QUEUED, attempted(1), attempted(2, possible_repeat=True)).when(defer(1)).then()


def test_a_refused_notice_fails() -> None:
    given(NOTICE, QUEUED, attempted(1)).when(fail(1)).then(has_failed(1))


def test_the_last_attempt_that_is_put_off_fails_the_notice() -> None:
    before = [*tried(MAX_ATTEMPTS - 1), attempted(MAX_ATTEMPTS)]

    given(NOTICE, *before).when(defer(MAX_ATTEMPTS)).then(has_failed(MAX_ATTEMPTS))


def test_the_last_attempt_that_is_cut_off_fails_the_notice_rather_than_being_repeated_for_ever() -> None:
    before = [*tried(MAX_ATTEMPTS - 1), attempted(MAX_ATTEMPTS)]

    given(NOTICE, *before).when(begin(MAX_ATTEMPTS + 1)).then(has_failed(MAX_ATTEMPTS, "unanswered"))


def test_a_settled_notice_is_left_alone() -> None:
    given(NOTICE, QUEUED, attempted(1), was_sent(1)).when(begin(2)).then()
    given(NOTICE, QUEUED, attempted(1), has_failed(1)).when(begin(2)).then()
    given(NOTICE, QUEUED, attempted(1), was_sent(1)).when(defer(1)).then()


def test_a_notice_is_not_sent_and_failed() -> None:
    given(NOTICE, QUEUED, attempted(1), was_sent(1)).when(fail(1)).then_refused(NoticeSettled)
    given(NOTICE, QUEUED, attempted(1), has_failed(1)).when(sent(1)).then_refused(NoticeSettled)


def test_others_hear_how_a_notice_ended_and_nothing_of_the_way_there() -> None:
    told = shared.NoticeFailed(**WHAT, attempts=2, reason="no_address", language="fr")
    assert publish(has_failed(2, "no_address")) == told
    assert publish(was_sent(1)) == shared.NoticeSent(**WHAT, attempts=1, language="fr")
    for event in (QUEUED, attempted(1), deferred(1)):
        assert publish(event) is None
