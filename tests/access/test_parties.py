"""Who comes together: parties that one scan of their leader lets in, escorts, heads who pass with a pin."""

from uuid import UUID, uuid5

import pytest

from services.access.domain.badges import PersonUnknown
from services.access.domain.layout import LaneUnknown
from services.access.domain.parties import DissolveParty, FormParty, LeadsAnotherParty
from services.access.domain.passage import PassPinHolder, PinNotEntitled
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import Party, PartyDissolved, PartyFormed, PartyScanned
from services.access.domain.record.presence import ZoneCapacityReached
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched, WatchedPersonSeen
from services.access.domain.together import PARTY_EXTRA, PARTY_MISSING
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
    VENUE,
    Scanned,
    badge,
    decided,
    learned,
    locked,
    refusal,
    scan,
    scanned,
    venue,
    went_in,
    with_rules,
)
from tests.controls import NOW, given

EVE = UUID("018f0000-0000-7000-8000-00000000e4e0")
PEOPLE = (ANNA, BORIS, CHAU, DINH, EVE)
BADGES = {person: badge(person) for person in PEOPLE}
ANNAS = BADGES[ANNA]
PARTY_ID, OTHER_ID = UUID(int=8), UUID(int=9)
PARTY = Party(party_id=PARTY_ID, leader_id=ANNA, members=PEOPLE[1:])
FORMED = PartyFormed(party=PARTY, venue_id=VENUE)
ROOMY = with_rules(HALL, capacity=100)


def at_the_hall(*more: VenueEvent) -> Venue:
    """The party of five is formed and on the grounds."""
    before = venue(*learned(*BADGES.values()), FORMED, ROOMY)
    for person in PEOPLE:
        before = went_in(before, BADGES[person], MAIN)
    return DECIDER.fold(more, before)


def scans(outcome: Scanned) -> list[BadgeScanned]:
    return [outcome.record, *(one for one in outcome.others if isinstance(one, BadgeScanned))]


def told(outcome: Scanned) -> PartyScanned:
    (event,) = (one for one in outcome.others if isinstance(one, PartyScanned))
    return event


# --- formed -----------------------------------------------------------------------------------------------------------


def test_a_party_is_formed_of_people_who_have_badges() -> None:
    known = learned(*BADGES.values())

    given(DECIDER, *known).when(FormParty(party=PARTY)).then(FORMED)
    given(DECIDER, *known[:-1]).when(FormParty(party=PARTY)).then_refused(PersonUnknown)


def test_a_party_may_change_its_people_and_its_leader() -> None:
    changed = Party(party_id=PARTY_ID, leader_id=BORIS, members=(CHAU,))
    before = [*learned(*BADGES.values()), FORMED]

    after = given(DECIDER, *before).when(FormParty(party=changed)).then(PartyFormed(party=changed, venue_id=VENUE))

    assert dict(after.companions.led_by) == {BORIS: PARTY_ID}


def test_nobody_leads_two_parties() -> None:
    before = [*learned(*BADGES.values()), FORMED]
    other = Party(party_id=OTHER_ID, leader_id=ANNA, members=(BORIS,))

    given(DECIDER, *before).when(FormParty(party=other)).then_refused(LeadsAnotherParty)
    dissolved = PartyDissolved(party_id=PARTY_ID, venue_id=VENUE)
    given(DECIDER, *before, dissolved).when(FormParty(party=other)).then(PartyFormed(party=other, venue_id=VENUE))


def test_a_party_is_dissolved_once() -> None:
    before = [*learned(*BADGES.values()), FORMED]

    given(DECIDER, *before).when(DissolveParty(party_id=PARTY_ID)).then(
        PartyDissolved(party_id=PARTY_ID, venue_id=VENUE)
    )


# --- scanned ----------------------------------------------------------------------------------------------------------


