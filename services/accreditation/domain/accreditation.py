"""An accreditation: a nominated person is vetted, and then may come, for these areas, or may not."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision, Event, Refused, Unknown, Value
from services.accreditation.domain.matrix import AreaNotInMatrix, CategoryRules, CategoryUnknown, entitled_areas


class Nominee(Value):
    """Who was nominated, as the delegation's stream has it."""

    nomination_id: UUID
    person_id: UUID
    delegation_id: str
    category: str


class RecordVettingOutcome(Command):
    nominee: Nominee | None  # None: there is no such nomination
    outcome: Literal["cleared", "referred", "refused"]
    reason_code: str | None = None  # from the authority's own list; required to refuse


class GrantAccreditation(Command):
    nominee: Nominee | None
    rules: CategoryRules | None  # of the nominee's category; None: the matrix does not know it
    extra_areas: tuple[str, ...] = ()
    valid_from: datetime
    valid_until: datetime


class RefuseAccreditation(Command):
    nominee: Nominee | None
    reason_code: str


AccreditationCommand = RecordVettingOutcome | GrantAccreditation | RefuseAccreditation


class VettingCleared(Event):
    nomination_id: UUID


class VettingReferred(Event):
    nomination_id: UUID


class VettingRefused(Event):
    nomination_id: UUID
    reason_code: str


class AccreditationGranted(Event):
    nomination_id: UUID
    person_id: UUID
    delegation_id: str
    category: str
    areas: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime


class AccreditationRefused(Event):
    nomination_id: UUID
    person_id: UUID
    delegation_id: str
    reason_code: str


AccreditationEvent = VettingCleared | VettingReferred | VettingRefused | AccreditationGranted | AccreditationRefused


class NominationUnknown(Unknown):
    """Nobody was nominated under this id."""

    __slots__ = ()
    code = "nomination_unknown"


class VettingReasonMissing(Refused):
    """A refusal by the vetting authority carries a reason code."""

    __slots__ = ()
    code = "vetting_reason_missing"


class VettingPending(Refused):
    """The vetting authority has not cleared this person yet."""

    __slots__ = ()
    code = "vetting_pending"


class ClearanceRefused(Refused):
    """The vetting authority refused this person."""

    __slots__ = ()
    code = "clearance_refused"


class AlreadyDecided(Refused):
    """The accreditation was decided before, otherwise."""

    __slots__ = ()
    code = "already_decided"


@dataclass(frozen=True)
class State:
    """Only what the next decision needs; ``grant`` also serves the badge that rests on it."""

    vetting: Literal["none", "referred", "cleared", "refused"] = "none"
    grant: AccreditationGranted | None = None
    refused: bool = False


def decide(command: AccreditationCommand, state: State) -> Decision[AccreditationEvent]:
    """Events that make ``command`` true; none if it already is."""
    if command.nominee is None:
        return NominationUnknown("no such nomination")
    nominee = command.nominee
    match command:
        case RecordVettingOutcome():
            return _record(command, nominee, state)
        case GrantAccreditation():
            return _grant(command, nominee, state)
        case RefuseAccreditation(reason_code=reason):
            if state.refused:
                return []
            if state.grant is not None:
                return AlreadyDecided(f"{nominee.nomination_id} was granted")
            return [
                AccreditationRefused(
                    nomination_id=nominee.nomination_id,
                    person_id=nominee.person_id,
                    delegation_id=nominee.delegation_id,
                    reason_code=reason,
                )
            ]
        case _:
            assert_never(command)


def evolve(state: State, event: AccreditationEvent) -> State:
    """State after ``event``."""
    match event:
        case VettingCleared():
            return replace(state, vetting="cleared")
        case VettingReferred():
            return replace(state, vetting="referred")
        case VettingRefused():
            return replace(state, vetting="refused")
        case AccreditationGranted():
            return replace(state, grant=event)
        case AccreditationRefused():
            return replace(state, refused=True)
        case _:
            assert_never(event)


def _record(command: RecordVettingOutcome, nominee: Nominee, state: State) -> Decision[AccreditationEvent]:
    if state.vetting == command.outcome:
        return []
    if state.vetting in {"cleared", "refused"}:
        return AlreadyDecided(f"{nominee.nomination_id} was {state.vetting}")
    match command.outcome:
        case "cleared":
            return [VettingCleared(nomination_id=nominee.nomination_id)]
        case "referred":
            return [VettingReferred(nomination_id=nominee.nomination_id)]
        case "refused":
            if not command.reason_code:
                return VettingReasonMissing(f"{nominee.nomination_id}")
            return [VettingRefused(nomination_id=nominee.nomination_id, reason_code=command.reason_code)]


def _grant(command: GrantAccreditation, nominee: Nominee, state: State) -> Decision[AccreditationEvent]:
    if command.rules is None:
        return CategoryUnknown(nominee.category)
    areas = entitled_areas(command.rules, command.extra_areas)
    if isinstance(areas, AreaNotInMatrix):
        return areas
    granted = AccreditationGranted(
        **nominee.model_dump(), areas=areas, valid_from=command.valid_from, valid_until=command.valid_until
    )
    if state.grant is not None:
        return [] if state.grant == granted else AlreadyDecided(f"{nominee.nomination_id} was granted otherwise")
    if state.refused:
        return AlreadyDecided(f"{nominee.nomination_id} was refused")
    if state.vetting == "refused":
        return ClearanceRefused(f"{nominee.nomination_id}")
    if command.rules.vetted and state.vetting != "cleared":
        return VettingPending(f"{nominee.nomination_id}")
    return [granted]


ACCREDITATION: Decider[AccreditationCommand, State, AccreditationEvent] = Decider(
    decide,
    evolve,
    State(),
    (VettingCleared, VettingReferred, VettingRefused, AccreditationGranted, AccreditationRefused),
)
