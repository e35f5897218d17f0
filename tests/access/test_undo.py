"""A passage that was not taken is undone: everything is as it was before the scan."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.access.domain import capacity
from services.access.domain.overlays import in_use
from services.access.domain.passage import PassPinHolder
from services.access.domain.presence import ForgivePassback, InferExits
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import Party, PartyFormed
from services.access.domain.record.layout import Direction, Gate, Zone
from services.access.domain.record.presence import PassageUndone, ZoneCapacityReached, ZoneCapacityRestored
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.domain.scan import ScanBadge
from services.access.domain.undoing import WITHIN, NothingToUndo, PassageSuperseded, TooLateToUndo, UndoPassage
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLINIC_DOOR,
    DECIDER,
    DINH,
    EAST,
    EXPO,
    EXPO_DOOR,
    GATES,
    HALL,
    MAIN,
    STAGE,
    STAGE_DOOR,
    VENUE,
    ZONES,
    after,
    badge,
    decided,
    learned,
    refusal,
    scan,
    scanned,
    venue,
    went_in,
    with_rules,
)
from tests.access.test_overlays import FIRST, allocated
from tests.controls import NOW

PEOPLE = (ANNA, BORIS, CHAU, DINH)
BADGES = {person: badge(person, category="head-of-state" if person == DINH else "delegate") for person in PEOPLE}
RULES: tuple[VenueEvent, ...] = (
    with_rules(HALL, passback="soft", overlays={"delegate": "secondary"}, seats=2, capacity=3),
    with_rules(EXPO, entry_limit=3, seats=1),
    with_rules(STAGE, passback="timed", passback_minutes=30),
    *(allocated(UUID(int=number), number) for number in (1, 2)),
)
"""Rooms in which there is something to put back."""
ANNAS, BORISS = BADGES[ANNA], BADGES[BORIS]


def undo(*scans: BadgeScanned, now: datetime = NOW, reason: str | None = None) -> UndoPassage:
    return UndoPassage(scans[0], scans[1:], reason, now)


def undone(before: Venue, *scans: BadgeScanned) -> Venue:
    """The venue after the passages were undone."""
    return after(before, undo(*scans))


def facts(of: Venue) -> tuple[object, ...]:
    """What is to be as it was: who is where, seated, with which pass; entries counted, forgiveness left."""
    presence = of.presence
    people = {zone_id: dict(inside) for zone_id, inside in presence.inside.items() if inside}
    seated = {place: dict(seated) for place, seated in presence.seated.items() if seated}
    counted = {zone_id: count for zone_id, count in presence.unidentified.items() if count}
    passes = {overlay_id: in_use(overlay_id, of) for overlay_id in of.overlays.known}
    return (
        people,
        dict(presence.whereabouts),
        counted,
        seated,
        dict(presence.seats),
        passes,
        of.movement.entries,
        of.movement.forgiven,
    )


def untold(zone: Zone, of: Venue) -> bool:
    """Whether a zone is full, or has room again, and nobody was told."""
    news = capacity.news(of, of.layout.zones[zone.zone_id], of.presence.count(zone.zone_id))
    return any(isinstance(event, ZoneCapacityReached | ZoneCapacityRestored) for event in news)


def at(before: Venue) -> Venue:
    """Anna is on the grounds and Boris in the hall."""
    return went_in(went_in(before, ANNAS, MAIN), BORISS, MAIN, EAST)


def test_an_entry_that_was_not_taken_is_undone() -> None:
    before = at(venue(*learned(ANNAS, BORISS)))
    entered = scanned(before, scan(ANNAS, EAST))

    (told,) = decided(entered.venue, undo(entered.record, reason="turned_back"))

    assert told == PassageUndone(
        scan_id=entered.record.scan_id,
        venue_id=VENUE,
        gate_id="hall-east",
        zone_id="hall",
        person_id=ANNA,
        delegation_id="vn",
        entered=(),
        left=("hall",),
        unidentified={},
        count=1,
        capacity=3,
        reason="turned_back",
    )
    assert facts(DECIDER.fold([told], entered.venue)) == facts(before)


def test_an_exit_that_was_not_taken_is_undone() -> None:
    before = at(venue(*learned(ANNAS, BORISS)))
    left = scanned(before, scan(BORISS, MAIN, "out"))
    assert left.record.left == ("grounds", "hall")

    assert facts(undone(left.venue, left.record)) == facts(before)


def test_it_is_undone_once() -> None:
    entered = scanned(at(venue(*learned(ANNAS, BORISS))), scan(ANNAS, EAST))

    assert decided(undone(entered.venue, entered.record), undo(entered.record)) == []


def test_the_next_entry_is_an_ordinary_one() -> None:
    before = at(venue(*learned(ANNAS, BORISS)))
    entered = scanned(before, scan(ANNAS, EAST))

    again = scanned(undone(entered.venue, entered.record), scan(ANNAS, EAST))

    assert (again.record.outcome, again.record.warnings) == ("admitted", ())


def test_whoever_passed_another_gate_since_did_take_it() -> None:
    before = at(venue(*learned(ANNAS, BORISS)))
    entered = scanned(before, scan(ANNAS, EAST))
    moved_on = went_in(entered.venue, ANNAS, STAGE_DOOR)
    came_back = scanned(scanned(entered.venue, scan(ANNAS, EAST, "out")).venue, scan(ANNAS, EAST))
    forgotten = after(entered.venue, InferExits(zone_id=None, cause="nightly"))

    for since in (moved_on, came_back.venue, forgotten):
        assert type(refusal(since, undo(entered.record))) is PassageSuperseded
    assert facts(undone(came_back.venue, came_back.record)) == facts(before)


def test_a_refused_scan_since_changes_nothing() -> None:
    before = at(venue(*learned(ANNAS, BORISS)))
    entered = scanned(before, scan(ANNAS, EAST))
    tried = scanned(entered.venue, scan(ANNAS, EXPO_DOOR, "in", lane_id=None))
    refused = scanned(entered.venue, scan(Reading(problem="signature_invalid"), STAGE_DOOR))
    assert tried.record.outcome == "refused"

    assert facts(undone(tried.venue, entered.record)) == facts(before)
    assert facts(undone(refused.venue, entered.record)) == facts(before)


def test_a_quarter_of_an_hour_later_it_stands() -> None:
    entered = scanned(at(venue(*learned(ANNAS, BORISS))), scan(ANNAS, EAST))
    last = NOW + WITHIN

    assert decided(entered.venue, undo(entered.record, now=last))
    late = undo(entered.record, now=last + timedelta(microseconds=1))
    assert type(refusal(entered.venue, late)) is TooLateToUndo


def test_where_nobody_passed_there_is_nothing_to_undo() -> None:
    refused = scanned(venue(*learned(ANNAS)), scan(ANNAS, EAST))
    brought = refused.record.model_copy(update={"outcome": "admitted", "basis": "journal"})

    for record in (refused.record, brought):
        assert type(refusal(refused.venue, undo(record))) is NothingToUndo


def test_an_unread_exit_is_counted_back() -> None:
    before = at(venue(*learned(ANNAS, BORISS)))
    left = scanned(before, scan(Reading(problem="credential_malformed"), EAST, "out"))
    assert left.venue.presence.count("hall") == before.presence.count("hall") - 1

    assert facts(undone(left.venue, left.record)) == facts(before)


def test_people_who_were_only_counted_are_not_counted_below_nobody() -> None:
    unread = Reading(problem="credential_malformed")
    entered = scanned(venue(), scan(unread, CLINIC_DOOR))
    gone = scanned(entered.venue, scan(unread, CLINIC_DOOR, "out"))
    assert gone.venue.presence.count("clinic") == 0

    assert type(refusal(gone.venue, undo(entered.record))) is PassageSuperseded


def test_that_the_room_has_space_again_or_is_full_is_told() -> None:
    before = at(venue(*learned(ANNAS, BORISS), with_rules(HALL, capacity=2)))
    entered = scanned(before, scan(ANNAS, EAST))
    left = scanned(entered.venue, scan(BORISS, EAST, "out"))

    _, restored = decided(entered.venue, undo(entered.record))
    _, reached = decided(left.venue, undo(left.record))

    assert (type(restored), type(reached)) == (ZoneCapacityRestored, ZoneCapacityReached)


def test_the_pass_is_back_in_the_room_unless_another_brought_it_in_since() -> None:
    before = went_in(at(venue(*learned(ANNAS, BORISS))), ANNAS)
    before = DECIDER.fold((with_rules(HALL, overlays={"delegate": "secondary"}), allocated(FIRST, 1)), before)
    inside = scanned(before, scan(ANNAS, EAST, overlay_hash="text 1")).venue
    left = scanned(inside, scan(ANNAS, EAST, "out"))
    borisout = scanned(left.venue, scan(BORISS, EAST, "out")).venue
    taken = scanned(borisout, scan(BORISS, EAST, overlay_hash="text 1")).venue

    back, meanwhile = in_use(FIRST, undone(left.venue, left.record)), in_use(FIRST, undone(taken, left.record))

    assert back is not None
    assert meanwhile is not None
    assert (back.person_id, meanwhile.person_id) == (ANNA, BORIS)


def test_what_was_forgiven_is_forgiven_still() -> None:
    before = after(at(venue(*learned(ANNAS, BORISS))), ForgivePassback(person_id=BORIS, reason="lost_scan"))
    entered = scanned(before, scan(BORISS, EXPO_DOOR))
    assert BORIS not in entered.venue.movement.forgiven

    assert facts(undone(entered.venue, entered.record)) == facts(before)


def test_a_pin_is_undone_like_a_badge() -> None:
    before = went_in(venue(*learned(BADGES[DINH])), BADGES[DINH], MAIN)
    (record,) = decided(before, PassPinHolder(UUID(int=5), "hall-east", "in", DINH, None, NOW))
    assert isinstance(record, BadgeScanned)
    passed = DECIDER.fold([record], before)

    assert facts(undone(passed, record)) == facts(before)


# --- a party ----------------------------------------------------------------------------------------------------------


def party_scanned() -> tuple[Venue, Venue, list[BadgeScanned]]:
    """Anna's party before and after it came into the hall, and the scans that were made of it."""
    party = Party(party_id=UUID(int=8), leader_id=ANNA, members=(BORIS, CHAU))
    before = venue(*learned(*BADGES.values()), PartyFormed(party=party, venue_id=VENUE))
    for person in (ANNA, BORIS, CHAU):
        before = went_in(before, BADGES[person], MAIN)
    outcome = scanned(before, scan(ANNAS, EAST, heads=3))
    return before, outcome.venue, [outcome.record, *(one for one in outcome.others if isinstance(one, BadgeScanned))]


