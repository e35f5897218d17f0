"""Which of our events the others hear of, and as what. Pure."""

from chassis.log.decider import Event
from chassis.log.published import in_same_words
from contracts import notifications as shared
from contracts.event import SharedEvent
from services.notifications.audiences import DISCREET
from services.notifications.domain import notice

_told = in_same_words({
    notice.NoticeSent: shared.NoticeSent,
    notice.NoticeFailed: shared.NoticeFailed,
})  # fmt: skip
"""What leads up to them (queueing, attempts, recipients) stays here."""


def publish(event: Event) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None.

    Who sees an alert go out as somebody stands at a gate knows what nobody at that gate may know.
    """
    if isinstance(event, notice.NoticeSent | notice.NoticeFailed) and event.template in DISCREET:
        return None
    return _told(event)
