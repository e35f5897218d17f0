"""A pass changes hands at the door of a room: both passages, or none."""

from uuid import UUID, uuid5

from services.access.domain.handover import HandOverOverlay, HandoverRefused, OverlayForeign, OverlayNotInside
from services.access.domain.layout import GateUnknown
from services.access.domain.overlays import CancelOverlay, OverlayUnknown, in_use
from services.access.domain.presence import InferExits
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Gate
from services.access.domain.record.overlays import OverlayHandedOver
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    DECIDER,
    DINH,
    EAST,
    HALL,
    MAIN,
    STAGE_DOOR,
    VENUE,
    badge,
    decided,
    learned,
    locked,
    read_from,
    refusal,
    scan,
    scanned,
    venue,
    went_in,
    with_rules,
)
from tests.access.test_overlays import FIRST, SECOND, allocated
from tests.controls import NOW

HANDOVER = UUID(int=77)
ANNAS, BORISS, CHAUS, DINHS = badge(ANNA), badge(BORIS), badge(CHAU), badge(DINH, delegation_id="fr")
TWO_SEATS = with_rules(HALL, overlays={"delegate": "secondary"}, seats=1)


def hand_over(to: Badge | Reading, at: Gate = EAST, text: str = "text 1") -> HandOverOverlay:
    receiver = read_from(to) if isinstance(to, Badge) else to
    return HandOverOverlay(HANDOVER, at.gate_id, text, receiver, None, NOW)


def room(*more: VenueEvent) -> Venue:
    """Anna is in the hall with the pass, the others are on the grounds."""
    everybody = (ANNAS, BORISS, CHAUS, DINHS)
    before = venue(*learned(*everybody), TWO_SEATS, allocated(FIRST, 1), *more)
    for one in everybody:
        before = went_in(before, one, MAIN)
    inside = scanned(before, scan(ANNAS, EAST, overlay_hash="text 1"))
    assert inside.record.outcome == "admitted"
    return inside.venue


def test_one_leaves_and_the_other_takes_the_seat_in_one_go() -> None:
    before = room()

    told, left, entered = decided(before, hand_over(BORISS))

    assert told == OverlayHandedOver(
        overlay_id=FIRST,
        delegation_id="vn",
        venue_id=VENUE,
        zone_id="hall",
        from_person_id=ANNA,
        to_person_id=BORIS,
    )
    assert isinstance(left, BadgeScanned)
    assert isinstance(entered, BadgeScanned)
    assert (left.basis, left.outcome, left.left, left.inferred) == ("handover", "exited", ("hall",), ("hall",))
    assert (entered.basis, entered.outcome, entered.entered, entered.seated) == (
        "handover",
        "admitted",
        ("hall",),
        True,
    )
    assert {left.because_of, entered.because_of} == {HANDOVER}
    assert (left.scan_id, entered.scan_id) == (uuid5(HANDOVER, str(ANNA)), uuid5(HANDOVER, str(BORIS)))
    assert entered.count == before.presence.count("hall")
    after = DECIDER.fold([told, left, entered], before)
    assert (after.presence.of(ANNA), after.presence.of(BORIS)) == (("grounds",), ("grounds", "hall"))
    assert set(after.presence.seated["hall", "vn"]) == {BORIS}
    use = in_use(FIRST, after)
    assert use is not None
    assert (use.zone_id, use.person_id) == ("hall", BORIS)


def test_whoever_gave_the_pass_away_comes_in_again_only_with_another() -> None:
    after = DECIDER.fold(decided(room(allocated(SECOND, 2)), hand_over(BORISS)), room(allocated(SECOND, 2)))

    assert scanned(after, scan(ANNAS, EAST, overlay_hash="text 1")).record.reason == "companion_token_in_use"
    assert scanned(after, scan(ANNAS, EAST, overlay_hash="text 2")).record.reason == "delegation_seats_full"


def test_asked_again_it_is_done_already() -> None:
    before = room()
    command = hand_over(BORISS)

    assert decided(DECIDER.fold(decided(before, command), before), command) == []
    assert decided(before, hand_over(ANNAS)) == []


def test_a_full_room_stays_as_full_and_nobody_hears_of_it() -> None:
    two_of_them = with_rules(HALL, overlays={"delegate": "secondary"}, seats=1, capacity=1)
    before = room(two_of_them)
    assert "hall" in before.presence.full

    events = decided(before, hand_over(BORISS))

    assert [type(event).__name__ for event in events] == ["OverlayHandedOver", "BadgeScanned", "BadgeScanned"]
    assert DECIDER.fold(events, before).presence.full == before.presence.full


def test_whoever_was_deeper_inside_leaves_that_too_and_the_room_there_is_told() -> None:
    before = room()
    on_stage = went_in(before, ANNAS, STAGE_DOOR)
    assert "stage" in on_stage.presence.full

    events = decided(on_stage, hand_over(BORISS))

    assert [type(event).__name__ for event in events[3:]] == ["ZoneCapacityRestored"]
    assert DECIDER.fold(events, on_stage).presence.of(ANNA) == ("grounds",)


def test_nothing_changes_where_the_receiver_may_not_enter() -> None:
    suspended = badge(BORIS, suspended=True)
    refused = refusal(DECIDER.fold(learned(suspended), room()), hand_over(suspended))

    assert isinstance(refused, HandoverRefused)
    assert (refused.code, refused.failed, refused.detail) == (
        "handover_refused",
        ("credential_suspended",),
        "credential_suspended",
    )
    locked_now = DECIDER.fold(locked(HALL), room())
    assert refusal(locked_now, hand_over(BORISS)).detail == "lockdown"
    assert refusal(room(), hand_over(Reading(problem="signature_invalid"))).detail == "signature_invalid"
    assert refusal(room(), hand_over(badge(UUID(int=9)))).detail == "credential_unknown"


def test_why_is_said_as_a_gate_would_say_it() -> None:
    held = PersonWatched(person_id=BORIS, outcome="hold", reason="r1")

    refused = refusal(DECIDER.fold([held], room()), hand_over(BORISS))

    assert isinstance(refused, HandoverRefused)
    assert refused.failed == ("identity_check_required",)


def test_only_a_pass_that_is_in_the_zone_is_decided() -> None:
    before = room(allocated(SECOND, 2))
    gone = decided(before, InferExits(zone_id="hall", cause="by_hand", reason="r"))

    assert type(refusal(before, hand_over(BORISS, text="text 2"))) is OverlayNotInside
    assert type(refusal(before, hand_over(BORISS, at=MAIN))) is OverlayNotInside
    assert type(refusal(DECIDER.fold(gone, before), hand_over(BORISS))) is OverlayNotInside


def test_a_pass_stays_within_its_delegation() -> None:
    assert type(refusal(room(), hand_over(DINHS))) is OverlayForeign


def test_what_is_no_pass_or_no_gate_is_said() -> None:
    before = room()
    cancelled = decided(before, CancelOverlay(overlay_id=FIRST, reason="lost"))

    assert type(refusal(before, hand_over(BORISS, text="something else"))) is OverlayUnknown
    assert type(refusal(DECIDER.fold(cancelled, before), hand_over(BORISS))) is OverlayUnknown
    assert type(refusal(before, HandOverOverlay(HANDOVER, "no-gate", "text 1", read_from(BORISS), None, NOW))) is (
        GateUnknown
    )
