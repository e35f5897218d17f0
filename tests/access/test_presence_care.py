"""What people did that no gate saw, put right: heads counted, exits taken for granted, passback forgiven."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.access.domain.badges import PersonUnknown
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.layout import ZoneUnknown
from services.access.domain.presence import CorrectOccupancy, ForgivePassback, InferExits
from services.access.domain.record.movement import PassbackForgiven
from services.access.domain.record.presence import (
    ExitsInferred,
    OccupancyCorrected,
    ZoneCapacityReached,
    ZoneCapacityRestored,
)
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLINIC_DOOR,
    DECIDER,
    EAST,
    EXPO_DOOR,
    GATES,
    HALL,
    LAYOUT,
    MAIN,
    STAGE_DOOR,
    VENUE,
    WEST,
    ZONES,
    after,
    badge,
    learned,
    read_from,
    scan,
    scanned,
    served,
    venue,
    went_in,
    with_rules,
)
from tests.controls import NOW, given

UNREADABLE = Reading(problem="credential_malformed")
PEOPLE = (ANNA, BORIS, CHAU)
BADGES = {person: badge(person) for person in PEOPLE}
HARD = (with_rules(HALL, passback="hard"),)


def counts(of: Venue) -> dict[str, int]:
    return {zone_id: of.presence.count(zone_id) for zone_id in ("grounds", "hall", "stage")}


def house(*events: VenueEvent) -> Venue:
    """Anna and Boris are in the hall, Boris on its stage."""
    before = venue(*events, *learned(*BADGES.values()))
    return went_in(went_in(before, BADGES[ANNA], MAIN, EAST), BADGES[BORIS], MAIN, EAST, STAGE_DOOR)


def counted(zone_id: str, heads: int) -> CorrectOccupancy:
    return CorrectOccupancy(zone_id=zone_id, counted=heads, reason="hand_count")


def corrected(zone_id: str, believed: int, heads: int, follows_from: str | None = None) -> OccupancyCorrected:
    return OccupancyCorrected(
        zone_id=zone_id,
        venue_id=VENUE,
        believed=believed,
        counted=heads,
        unidentified=heads - believed,
        reason="hand_count",
        follows_from=follows_from,
    )


def test_the_zone_holds_as_many_as_were_counted_and_the_names_stay() -> None:
    after_it = given(DECIDER, *LAYOUT).when(counted("grounds", 7)).then(corrected("grounds", 0, 7))
    assert after_it.presence.count("grounds") == 7

    fewer = after(house(), counted("grounds", 1))
    assert (fewer.presence.count("grounds"), fewer.presence.of(ANNA)) == (1, ("grounds", "hall"))


def test_a_count_that_confirms_what_was_believed_changes_nothing() -> None:
    assert DECIDER.decide(counted("hall", 2), house()) == []


def test_what_is_said_of_a_zone_is_said_of_how_full_it_is() -> None:
    filled = DECIDER.decide(counted("hall", 3), venue(*learned(*BADGES.values())))

    assert not isinstance(filled, Refused)
    assert [event for event in filled if isinstance(event, ZoneCapacityReached)] == [
        ZoneCapacityReached(zone_id="hall", venue_id=VENUE, names=HALL.names, count=3, capacity=3)
    ]
    full = went_in(after(venue(*learned(*BADGES.values())), counted("hall", 3)), BADGES[ANNA], MAIN)
    assert scanned(full, scan(BADGES[ANNA], EAST)).record.reason == "zone_full"
    room = after(full, counted("hall", 1))
    assert scanned(room, scan(BADGES[ANNA], EAST)).record.outcome == "admitted"


def test_the_zones_around_it_hold_at_least_as_many() -> None:
    before = venue(*learned(*BADGES.values()))

    told = DECIDER.decide(counted("stage", 4), before)
    assert not isinstance(told, Refused)
    assert [event for event in told if isinstance(event, OccupancyCorrected)] == [
        corrected("stage", 0, 4),
        corrected("grounds", 0, 4, "stage"),
        corrected("hall", 0, 4, "stage"),
    ]
    assert counts(after(before, counted("grounds", 9), counted("stage", 4))) == {
        "grounds": 9,
        "hall": 4,
        "stage": 4,
    }


def test_the_zones_inside_it_hold_at_most_as_many() -> None:
    assert counts(after(house(), counted("grounds", 0))) == {"grounds": 0, "hall": 0, "stage": 0}
    assert counts(after(house(), counted("hall", 1))) == {"grounds": 2, "hall": 1, "stage": 1}


def test_a_zone_that_is_not_there_is_not_counted() -> None:
    given(DECIDER, *LAYOUT).when(counted("roof", 3)).then_refused(ZoneUnknown)


def test_after_a_count_of_nobody_those_who_leave_after_all_do_no_harm() -> None:
    empty = after(house(), counted("hall", 0))

    left = scanned(empty, scan(BADGES[ANNA], EAST, "out"))
    assert left.record.outcome == "exited"
    assert left.venue.presence.count("hall") == 0


def inferred(
    zone_id: str,
    *people: UUID,
    cause: Literal["nightly", "by_hand"] = "by_hand",
    reason: str | None = "closing_time",
    **unidentified: int,
) -> ExitsInferred:
    return ExitsInferred(
        zone_id=zone_id,
        venue_id=VENUE,
        people=tuple(sorted(people)),
        unidentified=unidentified,
        cause=cause,
        reason=reason,
    )


EMPTY_HALL = InferExits(zone_id="hall", cause="by_hand", reason="closing_time")
NIGHT = InferExits(zone_id=None, cause="nightly")


def test_whoever_is_believed_inside_is_taken_to_have_left() -> None:
    decided = DECIDER.decide(EMPTY_HALL, house())

    stage = ZoneCapacityRestored(zone_id="stage", venue_id=VENUE, names=ZONES[2].names, count=0, capacity=1)
    assert decided == [inferred("hall", ANNA, BORIS), stage]
    assert counts(after(house(), EMPTY_HALL)) == {"grounds": 2, "hall": 0, "stage": 0}


def test_people_without_a_name_are_gone_too() -> None:
    given(DECIDER, *LAYOUT, corrected("hall", 0, 2), corrected("grounds", 0, 5)).when(EMPTY_HALL).then(
        inferred("hall", hall=-2)
    )


def test_where_nobody_is_there_is_nothing_to_tell() -> None:
    given(DECIDER, *LAYOUT).when(EMPTY_HALL).then()


def test_of_the_whole_venue_everybody_is() -> None:
    in_the_clinic_only = after(house(), scan(BADGES[CHAU], CLINIC_DOOR))

    empty = after(in_the_clinic_only, EMPTY_HALL.model_copy(update={"zone_id": None}))
    assert (len(empty.presence.whereabouts), counts(empty)["grounds"]) == (0, 0)


def test_a_night_is_on_record_even_when_nobody_was_left() -> None:
    """So that whoever leads later that night finds it done."""
    assert DECIDER.decide(NIGHT, venue()) == [inferred("grounds", cause="nightly", reason=None)]


def test_no_event_holds_a_whole_crowd() -> None:
    crowd = [badge(UUID(int=number)) for number in range(1, 1_202)]
    before = venue(*learned(*crowd))
    before = after(before, *(scan(one, MAIN) for one in crowd))

    events = DECIDER.decide(NIGHT, before)
    assert not isinstance(events, Refused)
    exits = [event for event in events if isinstance(event, ExitsInferred)]
    assert [len(event.people) for event in exits] == [500, 500, 201]
    assert sorted(person for event in exits for person in event.people) == [one.person_id for one in crowd]
    assert DECIDER.fold(events, before).presence.count("grounds") == 0


def test_whoever_comes_back_in_the_morning_enters_as_on_the_first_day() -> None:
    before = house(*HARD)
    morning = NOW + timedelta(hours=8)

    assert scanned(before, scan(BADGES[ANNA], WEST, now=morning)).record.reason == "already_inside"
    come = after(before, NIGHT, scan(BADGES[ANNA], MAIN, now=morning))
    assert scanned(come, scan(BADGES[ANNA], WEST, now=morning)).record.outcome == "admitted"


def test_a_seat_is_free_again_for_the_delegation() -> None:
    before = went_in(venue(with_rules(HALL, seats=1), *learned(*BADGES.values())), BADGES[ANNA], MAIN, EAST)
    before = went_in(before, BADGES[BORIS], MAIN)

    assert scanned(before, scan(BADGES[BORIS], EAST)).record.reason == "delegation_seats_full"
    assert scanned(after(before, EMPTY_HALL), scan(BADGES[BORIS], EAST)).record.outcome == "admitted"


def test_a_zone_that_is_not_there_is_not_emptied() -> None:
    given(DECIDER, *LAYOUT).when(EMPTY_HALL.model_copy(update={"zone_id": "roof"})).then_refused(ZoneUnknown)


def forgiven(scope: Literal["person", "zone", "all"], **whose: Any) -> PassbackForgiven:
    return PassbackForgiven(venue_id=VENUE, scope=scope, reason="photo_verified", **whose)


def forgiving(**whose: Any) -> ForgivePassback:
    return ForgivePassback(reason="photo_verified", **whose)


def test_it_is_of_a_person_a_zone_or_everybody() -> None:
    before = [*LAYOUT, *learned(BADGES[ANNA])]
    entered = DECIDER.decide(scan(BADGES[ANNA], MAIN), DECIDER.fold(before))
    assert not isinstance(entered, Refused)

    given(DECIDER, *before).when(forgiving(person_id=ANNA)).then(forgiven("person", person_id=ANNA))
    given(DECIDER, *before, *entered).when(forgiving(zone_id="grounds")).then(forgiven("zone", zone_id="grounds"))
    given(DECIDER, *before, *entered).when(forgiving()).then(forgiven("all"))


def test_where_there_is_nobody_there_is_nothing_to_forgive() -> None:
    given(DECIDER, *LAYOUT).when(forgiving(zone_id="hall")).then()
    given(DECIDER, *LAYOUT).when(forgiving()).then()


def test_who_or_what_is_not_there_is_not_forgiven() -> None:
    given(DECIDER, *LAYOUT).when(forgiving(person_id=ANNA)).then_refused(PersonUnknown)
    given(DECIDER, *LAYOUT).when(forgiving(zone_id="roof")).then_refused(ZoneUnknown)


@pytest.mark.parametrize(
    "forgiveness",
    [forgiving(person_id=ANNA), forgiving(zone_id="hall"), forgiving()],
    ids=["person", "zone", "all"],
)
def test_somebody_believed_inside_enters_once_more_and_only_once(forgiveness: ForgivePassback) -> None:
    before = after(house(*HARD), forgiveness)

    once = scanned(before, scan(BADGES[ANNA], WEST))
    assert once.record.outcome == "admitted"
    assert scanned(once.venue, scan(BADGES[ANNA], WEST)).record.reason == "already_inside"


def test_whoever_was_not_forgiven_is_refused_as_before() -> None:
    """Control."""
    before = after(house(*HARD), forgiving(person_id=BORIS))

    assert scanned(before, scan(BADGES[ANNA], WEST)).record.reason == "already_inside"
    assert scanned(house(*HARD), scan(BADGES[ANNA], WEST)).record.reason == "already_inside"


@pytest.mark.parametrize("forgiveness", [forgiving(zone_id="hall"), forgiving()], ids=["zone", "all"])
def test_a_zone_forgives_those_who_wait_outside_it_for_their_time(forgiveness: ForgivePassback) -> None:
    timed = with_rules(HALL, passback="timed", passback_minutes=60)
    out = after(house(timed), scan(BADGES[ANNA], EAST, "out"))

    assert scanned(out, scan(BADGES[ANNA], EAST)).record.reason == "reentry_too_soon"
    assert scanned(after(out, forgiveness), scan(BADGES[ANNA], EAST)).record.outcome == "admitted"


def test_it_passes_over_where_somebody_was_and_how_fast_they_came_from_there() -> None:
    far = (served(MAIN, position=(0.0, 0.0)), served(EXPO_DOOR, position=(5_000.0, 0.0)))
    in_hall = after(house(*HARD, *far), scan(BADGES[CHAU], MAIN))

    assert scanned(in_hall, scan(BADGES[ANNA], EXPO_DOOR)).record.failed == (
        "inside_elsewhere",
        "impossible_travel",
    )
    assert scanned(in_hall, scan(BADGES[CHAU], EXPO_DOOR)).record.failed == ("impossible_travel",)
    for person in (ANNA, CHAU):
        let_off = after(in_hall, forgiving(person_id=person))
        assert scanned(let_off, scan(BADGES[person], EXPO_DOOR)).record.outcome == "admitted"


care = st.one_of(
    st.builds(counted, st.sampled_from([zone.zone_id for zone in ZONES]), st.integers(0, 5)),
    st.builds(InferExits, zone_id=st.sampled_from([None, *(zone.zone_id for zone in ZONES)]), cause=st.just("by_hand")),
    st.just(NIGHT),
)
passages = st.builds(
    scan,
    st.sampled_from([*map(read_from, BADGES.values()), UNREADABLE]),
    st.sampled_from(GATES),
    st.sampled_from(["in", "out"]),
)


def stays_possible(day: Sequence[VenueCommand], evolve: Callable[[Venue, VenueEvent], Venue] = DECIDER.evolve) -> None:
    """No zone ever holds fewer than nobody, and the two ways to know where people are agree."""
    believed = venue(*learned(*BADGES.values()))
    for command in day:
        decision = DECIDER.decide(command, believed)
        assert not isinstance(decision, Refused), decision
        for event in decision:
            believed = evolve(believed, event)
        for zone_id in believed.layout.zones:
            assert believed.presence.count(zone_id) >= 0, (zone_id, command)
            here = {person for person in PEOPLE if zone_id in believed.presence.of(person)}
            assert here == set(believed.presence.inside.get(zone_id, ()))


@drawn(st.lists(care | passages | passages, max_size=20))
def test_whatever_is_counted_and_taken_for_granted_what_is_believed_stays_possible(day: list[VenueCommand]) -> None:
    stays_possible(day)


def test_a_night_that_forgets_those_without_a_name_is_noticed() -> None:
    """Control."""

    def forgets(before: Venue, event: VenueEvent) -> Venue:
        if isinstance(event, ExitsInferred):
            event = event.model_copy(update={"unidentified": {}})
        return DECIDER.evolve(before, event)

    day: list[VenueCommand] = [scan(BADGES[ANNA], MAIN), scan(UNREADABLE, MAIN, "out"), NIGHT]
    stays_possible(day)
    with pytest.raises(AssertionError):
        stays_possible(day, forgets)


@drawn(st.lists(passages, max_size=8), st.sampled_from([zone.zone_id for zone in ZONES]), st.integers(0, 6))
def test_right_after_a_count_the_zone_holds_as_many(day: list[VenueCommand], zone_id: str, heads: int) -> None:
    counted_now = after(venue(*learned(*BADGES.values())), *day, counted(zone_id, heads))
    path = counted_now.layout.zones[zone_id].path

    assert counted_now.presence.count(zone_id) == heads
    for around in path:
        assert counted_now.presence.count(around) >= heads
    for inner in counted_now.layout.within(zone_id):
        assert counted_now.presence.count(inner) <= heads
