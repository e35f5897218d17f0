"""An evacuation: nobody enters, everybody leaves, each is looked for until they are found, then it begins anew."""

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.log.decider import Refused
from services.access.domain.badges import PersonUnknown
from services.access.domain.evacuation import (
    BadgeTellsNobody,
    EvacuationUnknown,
    GiveAllClear,
    InnerEvacuation,
    MusterPerson,
    OrderEvacuation,
    ReconcileMuster,
)
from services.access.domain.layout import RetireZone, ZoneInUse, ZoneUnknown
from services.access.domain.muster import Listed, Muster, muster
from services.access.domain.orders import DeclareLockdown
from services.access.domain.presence import CorrectOccupancy, InferExits, UnderEvacuation
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Zone, ZoneRetired
from services.access.domain.record.orders import AllClearGiven, EvacuationOrdered, MusterReconciled, PersonMustered
from services.access.domain.record.overlays import Overlay, OverlayAllocated
from services.access.domain.record.presence import ExitsInferred, ZoneCapacityRestored
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLINIC_DOOR,
    DECIDER,
    DINH,
    EAST,
    EXPO_DOOR,
    GROUNDS,
    HALL,
    LAYOUT,
    MAIN,
    STAGE_DOOR,
    VENUE,
    after,
    badge,
    gate,
    gate_defined,
    learned,
    read_from,
    scan,
    scanned,
    venue,
    went_in,
    with_rules,
    zone,
    zone_defined,
)
from tests.controls import NOW, given

FIRE = UUID("018f0000-0000-7000-8000-00000000f12e")
OTHER = UUID("018f0000-0000-7000-8000-00000000f12f")
EVACUATE_HALL = OrderEvacuation(evacuation_id=FIRE, zone_id="hall", reason="fire", now=NOW)
ALL_CLEAR = GiveAllClear(evacuation_id=FIRE)
PEOPLE = {
    ANNA: badge(ANNA, delegation_id="vn"),
    BORIS: badge(BORIS, delegation_id="fr"),
    CHAU: badge(CHAU, delegation_id="vn"),
    DINH: badge(DINH, delegation_id="fr"),
}


def house(*events: VenueEvent) -> Venue:
    """Anna is in the hall, Boris on its stage, Chau at the expo; Dinh is not here."""
    before = venue(*events, *learned(*PEOPLE.values()))
    before = went_in(before, PEOPLE[ANNA], MAIN, EAST)
    before = went_in(before, PEOPLE[BORIS], MAIN, EAST, STAGE_DOOR)
    return went_in(before, PEOPLE[CHAU], MAIN, EXPO_DOOR)


def ordered(of: Zone, expected: int = 0, unidentified: int = 0, evacuation_id: UUID = FIRE) -> EvacuationOrdered:
    return EvacuationOrdered(
        evacuation_id=evacuation_id,
        zone_id=of.zone_id,
        venue_id=VENUE,
        names=of.names,
        reason="fire",
        expected=expected,
        unidentified=unidentified,
        ordered_at=NOW,
    )


def checked_in(who: UUID | Reading | None, point: str = "lake") -> MusterPerson:
    return MusterPerson(FIRE, point, who)


def mustered(person: UUID | None, *, expected: bool) -> PersonMustered:
    return PersonMustered(
        evacuation_id=FIRE,
        venue_id=VENUE,
        point="lake",
        person_id=person,
        delegation_id=PEOPLE[person].delegation_id if person else None,
        expected=expected,
    )


def told(before: Venue, command: MusterPerson | ReconcileMuster) -> VenueEvent:
    """The one event that comes of it."""
    decision = DECIDER.decide(command, before)
    assert not isinstance(decision, Refused), decision
    (event,) = decision
    return event


def listed(before: Venue) -> Muster:
    return muster(before.orders.evacuations[FIRE], before)


def reconciled(before: Venue) -> dict[str, int]:
    event = told(before, ReconcileMuster(evacuation_id=FIRE))
    assert isinstance(event, MusterReconciled)
    return event.model_dump(exclude={"evacuation_id", "venue_id"})


def test_it_is_ordered_for_a_zone_with_how_many_are_believed_there() -> None:
    given(DECIDER, *LAYOUT).when(EVACUATE_HALL).then(ordered(HALL))
    assert DECIDER.decide(EVACUATE_HALL, house()) == [ordered(HALL, expected=2)]


def test_of_the_whole_venue_it_is_ordered_for_each_outermost_zone_under_one_number() -> None:
    annex = zone("annex", "ann")
    order = EVACUATE_HALL.model_copy(update={"zone_id": None})

    given(DECIDER, *LAYOUT, zone_defined(annex)).when(order).then(ordered(annex), ordered(GROUNDS))