def test_with_the_leaders_scan_everybodys_is_undone() -> None:
    before, inside, scans = party_scanned()
    assert len(scans) == 3

    assert facts(undone(inside, *scans)) == facts(before)


def test_but_for_those_who_have_gone_on() -> None:
    _, inside, scans = party_scanned()
    gone_on = went_in(inside, BORISS, STAGE_DOOR)

    back = undone(gone_on, *scans)

    assert [back.presence.of(person) for person in (ANNA, BORIS, CHAU)] == [
        ("grounds",),
        ("grounds", "hall", "stage"),
        ("grounds",),
    ]


def test_one_of_them_turned_back_alone() -> None:
    _, inside, (_, boriss, _) = party_scanned()

    back = undone(inside, boriss)

    assert [back.presence.of(person)[-1] for person in (ANNA, BORIS, CHAU)] == ["hall", "grounds", "hall"]


def test_what_was_undone_of_one_is_not_undone_again_with_the_others() -> None:
    before, inside, scans = party_scanned()

    assert facts(undone(undone(inside, scans[1]), *scans)) == facts(before)


# --- whatever happens -------------------------------------------------------------------------------------------------

steps = st.tuples(
    st.sampled_from([*PEOPLE, None]),
    st.sampled_from(GATES),
    st.sampled_from(["in", "in", "out"]),
    st.sampled_from([None, "text 1", "text 2"]),
    st.sampled_from([0, 0, 40]),  # minutes
)
Step = tuple[UUID | None, Gate, Direction, str | None, int]


