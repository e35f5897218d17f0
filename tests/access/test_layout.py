"""A venue is laid out: zones in a tree, gates that join a zone with its parent, and a new policy with each change."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from immutables import Map

from chassis.log.decider import Refused
from services.access.domain.layout import DefineGate, DefineZone, GateLeadsNowhere, ZoneMoved, ZoneUnknown
from services.access.domain.record.layout import Gate, Zone, ZoneDefined
from services.access.domain.record.presence import ZoneCapacityReached, ZoneCapacityRestored
from services.access.domain.venue import VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    DECIDER,
    DINH,
    EAST,
    GROUNDS,
    HALL,
    LAYOUT,
    MAIN,
    STAGE,
    VENUE,
    badge,
    gate_defined,
    learned,
    plan,
    scan,
    venue,
    zone_defined,
)
from tests.controls import Given, given


def define(zone: Zone, **changed: Any) -> DefineZone:
    return DefineZone(zone=plan(zone, **changed))


def open_gate(gate: Gate, **changed: Any) -> DefineGate:
    return DefineGate(gate=gate.model_copy(update=changed))


def test_a_venue_begins_with_an_outermost_zone() -> None:
    after = given(DECIDER).when(define(GROUNDS)).then(zone_defined(GROUNDS))

    assert after.layout.zones["grounds"].path == ("grounds",)


def test_a_zone_within_a_zone_knows_the_way_from_outside() -> None:
    before = given(DECIDER, zone_defined(GROUNDS), zone_defined(HALL))

    after = before.when(define(STAGE)).then(zone_defined(STAGE))

    assert after.layout.zones["stage"].path == ("grounds", "hall", "stage")


def test_a_zone_is_not_put_within_one_that_is_not_there() -> None:
    given(DECIDER).when(define(HALL)).then_refused(ZoneUnknown)


def test_a_zone_is_not_put_within_itself() -> None:
    given(DECIDER).when(define(GROUNDS, parent_id="grounds")).then_refused(ZoneUnknown)
    given(DECIDER, *LAYOUT).when(define(GROUNDS, parent_id="grounds")).then_refused(ZoneMoved)


def test_a_zone_changes_in_place() -> None:
    larger = HALL.model_copy(update={"capacity": 500})

    given(DECIDER, *LAYOUT).when(define(HALL, capacity=500)).then(zone_defined(larger))


People = Callable[[int], list[VenueEvent]]


@pytest.fixture
def in_hall() -> People:
    """What happened until so many people were in the hall, which holds three."""

    def events(count: int) -> list[VenueEvent]:
        happened: list[VenueEvent] = [*LAYOUT]
        for person in (ANNA, BORIS, CHAU, DINH)[:count]:
            happened += learned(badge(person))
            for at in (MAIN, EAST):
                decision = DECIDER.decide(scan(badge(person), at), DECIDER.fold(happened))
                assert not isinstance(decision, Refused)
                happened += decision
        return happened

    return events


def hall_holding(capacity: int | None) -> ZoneDefined:
    return zone_defined(HALL.model_copy(update={"capacity": capacity}))


def full(count: int, capacity: int) -> ZoneCapacityReached:
    return ZoneCapacityReached(zone_id="hall", venue_id=VENUE, names=HALL.names, count=count, capacity=capacity)


def room_again(count: int, capacity: int | None) -> ZoneCapacityRestored:
    return ZoneCapacityRestored(zone_id="hall", venue_id=VENUE, names=HALL.names, count=count, capacity=capacity)


def test_a_zone_made_so_small_that_its_people_fill_it_is_full(in_hall: People) -> None:
    after = given(DECIDER, *in_hall(2)).when(define(HALL, capacity=2)).then(hall_holding(2), full(2, 2))

    assert after.presence.full == {"hall"}


def test_a_full_zone_made_larger_has_room_again(in_hall: People) -> None:
    after = given(DECIDER, *in_hall(3)).when(define(HALL, capacity=40)).then(hall_holding(40), room_again(3, 40))

    assert after.presence.full == set()


def test_a_full_zone_without_a_limit_any_more_has_room_again(in_hall: People) -> None:
    after = given(DECIDER, *in_hall(3)).when(define(HALL, capacity=None)).then(hall_holding(None), room_again(3, None))

    assert after.presence.full == set()


def test_a_full_zone_made_smaller_is_as_full_as_before_and_says_so_only_once(in_hall: People) -> None:
    given(DECIDER, *in_hall(3)).when(define(HALL, capacity=2)).then(hall_holding(2))


def test_a_full_zone_made_larger_by_less_than_a_twentieth_does_not_flicker() -> None:
    before = given(DECIDER, *LAYOUT, hall_holding(100), full(100, 100))
    crowd = Map({UUID(int=number): None for number in range(100)})
    crowded = before.state._replace(presence=before.state.presence._replace(inside=Map({"hall": crowd})))

    for capacity, told in [(101, []), (105, []), (106, [room_again(100, 106)])]:
        Given(DECIDER, crowded).when(define(HALL, capacity=capacity)).then(hall_holding(capacity), *told)


def test_a_zone_that_is_not_full_and_changes_in_size_says_nothing_of_it(in_hall: People) -> None:
    given(DECIDER, *in_hall(1)).when(define(HALL, capacity=2)).then(hall_holding(2))
    given(DECIDER, *in_hall(1)).when(define(HALL, capacity=None)).then(hall_holding(None))


def test_a_zone_is_not_moved_elsewhere() -> None:
    given(DECIDER, *LAYOUT).when(define(STAGE, parent_id="grounds")).then_refused(ZoneMoved)
    given(DECIDER, *LAYOUT).when(define(HALL, parent_id=None)).then_refused(ZoneMoved)


def test_a_zone_defined_as_it_is_changes_nothing() -> None:
    given(DECIDER, *LAYOUT).when(define(HALL)).then()


def test_a_gate_joins_a_zone_with_the_outside() -> None:
    given(DECIDER, zone_defined(GROUNDS)).when(open_gate(MAIN)).then(gate_defined(MAIN))


def test_a_gate_joins_a_zone_with_its_parent() -> None:
    given(DECIDER, zone_defined(GROUNDS), zone_defined(HALL)).when(open_gate(EAST)).then(gate_defined(EAST))


def test_a_gate_does_not_jump_over_a_zone() -> None:
    before = given(DECIDER, *LAYOUT)

    before.when(open_gate(EAST, from_zone_id=None)).then_refused(GateLeadsNowhere)
    before.when(open_gate(EAST, from_zone_id="expo")).then_refused(GateLeadsNowhere)
    before.when(open_gate(MAIN, from_zone_id="hall")).then_refused(GateLeadsNowhere)


def test_a_gate_does_not_lead_to_a_zone_that_is_not_there() -> None:
    given(DECIDER, *LAYOUT).when(open_gate(EAST, to_zone_id="cellar")).then_refused(ZoneUnknown)


def test_a_gate_changes_in_place() -> None:
    renamed = EAST.model_copy(update={"name": "East door"})

    given(DECIDER, *LAYOUT).when(open_gate(EAST, name="East door")).then(gate_defined(renamed))


def test_a_gate_defined_as_it_is_changes_nothing() -> None:
    given(DECIDER, *LAYOUT).when(open_gate(EAST)).then()


def test_each_change_of_the_layout_is_a_new_policy() -> None:
    assert venue().policy_version == len(LAYOUT)
    assert venue(zone_defined(HALL.model_copy(update={"capacity": 9}))).policy_version == len(LAYOUT) + 1
