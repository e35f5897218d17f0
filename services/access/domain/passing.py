"""What a passage does to presence: who is inside after somebody went in or out, or was let in against the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.access.domain import checks
from services.access.domain.capacity import NEARLY_FULL
from services.access.domain.record.badges import Badge
from services.access.domain.record.scans import Outcome
from services.access.domain.rules import movement, room
from services.access.domain.rules.entry import Entry
from services.access.domain.venue import Venue

NOT_INSIDE = "not_inside"
TOO_FEW_STAY = "zone_minimum_reached"
WRONG_DIRECTION = "wrong_direction"


@dataclass(frozen=True, slots=True)
class Passage:
    """What was decided for one person, and how it moves them."""

    outcome: Outcome
    failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    unidentified: Mapping[str, int] = field(default_factory=dict)
    seated: bool = False

    def count(self, venue: Venue, zone_id: str, badge: Badge | None) -> int:
        """People believed in a zone after it."""
        moving = 0 if badge is None else (zone_id in self.entered) - (zone_id in self.left)
        return venue.presence.count(zone_id, moving + self.unidentified.get(zone_id, 0))

    def warning(self, *codes: str) -> "Passage":
        """The same, with more to say."""
        return replace(self, warnings=(*self.warnings, *codes))


def going_in(entry: Entry) -> Passage:
    """By the rules."""
    failed = checks.failed(entry)
    if entry.zone.zone_class == "medical":
        return let_in(entry, failed)
    # Where people mill about, an exit that nobody scanned is no reason to refuse the next entry.
    passable = not failed or (entry.zone.passback in {"soft", "timed"} and failed == ("already_inside",))
    if entry.badge is None or not passable:
        return Passage("refused", failed)
    return let_in(entry, failed)


def let_in(entry: Entry, warnings: tuple[str, ...]) -> Passage:
    """Into the zone, and out of every place that is not on the way there: nobody is in two rooms at once."""
    zone_id, badge = entry.zone.zone_id, entry.badge
    if badge is None:
        return Passage("admitted", warnings=warnings, entered=(zone_id,), unidentified={zone_id: 1})
    before = entry.whereabouts(badge)
    left = movement.elsewhere(entry, badge)
    comes_again = zone_id in before
    if left and "inside_elsewhere" not in warnings:
        warnings = (*warnings, "inside_elsewhere")
    passage = Passage(
        "admitted",
        warnings=warnings,
        entered=() if comes_again else (zone_id,),
        left=left,
        inferred=left,
        unidentified=put_right(entry.venue, (*left, zone_id) if comes_again else left),
        seated=not comes_again and room.seats(entry, badge) is not None,
    )
    if not comes_again and entry.zone.is_nearly_full_with(passage.count(entry.venue, zone_id, badge)):
        return passage.warning(NEARLY_FULL)
    return passage


def going_out(entry: Entry) -> Passage:
    """Nobody is ever kept inside: an exit is recorded with what was wrong about it."""
    zone_id, presence = entry.zone.zone_id, entry.venue.presence
    against = (WRONG_DIRECTION,) if "in" in (entry.way.direction, entry.gate.direction) else ()
    if entry.badge is None:
        one_fewer = {zone_id: -1} if presence.count(zone_id) else {}
        warnings = (*checks.failed(entry), *against)
        return _alone(entry, Passage("exited", warnings=warnings, left=(zone_id,), unidentified=one_fewer))
    warnings = (*checks.wrong_with(entry, entry.badge), *against)
    before = entry.whereabouts(entry.badge)
    if zone_id not in before:
        return Passage("exited", warnings=(*warnings, NOT_INSIDE))
    left = before[before.index(zone_id) :]
    unidentified = put_right(entry.venue, left[1:])
    if presence.count(zone_id) == 0:
        unidentified[zone_id] = 1  # more had left unread than were inside: a number of people is never negative
    passage = Passage("exited", warnings=warnings, left=left, inferred=left[1:], unidentified=unidentified)
    return _alone(entry, passage)


def _alone(entry: Entry, passage: Passage) -> Passage:
    """Says so where those who stay are too few, unless nobody does."""
    minimum = entry.zone.minimum
    stay = passage.count(entry.venue, entry.zone.zone_id, entry.badge) if minimum else 0
    return passage.warning(TOO_FEW_STAY) if 0 < stay < minimum else passage


def put_right(venue: Venue, had_gone: tuple[str, ...]) -> dict[str, int]:
    """For somebody who turns out to have gone from zones they were counted in: the unreadable exit there was theirs.

    It took an unidentified person from the count when it was scanned, and now takes the identified one instead.
    """
    return {zone_id: 1 for zone_id in had_gone if venue.presence.unidentified.get(zone_id, 0) < 0}
