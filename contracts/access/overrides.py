"""Supervisors who admit against a refusal."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import SharedEvent
from contracts.ids import GateId, PersonId, ScanId, VenueId, ZoneId


class OverrideRequested(SharedEvent, service="access", routing=("zone_id",)):
    """A supervisor asks for somebody to be admitted; ``confirm_by`` null: no second person is needed."""

    override_id: UUID
    scan_id: ScanId
    """The refused scan."""
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    person_id: PersonId
    refused_for: tuple[str, ...]
    reason: str
    confirm_by: AwareDatetime | None

    def about(self) -> str:
        return f"override-{self.override_id}"


class EntryOverridden(SharedEvent, service="access", routing=("zone_id",)):
    """Somebody was admitted against a refusal; the scan that comes with this says how that moved them."""

    override_id: UUID
    scan_id: ScanId
    """The refused scan."""
    admission_id: ScanId
    """The scan that comes with this."""
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    refused_for: tuple[str, ...]
    reason: str

    def about(self) -> str:
        return f"override-{self.override_id}"


class OverrideReviewed(SharedEvent, service="access"):
    """Somebody else looked at it afterwards."""

    override_id: UUID
    venue_id: VenueId
    finding: Literal["justified", "unjustified"]

    def about(self) -> str:
        return f"override-{self.override_id}"
