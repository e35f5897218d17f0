"""A badge rests on an accreditation: made, handed over, lost, replaced by its next version, suspended, revoked."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision, Event, Refused, Unknown
from services.accreditation.domain.accreditation import AccreditationGranted


class IssueBadge(Command):
    badge_id: UUID
    grant: AccreditationGranted | None  # what it rests on; None: nothing was granted


class ActivateBadge(Command):
    badge_id: UUID


class ReportBadgeLost(Command):
    badge_id: UUID
    stolen: bool = False


class ReplaceBadge(Command):
    badge_id: UUID
    version: int  # the one to be replaced


class SuspendBadge(Command):
    badge_id: UUID
    reason: str


class ReinstateBadge(Command):
    badge_id: UUID


class RevokeBadge(Command):
    badge_id: UUID
    reason: str


BadgeCommand = IssueBadge | ActivateBadge | ReportBadgeLost | ReplaceBadge | SuspendBadge | ReinstateBadge | RevokeBadge


class BadgeIssued(Event):
    badge_id: UUID
    version: int
    nomination_id: UUID
    person_id: UUID
    delegation_id: str
    category: str
    areas: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime


class BadgeActivated(Event):
    badge_id: UUID
    version: int
    person_id: UUID


class BadgeReportedLost(Event):
    badge_id: UUID
    version: int
    person_id: UUID
    delegation_id: str
    stolen: bool = False


class BadgeReplaced(Event):
    badge_id: UUID
    version: int  # the new one
    person_id: UUID


class BadgeSuspended(Event):
    badge_id: UUID
    person_id: UUID
    reason: str


class BadgeReinstated(Event):
    badge_id: UUID
    person_id: UUID


class BadgeRevoked(Event):
    badge_id: UUID
    person_id: UUID
    delegation_id: str
    reason: str


BadgeEvent = (
    BadgeIssued | BadgeActivated | BadgeReportedLost | BadgeReplaced | BadgeSuspended | BadgeReinstated | BadgeRevoked
)


class BadgeUnknown(Unknown):
    """There is no such badge."""

    __slots__ = ()
    code = "badge_unknown"


class NotAccredited(Refused):
    """Nothing was granted that a badge could rest on."""

    __slots__ = ()
    code = "not_accredited"


class BadgeRevokedForGood(Refused):
    """The badge was revoked; that cannot be undone."""

    __slots__ = ()
    code = "badge_revoked"


class BadgeLost(Refused):
    """The badge was reported lost: replace it."""

    __slots__ = ()
    code = "badge_lost"


@dataclass(frozen=True)
class State:
    """Only what the next decision needs; ``issued`` and ``version`` also serve the credential."""

    issued: BadgeIssued | None = None
    version: int = 0
    holding: Literal["issued", "active", "lost"] = "issued"
    stolen: bool = False  # while it is lost
    suspended: bool = False
    revoked: bool = False


def decide(command: BadgeCommand, state: State) -> Decision[BadgeEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, IssueBadge):
        return _issue(command, state)
    if state.issued is None:
        return BadgeUnknown(str(command.badge_id))
    if state.revoked:
        return [] if isinstance(command, RevokeBadge) else BadgeRevokedForGood(str(command.badge_id))
    return _change(command, state, state.issued)


def evolve(state: State, event: BadgeEvent) -> State:
    """State after ``event``."""
    match event:
        case BadgeIssued(version=version):
            return State(issued=event, version=version)
        case BadgeActivated():
            return replace(state, holding="active")
        case BadgeReportedLost(stolen=stolen):
            return replace(state, holding="lost", stolen=stolen)
        case BadgeReplaced(version=version):
            return replace(state, version=version, holding="issued", stolen=False)
        case BadgeSuspended():
            return replace(state, suspended=True)
        case BadgeReinstated():
            return replace(state, suspended=False)
        case BadgeRevoked():
            return replace(state, revoked=True)
        case _:
            assert_never(event)


def _issue(command: IssueBadge, state: State) -> Decision[BadgeEvent]:
    if state.issued is not None:
        return []
    if command.grant is None:
        return NotAccredited("grant the accreditation first")
    return [BadgeIssued(badge_id=command.badge_id, version=1, **command.grant.model_dump())]


def _change(
    command: ActivateBadge | ReportBadgeLost | ReplaceBadge | SuspendBadge | ReinstateBadge | RevokeBadge,
    state: State,
    issued: BadgeIssued,
) -> Decision[BadgeEvent]:
    badge = {"badge_id": issued.badge_id, "person_id": issued.person_id}
    match command:
        case ActivateBadge():
            if state.holding == "lost":
                return BadgeLost(str(issued.badge_id))
            return [] if state.holding == "active" else [BadgeActivated(**badge, version=state.version)]
        case ReportBadgeLost(stolen=stolen):
            if state.holding == "lost" and (state.stolen or not stolen):
                return []
            lost = {"version": state.version, "delegation_id": issued.delegation_id, "stolen": stolen}
            return [BadgeReportedLost(**badge, **lost)]
        case ReplaceBadge(version=version):
            if version > state.version:
                return BadgeUnknown(f"{issued.badge_id} has no version {version}")
            return [] if version < state.version else [BadgeReplaced(**badge, version=state.version + 1)]
        case SuspendBadge(reason=reason):
            return [] if state.suspended else [BadgeSuspended(**badge, reason=reason)]
        case ReinstateBadge():
            return [BadgeReinstated(**badge)] if state.suspended else []
        case RevokeBadge(reason=reason):
            return [BadgeRevoked(**badge, delegation_id=issued.delegation_id, reason=reason)]
        case _:
            assert_never(command)


BADGE: Decider[BadgeCommand, State, BadgeEvent] = Decider(
    decide,
    evolve,
    State(),
    (BadgeIssued, BadgeActivated, BadgeReportedLost, BadgeReplaced, BadgeSuspended, BadgeReinstated, BadgeRevoked),
)
