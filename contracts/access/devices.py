"""Scanners: where they stand, how they are, and what they brought that they had decided by themselves."""

from typing import Literal

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import BadgeId, DeviceId, GateId, PersonId, ScanId, VenueId, ZoneId


class DeviceEnrolled(SharedEvent, service="access"):
    """A scanner was bound to a gate and may post scans for it."""

    device_id: DeviceId
    gate_id: GateId

    def about(self) -> str:
        return f"device-{self.device_id}"


class DeviceMoved(SharedEvent, service="access"):
    """A scanner stands at another gate now."""

    device_id: DeviceId
    gate_id: GateId
    from_gate_id: GateId

    def about(self) -> str:
        return f"device-{self.device_id}"


class DeviceCutOff(SharedEvent, service="access"):
    """A scanner may post nothing any more."""

    device_id: DeviceId

    def about(self) -> str:
        return f"device-{self.device_id}"


class JournalUploaded(SharedEvent, service="access"):
    """A scanner brought scans ``first`` to ``last`` of its own count; each is a scan of its own, next to this."""

    device_id: DeviceId
    venue_id: VenueId
    gate_id: GateId
    first: PositiveInt
    last: PositiveInt
    conflicts: NonNegativeInt

    def about(self) -> str:
        return f"device-{self.device_id}"


class AdmittedAfterRevocation(SharedEvent, service="access"):
    """A scanner on its own let somebody in whose badge opened nothing by then."""

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    badge_id: BadgeId
    person_id: PersonId
    scanned_at: AwareDatetime
    reason: str

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class DoubleEntryDetected(SharedEvent, service="access"):
    """A scanner on its own let somebody in who was inside already."""

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    person_id: PersonId
    scanned_at: AwareDatetime

    def about(self) -> str:
        return f"person-{self.person_id}"


class StaleDataAdmitted(SharedEvent, service="access"):
    """A scanner on its own admitted on data older than the zone allows."""

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    age_s: NonNegativeInt
    limit_s: NonNegativeInt

    def about(self) -> str:
        return f"gate-{self.gate_id}"


class ClockSuspected(SharedEvent, service="access"):
    """A scanner's clock cannot be right: it ran backwards within its journal, or is ahead of ours."""

    device_id: DeviceId
    venue_id: VenueId
    gate_id: GateId
    sequence: PositiveInt
    cause: Literal["backwards", "ahead"]
    by_s: NonNegativeInt

    def about(self) -> str:
        return f"device-{self.device_id}"
