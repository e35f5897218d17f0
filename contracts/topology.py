"""Who publishes, who listens to whom, who asks whom: the map from which permissions and documents are made."""

from dataclasses import dataclass

from contracts import access, accreditation, notifications, operations  # noqa: F401  (registers the shared events)
from contracts.event import SharedEvent, shared_events
from contracts.subjects import scan_subject
from contracts.words import ServiceName


@dataclass(frozen=True, slots=True)
class Request:
    """What a service is asked over core NATS, and answers."""

    name: str
    address: str
    """The subject, with its parameters in braces."""
    subjects: str
    """The same with wildcards: what the service listens to."""
    summary: str
    body: str
    answer: str


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """One service as the others see it."""

    name: ServiceName
    title: str
    purpose: str
    consumes: tuple[ServiceName, ...] = ()
    answers: tuple[Request, ...] = ()

    @property
    def publishes(self) -> tuple[type[SharedEvent], ...]:
        """Its shared events, by name."""
        owned = (event for event in shared_events().values() if event.service == self.name)
        return tuple(sorted(owned, key=lambda event: event.short_name()))

    @property
    def open_subjects(self) -> tuple[str, ...]:
        """Where outside systems may listen, if that is not to everything; empty if it is."""
        if not any(event.discreet for event in self.publishes):
            return ()
        return tuple(f"{self.name}.{event.__name__}.>" for event in self.publishes if not event.discreet)

    @property
    def listens_to(self) -> tuple[str, ...]:
        """The subjects of what it is asked."""
        return tuple(request.subjects for request in self.answers)


SERVICES: dict[ServiceName, ServiceContract] = {
    contract.name: contract
    for contract in (
        ServiceContract(
            "accreditation",
            "Placet accreditation",
            "Who may come: delegations, nominations, vetting, accreditations, badges.",
        ),
        ServiceContract(
            "access",
            "Placet access",
            "Who is inside: zones, gates, devices, verdicts, presence, orders in force.",
            consumes=("accreditation",),
            answers=(
                Request(
                    "Scan",
                    scan_subject("{gate_id}"),
                    scan_subject("*"),
                    summary="One scan, decided as `POST /v1/scans` decides it. For edge controllers of a venue.",
                    body="`ScanRequest` of this service's OpenAPI document; its `gate_id` is that of the subject.",
                    answer="`Verdict` of this service's OpenAPI document: the same bytes as over HTTP.",
                ),
            ),
        ),
        ServiceContract(
            "notifications",
            "Placet notifications",
            "Who must know: notices by e-mail.",
            consumes=("accreditation", "access", "operations"),
        ),
        ServiceContract(
            "operations",
            "Placet operations",
            "What is going on: live dashboards, incidents, shifts. No gate depends on it.",
            consumes=("accreditation", "access", "notifications"),
        ),
    )
}
