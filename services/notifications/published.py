"""Which of our events the others hear of, and as what. Pure."""

from chassis.log.published import in_same_words
from contracts import notifications as shared
from services.notifications.domain import notice

publish = in_same_words({
    notice.NoticeSent: shared.NoticeSent,
    notice.NoticeFailed: shared.NoticeFailed,
})  # fmt: skip
"""What leads up to them (queueing, attempts, recipients) stays here."""
