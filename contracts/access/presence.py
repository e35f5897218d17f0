"""How full zones are, and what corrects the belief of who is inside."""

from typing import Literal

from contracts.event import SharedEvent
from contracts.ids import PersonId, VenueId, ZoneId
from contracts.words import Names, Occupancy


class _ZoneCapacity(SharedEvent):
    zone_id: ZoneId
    venue_id: VenueId
    names: Names
    occupancy: Occupancy

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class ZoneCapacityWarned(_ZoneCapacity, service="access", routing=("zone_id",)):
    """A zone is nearly full: nine tenths of its capacity, unless it says otherwise."""


class ZoneCapacityEased(_ZoneCapacity, service="access", routing=("zone_id",)):
    """A zone that was nearly full is not any more."""


class ZoneCapacityReached(_ZoneCapacity, service="access", routing=("zone_id",)):
    """A zone is full: whoever comes now waits outside, until it has room again."""


class ZoneCapacityRestored(_ZoneCapacity, service="access", routing=("zone_id",)):
    """A zone that was full has room again: 95 % or less, or no limit any more. Nor is it nearly full, until told so."""


class OccupancyCorrected(SharedEvent, service="access", routing=("zone_id",)):
    """Somebody counted the heads in a zone, or in one around or inside it, which ``follows_from`` names."""

    zone_id: ZoneId
    venue_id: VenueId
    believed: int
    counted: int
    unidentified: int
    """How many more people without a name the zone holds, or fewer."""
    reason: str
    follows_from: ZoneId | None = None

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class ExitsInferred(SharedEvent, service="access", routing=("zone_id",)):
    """People are taken to have left a zone, and everything inside it, though nobody saw them go."""

    zone_id: ZoneId
    venue_id: VenueId
    people: tuple[PersonId, ...]
    unidentified: dict[ZoneId, int]
    """How many more people without a name each of these zones holds, or fewer."""
    cause: Literal["nightly", "by_hand", "all_clear"]
    reason: str | None = None
    """Of those by hand."""

    def about(self) -> str:
        return f"zone-{self.zone_id}"


class PassbackForgiven(SharedEvent, service="access"):
    """What movement says against people is passed over once: of one person, of all in a zone, or of everybody."""

    venue_id: VenueId
    scope: Literal["person", "zone", "all"]
    person_id: PersonId | None
    zone_id: ZoneId | None
    reason: str

    def about(self) -> str:
        return f"person-{self.person_id}" if self.person_id else f"venue-{self.venue_id}"
