"""A whole policy is one document: compared, and applied in one piece, or refused with all that is wrong."""

import json
from datetime import UTC, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.access.domain.applying import ApplyPolicy, PolicyChanged, PolicyInvalid
from services.access.domain.layout import GateInUse, RetireGate, RetireZone, ZoneInUse
from services.access.domain.policy import Policy, SeatPlan, differences, digest, policy_of
from services.access.domain.record.devices import Device, DeviceCutOff, DeviceEnrolled, EnrolmentCodeIssued
from services.access.domain.record.layout import (
    Gate,
    GatePlan,
    GateRetired,
    PolicyApplied,
    Rules,
    RulesSet,
    Zone,
    ZonePlan,
    ZoneRetired,
)
from services.access.domain.record.overlays import SeatsAllocated
from services.access.domain.record.presence import ZoneCapacityReached
from services.access.domain.record.programme import Session, SessionCancelled, SessionScheduled
from services.access.domain.venue import VenueEvent
from services.access.http import plans
from tests.access.controls import (
    ANNA,
    CLINIC,
    DECIDER,
    EAST,
    EXPO,
    EXPO_DOOR,
    GATES,
    GROUNDS,
    HALL,
    LAYOUT,
    MAIN,
    STAGE,
    STAGE_DOOR,
    VENUE,
    WEST,
    ZONES,
    after,
    badge,
    gate,
    gate_defined,
    learned,
    locked,
    plan,
    scan,
    venue,
    went_in,
    zone,
    zone_defined,
)
from tests.access.happenings import Happening, days, lived
from tests.controls import NOW, given

ANNEX = zone("annex", "sid", within=GROUNDS, zone_class="open")
ANNEX_DOOR = gate("annex-door", ANNEX)
SESSION = Session(
    session_id="opening",
    zone_id="hall",
    titles={"en": "Opening", "fr": "Ouverture", "vi": "Khai mạc"},
    starts_at=NOW,
    ends_at=NOW + timedelta(hours=1),
    people=(ANNA,),
)
SEATS = SeatPlan(zone_id="hall", delegation_id="vn", seats=2)
SCHEDULED = SessionScheduled(session=SESSION, venue_id=VENUE, moved=False)
IN_THE_ANNEX = SCHEDULED.model_copy(update={"session": SESSION.model_copy(update={"zone_id": "annex"})})
SEATED = SeatsAllocated(zone_id="hall", venue_id=VENUE, delegation_id="vn", seats=2)
IN_FORCE: tuple[VenueEvent, ...] = (*LAYOUT, SCHEDULED, SEATED)


def planned(defined: Gate, **changed: Any) -> GatePlan:
    return GatePlan(**{**dict(defined), **changed})


def policy(
    zones: tuple[Zone | ZonePlan, ...] = ZONES, gates: tuple[Gate | GatePlan, ...] = GATES, **rest: Any
) -> Policy:
    """The policy in force, or with other parts."""
    return Policy(
        zones=tuple(plan(one) if isinstance(one, Zone) else one for one in zones),
        gates=tuple(planned(one) if isinstance(one, Gate) else one for one in gates),
        **{"sessions": (SESSION,), "seats": (SEATS,), **rest},
    )


def without(*left_out: Zone | Gate, **rest: Any) -> Policy:
    zones = tuple(one for one in ZONES if one not in left_out)
    return policy(zones, tuple(one for one in GATES if one not in left_out), **rest)


def applied(policy: Policy, version: int, changes: int) -> PolicyApplied:
    return PolicyApplied(venue_id=VENUE, policy_version=version, digest=digest(policy), changes=changes)


def faults(policy: Policy, *events: VenueEvent) -> list[tuple[str, str]]:
    """What is wrong with it, and where."""
    refused = given(DECIDER, *(events or IN_FORCE)).when(ApplyPolicy(policy=policy)).then_refused(PolicyInvalid)
    assert isinstance(refused, PolicyInvalid)
    return [(".".join(map(str, fault.where)), fault.code) for fault in refused.faults]


def test_what_is_in_force_applied_again_changes_nothing() -> None:
    before = given(DECIDER, *IN_FORCE)

    before.when(ApplyPolicy(policy=policy_of(before.state))).then()
    before.when(ApplyPolicy(policy=policy())).then()


def test_a_venue_is_laid_out_in_one_piece() -> None:
    """Inner zones may stand before outer ones in it."""
    whole = policy(tuple(reversed(ZONES)))

    laid_out = after(DECIDER.initial, ApplyPolicy(policy=whole))

    assert policy_of(laid_out) == policy_of(venue(SCHEDULED, SEATED))
    assert laid_out.layout.digest == digest(whole)


