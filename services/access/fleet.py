"""The scanners of a venue as they are this minute: what each said of itself last, and how long ago.

Kept in the memory of the process that leads. On record is what changed in a way worth telling (domain/devices.py),
and no more often than every 20 seconds a device.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chassis.log.log import Metadata
from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock, ScenarioClock
from services.access.domain.devices import ReportDevice, ReportSilence, worth_telling
from services.access.domain.record.devices import Device
from services.access.gatekeeper import Gatekeeper

SILENT_AFTER_S = 60.0
BEATS_EVERY_S = 15  # what devices are asked for
_TOLD_EVERY_S = 20.0
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a device said of itself. ``at`` by the clock of this process, in seconds."""

    report: ReportDevice
    at: float


class Fleet:
    """Hears the heartbeats of the devices. ``monotonic``: the clock that silence is measured by."""

    def __init__(
        self,
        gatekeeper: Gatekeeper,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        silent_after_s: float = SILENT_AFTER_S,
    ) -> None:
        self._gatekeeper = gatekeeper
        self._silent_after_s = silent_after_s
        self._clock = clock
        self._monotonic = monotonic
        self._last: dict[UUID, Heartbeat] = {}
        self._told_at: dict[UUID, float] = {}
        self._queued_since: dict[UUID, float] = {}
        self._since = monotonic()

    def skew_s(self, device_time: datetime) -> int | None:
        """A device's clock less ours. A clock that a scenario sets is nobody's."""
        if isinstance(self._clock, ScenarioClock):
            return None
        return round((device_time - self._clock.now()).total_seconds())

    async def hear(self, report: ReportDevice, metadata: Metadata) -> None:
        """Raises UnavailableError."""
        now, device_id = self._monotonic(), report.device_id
        self._last[device_id] = Heartbeat(report, now)
        if report.queue:
            self._queued_since.setdefault(device_id, now)
        else:
            self._queued_since.pop(device_id, None)
        devices = self._gatekeeper.venue.devices
        is_back = device_id in devices.silent
        rested = now - self._told_at.get(device_id, float("-inf")) >= _TOLD_EVERY_S
        if is_back or (rested and worth_telling(devices.reports.get(device_id), report)):
            self._told_at[device_id] = now
            await self._gatekeeper.obey(report, metadata)

    def last(self, device_id: UUID) -> Heartbeat | None:
        """What was heard of it last, by this process."""
        return self._last.get(device_id)

    def age_s(self, heartbeat: Heartbeat) -> float:
        """Seconds since a heartbeat."""
        return self._monotonic() - heartbeat.at

    def oldest_queue_s(self) -> float:
        """For how long a device that is heard of has had scans to bring, at most. Raises StandingBy."""
        since = (self._queued_since.get(device.device_id) for device in self.present())
        return max((self._monotonic() - one for one in since if one is not None), default=0.0)

    def present(self) -> Iterator[Device]:
        """The devices that may scan and were heard of a moment ago."""
        for device in self._gatekeeper.venue.devices.known.values():
            if not device.cut_off and self._was_heard(device.device_id):
                yield device

    def silent(self) -> Iterator[Device]:
        """The devices that may scan and were not heard of for too long."""
        for device in self._gatekeeper.venue.devices.known.values():
            if not device.cut_off and not self._was_heard(device.device_id):
                yield device

    async def run(self) -> None:
        """Records who fell silent, until cancelled."""
        await self._gatekeeper.started.wait()
        self._since = self._monotonic()  # who spoke to another process before has not been silent since
        while True:
            try:
                await self._look()
            except UnavailableError:
                self._since = self._monotonic()  # nor has anybody who could not be heard
            await asyncio.sleep(_LOOK_S)

    async def _look(self) -> None:
        now = self._monotonic()
        venue = self._gatekeeper.venue
        for device_id, report in venue.devices.reports.items():
            heartbeat = self._last.get(device_id)
            heard_at = self._since if heartbeat is None else max(heartbeat.at, self._since)
            device = venue.devices.known[device_id]
            if now - heard_at > self._silent_after_s and not device.cut_off and device_id not in venue.devices.silent:
                last = report if heartbeat is None else heartbeat.report
                silence = ReportSilence(device_id=device_id, heard_at=last.heard_at)
                await self._gatekeeper.obey(silence, Metadata("service:access", uuid4(), self._clock.now()))

    def _was_heard(self, device_id: UUID) -> bool:
        heartbeat = self._last.get(device_id)
        return heartbeat is not None and self.age_s(heartbeat) <= self._silent_after_s
