"""A day lived again under another policy: whoever it would have treated otherwise is found, and nobody else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.orders import DeclareLockdown
from services.access.domain.policy import Policy, policy_of
from services.access.domain.presence import CorrectOccupancy, InferExits
from services.access.domain.record.companions import Party, PartyFormed
from services.access.domain.record.layout import GatePlan, Rules
from services.access.domain.record.programme import Session
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.scan import ScanBadge
from services.access.domain.simulation import Otherwise, Simulation, under
from services.access.domain.undoing import undone
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    DECIDER,
    DINH,
    EAST,
    EXPO_DOOR,
    GATES,
    HALL,
    MAIN,
    VENUE,
    WEST,
    badge,
    gate_defined,
    learned,
    scan,
    venue,
    zone,
    zone_defined,
)
from tests.access.happenings import BEGINNING, Happening, Resizes, Scan, days, lived
from tests.access.test_replay_of_records import STRICT, asked
from tests.controls import NOW

PEOPLE = (ANNA, BORIS, CHAU, DINH)
START = venue(*learned(*map(badge, PEOPLE)))
IN_FORCE = policy_of(START)


def changed(policy: Policy = IN_FORCE, *, gates: tuple[GatePlan, ...] | None = None, **zones: dict[str, Any]) -> Policy:
    """The policy with other facts about some of its zones, or other gates."""
    others = [one.model_copy(update=zones.get(one.zone_id, {})) for one in policy.zones]
    return policy.model_copy(update={"zones": tuple(others), "gates": policy.gates if gates is None else gates})


def happened(before: Venue, *commands: VenueCommand) -> list[Sequence[VenueEvent]]:
    """What came of each command."""
    groups = []
    for command in commands:
        decision = DECIDER.decide(command, before)
        assert not isinstance(decision, Refused), decision
        before = DECIDER.fold(decision, before)
        groups.append(decision)
    return [group for group in groups if group]


def tried(policy: Policy, groups: Sequence[Sequence[VenueEvent]], before: Venue = START) -> list[Otherwise]:
    simulated = Simulation(before, policy)
    return [one for group in groups for one in simulated.live(group)]


def said(found: Sequence[Otherwise]) -> list[tuple[UUID | None, str, str, tuple[str, ...]]]:
    return [(one.person_id, one.was, one.would_be, one.reasons) for one in found]


def enters(person: UUID, *gates: Any, **asked: Any) -> list[ScanBadge]:
    return [replace(scan(badge(person), at), **asked) for at in gates or (MAIN, EAST)]


def leaves(person: UUID, *gates: Any) -> list[ScanBadge]:
    return [scan(badge(person), at, "out") for at in gates or (EAST,)]


def test_under_the_same_policy_nothing_is_otherwise() -> None:
    day = happened(START, *enters(ANNA), *enters(BORIS), *leaves(ANNA), *enters(ANNA, EAST))

    assert tried(IN_FORCE, day) == []


def test_a_smaller_room_would_have_been_full_and_have_had_room_again() -> None:
    day = happened(START, *enters(ANNA), *enters(BORIS), *leaves(ANNA), *enters(CHAU))

    found = tried(changed(hall={"capacity": 1}), day)

    assert said(found) == [(BORIS, "admitted", "refused", ("zone_full",))]
    assert (found[0].gate_id, found[0].decided_at) == ("hall-east", NOW)


def test_a_larger_room_would_have_let_more_people_in() -> None:
    day = happened(START, *(command for person in PEOPLE for command in enters(person)))

    assert said(tried(changed(hall={"capacity": 4}), day)) == [(DINH, "refused", "admitted", ("zone_full",))]


def test_whoever_would_have_been_refused_outside_would_have_been_refused_inside() -> None:
    day = happened(START, *enters(ANNA))

    assert said(tried(changed(grounds={"area": "moon"}), day)) == [
        (ANNA, "admitted", "refused", ("zone_not_granted",)),
        (ANNA, "admitted", "refused", ("path_violation",)),
    ]


def test_another_reason_for_a_refusal_is_told_apart() -> None:
    day = happened(START, *enters(ANNA, EAST))

    assert said(tried(changed(hall={"area": "moon"}), day)) == [
        (ANNA, "refused", "refused", ("zone_not_granted", "path_violation"))
    ]


def test_a_gate_that_it_does_not_have_lets_nobody_in_or_out() -> None:
    gates = tuple(one for one in IN_FORCE.gates if one.gate_id != "hall-east")
    day = happened(START, *enters(ANNA), *leaves(ANNA), *enters(BORIS, MAIN, WEST))

    assert said(tried(changed(gates=gates), day)) == [
        (ANNA, "admitted", "refused", ("gate_unknown",)),
        (ANNA, "exited", "refused", ("gate_unknown",)),
    ]


def test_a_session_that_would_have_been_planned_opens_its_room() -> None:
    session = Session(session_id="s", zone_id="hall", titles={}, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    by_session = changed(hall={"by_session": True})
    open_to_anna = by_session.model_copy(update={"sessions": (session.model_copy(update={"people": (ANNA,)}),)})
    day = happened(START, *enters(ANNA), *enters(BORIS))

    assert said(tried(open_to_anna, day)) == [(BORIS, "admitted", "refused", ("session_not_granted",))]


def test_what_supervisors_and_commanders_did_they_did() -> None:
    """A closed gate and a lockdown are no policy: they hold under another one, too."""
    closed = gate_defined(EAST.model_copy(update={"state": "closed"}))
    shut = DECIDER.fold([closed], START)
    day = [
        [closed],
        *happened(shut, *enters(ANNA)),
        [gate_defined(EAST)],
        *happened(START, *enters(BORIS, MAIN, EAST), DeclareLockdown(zone_id="grounds", reason="alarm"), *enters(CHAU)),
    ]

    assert tried(changed(hall={"capacity": 3}), day) == []


def test_policies_of_that_day_are_passed_over() -> None:
    """The one that is tried out holds from its beginning to its end."""
    elsewhere = zone_defined(zone("grounds", "moon"))
    day = [[elsewhere], *happened(DECIDER.fold([elsewhere], START), *enters(ANNA, MAIN))]

    assert said(tried(IN_FORCE, day)) == [(ANNA, "refused", "admitted", ("zone_not_granted",))]


def test_counted_heads_and_nightly_exits_count_here_too() -> None:
    """One who would not have been let in is not there; who is counted without a name is."""
    day = happened(
        START,
        *enters(ANNA),
        CorrectOccupancy(zone_id="hall", counted=2, reason="counted"),
        *enters(BORIS),
        InferExits(zone_id=None, cause="nightly"),
        *enters(CHAU),
    )

    assert said(tried(changed(hall={"capacity": 2}), day)) == [(BORIS, "admitted", "refused", ("zone_full",))]


def as_basis(group: Sequence[VenueEvent], basis: str, **more: Any) -> list[VenueEvent]:
    return [
        event.model_copy(update={"basis": basis, **more}) if isinstance(event, BadgeScanned) else event
        for event in group
    ]


@pytest.mark.parametrize("basis", ["override", "journal", "handover"])
def test_what_others_decided_is_a_fact(basis: str) -> None:
    """They are inside, whatever the policy says; under this one the room is full by it."""
    to_the_grounds, to_the_hall = happened(START, *enters(ANNA))
    day = [to_the_grounds, as_basis(to_the_hall, basis), *happened(START, *enters(BORIS))]

    assert said(tried(changed(hall={"capacity": 1, "area": "pln"}), day)) == [
        (BORIS, "admitted", "refused", ("zone_full",))
    ]


def test_a_fact_about_somebody_who_is_there_already_moves_nobody_twice() -> None:
    """Refused, and let in by a supervisor; under a policy that would not have refused at all."""
    strict = DECIDER.fold([zone_defined(HALL.model_copy(update={"capacity": 1}))], START)
    refused = happened(strict, *enters(BORIS), *enters(ANNA))
    admitted = happened(START, *enters(ANNA))[1]
    day = [*refused, as_basis(admitted, "override", scan_id=UUID(int=1))]
    simulated = Simulation(strict, changed(hall={"capacity": 9}))
    found = [one for group in day for one in simulated.live(group)]

    assert said(found) == [(ANNA, "refused", "admitted", ("zone_full",))]
    assert simulated.venue.presence.of(ANNA) == ("grounds", "hall")
    assert simulated.venue.presence.count("hall") == 2


def not_taken(groups: Sequence[Sequence[VenueEvent]]) -> list[VenueEvent]:
    """What came of it when the last of them was undone."""
    record = groups[-1][0]
    assert isinstance(record, BadgeScanned)
    return undone(record, DECIDER.fold([event for group in groups for event in group], START))


def test_a_passage_that_was_not_taken_is_undone() -> None:
    entered = happened(START, *enters(ANNA))
    day = [*entered, not_taken(entered), *happened(START, *enters(BORIS))]

    assert tried(changed(hall={"capacity": 1}), day) == []


def test_a_passage_that_would_not_have_been_is_not_undone() -> None:
    """She would have been refused, and nobody's place is given back."""
    entered = happened(START, *enters(BORIS), *enters(ANNA))
    day = [*entered, not_taken(entered), *happened(START, *enters(CHAU))]

    assert said(tried(changed(hall={"capacity": 1}), day)) == [
        (ANNA, "admitted", "refused", ("zone_full",)),
        (CHAU, "admitted", "refused", ("zone_full",)),
    ]


