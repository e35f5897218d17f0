"""What Prometheus sees of verdicts: how many, of which kind, and how long they took. Never an id."""

from functools import cache

from prometheus_client import Counter, Histogram

from services.access.domain import checks
from services.access.domain.record.scans import BadgeScanned

VERDICTS = Counter("placet_verdicts", "Verdicts put on record.", ["outcome", "reason"])
LATENCY = Histogram(
    "placet_verdict_seconds",
    "From a scan's arrival to its verdict on record.",
    buckets=(0.002, 0.004, 0.008, 0.015, 0.025, 0.05, 0.08, 0.15, 0.3, 0.6, 1, 2, 5, 10),
)


def count(scan: BadgeScanned, took_s: float) -> None:
    """Counts a verdict that has just been recorded."""
    reason = checks.shown(scan.failed)[0] if scan.outcome == "refused" else ""
    _of(scan.outcome, reason).inc()
    LATENCY.observe(took_s)


@cache  # looking a series up costs more than counting in it, and there are few
def _of(outcome: str, reason: str) -> Counter:
    return VERDICTS.labels(outcome, reason)
