"""Orders in force: a lockdown freezes the entries of a zone and of everything inside it. Exits stay free."""

from chassis.log.decider import Command, Decision
from services.access.domain.layout import ZoneUnknown
from services.access.domain.record.orders import LockdownDeclared, LockdownLifted
from services.access.domain.venue import Venue, VenueEvent


class DeclareLockdown(Command):
    zone_id: str
    reason: str  # a code from the commander's list


class LiftLockdown(Command):
    zone_id: str


def decide(command: DeclareLockdown | LiftLockdown, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    zone = venue.layout.zones.get(command.zone_id)
    if zone is None:
        return ZoneUnknown(command.zone_id)
    where = {"zone_id": zone.zone_id, "venue_id": venue.venue_id, "names": zone.names}
    locked = zone.zone_id in venue.orders.lockdowns
    if isinstance(command, DeclareLockdown):
        return [] if locked else [LockdownDeclared(**where, reason=command.reason)]
    return [LockdownLifted(**where)] if locked else []