def test_a_zone_that_is_being_evacuated_keeps_its_list() -> None:
    again = EVACUATE_HALL.model_copy(update={"evacuation_id": OTHER})
    stage = again.model_copy(update={"zone_id": "stage"})

    given(DECIDER, *LAYOUT, ordered(HALL)).when(again).then()
    given(DECIDER, *LAYOUT, ordered(HALL)).when(stage).then()


def test_a_zone_that_is_not_there_is_not_evacuated() -> None:
    given(DECIDER, *LAYOUT).when(EVACUATE_HALL.model_copy(update={"zone_id": "roof"})).then_refused(ZoneUnknown)


def test_nobody_enters_the_zone_or_one_inside_it_and_everybody_leaves() -> None:
    before = after(house(), EVACUATE_HALL)

    assert scanned(before, scan(PEOPLE[CHAU], EAST)).record.reason == "evacuation"
    assert scanned(before, scan(PEOPLE[ANNA], STAGE_DOOR)).record.reason == "evacuation"
    assert scanned(before, scan(PEOPLE[ANNA], EAST, "out")).record.outcome == "exited"
    assert scanned(before, scan(PEOPLE[DINH], MAIN)).record.outcome == "admitted"


def test_the_clinic_admits_all_the_same_and_says_so() -> None:
    before = after(house(), EVACUATE_HALL.model_copy(update={"zone_id": None}))
    record = scanned(before, scan(PEOPLE[CHAU], CLINIC_DOOR)).record

    assert (record.outcome, "evacuation" in record.warnings) == ("admitted", True)


def test_the_list_has_everybody_believed_inside_with_zone_and_delegation() -> None:
    assert listed(after(house(), EVACUATE_HALL)) == Muster(
        (Listed(ANNA, "hall", "vn", "missing"), Listed(BORIS, "stage", "fr", "missing")), (), nameless=0, unknown=0
    )


def test_whoever_is_in_the_clinic_only_is_looked_for_too() -> None:
    """It admits from anywhere, so they may be in it and not in what lies around it."""
    in_clinic = scanned(venue(*learned(PEOPLE[DINH])), scan(PEOPLE[DINH], CLINIC_DOOR)).venue
    unread = scanned(in_clinic, scan(Reading(problem="credential_malformed"), CLINIC_DOOR)).venue
    order = EVACUATE_HALL.model_copy(update={"zone_id": "grounds"})

    assert DECIDER.decide(order, unread) == [ordered(GROUNDS, expected=1, unidentified=1)]
    assert [one.person_id for one in listed(after(unread, order)).listed] == [DINH]
    assert listed(after(unread, order)).unknown == 1
    assert after(unread, order, ALL_CLEAR).presence.whereabouts.get(DINH) is None


def test_somebody_at_an_assembly_point_is_checked_in_by_badge_or_by_sight() -> None:
    before = after(house(), EVACUATE_HALL)

    assert told(before, checked_in(read_from(PEOPLE[ANNA]))) == mustered(ANNA, expected=True)
    assert told(before, checked_in(ANNA)) == mustered(ANNA, expected=True)


def test_whoever_was_not_expected_is_checked_in_as_well_and_so_is_whoever_has_no_name() -> None:
    before = after(house(), EVACUATE_HALL)

    assert told(before, checked_in(DINH)) == mustered(DINH, expected=False)
    assert told(before, checked_in(None)) == mustered(None, expected=False)
    at_the_lake = after(before, checked_in(DINH), checked_in(None), checked_in(None))
    assert (listed(at_the_lake).unexpected, listed(at_the_lake).nameless) == ((DINH,), 2)


def test_a_person_is_checked_in_once_wherever_they_turn_up_again() -> None:
    once = after(house(), EVACUATE_HALL, checked_in(ANNA))

    assert DECIDER.decide(checked_in(ANNA, "station"), once) == []


@pytest.mark.parametrize("wrong", [{"revoked": True}, {"suspended": True}, {"holding": "issued"}], ids=str)
def test_a_badge_that_opens_nothing_still_tells_who_is_safe(wrong: dict[str, object]) -> None:
    before = after(DECIDER.fold(learned(PEOPLE[ANNA].model_copy(update=wrong)), house()), EVACUATE_HALL)

    assert told(before, checked_in(read_from(PEOPLE[ANNA]))) == mustered(ANNA, expected=True)


