"""A whole policy is applied in one piece, or not at all: everything that stands in its way is said at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from chassis.log.decider import Command, Decision, Refused
from services.access.domain import layout, programme
from services.access.domain.layout import DefineGate, DefineZone, LayoutCommand, RetireGate, RetireZone, SetRules
from services.access.domain.policy import Fault, Kind, Policy, contradictions, differences, digest, policy_of
from services.access.domain.programme import CancelSession, ProgrammeCommand, ScheduleSession
from services.access.domain.record.layout import Gate, PolicyApplied, ZonePlan
from services.access.domain.record.overlays import SeatsAllocated
from services.access.domain.venue import Venue, VenueEvent, evolve

_FIELD_AT_FAULT = {
    "zone_moved": "parent_id",
    "gate_leads_nowhere": "from_zone_id",
    "session_ends_before_it_starts": "ends_at",
}


class ApplyPolicy(Command):
    """``expected_version``: of the policy that it was compared with; None: whatever is in force."""

    policy: Policy
    expected_version: int | None = None


class PolicyChanged(Refused):
    """The policy was changed meanwhile: see what would change now, and decide again."""

    __slots__ = ()
    code = "policy_changed"


@dataclass(frozen=True, slots=True)
class PolicyInvalid(Refused):
    """The policy contradicts itself, or what is going on at the venue."""

    faults: tuple[Fault, ...] = ()
    code: ClassVar[str] = "policy_invalid"


def decide(command: ApplyPolicy, venue: Venue) -> Decision[VenueEvent]:
    """Events that put the policy in force, ending with that it is; none if it already is."""
    policy = command.policy
    if faults := contradictions(policy):
        return _invalid(faults)
    changes = differences(policy_of(venue), policy)
    if not changes:
        return []
    if command.expected_version not in {None, venue.policy_version}:
        return PolicyChanged(f"version {venue.policy_version} is in force")
    changed = {(change.kind, change.id) for change in changes}
    events: list[VenueEvent] = []
    after = venue
    for step in _steps(policy, venue):
        if (step.kind, step.id) not in changed:
            continue
        decision = _decided(step.does, after)
        if isinstance(decision, Refused):
            faults.append(_fault(step, decision))
            continue
        for event in decision:
            after = evolve(after, event)
        events += decision
    if faults:
        return _invalid(faults)
    applied = PolicyApplied(
        venue_id=venue.venue_id, policy_version=after.policy_version, digest=digest(policy), changes=len(changes)
    )
    return [*events, applied]


class _Step(NamedTuple):
    """What is to be done about one part of the policy, and where it stands there."""

    kind: Kind
    id: str
    where: tuple[str | int, ...]
    does: LayoutCommand | ProgrammeCommand | SeatsAllocated


def _steps(policy: Policy, venue: Venue) -> Iterator[_Step]:
    """In an order in which none stands in another's way: rooms before their doors, and doors gone before rooms are."""
    zones = {zone.zone_id: zone for zone in policy.zones}
    gates = {gate.gate_id for gate in policy.gates}
    sessions = {session.session_id for session in policy.sessions}
    for index, zone in sorted(enumerate(policy.zones), key=lambda one: _depth(one[1], zones)):
        yield _Step("zone", zone.zone_id, ("zones", index), DefineZone(zone=zone))
    for gate_id in sorted(venue.layout.gates):
        if gate_id not in gates:
            yield _Step("gate", gate_id, ("gates",), RetireGate(gate_id=gate_id))
    for index, gate in enumerate(policy.gates):
        yield _Step("gate", gate.gate_id, ("gates", index), DefineGate(gate=Gate(**dict(gate)), keeps_state=True))
    yield _Step("rules", "rules", ("rules",), SetRules(rules=policy.rules))
    for session_id in sorted(venue.programme.sessions):
        if session_id not in sessions:
            yield _Step("session", session_id, ("sessions",), CancelSession(session_id=session_id))
    for index, session in enumerate(policy.sessions):
        yield _Step("session", session.session_id, ("sessions", index), ScheduleSession(session=session))
    yield from _seats(policy, venue)
    for gone in sorted(venue.layout.zones.values(), key=lambda zone: (-len(zone.path), zone.path)):
        if gone.zone_id not in zones:
            yield _Step("zone", gone.zone_id, ("zones",), RetireZone(zone_id=gone.zone_id))


def _seats(policy: Policy, venue: Venue) -> Iterator[_Step]:
    wanted = {(seats.zone_id, seats.delegation_id): seats.seats for seats in policy.seats}
    for zone_id, delegation_id in sorted({*venue.overlays.seats, *wanted}):
        allocated = SeatsAllocated(
            zone_id=zone_id,
            venue_id=venue.venue_id,
            delegation_id=delegation_id,
            seats=wanted.get((zone_id, delegation_id)),
        )
        yield _Step("seats", f"{zone_id}/{delegation_id}", ("seats",), allocated)


def _depth(zone: ZonePlan, zones: Mapping[str, ZonePlan]) -> int:
    return 0 if zone.parent_id is None else 1 + _depth(zones[zone.parent_id], zones)


def _decided(does: LayoutCommand | ProgrammeCommand | SeatsAllocated, venue: Venue) -> Decision[VenueEvent]:
    match does:
        case SeatsAllocated():
            return [does]
        case ScheduleSession() | CancelSession():
            return programme.decide(does, venue)
        case _:
            return layout.decide(does, venue)


def _fault(step: _Step, refused: Refused) -> Fault:
    field = _FIELD_AT_FAULT.get(refused.code)
    return Fault((*step.where, field) if field else step.where, refused.code, refused.detail)


def _invalid(faults: list[Fault]) -> PolicyInvalid:
    return PolicyInvalid(f"{len(faults)} things are wrong", tuple(faults))