def test_a_party_follows_its_leader() -> None:
    formed = PartyFormed(party=Party(party_id=UUID(int=7), leader_id=ANNA, members=(BORIS, CHAU)), venue_id=VENUE)
    before = DECIDER.fold([formed], START)
    day = happened(before, *enters(ANNA, MAIN, heads=3))

    assert said(tried(changed(grounds={"area": "moon"}), day, before)) == [
        (person, "admitted", "refused", ("zone_not_granted",)) for person in (ANNA, BORIS, CHAU)
    ]
    nowhere = DECIDER.fold([zone_defined(zone("grounds", "moon"))], before)
    refused = happened(nowhere, *enters(ANNA, MAIN, heads=3))
    assert said(tried(IN_FORCE, refused, nowhere)) == [
        (person, "refused", "admitted", ("zone_not_granted",)) for person in (ANNA, BORIS, CHAU)
    ]


def test_nobody_is_in_a_zone_that_it_does_not_have() -> None:
    inside = DECIDER.fold(
        [event for group in happened(START, *enters(ANNA, MAIN, EXPO_DOOR)) for event in group], START
    )
    gone = Policy(
        zones=tuple(one for one in IN_FORCE.zones if one.zone_id != "expo"),
        gates=tuple(one for one in IN_FORCE.gates if one.gate_id != "expo-door"),
    )

    without = under(gone, inside)

    assert without.presence.of(ANNA) == ("grounds",)
    assert tried(gone, happened(inside, *enters(ANNA, EAST)), inside) == []


