"""The decider of a venue: every command it may get, each decided in its own file, all on one state."""

from typing import assert_never
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision
from services.access.domain import (
    applying,
    badges,
    devices,
    evacuation,
    handover,
    inspections,
    journal,
    layout,
    orders,
    overlays,
    overrides,
    parties,
    passage,
    presence,
    programme,
    reviewing,
    revocations,
    undoing,
    watchlist,
)
from services.access.domain.applying import ApplyPolicy
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, LearnBadgeIssued, LearnIssuerKey, ReleaseBadge
from services.access.domain.devices import (
    CutOffDevice,
    EnrolDevice,
    IssueEnrolmentCode,
    MoveDevice,
    ReportDevice,
    ReportSilence,
)
from services.access.domain.evacuation import GiveAllClear, MusterPerson, OrderEvacuation, ReconcileMuster
from services.access.domain.handover import HandOverOverlay
from services.access.domain.inspections import RecordInspection
from services.access.domain.journal import UploadJournal
from services.access.domain.layout import DefineGate, DefineZone, RetireGate, RetireZone, SetGateState, SetRules
from services.access.domain.orders import DeclareLockdown, LiftLockdown, SetThreatLevel
from services.access.domain.overlays import AllocateOverlays, AllocateSeats, CancelOverlay
from services.access.domain.overrides import ConfirmOverride, RequestOverride
from services.access.domain.parties import DissolveParty, FormParty
from services.access.domain.passage import PassPinHolder
from services.access.domain.presence import CorrectOccupancy, ForgivePassback, InferExits
from services.access.domain.programme import CancelSession, ScheduleSession
from services.access.domain.reviewing import ReviewOverride
from services.access.domain.revocations import RecordSpread
from services.access.domain.scan import ScanBadge
from services.access.domain.undoing import UndoPassage
from services.access.domain.venue import (
    EVENTS,
    GatekeeperAppointed,
    HolderDisplayed,
    HoldersListed,
    Venue,
    VenueEvent,
    evolve,
)
from services.access.domain.watchlist import LiftWatch, WatchPerson


class AppointGatekeeper(Command):
    gatekeeper_id: UUID


class DisplayHolder(Command):
    scan_id: UUID
    person_id: UUID


class ListHolders(Command):
    people: tuple[UUID, ...]


VenueCommand = (
    ScanBadge
    | PassPinHolder
    | UndoPassage
    | RequestOverride
    | ConfirmOverride
    | ReviewOverride
    | RecordInspection
    | AllocateOverlays
    | CancelOverlay
    | HandOverOverlay
    | AllocateSeats
    | FormParty
    | DissolveParty
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
    | ScheduleSession
    | CancelSession
    | ApplyPolicy
    | IssueEnrolmentCode
    | EnrolDevice
    | MoveDevice
    | CutOffDevice
    | ReportDevice
    | ReportSilence
    | RecordSpread
    | UploadJournal
    | DeclareLockdown
    | LiftLockdown
    | SetThreatLevel
    | OrderEvacuation
    | MusterPerson
    | ReconcileMuster
    | GiveAllClear
    | CorrectOccupancy
    | InferExits
    | ForgivePassback
    | WatchPerson
    | LiftWatch
    | AppointGatekeeper
    | DisplayHolder
    | ListHolders
)


def decide(command: VenueCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case ScanBadge() | PassPinHolder():
            return passage.decide(command, venue)
        case UndoPassage():
            return undoing.decide(command, venue)
        case RequestOverride() | ConfirmOverride():
            return overrides.decide(command, venue)
        case ReviewOverride():
            return reviewing.decide(command, venue)
        case RecordInspection():
            return inspections.decide(command, venue)
        case AllocateOverlays() | CancelOverlay() | AllocateSeats():
            return overlays.decide(command, venue)
        case HandOverOverlay():
            return handover.decide(command, venue)
        case FormParty() | DissolveParty():
            return parties.decide(command, venue)
        case LearnBadgeIssued() | LearnBadgeChanged() | LearnIssuerKey() | HoldBadge() | ReleaseBadge():
            return badges.decide(command, venue)
        case DefineZone() | RetireZone() | DefineGate() | SetGateState() | RetireGate() | SetRules():
            return layout.decide(command, venue)
        case ScheduleSession() | CancelSession():
            return programme.decide(command, venue)
        case ApplyPolicy():
            return applying.decide(command, venue)
        case IssueEnrolmentCode() | EnrolDevice() | MoveDevice() | CutOffDevice() | ReportDevice() | ReportSilence():
            return devices.decide(command, venue)
        case RecordSpread():
            return revocations.decide(command, venue)
        case UploadJournal():
            return journal.decide(command, venue)
        case DeclareLockdown() | LiftLockdown() | SetThreatLevel():
            return orders.decide(command, venue)
        case OrderEvacuation() | MusterPerson() | ReconcileMuster() | GiveAllClear():
            return evacuation.decide(command, venue)
        case CorrectOccupancy() | InferExits() | ForgivePassback():
            return presence.decide(command, venue)
        case WatchPerson() | LiftWatch():
            return watchlist.decide(command, venue)
        case AppointGatekeeper(gatekeeper_id=gatekeeper_id):
            return [GatekeeperAppointed(gatekeeper_id=gatekeeper_id)]
        case DisplayHolder(scan_id=scan_id, person_id=person_id):
            return [HolderDisplayed(scan_id=scan_id, person_id=person_id)]
        case ListHolders(people=people):
            return [HoldersListed(people=people)] if people else []
        case _:
            assert_never(command)


def of_venue(venue_id: str) -> Decider[VenueCommand, Venue, VenueEvent]:
    """The decider of one venue, starting from an empty one."""
    return Decider(decide, evolve, Venue(venue_id), EVENTS)
