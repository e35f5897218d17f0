"""Whether there is room: for anybody, and for one more of this delegation."""

from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Zone
from services.access.domain.record.presence import NOBODY
from services.access.domain.rules.entry import Entry, Family
from services.access.domain.venue import Venue


def _has_room(entry: Entry, badge: Badge) -> bool:
    """A zone that was full stays closed until enough have left. Whoever is inside already takes no further place."""
    zone, presence = entry.zone, entry.venue.presence
    if zone.capacity is None or zone.zone_id in entry.whereabouts(badge):
        return True
    return zone.zone_id not in presence.full and presence.count(zone.zone_id) < zone.capacity


def seats(entry: Entry, badge: Badge) -> int | None:
    """How many of this person's delegation may be in the zone at a time; None: they need no seat."""
    return seats_of(entry.zone, badge, entry.venue)


def seats_of(zone: Zone, badge: Badge, venue: Venue) -> int | None:
    """As ``seats``, of any zone."""
    if badge.category in zone.seats_exempt:
        return None
    return venue.overlays.seats.get((zone.zone_id, badge.delegation_id), zone.seats)


def _has_seat(entry: Entry, badge: Badge) -> bool:
    limit = seats(entry, badge)
    if limit is None:
        return True
    seated = entry.venue.presence.seated.get((entry.zone.zone_id, badge.delegation_id), NOBODY)
    return badge.person_id in seated or len(seated) < limit


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Where there is no limit there is room."""
    return entry.zone.capacity is not None or entry.zone.seats is not None or bool(entry.venue.overlays.seats)


FAMILY = Family(
    _concerns,
    (
        ("zone_full", _has_room),
        ("delegation_seats_full", _has_seat),
    ),
)
