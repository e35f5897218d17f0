"""The decider against a doorkeeper with a book: a few dictionaries and the rules as a person would say them."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chassis.log.decider import Decider, Decision, Refused
from services.access.domain import gatekeeping
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.record.presence import ZoneCapacityReached, ZoneCapacityRestored
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import CLOSES, DECIDER, GATES, OPENS, ZONES
from tests.access.happenings import (
    AREAS,
    BADGES,
    BEGINNING,
    PEOPLE,
    SHOWINGS,
    WAYS,
    Befalls,
    Change,
    Happening,
    Holds,
    Locks,
    Resizes,
    Scan,
    Shown,
    command,
    gates,
    people,
    showings,
    zones,
)

LEADS_TO = {"main": "grounds", "hall-east": "hall", "hall-west": "hall", "stage-door": "stage"} | {
    "clinic-door": "clinic",
    "expo-door": "expo",
}
WAY = {
    "grounds": ["grounds"],
    "hall": ["grounds", "hall"],
    "stage": ["grounds", "hall", "stage"],
    "clinic": ["grounds", "clinic"],
    "expo": ["grounds", "expo"],
}
RIGHT = {"grounds": "per", "hall": "pln", "stage": "sgn", "clinic": "med", "expo": "exh"}
ANYBODY = {"clinic"}
FORGIVING = {"expo"}


@dataclass
class Card:
    """What stands in the book of somebody's badge."""

    version: int = 1
    handed_over: bool = True
    lost: bool = False
    suspended: bool = False
    held: bool = False
    revoked: bool = False


@dataclass
class Book:
    """A doorkeeper's book, written independently of the decider."""

    cards: dict[UUID, Card] = field(default_factory=lambda: {person: Card() for person in PEOPLE})
    rooms: dict[UUID, set[str]] = field(default_factory=lambda: {person: set() for person in PEOPLE})
    nameless: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAY, 0))
    locked: set[str] = field(default_factory=set)
    holds: dict[str, int | None] = field(default_factory=lambda: {zone.zone_id: zone.capacity for zone in ZONES})
    told_full: set[str] = field(default_factory=set)

    def count(self, room: str) -> int:
        return sum(room in rooms for rooms in self.rooms.values()) + self.nameless[room]

    def was_gone_from(self, rooms: set[str]) -> None:
        """Somebody turns up who was in the book there: if anybody left there unread, it was them."""
        for room in rooms:
            if self.nameless[room] < 0:
                self.nameless[room] += 1

    def wrong(self, person: UUID, version: int, room: str, now: datetime) -> list[str]:
        """Everything that is wrong with somebody who shows this version of their badge at this room's door."""
        card, here, limit = self.cards[person], self.rooms[person], self.holds[room]
        found = []
        if card.revoked:
            found.append("credential_revoked")
        if version < card.version:
            found.append("credential_superseded")
        if version == card.version and card.lost:
            found.append("credential_lost")
        if card.suspended or card.held:
            found.append("credential_suspended")
        if version > card.version or (version == card.version and not card.handed_over and not card.lost):
            found.append("credential_not_activated")
        if now < OPENS:
            found.append("credential_not_yet_valid")
        if now >= CLOSES:
            found.append("credential_expired")
        if RIGHT[room] not in AREAS[person]:
            found.append("zone_not_granted")
        if self.locked & set(WAY[room]):
            found.append("lockdown")
        if len(WAY[room]) > 1 and WAY[room][-2] not in here:
            found.append("path_violation")
        if room not in here and any(self.forgets_nobody(other) for other in here - set(WAY[room])):
            found.append("inside_elsewhere")
        if room in here and room not in ANYBODY:
            found.append("already_inside")
        if limit is not None and (self.count(room) >= limit or room in self.told_full) and room not in here:
            found.append("zone_full")
        return found

    def forgets_nobody(self, room: str) -> bool:
        """Unless somebody left it whose badge could not be read."""
        return room not in FORGIVING | ANYBODY and self.nameless[room] >= 0

    def comes(self, person: UUID, version: int, room: str, now: datetime) -> tuple[str, list[str]]:
        """Whether they are let in, and what the doorkeeper says; the book is written accordingly."""
        wrong = self.wrong(person, version, room, now)
        if room not in ANYBODY and wrong and not (room in FORGIVING and wrong == ["already_inside"]):
            return "refused", wrong
        elsewhere = self.rooms[person] - set(WAY[room])
        comes_again = room in self.rooms[person]
        self.was_gone_from(elsewhere | (self.rooms[person] & {room}))
        self.rooms[person] = (self.rooms[person] - elsewhere) | {room}
        moved = ["inside_elsewhere"] if elsewhere and "inside_elsewhere" not in wrong else []
        limit = self.holds[room]
        nearly = limit is not None and limit * 0.9 <= self.count(room) < limit and not comes_again
        return "admitted", wrong + moved + (["zone_nearly_full"] if nearly else [])

    def goes(self, person: UUID, version: int, room: str, now: datetime) -> tuple[str, list[str]]:
        said = [code for code in self.wrong(person, version, room, now) if code.startswith("credential_")]
        if room not in self.rooms[person]:
            return "exited", [*said, "not_inside"]
        if self.count(room) == 0:
            self.nameless[room] += 1
        deeper = {other for other in self.rooms[person] if room in WAY[other]}
        self.was_gone_from(deeper - {room})
        self.rooms[person] -= deeper
        return "exited", said

    def nameless_comes_or_goes(self, problem: str, direction: str, room: str) -> tuple[str, list[str]]:
        if direction == "out":
            self.nameless[room] -= self.count(room) > 0
            return "exited", [problem]
        if room in ANYBODY:
            self.nameless[room] += 1
            return "admitted", [problem]
        return "refused", [problem]

    def befalls(self, person: UUID, change: Change) -> None:
        card = self.cards[person]
        match change:
            case "activated":
                card.handed_over, card.lost = True, False
            case "lost":
                card.lost = True
            case "replaced":
                card.version, card.handed_over, card.lost = card.version + 1, False, False
            case "suspended":
                card.suspended = True
            case "reinstated":
                card.suspended = False
            case "revoked":
                card.revoked = True

    def news_of(self, rooms: set[str]) -> set[tuple[str, str]]:
        """Which rooms became full, or have room again, now that people moved or walls did."""
        news = set()
        for room in rooms:
            capacity = self.holds[room]
            limit = math.inf if capacity is None else capacity
            if self.count(room) >= limit and room not in self.told_full:
                self.told_full.add(room)
                news.add((room, "full"))
            elif self.count(room) <= limit * 0.95 and room in self.told_full:
                self.told_full.remove(room)
                news.add((room, "room again"))
        return news


