"""What Prometheus sees of notices: how many, of which kind, and how many wait. Never an id."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from services.notifications.domain.notice import NoticeDeferred, NoticeEvent, NoticeFailed, NoticeSent

SENT = Counter("placet_notices_sent", "Notices a mail server accepted.", ["template", "language"])
FAILED = Counter("placet_notices_failed", "Notices given up.", ["template", "reason"])
DEFERRED = Counter("placet_notices_deferred", "Attempts put off.", ["reason"])
WAITING = Gauge("placet_notices_waiting", "Notices queued and not settled, as the leading process sees them.")


def count(events: Iterable[NoticeEvent]) -> None:
    """Counts what has just been recorded."""
    for event in events:
        match event:
            case NoticeSent(template=template, language=language):
                SENT.labels(template, language).inc()
            case NoticeFailed(template=template, reason=reason):
                FAILED.labels(template, reason).inc()
            case NoticeDeferred(reason=reason):
                DEFERRED.labels(reason).inc()
            case _:
                pass
