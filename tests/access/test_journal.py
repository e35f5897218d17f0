"""A journal's scans are facts: each goes on record once, as the device decided it, and moves people as it did."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.access.domain import brought as brought_
from services.access.domain.brought import JournalScan
from services.access.domain.devices import DeviceUnknown
from services.access.domain.journal import JournalGap, UploadJournal
from services.access.domain.record.badges import Badge, BadgeLearned
from services.access.domain.record.devices import DeviceMoved
from services.access.domain.record.journal import (
    AdmittedAfterRevocation,
    ClockSuspected,
    DoubleEntryDetected,
    JournalEntryDisputed,
    JournalUploaded,
    StaleDataAdmitted,
)
from services.access.domain.record.layout import Direction, Gate, GateRetired
from services.access.domain.record.presence import ExitsInferred, PassageUndone, ZoneCapacityReached
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import DuressSignalled
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent
from services.access.published import publish
from tests.access.bringing import ENROLLED, device_at, entry, upload
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLINIC_DOOR,
    DECIDER,
    EAST,
    EXPO,
    EXPO_DOOR,
    GATES,
    LAYOUT,
    MAIN,
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

A_BADGE, B_BADGE, C_BADGE = badge(ANNA), badge(BORIS), badge(CHAU)
E = TypeVar("E", bound=VenueEvent)


@pytest.fixture
def centre() -> Venue:
    return venue(*ENROLLED, *learned(A_BADGE, B_BADGE, C_BADGE))


def brought(before: Venue, at: Gate, *scans: JournalScan, on_record: Iterable[BadgeScanned] = ()) -> list[VenueEvent]:
    """What comes of an upload that is not refused."""
    decision = DECIDER.decide(upload(at, scans, on_record), before)
    assert not isinstance(decision, Refused), decision
    return list(decision)


def among(events: Iterable[VenueEvent], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def scans_in(events: Iterable[VenueEvent]) -> list[BadgeScanned]:
    return among(events, BadgeScanned)


def disputes(events: Iterable[VenueEvent]) -> list[str]:
    return [event.cause for event in among(events, JournalEntryDisputed)]


def inside(of: Venue, person: UUID) -> tuple[str, ...]:
    return of.presence.of(person)


# --- facts ----------------------------------------------------------------------------------------------------------


def test_what_the_device_decided_is_on_record_as_it_decided_it(centre: Venue) -> None:
    let_in, kept_out = (
        entry(1, A_BADGE, MAIN, ago_s=60),
        entry(2, B_BADGE, MAIN, ago_s=50, outcome="refused", reason="lockdown"),
    )

    events = brought(centre, MAIN, let_in, kept_out, entry(3, A_BADGE, MAIN, "out", ago_s=40))

    assert isinstance(events[0], JournalUploaded)
    assert [(one.outcome, one.reason, one.basis) for one in scans_in(events)] == [
        ("admitted", None, "journal"),
        ("refused", "lockdown", "journal"),
        ("exited", None, "journal"),
    ]
    first = scans_in(events)[0]
    assert (first.scan_id, first.device_id) == (let_in.scan_id, device_at(MAIN).device_id)
    assert (first.scanned_at, first.decided_at) == (let_in.scanned_at, let_in.scanned_at)


def test_nobody_decides_them_again(centre: Venue) -> None:
    """A revoked badge, a full zone: the device let them in, so they are in."""
    revoked = BadgeLearned(badge=A_BADGE.model_copy(update={"revoked": True}), source_number=9)

    events = brought(DECIDER.fold([revoked], centre), EAST, entry(1, A_BADGE, EAST))

    assert [one.outcome for one in scans_in(events)] == ["admitted"]
    assert inside(DECIDER.fold(events, centre), ANNA) == ("grounds", "hall")


def test_people_are_moved_in_the_order_of_the_device(centre: Venue) -> None:
    scans = [
        entry(1, A_BADGE, MAIN, ago_s=50),
        entry(2, B_BADGE, MAIN, ago_s=40),
        entry(3, A_BADGE, MAIN, "out", ago_s=30),
        entry(4, A_BADGE, MAIN, ago_s=20),
        entry(5, B_BADGE, MAIN, "out", ago_s=10),
    ]  # fmt: skip

    after_it = DECIDER.fold(brought(centre, MAIN, *scans), centre)

    assert (inside(after_it, ANNA), inside(after_it, BORIS)) == (("grounds",), ())
    assert after_it.presence.count("grounds") == 1


def test_whoever_turns_up_elsewhere_has_left_where_they_were(centre: Venue) -> None:
    events = brought(went_in(centre, A_BADGE, MAIN, EAST), EXPO_DOOR, entry(1, A_BADGE, EXPO_DOOR))

    (record,) = scans_in(events)
    assert (record.left, record.inferred, record.warnings) == (("hall",), ("hall",), ("inside_elsewhere",))


def test_a_zone_that_filled_up_meanwhile_is_full(centre: Venue) -> None:
    people = [entry(number, one, EAST) for number, one in enumerate((A_BADGE, B_BADGE, C_BADGE), start=1)]

    assert [event.zone_id for event in among(brought(centre, EAST, *people), ZoneCapacityReached)] == ["hall"]


def test_each_record_says_what_it_rests_on(centre: Venue) -> None:
    """The versions run on through the upload, so that a record can be looked at in its place."""
    events = brought(centre, MAIN, entry(1, A_BADGE, MAIN), entry(2, B_BADGE, MAIN))

    for index, event in enumerate(events):
        if isinstance(event, BadgeScanned):
            assert event.decided_on == centre.version + index


def test_the_policy_that_the_device_went_by_is_named(centre: Venue) -> None:
    said, unsaid = entry(1, A_BADGE, MAIN, policy_version=4), entry(2, B_BADGE, MAIN)

    assert [one.policy_version for one in scans_in(brought(centre, MAIN, said, unsaid))] == [4, centre.policy_version]


def test_a_silent_alarm_is_told_however_late(centre: Venue) -> None:
    assert among(brought(centre, MAIN, entry(1, A_BADGE, MAIN, duress=True)), DuressSignalled)


# --- never lost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", [Reading("credential_malformed"), Reading(badge_id=uuid4(), version=1)])
def test_whoever_cannot_be_told_by_name_is_counted(centre: Venue, reading: Reading) -> None:
    events = brought(centre, MAIN, entry(1, reading, MAIN), entry(2, reading, MAIN), entry(3, reading, MAIN, "out"))

    first = scans_in(events)[0]
    assert (first.warnings, first.badge_id) == ((reading.problem or "credential_unknown",), reading.badge_id)
    assert DECIDER.fold(events, centre).presence.count("grounds") == 1


def test_a_gate_that_the_device_stood_at_before_is_one_of_its_gates(centre: Venue) -> None:
    moved = DeviceMoved(device_id=device_at(MAIN).device_id, gate_id="hall-east", from_gate_id="main")

    events = brought(DECIDER.fold([moved], centre), MAIN, entry(1, A_BADGE, MAIN), entry(2, A_BADGE, EAST))

    assert [one.gate_id for one in scans_in(events)] == ["main", "hall-east"]
    assert disputes(events) == []


def test_a_gate_it_never_stood_at_is_disputed_and_on_record(centre: Venue) -> None:
    foreign = entry(1, A_BADGE, STAGE_DOOR)

    events = brought(centre, MAIN, foreign)

    (dispute,) = among(events, JournalEntryDisputed)
    assert (dispute.cause, dispute.gate_id, dispute.recorded_as) == ("foreign_gate", "stage-door", foreign.scan_id)
    assert [one.zone_id for one in scans_in(events)] == ["stage"]


def test_a_gate_that_there_is_not_is_told_of_once(centre: Venue) -> None:
    before = DECIDER.fold([GateRetired(gate_id="expo-door", venue_id=VENUE)], centre)
    nowhere = entry(1, A_BADGE, EXPO_DOOR)

    events = brought(before, MAIN, nowhere)

    assert scans_in(events) == []
    (dispute,) = among(events, JournalEntryDisputed)
    assert (dispute.cause, dispute.recorded_as, dispute.badge_id) == ("gate_unknown", None, A_BADGE.badge_id)
    assert brought(DECIDER.fold(events, before), MAIN, nowhere) == []


# --- never doubled --------------------------------------------------------------------------------------------------


def test_what_was_brought_before_is_passed_over(centre: Venue) -> None:
    scans = [entry(1, A_BADGE, MAIN), entry(2, B_BADGE, MAIN)]
    events = brought(centre, MAIN, *scans)
    after_it = DECIDER.fold(events, centre)

    assert brought(after_it, MAIN, *scans, on_record=scans_in(events)) == []
    more = brought(after_it, MAIN, *scans, entry(3, C_BADGE, MAIN), on_record=scans_in(events))

    assert [one.badge_id for one in scans_in(more)] == [C_BADGE.badge_id]
    assert isinstance(more[0], JournalUploaded)
    assert (more[0].first, more[0].last, more[0].scans) == (1, 3, 1)


def test_if_nobody_looked_what_is_on_record_it_would_be_doubled(centre: Venue) -> None:
    """Control: the same upload, told of nothing that is on record."""
    scans = [entry(1, A_BADGE, MAIN)]
    after_it = DECIDER.fold(brought(centre, MAIN, *scans), centre)

    assert len(scans_in(brought(after_it, MAIN, *scans))) == 1


def test_a_scan_whose_verdict_was_lost_on_the_way_is_not_doubled(centre: Venue) -> None:
    """Decided here, the answer never heard, decided by the device in the same way."""
    live = replace(scan(A_BADGE, MAIN), device_id=device_at(MAIN).device_id)
    told = scanned(centre, live)
    same = entry(1, A_BADGE, MAIN, scan_id=live.scan_id, scanned_at=live.scanned_at)

    events = brought(told.venue, MAIN, same, on_record=[told.record])

    assert scans_in(events) == []
    assert DECIDER.fold(events, told.venue).journal.brought[device_at(MAIN).device_id].last == 1


def test_a_gap_is_refused_with_the_number_that_is_expected(centre: Venue) -> None:
    after_two = DECIDER.fold(brought(centre, MAIN, entry(1, A_BADGE, MAIN), entry(2, B_BADGE, MAIN)), centre)

    for numbers, expected in (((4,), 3), ((3, 5), 4), ((3, 3), 4)):
        gap = DECIDER.decide(upload(MAIN, [entry(number, A_BADGE, MAIN) for number in numbers]), after_two)
        assert isinstance(gap, JournalGap)
        assert gap.expected == expected


def test_each_device_counts_for_itself(centre: Venue) -> None:
    after_it = DECIDER.fold(brought(centre, MAIN, entry(1, A_BADGE, MAIN)), centre)

    assert scans_in(brought(after_it, EAST, entry(1, A_BADGE, EAST)))


def test_a_device_that_forgot_its_count_loses_nothing(centre: Venue) -> None:
    """Its storage was wiped: it begins with 1 again, and these are other scans."""
    after_it = DECIDER.fold(brought(centre, MAIN, *(entry(number, A_BADGE, MAIN) for number in (1, 2, 3))), centre)

    events = brought(after_it, MAIN, entry(1, B_BADGE, MAIN))

    assert [one.badge_id for one in scans_in(events)] == [B_BADGE.badge_id]
    assert disputes(events) == ["number_reused"]
    assert DECIDER.fold(events, after_it).journal.brought[device_at(MAIN).device_id].last == 3


def test_a_scan_id_of_another_scan_is_disputed_and_both_are_on_record(centre: Venue) -> None:
    first = entry(1, A_BADGE, MAIN)
    other = entry(2, B_BADGE, MAIN, scan_id=first.scan_id)

    events = brought(centre, MAIN, first, other)

    one, two = scans_in(events)
    assert (one.scan_id, one.badge_id, two.badge_id) == (first.scan_id, A_BADGE.badge_id, B_BADGE.badge_id)
    assert (two.scan_id, two.because_of) == (other.second_id(device_at(MAIN).device_id), first.scan_id)
    assert disputes(events) == ["scan_id_reused"]
    after_it = DECIDER.fold(events, centre)
    assert brought(after_it, MAIN, first, other, on_record=(one, two)) == []


def test_a_device_that_gives_all_its_scans_one_id_loses_none(centre: Venue) -> None:
    same = uuid4()

    scans = (entry(number, A_BADGE, MAIN, scan_id=same, ago_s=9 - number) for number in range(1, 6))

    events = brought(centre, MAIN, *scans)

    assert len({one.scan_id for one in scans_in(events)}) == 5


# --- another verdict than ours --------------------------------------------------------------------------------------


def test_somebody_refused_here_and_let_in_there_is_inside(centre: Venue) -> None:
    live = replace(scan(A_BADGE, EAST), device_id=device_at(EAST).device_id)  # not seen at the entrance
    told = scanned(centre, live)
    assert told.record.outcome == "refused"
    theirs = entry(1, A_BADGE, EAST, scan_id=live.scan_id, scanned_at=live.scanned_at)

    events = brought(told.venue, EAST, theirs, on_record=[told.record])

    assert disputes(events) == ["decided_otherwise"]
    (record,) = scans_in(events)
    assert (record.outcome, record.because_of) == ("admitted", live.scan_id)
    after_it = DECIDER.fold(events, told.venue)
    assert inside(after_it, ANNA) == ("grounds", "hall")
    assert brought(after_it, EAST, theirs, on_record=[told.record, record]) == []


def test_somebody_let_in_here_and_refused_there_is_where_they_were(centre: Venue) -> None:
    before = went_in(centre, A_BADGE, MAIN, EXPO_DOOR)
    live = replace(scan(A_BADGE, CLINIC_DOOR), device_id=device_at(CLINIC_DOOR).device_id)
    told = scanned(before, live)
    assert inside(told.venue, ANNA) == ("grounds", "clinic")
    theirs = entry(
        1, A_BADGE, CLINIC_DOOR, scan_id=live.scan_id, scanned_at=live.scanned_at, outcome="refused", reason="lockdown"
    )

    events = brought(told.venue, CLINIC_DOOR, theirs, on_record=[told.record])

    (undone,) = among(events, PassageUndone)
    assert (undone.scan_id, undone.left, undone.entered) == (live.scan_id, ("clinic",), ("expo",))
    assert inside(DECIDER.fold(events, told.venue), ANNA) == ("grounds", "expo")


def test_unless_they_have_moved_since(centre: Venue) -> None:
    live = replace(scan(A_BADGE, MAIN), device_id=device_at(MAIN).device_id)
    told = scanned(centre, live)
    moved_on = after(told.venue, scan(A_BADGE, EAST, now=NOW + timedelta(seconds=30)))
    theirs = entry(
        1, A_BADGE, MAIN, scan_id=live.scan_id, scanned_at=live.scanned_at, outcome="refused", reason="lockdown"
    )

    events = brought(moved_on, MAIN, theirs, on_record=[told.record])

    assert among(events, PassageUndone) == []
    assert disputes(events) == ["decided_otherwise"]
    assert inside(DECIDER.fold(events, moved_on), ANNA) == ("grounds", "hall")


# --- late -----------------------------------------------------------------------------------------------------------


def left_at_8_25(before: Venue) -> Venue:
    walk = (
        scan(A_BADGE, MAIN, now=NOW - timedelta(minutes=20)),
        scan(A_BADGE, MAIN, "out", now=NOW - timedelta(minutes=5)),
    )
    return after(before, *walk)


def test_an_old_fact_moves_nobody_back(centre: Venue) -> None:
    """In at 8:20 by a gate on its own, out at 8:25 by another, brought at 8:30."""
    gone = left_at_8_25(centre)

    events = brought(gone, EAST, entry(1, A_BADGE, EAST, ago_s=600))

    (record,) = scans_in(events)
    assert (record.outcome, record.warnings, record.entered) == ("admitted", ("overtaken",), ())
    assert inside(DECIDER.fold(events, gone), ANNA) == ()


def test_a_newer_fact_does(centre: Venue) -> None:
    """Control: the same, a moment after they left."""
    gone = left_at_8_25(centre)

    events = brought(gone, EAST, entry(1, A_BADGE, EAST, ago_s=299))

    assert inside(DECIDER.fold(events, gone), ANNA) == ("grounds", "hall")


def test_a_refusal_says_nothing_of_where_somebody_is(centre: Venue) -> None:
    refused = entry(1, A_BADGE, STAGE_DOOR, ago_s=10, outcome="refused", reason="zone_not_granted")
    before = after(centre, upload(STAGE_DOOR, [refused]))

    assert inside(after(before, upload(EAST, [entry(1, A_BADGE, EAST, ago_s=20)])), ANNA) == ("grounds", "hall")


def test_whoever_is_in_a_room_is_in_all_that_is_around_it(centre: Venue) -> None:
    """The main gate brings its journal later: that adds nothing and takes nothing away."""
    hall = after(centre, upload(EAST, [entry(1, A_BADGE, EAST, ago_s=20)]))
    assert inside(hall, ANNA) == ("grounds", "hall")

    assert inside(after(hall, upload(MAIN, [entry(1, A_BADGE, MAIN, ago_s=60)])), ANNA) == ("grounds", "hall")


def test_whoever_left_a_room_is_in_what_is_around_it(centre: Venue) -> None:
    expo = after(centre, upload(EXPO_DOOR, [entry(1, A_BADGE, EXPO_DOOR, ago_s=60)]))

    events = brought(expo, EAST, entry(1, A_BADGE, EAST, "out", ago_s=20))

    (record,) = scans_in(events)
    assert (record.left, record.inferred, record.warnings) == (("expo",), ("expo",), ("not_inside",))
    assert inside(DECIDER.fold(events, expo), ANNA) == ("grounds",)


walks = st.lists(
    st.tuples(st.sampled_from((ANNA, BORIS)), st.sampled_from(GATES), st.sampled_from(("in", "out"))), max_size=12
)


@settings(max_examples=200)
@given_any(walks, st.permutations(GATES))
def test_journals_come_to_the_same_in_any_order(walk: list[tuple[UUID, Gate, Direction]], order: list[Gate]) -> None:
    """Every gate on its own; who is where in the end is where they were seen last."""
    start = venue(*ENROLLED, *learned(A_BADGE, B_BADGE))
    journals: dict[str, list[JournalScan]] = {at.gate_id: [] for at in GATES}
    at_last: dict[UUID, tuple[str, ...]] = {}
    for ago_s, (person, at, direction) in zip(range(100, 0, -1), walk, strict=False):
        shown = A_BADGE if person == ANNA else B_BADGE
        theirs = journals[at.gate_id]
        theirs.append(entry(len(theirs) + 1, shown, at, direction, ago_s=ago_s))
        path = start.zone_behind(at).path
        at_last[person] = path if direction == "in" else path[:-1]

    end = after(start, *(upload(at, journals[at.gate_id]) for at in order if journals[at.gate_id]))

    assert {person: inside(end, person) for person in at_last} == at_last


def test_if_old_facts_moved_people_the_order_would_tell(centre: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: in by the east at 60, out by the west at 30 seconds ago; the west's journal comes first."""
    east, west = [entry(1, A_BADGE, EAST, ago_s=60)], [entry(1, A_BADGE, WEST, "out", ago_s=30)]
    assert inside(after(centre, upload(WEST, west), upload(EAST, east)), ANNA) == ("grounds",)

    monkeypatch.setattr(brought_, "_is_overtaken", lambda _entry, _badge: False)

    assert inside(after(centre, upload(WEST, west), upload(EAST, east)), ANNA) == ("grounds", "hall")


