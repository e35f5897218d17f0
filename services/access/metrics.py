"""What Prometheus sees of verdicts and of journals: how many, of which kind, how long they took. Never an id."""

from collections.abc import Iterable
from functools import cache

from prometheus_client import Counter, Histogram

from services.access.domain import checks
from services.access.domain.record import journal
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.venue import VenueEvent

VERDICTS = Counter("placet_verdicts", "Verdicts put on record.", ["outcome", "reason"])
LATENCY = Histogram(
    "placet_verdict_seconds",
    "From a scan's arrival to its verdict on record.",
    buckets=(0.002, 0.004, 0.008, 0.015, 0.025, 0.05, 0.08, 0.15, 0.3, 0.6, 1, 2, 5, 10),
)

CONFLICTS = Counter("placet_journal_conflicts", "What was odd about scans that devices brought later.", ["kind"])
_KINDS: dict[type, str] = {
    journal.AdmittedAfterRevocation: "admitted_after_revocation",
    journal.DoubleEntryDetected: "double_entry",
    journal.StaleDataAdmitted: "stale_data",
    journal.ClockSuspected: "clock_suspected",
    journal.JournalEntryDisputed: "disputed",
}
for _kind in _KINDS.values():
    CONFLICTS.labels(_kind)  # from 0 on: of a series that begins with 1 nobody sees that it grew


def count(scan: BadgeScanned, took_s: float) -> None:
    """Counts a verdict that has just been recorded."""
    reason = checks.shown(scan.failed)[0] if scan.outcome == "refused" else ""
    _of(scan.outcome, reason).inc()
    LATENCY.observe(took_s)


def count_conflicts(events: Iterable[VenueEvent]) -> None:
    """Counts what has just been recorded of a journal."""
    for event in events:
        if (kind := _KINDS.get(type(event))) is not None:
            CONFLICTS.labels(kind).inc()


@cache  # looking a series up costs more than counting in it, and there are few
def _of(outcome: str, reason: str) -> Counter:
    return VERDICTS.labels(outcome, reason)
