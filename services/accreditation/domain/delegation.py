"""A delegation is invited, confirms by note verbale, and names people within its quota."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Command, Decider, Decision, Event, Refused, Unknown


class InviteDelegation(Command):
    delegation_id: str
    kind: str
    names: Mapping[str, str]  # by language
    language: str  # of its notices
    focal_point_id: UUID | None  # the person in the vault who registers for it


class ConfirmDelegation(Command):
    delegation_id: str
    note_verbale: str


class SetQuota(Command):
    delegation_id: str
    category: str
    places: int  # people; 0 closes the category


class NominateDelegate(Command):
    delegation_id: str
    nomination_id: UUID
    person_id: UUID
    category: str


DelegationCommand = InviteDelegation | ConfirmDelegation | SetQuota | NominateDelegate


class DelegationInvited(Event):
    delegation_id: str
    kind: str
    names: Mapping[str, str]
    language: str
    focal_point_id: UUID | None


class DelegationConfirmed(Event):
    delegation_id: str
    kind: str
    note_verbale: str


class QuotaSet(Event):
    delegation_id: str
    category: str
    places: int


class DelegateNominated(Event):
    delegation_id: str
    nomination_id: UUID
    person_id: UUID
    category: str


DelegationEvent = DelegationInvited | DelegationConfirmed | QuotaSet | DelegateNominated


class DelegationUnknown(Unknown):
    """No such delegation was invited."""

    __slots__ = ()
    code = "delegation_unknown"


class DelegationAlreadyInvited(Refused):
    """The delegation was invited before, with other facts."""

    __slots__ = ()
    code = "delegation_already_invited"


class DelegationAlreadyConfirmed(Refused):
    """The delegation confirmed before, by another note verbale."""

    __slots__ = ()
    code = "delegation_already_confirmed"


class DelegationNotConfirmed(Refused):
    """The delegation has not confirmed yet, so it cannot name people."""

    __slots__ = ()
    code = "delegation_not_confirmed"


class QuotaExhausted(Refused):
    """The delegation has used all its places of this category."""

    __slots__ = ()
    code = "quota_exhausted"


@dataclass(frozen=True)
class State:
    """Only what the next decision needs."""

    invitation: DelegationInvited | None = None
    note_verbale: str | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    nominated: Map[UUID, str] = field(default_factory=Map)  # nomination -> category
    used: Mapping[str, int] = field(default_factory=dict)


def decide(command: DelegationCommand, state: State) -> Decision[DelegationEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, InviteDelegation):
        return _invite(command, state)
    if state.invitation is None:
        return DelegationUnknown(command.delegation_id)
    match command:
        case ConfirmDelegation(delegation_id=delegation_id, note_verbale=note):
            if state.note_verbale is not None:
                return [] if state.note_verbale == note else DelegationAlreadyConfirmed(delegation_id)
            return [DelegationConfirmed(delegation_id=delegation_id, kind=state.invitation.kind, note_verbale=note)]
        case SetQuota(category=category, places=places):
            return [] if state.places.get(category, 0) == places else [QuotaSet(**command.model_dump())]
        case NominateDelegate(nomination_id=nomination_id, category=category):
            if nomination_id in state.nominated:
                return []
            if state.note_verbale is None:
                return DelegationNotConfirmed(command.delegation_id)
            places = state.places.get(category, 0)
            if state.used.get(category, 0) >= places:
                return QuotaExhausted(f"{command.delegation_id} has {places} places for {category}")
            return [DelegateNominated(**command.model_dump())]
        case _:
            assert_never(command)


def evolve(state: State, event: DelegationEvent) -> State:
    """State after ``event``. Never refuses: it has already happened."""
    match event:
        case DelegationInvited():
            return replace(state, invitation=event)
        case DelegationConfirmed(note_verbale=note):
            return replace(state, note_verbale=note)
        case QuotaSet(category=category, places=places):
            return replace(state, places={**state.places, category: places})
        case DelegateNominated(nomination_id=nomination_id, category=category):
            return replace(
                state,
                nominated=state.nominated.set(nomination_id, category),
                used={**state.used, category: state.used.get(category, 0) + 1},
            )
        case _:
            assert_never(event)


def _invite(command: InviteDelegation, state: State) -> Decision[DelegationEvent]:
    invitation = DelegationInvited(**command.model_dump())
    if state.invitation is None:
        return [invitation]
    return [] if state.invitation == invitation else DelegationAlreadyInvited(command.delegation_id)


DELEGATION: Decider[DelegationCommand, State, DelegationEvent] = Decider(
    decide, evolve, State(), (DelegationInvited, DelegationConfirmed, QuotaSet, DelegateNominated)
)
