"""A venue is laid out: zones in a tree, gates that join a zone with its parent, and a new policy with each change."""

from typing import Any

from services.access.domain.layout import DefineGate, DefineZone, GateLeadsNowhere, ZoneMoved, ZoneUnknown
from services.access.domain.venue import Gate, Zone
from tests.access.controls import (
    DECIDER,
    EAST,
    GROUNDS,
    HALL,
    LAYOUT,
    MAIN,
    STAGE,
    gate_defined,
    venue,
    zone_defined,
)
from tests.controls import given


def define(zone: Zone, **changed: Any) -> DefineZone:
    return DefineZone(**{**zone.model_dump(exclude={"path"}), **changed})


def open_gate(gate: Gate, **changed: Any) -> DefineGate:
    return DefineGate(**{**gate.model_dump(), **changed})


def test_a_venue_begins_with_an_outermost_zone() -> None:
    after = given(DECIDER).when(define(GROUNDS)).then(zone_defined(GROUNDS))

    assert after.zones["grounds"].path == ("grounds",)


def test_a_zone_within_a_zone_knows_the_way_from_outside() -> None:
    before = given(DECIDER, zone_defined(GROUNDS), zone_defined(HALL))

    after = before.when(define(STAGE)).then(zone_defined(STAGE))

    assert after.zones["stage"].path == ("grounds", "hall", "stage")


def test_a_zone_is_not_put_within_one_that_is_not_there() -> None:
    given(DECIDER).when(define(HALL)).then_refused(ZoneUnknown)


def test_a_zone_is_not_put_within_itself() -> None:
    given(DECIDER).when(define(GROUNDS, parent_id="grounds")).then_refused(ZoneUnknown)
    given(DECIDER, *LAYOUT).when(define(GROUNDS, parent_id="grounds")).then_refused(ZoneMoved)


def test_a_zone_changes_in_place() -> None:
    larger = HALL.model_copy(update={"capacity": 500})

    given(DECIDER, *LAYOUT).when(define(HALL, capacity=500)).then(zone_defined(larger))


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
