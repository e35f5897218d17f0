"""The one clock. Real by default; in an embedded scenario, the time its driver sets, the same for every process.

Deadlines of the domain (validity, sessions, escalation) read it. Leases, token expiry, timeouts, retries and
latencies read the machine's own clock.
"""

import mmap
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIZE = 8  # bytes: microseconds since the epoch, as the machine stores a signed integer; 0: real time


class Clock(Protocol):
    """Tells the time of the gathering."""

    @property
    def simulated(self) -> bool:
        """Whether screens must say that this is not the real time."""
        ...

    def now(self) -> datetime:
        """An aware UTC datetime."""
        ...


class RealClock:
    """The machine's time."""

    simulated = False

    def now(self) -> datetime:
        return datetime.now(UTC)


class ScenarioClock:
    """The time that a scenario's driver wrote into a file, shared through memory by all processes of the run.

    It survives restarts because the file does, and stands still while no driver moves it.
    """

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size != _SIZE:
            os.truncate(self._file, _SIZE)
        # One aligned 8-byte word: the processor reads and writes it whole, so no reader sees half a time.
        self._word = memoryview(mmap.mmap(self._file, _SIZE)).cast("q")

    @property
    def simulated(self) -> bool:
        return self._word[0] != 0

    def now(self) -> datetime:
        microseconds = self._word[0]
        return _EPOCH + timedelta(microseconds=microseconds) if microseconds else datetime.now(UTC)

    def let_go(self) -> None:
        """From now on it tells the machine's time."""
        self._word[0] = 0

    def set(self, time: datetime) -> None:
        """Moves the clock; never backwards."""
        self._word[0] = max(self._word[0], int((time - _EPOCH) / timedelta(microseconds=1)))
