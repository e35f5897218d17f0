"""Somebody shows a badge at a gate and is admitted, refused, or leaves; where they are follows from it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal, cast
from uuid import UUID

import pytest

from services.access.domain import checks
from services.access.domain.layout import GateUnknown
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import InspectionFailed
from services.access.domain.record.layout import Gate, Hours, Inspection, Lane, Rules, RulesSet
from services.access.domain.record.orders import EvacuationOrdered, ThreatLevelSet
from services.access.domain.record.overlays import Overlay, OverlayAllocated
from services.access.domain.record.presence import ZoneCapacityReached, ZoneCapacityRestored
from services.access.domain.record.programme import Session, SessionScheduled
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched
from services.access.domain.rules.entry import Reading, Unreadable
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLINIC_DOOR,
    CLOSES,
    DECIDER,
    DINH,
    EAST,
    EASY_ROOMS,
    EXPO_DOOR,
    FAILS_WITH,
    GATES,
    GROUNDS,
    HALL,
    MAIN,
    OPENS,
    STAGE_DOOR,
    VENUE,
    WEST,
    badge,
    learned,
    locked,
    read_from,
    scan,
    scanned,
    served,
    venue,
    went_in,
    with_rules,
    zone,
    zone_defined,
)
from tests.controls import NOW, given

UNREADABLE: tuple[Unreadable, ...] = ("credential_malformed", "signing_key_unknown", "signature_invalid", "wrong_event")


def entry(shown: Badge | Reading, at: Gate = MAIN, *before: VenueEvent, **changed: Any) -> BadgeScanned:
    return scanned(venue(*before), scan(shown, at, **changed)).record


def exit_of(shown: Badge | Reading, at: Gate = MAIN, *before: VenueEvent, **changed: Any) -> BadgeScanned:
    return scanned(venue(*before), scan(shown, at, "out", **changed)).record


def told(anna: Badge) -> Sequence[VenueEvent]:
    return learned(anna)


# --- entries --------------------------------------------------------------------------------------------------------


def test_an_active_badge_is_admitted_and_its_holder_is_inside() -> None:
    anna = badge(ANNA)
    outcome = scanned(venue(*learned(anna)), scan(anna, MAIN))

    assert (outcome.record.outcome, outcome.record.failed, outcome.record.warnings) == ("admitted", (), ())
    assert (outcome.record.entered, outcome.record.left, outcome.record.count) == (("grounds",), (), 1)
    assert outcome.venue.presence.whereabouts[ANNA] == ("grounds",)


def test_whoever_goes_deeper_is_in_every_zone_on_the_way() -> None:
    anna = badge(ANNA)
    after = went_in(venue(*learned(anna)), anna, MAIN, EAST, STAGE_DOOR)

    assert after.presence.whereabouts[ANNA] == ("grounds", "hall", "stage")
    assert [after.presence.count(zone_id) for zone_id in ("grounds", "hall", "stage", "expo")] == [1, 1, 1, 0]


def test_a_scan_says_what_it_was_decided_on() -> None:
    anna = badge(ANNA)
    before = venue(*learned(anna))
    command = scan(anna, MAIN, holder_known=True)

    record = scanned(before, command).record

    assert (record.decided_on, record.policy_version) == (before.version, before.policy_version)
    assert (record.decided_at, record.scanned_at) == (command.now, command.scanned_at)
    assert (record.badge_id, record.badge_version, record.person_id) == (anna.badge_id, 1, ANNA)
    assert (record.delegation_id, record.category, record.capacity) == ("vn", "delegate", None)
    assert record.holder_displayed


def test_the_name_of_somebody_unknown_was_not_displayed() -> None:
    assert not entry(badge(ANNA), holder_known=True).holder_displayed


def test_a_gate_that_is_not_there_decides_nothing() -> None:
    nowhere = MAIN.model_copy(update={"gate_id": "back-door"})

    given(DECIDER).when(scan(badge(ANNA), nowhere)).then_refused(GateUnknown)


AN_HOUR = timedelta(hours=1)


def scheduled(session: Session) -> SessionScheduled:
    return SessionScheduled(session=session, venue_id=VENUE, moved=False)


Case = tuple[str, BadgeScanned]


def refusals() -> list[Case]:
    """One refusal for each code, by that code alone."""
    anna = badge(ANNA)
    newer = badge(ANNA, version=2)
    boris_on_stage = went_in(venue(*learned(badge(BORIS))), badge(BORIS), MAIN, EAST, STAGE_DOOR)
    anna_in_hall = went_in(DECIDER.fold(learned(anna), boris_on_stage), anna, MAIN, EAST)

    def alone(as_it_is: Badge, **changed: Any) -> BadgeScanned:
        return entry(read_from(anna), MAIN, *learned(as_it_is), **changed)

    def ruled(*rules: VenueEvent, at: Gate = MAIN, **shown: Any) -> BadgeScanned:
        return entry(anna, at, *rules, *learned(anna, badge(BORIS, delegation_id="fr")), **shown)

    def then(*scans: ScanBadge, rules: Sequence[VenueEvent] = ()) -> BadgeScanned:
        after = venue(*rules, *learned(anna, badge(BORIS), badge(CHAU, category="host-protocol")))
        for one in scans[:-1]:
            after = scanned(after, one).venue
        return scanned(after, scans[-1]).record

    where = {"venue_id": VENUE, "gate_id": "main"}
    lunch = Session(
        session_id="lunch", zone_id="grounds", titles=GROUNDS.names, starts_at=NOW - AN_HOUR, ends_at=NOW + AN_HOUR
    )
    lunch_of_media = lunch.model_copy(update={"categories": ("media",)})
    dinner = lunch.model_copy(update={"starts_at": NOW + AN_HOUR, "ends_at": NOW + 2 * AN_HOUR})
    only_session = with_rules(GROUNDS, by_session=True)
    pass_needed = with_rules(GROUNDS, overlays={"delegate": "secondary"})
    passes = [
        OverlayAllocated(overlay=Overlay(overlay_id=UUID(int=number), delegation_id=of, kind="secondary", number=1,
                                         text_hash=f"pass of {of}"), venue_id=VENUE)
        for number, of in enumerate(("vn", "fr"), start=1)
    ]  # fmt: skip
    escort_needed = with_rules(HALL, escorted=("delegate",), escorts=("host-protocol",))
    chau, boris = badge(CHAU, category="host-protocol"), badge(BORIS)

    return [
        *[(problem, entry(Reading(problem=problem))) for problem in UNREADABLE],
        ("credential_unknown", entry(anna)),
        ("credential_revoked", alone(badge(ANNA, revoked=True))),
        ("credential_superseded", alone(newer)),
        ("credential_lost", alone(badge(ANNA, holding="lost"))),
        ("credential_suspended", alone(badge(ANNA, suspended=True))),
        ("credential_suspended", alone(badge(ANNA, held=True))),
        ("credential_not_activated", alone(badge(ANNA, holding="issued"))),
        ("credential_not_activated", entry(newer, MAIN, *learned(anna))),
        ("credential_not_yet_valid", alone(anna, now=OPENS - timedelta(microseconds=1))),
        ("credential_expired", alone(anna, now=CLOSES)),
        ("credential_stolen", alone(badge(ANNA, holding="stolen"))),
        ("watchlist_block", ruled(PersonWatched(person_id=ANNA, outcome="block", reason="r1"))),
        ("watchlist_hold", ruled(PersonWatched(person_id=ANNA, outcome="hold", reason="r1"))),
        ("photo_mismatch", ruled(InspectionFailed(person_id=ANNA, kind="identity", **where))),
        ("too_many_attempts", then(
            scan(badge(ANNA), EAST), scan(anna, MAIN), rules=[RulesSet(rules=Rules(attempt_limit=1))])),
        ("gate_out_of_service", ruled(served(MAIN, state="out_of_service"))),
        ("gate_closed", ruled(served(MAIN, state="closed"))),
        ("wrong_direction", ruled(served(MAIN, direction="out"))),
        ("wrong_direction", ruled(served(MAIN, lanes=(Lane(lane_id="one", direction="out"),)), lane_id="one")),
        ("gate_not_granted", ruled(served(MAIN, categories=("media",)))),
        ("gate_not_granted", ruled(served(MAIN, lanes=(Lane(lane_id="vip", categories=("media",)),)), lane_id="vip")),
        ("zone_not_granted", alone(badge(ANNA, areas=("exh",)))),
        ("outside_time_window", ruled(with_rules(GROUNDS, hours=(Hours(opens=NOW - AN_HOUR, closes=NOW),)))),
        ("session_not_open", ruled(only_session)),
        ("session_not_open", ruled(only_session, scheduled(dinner))),
        ("session_not_granted", ruled(only_session, scheduled(lunch_of_media))),
        ("evacuation", ruled(EvacuationOrdered(
            evacuation_id=UUID(int=1), zone_id="grounds", venue_id=VENUE, names=GROUNDS.names, reason="fire",
            expected=0, unidentified=0, ordered_at=NOW))),
        ("lockdown", entry(anna, MAIN, *learned(anna), *locked(GROUNDS))),
        ("threat_level", ruled(ThreatLevelSet(venue_id=VENUE, level=1, reason="r1"))),
        ("companion_token_missing", ruled(pass_needed)),
        ("companion_token_foreign", ruled(pass_needed, overlay_hash="of nobody")),
        ("companion_token_foreign", ruled(pass_needed, *passes, overlay_hash="pass of fr")),
        ("companion_token_in_use", then(
            scan(badge(BORIS), MAIN, overlay_hash="pass of vn"), scan(anna, MAIN, overlay_hash="pass of vn"),
            rules=[pass_needed, *passes])),
        ("escort_required", then(scan(anna, MAIN), scan(anna, EAST), rules=[escort_needed])),
        ("escort_mismatch", then(
            scan(anna, MAIN), scan(boris, MAIN), scan(anna, EAST, companion=read_from(boris)), rules=[escort_needed])),
        ("host_absent", then(scan(anna, MAIN), scan(anna, EAST, companion=read_from(chau)), rules=[escort_needed])),
        ("second_person_required", ruled(with_rules(GROUNDS, minimum=2))),
        ("path_violation", entry(anna, EAST, *learned(anna))),
        ("inside_elsewhere", then(scan(anna, MAIN), scan(anna, EAST), scan(anna, EXPO_DOOR))),
        ("already_inside", scanned(anna_in_hall, scan(anna, WEST)).record),
        ("reentry_too_soon", then(
            scan(anna, MAIN), scan(anna, MAIN, "out"), scan(anna, MAIN, now=NOW + timedelta(minutes=9)),
            rules=[with_rules(GROUNDS, passback="timed", passback_minutes=10)])),
        ("impossible_travel", then(
            scan(anna, MAIN), scan(anna, EAST, now=NOW + timedelta(seconds=9)),
            rules=[served(MAIN, position=(0.0, 0.0)), served(EAST, position=(0.0, 91.0))])),
        ("entry_limit_reached", then(
            scan(anna, MAIN), scan(anna, MAIN, "out"), scan(anna, MAIN), rules=[with_rules(GROUNDS, entry_limit=1)])),
        ("zone_full", scanned(anna_in_hall, scan(anna, STAGE_DOOR)).record),
        ("delegation_seats_full", then(
            scan(boris, MAIN), scan(anna, MAIN), rules=[with_rules(GROUNDS, seats=1)])),
        ("screening_required", ruled(served(MAIN, screening=Inspection(categories=("delegate",))))),
        ("screening_required", ruled(served(MAIN, screening=Inspection(share=1.0)))),
        ("identity_check_required", ruled(served(MAIN, identity_check=Inspection(share=1.0)))),
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "record"), refusals(), ids=lambda one: one if isinstance(one, str) else "")
def test_an_entry_is_refused_for_one_reason_and_nobody_moves(code: str, record: BadgeScanned) -> None:
    assert (record.outcome, record.reason) == ("refused", code)
    assert record.failed == (code, *FAILS_WITH.get(code, ()))
    assert (record.entered, record.left, record.warnings) == ((), (), ())


def test_each_code_refuses_somebody_above() -> None:
    assert {code for code, _ in refusals()} == set(checks.CODES)


def test_of_several_reasons_the_first_in_order_is_given_and_all_are_recorded() -> None:
    hopeless = badge(ANNA, revoked=True, holding="lost", suspended=True, areas=())

    record = entry(hopeless, EAST, *learned(hopeless), *locked(HALL), now=CLOSES)

    assert record.failed == (
        "credential_revoked", "credential_lost", "credential_suspended", "credential_expired",
        "zone_not_granted", "lockdown", "path_violation",
    )  # fmt: skip
    assert record.reason == "credential_revoked"


@pytest.mark.parametrize("problem", UNREADABLE)
def test_what_cannot_be_read_fails_at_that_and_names_nobody(problem: Unreadable) -> None:
    record = entry(Reading(problem=problem), EAST, *locked(HALL))

    assert record.failed == (problem,)
    assert (record.badge_id, record.badge_version, record.person_id, record.delegation_id) == (None, None, None, None)


def test_a_badge_nobody_told_us_of_is_named_by_its_id() -> None:
    anna = badge(ANNA)
    record = entry(anna)

    assert (record.badge_id, record.badge_version, record.person_id) == (anna.badge_id, 1, None)


def test_the_earlier_end_and_the_later_beginning_hold_of_badge_and_credential() -> None:
    anna = badge(ANNA)
    hour = timedelta(hours=1)
    ended = read_from(anna, expires=NOW)
    begins = read_from(anna, not_before=NOW + hour)

    assert entry(ended, MAIN, *learned(anna)).reason == "credential_expired"
    assert entry(begins, MAIN, *learned(anna)).reason == "credential_not_yet_valid"
    assert entry(anna, MAIN, *learned(badge(ANNA, valid_until=NOW))).reason == "credential_expired"
    assert entry(anna, MAIN, *learned(badge(ANNA, valid_from=NOW + hour))).reason == "credential_not_yet_valid"


def test_a_badge_is_good_from_its_first_moment_to_its_last() -> None:
    anna = badge(ANNA)
    known = learned(anna)

    assert entry(anna, MAIN, *known, now=OPENS).outcome == "admitted"
    assert entry(anna, MAIN, *known, now=CLOSES - timedelta(microseconds=1)).outcome == "admitted"


def test_the_replaced_badge_is_superseded_even_if_the_new_one_is_not_handed_over() -> None:
    waiting = badge(ANNA, version=2, holding="issued")

    assert entry(badge(ANNA), MAIN, *learned(waiting)).reason == "credential_superseded"
    assert entry(waiting, MAIN, *learned(waiting)).reason == "credential_not_activated"


def test_a_replaced_badge_admits_in_its_new_version_though_the_old_was_lost() -> None:
    new = badge(ANNA, version=2)

    assert entry(new, MAIN, *learned(badge(ANNA, holding="lost"), new)).outcome == "admitted"


# --- open and medical zones -----------------------------------------------------------------------------------------


def test_an_open_zone_admits_again_whoever_left_unscanned_and_says_so() -> None:
    anna = badge(ANNA)
    once = went_in(venue(*learned(anna)), anna, MAIN, EXPO_DOOR)

    again = scanned(once, scan(anna, EXPO_DOOR))

    assert (again.record.outcome, again.record.warnings) == ("admitted", ("already_inside",))
    assert (again.record.entered, again.venue.presence.count("expo")) == ((), 1)


@pytest.mark.parametrize("zone_class", ["open", "medical"])
def test_whoever_is_inside_already_takes_no_further_place_when_it_is_full(
    zone_class: Literal["open", "medical"],
) -> None:
    for_one = zone("expo", "exh", within=GROUNDS, capacity=1, zone_class=zone_class)
    anna, boris = badge(ANNA), badge(BORIS)
    full = went_in(venue(zone_defined(for_one), *learned(anna, boris)), anna, MAIN, EXPO_DOOR)

    again = scanned(full, scan(anna, EXPO_DOOR))

    assert (again.record.outcome, "zone_full" in again.record.warnings) == ("admitted", False)
    assert (again.record.count, again.venue.presence.count("expo"), again.others) == (1, 1, [])
    newcomer = scanned(went_in(again.venue, boris, MAIN), scan(boris, EXPO_DOOR)).record
    assert "zone_full" in (*newcomer.failed, *newcomer.warnings)


def test_a_full_controlled_zone_refuses_whoever_is_inside_for_that_alone() -> None:
    anna = badge(ANNA)
    full = went_in(venue(*learned(anna)), anna, MAIN, EAST, STAGE_DOOR)

    assert scanned(full, scan(anna, STAGE_DOOR)).record.failed == ("already_inside",)


def test_an_open_zone_admits_nobody_who_is_already_inside_and_something_else_besides() -> None:
    anna = badge(ANNA)
    once = went_in(venue(*learned(anna)), anna, MAIN, EXPO_DOOR)
    suspended = DECIDER.fold(learned(badge(ANNA, suspended=True)), once)

    assert scanned(suspended, scan(anna, EXPO_DOOR)).record.reason == "credential_suspended"


@pytest.mark.parametrize(
    "now_it_is",
    [
        badge(ANNA, revoked=True),
        badge(ANNA, suspended=True),
        badge(ANNA, holding="lost"),
        badge(ANNA, version=2),
        badge(ANNA, areas=()),
        badge(ANNA, valid_until=OPENS),
    ],
    ids=["revoked", "suspended", "lost", "superseded", "no areas", "expired"],
)
def test_a_medical_zone_admits_whoever_comes_and_says_what_is_wrong(now_it_is: Badge) -> None:
    record = entry(badge(ANNA), CLINIC_DOOR, *learned(now_it_is))

    assert (record.outcome, record.entered) == ("admitted", ("clinic",))
    assert set(record.warnings) >= {"path_violation", "zone_not_granted"}
    assert record.failed == ()


@pytest.mark.parametrize("problem", UNREADABLE)
def test_a_medical_zone_counts_those_it_cannot_name(problem: Unreadable) -> None:
    outcome = scanned(venue(), scan(Reading(problem=problem), CLINIC_DOOR))

    assert (outcome.record.outcome, outcome.record.warnings) == ("admitted", (problem,))
    assert (outcome.record.person_id, outcome.venue.presence.count("clinic")) == (None, 1)
    assert (
        scanned(outcome.venue, scan(Reading(problem=problem), CLINIC_DOOR, "out")).venue.presence.count("clinic") == 0
    )


def test_a_full_medical_zone_admits_and_says_that_it_is_full() -> None:
    tiny = zone("clinic", "med", within=GROUNDS, capacity=1, zone_class="medical")
    anna, boris = badge(ANNA, areas=("med", "per")), badge(BORIS, areas=("med", "per"))
    before = went_in(venue(zone_defined(tiny), *learned(anna, boris)), anna, MAIN, CLINIC_DOOR)

    second = scanned(went_in(before, boris, MAIN), scan(boris, CLINIC_DOOR))

    assert (second.record.outcome, second.record.warnings) == ("admitted", ("zone_full",))
    assert second.venue.presence.count("clinic") == 2


# --- one place at a time --------------------------------------------------------------------------------------------


def test_whoever_is_scanned_in_another_room_has_left_the_first() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*EASY_ROOMS, *learned(anna)), anna, MAIN, EAST, STAGE_DOOR)

    outcome = scanned(before, scan(anna, EXPO_DOOR))

    assert (outcome.record.outcome, outcome.record.warnings) == ("admitted", ("inside_elsewhere",))
    assert (outcome.record.entered, outcome.record.left) == (("expo",), ("hall", "stage"))
    assert outcome.record.inferred == outcome.record.left
    assert outcome.venue.presence.whereabouts[ANNA] == ("grounds", "expo")


def test_whoever_is_believed_in_a_room_that_forgets_nobody_is_not_somewhere_else() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna)), anna, MAIN, EAST)

    outcome = scanned(before, scan(anna, EXPO_DOOR))

    assert (outcome.record.outcome, outcome.record.failed) == ("refused", ("inside_elsewhere",))
    assert outcome.venue.presence.whereabouts[ANNA] == ("grounds", "hall")


def test_unless_somebody_left_that_room_unread() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna)), anna, MAIN, EAST)
    one_left = scanned(before, scan(Reading(problem="credential_malformed"), EAST, "out")).venue

    outcome = scanned(one_left, scan(anna, EXPO_DOOR))

    assert (outcome.record.outcome, outcome.record.warnings) == ("admitted", ("inside_elsewhere",))
    assert outcome.venue.presence.count("hall") == 0


def test_a_refused_entry_leaves_everybody_where_they_are() -> None:
    anna = badge(ANNA, areas=("per", "pln"))
    before = went_in(venue(*learned(anna)), anna, MAIN, EAST)

    assert scanned(before, scan(anna, EXPO_DOOR)).venue.presence.whereabouts[ANNA] == ("grounds", "hall")


# --- exits ----------------------------------------------------------------------------------------------------------


def test_whoever_leaves_a_zone_has_left_everything_inside_it_too() -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna)), anna, MAIN, EAST, STAGE_DOOR)

    outcome = scanned(before, scan(anna, EAST, "out"))

    assert (outcome.record.outcome, outcome.record.left, outcome.record.warnings) == ("exited", ("hall", "stage"), ())
    assert outcome.venue.presence.whereabouts[ANNA] == ("grounds",)
    assert scanned(outcome.venue, scan(anna, MAIN, "out")).venue.presence.whereabouts.get(ANNA) is None


def test_an_exit_of_somebody_never_seen_inside_is_recorded_with_a_warning() -> None:
    anna = badge(ANNA)
    record = exit_of(anna, MAIN, *learned(anna))

    assert (record.outcome, record.warnings, record.left) == ("exited", ("not_inside",), ())


@pytest.mark.parametrize(
    ("now_it_is", "warning"),
    [
        (badge(ANNA, revoked=True), "credential_revoked"),
        (badge(ANNA, suspended=True), "credential_suspended"),
        (badge(ANNA, held=True), "credential_suspended"),
        (badge(ANNA, holding="lost"), "credential_lost"),
        (badge(ANNA, version=2), "credential_superseded"),
        (badge(ANNA, valid_until=OPENS), "credential_expired"),
    ],
)
def test_nobody_is_kept_inside_by_what_is_wrong_with_their_badge(now_it_is: Badge, warning: str) -> None:
    anna = badge(ANNA)
    before = DECIDER.fold(learned(now_it_is), went_in(venue(*learned(anna)), anna, MAIN))

    record = scanned(before, scan(anna, MAIN, "out")).record

    assert (record.outcome, record.failed, record.warnings) == ("exited", (), (warning,))
    assert record.left == ("grounds",)


def test_an_exit_through_a_lockdown_or_into_a_full_zone_warns_of_nothing() -> None:
    anna = badge(ANNA)
    before = DECIDER.fold(locked(GROUNDS), went_in(venue(*learned(anna)), anna, MAIN, EAST))

    record = scanned(before, scan(anna, EAST, "out")).record

    assert (record.outcome, record.warnings) == ("exited", ())


@pytest.mark.parametrize("problem", UNREADABLE)
def test_an_unreadable_exit_is_counted(problem: Unreadable) -> None:
    anna = badge(ANNA)
    before = went_in(venue(*learned(anna)), anna, MAIN)

    outcome = scanned(before, scan(Reading(problem=problem), MAIN, "out"))

    assert (outcome.record.outcome, outcome.record.warnings) == ("exited", (problem,))
    assert (outcome.record.left, outcome.record.count) == (("grounds",), 0)
    assert outcome.venue.presence.count("grounds") == 0


def test_a_count_never_falls_below_nobody() -> None:
    unreadable = Reading(problem="credential_malformed")
    once = scanned(venue(), scan(unreadable, MAIN, "out"))
    twice = scanned(once.venue, scan(unreadable, MAIN, "out"))

    assert (once.record.count, twice.record.count, twice.venue.presence.count("grounds")) == (0, 0, 0)


# --- capacity -------------------------------------------------------------------------------------------------------

People = Callable[[int], Venue]


@pytest.fixture
def with_people_in_hall() -> People:
    """The hall (3 places) with so many in it; all four people stand on the grounds at least."""

    def seated(count: int) -> Venue:
        badges = [badge(person) for person in (ANNA, BORIS, CHAU, DINH)]
        before = venue(*learned(*badges))
        for index, one in enumerate(badges):
            before = went_in(before, one, MAIN, *([EAST] if index < count else []))
        return before

    return seated


def test_the_last_place_taken_is_told(with_people_in_hall: People) -> None:
    outcome = scanned(with_people_in_hall(2), scan(badge(CHAU), EAST))

    assert (outcome.record.outcome, outcome.record.count, outcome.record.capacity) == ("admitted", 3, 3)
    assert outcome.others == [
        ZoneCapacityReached(zone_id="hall", venue_id=VENUE, names=HALL.names, count=3, capacity=3)
    ]


def test_a_full_zone_refuses_the_next_and_says_so_only_once(with_people_in_hall: People) -> None:
    outcome = scanned(with_people_in_hall(3), scan(badge(DINH), EAST))

    assert (outcome.record.outcome, outcome.record.reason, outcome.others) == ("refused", "zone_full", [])


def test_room_again_is_told(with_people_in_hall: People) -> None:
    outcome = scanned(with_people_in_hall(3), scan(badge(ANNA), EAST, "out"))

    assert outcome.others == [
        ZoneCapacityRestored(zone_id="hall", venue_id=VENUE, names=HALL.names, count=2, capacity=3)
    ]
    assert scanned(outcome.venue, scan(badge(DINH), EAST)).record.outcome == "admitted"


def test_somebody_scanned_elsewhere_makes_room_where_they_were(with_people_in_hall: People) -> None:
    outcome = scanned(DECIDER.fold(EASY_ROOMS, with_people_in_hall(3)), scan(badge(ANNA), EXPO_DOOR))

    assert [type(event) for event in outcome.others] == [ZoneCapacityRestored]
    assert scanned(outcome.venue, scan(badge(DINH), EAST)).record.outcome == "admitted"


def test_of_a_large_zone_room_is_told_at_nineteen_in_twenty() -> None:
    """A door that flickers between full and not full serves nobody."""
    large = zone("hall", "pln", within=GROUNDS, capacity=40)
    people = [badge(ANNA.__class__(int=ANNA.int + index)) for index in range(40)]
    before = venue(zone_defined(large), *learned(*people))
    for one in people:
        before = went_in(before, one, MAIN, EAST)

    told = []
    for one in people[:3]:
        outcome = scanned(before, scan(one, EAST, "out"))
        told.append([cast("ZoneCapacityRestored", event).count for event in outcome.others])
        before = outcome.venue

    assert told == [[], [38], []]


def test_a_smaller_capacity_drives_nobody_out_but_admits_nobody(with_people_in_hall: People) -> None:
    smaller = zone("hall", "pln", within=GROUNDS, capacity=1)
    before = DECIDER.fold([zone_defined(smaller)], with_people_in_hall(2))

    assert before.presence.count("hall") == 2
    assert scanned(before, scan(badge(CHAU), EAST)).record.reason == "zone_full"


def test_every_gate_lets_everybody_out() -> None:
    shown: list[Badge | Reading] = [badge(ANNA, revoked=True), badge(BORIS)]
    shown += [Reading(problem=problem) for problem in UNREADABLE]
    before = venue(*learned(badge(ANNA, revoked=True)), *locked(GROUNDS))

    for at in GATES:
        for one in shown:
            assert scanned(before, scan(one, at, "out")).record.outcome == "exited"
