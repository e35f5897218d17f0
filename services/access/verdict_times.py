"""How long each gate waited for its verdicts, these last minutes: in memory, of this process, real time."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_KEPT_S = 300.0
_MOST = 512  # of a gate: at more than that in five minutes, the latest


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds from a scan's arrival to its verdict on record."""

    p50: float
    p95: float
    scans: int


class VerdictTimes:
    """A ring for each gate. ``note`` is on the way of every scan, so sorting is left to whoever asks."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._rings: dict[str, deque[tuple[float, float]]] = {}

    def note(self, gate_id: str, arrived_at: float, answered_at: float) -> None:
        """Both by the clock, in seconds."""
        ring = self._rings.get(gate_id)
        if ring is None:
            ring = self._rings[gate_id] = deque(maxlen=_MOST)
        ring.append((answered_at, answered_at - arrived_at))

    async def by_gate(self) -> Mapping[str, Times]:
        """Of the gates that scanned in the last five minutes. Scans that wait get their turn between two gates."""
        since, found = self._clock() - _KEPT_S, {}
        for gate_id, ring in list(self._rings.items()):
            if sorted_s := sorted([took_s for answered_at, took_s in ring if answered_at > since]):
                found[gate_id] = Times(_at(0.5, sorted_s), _at(0.95, sorted_s), len(sorted_s))
            await asyncio.sleep(0)
        return found


def _at(share: float, sorted_s: list[float]) -> float:
    """The least that this share of them does not exceed, in milliseconds."""
    return round(sorted_s[math.ceil(share * len(sorted_s)) - 1] * 1000, 1)
