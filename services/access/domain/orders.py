"""Orders in force: lockdowns freeze the entries of zones, a threat level asks for more clearance. Exits stay free."""

from collections.abc import Sequence
from typing import assert_never

from chassis.log.decider import Command, Decision
from services.access.domain.layout import ZoneUnknown
from services.access.domain.record.layout import Zone
from services.access.domain.record.orders import LockdownDeclared, LockdownLifted, ThreatLevelSet
from services.access.domain.venue import Venue, VenueEvent


class DeclareLockdown(Command):
    zone_id: str | None  # None: the whole venue
    reason: str  # a code from the commander's list


class LiftLockdown(Command):
    zone_id: str | None  # None: what was declared of the whole venue; a room locked by itself stays locked


class SetThreatLevel(Command):
    level: int
    reason: str


OrderCommand = DeclareLockdown | LiftLockdown | SetThreatLevel


def scope(zone_id: str | None, venue: Venue) -> Sequence[Zone] | ZoneUnknown:
    """The zones an order is given for, each with everything inside it: one, or for None every outermost zone."""
    if zone_id is None:
        return [zone for _, zone in sorted(venue.layout.zones.items()) if zone.parent_id is None]
    zone = venue.layout.zones.get(zone_id)
    return ZoneUnknown(zone_id) if zone is None else [zone]


def decide(command: OrderCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case DeclareLockdown(zone_id=zone_id, reason=reason):
            zones = scope(zone_id, venue)
            if isinstance(zones, ZoneUnknown):
                return zones
            free = [zone for zone in zones if zone.zone_id not in venue.orders.lockdowns]
            return [LockdownDeclared(**_of(zone, venue), reason=reason) for zone in free]
        case LiftLockdown(zone_id=zone_id):
            zones = scope(zone_id, venue)
            if isinstance(zones, ZoneUnknown):
                return zones
            locked = [zone for zone in zones if zone.zone_id in venue.orders.lockdowns]
            return [LockdownLifted(**_of(zone, venue)) for zone in locked]
        case SetThreatLevel(level=level, reason=reason):
            if level == venue.orders.threat_level:
                return []
            return [ThreatLevelSet(venue_id=venue.venue_id, level=level, reason=reason)]
        case _:
            assert_never(command)


def _of(zone: Zone, venue: Venue) -> dict[str, object]:
    return {"zone_id": zone.zone_id, "venue_id": venue.venue_id, "names": zone.names}