def test_whoever_was_taken_to_have_left_stays_gone(centre: Venue) -> None:
    """The nightly sweep, and in the morning a device that was on its own in the evening."""
    seen = went_in(centre, A_BADGE, MAIN)
    swept = ExitsInferred(zone_id="grounds", venue_id=VENUE, people=(ANNA,), unidentified={}, cause="nightly")
    morning = DECIDER.fold([swept], seen)

    events = brought(morning, EAST, entry(1, A_BADGE, EAST, ago_s=600))

    assert inside(DECIDER.fold(events, morning), ANNA) == ()


# --- conflicts ------------------------------------------------------------------------------------------------------


def changed(one: Badge, ago_s: float, **facts: object) -> BadgeLearned:
    changed_at = NOW - timedelta(seconds=ago_s)
    return BadgeLearned(badge=one.model_copy(update={**facts, "changed_at": changed_at}), source_number=9)


@pytest.mark.parametrize(
    ("reason", "facts"),
    [
        ("revoked", {"revoked": True}),
        ("suspended", {"suspended": True}),
        ("lost", {"holding": "lost"}),
        ("stolen", {"holding": "stolen"}),
        ("superseded", {"version": 2}),
    ],
)
def test_whoever_got_in_after_their_badge_was_worth_nothing_is_told_of(
    centre: Venue, reason: str, facts: dict[str, object]
) -> None:
    before = DECIDER.fold([changed(A_BADGE, 100, **facts)], centre)

    events = brought(before, MAIN, entry(1, A_BADGE, MAIN, ago_s=101), entry(2, A_BADGE, MAIN, ago_s=100))

    (told,) = among(events, AdmittedAfterRevocation)
    assert (told.reason, told.person_id) == (reason, ANNA)
    assert told.scan_id == scans_in(events)[1].scan_id, "the first one came before"


