"""What was measured so far, said as it is found."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.benchmarks import processes

Figure = float | int | str


@dataclass
class Findings:
    """Flat figures by name, and what does not count."""

    figures: dict[str, Figure] = field(
        default_factory=lambda: {
            "machine": processes.machine(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "load_average_before": round(os.getloadavg()[0], 2),
        }
    )
    void: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def step(self, what: str) -> None:
        """A line for what is done now."""
        print(f"[{time.monotonic() - self._began:4.0f} s] {what}", flush=True)

    def found(self, figures: Mapping[str, Figure]) -> None:
        """Keeps figures, and prints them."""
        self.figures.update(figures)
        for name, value in figures.items():
            print(f"    {name:32} {value:>12,}" if not isinstance(value, str) else f"    {name:32} {value}", flush=True)

    def does_not_count(self, why: str) -> None:
        """Something was measured that says nothing."""
        self.void.append(why)
        print(f"    does not count: {why}", flush=True)
