"""What is asked of an incident, and why it may be refused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.log.decider import Command, Refused, Unknown
from services.operations.domain.incident_record import Cause, Incident, Kind, Seen, Severity, State


class IncidentCommand(Command):
    by: str
    now: datetime


class ReportIncident(IncidentCommand):
    incident_id: UUID
    number: int
    kind: Kind
    severity: Severity
    title: str | None = None
    note: str | None = None
    zone_id: str | None = None
    gate_id: str | None = None
    about: str | None = None
    people: tuple[UUID, ...] = ()
    badges: tuple[UUID, ...] = ()
    discreet: bool = False
    cause: Cause | None = None  # of a rule's


class Move(IncidentCommand):
    """What somebody does who saw the incident as ``version``."""

    version: int


class TriageIncident(Move):
    severity: Severity
    reason: str | None = None


class AssignIncident(Move):
    assignee: str


class AcknowledgeIncident(Move): ...


class StartWork(Move): ...


class EscalateIncident(Move):
    reason: str


class ContainIncident(Move):
    note: str | None = None


class ResolveIncident(Move):
    resolution: str


class VerifyIncident(Move):
    note: str | None = None


class CloseIncident(Move):
    note: str | None = None


class ReopenIncident(Move):
    reason: str


class MergeIncident(Move):
    into: Incident | None  # as it stands; None: there is none


class AddNote(IncidentCommand):
    text: str
    rationale: str | None = None


class EscalateOnTime(IncidentCommand):
    """The clock's."""

    level: int


class RepeatIncident(IncidentCommand):
    """A rule's: the cause was met again, ``count`` times since that was last recorded."""

    count: int
    about: str | None = None
    at_gate: str | None = None
    people: tuple[UUID, ...] = ()
    badges: tuple[UUID, ...] = ()
    seen: Seen | None = None


class EndCause(IncidentCommand):
    """A rule's: the cause is true of ``about`` no more."""

    about: str


AnyCommand = ReportIncident | Move | AddNote | EscalateOnTime | RepeatIncident | EndCause


class IncidentUnknown(Unknown):
    """There is no such incident."""

    __slots__ = ()
    code = "incident_unknown"


class NumberTaken(Refused):
    """Another incident has this number."""

    __slots__ = ()
    code = "number_taken"


@dataclass(frozen=True, slots=True)
class IncidentChanged(Refused):
    """Somebody else moved the incident meanwhile."""

    version: int = 0
    state: State = "reported"
    changed_by: str = ""
    change: str = ""
    code = "incident_changed"


@dataclass(frozen=True, slots=True)
class IncidentMergedAway(Refused):
    """The incident is part of another."""

    into: UUID
    code = "incident_merged"


class NotInThisState(Refused):
    """The incident cannot go there from where it stands."""

    __slots__ = ()
    code = "incident_state"


class ReasonMissing(Refused):
    """A change of severity needs a reason."""

    __slots__ = ()
    code = "reason_missing"


class ResolutionMissing(Refused):
    """What closes an incident is what was done about it."""

    __slots__ = ()
    code = "resolution_missing"


class SecondPersonNeeded(Refused):
    """An incident of severity 1 is verified by somebody else than who resolved it."""

    __slots__ = ()
    code = "second_person_needed"


class VerificationMissing(Refused):
    """An incident of severity 1 is verified before it is closed."""

    __slots__ = ()
    code = "verification_missing"


class MergeNotPossible(Refused):
    """An incident is merged into an earlier one that is open."""

    __slots__ = ()
    code = "merge_not_possible"
