"""Incidents of tests: how one was reported, and who does what to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from chassis.log.decider import Refused
from services.operations.domain import incident_commands as domain
from services.operations.domain.incident import INCIDENT
from services.operations.domain.incident_commands import AnyCommand, ReportIncident
from services.operations.domain.incident_record import Cause, Incident, IncidentEvent
from tests.controls import NOW

INCIDENT_ID = UUID("018f0000-0000-7000-8000-0000000000b1")
OFFICER, OTHER = "person:officer", "person:other"
R = TypeVar("R", bound=Refused)


def report(**fields: Any) -> ReportIncident:
    """By hand, unless ``cause`` is given."""
    stated: dict[str, Any] = {
        "incident_id": INCIDENT_ID, "number": 17, "kind": "medical", "severity": 2, "title": "A fall on the stairs",
        "zone_id": "pln", "by": OFFICER, "now": NOW,
    }  # fmt: skip
    return ReportIncident(**{**stated, **fields})


def silent(*devices: str, resolves: bool = True) -> ReportIncident:
    """A rule's: scanners of a gate."""
    cause = Cause(key="silent_gate:gate-north", standing=devices, resolves=resolves)
    return report(
        kind="silent_gate",
        severity=3,
        title=None,
        zone_id=None,
        gate_id="gate-north",
        cause=cause,
        by="service:operations",
    )


class Handled:
    """An incident and its events so far; each command is given as by who has just looked."""

    def __init__(self, first: ReportIncident | None = None) -> None:
        self.events: list[IncidentEvent] = []
        self.incident: Incident | None = None
        self.now: datetime = NOW
        self.given(first or report())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.incident, name)

    @property
    def standing(self) -> Incident:
        assert self.incident is not None
        return self.incident

    def later(self, minutes: float) -> "Handled":
        self.now += timedelta(minutes=minutes)
        return self

    def decide(self, command: AnyCommand) -> Sequence[IncidentEvent] | Refused:
        return INCIDENT.decide(command, self.incident)

    def given(self, command: AnyCommand) -> Sequence[IncidentEvent]:
        """Obeyed; its events."""
        decision = self.decide(command)
        assert not isinstance(decision, Refused), f"refused: {decision.code}, {decision.detail}"
        self.events += decision
        self.incident = INCIDENT.fold(decision, self.incident)
        return decision

    def refused(self, command: AnyCommand, refusal: type[R]) -> R:
        """This refusal and no other."""
        decision = self.decide(command)
        assert type(decision) is refusal, f"not refused as {refusal.__name__}: {decision!r}"
        return decision

    def command(self, kind: type[AnyCommand], by: str = OFFICER, **fields: Any) -> AnyCommand:
        if issubclass(kind, domain.Move):
            fields.setdefault("version", self.incident.version if self.incident else 1)
        return kind(by=by, now=self.now, **fields)

    def done(self, kind: type[AnyCommand], by: str = OFFICER, **fields: Any) -> "Handled":
        """Obeyed; this incident."""
        self.given(self.command(kind, by, **fields))
        return self
