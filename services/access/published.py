"""Which of our events the others hear of, and as what. Pure."""

from typing import Any

from contracts import access as shared
from contracts.event import SharedEvent
from contracts.words import Occupancy
from services.access.domain import venue as ours
from services.access.domain.venue import VenueEvent

_SAME_IN_A_SCAN = tuple(ours.BadgeScanned.model_fields.keys() & shared.BadgeScanned.model_fields.keys())


def publish(event: VenueEvent) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    match event:
        case ours.BadgeScanned():
            return _scan(event)
        case ours.ZoneDefined(zone=zone):
            return shared.ZoneDefined.model_validate({**zone.model_dump(), "venue_id": event.venue_id})
        case ours.GateDefined(gate=gate):
            return shared.GateDefined.model_validate({**gate.model_dump(), "venue_id": event.venue_id})
        case ours.DeviceEnrolled(device=device):
            return shared.DeviceEnrolled.model_validate(device.model_dump(include={"device_id", "gate_id"}))
        case ours.ZoneCapacityReached():
            return shared.ZoneCapacityReached.model_validate(_with_occupancy(event))
        case ours.ZoneCapacityRestored():
            return shared.ZoneCapacityRestored.model_validate(_with_occupancy(event))
        case ours.LockdownDeclared():
            return shared.LockdownDeclared.model_validate(event.model_dump())
        case ours.LockdownLifted():
            return shared.LockdownLifted.model_validate(event.model_dump())
        case _:
            return None


def _scan(event: ours.BadgeScanned) -> shared.BadgeScanned:
    # Everything in it was validated when it was decided; to do so again for each scan is work for nothing.
    occupancy = Occupancy.model_construct(count=event.count, capacity=event.capacity)
    same: dict[str, Any] = {field: getattr(event, field) for field in _SAME_IN_A_SCAN}
    return shared.BadgeScanned.model_construct(**same, reason=event.reason, occupancy=occupancy)


def _with_occupancy(event: ours.ZoneCapacityReached | ours.ZoneCapacityRestored) -> dict[str, object]:
    return {**event.model_dump(), "occupancy": {"count": event.count, "capacity": event.capacity}}
