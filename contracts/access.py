"""What access tells the others: every scan with its verdict, the venue's layout, capacity and orders in force."""

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import (
    AreaCode,
    BadgeId,
    Category,
    DelegationId,
    DeviceId,
    GateId,
    PersonId,
    ScanId,
    VenueId,
    ZoneId,
)
from contracts.words import Direction, Names, Occupancy, Outcome, ScanSource, ZoneClass


class ZoneDefined(SharedEvent, service="access"):
    """A zone exists, or was changed, as described here in full."""

    zone_id: ZoneId
    venue_id: VenueId
    area: AreaCode
    names: Names
    parent_id: ZoneId | None
    capacity: PositiveInt | None
    zone_class: ZoneClass

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class GateDefined(SharedEvent, service="access"):
    """A gate joins two zones, or a zone and the outside (null)."""

    gate_id: GateId
    venue_id: VenueId
    name: str
    from_zone_id: ZoneId | None
    to_zone_id: ZoneId

    def about(self) -> str:
        return f"gate-{self.gate_id}"


class DeviceEnrolled(SharedEvent, service="access"):
    """A scanner was bound to a gate and may post scans for it."""

    device_id: DeviceId
    gate_id: GateId

    def about(self) -> str:
        return f"device-{self.device_id}"


class BadgeScanned(SharedEvent, service="access", routing=("zone_id", "gate_id", "outcome")):
    """The record of one scan, admitted or not.

    Occupancy is a fold. A zone holds the people who entered it and have not left it, each ``person_id`` once; and the
    people nobody could tell the name of, who are the sum of ``unidentified``: fewer than none when somebody left
    unread whom the zone still counts by name. Together they are never fewer than none.
    """

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    """The zone behind the gate."""
    direction: Direction
    outcome: Outcome
    reason: str | None
    """Why it was refused: one code of the catalogue in docs/refusals.md; null otherwise."""
    warnings: tuple[str, ...]
    badge_id: BadgeId | None
    badge_version: PositiveInt | None
    person_id: PersonId | None
    delegation_id: DelegationId | None
    category: Category | None
    device_id: DeviceId | None
    source: ScanSource
    entered: tuple[ZoneId, ...]
    left: tuple[ZoneId, ...]
    unidentified: dict[ZoneId, int]
    """How many more people without a name each of these zones holds, or fewer."""
    occupancy: Occupancy | None
    """Of ``zone_id``, after this scan."""
    policy_version: NonNegativeInt
    scanned_at: AwareDatetime
    """By the device's clock: recorded, never trusted."""
    decided_at: AwareDatetime

    def about(self) -> str:
        return f"badge-{self.badge_id}" if self.badge_id else f"gate-{self.gate_id}"


class ZoneCapacityReached(SharedEvent, service="access", routing=("zone_id",)):
    """A zone is full: whoever comes now waits outside."""

    zone_id: ZoneId
    venue_id: VenueId
    names: Names
    occupancy: Occupancy

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class ZoneCapacityRestored(SharedEvent, service="access", routing=("zone_id",)):
    """A zone that was full has room again: 95 % or less, or its limit was taken away."""

    zone_id: ZoneId
    venue_id: VenueId
    names: Names
    occupancy: Occupancy

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class LockdownDeclared(SharedEvent, service="access", routing=("zone_id",)):
    """Entries into a zone and everything inside it are frozen; exits stay free."""

    zone_id: ZoneId
    venue_id: VenueId
    names: Names
    reason: str

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class LockdownLifted(SharedEvent, service="access", routing=("zone_id",)):
    """Entries are decided as usual again."""

    zone_id: ZoneId
    venue_id: VenueId
    names: Names

    def about(self) -> str:
        return f"zone-{self.zone_id}"
