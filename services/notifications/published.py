"""Which of our events the others hear of, and as what. Pure."""

from chassis.log.decider import Event
from contracts import notifications as shared
from contracts.event import SharedEvent
from services.notifications.domain import notice

_SAME_WORDS: dict[type[Event], type[SharedEvent]] = {
    notice.NoticeSent: shared.NoticeSent,
    notice.NoticeFailed: shared.NoticeFailed,
}
"""Told with the same fields; what leads up to them (queueing, attempts, recipients) stays here."""


def publish(event: Event) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    told_as = _SAME_WORDS.get(type(event))
    return None if told_as is None else told_as.model_validate(event.model_dump())
