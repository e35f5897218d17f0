"""Which of our events the others hear of, and as what. Pure."""

from contracts import access as shared
from contracts.event import SharedEvent
from services.access.domain import venue as ours
from services.access.domain.venue import VenueEvent


def publish(event: VenueEvent) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    match event:
        case ours.BadgeScanned():
            # Its fields as they are, for this is done for every scan: dumping them first would take as long again.
            return shared.BadgeScanned.model_validate({**vars(event), "reason": event.reason, **_occupancy(event)})
        case ours.ZoneDefined(zone=zone):
            return shared.ZoneDefined.model_validate({**zone.model_dump(), "venue_id": event.venue_id})
        case ours.GateDefined(gate=gate):
            return shared.GateDefined.model_validate({**gate.model_dump(), "venue_id": event.venue_id})
        case ours.DeviceEnrolled(device=device):
            return shared.DeviceEnrolled.model_validate(device.model_dump(include={"device_id", "gate_id"}))
        case ours.ZoneCapacityReached():
            return shared.ZoneCapacityReached.model_validate({**event.model_dump(), **_occupancy(event)})
        case ours.ZoneCapacityRestored():
            return shared.ZoneCapacityRestored.model_validate({**event.model_dump(), **_occupancy(event)})
        case ours.LockdownDeclared():
            return shared.LockdownDeclared.model_validate(event.model_dump())
        case ours.LockdownLifted():
            return shared.LockdownLifted.model_validate(event.model_dump())
        case _:
            return None


def _occupancy(event: ours.BadgeScanned | ours.ZoneCapacityReached | ours.ZoneCapacityRestored) -> dict[str, object]:
    return {"occupancy": {"count": event.count, "capacity": event.capacity}}
