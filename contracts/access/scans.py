"""Scans with their verdicts, and what a party's scan, an inspection or an undone passage adds."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import (
    BadgeId,
    Category,
    DelegationId,
    DeviceId,
    GateId,
    LaneId,
    OverlayId,
    PartyId,
    PersonId,
    ScanId,
    VenueId,
    ZoneId,
)
from contracts.words import Basis, Direction, Occupancy, Outcome, ScanSource, StandardCodes


class BadgeScanned(SharedEvent, service="access", routing=("zone_id", "gate_id", "outcome")):
    """The record of one scan, admitted or not.

    Occupancy is a fold. A zone holds the people who entered it and have not left it, each ``person_id`` once; and the
    people nobody could tell the name of, who are the sum of ``unidentified``: fewer than none when somebody left
    unread whom the zone still counts by name. Together they are never fewer than none. PassageUndone,
    OccupancyCorrected and ExitsInferred are folded with it, in the order of their numbers.
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
    inferred: tuple[ZoneId, ...] = ()
    """Of ``left``: the zones from which nobody saw them go."""
    basis: Basis = "badge"
    """What the passage rests on: the badge that was read, or something else."""
    because_of: UUID | None = None
    """The scan, override, party or hand-over it follows from."""
    lane_id: LaneId | None = None
    overlay_id: OverlayId | None = None
    standard_codes: StandardCodes | None = None
    """The reason as other systems call it; null where there is none."""
    occupancy: Occupancy | None
    """Of ``zone_id``, after this scan."""
    policy_version: NonNegativeInt
    scanned_at: AwareDatetime
    """By the device's clock: recorded, never trusted."""
    decided_at: AwareDatetime

    def about(self) -> str:
        return f"badge-{self.badge_id}" if self.badge_id else f"gate-{self.gate_id}"


class PassageUndone(SharedEvent, service="access", routing=("zone_id",)):
    """A passage was decided and not taken: presence goes back by ``entered``, ``left`` and ``unidentified``."""

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    person_id: PersonId | None
    delegation_id: DelegationId | None
    entered: tuple[ZoneId, ...]
    left: tuple[ZoneId, ...]
    unidentified: dict[ZoneId, int]
    occupancy: Occupancy
    reason: str | None = None

    def about(self) -> str:
        return f"person-{self.person_id}" if self.person_id else f"gate-{self.gate_id}"


class PartyScanned(SharedEvent, service="access", routing=("zone_id",)):
    """A party came to a gate. ``heads``: how many the guard counted, the leader among them."""

    party_id: PartyId
    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    expected: PositiveInt
    heads: NonNegativeInt
    admitted: NonNegativeInt
    refused: NonNegativeInt

    def about(self) -> str:
        return f"party-{self.party_id}"


class InspectionPassed(SharedEvent, service="access"):
    """Somebody was screened, or their face compared with their photo."""

    person_id: PersonId
    venue_id: VenueId
    gate_id: GateId
    kind: Literal["screening", "identity"]
    valid_until: AwareDatetime

    def about(self) -> str:
        return f"person-{self.person_id}"


class InspectionFailed(SharedEvent, service="access"):
    """Somebody did not pass; they enter nowhere until somebody looks again."""

    person_id: PersonId
    venue_id: VenueId
    gate_id: GateId
    kind: Literal["screening", "identity"]

    def about(self) -> str:
        return f"person-{self.person_id}"