def test_a_badge_is_worth_nothing_since_the_first_reason(centre: Venue) -> None:
    """Suspended, let in, revoked."""
    before = DECIDER.fold([changed(A_BADGE, 100, suspended=True), changed(A_BADGE, 10, revoked=True)], centre)

    (told,) = among(brought(before, MAIN, entry(1, A_BADGE, MAIN, ago_s=50)), AdmittedAfterRevocation)
    assert told.reason == "revoked"


def test_a_newer_version_of_the_badge_is_worth_something(centre: Venue) -> None:
    replaced = A_BADGE.model_copy(update={"version": 2})
    before = DECIDER.fold([changed(replaced, 100)], centre)

    assert among(brought(before, MAIN, entry(1, replaced, MAIN, ago_s=50)), AdmittedAfterRevocation) == []


def test_a_refusal_or_an_exit_after_revocation_is_as_it_should_be(centre: Venue) -> None:
    before = DECIDER.fold([changed(A_BADGE, 100, revoked=True)], centre)
    refused = entry(1, A_BADGE, MAIN, ago_s=50, outcome="refused", reason="credential_revoked")

    events = brought(before, MAIN, refused, entry(2, A_BADGE, MAIN, "out", ago_s=40))

    assert among(events, AdmittedAfterRevocation) == []


