"""Orders in force: lockdowns, threat level, evacuations."""

from uuid import UUID

from pydantic import AwareDatetime, Field, NonNegativeInt

from contracts.event import SharedEvent
from contracts.ids import DelegationId, PersonId, VenueId, ZoneId
from contracts.words import Names


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


class ThreatLevelSet(SharedEvent, service="access"):
    """From 0, nothing special, to 7. Whoever's clearance is lower does not enter."""

    venue_id: VenueId
    level: int = Field(ge=0, le=7)
    reason: str

    def about(self) -> str:
        return f"venue-{self.venue_id}"


class EvacuationOrdered(SharedEvent, service="access", routing=("zone_id",)):
    """A zone and everything inside it is left by everybody; nobody enters.

    Of the whole venue there is one for each outermost zone, all with the same ``evacuation_id``.
    """

    evacuation_id: UUID
    zone_id: ZoneId
    venue_id: VenueId
    names: Names
    reason: str
    expected: NonNegativeInt
    """People believed inside by name."""
    unidentified: int
    """People counted inside without one."""
    ordered_at: AwareDatetime

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class PersonMustered(SharedEvent, service="access"):
    """Somebody turned up at an assembly point; ``person_id`` null: nobody knows their name."""

    evacuation_id: UUID
    venue_id: VenueId
    point: str
    person_id: PersonId | None
    delegation_id: DelegationId | None
    expected: bool
    """Whether they were believed in the zone."""

    def about(self) -> str:
        return f"evacuation-{self.evacuation_id}"


class MusterReconciled(SharedEvent, service="access"):
    """How the list and the assembly points compare."""

    evacuation_id: UUID
    venue_id: VenueId
    expected: NonNegativeInt
    accounted: NonNegativeInt
    missing: NonNegativeInt
    unknown: int
    """People counted inside without a name, less those who turned up without one. Fewer than none: as many of the
    missing have probably left unread, or turned up without a name."""
    unexpected: NonNegativeInt

    def about(self) -> str:
        return f"evacuation-{self.evacuation_id}"


class AllClearGiven(SharedEvent, service="access", routing=("zone_id",)):
    """An evacuation is over: the zone may be entered again, and is believed empty."""

    evacuation_id: UUID
    zone_id: ZoneId
    venue_id: VenueId
    names: Names
    missing: NonNegativeInt

    def about(self) -> str:
        return f"zone-{self.zone_id}"
