"""An incident is moved by people who have seen how it stands, and closed only with a resolution."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from chassis.log.decider import Decider, Decision
from services.operations.domain import incident_record as record
from services.operations.domain.escalation import due
from services.operations.domain.incident_commands import (
    AcknowledgeIncident,
    AddNote,
    AnyCommand,
    AssignIncident,
    CloseIncident,
    ContainIncident,
    EndCause,
    EscalateIncident,
    EscalateOnTime,
    IncidentChanged,
    IncidentCommand,
    IncidentMergedAway,
    IncidentUnknown,
    MergeIncident,
    MergeNotPossible,
    Move,
    NotInThisState,
    NumberTaken,
    ReasonMissing,
    ReopenIncident,
    RepeatIncident,
    ReportIncident,
    ResolutionMissing,
    ResolveIncident,
    SecondPersonNeeded,
    StartWork,
    TriageIncident,
    VerificationMissing,
    VerifyIncident,
)
from services.operations.domain.incident_record import Incident, IncidentEvent

_MOST_PEOPLE = 50  # of whom an incident is about; a rule that fires at everybody's badge is about the gate

T = TypeVar("T", bound=IncidentEvent)


def decide(command: AnyCommand, incident: Incident | None) -> Decision[IncidentEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, ReportIncident):
        return NumberTaken(f"number {command.number}") if incident else [_reported(command)]
    if incident is None:
        return IncidentUnknown("nothing was reported under this id")
    if isinstance(command, Move):
        if command.version != incident.version:
            return IncidentChanged(
                f"version {incident.version}, {incident.change} by {incident.changed_by}",
                incident.version,
                incident.state,
                incident.changed_by,
                incident.change,
            )
        if incident.merged_into:
            return IncidentMergedAway(str(incident.merged_into), incident.merged_into)
        return _moved(command, incident)
    if incident.merged_into:
        return (
            []
            if isinstance(command, EscalateOnTime | EndCause)
            else IncidentMergedAway(str(incident.merged_into), incident.merged_into)
        )
    match command:
        case AddNote(text=text, rationale=rationale):
            return [_event(record.IncidentNoted, incident, command, text=text, rationale=rationale)]
        case EscalateOnTime(level=level):
            next_level = due(incident)
            if next_level is None or next_level.level != level or next_level.at > command.now:
                return []
            return [_event(record.IncidentEscalated, incident, command, {"escalated": level}, on_time=True)]
        case RepeatIncident():
            return _repeated(command, incident)
        case EndCause():
            return _ended(command, incident)


def evolve(_incident: Incident | None, event: IncidentEvent) -> Incident:
    """The incident after ``event``, which says how it stands."""
    return event.incident


def _moved(command: Move, incident: Incident) -> Decision[IncidentEvent]:
    """Of an incident as whoever commands has seen it."""
    state = incident.state
    match command:
        case ReopenIncident(reason=reason):
            if state not in {"resolved", "verified", "closed"}:
                return NotInThisState(state)
            return [_reopened(command, incident, reason)]
        case _ if state == "closed":
            return NotInThisState(state)
        case TriageIncident():
            return _triaged(command, incident)
        case EscalateIncident(reason=reason):
            if incident.escalated >= record.MOST_LEVELS:
                return []
            changes = {"escalated": incident.escalated + 1}
            return [_move(record.IncidentEscalated, incident, command, changes, on_time=False, reason=reason)]
        case MergeIncident(into=into):
            if into is None or not into.is_open or into.number >= incident.number:
                return MergeNotPossible("none" if into is None else f"into number {into.number}")
            return [_move(record.IncidentMerged, incident, command, {"merged_into": into.incident_id})]
        case CloseIncident(note=note):
            if state not in {"resolved", "verified"}:
                return ResolutionMissing(state)
            if state == "resolved" and incident.severity == 1:
                return VerificationMissing(state)
            return [_move(record.IncidentClosed, incident, command, {"state": "closed"}, note=note)]
        case VerifyIncident(note=note):
            if state != "resolved":
                return NotInThisState(state)
            alone = command.by == incident.resolved_by
            if alone and incident.severity == 1:
                return SecondPersonNeeded("severity 1")
            return [_move(record.IncidentVerified, incident, command, {"state": "verified"}, alone=alone, note=note)]
        case _ if state in {"resolved", "verified"}:
            return NotInThisState(state)
        case _:
            return _worked_on(command, incident)


def _worked_on(command: Move, incident: Incident) -> Decision[IncidentEvent]:
    """Of an incident that is neither resolved nor closed."""
    match command:
        case AssignIncident(assignee=assignee):
            return _assigned(command, incident, assignee)
        case AcknowledgeIncident():
            if incident.state not in {"reported", "triaged", "assigned"}:
                return []
            changes = {"state": "acknowledged", "assignee": incident.assignee or command.by}
            return [_move(record.IncidentAcknowledged, incident, command, changes)]
        case StartWork():
            if incident.state == "in_progress":
                return []
            changes = {"state": "in_progress", "assignee": incident.assignee or command.by}
            return [_move(record.WorkStarted, incident, command, changes)]
        case ContainIncident(note=note):
            if incident.state == "contained":
                return []
            changes = {"state": "contained", "assignee": incident.assignee or command.by}
            return [_move(record.IncidentContained, incident, command, changes, note=note)]
        case ResolveIncident(resolution=resolution):
            if not resolution.strip():
                return ResolutionMissing(incident.state)
            changes = {"state": "resolved", "resolved_by": command.by}
            return [_move(record.IncidentResolved, incident, command, changes, resolution=resolution)]
        case _:
            raise TypeError(f"{type(command).__name__} is not decided here")


def _reported(command: ReportIncident) -> record.IncidentReported:
    stated = command.model_dump(include=set(Incident.model_fields) & set(ReportIncident.model_fields))
    incident = Incident(
        **stated,
        state="reported",
        raised_by="rule" if command.cause else "person",
        opened_at=command.now,
        clock_at=command.now,
        version=1,
        changed_at=command.now,
        changed_by=command.by,
        change=record.change(record.IncidentReported),
    )
    return record.IncidentReported(
        incident=incident, by=command.by, at=command.now, title=command.title, note=command.note
    )


def _triaged(command: TriageIncident, incident: Incident) -> Decision[IncidentEvent]:
    changed = command.severity != incident.severity
    if changed and not (command.reason or "").strip():
        return ReasonMissing(f"from {incident.severity} to {command.severity}")
    if not changed and incident.state != "reported":
        return []
    state = "triaged" if incident.state == "reported" else incident.state
    changes = {"state": state, "severity": command.severity}
    return [
        _move(
            record.IncidentTriaged,
            incident,
            command,
            changes,
            was_severity=incident.severity,
            reason=command.reason,
        )
    ]


def _assigned(command: Move, incident: Incident, assignee: str) -> Decision[IncidentEvent]:
    """To somebody else it begins anew: they have yet to acknowledge it. Nobody postpones a clock that still runs."""
    if incident.assignee == assignee and incident.state != "triaged":
        return []
    taken_over = incident.state in {"acknowledged", "in_progress"}
    changes: dict[str, Any] = {"assignee": assignee}
    if incident.state != "contained":
        changes["state"] = "assigned"
    if taken_over:
        changes["clock_at"] = command.now
    return [_move(record.IncidentAssigned, incident, command, changes, was_assignee=incident.assignee)]


def _reopened(command: IncidentCommand, incident: Incident, reason: str | None) -> record.IncidentReopened:
    changes: dict[str, Any] = {
        "state": "triaged",
        "assignee": None,
        "resolved_by": None,
        "escalated": 0,
        "clock_at": command.now,
    }
    return _move(record.IncidentReopened, incident, command, changes, reason=reason)


def _repeated(command: RepeatIncident, incident: Incident) -> Decision[IncidentEvent]:
    """Of a rule's, or of one that a rule's was merged into."""
    if incident.state == "closed":
        return NotInThisState(incident.state)
    cause = incident.cause
    if cause and cause.seen and cause.seen.covers(command.seen):
        return []
    changes: dict[str, Any] = {
        "repeats": incident.repeats + command.count,
        "people": _with(incident.people, command.people)[:_MOST_PEOPLE],
        "badges": _with(incident.badges, command.badges)[:_MOST_PEOPLE],
    }
    if cause:
        standing = _with(cause.standing, (command.about,) if command.about else ())
        changes["cause"] = cause.model_copy(update={"standing": standing, "seen": command.seen or cause.seen})
        changes["cause_over"] = False
    repeated = _event(record.IncidentRepeated, incident, command, changes, count=command.count, at_gate=command.at_gate)
    if incident.state not in {"resolved", "verified"}:
        return [repeated]
    return [repeated, _reopened(command, repeated.incident, None)]


def _ended(command: EndCause, incident: Incident) -> Decision[IncidentEvent]:
    cause = incident.cause
    if cause is None or command.about not in cause.standing or incident.state == "closed":
        return []
    left = tuple(one for one in cause.standing if one != command.about)
    changes = {"cause": cause.model_copy(update={"standing": left}), "cause_over": not left}
    ended = _event(record.CauseEnded, incident, command, changes, about=command.about)
    if left or not cause.resolves or incident.is_taken:
        return [ended]
    resolved = {"state": "resolved", "resolved_by": command.by}
    return [ended, _move(record.IncidentResolved, ended.incident, command, resolved, resolution=None)]


def _move(kind: type[T], incident: Incident, command: IncidentCommand, changes: dict[str, Any], **fields: object) -> T:
    """An event that makes what others have seen of the incident out of date."""
    moved = {
        "version": incident.version + 1,
        "changed_at": command.now,
        "changed_by": command.by,
        "change": record.change(kind),
    }
    return _event(kind, incident, command, {**changes, **moved}, **fields)


def _event(
    kind: type[T],
    incident: Incident,
    command: IncidentCommand,
    changes: dict[str, Any] | None = None,
    **fields: object,
) -> T:
    after = incident.model_copy(update=changes or {})
    return kind(incident=after, was=incident.state, by=command.by, at=command.now, **fields)


def _with(known: Sequence[Any], more: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*known, *more)))


INCIDENT: Decider[AnyCommand, Incident | None, IncidentEvent] = Decider(decide, evolve, None, record.EVENTS)
