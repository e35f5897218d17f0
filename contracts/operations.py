"""What operations tells the others: how an incident stands, who is on duty. Never what anybody wrote about it.

An incident that is discreet has one event of its own, for the house's services only.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, NonNegativeInt, PositiveInt

from contracts.event import SharedEvent
from contracts.ids import BadgeId, GateId, PersonId, ZoneId

IncidentKind = Literal[
    "silent_gate", "zone_full", "denied_vip", "double_entry", "admitted_after_revocation", "stale_data", "relay_lag",
    "dead_letter", "service_down", "duress", "watched_person", "lost_badge", "device_clock", "override_unreviewed",
    "journal_disputed", "evacuation", "lockdown", "tailgating", "medical", "suspicious_item", "intruder", "protest",
    "credential_outage", "network_loss", "wrong_data", "other",
]  # fmt: skip
IncidentState = Literal[
    "reported", "triaged", "assigned", "acknowledged", "in_progress", "contained", "resolved", "verified", "closed"
]
Severity = Annotated[int, Field(ge=1, le=4)]


class _Incident(SharedEvent):
    """An incident as it stands after the event. ``severity`` 1 is the worst; ``escalated`` 2: the commander's."""

    incident_id: UUID
    number: PositiveInt
    kind: IncidentKind
    severity: Severity
    state: IncidentState
    escalated: Annotated[int, Field(ge=0, le=2)]
    zone_id: ZoneId | None
    gate_id: GateId | None
    people: tuple[PersonId, ...]
    badges: tuple[BadgeId, ...]
    raised_by: Literal["person", "rule"]
    assignee: str | None
    """A principal or a team, by its id."""
    repeats: NonNegativeInt

    def about(self) -> str:
        return f"incident-{self.incident_id}"


class IncidentReported(_Incident, service="operations"):
    """Somebody, or a rule, says that something is wrong."""


class IncidentTriaged(_Incident, service="operations"):
    """Somebody has judged how bad it is."""

    was_severity: Severity


class IncidentAssigned(_Incident, service="operations"):
    """It is somebody's to deal with, who has yet to acknowledge it."""


class IncidentAcknowledged(_Incident, service="operations"):
    """Somebody has taken it on."""


class IncidentEscalated(_Incident, service="operations"):
    """Somebody higher must know: the clock ran out, or somebody asks for them."""

    on_time: bool
    """Whether the clock did it."""


class IncidentContained(_Incident, service="operations"):
    """It spreads no further."""


class IncidentResolved(_Incident, service="operations"):
    """It is dealt with, or its cause is over."""


class IncidentClosed(_Incident, service="operations"):
    """Nothing is left to do."""


class IncidentReopened(_Incident, service="operations"):
    """It was not over after all."""


class IncidentMerged(_Incident, service="operations"):
    """It is part of an earlier one."""

    merged_into: UUID


class DiscreetIncidentChanged(_Incident, service="operations", discreet=True):
    """Any of these, of an incident that only few may know of."""

    change: Literal[
        "reported", "triaged", "assigned", "acknowledged", "escalated", "contained", "resolved", "closed", "reopened",
        "merged",
    ]  # fmt: skip


class ShiftHandedOver(SharedEvent, service="operations"):
    """Another officer is on duty in the operations room."""

    handover_id: UUID
    outgoing: str
    """A principal, by its id; so is ``incoming``."""
    incoming: str
    accepted: NonNegativeInt
    """Open items that are the incoming officer's now."""
    kept: NonNegativeInt
    """Those that stayed with the outgoing one."""

    def about(self) -> str:
        return "shift"
