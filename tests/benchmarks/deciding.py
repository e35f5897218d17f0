"""The decider alone: no credential, no log, no network."""

import time
from collections.abc import Sequence

from chassis.log.decider import Refused
from services.access.committed import Committed
from tests.benchmarks import figures, venue

_ROUNDS = 9


def decide_us(committed: Committed, badges: int, scans: int) -> float:
    """Microseconds of CPU to decide a scan at a venue with ``badges`` badges, 200 zones and gates; median of rounds."""
    commands = [venue.scan(step * 7_919, badges) for step in range(scans)]  # a prime: no neighbour warms the cache
    rounds: list[float] = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        outcomes: Sequence[object] = [committed.decider.decide(command, committed.venue) for command in commands]
        rounds.append(1e6 * (time.thread_time() - began) / scans)
        assert not any(isinstance(outcome, Refused) for outcome in outcomes)
    return round(figures.percentile(rounds, 50), 1)