def told(events: Iterable[VenueEvent]) -> set[tuple[str, str]]:
    """What the decider says of rooms that became full, or have room again."""
    return {
        (event.zone_id, "full" if isinstance(event, ZoneCapacityReached) else "room again")
        for event in events
        if isinstance(event, ZoneCapacityReached | ZoneCapacityRestored)
    }


class Doors(RuleBasedStateMachine):
    """Asks the decider and the doorkeeper the same things, and compares what they say."""

    decider: Decider[VenueCommand, Venue, VenueEvent] = DECIDER

    @initialize(early=st.sampled_from([False] * 9 + [True]))
    def opens(self, early: bool) -> None:
        self.book = Book()
        self.venue = self.decider.fold(BEGINNING)
        self.now = OPENS + timedelta(hours=-3 if early else 1)
        self.scans = 0

    def ask(self, happening: Happening) -> list[VenueEvent]:
        self.scans += 1
        asked = command(happening, self.venue, self.now, self.scans)
        assert asked is not None
        decision = self.decider.decide(asked, self.venue)
        assert not isinstance(decision, Refused), decision
        self.venue = self.decider.fold(decision, self.venue)
        if not isinstance(asked, ScanBadge):
            again = self.decider.decide(asked, self.venue)
            assert not isinstance(again, Refused), again
            assert list(again) == []
        return list(decision)

    @rule(person=people, gate=gates, direction=st.sampled_from(["in", "in", "in", "out"]), shown=showings)
    def somebody_is_scanned(self, person: UUID, gate: int, direction: Literal["in", "out"], shown: Shown) -> None:
        room, card = LEADS_TO[GATES[gate].gate_id], self.book.cards[person]
        before = {zone: self.book.count(zone) for zone in WAY}
        if shown == "unknown":
            says = self.book.nameless_comes_or_goes("credential_unknown", direction, room)
        elif shown in {"as it is", "old", "ahead"}:
            version = {"as it is": card.version, "old": max(1, card.version - 1), "ahead": card.version + 1}[shown]
            visits = self.book.comes if direction == "in" else self.book.goes
            says = visits(person, version, room, self.now)
        else:
            says = self.book.nameless_comes_or_goes(shown, direction, room)
        moved = {zone for zone in WAY if self.book.count(zone) != before[zone]}

        record, *others = self.ask(Scan(person, gate, direction, shown))

        assert isinstance(record, BadgeScanned)
        assert (record.outcome, [*record.failed, *record.warnings]) == says
        assert record.count == self.book.count(room)
        touched = moved | set(record.entered) | set(record.left)
        assert told(others) == self.book.news_of(touched)

    @rule(person=people, zone=zones)
    def somebody_walks_in(self, person: UUID, zone: int) -> None:
        for at in WAYS[zone]:
            self.somebody_is_scanned(person, at, "in", "as it is")

    @rule(person=people)
    def a_badge_is_made_good(self, person: UUID) -> None:
        self.something_befalls_a_badge(person, "reinstated")
        self.something_befalls_a_badge(person, "activated")
        self.a_badge_is_held_or_released(person, held=False)

    @rule(person=people, change=st.sampled_from(["lost", "replaced", "suspended"]))
    def something_befalls_a_badge(self, person: UUID, change: Change) -> None:
        self.ask(Befalls(person, change))
        self.book.befalls(person, change)

    @precondition(lambda self: self.scans > 100)
    @rule(person=people)
    def a_badge_is_revoked(self, person: UUID) -> None:
        self.something_befalls_a_badge(person, "revoked")

    @rule(person=people, held=st.booleans())
    def a_badge_is_held_or_released(self, person: UUID, held: bool) -> None:
        self.ask(Holds(person, held))
        self.book.cards[person].held = held

    @rule(zone=zones, locked=st.sampled_from([False, False, True]))
    def a_zone_is_locked_or_opened(self, zone: int, locked: bool) -> None:
        self.ask(Locks(zone, locked))
        (self.book.locked.add if locked else self.book.locked.discard)(ZONES[zone].zone_id)

    @rule(zone=zones, capacity=st.none() | st.integers(1, 4))
    def a_zone_is_resized(self, zone: int, capacity: int | None) -> None:
        events = self.ask(Resizes(zone, capacity))
        room = ZONES[zone].zone_id
        changes = self.book.holds[room] != capacity
        self.book.holds[room] = capacity
        assert told(events) == (self.book.news_of({room}) if changes else set())

    @rule(minutes=st.sampled_from([1, 5, 20, 60, 60, 60, 60, 60, 2_000]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(seed=st.integers(0, 2**32))
    def the_doors_are_busy(self, seed: int) -> None:
        """Many things in a row, more than would be drawn one by one."""
        chance = random.Random(seed)
        for _ in range(40):
            self.a_step(chance)

    def a_step(self, chance: random.Random) -> None:
        """One of the things that may happen, as often as they do."""
        person, zone = chance.choice(PEOPLE), chance.randrange(len(ZONES))
        match chance.randrange(12):
            case 0 | 1:
                self.somebody_walks_in(person, zone)
            case 2:
                self.a_badge_is_made_good(person)
            case 3:
                self.something_befalls_a_badge(person, chance.choice(["lost", "replaced", "suspended"]))
            case 4:
                self.a_badge_is_held_or_released(person, held=chance.random() < 0.2)
            case 5:
                self.a_zone_is_locked_or_opened(zone, locked=chance.random() < 0.2)
            case 6:
                self.a_zone_is_resized(zone, chance.choice([None, 1, 2, 3, 4]))
            case _:
                at, direction = chance.randrange(len(GATES)), chance.choice(["in", "in", "out"])
                self.somebody_is_scanned(person, at, direction, chance.choice(SHOWINGS))

    @invariant()
    def the_counts_agree(self) -> None:
        assert {zone: self.venue.presence.count(zone) for zone in WAY} == {zone: self.book.count(zone) for zone in WAY}

    @invariant()
    def they_believe_people_in_the_same_rooms(self) -> None:
        assert {person: set(self.venue.presence.whereabouts.get(person, ())) for person in PEOPLE} == self.book.rooms


THOUSANDS_OF_STEPS = settings(max_examples=100, stateful_step_count=40)
FOUND_ONCE = settings(THOUSANDS_OF_STEPS, phases=[Phase.generate], database=None, print_blob=False)
"""Without the search for the shortest example."""


def test_the_decider_says_what_the_doorkeeper_says() -> None:
    run_state_machine_as_test(Doors, settings=THOUSANDS_OF_STEPS)


def test_a_decider_that_forgives_what_it_should_not_is_noticed() -> None:
    """Control: a rare lapse, which takes four things to come together."""

    def lax(asked: VenueCommand, venue: Venue) -> Decision[VenueEvent]:
        decision = gatekeeping.decide(asked, venue)
        if not isinstance(decision, Refused) and isinstance(asked, ScanBadge):
            record = decision[0]
            assert isinstance(record, BadgeScanned)
            if record.failed == ("credential_superseded",):
                return [record.model_copy(update={"outcome": "admitted", "failed": ()})]
        return decision

    class Lax(Doors):
        decider = Decider(lax, DECIDER.evolve, DECIDER.initial, DECIDER.events)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Lax, settings=FOUND_ONCE)


def test_the_book_is_of_the_badges_the_decider_was_told_of() -> None:
    assert {known.badge_id for known in BADGES.values()} == set(DECIDER.fold(BEGINNING).badges.known)
