"""Scanners: where they stand, how they are, and what they brought that they had decided by themselves."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, NonNegativeInt, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import BadgeId, DeviceId, GateId, PersonId, ScanId, VenueId, ZoneId
from contracts.words import Outcome


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


class DeviceReported(SharedEvent, service="access"):
    """How a scanner is: told when something changed that is worth telling, and when it is back after a silence."""

    device_id: DeviceId
    venue_id: VenueId
    gate_id: GateId
    battery: Annotated[int, Field(ge=0, le=100)] | None
    """Percent; null: it has none."""
    queue: NonNegativeInt
    """Scans it decided by itself and has not brought yet."""
    skew_s: int | None
    """Its clock less ours; null where ours is set by a scenario."""
    policy_version: NonNegativeInt | None
    revocation_version: NonNegativeInt | None
    software: str | None
    heard_at: AwareDatetime

    def about(self) -> str:
        return f"device-{self.device_id}"


class DeviceFellSilent(SharedEvent, service="access"):
    """Nothing was heard of a scanner for a minute; ``heard_at`` last."""

    device_id: DeviceId
    venue_id: VenueId
    gate_id: GateId
    heard_at: AwareDatetime

    def about(self) -> str:
        return f"device-{self.device_id}"


class RevocationSpread(SharedEvent, service="access"):
    """How far the gates had taken in that a badge opens nothing: all of them, or those that did within 30 seconds."""

    badge_id: BadgeId
    venue_id: VenueId
    version: PositiveInt
    """Of the list of revocations."""
    gates: NonNegativeInt
    """With scanners that were heard of within the last minute."""
    reached: NonNegativeInt
    slowest_ms: NonNegativeInt | None
    """From the record of it to the last gate that took it in; null: none did."""
    silent: tuple[DeviceId, ...]
    """Scanners that were not heard of, which may not know."""

    def about(self) -> str:
        return f"badge-{self.badge_id}"


class JournalUploaded(SharedEvent, service="access"):
    """A scanner brought scans ``first`` to ``last`` of its own count; those new to us come right after this."""

    device_id: DeviceId
    venue_id: VenueId
    gate_id: GateId
    first: PositiveInt
    last: PositiveInt
    scans: NonNegativeInt
    """Put on record; the others were on it already, or name no gate that there is."""
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
    """A scanner on its own let somebody in who was inside already.

    As far as is known: an exit between ``seen_at`` and ``scanned_at`` may come with a journal brought later.
    """

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    person_id: PersonId
    scanned_at: AwareDatetime
    seen_at: AwareDatetime | None = None
    """When a gate saw them last before; null: nobody knows."""

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


class JournalEntryDisputed(SharedEvent, service="access"):
    """An entry of a scanner's journal does not agree with what is on record, and stands beside it.

    ``decided_otherwise``: the scanner was given another verdict on this scan, which it may not have heard.
    ``scan_id_reused``: another scan has its id. ``number_reused``: it brought another scan under this number before.
    ``foreign_gate``: it never stood there. ``gate_unknown``: there is no such gate, so nobody was moved.
    """

    scan_id: ScanId
    """As the scanner has it."""
    recorded_as: ScanId | None
    """The scan it is on record as; null: it could not be placed."""
    venue_id: VenueId
    device_id: DeviceId
    gate_id: GateId
    """As the scanner has it."""
    sequence: PositiveInt
    cause: Literal["decided_otherwise", "scan_id_reused", "number_reused", "foreign_gate", "gate_unknown"]
    badge_id: BadgeId | None
    outcome: Outcome
    scanned_at: AwareDatetime

    def about(self) -> str:
        return f"device-{self.device_id}"
