"""The tests of deciders rest on ``given(...).when(...).then(...)``: it must notice what it is there to notice."""

import pytest

from chassis.log.decider import Decider, Decision, Refused, Unknown
from tests.chassis.log.test_obey import HALL, Guests, HallFilled, SeatTaken, SoldOut, TakeSeat, evolve
from tests.controls import given

FULL = [SeatTaken(guest=guest) for guest in "abcde"]


def test_events_that_follow_are_noticed() -> None:
    after = given(HALL, *FULL[:4]).when(TakeSeat(guest="e")).then(SeatTaken(guest="e"), HallFilled())

    assert after == set("abcde")


def test_what_is_so_already_yields_nothing() -> None:
    given(HALL, *FULL).when(TakeSeat(guest="a")).then()


def test_a_refusal_is_noticed() -> None:
    refused = given(HALL, *FULL).when(TakeSeat(guest="f")).then_refused(SoldOut)

    assert refused.detail == "5 seats"


def test_other_events_than_expected_fail() -> None:
    with pytest.raises(AssertionError):
        given(HALL).when(TakeSeat(guest="a")).then(SeatTaken(guest="b"))
    with pytest.raises(AssertionError):
        given(HALL).when(TakeSeat(guest="a")).then()


def test_a_refusal_where_events_were_expected_fails_and_the_other_way_round() -> None:
    with pytest.raises(AssertionError, match="sold_out"):
        given(HALL, *FULL).when(TakeSeat(guest="f")).then(SeatTaken(guest="f"))
    with pytest.raises(AssertionError, match="SoldOut"):
        given(HALL).when(TakeSeat(guest="f")).then_refused(SoldOut)


def test_another_refusal_than_expected_fails() -> None:
    with pytest.raises(AssertionError):
        given(HALL, *FULL).when(TakeSeat(guest="f")).then_refused(Unknown)
    with pytest.raises(AssertionError):
        given(HALL, *FULL).when(TakeSeat(guest="f")).then_refused(Refused)


def test_a_decider_that_is_never_content_fails() -> None:
    """Control: the law that asking twice yields nothing."""

    def forgetful(command: TakeSeat, _guests: Guests) -> Decision[SeatTaken | HallFilled]:
        return [SeatTaken(guest=command.guest)]

    never_content = Decider(forgetful, evolve, HALL.initial, HALL.events)
    with pytest.raises(AssertionError, match="asked twice"):
        given(never_content).when(TakeSeat(guest="a")).then(SeatTaken(guest="a"))
