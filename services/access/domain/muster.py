"""The muster list of an evacuation: who was believed inside, and what has been heard of each since."""

from typing import Literal, NamedTuple
from uuid import UUID

from services.access.domain.record.orders import Evacuation, MusterReconciled
from services.access.domain.record.presence import NOBODY
from services.access.domain.venue import Venue

Standing = Literal["mustered", "left", "missing"]
"""At an assembly point; seen leaving by a gate since; neither."""


class Listed(NamedTuple):
    """Somebody believed inside when the order was given, or since. ``zone_id``: the innermost, as far as is known."""

    person_id: UUID
    zone_id: str
    delegation_id: str | None
    standing: Standing


class Muster(NamedTuple):
    """``unknown``: people counted inside without a name, less those who turned up without one.

    Fewer than none: as many of the missing have probably left unread, or turned up without a name.
    """

    listed: tuple[Listed, ...]
    unexpected: tuple[UUID, ...]
    nameless: int
    unknown: int

    def missing(self) -> list[Listed]:
        return [one for one in self.listed if one.standing == "missing"]


def muster(evacuation: Evacuation, venue: Venue) -> Muster:
    """The list as it stands now."""
    listed = []
    believed = dict(evacuation.expected.items())
    inside = {person for zone_id in evacuation.zones for person in people_within(zone_id, venue)}
    believed.update((person, venue.presence.of(person)) for person in inside)
    for person, zones in sorted(believed.items()):
        standing: Standing = "missing" if person in inside else "left"
        if person in evacuation.mustered:
            standing = "mustered"
        listed.append(Listed(person, zones[-1], delegation_of(person, venue), standing))
    unidentified = sum(unidentified_within(zone_id, venue) for zone_id in evacuation.zones)
    return Muster(
        tuple(listed),
        tuple(sorted(person for person in evacuation.mustered if person not in believed)),
        evacuation.nameless,
        unidentified - evacuation.nameless,
    )


def people_within(zone_id: str, venue: Venue) -> frozenset[UUID]:
    """Everybody believed in a zone, or in one inside it."""
    within = venue.layout.within(zone_id)
    return frozenset(person for one in within for person in venue.presence.inside.get(one, NOBODY))


def unidentified_within(zone_id: str, venue: Venue) -> int:
    """People counted there without a name: those of the zone itself, or of the zones in it if they are more."""
    inner = [zone.zone_id for zone in venue.layout.zones.values() if zone.parent_id == zone_id]
    return max(venue.presence.unidentified.get(zone_id, 0), sum(unidentified_within(one, venue) for one in inner))


def reconciled(evacuation_id: UUID, evacuation: Evacuation, venue: Venue) -> MusterReconciled:
    """The list in numbers."""
    now = muster(evacuation, venue)
    missing = len(now.missing())
    return MusterReconciled(
        evacuation_id=evacuation_id,
        venue_id=venue.venue_id,
        expected=len(now.listed),
        accounted=len(now.listed) - missing,
        missing=missing,
        unknown=now.unknown,
        unexpected=len(now.unexpected),
    )


def delegation_of(person_id: UUID, venue: Venue) -> str | None:
    """Whose badge somebody wears."""
    badge = venue.badge_of(person_id)
    return None if badge is None else badge.delegation_id