def test_somebody_let_in_twice_is_told_of(centre: Venue) -> None:
    at_east = after(centre, upload(EAST, [entry(1, A_BADGE, EAST, ago_s=60)]))

    (told,) = among(brought(at_east, WEST, entry(1, A_BADGE, WEST, ago_s=30)), DoubleEntryDetected)

    assert (told.zone_id, told.person_id) == ("hall", ANNA)
    assert told.seen_at == NOW - timedelta(seconds=60)


def test_where_people_mill_about_it_is_not(centre: Venue) -> None:
    twice = entry(1, A_BADGE, EXPO_DOOR, ago_s=60), entry(2, A_BADGE, EXPO_DOOR, ago_s=30)

    events = brought(centre, EXPO_DOOR, *twice)

    assert among(events, DoubleEntryDetected) == []
    assert scans_in(events)[1].warnings == ("already_inside",)


@pytest.mark.parametrize(
    ("at", "limit_s"), [(EXPO_DOOR, 12 * 3600), (EAST, 15 * 60), (STAGE_DOOR, 15 * 60)], ids=lambda one: str(one)[:20]
)
def test_data_older_than_the_zone_allows_is_told_of(centre: Venue, at: Gate, limit_s: int) -> None:
    fresh, stale = entry(1, A_BADGE, at, data_age_s=limit_s), entry(2, B_BADGE, at, data_age_s=limit_s + 1)

    (told,) = among(brought(centre, at, fresh, stale), StaleDataAdmitted)

    assert (told.scan_id, told.age_s, told.limit_s) == (stale.scan_id, limit_s + 1, limit_s)


