"""A supervisor admits somebody against a refusal: with a reason, not alone into most rooms, not without end."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

import pytest

from services.access.domain import checks, overrides
from services.access.domain.devices import DeviceUnknown, DeviceWasCutOff
from services.access.domain.layout import GateUnknown, RetireGate
from services.access.domain.orders import LiftLockdown
from services.access.domain.overrides import (
    AGAINST_WITHIN,
    CONFIRMED_WITHIN,
    NEVER,
    AlreadyOverridden,
    ConfirmOverride,
    OverrideBudgetExhausted,
    OverrideLapsed,
    OverrideNotPossible,
    OverrideReasonUnknown,
    OverrideTooLate,
    OverrideUnknown,
    RequestOverride,
    ScanNotRefused,
    SecondDeviceNeeded,
    SecondPersonNeeded,
)
from services.access.domain.record.companions import InspectionFailed
from services.access.domain.record.devices import Device, DeviceCutOff, DeviceEnrolled, EnrolmentCodeIssued
from services.access.domain.record.layout import Gate, Inspection, Rules, RulesSet
from services.access.domain.record.orders import EvacuationOrdered
from services.access.domain.record.overrides import EntryOverridden, Override, OverrideRequested, OverrideReviewed
from services.access.domain.record.presence import ZoneCapacityReached
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched, WatchedPersonSeen, WatchOutcome
from services.access.domain.reviewing import AlreadyReviewed, OverrideNotAdmitted, ReviewerInvolved, ReviewOverride
from services.access.domain.rules.entry import Reading
from services.access.domain.undoing import UndoPassage
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    DECIDER,
    EAST,
    EXPO,
    EXPO_DOOR,
    HALL,
    MAIN,
    VENUE,
    after,
    badge,
    decided,
    learned,
    locked,
    refusal,
    scan,
    scanned,
    served,
    venue,
    went_in,
    with_rules,
)
from tests.controls import NOW

ANNAS, BORISS = badge(ANNA), badge(BORIS)
OVERRIDE = UUID(int=1)
HANOI, HUE = "person:hanoi", "person:hue"
HANDHELD, OTHER_HANDHELD = UUID(int=11), UUID(int=12)
LATER = NOW + timedelta(seconds=30)


def enrolled(*devices: UUID) -> list[VenueEvent]:
    facts = {"gate_id": "main", "public_key": "ab" * 32, "expires_at": NOW}
    code = EnrolmentCodeIssued(code_hash="code", gate_id="main", expires_at=NOW)
    known = [Device(device_id=device_id, token_hash=str(device_id), **facts) for device_id in devices]
    return [event for one in known for event in (code, DeviceEnrolled(device=one, code_hash="code"))]


def refused_at(why: VenueEvent, at: Gate = EXPO_DOOR, *more: VenueEvent) -> tuple[Venue, BadgeScanned]:
    """Anna stands on the grounds, refused at a door; the venue, and the scan."""
    before = went_in(venue(*learned(ANNAS, BORISS), *enrolled(HANDHELD, OTHER_HANDHELD)), ANNAS, MAIN)
    outcome = scanned(DECIDER.fold([why, *more], before), scan(ANNAS, at))
    assert outcome.record.outcome == "refused"
    return outcome.venue, outcome.record


LOCKED_EXPO, LOCKED_HALL = locked(EXPO)[0], locked(HALL)[0]


def ask(
    against: BadgeScanned,
    *,
    by: str = HANOI,
    reason: str = "wrong_data",
    device: UUID | None = None,
    now: datetime = NOW,
    override_id: UUID = OVERRIDE,
) -> RequestOverride:
    return RequestOverride(override_id, against, reason, by, device, now)


def confirm(
    against: BadgeScanned, *, by: str = HUE, device: UUID | None = None, now: datetime = LATER
) -> ConfirmOverride:
    return ConfirmOverride(OVERRIDE, against, by, device, now)


# --- into an open zone, alone -----------------------------------------------------------------------------------------


def test_into_an_open_zone_one_supervisor_is_enough() -> None:
    before, refused = refused_at(LOCKED_EXPO)

    requested, overridden, entered = decided(before, ask(refused))

    override = Override(
        override_id=OVERRIDE,
        scan_id=refused.scan_id,
        gate_id="expo-door",
        zone_id="expo",
        person_id=ANNA,
        refused_for=("lockdown",),
        reason="wrong_data",
        by=HANOI,
        device_id=None,
        asked_at=NOW,
        confirm_by=None,
    )
    admission_id = uuid5(OVERRIDE, str(ANNA))
    assert requested == OverrideRequested(override=override, venue_id=VENUE)
    assert overridden == EntryOverridden(
        override_id=OVERRIDE,
        scan_id=refused.scan_id,
        admission_id=admission_id,
        venue_id=VENUE,
        gate_id="expo-door",
        zone_id="expo",
        refused_for=("lockdown",),
        reason="wrong_data",
        by=HANOI,
        confirmed_by=None,
    )
    assert isinstance(entered, BadgeScanned)
    assert (entered.scan_id, entered.basis, entered.because_of) == (admission_id, "override", OVERRIDE)
    assert (entered.outcome, entered.failed, entered.warnings) == ("admitted", (), ("lockdown",))
    assert entered.entered == ("expo",)
    inside = DECIDER.fold([requested, overridden, entered], before)
    assert inside.presence.of(ANNA) == ("grounds", "expo")


def test_asked_again_it_is_done_already() -> None:
    before, refused = refused_at(LOCKED_EXPO)

    assert decided(after(before, ask(refused)), ask(refused)) == []


def test_whoever_was_admitted_enters_the_venue_as_it_is_now() -> None:
    """The lockdown is over, but the zone filled up meanwhile."""
    before, refused = refused_at(LOCKED_EXPO, EXPO_DOOR, with_rules(EXPO, capacity=1))
    meanwhile = went_in(after(before, LiftLockdown(zone_id="expo")), BORISS, MAIN, EXPO_DOOR)

    _, _, entered = decided(meanwhile, ask(refused))

    assert isinstance(entered, BadgeScanned)
    assert (entered.warnings, entered.count) == (("zone_full",), 2)


def test_that_the_zone_is_full_now_is_told() -> None:
    before, refused = refused_at(with_rules(EXPO, capacity=1, by_session=True))

    *_, news = decided(before, ask(refused))

    assert isinstance(news, ZoneCapacityReached)


def test_an_admission_by_override_is_undone_like_any_other() -> None:
    before, refused = refused_at(LOCKED_EXPO)
    events = decided(before, ask(refused))
    inside, entered = DECIDER.fold(events, before), events[2]
    assert isinstance(entered, BadgeScanned)

    assert after(inside, UndoPassage(entered, (), None, NOW)).presence.of(ANNA) == ("grounds",)


def test_somebody_to_be_noticed_is_noticed_here_too() -> None:
    before, refused = refused_at(LOCKED_EXPO)
    noticed = DECIDER.fold([PersonWatched(person_id=ANNA, outcome="notice", reason="r1")], before)

    assert [type(event) for event in decided(noticed, ask(refused))][-1] is WatchedPersonSeen


# --- into a controlled zone, with a second person ---------------------------------------------------------------------


@pytest.mark.parametrize("zone_class", ["controlled", "exclusive"])
def test_into_other_zones_a_second_person_confirms(zone_class: str) -> None:
    before, refused = refused_at(LOCKED_HALL, EAST, with_rules(HALL, zone_class=zone_class))

    (requested,) = decided(before, ask(refused, device=HANDHELD))

    assert isinstance(requested, OverrideRequested)
    assert requested.override.confirm_by == NOW + CONFIRMED_WITHIN
    waiting = DECIDER.fold([requested], before)
    assert waiting.presence.of(ANNA) == ("grounds",)
    overridden, entered = decided(waiting, confirm(refused, device=OTHER_HANDHELD))
    assert isinstance(overridden, EntryOverridden)
    assert (overridden.by, overridden.confirmed_by) == (HANOI, HUE)
    inside = DECIDER.fold([overridden, entered], waiting)
    assert inside.presence.of(ANNA) == ("grounds", "hall")
    assert decided(inside, confirm(refused)) == []


def waits_for_a_second(*more: VenueEvent) -> tuple[Venue, BadgeScanned]:
    before, refused = refused_at(LOCKED_HALL, EAST, *more)
    return after(before, ask(refused, device=HANDHELD)), refused


def test_the_second_person_is_another_one_with_another_device() -> None:
    waiting, refused = waits_for_a_second()

    assert type(refusal(waiting, confirm(refused, by=HANOI))) is SecondPersonNeeded
    assert type(refusal(waiting, confirm(refused, device=HANDHELD))) is SecondDeviceNeeded
    assert type(refusal(waiting, confirm(refused, device=UUID(int=99)))) is DeviceUnknown
    cut_off = DECIDER.fold([DeviceCutOff(device_id=OTHER_HANDHELD)], waiting)
    assert type(refusal(cut_off, confirm(refused, device=OTHER_HANDHELD))) is DeviceWasCutOff
    assert decided(waiting, confirm(refused))


def test_after_a_minute_it_has_lapsed_and_may_be_asked_again() -> None:
    waiting, refused = waits_for_a_second()
    last = NOW + CONFIRMED_WITHIN
    too_late = last + timedelta(microseconds=1)

    assert decided(waiting, confirm(refused, now=last))
    assert type(refusal(waiting, confirm(refused, now=too_late))) is OverrideLapsed
    assert type(refusal(waiting, ask(refused, now=last, override_id=UUID(int=2)))) is AlreadyOverridden
    assert decided(waiting, ask(refused, now=too_late, override_id=UUID(int=2)))


def test_what_happened_in_that_minute_counts() -> None:
    waiting, refused = waits_for_a_second()
    revoked = DECIDER.fold(learned(badge(ANNA, revoked=True)), waiting)

    assert refusal(revoked, confirm(refused)) == OverrideNotPossible("credential_revoked")


def test_nobody_confirms_what_nobody_asked() -> None:
    _, refused = refused_at(LOCKED_HALL, EAST)

    assert type(refusal(venue(), confirm(refused))) is OverrideUnknown


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_only_a_refusal_of_the_last_quarter_of_an_hour_is_overridden() -> None:
    before, refused = refused_at(LOCKED_EXPO)
    admitted = scanned(before, scan(ANNAS, EAST)).record

    assert type(refusal(before, ask(admitted))) is ScanNotRefused
    assert decided(before, ask(refused, now=NOW + AGAINST_WITHIN))
    late = NOW + AGAINST_WITHIN + timedelta(microseconds=1)
    assert type(refusal(before, ask(refused, now=late))) is OverrideTooLate


def test_the_reason_is_one_of_the_list() -> None:
    before, refused = refused_at(LOCKED_EXPO)

    assert type(refusal(before, ask(refused, reason="a_friend"))) is OverrideReasonUnknown


def test_a_device_that_is_named_is_one_of_ours() -> None:
    before, refused = refused_at(LOCKED_EXPO)

    assert type(refusal(before, ask(refused, device=UUID(int=99)))) is DeviceUnknown


def test_a_gate_that_is_gone_lets_nobody_in() -> None:
    before, refused = refused_at(LOCKED_EXPO)

    assert type(refusal(after(before, RetireGate(gate_id="expo-door")), ask(refused))) is GateUnknown


def test_a_refusal_is_overridden_once() -> None:
    before, refused = refused_at(LOCKED_EXPO)

    again = ask(refused, override_id=UUID(int=2), by=HUE)
    assert type(refusal(after(before, ask(refused)), again)) is AlreadyOverridden


# --- what nobody waives -----------------------------------------------------------------------------------------------


def test_nobody_waives_what_is_no_matter_of_a_supervisor() -> None:
    """On both sides: what stands in the refusal, and what is so by now."""
    before, refused = refused_at(LOCKED_EXPO)

    for code in NEVER:
        record = refused.model_copy(update={"failed": (code, "lockdown")})
        assert refusal(before, ask(record)) == OverrideNotPossible(checks.shown((code,))[0])
    for code in set(checks.CODES) - NEVER:
        assert decided(before, ask(refused.model_copy(update={"failed": (code,)})))


SINCE: dict[str, VenueEvent] = {
    "credential_revoked": learned(badge(ANNA, revoked=True))[0],
    "credential_stolen": learned(badge(ANNA, holding="stolen"))[0],
    "watchlist_block": PersonWatched(person_id=ANNA, outcome="block", reason="r1"),
    "identity_check_required": InspectionFailed(person_id=ANNA, venue_id=VENUE, gate_id="main", kind="identity"),
    "evacuation": EvacuationOrdered(
        evacuation_id=OVERRIDE,
        zone_id="expo",
        venue_id=VENUE,
        names=EXPO.names,
        reason="fire",
        expected=0,
        unidentified=0,
        ordered_at=NOW,
    ),
}


@pytest.mark.parametrize("code", SINCE)
def test_nor_what_has_become_so_since(code: str) -> None:
    before, refused = refused_at(LOCKED_EXPO)

    assert refusal(DECIDER.fold([SINCE[code]], before), ask(refused)) == OverrideNotPossible(code)


def test_a_badge_that_says_nothing_admits_nobody() -> None:
    outcome = scanned(venue(), scan(Reading(problem="signature_invalid"), EXPO_DOOR))

    assert refusal(outcome.venue, ask(outcome.record)) == OverrideNotPossible("signature_invalid")


def held(outcome: WatchOutcome) -> VenueEvent:
    return PersonWatched(person_id=ANNA, outcome=outcome, reason="r1")


def test_a_discreet_hold_is_answered_as_an_ordinary_identity_check_is() -> None:
    ordinary = refused_at(LOCKED_EXPO, EXPO_DOOR, SINCE["identity_check_required"])
    on_hold = refused_at(LOCKED_EXPO, EXPO_DOOR, held("hold"))
    _, record = on_hold
    assert "watchlist_hold" in record.failed

    answers = [refusal(before, ask(refused)) for before, refused in (ordinary, on_hold)]

    assert answers == [OverrideNotPossible("identity_check_required")] * 2


def test_an_identity_check_that_could_be_waived_would_give_the_hold_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the one above."""
    monkeypatch.setattr(overrides, "NEVER", NEVER - {"identity_check_required"} | {"watchlist_hold"})
    ordinary = refused_at(LOCKED_EXPO, EXPO_DOOR, SINCE["identity_check_required"])

    assert decided(ordinary[0], ask(ordinary[1]))


