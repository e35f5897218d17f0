"""The layout of a venue: zones in a tree, gates between them. Each change is a new version of the policy."""

from chassis.log.decider import Command, Decision, Refused, Unknown
from services.access.domain import capacity
from services.access.domain.record.layout import (
    Gate,
    GateDefined,
    GateRetired,
    GateState,
    Rules,
    RulesSet,
    Zone,
    ZoneDefined,
    ZonePlan,
    ZoneRetired,
)
from services.access.domain.record.overlays import SeatsAllocated
from services.access.domain.venue import Venue, VenueEvent


class DefineZone(Command):
    zone: ZonePlan


class RetireZone(Command):
    zone_id: str


class DefineGate(Command):
    """``keeps_state``: whether a gate that is there already stays open, or closed, as it is."""

    gate: Gate
    keeps_state: bool = False


class SetGateState(Command):
    gate_id: str
    state: GateState


class RetireGate(Command):
    gate_id: str


class SetRules(Command):
    rules: Rules


LayoutCommand = DefineZone | RetireZone | DefineGate | SetGateState | RetireGate | SetRules


class ZoneUnknown(Unknown):
    """There is no such zone at this venue."""

    __slots__ = ()
    code = "zone_unknown"


class GateUnknown(Unknown):
    """There is no such gate at this venue."""

    __slots__ = ()
    code = "gate_unknown"


class LaneUnknown(Unknown):
    """The gate has no such lane."""

    __slots__ = ()
    code = "lane_unknown"


class ZoneMoved(Refused):
    """A zone stays under the parent it was defined with: people are inside it."""

    __slots__ = ()
    code = "zone_moved"


class ZoneInUse(Refused):
    """A zone is retired once it is empty, nothing lies in it or leads to it, and no session or order is for it."""

    __slots__ = ()
    code = "zone_in_use"


class GateLeadsNowhere(Refused):
    """A gate joins a zone with its parent, or the outermost zone with the outside."""

    __slots__ = ()
    code = "gate_leads_nowhere"


class GateInUse(Refused):
    """A gate is retired once no device stands at it."""

    __slots__ = ()
    code = "gate_in_use"


def decide(command: LayoutCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case DefineZone(zone=zone):
            return _define_zone(zone, venue)
        case RetireZone(zone_id=zone_id):
            return _retire_zone(zone_id, venue)
        case DefineGate(gate=gate, keeps_state=keeps_state):
            known = venue.layout.gates.get(gate.gate_id)
            if known is not None and keeps_state:
                gate = gate.model_copy(update={"state": known.state})
            return _define_gate(gate, venue)
        case SetGateState(gate_id=gate_id, state=state):
            known = venue.layout.gates.get(gate_id)
            if known is None:
                return GateUnknown(gate_id)
            return _define_gate(known.model_copy(update={"state": state}), venue)
        case RetireGate(gate_id=gate_id):
            return _retire_gate(gate_id, venue)
        case SetRules(rules=rules):
            return [] if rules == venue.layout.rules else [RulesSet(rules=rules)]


def _define_zone(plan: ZonePlan, venue: Venue) -> Decision[VenueEvent]:
    parent = venue.layout.zones.get(plan.parent_id) if plan.parent_id else None
    if plan.parent_id and parent is None:
        return ZoneUnknown(plan.parent_id)
    known = venue.layout.zones.get(plan.zone_id)
    if known is not None and known.parent_id != plan.parent_id:
        return ZoneMoved(plan.zone_id)
    path = (*(parent.path if parent else ()), plan.zone_id)
    zone = Zone(**dict(plan), path=path)
    if zone == known:
        return []
    defined = ZoneDefined(zone=zone, venue_id=venue.venue_id)
    # With another capacity the same people may fill it, or no longer do.
    return [defined, *capacity.news(venue, zone, venue.presence.count(zone.zone_id))]


def _retire_zone(zone_id: str, venue: Venue) -> Decision[VenueEvent]:
    if zone_id not in venue.layout.zones:
        return []
    used_by = _used_by(zone_id, venue)
    if used_by is not None:
        return ZoneInUse(f"{zone_id}: {used_by}")
    seats = (delegation for zone, delegation in sorted(venue.overlays.seats) if zone == zone_id)
    where = {"zone_id": zone_id, "venue_id": venue.venue_id}
    given_back = [SeatsAllocated(**where, delegation_id=delegation, seats=None) for delegation in seats]
    return [*given_back, ZoneRetired(**where)]


def _used_by(zone_id: str, venue: Venue) -> str | None:
    """What keeps a zone from being retired, or None."""
    for inner_id, zone in sorted(venue.layout.zones.items()):
        if zone.parent_id == zone_id:
            return f"zone {inner_id} lies in it"
    for gate_id, gate in sorted(venue.layout.gates.items()):
        if gate.to_zone_id == zone_id:
            return f"gate {gate_id} leads to it"
    for session in venue.programme.of_zone(zone_id):
        return f"session {session.session_id} takes place in it"
    if zone_id in venue.orders.lockdowns or zone_id in venue.orders.evacuated:
        return "an order is in force there"
    if venue.presence.inside.get(zone_id) or venue.presence.unidentified.get(zone_id):
        return f"{venue.presence.count(zone_id)} people are believed inside"
    return None


def _define_gate(gate: Gate, venue: Venue) -> Decision[VenueEvent]:
    zone = venue.layout.zones.get(gate.to_zone_id)
    if zone is None:
        return ZoneUnknown(gate.to_zone_id)
    if gate.from_zone_id != zone.parent_id:
        return GateLeadsNowhere(f"{gate.gate_id} must come from {zone.parent_id or 'outside'}")
    known = venue.layout.gates.get(gate.gate_id)
    return [] if gate == known else [GateDefined(gate=gate, venue_id=venue.venue_id)]


def _retire_gate(gate_id: str, venue: Venue) -> Decision[VenueEvent]:
    if gate_id not in venue.layout.gates:
        return []
    if any(device.gate_id == gate_id and not device.cut_off for device in venue.devices.known.values()):
        return GateInUse(gate_id)
    return [GateRetired(gate_id=gate_id, venue_id=venue.venue_id)]
