"""A day at the congress centre, as hypothesis draws it: whatever people, badges, orders and clocks may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal
from uuid import UUID

from hypothesis import strategies as st

from chassis.log.decider import Decider, Refused
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, ReleaseBadge
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.layout import DefineZone
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Direction
from services.access.domain.rules.entry import Reading, Unreadable
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLINIC,
    CLOSES,
    DECIDER,
    DINH,
    EVERYWHERE,
    GATES,
    LAYOUT,
    OPENS,
    ZONES,
    badge,
    learned,
    plan,
    read_from,
    scan,
)

PEOPLE = (ANNA, BORIS, CHAU, DINH)
AREAS = {ANNA: EVERYWHERE, BORIS: EVERYWHERE, CHAU: (*EVERYWHERE, "med"), DINH: ("per", "exh")}
BADGES = {person: badge(person, areas=AREAS[person]) for person in PEOPLE}
BEGINNING: tuple[VenueEvent, ...] = (*LAYOUT, *learned(*BADGES.values()))

Shown = Literal["as it is", "old", "ahead", "unknown", "credential_malformed", "signature_invalid"]
Change = Literal["activated", "lost", "replaced", "suspended", "reinstated", "revoked"]


@dataclass(frozen=True)
class Scan:
    person: UUID
    gate: int
    direction: Direction
    shown: Shown


@dataclass(frozen=True)
class Befalls:
    """Something happens to somebody's badge."""

    person: UUID
    change: Change


@dataclass(frozen=True)
class Holds:
    person: UUID
    held: bool


@dataclass(frozen=True)
class Locks:
    zone: int
    locked: bool


@dataclass(frozen=True)
class Resizes:
    zone: int
    capacity: int | None


@dataclass(frozen=True)
class Passes:
    """Time does."""

    minutes: int


Happening = Scan | Befalls | Holds | Locks | Resizes | Passes

WAYS = ((0,), (0, 1), (0, 1, 3), (0, 4), (0, 5))
"""The gates on the way to each of ``ZONES``."""


def walk(person: UUID, zone: int) -> list[Happening]:
    """Somebody walks in from outside, or from wherever they are: gates they have passed already do no harm."""
    return [Scan(person, at, "in", "as it is") for at in WAYS[zone]]


def made_good(person: UUID) -> list[Happening]:
    """Whatever can be put right about a badge is put right."""
    return [Befalls(person, "reinstated"), Befalls(person, "activated"), Holds(person, held=False)]


people = st.sampled_from(PEOPLE)
gates = st.integers(0, len(GATES) - 1)
zones = st.integers(0, len(ZONES) - 1)
SHOWINGS: tuple[Shown, ...] = (
    "as it is",
    "as it is",
    "as it is",
    "as it is",
    "old",
    "old",
    "ahead",
    "unknown",
    "credential_malformed",
)
showings = st.sampled_from(SHOWINGS)
scans = st.builds(Scan, people, gates, st.sampled_from(["in", "out"]), showings)
restrictions = st.builds(Befalls, people, st.sampled_from(["lost", "replaced", "suspended", "revoked"])) | st.builds(
    Locks, zones, st.just(True)
)
_one_at_a_time = (
    scans
    | scans
    | st.builds(Befalls, people, st.sampled_from(["activated", "lost", "replaced", "suspended", "revoked"]))
    | st.builds(Holds, people, st.booleans())
    | st.builds(Locks, zones, st.booleans())
    | st.builds(Resizes, zones, st.none() | st.integers(1, 4))
    | st.builds(Passes, st.sampled_from([0, 0, 60, 60, 120, 1_800]))
)
_several = st.builds(walk, people, zones)
days = st.lists(
    _several | _several | st.builds(made_good, people) | _one_at_a_time.map(lambda one: [one]), max_size=25
).map(lambda parts: list(chain.from_iterable(parts)))


def reading_of(known: Badge, shown: Shown) -> Reading:
    """What the scanner reads from a badge that is shown in this way."""
    match shown:
        case "as it is":
            return read_from(known, not_before=OPENS, expires=CLOSES)
        case "old":
            return read_from(known, version=max(1, known.version - 1))
        case "ahead":
            return read_from(known, version=known.version + 1)
        case "unknown":
            return read_from(known, badge_id=UUID(int=known.badge_id.int ^ 0xFF))
        case _:
            problem: Unreadable = shown
            return Reading(problem=problem)


def command(happening: Happening, venue: Venue, now: datetime, number: int) -> VenueCommand | None:
    """What ``happening`` makes access do; ``number`` tells scans apart."""
    match happening:
        case Scan(person, at, direction, shown):
            known = venue.badges.known[BADGES[person].badge_id]
            return scan(reading_of(known, shown), GATES[at], direction, now=now, scan_id=UUID(int=number))
        case Befalls(person, change):
            known = venue.badges.known[BADGES[person].badge_id]
            version = known.version + (change == "replaced")
            return LearnBadgeChanged(badge_id=known.badge_id, change=change, version=version, source_number=number)
        case Holds(person, held):
            badge_id = BADGES[person].badge_id
            return HoldBadge(badge_id=badge_id) if held else ReleaseBadge(badge_id=badge_id)
        case Locks(index, locked):
            zone_id = ZONES[index].zone_id
            return DeclareLockdown(zone_id=zone_id, reason="alarm") if locked else LiftLockdown(zone_id=zone_id)
        case Resizes(index, capacity):
            return DefineZone(zone=plan(venue.layout.zones[ZONES[index].zone_id], capacity=capacity))
        case Passes():
            return None


@dataclass(frozen=True)
class Moment:
    """A command, the venue it met, and what came of it."""

    before: Venue
    command: VenueCommand
    events: Sequence[VenueEvent]


def lived(
    day: Sequence[Happening], decider: Decider[VenueCommand, Venue, VenueEvent] = DECIDER
) -> tuple[list[Moment], Venue, datetime]:
    """A day from its beginning: its moments, the venue at its end, and the time it is then."""
    venue, now, moments = decider.fold(BEGINNING), OPENS + timedelta(hours=1), []
    for number, happening in enumerate(day, start=1):
        if isinstance(happening, Passes):
            now += timedelta(minutes=happening.minutes)
        asked = command(happening, venue, now, number)
        if asked is None:
            continue
        decision = decider.decide(asked, venue)
        assert not isinstance(decision, Refused), decision
        moments.append(Moment(venue, asked, decision))
        venue = decider.fold(decision, venue)
    return moments, venue, now


def events_of(moments: Sequence[Moment]) -> list[VenueEvent]:
    """The log of a day."""
    return [*BEGINNING, *(event for moment in moments for event in moment.events)]


def scans_of(moments: Sequence[Moment]) -> Iterator[tuple[Moment, ScanBadge]]:
    for moment in moments:
        if isinstance(moment.command, ScanBadge):
            yield moment, moment.command


MEDICAL = frozenset({CLINIC.zone_id})