def test_nor_can_it_be_told_from_a_hold_that_began_meanwhile() -> None:
    before, refused = waits_for_a_second()

    assert refusal(DECIDER.fold([held("hold")], before), confirm(refused)) == (
        OverrideNotPossible("identity_check_required")
    )


def test_lots_are_not_drawn_again() -> None:
    """Whoever was not stopped by lot, but for something else, is not stopped by another draw now."""
    half = served(EXPO_DOOR, screening=Inspection(share=0.5))
    before = DECIDER.fold([LOCKED_EXPO, half], went_in(venue(*learned(ANNAS)), ANNAS, MAIN))
    seen = set()
    for number in range(20):
        stopped = scanned(before, scan(ANNAS, EXPO_DOOR, scan_id=UUID(int=number)))
        entered = decided(stopped.venue, ask(stopped.record))[2]
        assert isinstance(entered, BadgeScanned)
        assert entered.warnings == stopped.record.failed
        seen.add(entered.warnings)
    assert seen == {("lockdown",), ("lockdown", "screening_required")}


# --- the budget -------------------------------------------------------------------------------------------------------


def two_of(*more: VenueEvent) -> tuple[Venue, list[BadgeScanned]]:
    """Anna and Boris, refused at the expo; each supervisor may admit one in a day."""
    rules = RulesSet(rules=Rules(override_budget=1))
    before = went_in(went_in(venue(*learned(ANNAS, BORISS), rules, *more), ANNAS, MAIN), BORISS, MAIN)
    before = DECIDER.fold([LOCKED_EXPO, LOCKED_HALL], before)
    return before, [scanned(before, scan(one, EXPO_DOOR)).record for one in (ANNAS, BORISS)]