RULES = (Rules(), Rules(attempt_limit=1))
policies = st.builds(
    lambda grounds, hall, stage, expo, rules: changed(grounds=grounds, hall=hall, stage=stage, expo=expo).model_copy(
        update={"rules": rules}
    ),
    st.sampled_from([{}, {}, {"capacity": 2}, {"area": "pln"}]),
    st.sampled_from([{}, {"capacity": 1}, {"capacity": None}, {"area": "moon"}, {"passback": "soft"}, {"seats": 1}]),
    st.sampled_from([{}, {"capacity": 2}, {"area": "per"}, {"entry_limit": 1}]),
    st.sampled_from([{}, {"passback": "hard"}, {"zone_class": "medical"}]),
    st.sampled_from(RULES),
)
planless = days.map(lambda day: [one for one in day if not isinstance(one, Resizes)])
Live = Callable[[Simulation, Sequence[VenueEvent]], list[Otherwise]]


def agrees_with_another_life(day: Sequence[Happening], policy: Policy, live: Live = Simulation.live) -> None:
    """The same commands decided from the beginning at a venue that had this policy all along."""
    moments, _, _ = lived(day)
    beginning = DECIDER.fold(BEGINNING)
    simulated, other = Simulation(beginning, policy), under(policy, beginning)
    for moment in moments:
        decision = DECIDER.decide(moment.command, other)
        assert not isinstance(decision, Refused), decision
        other = DECIDER.fold(decision, other)
        found = live(simulated, moment.events) if moment.events else []
        was, is_now = moment.events[:1], decision[:1]
        if isinstance(moment.command, ScanBadge):
            old, new = was[0], is_now[0]
            assert isinstance(old, BadgeScanned)
            assert isinstance(new, BadgeScanned)
            expected = [(old.scan_id, old.outcome, new.outcome)] * (
                (old.outcome, old.reason) != (new.outcome, new.reason)
            )
            assert [(one.scan_id, one.was, one.would_be) for one in found] == expected
        else:
            assert found == []
        assert simulated.venue.presence == other.presence
        assert simulated.venue.movement == other.movement


@given(planless, policies)
def test_it_is_as_if_the_policy_had_been_in_force(day: list[Happening], policy: Policy) -> None:
    agrees_with_another_life(day, policy)


@given(planless)
def test_under_the_policy_in_force_it_comes_to_the_same_venue(day: list[Happening]) -> None:
    moments, venue_then, _ = lived(day)
    simulated = Simulation(DECIDER.fold(BEGINNING), IN_FORCE)

    assert [one for moment in moments if moment.events for one in simulated.live(moment.events)] == []
    assert simulated.venue == venue_then


@given(st.lists(asked, max_size=8))
def test_so_it_does_with_parties_passes_and_pins(commands: list[VenueCommand]) -> None:
    before = venue(*STRICT)
    simulated, then = Simulation(before, policy_of(before)), before
    for command in commands:
        decision = DECIDER.decide(command, then)
        if not isinstance(decision, Refused):
            then = DECIDER.fold(decision, then)
            assert simulated.live(decision) == []
    assert simulated.venue == then


def test_a_simulation_that_believes_the_record_is_noticed() -> None:
    """Control: moved by what was decided, and not by what would have been."""

    def believing(simulated: Simulation, events: Sequence[VenueEvent]) -> list[Otherwise]:
        before = simulated.venue
        found = simulated.live(events)
        simulated.venue = DECIDER.fold(events, before)
        return found

    day: list[Happening] = [
        Scan(person, at, "in", "as it is") for person in (ANNA, BORIS) for at in (GATES.index(MAIN), GATES.index(EAST))
    ]
    full = changed(hall={"capacity": 1})
    agrees_with_another_life([*day, Scan(ANNA, GATES.index(EAST), "out", "as it is")], full)
    with pytest.raises(AssertionError):
        agrees_with_another_life([*day, Scan(ANNA, GATES.index(EAST), "out", "as it is")], full, believing)
