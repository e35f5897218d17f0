"""What is on record of an incident: its events, each with the incident as it stands after it.

So one event tells a reader all there is to know, and a row, a message or a state is made from the last one alone. What
people wrote stands beside it, in events that nobody else hears of; the incident itself holds ids, codes and times.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.log.decider import Event, Value

Kind = Literal[
    "silent_gate", "zone_full", "denied_vip", "double_entry", "admitted_after_revocation", "stale_data", "relay_lag",
    "dead_letter", "service_down", "duress", "watched_person", "lost_badge", "device_clock", "override_unreviewed",
    "journal_disputed", "evacuation", "lockdown", "tailgating", "medical", "suspicious_item", "intruder", "protest",
    "credential_outage", "network_loss", "wrong_data", "other",
]  # fmt: skip
DISCREET_KINDS: frozenset[Kind] = frozenset({"duress", "watched_person"})
State = Literal[
    "reported", "triaged", "assigned", "acknowledged", "in_progress", "contained", "resolved", "verified", "closed"
]
Severity = Annotated[int, Field(ge=1, le=4)]
"""1 is the worst."""
MOST_LEVELS = 2
"""1: it was not acknowledged in time; 2: the commander."""


class Seen(Value):
    """An event of another service: up to here a cause was counted."""

    log_id: UUID
    number: int

    def covers(self, other: "Seen | None") -> bool:
        """Whether ``other`` lies before it, or is it."""
        return other is not None and other.log_id == self.log_id and other.number <= self.number


class Cause(Value):
    """Why a rule raised an incident. While it is not closed, the same ``key`` repeats it and raises no other."""

    key: str
    """Rule and place: ``silent_gate:gate-north``."""
    standing: tuple[str, ...] = ()
    """What it is true of now, such as the devices that are silent; empty for what happens in a moment."""
    resolves: bool = False
    """Whether its end resolves an incident that nobody has taken."""
    seen: Seen | None = None


class Incident(Value):
    """An incident as it stands."""

    incident_id: UUID
    number: int
    """1, 2, 3, ...: what it is called on the radio."""
    kind: Kind
    severity: Severity
    state: State
    escalated: int = 0
    zone_id: str | None = None
    gate_id: str | None = None
    about: str | None = None
    """What else it is about: ``device-<id>``, ``service-access``."""
    people: tuple[UUID, ...] = ()
    badges: tuple[UUID, ...] = ()
    discreet: bool = False
    raised_by: Literal["person", "rule"]
    cause: Cause | None = None
    cause_over: bool = False
    repeats: int = 0
    opened_at: datetime
    clock_at: datetime
    """Since when the escalation clock runs."""
    assignee: str | None = None
    resolved_by: str | None = None
    merged_into: UUID | None = None
    version: int
    """How often somebody moved it. What is noted, or repeats, changes nothing that a decision rests on."""
    changed_at: datetime
    changed_by: str
    change: str
    """The last move: ``acknowledged``."""

    @property
    def is_open(self) -> bool:
        return self.state != "closed" and self.merged_into is None

    @property
    def is_taken(self) -> bool:
        """Whether somebody has made it theirs."""
        return self.assignee is not None or self.state not in {"reported", "triaged"}


class IncidentEvent(Event):
    incident: Incident
    """After this event."""
    was: State | None = None
    """The state before it."""
    by: str
    at: datetime


class IncidentReported(IncidentEvent):
    title: str | None
    """None: a rule's, which is called by its kind and place in the reader's language."""
    note: str | None = None


class IncidentTriaged(IncidentEvent):
    was_severity: Severity
    reason: str | None = None


class IncidentAssigned(IncidentEvent):
    was_assignee: str | None = None


class IncidentAcknowledged(IncidentEvent): ...


class WorkStarted(IncidentEvent): ...


class IncidentEscalated(IncidentEvent):
    on_time: bool
    """Whether the clock did it."""
    reason: str | None = None


class IncidentContained(IncidentEvent):
    note: str | None = None


class IncidentResolved(IncidentEvent):
    resolution: str | None
    """None: its cause ended, and nobody had taken it."""


class IncidentVerified(IncidentEvent):
    alone: bool
    """Whether by whoever resolved it."""
    note: str | None = None


class IncidentClosed(IncidentEvent):
    note: str | None = None


class IncidentReopened(IncidentEvent):
    reason: str | None
    """None: its cause came again."""


class IncidentMerged(IncidentEvent):
    """It is part of another from now on, and moves no more."""


class IncidentNoted(IncidentEvent):
    text: str
    rationale: str | None = None


class IncidentRepeated(IncidentEvent):
    """Its cause was met again: ``count`` times since that was last recorded, ``at_gate`` the last time."""

    count: int
    at_gate: str | None = None


class CauseEnded(IncidentEvent):
    """What caused it is true of ``about`` no more; of nothing any more where the incident's ``cause_over`` says so."""

    about: str


EVENTS: tuple[type[IncidentEvent], ...] = (
    IncidentReported,
    IncidentTriaged,
    IncidentAssigned,
    IncidentAcknowledged,
    WorkStarted,
    IncidentEscalated,
    IncidentContained,
    IncidentResolved,
    IncidentVerified,
    IncidentClosed,
    IncidentReopened,
    IncidentMerged,
    IncidentNoted,
    IncidentRepeated,
    CauseEnded,
)


def change(kind: type[IncidentEvent]) -> str:
    """``IncidentAcknowledged``: ``acknowledged``; ``WorkStarted``: ``work_started``."""
    name = kind.__name__.removeprefix("Incident")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
