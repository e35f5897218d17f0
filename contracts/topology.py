"""Who publishes, who listens to whom, who asks whom: the map from which permissions and documents are made."""

from dataclasses import dataclass

from contracts import access, accreditation, notifications  # noqa: F401  (registers the shared events)
from contracts.event import SharedEvent, shared_events
from contracts.words import ServiceName


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """One service as the others see it."""

    name: ServiceName
    title: str
    purpose: str
    consumes: tuple[ServiceName, ...] = ()

    @property
    def publishes(self) -> tuple[type[SharedEvent], ...]:
        """Its shared events, by name."""
        owned = (event for event in shared_events().values() if event.service == self.name)
        return tuple(sorted(owned, key=lambda event: event.short_name()))


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
        ),
        ServiceContract(
            "notifications",
            "Placet notifications",
            "Who must know: notices by e-mail.",
            consumes=("accreditation", "access"),
        ),
        ServiceContract(
            "operations",
            "Placet operations",
            "What is going on: live dashboards. Nobody depends on it.",
            consumes=("accreditation", "access", "notifications"),
        ),
    )
}
