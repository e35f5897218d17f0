"""A passage that was decided and not taken: the turnstile did not turn, the guest turned back.

Presence, seat, overlay pass, entries counted and forgiveness used go back to what they were, as long as the person has
passed no gate since. With the scan of a party's leader, or of somebody who was escorted, the passages of all who came
with it are undone, but for those who have gone on since: they evidently came. One of them alone is undone by their own
scan. Where a badge was last seen stays as it is: they did stand at that gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.log.decider import Decision, Refused
from services.access.domain.passing import Passage
from services.access.domain.record.badges import Badge
from services.access.domain.record.presence import PassageUndone
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.room import seats_of
from services.access.domain.scan import moved
from services.access.domain.venue import Venue, VenueEvent, evolve

WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class UndoPassage:
    """``followers``: the scans of those who came with ``scan``."""

    scan: BadgeScanned
    followers: Sequence[BadgeScanned]
    reason: str | None
    now: datetime


class NothingToUndo(Refused):
    """Nobody passed a gate here with this scan: it was refused, or a device brought it later, as a fact."""

    __slots__ = ()
    code = "nothing_to_undo"


class TooLateToUndo(Refused):
    """A passage is undone within 15 minutes; after that, scan the person out, or count heads."""

    __slots__ = ()
    code = "too_late_to_undo"


class PassageSuperseded(Refused):
    """The person has passed a gate since, or the zone has changed: this passage was not their last movement."""

    __slots__ = ()
    code = "passage_superseded"


def decide(command: UndoPassage, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    scan = command.scan
    if scan.scan_id in venue.movement.undone:
        return []
    if scan.outcome == "refused" or scan.basis == "journal":
        return NothingToUndo(str(scan.scan_id))
    if command.now - scan.decided_at > WITHIN:
        return TooLateToUndo(f"decided at {scan.decided_at.isoformat()}")
    if not _is_last(scan, venue):
        return PassageSuperseded(str(scan.scan_id))
    events: list[VenueEvent] = []
    for one in (scan, *command.followers):
        if one is scan or (one.outcome != "refused" and _is_last(one, venue)):
            news = undone(one, venue, command.reason)
            for event in news:
                venue = evolve(venue, event)
            events += news
    return events


def undone(scan: BadgeScanned, venue: Venue, reason: str | None = None) -> list[VenueEvent]:
    """That a passage was not taken, and what that means for the zones it touched."""
    badge = venue.badges.known.get(scan.badge_id) if scan.badge_id else None
    back = _back(scan)
    return [
        PassageUndone(
            scan_id=scan.scan_id,
            venue_id=venue.venue_id,
            gate_id=scan.gate_id,
            zone_id=scan.zone_id,
            person_id=scan.person_id,
            delegation_id=scan.delegation_id,
            entered=back.entered,
            left=back.left,
            unidentified=back.unidentified,
            seats=_seats(back, badge, venue),
            count=back.count(venue, scan.zone_id, badge),
            capacity=venue.layout.zones[scan.zone_id].capacity,
            reason=reason,
        ),
        *moved(venue, back, badge),
    ]


def _back(scan: BadgeScanned) -> Passage:
    steps = {zone_id: -step for zone_id, step in scan.unidentified.items()}
    return Passage("exited", entered=scan.left, left=scan.entered, unidentified=steps)


def _seats(back: Passage, badge: Badge | None, venue: Venue) -> tuple[str, ...]:
    """Those that the rules of these zones make them take. Somebody who never left is not asked whether one is free."""
    zones = venue.layout.zones
    return tuple(zone_id for zone_id in back.entered if badge and seats_of(zones[zone_id], badge, venue) is not None)


def _is_last(scan: BadgeScanned, venue: Venue) -> bool:
    """Whether the person has moved no further, and those who are only counted can still be counted back."""
    if scan.scan_id in venue.movement.undone:
        return False
    last = venue.movement.last.get(scan.person_id) if scan.person_id is not None else None
    if scan.person_id is not None and (last is None or last.passage != scan.decided_on):
        return False
    back, zones = _back(scan), venue.layout.zones
    badge = venue.badges.known.get(scan.badge_id) if scan.badge_id else None
    touched = (scan.zone_id, *back.entered, *back.left, *back.unidentified)
    return all(zone_id in zones and back.count(venue, zone_id, badge) >= 0 for zone_id in touched)
