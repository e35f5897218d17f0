"""Trying a policy out on what the log holds, while the gates go on: a little at a time, and scans before everything."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from chassis.log.decider import Refused
from chassis.log.log import Log, Recorded
from services.access.committed import Committed
from services.access.domain import checks
from services.access.domain.applying import PolicyInvalid
from services.access.domain.policy import Policy, contradictions
from services.access.domain.replay import is_decided
from services.access.domain.simulation import Otherwise, Simulation

MOST_EVENTS = 2_000_000
_PAGE = 100  # events
_STRETCH_S = 0.001
_REST_S = 0.001


class RangeTooLong(Refused):
    """Too much happened in that time: choose a shorter one."""

    __slots__ = ()
    code = "range_too_long"


@dataclass(slots=True)
class Changed:
    """Scans of which the one verdict would have become the other."""

    count: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    """By the first thing that refuses them, in the one case or the other."""

    def add(self, reason: str) -> None:
        self.count += 1
        self.by_reason[reason] += 1


@dataclass(slots=True)
class Report:
    """What a policy would have changed. ``otherwise``: the first of those scans, as many as were asked for."""

    scans: int = 0
    newly_refused: Changed = field(default_factory=Changed)
    newly_admitted: Changed = field(default_factory=Changed)
    refused_for_another_reason: Changed = field(default_factory=Changed)
    otherwise: list[Otherwise] = field(default_factory=list)

    def add(self, one: Otherwise, limit: int) -> None:
        shown = one._replace(reasons=checks.shown(one.reasons))
        direction = self.refused_for_another_reason
        if one.would_be != one.was:
            direction = self.newly_refused if one.would_be == "refused" else self.newly_admitted
        direction.add(shown.reasons[0])
        if len(self.otherwise) < limit:
            self.otherwise.append(shown)


class Simulator:
    """Tries policies out on one venue's stream, one at a time."""

    def __init__(self, events: Log, committed: Committed) -> None:
        self._log = events
        self._committed = committed
        self._busy = asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a policy is being tried out."""
        return self._busy.locked()

    async def run(self, policy: Policy, since: datetime, until: datetime, limit: int) -> Report | Refused:
        """What it would have changed of the scans decided from ``since`` until before ``until``."""
        if faults := contradictions(policy):
            return PolicyInvalid(f"{len(faults)} things are wrong", tuple(faults))
        async with self._busy:
            first, last = await self._version_at(since), await self._version_at(until)
            if last - first > MOST_EVENTS:
                return RangeTooLong(f"{last - first} events, and {MOST_EVENTS} at most")
            simulation = Simulation(await self._committed.at(first), policy)
            report = Report()
            pace = _Pace()
            async for command in self._commands(first, last):
                events = [self._committed.decode(event) for event in command]
                for one in simulation.live(events):
                    report.add(one, limit)
                report.scans += is_decided(events[0])
                await pace.keep()
            return report

    async def _version_at(self, moment: datetime) -> int:
        """How many events there were before ``moment``, by the clock of the gathering."""
        low, high = 0, self._committed.venue.version
        while low < high:
            middle = (low + high) // 2
            (event,) = await self._log.stream(self._committed.stream, middle, 1)
            if event.metadata.occurred_at < moment:
                low = middle + 1
            else:
                high = middle
        return low

    async def _commands(self, after: int, last: int) -> AsyncIterator[Sequence[Recorded]]:
        """What came of each command, in order."""
        begun: list[Recorded] = []
        while after < last and (
            page := await self._log.stream(self._committed.stream, after, min(_PAGE, last - after))
        ):
            after = page[-1].version
            *whole, begun = _by_command([*begun, *page])
            for command in whole:
                yield command
        if begun:
            yield begun


class _Pace:
    """Lets others work after each stretch of a millisecond."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def keep(self) -> None:
        if time.perf_counter() - self._since > _STRETCH_S:
            await asyncio.sleep(_REST_S)
            self._since = time.perf_counter()


def _by_command(events: Iterable[Recorded]) -> list[list[Recorded]]:
    return [list(some) for _, some in groupby(events, key=lambda event: event.metadata.command_id)]