@pytest.mark.parametrize(
    ("known", "reading"),
    [
        (badge(ANNA), Reading(problem="signature_invalid")),
        (badge(ANNA), Reading(badge_id=UUID(int=7), version=1)),
        (badge(ANNA, holding="lost"), read_from(badge(ANNA))),
        (badge(ANNA, holding="stolen"), read_from(badge(ANNA))),
        (badge(ANNA, version=2), read_from(badge(ANNA))),
    ],
    ids=["altered", "unknown", "lost", "stolen", "replaced"],
)
def test_a_badge_that_somebody_else_may_have_tells_nobody(known: Badge, reading: Reading) -> None:
    """Nobody is called safe because a stranger found their badge."""
    before = [*LAYOUT, *learned(known), ordered(HALL)]

    given(DECIDER, *before).when(checked_in(reading)).then_refused(BadgeTellsNobody)


def test_somebody_of_whom_nobody_ever_heard_is_not_checked_in_by_that_id() -> None:
    given(DECIDER, *LAYOUT, ordered(HALL)).when(checked_in(ANNA)).then_refused(PersonUnknown)


def test_whoever_left_through_a_gate_since_is_not_missing() -> None:
    before = after(house(), EVACUATE_HALL, scan(PEOPLE[ANNA], EAST, "out"))

    assert {one.person_id: one.standing for one in listed(before).listed} == {ANNA: "left", BORIS: "missing"}


def test_whoever_got_in_since_is_missing_until_they_turn_up() -> None:
    """A doctor, for one."""
    before = after(house(with_rules(HALL, zone_class="medical")), EVACUATE_HALL, scan(PEOPLE[CHAU], EAST))

    assert Listed(CHAU, "hall", "vn", "missing") in listed(before).listed


def test_the_list_and_the_points_are_compared_in_numbers() -> None:
    in_hall = after(house(), CorrectOccupancy(zone_id="hall", counted=5, reason="hand_count"), EVACUATE_HALL)
    before = after(in_hall, checked_in(ANNA), checked_in(DINH), checked_in(None))

    assert reconciled(before) == {"expected": 2, "accounted": 1, "missing": 1, "unknown": 2, "unexpected": 1}
    assert reconciled(after(before, checked_in(BORIS))) == {
        "expected": 2,
        "accounted": 2,
        "missing": 0,
        "unknown": 2,
        "unexpected": 1,
    }


def test_after_the_all_clear_nobody_is_believed_inside() -> None:
    before = after(house(), EVACUATE_HALL, checked_in(ANNA))
    stage = before.layout.zones["stage"]
    cleared = DECIDER.decide(ALL_CLEAR, before)

    assert not isinstance(cleared, Refused)
    assert cleared == [
        ExitsInferred(
            zone_id="hall", venue_id=VENUE, people=tuple(sorted((ANNA, BORIS))), unidentified={}, cause="all_clear"
        ),
        ZoneCapacityRestored(zone_id="stage", venue_id=VENUE, names=stage.names, count=0, capacity=1),
        AllClearGiven(evacuation_id=FIRE, zone_id="hall", venue_id=VENUE, names=HALL.names, missing=1),
    ]
    empty = DECIDER.fold(cleared, before)
    assert {zone_id: empty.presence.count(zone_id) for zone_id in ("grounds", "hall", "stage", "expo")} == {
        "grounds": 3,
        "hall": 0,
        "stage": 0,
        "expo": 1,
    }
    assert not empty.orders.evacuations
    assert not empty.orders.evacuated


def test_people_without_a_name_are_gone_too() -> None:
    counted = after(house(), CorrectOccupancy(zone_id="hall", counted=9, reason="hand_count"), EVACUATE_HALL, ALL_CLEAR)

    assert counted.presence.count("hall") == 0
    assert counted.presence.count("grounds") == 9, "they are taken to be outside the hall, not outside the venue"


def test_whoever_comes_back_is_counted_afresh_and_passback_begins_anew() -> None:
    strict = with_rules(HALL, passback="timed", passback_minutes=60, entry_limit=1)
    before = went_in(venue(strict, *learned(PEOPLE[ANNA])), PEOPLE[ANNA], MAIN, EAST)
    left = after(before, scan(PEOPLE[ANNA], EAST, "out"))
    back = scan(PEOPLE[ANNA], EAST, now=NOW + timedelta(minutes=5))

    assert scanned(left, back).record.failed == ("reentry_too_soon", "entry_limit_reached")
    assert scanned(after(left, EVACUATE_HALL, ALL_CLEAR), back).record.outcome == "admitted"
    again = scanned(after(before, EVACUATE_HALL, ALL_CLEAR), back).record
    assert (again.outcome, again.entered, again.count) == ("admitted", ("hall",), 1)