def test_to_a_medical_zone_people_are_let_in_on_any_data(centre: Venue) -> None:
    events = brought(centre, CLINIC_DOOR, entry(1, A_BADGE, CLINIC_DOOR, data_age_s=10**6))

    assert among(events, StaleDataAdmitted) == []


def suspected(events: Sequence[VenueEvent]) -> list[tuple[str, int, int]]:
    return [(event.cause, event.sequence, event.by_s) for event in among(events, ClockSuspected)]


def test_a_clock_that_runs_backwards_is_suspected_and_the_order_kept(centre: Venue) -> None:
    """Ten minutes back in the middle: G4.4 of the gate design."""
    scans = [
        entry(1, A_BADGE, MAIN, ago_s=100),
        entry(2, A_BADGE, MAIN, "out", ago_s=99.5),
        entry(3, A_BADGE, MAIN, ago_s=699),
        entry(4, B_BADGE, MAIN, ago_s=690),
    ]

    events = brought(centre, MAIN, *scans)

    assert suspected(events) == [("backwards", 3, 599)]
    times = [one.decided_at for one in scans_in(events)]
    assert times == sorted(times)
    assert inside(DECIDER.fold(events, centre), ANNA) == ("grounds",)


def test_it_is_suspected_across_uploads_too(centre: Venue) -> None:
    after_it = after(centre, upload(MAIN, [entry(1, A_BADGE, MAIN, ago_s=100)]))

    assert suspected(brought(after_it, MAIN, entry(2, A_BADGE, MAIN, ago_s=200))) == [("backwards", 2, 100)]


