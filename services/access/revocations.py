"""The list of badges that open nothing, as devices follow it, and how long each takes to.

The list itself, with its version, is in the venue (domain/record/badges.py); any process can tell it. What devices
have taken in they say with their heartbeats, so the process that leads measures how far a revocation has come.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from chassis.log.log import Metadata
from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock
from services.access.domain.record.badges import Barred, RevocationList
from services.access.domain.record.devices import Device
from services.access.domain.revocations import RecordSpread
from services.access.fleet import Fleet
from services.access.gatekeeper import Gatekeeper

_LOOK_S = 0.02
_NAP_S = 1.0  # nobody waits longer for a change told by another process, nor for the end of this one
_GIVEN_UP_AFTER_S = 30.0
_REMEMBERED = 1_000  # revocations whose way is measured, or was


@dataclass(frozen=True, slots=True)
class Changes:
    """What leads to ``version``: from nothing if ``complete``, else from the version that was asked for."""

    version: int
    complete: bool
    barred: Mapping[UUID, Barred]
    restored: Sequence[UUID]


@dataclass(slots=True)
class Way:
    """A revocation on its way to the gates. ``since``: its record, by the clock of this process, in seconds."""

    badge_id: UUID
    version: int
    since: float
    took_s: dict[UUID, float] = field(default_factory=dict)
    """By device."""
    told: bool = False
    """Whether it is on record how far it came."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whether a device has it; how long that took, where it was measured."""

    device: Device
    has_it: bool
    took_s: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a revocation has come."""

    arrivals: Sequence[Arrival]
    """At the devices that were heard of."""
    silent: Sequence[Device]

    @property
    def gates(self) -> set[str]:
        """With devices that were heard of."""
        return {arrival.device.gate_id for arrival in self.arrivals}

    @property
    def reached(self) -> set[str]:
        """Gates all of whose devices have it."""
        return self.gates - {arrival.device.gate_id for arrival in self.arrivals if not arrival.has_it}

    @property
    def slowest_s(self) -> float | None:
        """How long the last device took; None: that was not measured, or nobody has it."""
        return max((arrival.took_s for arrival in self.arrivals if arrival.took_s is not None), default=None)


class Revocations:
    """Tells devices what opens nothing, and whoever asks how far they have taken it in."""

    def __init__(
        self, gatekeeper: Gatekeeper, fleet: Fleet, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._gatekeeper = gatekeeper
        self._fleet = fleet
        self._clock = clock
        self._monotonic = monotonic
        self._changed = asyncio.Event()
        self._told = 0  # the version that whoever waits was woken for
        self._started: int | None = None  # the version up to which ways were begun; None: another process leads
        self._ways: dict[UUID, Way] = {}  # by badge, the newest last

    async def after(self, version: int | None, wait_s: float, stopping: asyncio.Event) -> Changes:
        """What changed after ``version`` (None: everything), once something did or time is up. Raises StandingBy."""
        deadline = time.monotonic() + wait_s
        while (left_s := deadline - time.monotonic()) > 0 and not stopping.is_set():
            if version != self._gatekeeper.venue.badges.revocations.version:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, _NAP_S)):
                    await self._changed.wait()
        return _changes(self._gatekeeper.venue.badges.revocations, version)

    def acknowledge(self, device_id: UUID, version: int) -> None:
        """A device has taken in the list up to ``version``. Raises StandingBy."""
        now, newest = self._monotonic(), self._gatekeeper.venue.badges.revocations.version
        for way in self._ways.values():
            if way.version <= version <= newest:
                way.took_s.setdefault(device_id, now - way.since)

    def spread(self, badge_id: UUID) -> Spread | None:
        """How far it has come that this badge opens nothing, as of now; None if it opens something.

        Raises StandingBy.
        """
        revocations = self._gatekeeper.venue.badges.revocations
        barred = revocations.barred.get(badge_id)
        if barred is None:
            return None
        way = self._ways.get(badge_id)
        took_s = {} if way is None or way.version != barred.version else way.took_s
        arrivals = []
        for device in self._fleet.present():
            heartbeat = self._fleet.last(device.device_id)
            version = (heartbeat.report.revocation_version if heartbeat else None) or 0
            has_it = barred.version <= version <= revocations.version
            arrivals.append(Arrival(device, has_it, took_s.get(device.device_id) if has_it else None))
        return Spread(arrivals, list(self._fleet.silent()))

    async def run(self) -> None:
        """Wakes those who wait for a change, and records how far revocations came, while this process leads."""
        self._forget()
        while True:
            self._look()
            for way in [way for way in self._ways.values() if not way.told]:
                with suppress(UnavailableError):
                    await self._tell(way)
            await asyncio.sleep(_LOOK_S)

    def _look(self) -> None:
        revocations = self._gatekeeper.committed.venue.badges.revocations
        if self._gatekeeper.leads:
            # What is on record when this process begins to lead set out before.
            first = revocations.version if self._started is None else self._started
            for version in range(first + 1, revocations.version + 1):
                self._begin(revocations, version)
            self._started = revocations.version
        else:
            self._forget()
        if revocations.version != self._told:
            self._told = revocations.version
            self._changed.set()
            self._changed = asyncio.Event()  # a fresh one: no waiter's wake-up is another's lost one

    def _forget(self) -> None:
        self._started = None
        self._ways.clear()

    def _begin(self, list_: RevocationList, version: int) -> None:
        badge_id = list_.changed.get(version)
        if badge_id is None:
            return
        self._ways.pop(badge_id, None)
        barred = list_.barred.get(badge_id)
        if barred is not None and barred.version == version:
            self._ways[badge_id] = Way(badge_id, version, self._monotonic())
            if len(self._ways) > _REMEMBERED:
                del self._ways[next(iter(self._ways))]

    async def _tell(self, way: Way) -> None:
        """Once everybody has it, or half a minute has passed. Where there is no device there is nothing to tell."""
        spread = self.spread(way.badge_id)
        if spread is None or not (spread.arrivals or spread.silent):
            way.told = True
            return
        arrived = bool(spread.arrivals) and spread.reached == spread.gates
        if not arrived and self._monotonic() - way.since < _GIVEN_UP_AFTER_S:
            return
        slowest_s = spread.slowest_s
        command = RecordSpread(
            badge_id=way.badge_id,
            version=way.version,
            gates=len(spread.gates),
            reached=len(spread.reached),
            slowest_ms=None if slowest_s is None else round(slowest_s * 1000),
            silent=tuple(device.device_id for device in spread.silent),
        )
        command_id = uuid5(way.badge_id, f"spread-{way.version}")
        await self._gatekeeper.obey(command, Metadata("service:access", command_id, self._clock.now()))
        way.told = True


def _changes(list_: RevocationList, after: int | None) -> Changes:
    if after is None or not list_.has_changes_after(after):
        return Changes(list_.version, complete=True, barred=list_.barred, restored=())
    badges = dict.fromkeys(list_.changed[version] for version in range(after + 1, list_.version + 1))
    barred = {badge_id: list_.barred[badge_id] for badge_id in badges if badge_id in list_.barred}
    restored = [badge_id for badge_id in badges if badge_id not in barred]
    return Changes(list_.version, complete=False, barred=barred, restored=restored)