def test_only_what_differs_changes_and_the_end_says_so() -> None:
    larger = plan(HALL, capacity=500)
    other = policy((GROUNDS, larger, STAGE, CLINIC, EXPO), rules=Rules(override_budget=3))

    given(DECIDER, *IN_FORCE).when(ApplyPolicy(policy=other)).then(
        zone_defined(HALL.model_copy(update={"capacity": 500})),
        RulesSet(rules=Rules(override_budget=3)),
        applied(other, version=len(IN_FORCE) + 2, changes=2),
    )


def test_rooms_come_before_their_doors_and_go_after_them() -> None:
    other = without(EXPO, EXPO_DOOR)
    other = other.model_copy(
        update={"zones": (*other.zones, plan(ANNEX)), "gates": (planned(ANNEX_DOOR), *other.gates)}
    )

    given(DECIDER, *IN_FORCE).when(ApplyPolicy(policy=other)).then(
        zone_defined(ANNEX),
        GateRetired(gate_id="expo-door", venue_id=VENUE),
        gate_defined(ANNEX_DOOR),
        ZoneRetired(zone_id="expo", venue_id=VENUE),
        applied(other, version=len(IN_FORCE) + 4, changes=4),
    )


def test_a_room_goes_with_its_sessions_and_seats_and_with_the_rooms_in_it() -> None:
    other = without(HALL, STAGE, EAST, WEST, STAGE_DOOR, sessions=(), seats=())

    given(DECIDER, *IN_FORCE).when(ApplyPolicy(policy=other)).then(
        *(GateRetired(gate_id=one, venue_id=VENUE) for one in ("hall-east", "hall-west", "stage-door")),
        SessionCancelled(session_id="opening", zone_id="hall", venue_id=VENUE),
        SEATED.model_copy(update={"seats": None}),
        ZoneRetired(zone_id="stage", venue_id=VENUE),
        ZoneRetired(zone_id="hall", venue_id=VENUE),
        applied(other, version=len(IN_FORCE) + 7, changes=7),
    )  # fmt: skip


def test_a_closed_gate_stays_closed_whatever_is_applied() -> None:
    """Whether a gate is open is no part of a policy."""
    closed = gate_defined(EAST.model_copy(update={"state": "closed"}))
    renamed = policy(gates=(*(one for one in GATES if one is not EAST), planned(EAST, name="East door")))

    now = after(venue(SCHEDULED, SEATED, closed), ApplyPolicy(policy=renamed))

    assert (now.layout.gates["hall-east"].name, now.layout.gates["hall-east"].state) == ("East door", "closed")


def test_a_room_made_smaller_is_told_to_be_full() -> None:
    inside = went_in(venue(*learned(badge(ANNA)), SCHEDULED, SEATED), badge(ANNA), MAIN, EAST)
    other = policy((GROUNDS, plan(HALL, capacity=1), STAGE, CLINIC, EXPO))

    decision = DECIDER.decide(ApplyPolicy(policy=other), inside)

    assert not isinstance(decision, Refused)
    assert [type(event) for event in decision if isinstance(event, ZoneCapacityReached)] == [ZoneCapacityReached]


def test_a_policy_that_was_compared_with_another_one_is_not_applied() -> None:
    before = given(DECIDER, *IN_FORCE)
    other = policy(rules=Rules(override_budget=3))

    before.when(ApplyPolicy(policy=other, expected_version=len(IN_FORCE) - 1)).then_refused(PolicyChanged)
    decision = DECIDER.decide(ApplyPolicy(policy=other, expected_version=len(IN_FORCE)), before.state)
    assert not isinstance(decision, Refused)


def test_all_that_contradicts_itself_is_said_at_once() -> None:
    wrong = policy(
        (*ZONES, plan(HALL), plan(ANNEX, parent_id="cellar")),
        (*GATES, planned(ANNEX_DOOR, to_zone_id="attic", from_zone_id="yard")),
        sessions=(SESSION, SESSION.model_copy(update={"session_id": "closing", "zone_id": "attic"})),
        seats=(SEATS, SEATS, SEATS.model_copy(update={"zone_id": "attic"})),
    )

    assert faults(wrong) == [
        ("zones.5", "listed_twice"),
        ("seats.1", "listed_twice"),
        ("zones.6.parent_id", "zone_unknown"),
        ("gates.6.from_zone_id", "zone_unknown"),
        ("gates.6.to_zone_id", "zone_unknown"),
        ("sessions.1.zone_id", "zone_unknown"),
        ("seats.2.zone_id", "zone_unknown"),
    ]