def test_a_clock_that_is_ahead_of_ours_is_suspected_once_a_run(centre: Venue) -> None:
    scans = [entry(1, A_BADGE, MAIN, ago_s=-30), entry(2, B_BADGE, MAIN, ago_s=-31), entry(3, C_BADGE, MAIN, ago_s=-90)]

    events = brought(centre, MAIN, *scans)

    assert suspected(events) == [("ahead", 2, 31)]
    assert {one.decided_at for one in scans_in(events)} == {NOW}, "nothing was decided later than now"


def test_a_clock_a_second_off_is_a_clock(centre: Venue) -> None:
    assert suspected(brought(centre, MAIN, entry(1, A_BADGE, MAIN, ago_s=9), entry(2, B_BADGE, MAIN, ago_s=10))) == []


def test_the_upload_counts_its_conflicts(centre: Venue) -> None:
    events = brought(centre, EAST, entry(1, A_BADGE, EAST, data_age_s=10**6), entry(2, A_BADGE, WEST))

    assert isinstance(events[0], JournalUploaded)
    assert events[0].conflicts == 3  # stale, foreign gate, inside already


def test_nobody_but_a_device_has_a_journal() -> None:
    command = UploadJournal(uuid4(), [entry(1, A_BADGE, MAIN)], {}, NOW)

    given(DECIDER, *LAYOUT).when(command).then_refused(DeviceUnknown)