def test_without_the_all_clear_they_would_be_inside_already() -> None:
    """Control: what makes it begin anew is the all-clear."""
    hard = with_rules(HALL, passback="hard")
    before = went_in(venue(hard, *learned(PEOPLE[ANNA])), PEOPLE[ANNA], MAIN, EAST)

    assert scanned(before, scan(PEOPLE[ANNA], EAST)).record.reason == "already_inside"
    assert scanned(after(before, EVACUATE_HALL, ALL_CLEAR), scan(PEOPLE[ANNA], EAST)).record.outcome == "admitted"


def test_a_pass_that_was_inside_with_somebody_is_free_again() -> None:
    needs_pass = with_rules(HALL, overlays={"delegate": "red"})
    one = Overlay(overlay_id=UUID(int=5), delegation_id="vn", kind="red", number=1, text_hash="red-1")
    before = venue(needs_pass, *learned(PEOPLE[ANNA], PEOPLE[CHAU]), OverlayAllocated(overlay=one, venue_id=VENUE))
    before = went_in(went_in(before, PEOPLE[ANNA], MAIN), PEOPLE[CHAU], MAIN)
    before = after(before, scan(PEOPLE[ANNA], EAST, overlay_hash="red-1"))
    with_the_same = scan(PEOPLE[CHAU], EAST, overlay_hash="red-1")

    assert scanned(before, with_the_same).record.reason == "companion_token_in_use"
    assert scanned(after(before, EVACUATE_HALL, ALL_CLEAR), with_the_same).record.outcome == "admitted"


def test_the_whole_venue_is_cleared_in_one_piece() -> None:
    annex = zone("annex", "ann")
    annex_door = gate("annex-door", annex)
    host = badge(DINH, areas=("ann",))
    before = went_in(
        DECIDER.fold([zone_defined(annex), gate_defined(annex_door), *learned(host)], house()), host, annex_door
    )
    everywhere = after(before, EVACUATE_HALL.model_copy(update={"zone_id": None}))

    assert len(listed(everywhere).listed) == 4
    cleared = after(everywhere, ALL_CLEAR)
    assert (len(cleared.presence.whereabouts), len(cleared.orders.evacuations)) == (0, 0)


def test_a_room_inside_is_cleared_first() -> None:
    around = OrderEvacuation(evacuation_id=OTHER, zone_id="grounds", reason="fire", now=NOW)
    both = after(house(), EVACUATE_HALL, around)

    assert isinstance(DECIDER.decide(GiveAllClear(evacuation_id=OTHER), both), InnerEvacuation)
    hall_cleared = after(both, ALL_CLEAR)
    assert scanned(hall_cleared, scan(PEOPLE[CHAU], EAST)).record.reason == "evacuation", "the grounds still are"
    assert after(hall_cleared, GiveAllClear(evacuation_id=OTHER)).presence.count("grounds") == 0


@pytest.mark.parametrize("command", [checked_in(None), ReconcileMuster(evacuation_id=FIRE), ALL_CLEAR], ids=str)
def test_what_was_not_ordered_or_is_over_is_not_there(command: MusterPerson | ReconcileMuster | GiveAllClear) -> None:
    given(DECIDER, *LAYOUT).when(command).then_refused(EvacuationUnknown)
    over = after(house(), EVACUATE_HALL, ALL_CLEAR)
    assert isinstance(DECIDER.decide(command, over), EvacuationUnknown)


@pytest.mark.parametrize("zone_id", ["hall", "stage", "grounds", None])
def test_while_people_are_looked_for_nobody_is_taken_to_be_gone(zone_id: str | None) -> None:
    before = after(house(), EVACUATE_HALL)

    assert isinstance(DECIDER.decide(InferExits(zone_id=zone_id, cause="by_hand"), before), UnderEvacuation)
    assert DECIDER.decide(InferExits(zone_id=None, cause="nightly"), before) == []


def test_elsewhere_they_may_be() -> None:
    """Control: the evacuation of the hall is none of the expo's business."""
    before = after(house(), EVACUATE_HALL)

    assert after(before, InferExits(zone_id="expo", cause="by_hand")).presence.count("expo") == 0


def test_a_zone_with_an_order_in_force_is_not_retired() -> None:
    roof = zone("roof", "roof")
    bare = [*LAYOUT, zone_defined(roof)]

    given(DECIDER, *bare).when(RetireZone(zone_id="roof")).then(ZoneRetired(zone_id="roof", venue_id=VENUE))
    for order in (EVACUATE_HALL.model_copy(update={"zone_id": "roof"}), DeclareLockdown(zone_id="roof", reason="fire")):
        assert isinstance(DECIDER.decide(RetireZone(zone_id="roof"), after(DECIDER.fold(bare), order)), ZoneInUse)
