"""Whether somebody can be here, going by where they were seen before. All of it can be forgiven once."""

from datetime import timedelta
from math import dist

from services.access.domain.record.badges import Badge
from services.access.domain.rules.entry import Check, Entry, Family


def unless_forgiven(check: Check) -> Check:
    """The check, passed over for somebody who was forgiven."""

    def passes(entry: Entry, badge: Badge) -> bool:
        return check(entry, badge) or badge.person_id in entry.venue.movement.forgiven

    return passes


def _comes_from_parent(entry: Entry, badge: Badge) -> bool:
    parent = entry.zone.parent_id
    return parent is None or parent in entry.whereabouts(badge)


def elsewhere(entry: Entry, badge: Badge) -> tuple[str, ...]:
    """The zones they are believed in that are not on the way here."""
    path = entry.zone.path
    return tuple(zone_id for zone_id in entry.whereabouts(badge) if zone_id not in path)


def _is_nowhere_else(entry: Entry, badge: Badge) -> bool:
    """A room with soft passback forgets an exit that nobody scanned; one with hard passback does not.

    Unless somebody left it unread: that may have been them.
    """
    if entry.zone.zone_id in entry.whereabouts(badge):
        return True  # deeper inside, which is no other place
    return not any(_holds_back(entry, zone_id) for zone_id in elsewhere(entry, badge))


def _holds_back(entry: Entry, zone_id: str) -> bool:
    zone = entry.venue.layout.zones[zone_id]
    return zone.passback == "hard" and entry.venue.presence.unidentified.get(zone_id, 0) >= 0


def _is_not_inside(entry: Entry, badge: Badge) -> bool:
    return entry.zone.passback == "none" or entry.zone.zone_id not in entry.whereabouts(badge)


def _waited(entry: Entry, badge: Badge) -> bool:
    if entry.zone.passback != "timed":
        return True
    entered = entry.venue.movement.entries.get((badge.person_id, entry.zone.zone_id))
    return entered is None or entry.now >= entered[1] + timedelta(minutes=entry.zone.passback_minutes)


def _can_have_walked(entry: Entry, badge: Badge) -> bool:
    seen = entry.venue.movement.seen.get(badge.badge_id)
    if seen is None or entry.gate.position is None:
        return True
    there = entry.venue.layout.gates.get(seen[0])
    if there is None or there.position is None:
        return True
    seconds = max((entry.now - seen[1]).total_seconds(), 0.0)
    return dist(there.position, entry.gate.position) <= seconds * entry.venue.layout.rules.top_speed


def _has_entries_left(entry: Entry, badge: Badge) -> bool:
    limit = entry.zone.entry_limit
    if limit is None or entry.zone.zone_id in entry.whereabouts(badge):
        return True
    return entry.venue.movement.entries.get((badge.person_id, entry.zone.zone_id), (0,))[0] < limit


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Whoever comes from where the door leads from moves as people do."""
    zone = entry.zone
    if entry.gate.position is not None or zone.entry_limit is not None or zone.passback == "timed":
        return True
    return entry.whereabouts(badge) != zone.path[:-1]


FAMILY = Family(
    _concerns,
    (
        ("path_violation", unless_forgiven(_comes_from_parent)),
        ("inside_elsewhere", unless_forgiven(_is_nowhere_else)),
        ("already_inside", unless_forgiven(_is_not_inside)),
        ("reentry_too_soon", unless_forgiven(_waited)),
        ("impossible_travel", unless_forgiven(_can_have_walked)),
        ("entry_limit_reached", _has_entries_left),
    ),
)