def test_a_zone_does_not_lie_in_itself() -> None:
    round_and_round = (plan(GROUNDS), plan(HALL, parent_id="stage"), plan(STAGE))

    assert faults(policy(round_and_round, (MAIN,), seats=())) == [
        ("zones.1.parent_id", "zone_in_itself"),
        ("zones.2.parent_id", "zone_in_itself"),
    ]


def test_all_that_contradicts_the_venue_is_said_at_once() -> None:
    """A zone under another parent, a gate that leads nowhere, a session that never was, rooms and gates in use."""
    device = Device(device_id=UUID(int=5), gate_id="clinic-door", public_key="", token_hash="t", expires_at=NOW)
    issued = EnrolmentCodeIssued(code_hash="c", gate_id="clinic-door", expires_at=NOW)
    events = [*IN_FORCE, *learned(badge(ANNA)), issued, DeviceEnrolled(device=device, code_hash="c")]
    before = went_in(DECIDER.fold(events), badge(ANNA), MAIN, EXPO_DOOR)
    wrong = Policy(
        zones=(plan(GROUNDS), plan(HALL, parent_id=None), plan(STAGE)),
        gates=(planned(MAIN), planned(EAST), planned(WEST), planned(STAGE_DOOR, from_zone_id="grounds")),
        sessions=(SESSION.model_copy(update={"ends_at": NOW - timedelta(hours=1)}),),
    )

    decision = DECIDER.decide(ApplyPolicy(policy=wrong), before)

    assert isinstance(decision, PolicyInvalid)
    assert [(".".join(map(str, fault.where)), fault.code, fault.detail) for fault in decision.faults] == [
        ("zones.1.parent_id", "zone_moved", "hall"),
        ("gates", "gate_in_use", "clinic-door"),
        ("gates.3.from_zone_id", "gate_leads_nowhere", "stage-door must come from hall"),
        ("sessions.0.ends_at", "session_ends_before_it_starts", "opening"),
        ("zones", "zone_in_use", "clinic: gate clinic-door leads to it"),
        ("zones", "zone_in_use", "expo: 1 people are believed inside"),
    ]


def test_nothing_of_a_policy_that_is_refused_is_applied() -> None:
    before = venue(SCHEDULED, SEATED)
    half_right = policy((*ZONES, plan(ANNEX)), (planned(MAIN, from_zone_id="hall"), *GATES[1:]))

    assert isinstance(DECIDER.decide(ApplyPolicy(policy=half_right), before), PolicyInvalid)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([zone_defined(ANNEX), gate_defined(ANNEX_DOOR)], "annex: gate annex-door leads to it"),
        ([zone_defined(ANNEX), zone_defined(zone("nook", "sid", within=ANNEX))], "annex: zone nook lies in it"),
        ([zone_defined(ANNEX), *locked(ANNEX)], "annex: an order is in force there"),
        ([zone_defined(ANNEX), IN_THE_ANNEX], "annex: session opening takes place in it"),
    ],
    ids=["a gate", "a zone", "an order", "a session"],
)  # fmt: skip
def test_a_zone_is_not_retired_while_something_needs_it(events: list[VenueEvent], why: str) -> None:
    refused = given(DECIDER, *LAYOUT, *events).when(RetireZone(zone_id="annex")).then_refused(ZoneInUse)

    assert refused.detail == why


def test_an_empty_zone_is_retired_with_its_seats() -> None:
    seats = SEATED.model_copy(update={"zone_id": "annex"})

    given(DECIDER, *LAYOUT, zone_defined(ANNEX), seats).when(RetireZone(zone_id="annex")).then(
        seats.model_copy(update={"seats": None}), ZoneRetired(zone_id="annex", venue_id=VENUE)
    )


def test_a_gate_is_retired_once_its_devices_are_cut_off() -> None:
    issued = EnrolmentCodeIssued(code_hash="c", gate_id="main", expires_at=NOW)
    device = Device(device_id=UUID(int=5), gate_id="main", public_key="", token_hash="t", expires_at=NOW)
    there = (*LAYOUT, issued, DeviceEnrolled(device=device, code_hash="c"))
    retired = GateRetired(gate_id="main", venue_id=VENUE)

    given(DECIDER, *there).when(RetireGate(gate_id="main")).then_refused(GateInUse)
    given(DECIDER, *there, DeviceCutOff(device_id=device.device_id)).when(RetireGate(gate_id="main")).then(retired)