def test_one_scan_of_the_leader_lets_everybody_in() -> None:
    outcome = scanned(at_the_hall(), scan(ANNAS, EAST, heads=5))

    assert [(one.person_id, one.basis, one.outcome) for one in scans(outcome)] == [
        (ANNA, "badge", "admitted"),
        *((person, "party", "admitted") for person in PEOPLE[1:]),
    ]
    assert all(one.because_of == outcome.record.scan_id for one in scans(outcome)[1:])
    assert [one.scan_id for one in scans(outcome)[1:]] == [
        uuid5(outcome.record.scan_id, str(person)) for person in PEOPLE[1:]
    ]
    assert set(outcome.venue.presence.inside["hall"]) == set(PEOPLE)
    assert outcome.record.warnings == ()
    assert (told(outcome).expected, told(outcome).heads, told(outcome).admitted, told(outcome).refused) == (5, 5, 5, 0)


def test_and_out_again() -> None:
    inside = scanned(at_the_hall(), scan(ANNAS, EAST, heads=5)).venue

    outcome = scanned(inside, scan(ANNAS, EAST, "out", heads=5))

    assert {one.outcome for one in scans(outcome)} == {"exited"}
    assert not outcome.venue.presence.inside["hall"]


@pytest.mark.parametrize(
    ("heads", "absent", "warnings", "inside"),
    [
        (5, (), (), 5),
        (4, (), (PARTY_MISSING,), 5),  # who is missing the guard does not say
        (4, (EVE,), (PARTY_MISSING,), 4),
        (5, (EVE,), (PARTY_MISSING, PARTY_EXTRA), 4),  # somebody came in Eve's place
        (6, (), (PARTY_EXTRA,), 5),
        (1, PEOPLE[1:], (PARTY_MISSING,), 1),
    ],
)
def test_whoever_is_missing_or_too_many_is_flagged(
    heads: int, absent: tuple[UUID, ...], warnings: tuple[str, ...], inside: int
) -> None:
    outcome = scanned(at_the_hall(), scan(ANNAS, EAST, heads=heads, absent=absent))

    assert outcome.record.warnings == warnings
    assert outcome.venue.presence.count("hall") == inside


def test_whoever_leads_no_party_brings_nobody() -> None:
    outcome = scanned(at_the_hall(), scan(BADGES[BORIS], EAST, heads=3))

    assert len(scans(outcome)) == 1
    assert outcome.record.warnings == (PARTY_EXTRA,)
    assert scanned(at_the_hall(), scan(BADGES[BORIS], EAST, heads=1)).record.warnings == ()


def test_a_member_who_would_be_refused_stays_out() -> None:
    suspended = learned(badge(CHAU, suspended=True))

    outcome = scanned(at_the_hall(*suspended), scan(ANNAS, EAST, heads=5))

    refused = [one for one in scans(outcome) if one.outcome == "refused"]
    assert [(one.person_id, one.failed) for one in refused] == [(CHAU, ("credential_suspended",))]
    assert CHAU not in outcome.venue.presence.inside["hall"]
    assert (told(outcome).admitted, told(outcome).refused) == (4, 1)


def test_a_party_whose_leader_is_refused_stays_out() -> None:
    outcome = scanned(at_the_hall(*locked(HALL)), scan(ANNAS, EAST, heads=5))

    assert (outcome.record.outcome, outcome.others) == ("refused", [])


def test_of_five_three_get_into_a_room_for_three() -> None:
    outcome = scanned(at_the_hall(with_rules(HALL, capacity=3)), scan(ANNAS, EAST, heads=5))

    assert [(one.outcome, one.reason) for one in scans(outcome)] == [
        *[("admitted", None)] * 3,
        *[("refused", "zone_full")] * 2,
    ]
    assert outcome.venue.presence.count("hall") == 3
    assert [one for one in outcome.others if isinstance(one, ZoneCapacityReached)]


def test_of_five_two_get_the_seats_of_their_delegation() -> None:
    outcome = scanned(at_the_hall(with_rules(HALL, capacity=100, seats=2)), scan(ANNAS, EAST, heads=5))

    assert [one.reason for one in scans(outcome)] == [None, None, *["delegation_seats_full"] * 3]
    assert len(outcome.venue.presence.seated["hall", "vn"]) == 2


def test_operations_are_told_of_a_member_who_is_looked_for() -> None:
    held = PersonWatched(person_id=CHAU, outcome="hold", reason="r1")

    outcome = scanned(at_the_hall(held), scan(ANNAS, EAST, heads=5))

    assert [one.person_id for one in outcome.others if isinstance(one, WatchedPersonSeen)] == [CHAU]


