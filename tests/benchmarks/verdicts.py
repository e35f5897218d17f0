"""Verdicts with everything running: how many a second, how long each takes, what it costs in CPU."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from placet.installation import Installation
from placet.letting_in import create_controller
from tests.benchmarks import figures, processes, venue
from tests.benchmarks.findings import Findings
from tests.benchmarks.generator import Generator, Load, Nats
from tests.benchmarks.measured import Measured

OPEN_RATE = 300
"""Scans a second of the open loop: the busiest minutes of a large gathering."""
_CAUGHT_UP_WITHIN_S = 5.0
_CONTROLLER = "bench"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Loads over HTTP or NATS. Figures of the latter begin with ``prefix``."""

    measured: Measured
    generator: Generator
    findings: Findings
    to: int | Nats
    prefix: str = ""

    async def closed(self, clients: Sequence[int], seconds: int) -> None:
        """So many scans under way at a time."""
        for count in clients:
            self.findings.step(f"{self._way}, {count} scans under way, {seconds} s")
            name = f"c{count}"
            if load := await self._run("closed", count, seconds, name):
                self._found({f"verdicts_per_s_{name}": load.a_second, **load.latencies(f"verdict_{{}}_ms_{name}")})

    async def open(self, seconds: int) -> None:
        """So many scans a second, whatever comes of them."""
        self.findings.step(f"{self._way}, open loop, {OPEN_RATE} scans a second, {seconds} s")
        name = f"open{OPEN_RATE}"
        if load := await self._run("open", OPEN_RATE, seconds, name):
            self._found(load.latencies(f"{name}_{{}}_ms"))

    @property
    def _way(self) -> str:
        return "HTTP" if isinstance(self.to, int) else "NATS"

    async def _run(self, kind: Literal["closed", "open"], size: int, seconds: int, name: str) -> Load | None:
        """The load, if it counts."""
        recorded = await self.measured.head()
        before, busy_before, began = self.measured.cpu_seconds(), processes.busy_seconds(), time.monotonic()
        load = await self.generator.load(self.to, kind, size, seconds)
        behind_s = await self.measured.caught_up()
        after = self.measured.cpu_seconds()
        others = processes.busy_seconds() - busy_before - (sum(after.values()) - sum(before.values()))
        if load.unanswered or load.outcomes["r"]:
            outcomes = dict(load.outcomes)
            self.findings.does_not_count(f"{self._way} {name}: everybody should come and go: {outcomes}")
            return None
        if (found := await self.measured.head() - recorded) < load.scans:
            self.findings.does_not_count(f"{self._way} {name}: of {load.scans} verdicts {found} are on record")
            return None
        if behind_s > _CAUGHT_UP_WITHIN_S:
            self.findings.does_not_count(f"{self._way} {name}: the others took {behind_s:.1f} s to catch up")
            return None
        costs = figures.a_scan(before, after, load.scans)
        self._found(
            {
                f"cpu_ms_per_scan_{name}": round(sum(costs.values()), 3),
                **{f"cpu_ms_per_scan_{name}_{process}": round(cost, 3) for process, cost in costs.items()},
                f"other_cores_{name}": round(others / (time.monotonic() - began), 2),  # generator and strangers
                f"caught_up_after_s_{name}": round(behind_s, 2),
                f"resent_{name}": load.resent,
            }
        )
        return load

    def _found(self, found: dict[str, float]) -> None:
        self.findings.found({f"{self.prefix}{name}": value for name, value in found.items()})


async def as_controller(measured: Measured) -> Nats:
    """An edge controller of the venue, which may scan at the measured gate."""
    system = measured.system
    made = await create_controller(Installation(system.folder.root), _CONTROLLER, [venue.GATE])
    return Nats(system.nats.port, Path(made["seed_file"]).read_bytes(), f"{made['inbox_prefix']}.scans")
