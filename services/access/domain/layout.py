"""The layout of a venue: zones in a tree, gates between them. Each change is a new version of the policy."""

from collections.abc import Mapping
from typing import Literal

from chassis.log.decider import Command, Decision, Refused, Unknown
from services.access.domain import capacity
from services.access.domain.venue import Gate, GateDefined, Venue, VenueEvent, Zone, ZoneDefined


class DefineZone(Command):
    zone_id: str
    area: str
    names: Mapping[str, str]
    parent_id: str | None
    capacity: int | None
    zone_class: Literal["open", "controlled", "exclusive", "medical"]


class DefineGate(Command):
    gate_id: str
    name: str
    from_zone_id: str | None
    to_zone_id: str


class ZoneUnknown(Unknown):
    """There is no such zone at this venue."""

    __slots__ = ()
    code = "zone_unknown"


class ZoneMoved(Refused):
    """A zone stays under the parent it was defined with: people are inside it."""

    __slots__ = ()
    code = "zone_moved"


class GateLeadsNowhere(Refused):
    """A gate joins a zone with its parent, or the outermost zone with the outside."""

    __slots__ = ()
    code = "gate_leads_nowhere"


def decide(command: DefineZone | DefineGate, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    return _zone(command, venue) if isinstance(command, DefineZone) else _gate(command, venue)


def _zone(command: DefineZone, venue: Venue) -> Decision[VenueEvent]:
    parent = venue.zones.get(command.parent_id) if command.parent_id else None
    if command.parent_id and parent is None:
        return ZoneUnknown(command.parent_id)
    known = venue.zones.get(command.zone_id)
    if known is not None and known.parent_id != command.parent_id:
        return ZoneMoved(command.zone_id)
    path = (*(parent.path if parent else ()), command.zone_id)
    zone = Zone(**command.model_dump(), path=path)
    if zone == known:
        return []
    defined = ZoneDefined(zone=zone, venue_id=venue.venue_id)
    # With another capacity the same people may fill it, or no longer do.
    return [defined, *capacity.news(venue, zone, venue.count(zone.zone_id))]


def _gate(command: DefineGate, venue: Venue) -> Decision[VenueEvent]:
    zone = venue.zones.get(command.to_zone_id)
    if zone is None:
        return ZoneUnknown(command.to_zone_id)
    if command.from_zone_id != zone.parent_id:
        return GateLeadsNowhere(f"{command.gate_id} must come from {zone.parent_id or 'outside'}")
    gate = Gate(**command.model_dump())
    return [] if gate == venue.gates.get(gate.gate_id) else [GateDefined(gate=gate, venue_id=venue.venue_id)]
