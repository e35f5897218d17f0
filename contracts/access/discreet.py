"""What operations are told and nobody else: outside subscribers never get these."""

from typing import Literal

from contracts.event import SharedEvent
from contracts.ids import DeviceId, GateId, PersonId, ScanId, VenueId, ZoneId


class WatchedPersonSeen(SharedEvent, service="access", discreet=True):
    """A person on the watchlist was scanned. ``hold``: the gate shows an ordinary delay."""

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    person_id: PersonId
    outcome: Literal["block", "hold", "notice"]

    def about(self) -> str:
        return f"person-{self.person_id}"


class DuressSignalled(SharedEvent, service="access", discreet=True):
    """Whoever scanned was forced to. The gate showed an ordinary welcome."""

    scan_id: ScanId
    venue_id: VenueId
    gate_id: GateId
    zone_id: ZoneId
    person_id: PersonId | None
    device_id: DeviceId | None

    def about(self) -> str:
        return f"gate-{self.gate_id}"
