"""The decider of a venue: every command it may get, each decided in its own file, all on one state."""

from typing import assert_never
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision
from services.access.domain import badges, devices, layout, orders, passage
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, LearnBadgeIssued, LearnIssuerKey, ReleaseBadge
from services.access.domain.devices import CutOffDevice, EnrolDevice, IssueEnrolmentCode
from services.access.domain.layout import DefineGate, DefineZone, RetireGate, RetireZone, SetGateState, SetRules
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.domain.passage import PassPinHolder, ScanBadge
from services.access.domain.venue import EVENTS, GatekeeperAppointed, HolderDisplayed, Venue, VenueEvent, evolve


class AppointGatekeeper(Command):
    gatekeeper_id: UUID


class DisplayHolder(Command):
    scan_id: UUID
    person_id: UUID


VenueCommand = (
    ScanBadge
    | PassPinHolder
    | LearnBadgeIssued
    | LearnBadgeChanged
    | LearnIssuerKey
    | HoldBadge
    | ReleaseBadge
    | DefineZone
    | RetireZone
    | DefineGate
    | SetGateState
    | RetireGate
    | SetRules
    | IssueEnrolmentCode
    | EnrolDevice
    | CutOffDevice
    | DeclareLockdown
    | LiftLockdown
    | AppointGatekeeper
    | DisplayHolder
)


def decide(command: VenueCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case ScanBadge() | PassPinHolder():
            return passage.decide(command, venue)
        case LearnBadgeIssued() | LearnBadgeChanged() | LearnIssuerKey() | HoldBadge() | ReleaseBadge():
            return badges.decide(command, venue)
        case DefineZone() | RetireZone() | DefineGate() | SetGateState() | RetireGate() | SetRules():
            return layout.decide(command, venue)
        case IssueEnrolmentCode() | EnrolDevice() | CutOffDevice():
            return devices.decide(command, venue)
        case DeclareLockdown() | LiftLockdown():
            return orders.decide(command, venue)
        case AppointGatekeeper(gatekeeper_id=gatekeeper_id):
            return [GatekeeperAppointed(gatekeeper_id=gatekeeper_id)]
        case DisplayHolder(scan_id=scan_id, person_id=person_id):
            return [HolderDisplayed(scan_id=scan_id, person_id=person_id)]
        case _:
            assert_never(command)


def of_venue(venue_id: str) -> Decider[VenueCommand, Venue, VenueEvent]:
    """The decider of one venue, starting from an empty one."""
    return Decider(decide, evolve, Venue(venue_id), EVENTS)