def test_what_differs_is_told_field_by_field() -> None:
    other = policy(
        (GROUNDS, plan(HALL, capacity=500, passback="soft"), STAGE, CLINIC, EXPO, ANNEX),
        GATES[:-1],
        rules=Rules(top_speed=5),
        sessions=(),
        seats=(SEATS.model_copy(update={"seats": 3}),),
    )

    said = [change.model_dump(mode="json") for change in differences(policy(), other)]

    assert said == [
        {
            "kind": "zone",
            "id": "hall",
            "change": "changed",
            "fields": {"capacity": {"old": 3, "new": 500}, "passback": {"old": "hard", "new": "soft"}},
        },
        {"kind": "zone", "id": "annex", "change": "added", "fields": {}},
        {"kind": "gate", "id": "expo-door", "change": "retired", "fields": {}},
        {"kind": "rules", "id": "rules", "change": "changed", "fields": {"top_speed": {"old": 10.0, "new": 5.0}}},
        {"kind": "session", "id": "opening", "change": "retired", "fields": {}},
        {"kind": "seats", "id": "hall/vn", "change": "changed", "fields": {"seats": {"old": 2, "new": 3}}},
    ]


def test_the_digest_is_of_what_a_policy_says_not_of_how() -> None:
    in_hanoi = SESSION.model_copy(update={"starts_at": NOW.astimezone(timezone(timedelta(hours=7)))})

    assert digest(policy(tuple(reversed(ZONES)), sessions=(in_hanoi,))) == digest(policy())
    assert in_hanoi.starts_at.tzinfo is not UTC
    assert (
        len({digest(one) for one in (policy(), policy(seats=()), policy(sessions=()), policy(GATES[:0] or ZONES[:1]))})
        == 4
    )


@whenever(days)
def test_whatever_happened_what_is_in_force_can_be_written_down_and_applied(day: list[Happening]) -> None:
    _, now, _ = lived(day)
    written = policy_of(now).model_dump_json()
    read = plans.PolicyBody.model_validate(json.loads(written)).plan()

    assert read == policy_of(now)
    assert DECIDER.decide(ApplyPolicy(policy=read), now) == []
    fresh = after(DECIDER.initial, ApplyPolicy(policy=read))
    assert policy_of(fresh) == read
    assert digest(policy_of(fresh)) == digest(policy_of(now))


names = st.sampled_from(["grounds", "hall", "stage", "annex", "nook"])


@whenever(
    st.lists(st.tuples(names, st.none() | names), max_size=6), st.lists(st.tuples(names, st.none() | names), max_size=4)
)
def test_whatever_a_file_says_it_is_applied_whole_or_refused_with_reasons(
    zones: list[tuple[str, str | None]], gates: list[tuple[str, str | None]]
) -> None:
    drawn = Policy(
        zones=tuple(plan(HALL, zone_id=zone_id, parent_id=parent_id) for zone_id, parent_id in zones),
        gates=tuple(
            planned(MAIN, gate_id=f"gate-{number}", to_zone_id=to, from_zone_id=from_)
            for number, (to, from_) in enumerate(gates)
        ),
    )
    inside = went_in(venue(*learned(badge(ANNA))), badge(ANNA), MAIN, EAST)
    for before in (DECIDER.initial, venue(), inside):
        decision = DECIDER.decide(ApplyPolicy(policy=drawn), before)
        if isinstance(decision, Refused):
            assert isinstance(decision, PolicyInvalid)
            assert decision.faults
        else:
            assert digest(policy_of(DECIDER.fold(decision, before))) == digest(drawn)
            assert before is not inside or {"grounds", "hall"} <= {zone_id for zone_id, _ in zones}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (plans.ZoneBody, ZonePlan),
        (plans.GatePlanBody, GatePlan),
        (plans.GateBody, Gate),
        (plans.SessionBody, Session),
        (plans.SeatsBody, SeatPlan),
        (plans.RulesBody, Rules),
        (plans.PolicyBody, Policy),
    ],
)
def test_a_client_can_say_all_that_a_policy_consists_of(body: type[Any], value: type[Any]) -> None:
    """A rule added to the one and forgotten in the other is noticed."""
    assert set(body.model_fields) == set(value.model_fields)


def test_what_is_not_said_of_the_rules_is_as_usual() -> None:
    assert plans.RulesBody().plan() == Rules()


def test_scans_name_the_policy_they_were_decided_by() -> None:
    before = venue(*learned(badge(ANNA)), SCHEDULED, SEATED)
    once = after(before, ApplyPolicy(policy=policy(rules=Rules(override_budget=3))))

    versions = [DECIDER.decide(scan(badge(ANNA), MAIN), one)[0].policy_version for one in (before, once)]  # type: ignore[index, union-attr]

    assert versions == [len(IN_FORCE), len(IN_FORCE) + 1]
    assert once.layout.digest == digest(policy(rules=Rules(override_budget=3)))
