"""How people move: where a badge was seen last, how often they entered, what they were forgiven."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event
from services.access.domain.record.layout import Layout
from services.access.domain.record.presence import NOBODY, People
from services.access.domain.record.scans import BadgeScanned


class PassbackForgiven(Event):
    """What movement says against people is passed over once: of one person, of all in a zone, or of everybody."""

    venue_id: str
    scope: Literal["person", "zone", "all"]
    person_id: UUID | None = None
    zone_id: str | None = None
    reason: str


MovementEvent = PassbackForgiven
EVENTS = (PassbackForgiven,)


class Movement(NamedTuple):
    seen: Map[UUID, tuple[str, datetime]] = Map()  # badge -> the gate it was scanned at last, and when
    entries: Map[tuple[UUID, str], tuple[int, datetime]] = (
        Map()
    )  # person, zone -> how often they entered, and when last
    refusals: Map[UUID, tuple[datetime, ...]] = Map()  # badge -> when it was refused, within the window
    forgiven: People = NOBODY


def evolve(movement: Movement, event: MovementEvent, people: Iterable[UUID]) -> Movement:
    """``people``: whom the forgiveness concerns, as far as they are believed inside."""
    match event:
        case PassbackForgiven():
            forgiven = movement.forgiven
            for person in people:
                forgiven = forgiven.set(person, None)
            return movement._replace(forgiven=forgiven)
        case _:
            assert_never(event)


def moved(movement: Movement, scan: BadgeScanned, layout: Layout) -> Movement:
    """After a scan. Only what a rule of this gate or zone may ask for is kept."""
    person, badge = scan.person_id, scan.badge_id
    if person is None or badge is None:
        return movement
    gate, zone, rules = layout.gates[scan.gate_id], layout.zones[scan.zone_id], layout.rules
    if gate.position is not None and scan.basis != "journal":
        movement = movement._replace(seen=movement.seen.set(badge, (scan.gate_id, scan.decided_at)))
    if rules.attempt_limit is not None and scan.outcome == "refused":
        since = scan.decided_at - timedelta(seconds=rules.attempt_window_s)
        recent = tuple(at for at in movement.refusals.get(badge, ()) if at > since)[1 - rules.attempt_limit :]
        movement = movement._replace(refusals=movement.refusals.set(badge, (*recent, scan.decided_at)))
    if scan.outcome == "admitted":
        if zone.entry_limit is not None or zone.passback == "timed":
            times, _ = movement.entries.get((person, zone.zone_id), (0, scan.decided_at))
            entries = movement.entries.set((person, zone.zone_id), (times + 1, scan.decided_at))
            movement = movement._replace(entries=entries)
        if person in movement.forgiven:
            movement = movement._replace(forgiven=movement.forgiven.delete(person))
    return movement
