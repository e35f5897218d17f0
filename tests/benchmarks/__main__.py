"""``make bench``: prints figures, writes them to ``bench.json`` and into docs/performance.md.

``QUICK=1`` measures less, and less surely. Exits 1 where something cannot be measured, or does not count.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from services.access.committed import Committed
from tests.benchmarks import (
    deciding,
    history,
    painting,
    people,
    performance,
    processes,
    rebuilding,
    record,
    relaying,
    screens,
    venue,
)
from tests.benchmarks.findings import Findings
from tests.benchmarks.generator import Generator, NoCompilerError, require_compiler
from tests.benchmarks.measured import Measured, embedded
from tests.benchmarks.revocation import Revocations
from tests.benchmarks.verdicts import Verdicts, as_controller


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    badges: int
    appends: int
    closed_s: int
    open_s: int
    revocations: int
    histories: tuple[int, ...]  # scans
    rounds: int
    round_s: int
    decisions: int
    viewers: int
    watched_s: int


FULL = Size(
    badges=100_000,
    appends=40_000,
    closed_s=20,
    open_s=60,
    revocations=200,
    histories=(10_000, 100_000, 1_000_000),
    rounds=5,
    round_s=5,
    decisions=20_000,
    viewers=200,
    watched_s=600,
)
QUICK = Size(
    badges=10_000,
    appends=10_000,
    closed_s=5,
    open_s=15,
    revocations=50,
    histories=(10_000, 100_000),
    rounds=3,
    round_s=3,
    decisions=10_000,
    viewers=50,
    watched_s=20,
)


def main() -> int:
    """0; 1 where something cannot be measured, or does not count."""
    size = QUICK if os.environ.get("QUICK") else FULL
    findings = Findings()
    try:
        require_compiler()
        asyncio.run(_measure(size, findings))
    except NoCompilerError as error:
        print(error, file=sys.stderr)
        return 1
    Path("bench.json").write_text(json.dumps(findings.figures, indent=2) + "\n", encoding="utf-8")
    performance.DOCUMENT.write_text(
        performance.update(performance.DOCUMENT.read_text(encoding="utf-8"), findings.figures), encoding="utf-8"
    )
    findings.step("written to bench.json and docs/performance.md")
    return 1 if findings.void else 0


async def _measure(size: Size, findings: Findings) -> None:
    findings.step(str(findings.figures["machine"]))
    findings.found({"badges": size.badges})
    findings.step("the log alone")
    findings.found(await record.appends(size.appends))
    async with AsyncExitStack() as stack:
        aged = [history.Aged(scans, await stack.enter_async_context(embedded())) for scans in size.histories]
        async with embedded() as measured:
            await _everything(measured, size, aged, findings)
        await history.growth(aged, size.rounds, size.round_s, findings)
        await history.restarts(aged[-1], findings)


async def _everything(measured: Measured, size: Size, aged: Sequence[history.Aged], findings: Findings) -> None:
    """All services, with all badges. While they fetch who holds them, the histories grow."""
    findings.step(f"a venue with {size.badges:,} badges")
    async with measured.at_rest(), measured.log() as log:
        await people.move_in(measured, size.badges)
        await venue.grow(log, Committed(log, venue.VENUE), venue.learning(size.badges))
    findings.step("the system starts")
    await measured.start()
    await venue.lay_out(measured.outsider)
    generator = await measured.generator(size.badges)
    revocations = await Revocations.prepared(measured, generator.token, 2 * size.revocations)
    for one in aged:
        findings.step(f"a history of {one.scans:,} scans")
        await history.seed(one)
    findings.step("access is told the names that gates show")
    await measured.knows_names(size.badges)
    await measured.calm()
    await _loads(measured, generator, revocations, size, findings)
    await _folds(measured, size, findings)
    await screens.measure(measured, generator, findings, size.viewers, size.watched_s)
    findings.step("the overview is opened in a browser")
    findings.found(await painting.measured(measured.system.ports.url("operations")))


async def _loads(
    measured: Measured, generator: Generator, revocations: Revocations, size: Size, findings: Findings
) -> None:
    over_http = Verdicts(measured, generator, findings, measured.access_port)
    await generator.load(measured.access_port, "closed", 8, 3)  # a warm-up, not counted
    await over_http.closed((1, 8, 32, 64), size.closed_s)
    if cost := findings.figures.get("cpu_ms_per_scan_c32"):
        findings.found({"cpu_ms_per_scan": cost})
    before = await measured.head()
    await over_http.open(size.open_s)
    findings.found(await relaying.pubacks(measured, before))
    over_nats = Verdicts(measured, generator, findings, await as_controller(measured), "nats_")
    await over_nats.closed((32,), size.closed_s)
    await over_nats.open(size.open_s // 2)
    findings.step(f"{size.revocations} badges are revoked, one after another; then as many during an open loop")
    findings.found(await revocations.alone(size.revocations))
    findings.found(await revocations.under_load(size.revocations, generator, measured.access_port))
    memory = processes.memory_mb(measured.pids)
    findings.found({"memory_mb": round(sum(memory.values()))})
    findings.found({f"memory_mb_{name}": round(mb) for name, mb in memory.items()})


async def _folds(measured: Measured, size: Size, findings: Findings) -> None:
    findings.step("the stream is lost, and made anew from the log")
    findings.found({"drain_per_s": await relaying.drained(measured)})
    await measured.caught_up()
    findings.step("operations' view is folded anew, into rows")
    findings.found({"rebuild_rows_per_s": await rebuilding.into_rows(measured)})
    findings.step("the venue is folded anew, into memory; and decides")
    rate, committed = await rebuilding.into_memory(measured)
    findings.found({"rebuild_memory_per_s": rate})
    findings.found({"decide_us": deciding.decide_us(committed, size.badges, size.decisions)})


if __name__ == "__main__":
    sys.exit(main())
