"""A scan: somebody shows a badge at a gate and is admitted, refused, or leaves. Presence follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.log.decider import Decision, Unknown
from services.access.domain import capacity, checks
from services.access.domain.checks import Entry, Reading
from services.access.domain.venue import (
    Badge,
    BadgeScanned,
    Direction,
    Gate,
    Venue,
    VenueEvent,
    Zone,
)

NOT_INSIDE = "not_inside"
INSIDE_ELSEWHERE = "inside_elsewhere"


@dataclass(frozen=True, slots=True)
class ScanBadge:
    """A scan as it reaches the gatekeeper. ``reading`` is the credential, verified outside."""

    scan_id: UUID
    gate_id: str
    direction: Direction
    reading: Reading
    device_id: UUID | None
    source: Literal["scanner", "kiosk", "turnstile", "manual"]
    holder_known: bool
    """Whether the gate's screen can be given the holder's name."""
    scanned_at: datetime
    now: datetime


class GateUnknown(Unknown):
    """There is no such gate at this venue."""

    __slots__ = ()
    code = "gate_unknown"


@dataclass(frozen=True, slots=True)
class _Verdict:
    outcome: Literal["admitted", "refused", "exited"]
    failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unidentified: Mapping[str, int] = field(default_factory=dict)

    def count(self, venue: Venue, zone_id: str, badge: Badge | None) -> int:
        """People believed in a zone after it."""
        moving = 0 if badge is None else (zone_id in self.entered) - (zone_id in self.left)
        return venue.count(zone_id, moving + self.unidentified.get(zone_id, 0))


def decide(command: ScanBadge, venue: Venue) -> Decision[VenueEvent]:
    """The scan with its verdict, and what it means for the capacity of the zones it moved somebody in or out of."""
    gate = venue.gates.get(command.gate_id)
    if gate is None:
        return GateUnknown(command.gate_id)
    zone = venue.zones[gate.to_zone_id]
    badge = venue.badges.get(command.reading.badge_id) if command.reading.badge_id else None
    entry = Entry(venue, zone, command.reading, badge, command.now)
    verdict = _exit(entry) if command.direction == "out" else _entry(entry)
    events: list[VenueEvent] = [_recorded(command, venue, gate, zone, badge, verdict)]
    for zone_id in {**dict.fromkeys(verdict.entered + verdict.left), **verdict.unidentified}:
        events += capacity.news(venue, venue.zones[zone_id], verdict.count(venue, zone_id, badge))
    return events


def _entry(entry: Entry) -> _Verdict:
    failed = checks.failed(entry)
    if entry.zone.zone_class == "medical":
        if entry.badge is None:
            here = entry.zone.zone_id
            return _Verdict("admitted", warnings=failed, entered=(here,), unidentified={here: 1})
        return _moving_in(entry, entry.badge, failed)
    # Where people mill about, an exit that nobody scanned is no reason to refuse the next entry.
    passable = not failed or (entry.zone.zone_class == "open" and failed == ("already_inside",))
    if entry.badge is None or not passable:
        return _Verdict("refused", failed)
    return _moving_in(entry, entry.badge, failed)


def _moving_in(entry: Entry, badge: Badge, warnings: tuple[str, ...]) -> _Verdict:
    """Into the zone, and out of every place that is not on the way there: nobody is in two rooms at once."""
    before = entry.venue.whereabouts.get(badge.person_id, ())
    left = tuple(zone_id for zone_id in before if zone_id not in entry.zone.path)
    comes_again = entry.zone.zone_id in before
    entered = () if comes_again else (entry.zone.zone_id,)
    if left:
        warnings = (*warnings, INSIDE_ELSEWHERE)
    had_gone = (*left, entry.zone.zone_id) if comes_again else left
    unidentified = _put_right(entry.venue, had_gone)
    return _Verdict("admitted", warnings=warnings, entered=entered, left=left, unidentified=unidentified)


def _exit(entry: Entry) -> _Verdict:
    """Nobody is ever kept inside: an exit is recorded with what was wrong about it."""
    zone_id = entry.zone.zone_id
    if entry.badge is None:
        one_fewer = {zone_id: -1} if entry.venue.count(zone_id) else {}
        return _Verdict("exited", warnings=checks.failed(entry), left=(zone_id,), unidentified=one_fewer)
    warnings = tuple(code for code in checks.failed(entry) if code in checks.WRONG_WITH_THE_BADGE)
    before = entry.venue.whereabouts.get(entry.badge.person_id, ())
    if zone_id not in before:
        return _Verdict("exited", warnings=(*warnings, NOT_INSIDE))
    left = before[before.index(zone_id) :]
    unidentified = _put_right(entry.venue, left[1:])
    if entry.venue.count(zone_id) == 0:
        unidentified[zone_id] = 1  # more had left unread than were inside: a number of people is never negative
    return _Verdict("exited", warnings=warnings, left=left, unidentified=unidentified)


def _put_right(venue: Venue, had_gone: tuple[str, ...]) -> dict[str, int]:
    """For somebody who turns out to have gone from zones they were counted in: the unreadable exit there was theirs.

    It took an unidentified person from the count when it was scanned, and now takes the identified one instead.
    """
    return {zone_id: 1 for zone_id in had_gone if venue.unidentified.get(zone_id, 0) < 0}


def _recorded(
    command: ScanBadge, venue: Venue, gate: Gate, zone: Zone, badge: Badge | None, verdict: _Verdict
) -> BadgeScanned:
    return BadgeScanned(
        scan_id=command.scan_id,
        venue_id=venue.venue_id,
        gate_id=gate.gate_id,
        zone_id=zone.zone_id,
        direction=command.direction,
        outcome=verdict.outcome,
        failed=verdict.failed,
        warnings=verdict.warnings,
        badge_id=badge.badge_id if badge else command.reading.badge_id,
        badge_version=command.reading.version or None,
        person_id=badge.person_id if badge else None,
        delegation_id=badge.delegation_id if badge else None,
        category=badge.category if badge else None,
        device_id=command.device_id,
        source=command.source,
        entered=verdict.entered,
        left=verdict.left,
        unidentified=verdict.unidentified,
        count=verdict.count(venue, zone.zone_id, badge),
        capacity=zone.capacity,
        policy_version=venue.policy_version,
        decided_on=venue.version,
        holder_displayed=badge is not None and command.holder_known,
        scanned_at=command.scanned_at,
        decided_at=command.now,
    )