def commands(day: Sequence[Step]) -> list[ScanBadge]:
    now, made = NOW, []
    for number, (person, gate, direction, overlay, minutes) in enumerate(day, start=1):
        now += timedelta(minutes=minutes)
        shown: Badge | Reading = BADGES[person] if person else Reading(problem="credential_malformed")
        made.append(scan(shown, gate, direction, now=now, scan_id=UUID(int=number), overlay_hash=overlay))
    return made


@drawn(st.lists(steps, max_size=25))
def test_undone_at_once_a_scan_leaves_nothing_behind(day: list[Step]) -> None:
    before = venue(*learned(*BADGES.values()), *RULES)
    for command in commands(day):
        outcome = scanned(before, command)
        if outcome.record.outcome != "refused":
            back = undone(outcome.venue, outcome.record)
            assert facts(back) == facts(before)
            assert not any(untold(zone, back) for zone in ZONES)
        before = outcome.venue


@drawn(st.lists(steps, min_size=2, max_size=25), st.data())
def test_undone_later_it_puts_back_one_person_or_is_refused(day: list[Step], data: st.DataObject) -> None:
    """Nobody else is moved, no count is ever negative, and it agrees with a venue where the scan was not made."""
    made = commands(day)
    chosen = data.draw(st.integers(0, len(made) - 1))
    venues = [venue(*learned(*BADGES.values()), *RULES)]
    records = []
    for command in made:
        outcome = scanned(venues[-1], command)
        venues.append(outcome.venue)
        records.append(outcome.record)
    record, end = records[chosen], venues[-1]
    decision = DECIDER.decide(undo(record, now=made[-1].now), end)
    if isinstance(decision, Refused):
        return
    back = DECIDER.fold(decision, end)
    assert all(back.presence.count(zone_id) >= 0 for zone_id in back.layout.zones)
    for person in PEOPLE:
        believed = venues[chosen].presence if person == record.person_id else end.presence
        assert back.presence.of(person) == believed.of(person)


@pytest.mark.parametrize("left_out", ["seats", "entered", "left"])
def test_an_undoing_that_forgets_something_is_noticed(left_out: str) -> None:
    """Control of what ``facts`` looks at."""
    before = venue(*learned(*BADGES.values()), *RULES)
    before = went_in(before, ANNAS, MAIN)
    inside = scanned(before, scan(ANNAS, EAST, overlay_hash="text 1"))
    outside = scanned(inside.venue, scan(ANNAS, EAST, "out"))
    origin, outcome = (before, inside) if left_out == "left" else (inside.venue, outside)
    told, *_ = decided(outcome.venue, undo(outcome.record))

    forgetful = told.model_copy(update={left_out: ()})

    assert facts(DECIDER.fold([forgetful], outcome.venue)) != facts(origin)
    assert facts(DECIDER.fold([told], outcome.venue)) == facts(origin)
