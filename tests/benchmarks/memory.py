"""How the memory of a process moves while it works."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from statistics import linear_regression

import psutil

_LOOK_S = 5.0
_WARM_S = 120.0
"""Until then caches fill: what is measured later should be flat."""
_ENOUGH_S = 300.0


@dataclass
class Memory:
    """What belongs to the process alone (USS), by the seconds since it was looked at first."""

    seconds: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def watched(cls, pid: int) -> "AsyncIterator[Memory]":
        memory = cls()
        looking = asyncio.create_task(memory._look(psutil.Process(pid)))
        try:
            yield memory
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    def figures(self, name: str) -> Mapping[str, float]:
        """What it is at the end, how it grew, MB a minute, and the most less the least of it. Of minutes only."""
        warm = [(at, mb) for at, mb in zip(self.seconds, self.mb, strict=True) if at >= _WARM_S]
        if not warm or self.seconds[-1] < _ENOUGH_S:
            return {}
        return {
            f"{name}_mb": round(self.mb[-1], 1),
            f"{name}_mb_per_min": round(slope(warm), 3),
            f"{name}_range_mb": round(max(mb for _, mb in warm) - min(mb for _, mb in warm), 1),
        }

    async def _look(self, process: psutil.Process) -> None:
        began = time.monotonic()
        while True:
            self.seconds.append(time.monotonic() - began)
            self.mb.append(process.memory_full_info().uss / 1024**2)
            await asyncio.sleep(_LOOK_S)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Growth a minute, by least squares, of values by seconds."""
    return 60 * linear_regression([at for at, _ in points], [value for _, value in points]).slope
