"""From a scan to every screen: so many who watch the live picture while scans come in an open loop.

The viewers are one compiled program (viewers.c), which only notes when each saw how far access's log was applied.
"""

import asyncio
import subprocess
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

from tests.benchmarks import figures
from tests.benchmarks.findings import Findings
from tests.benchmarks.generator import Generator, compile_into
from tests.benchmarks.measured import Measured
from tests.benchmarks.memory import Memory
from tests.benchmarks.verdicts import OPEN_RATE, Verdicts

_SOURCE = Path(__file__).with_name("viewers.c")
_STANDS_WITHIN_S = 30.0
_IDLE = 1
"""Viewers who ask and never read."""
_LAST_PICTURE_S = 1.5
"""A picture comes once a second at least."""
_PAGE = 500
_EACH = 10
"""Of so many scans one is looked for on every screen."""


@dataclass
class Screen:
    """What one viewer noted: how far the picture was, and since when, seconds since 1970. Both grow."""

    numbers: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def showed_at(self, number: int) -> float | None:
        """When event ``number`` was in the picture first; None: it never was."""
        place = bisect_left(self.numbers, number)
        return self.times[place] if place < len(self.numbers) else None


@dataclass
class Screens:
    """All of them; filled when the watching is over."""

    each: Sequence[Screen] = ()
    messages: int = 0
    bytes: int = 0


async def measure(measured: Measured, generator: Generator, findings: Findings, viewers: int, seconds: int) -> None:
    """An open loop for so many seconds, with so many viewers beside it. Memory is told of a load of minutes only."""
    findings.step(f"{viewers} watch the live picture, one more asks for it and does not read")
    before = await measured.head()
    folder, port = measured.system.folder.root, measured.system.ports.of("operations")
    token = measured.system.issuer.token(["operations"], timedelta(hours=2), subject="viewer")
    async with (
        watched(folder, port, token, viewers) as screens,
        Memory.watched(measured.pids["operations"]) as memory,
    ):
        verdicts = Verdicts(measured, generator, findings, measured.access_port, "watched_")
        await verdicts.open(seconds)
        await asyncio.sleep(_LAST_PICTURE_S)
    cpu_ms = findings.figures.get(f"watched_cpu_ms_per_scan_open{OPEN_RATE}_operations")
    if cpu_ms is None:
        return  # the load did not count, which was said
    waits = [wait async for wait in _waits(measured, screens, before)]
    if None in waits:
        findings.does_not_count(f"{waits.count(None)} times a screen did not show a scan")
        return
    of_all = [wait for wait in waits if wait is not None]
    last = [max(each) for each in _in_groups(of_all, len(screens.each))]
    findings.found(
        {
            "screen_viewers": viewers,
            **figures.percentiles("screen_{}_ms", of_all, 1),
            **figures.percentiles("screen_last_{}_ms", last, 1),
            "screen_pictures_per_s": round(screens.messages / viewers / seconds, 2),
            "screen_kb_per_s": round(screens.bytes / viewers / seconds / 1_000, 1),
            "screen_operations_cores": round(float(cpu_ms) * OPEN_RATE / 1_000, 2),
            **memory.figures("screen_memory"),
        }
    )


@asynccontextmanager
async def watched(folder: Path, port: int, token: str, viewers: int) -> AsyncIterator[Screens]:
    """So many viewers, and one who does not read. Enters when each has a picture; what they saw is there afterwards.

    Raises TimeoutError, NoCompilerError.
    """
    screens, arrivals = Screens(), folder / "arrivals"
    process = await asyncio.create_subprocess_exec(
        compile_into(folder, _SOURCE), str(port), str(viewers), str(_IDLE), token, "access", arrivals,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_STANDS_WITHIN_S):
            assert await process.stdout.readline() == b"watching\n", "the viewers failed: their words are above"
        yield screens
    finally:
        process.stdin.close()
        printed = await process.stdout.read()
        await process.wait()
    assert process.returncode == 0, "the viewers failed: their words are above"
    screens.messages, screens.bytes = map(int, printed.split())
    screens.each = read(arrivals, viewers)
    arrivals.unlink()


def read(arrivals: Path, viewers: int) -> list[Screen]:
    """What viewers.c wrote."""
    screens = [Screen() for _ in range(viewers)]
    with arrivals.open("rb") as lines:
        for line in lines:
            viewer, microseconds, number = map(int, line.split())
            screens[viewer].numbers.append(number)
            screens[viewer].times.append(microseconds / 1_000_000)
    return screens


async def _waits(measured: Measured, screens: Screens, after: int) -> AsyncIterator[float | None]:
    """Milliseconds from the scan's timestamp in the log, which is taken just before its commit, to each screen in turn;
    None for one that never showed it.
    """
    async with measured.log() as log:
        while page := await log.read_shared(after, _PAGE):
            for one in page[::_EACH]:
                assert one.number is not None
                for screen in screens.each:
                    at = screen.showed_at(one.number)
                    yield None if at is None else 1_000 * (at - one.recorded_at.timestamp())
            after = page[-1].number or 0


def _in_groups(values: Sequence[float], size: int) -> Iterator[Sequence[float]]:
    rest = iter(values)
    while group := list(islice(rest, size)):
        yield group
