"""How people move: where a badge was seen last, how often they entered, what they were forgiven."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event
from services.access.domain.record.layout import Layout, Zone
from services.access.domain.record.presence import NOBODY, ExitsInferred, PassageUndone, People
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


class Before(NamedTuple):
    """What an entry used up: to be given back if it was not taken."""

    scan_id: UUID
    zone_id: str
    entry: tuple[int, datetime] | None  # times and last, as they were
    forgiven: bool


class Last(NamedTuple):
    """Of somebody. Whoever is refused stays where they were, wherever that is."""

    at: datetime  # when a gate saw them: nobody is moved by what is older
    passage: int | None  # what their last one was decided on, which no other was; None: it was undone or taken for over


class Movement(NamedTuple):
    seen: Map[UUID, tuple[str, datetime]] = Map()  # badge -> the gate it was scanned at last, and when
    entries: Map[tuple[UUID, str], tuple[int, datetime]] = (
        Map()
    )  # person, zone -> how often they entered, and when last
    refusals: Map[UUID, tuple[datetime, ...]] = Map()  # badge -> when it was refused, within the window
    forgiven: People = NOBODY
    last: Map[UUID, Last] = Map()  # by person
    before: Map[UUID, Before] = Map()  # person -> of their last entry, where it used something up
    undone: Map[UUID, None] = Map()  # scans
    latest: datetime | None = None  # scan

    def seen_at(self, person_id: UUID) -> datetime | None:
        """When a gate saw somebody last."""
        last = self.last.get(person_id)
        return None if last is None else last.at


def evolve(movement: Movement, event: MovementEvent, people: Iterable[UUID]) -> Movement:
    """``people``: whom the forgiveness concerns."""
    match event:
        case PassbackForgiven():
            forgiven = movement.forgiven
            for person in people:
                forgiven = forgiven.set(person, None)
            return movement._replace(forgiven=forgiven)
        case _:
            assert_never(event)


def begun_anew(movement: Movement, zone_id: str, layout: Layout) -> Movement:
    """Entries into a zone, and into those inside it, are counted from none again."""
    within = layout.within(zone_id)
    kept = {entry: times for entry, times in movement.entries.items() if entry[1] not in within}
    return movement._replace(entries=Map(kept))


def moved(movement: Movement, scan: BadgeScanned, layout: Layout) -> Movement:
    """After a scan. Only what a rule of this gate or zone may ask for is kept."""
    person, badge, at = scan.person_id, scan.badge_id, scan.decided_at
    latest = at if movement.latest is None or at > movement.latest else movement.latest
    if person is None or badge is None:
        return movement._replace(latest=latest)
    gate, zone, rules = layout.gates[scan.gate_id], layout.zones[scan.zone_id], layout.rules
    if gate.position is not None and scan.basis != "journal":
        movement = movement._replace(seen=movement.seen.set(badge, (scan.gate_id, at)))
    if rules.attempt_limit is not None and scan.outcome == "refused":
        since = at - timedelta(seconds=rules.attempt_window_s)
        recent = tuple(one for one in movement.refusals.get(badge, ()) if one > since)[1 - rules.attempt_limit :]
        movement = movement._replace(refusals=movement.refusals.set(badge, (*recent, at)))
    if scan.outcome == "admitted":
        movement = _entered(movement, person, zone, scan)
    seen, entries, refusals, forgiven, last, before, undone, _ = movement  # _replace takes four times as long
    if scan.outcome != "refused":
        last = last.set(person, _after(last.get(person), scan))
    return Movement(seen, entries, refusals, forgiven, last, before, undone, latest)


def _after(last: Last | None, scan: BadgeScanned) -> Last:
    """What a device brings late may be older than what is known, and moves nobody if it is."""
    passage = scan.decided_on if scan.basis != "journal" or scan.entered or scan.left else last and last.passage
    return Last(scan.decided_at if last is None or last.at < scan.decided_at else last.at, passage)


def gone(movement: Movement, exits: ExitsInferred) -> Movement:
    """After people were taken to have left: by the latest scan, and no passage of theirs is their last any more."""
    last, latest = movement.last, movement.latest
    if latest is None:
        return movement
    for person in exits.people:
        last = last.set(person, Last(latest, None))
    return movement._replace(last=last)


def put_back(movement: Movement, undone: PassageUndone) -> Movement:
    """After a passage that was not taken: what it used up is given back."""
    person = undone.person_id
    movement = movement._replace(undone=movement.undone.set(undone.scan_id, None))
    if person is None:
        return movement
    last = movement.last.get(person)
    if last is not None:
        movement = movement._replace(last=movement.last.set(person, last._replace(passage=None)))
    before = movement.before.get(person)
    if before is None or before.scan_id != undone.scan_id:
        return movement
    entries, entry = movement.entries, (person, before.zone_id)
    if before.entry is not None:
        entries = entries.set(entry, before.entry)
    elif entry in entries:
        entries = entries.delete(entry)
    forgiven = movement.forgiven.set(person, None) if before.forgiven else movement.forgiven
    return movement._replace(entries=entries, forgiven=forgiven, before=movement.before.delete(person))


def _entered(movement: Movement, person: UUID, zone: Zone, scan: BadgeScanned) -> Movement:
    counted = zone.entry_limit is not None or zone.passback == "timed"
    forgiven = person in movement.forgiven
    if not (counted or forgiven):
        return movement
    entry = (person, zone.zone_id)
    known = movement.entries.get(entry)
    before = Before(scan.scan_id, zone.zone_id, known, forgiven)
    movement = movement._replace(before=movement.before.set(person, before))
    if counted:
        times, last = known or (0, scan.decided_at)
        # What a device brings late may be older than an entry that is known.
        now = (times + 1, max(last, scan.decided_at))
        movement = movement._replace(entries=movement.entries.set(entry, now))
    return movement._replace(forgiven=movement.forgiven.delete(person)) if forgiven else movement
