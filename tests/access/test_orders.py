"""A lockdown freezes the entries of a zone and of everything inside it; exits stay free."""

import pytest

from services.access.domain.layout import ZoneUnknown
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.domain.record.orders import LockdownLifted
from tests.access.controls import (
    ANNA,
    CLINIC_DOOR,
    DECIDER,
    EAST,
    EXPO_DOOR,
    HALL,
    LAYOUT,
    MAIN,
    STAGE_DOOR,
    VENUE,
    badge,
    learned,
    locked,
    scan,
    scanned,
    venue,
    went_in,
)
from tests.controls import given

DECLARE = DeclareLockdown(zone_id="hall", reason="suspect_parcel")
LIFT = LiftLockdown(zone_id="hall")
LIFTED = LockdownLifted(zone_id="hall", venue_id=VENUE, names=HALL.names)


def test_a_lockdown_is_declared() -> None:
    given(DECIDER, *LAYOUT).when(DECLARE).then(*locked(HALL))


def test_a_lockdown_in_force_is_not_declared_again_whatever_the_reason() -> None:
    given(DECIDER, *LAYOUT, *locked(HALL)).when(DECLARE.model_copy(update={"reason": "alarm"})).then()


def test_a_lockdown_is_lifted() -> None:
    given(DECIDER, *LAYOUT, *locked(HALL)).when(LIFT).then(LIFTED)


def test_a_lockdown_that_is_not_in_force_is_not_lifted() -> None:
    given(DECIDER, *LAYOUT).when(LIFT).then()
    given(DECIDER, *LAYOUT, *locked(HALL), LIFTED).when(LIFT).then()


@pytest.mark.parametrize("command", [DECLARE, LIFT])
def test_a_zone_that_is_not_there_is_neither_locked_nor_opened(command: DeclareLockdown | LiftLockdown) -> None:
    given(DECIDER).when(command).then_refused(ZoneUnknown)


def test_nobody_enters_a_locked_zone_or_one_inside_it() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna)), anna, MAIN)
    in_the_hall = went_in(before, anna, EAST)

    at_the_hall = scanned(DECIDER.fold(locked(HALL), before), scan(anna, EAST)).record
    at_the_stage = scanned(DECIDER.fold(locked(HALL), in_the_hall), scan(anna, STAGE_DOOR)).record

    assert (at_the_hall.outcome, at_the_hall.reason) == ("refused", "lockdown")
    assert (at_the_stage.outcome, at_the_stage.reason) == ("refused", "lockdown")


def test_a_lockdown_stops_nobody_elsewhere_and_nobody_who_leaves() -> None:
    anna = badge(ANNA)
    in_the_hall = DECIDER.fold(locked(HALL), went_in(venue(*learned(anna)), anna, MAIN, EAST))

    assert scanned(in_the_hall, scan(anna, EAST, "out")).record.outcome == "exited"
    outside = scanned(in_the_hall, scan(anna, EAST, "out")).venue
    assert scanned(outside, scan(anna, EXPO_DOOR)).record.outcome == "admitted"


def test_a_medical_zone_admits_through_a_lockdown_and_says_so() -> None:
    anna = badge(ANNA)
    before = DECIDER.fold(locked(HALL), went_in(venue(*learned(anna)), anna, MAIN))
    everything_locked = DECIDER.fold(locked(DECIDER.fold(LAYOUT).layout.zones["grounds"]), before)

    record = scanned(everything_locked, scan(anna, CLINIC_DOOR)).record

    assert record.outcome == "admitted"
    assert "lockdown" in record.warnings


def test_once_lifted_entries_are_decided_as_before() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna)), anna, MAIN)

    assert scanned(DECIDER.fold([*locked(HALL), LIFTED], before), scan(anna, EAST)).record.outcome == "admitted"
