"""What Prometheus sees of incidents: how many, of which kind, and how many the clock moved. Never an id."""

from collections.abc import Iterable

from prometheus_client import Counter

from services.operations.domain import incident_record as record
from services.operations.domain.incident_record import IncidentEvent

REPORTED = Counter("placet_incidents_reported", "Incidents, by who raised them.", ["kind", "severity", "raised_by"])
ESCALATED = Counter("placet_incidents_escalated", "Levels that incidents rose to.", ["level", "on_time"])
CLOSED = Counter("placet_incidents_closed", "Incidents with nothing left to do.", ["kind"])


def count(events: Iterable[IncidentEvent]) -> None:
    """Counts what has just been recorded."""
    for event in events:
        match event:
            case record.IncidentReported(incident=incident):
                REPORTED.labels(incident.kind, incident.severity, incident.raised_by).inc()
            case record.IncidentEscalated(incident=incident, on_time=on_time):
                ESCALATED.labels(incident.escalated, str(on_time).lower()).inc()
            case record.IncidentClosed(incident=incident):
                CLOSED.labels(incident.kind).inc()
            case _:
                pass
