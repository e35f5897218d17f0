"""Overlay passes and seats: what a delegation gets of them, and where a pass is."""

from uuid import UUID

import pytest

from services.access.domain.layout import ZoneUnknown
from services.access.domain.overlays import AllocateOverlays, AllocateSeats, CancelOverlay, OverlayUnknown, in_use
from services.access.domain.presence import InferExits
from services.access.domain.record.overlays import (
    Overlay,
    OverlayAllocated,
    OverlayCancelled,
    SeatsAllocated,
)
from tests.access.controls import (
    ANNA,
    BORIS,
    DECIDER,
    EAST,
    HALL,
    LAYOUT,
    MAIN,
    STAGE,
    STAGE_DOOR,
    VENUE,
    WEST,
    after,
    badge,
    learned,
    scan,
    scanned,
    venue,
    went_in,
    with_rules,
)
from tests.controls import NOW, given

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))
ASKS = {"delegate": "secondary"}
ASKS_FOR_ONE = with_rules(HALL, overlays=ASKS)


def allocated(overlay_id: UUID, number: int, delegation_id: str = "vn", kind: str = "secondary") -> OverlayAllocated:
    overlay = Overlay(
        overlay_id=overlay_id, delegation_id=delegation_id, kind=kind, number=number, text_hash=f"text {overlay_id.int}"
    )
    return OverlayAllocated(overlay=overlay, venue_id=VENUE)


def allocate(*ids: UUID, delegation_id: str = "vn", kind: str = "secondary") -> AllocateOverlays:
    texts = {overlay_id: f"text {overlay_id.int}" for overlay_id in ids}
    return AllocateOverlays(delegation_id=delegation_id, kind=kind, texts=texts)


def test_a_delegation_gets_passes_numbered_from_one() -> None:
    given(DECIDER).when(allocate(FIRST, SECOND)).then(allocated(FIRST, 1), allocated(SECOND, 2))


def test_numbers_run_on_within_a_delegation_and_a_kind() -> None:
    before = [allocated(FIRST, 1), allocated(SECOND, 1, kind="interpreter")]

    given(DECIDER, *before).when(allocate(THIRD)).then(allocated(THIRD, 2))
    given(DECIDER, *before).when(allocate(THIRD, kind="interpreter")).then(allocated(THIRD, 2, kind="interpreter"))
    given(DECIDER, *before).when(allocate(THIRD, delegation_id="fr")).then(allocated(THIRD, 1, "fr"))


def test_the_number_of_a_lost_pass_is_not_given_again() -> None:
    lost = OverlayCancelled(overlay_id=FIRST, delegation_id="vn", venue_id=VENUE, reason="lost")

    given(DECIDER, allocated(FIRST, 1), lost).when(allocate(SECOND)).then(allocated(SECOND, 2))


def test_a_lost_pass_is_cancelled_once() -> None:
    cancel = CancelOverlay(overlay_id=FIRST, reason="lost")
    cancelled = OverlayCancelled(overlay_id=FIRST, delegation_id="vn", venue_id=VENUE, reason="lost")

    given(DECIDER, allocated(FIRST, 1)).when(cancel).then(cancelled)
    given(DECIDER).when(cancel).then_refused(OverlayUnknown)


def test_a_cancelled_pass_lets_nobody_in() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna), ASKS_FOR_ONE, allocated(FIRST, 1)), anna, MAIN)
    lost = after(before, CancelOverlay(overlay_id=FIRST, reason="lost"))

    assert scanned(before, scan(anna, EAST, overlay_hash="text 1")).record.outcome == "admitted"
    assert scanned(lost, scan(anna, EAST, overlay_hash="text 1")).record.failed == ("companion_token_foreign",)


def test_a_pass_is_where_it_was_brought_until_whoever_brought_it_leaves() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna), ASKS_FOR_ONE, allocated(FIRST, 1)), anna, MAIN)
    inside = scanned(before, scan(anna, EAST, overlay_hash="text 1"))

    use = in_use(FIRST, inside.venue)
    assert use is not None
    assert (use.zone_id, use.person_id, use.since) == ("hall", ANNA, NOW)
    assert in_use(FIRST, before) is None
    assert in_use(FIRST, scanned(inside.venue, scan(anna, WEST, "out")).venue) is None
    assert in_use(FIRST, after(inside.venue, InferExits(zone_id=None, cause="nightly"))) is None


def test_a_pass_that_is_inside_lets_nobody_else_in_until_it_is_out_again() -> None:
    anna, boris = badge(ANNA), badge(BORIS)
    before = venue(*learned(anna, boris), ASKS_FOR_ONE, allocated(FIRST, 1))
    inside = scanned(went_in(went_in(before, anna, MAIN), boris, MAIN), scan(anna, EAST, overlay_hash="text 1")).venue
    outside = scanned(inside, scan(anna, EAST, "out")).venue

    passed_back = scan(boris, EAST, overlay_hash="text 1")
    assert scanned(inside, passed_back).record.failed == ("companion_token_in_use",)
    assert scanned(outside, passed_back).record.outcome == "admitted"


def test_a_pass_counts_only_where_one_is_asked_for() -> None:
    anna = badge(ANNA)
    at_the_entrance = scanned(
        venue(*learned(anna), ASKS_FOR_ONE, allocated(FIRST, 1)), scan(anna, MAIN, overlay_hash="text 1")
    )

    assert at_the_entrance.record.overlay_id == FIRST
    assert in_use(FIRST, at_the_entrance.venue) is None


def test_deeper_inside_it_is_still_the_pass_by_which_one_is_in_the_outer_zone() -> None:
    anna = badge(ANNA)
    before = venue(*learned(anna), ASKS_FOR_ONE, with_rules(STAGE, overlays=ASKS), allocated(FIRST, 1))
    for at in (MAIN, EAST, STAGE_DOOR):
        before = scanned(before, scan(anna, at, overlay_hash="text 1")).venue
    off_stage = scanned(before, scan(anna, STAGE_DOOR, "out")).venue

    for moment in (before, off_stage):
        use = in_use(FIRST, moment)
        assert use is not None
        assert use.zone_id == "hall"


@pytest.mark.parametrize("seats", [0, 2, None])
def test_a_delegation_gets_seats_in_a_zone(seats: int | None) -> None:
    allocate = AllocateSeats(zone_id="hall", delegation_id="vn", seats=seats)
    told = SeatsAllocated(zone_id="hall", venue_id=VENUE, delegation_id="vn", seats=seats)
    before = SeatsAllocated(zone_id="hall", venue_id=VENUE, delegation_id="vn", seats=7)

    given(DECIDER, *LAYOUT, before).when(allocate).then(told)
    given(DECIDER).when(allocate).then_refused(ZoneUnknown)


def test_seats_that_are_as_the_zone_has_them_are_not_taken_away() -> None:
    given(DECIDER, *LAYOUT).when(AllocateSeats(zone_id="hall", delegation_id="vn", seats=None)).then()


def test_seats_are_a_matter_of_policy() -> None:
    before = venue()

    assert after(before, AllocateSeats(zone_id="hall", delegation_id="vn", seats=1)).policy_version == (
        before.policy_version + 1
    )