def test_an_entry_brought_late_counts_and_is_not_the_last(centre: Venue) -> None:
    """A zone that nobody may enter twice within an hour."""
    timed = DECIDER.fold([with_rules(EXPO, passback="timed", passback_minutes=60)], centre)
    there = went_in(timed, A_BADGE, MAIN, EXPO_DOOR)

    late = after(there, upload(EXPO_DOOR, [entry(1, A_BADGE, EXPO_DOOR, ago_s=7200)]))

    assert late.movement.entries[ANNA, "expo"] == (2, NOW)


def test_operations_are_told_of_every_conflict(centre: Venue) -> None:
    before = DECIDER.fold([changed(A_BADGE, 100, revoked=True)], centre)
    scans = [
        entry(1, A_BADGE, EAST, data_age_s=10**6),
        entry(2, A_BADGE, WEST, ago_s=-90),
        entry(3, A_BADGE, EXPO_DOOR.model_copy(update={"gate_id": "nowhere"}), ago_s=50),
    ]

    told = [publish(event) for event in brought(before, EAST, *scans)]

    assert {event.short_name() for event in told if event is not None} == {
        "access.JournalUploaded.v1",
        "access.BadgeScanned.v1",
        "access.AdmittedAfterRevocation.v1",
        "access.DoubleEntryDetected.v1",
        "access.StaleDataAdmitted.v1",
        "access.ClockSuspected.v1",
        "access.JournalEntryDisputed.v1",
    }