def test_a_supervisor_has_so_many_a_day() -> None:
    before, (first, second) = two_of()
    spent = after(before, ask(first))
    again = ask(second, override_id=UUID(int=2))

    assert type(refusal(spent, again)) is OverrideBudgetExhausted
    assert decided(spent, ask(second, override_id=UUID(int=2), by=HUE))
    next_day = NOW + timedelta(hours=24)
    fresh = second.model_copy(update={"decided_at": next_day})
    assert decided(spent, ask(fresh, override_id=UUID(int=2), now=next_day))
    almost = fresh.model_copy(update={"decided_at": next_day - timedelta(microseconds=1)})
    assert type(refusal(spent, ask(almost, override_id=UUID(int=2), now=almost.decided_at))) is OverrideBudgetExhausted


def test_what_waits_to_be_confirmed_counts_and_what_lapsed_does_not() -> None:
    before, _ = two_of()
    first, second = (scanned(before, scan(one, EAST)).record for one in (ANNAS, BORISS))
    waiting = after(before, ask(first))

    assert type(refusal(waiting, ask(second, override_id=UUID(int=2)))) is OverrideBudgetExhausted
    assert decided(waiting, ask(second, override_id=UUID(int=2), now=NOW + timedelta(minutes=2)))


def test_a_budget_that_was_cut_meanwhile_holds() -> None:
    waiting, refused = waits_for_a_second()
    cut = DECIDER.fold([RulesSet(rules=Rules(override_budget=0))], waiting)

    assert type(refusal(cut, confirm(refused))) is OverrideBudgetExhausted


# --- the review -------------------------------------------------------------------------------------------------------


def test_every_override_is_reviewed_by_somebody_else_once() -> None:
    waiting, refused = waits_for_a_second()
    admitted = after(waiting, confirm(refused))

    def review(by: str, finding: str = "justified") -> ReviewOverride:
        return ReviewOverride(override_id=OVERRIDE, finding=finding, by=by)

    assert type(refusal(waiting, review("person:vinh"))) is OverrideNotAdmitted
    assert type(refusal(venue(), review("person:vinh"))) is OverrideUnknown
    assert {type(refusal(admitted, review(by))) for by in (HANOI, HUE)} == {ReviewerInvolved}
    (reviewed,) = decided(admitted, review("person:vinh"))
    assert reviewed == OverrideReviewed(override_id=OVERRIDE, venue_id=VENUE, finding="justified", by="person:vinh")
    done = DECIDER.fold([reviewed], admitted)
    assert decided(done, review("person:vinh")) == []
    assert type(refusal(done, review("person:vinh", "unjustified"))) is AlreadyReviewed
    assert done.overrides.known[OVERRIDE].finding == "justified"