# --- escorts ----------------------------------------------------------------------------------------------------------

GUEST, HOST = badge(ANNA, category="guest", areas=("per", "pln")), badge(BORIS, category="host-protocol")
ESCORTED = with_rules(HALL, escorted=("guest",), escorts=("host-protocol",))


def test_the_escort_goes_in_with_whom_they_escort() -> None:
    before = went_in(went_in(venue(*learned(GUEST, HOST), ESCORTED), GUEST, MAIN), HOST, MAIN)

    outcome = scanned(before, scan(GUEST, EAST, companion=scan(HOST, EAST).reading))

    assert [(one.person_id, one.basis) for one in scans(outcome)] == [(ANNA, "badge"), (BORIS, "companion")]
    assert outcome.venue.presence.of(BORIS) == ("grounds", "hall")


def test_an_escort_who_waits_inside_is_not_scanned_again() -> None:
    before = went_in(went_in(venue(*learned(GUEST, HOST), ESCORTED), GUEST, MAIN), HOST, MAIN, EAST)

    assert len(scans(scanned(before, scan(GUEST, EAST, companion=scan(HOST, EAST).reading)))) == 1


def test_two_go_in_where_nobody_may_be_alone() -> None:
    two = with_rules(HALL, minimum=2)
    before = went_in(went_in(venue(*learned(ANNAS, BADGES[BORIS]), two), ANNAS, MAIN), BADGES[BORIS], MAIN)

    alone = scanned(before, scan(ANNAS, EAST))
    together = scanned(before, scan(ANNAS, EAST, companion=scan(BADGES[BORIS], EAST).reading))

    assert alone.record.failed == ("second_person_required",)
    assert together.venue.presence.count("hall") == 2
    last = scanned(together.venue, scan(ANNAS, EAST, "out"))
    assert last.record.warnings == ("zone_minimum_reached",)


# --- pins -------------------------------------------------------------------------------------------------------------

HEAD: Badge = badge(ANNA, category="head-of-state", holding="issued")


def tap(direction: str = "in", **changed: object) -> PassPinHolder:
    facts = {"scan_id": UUID(int=5), "gate_id": "main", "direction": direction, "person_id": ANNA}
    return PassPinHolder(**{**facts, "device_id": None, "now": NOW, **changed})  # type: ignore[arg-type]


def test_a_head_passes_whatever_the_rules_say_and_it_is_on_record() -> None:
    before = venue(*learned(HEAD), *locked(HALL))

    (record,) = decided(before, tap(gate_id="hall-east"))

    assert isinstance(record, BadgeScanned)
    assert (record.outcome, record.basis, record.source) == ("admitted", "pin", "manual")
    assert record.warnings == ("lockdown", "path_violation")  # that the badge was never handed over is no matter
    assert DECIDER.fold([record], before).presence.of(ANNA) == ("hall",)


def test_a_head_leaves_with_a_tap_too() -> None:
    inside = DECIDER.fold(decided(venue(*learned(HEAD)), tap()), venue(*learned(HEAD)))

    (record,) = decided(inside, tap("out", scan_id=UUID(int=6)))

    assert isinstance(record, BadgeScanned)
    assert (record.outcome, record.warnings, record.left) == ("exited", (), ("grounds",))


@pytest.mark.parametrize(
    "one",
    [
        badge(ANNA, category="delegate"),
        badge(ANNA, category="head-of-state", revoked=True),
        badge(ANNA, category="head-of-state", suspended=True),
        badge(BORIS, category="head-of-state"),
    ],
)
def test_nobody_else_passes_with_a_pin(one: Badge) -> None:
    assert type(refusal(venue(*learned(one)), tap())) is PinNotEntitled


def test_a_lane_that_is_not_there_is_said() -> None:
    assert type(refusal(venue(*learned(HEAD)), tap(lane_id="l9"))) is LaneUnknown


def test_a_name_that_was_not_here_was_not_shown() -> None:
    before = venue(*learned(HEAD))

    shown = [decided(before, tap(holder_known=known))[0] for known in (True, False)]

    assert [one.holder_displayed for one in shown if isinstance(one, BadgeScanned)] == [True, False]
