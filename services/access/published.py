"""Which of our events the others hear of, and as what. Pure."""

from contracts import access as shared
from contracts.event import SharedEvent, shared_events
from services.access.domain import checks
from services.access.domain.record.companions import PartyFormed
from services.access.domain.record.devices import DeviceEnrolled
from services.access.domain.record.layout import GateDefined, ZoneDefined
from services.access.domain.record.overlays import OverlayAllocated
from services.access.domain.record.overrides import OverrideRequested
from services.access.domain.record.programme import SessionScheduled
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched, WatchLifted
from services.access.domain.venue import EVENTS, VenueEvent
from services.access.messages import standard_codes

_OUR_OWN = (PersonWatched, WatchLifted)
"""What has a shared name, and is nobody else's business."""
_SHARED: dict[type[VenueEvent], type[SharedEvent]] = {
    event: shared_events()[f"access.{event.__name__}.v1"]
    for event in EVENTS
    if f"access.{event.__name__}.v1" in shared_events() and event not in _OUR_OWN
}
"""An event that others hear of is called the same there."""


def publish(event: VenueEvent) -> SharedEvent | None:
    """The shared event that tells others of ``event``, or None."""
    told = _SHARED.get(type(event))
    if told is None:
        return None
    match event:
        case BadgeScanned():
            return _scan(event)
        case ZoneDefined(zone=zone):
            facts = zone.model_dump()
        case GateDefined(gate=gate):
            facts = gate.model_dump()
        case SessionScheduled(session=session):
            facts = session.model_dump() | {"moved": event.moved}
        case DeviceEnrolled(device=device):
            facts = device.model_dump(include={"device_id", "gate_id"})
        case OverlayAllocated(overlay=overlay):
            facts = overlay.model_dump()
        case OverrideRequested(override=override):
            facts = override.model_dump() | {"refused_for": checks.shown(override.refused_for)}
        case PartyFormed(party=party):
            facts = party.model_dump()
        case _:
            facts = event.model_dump()
    if "count" in facts:
        facts["occupancy"] = {"count": facts["count"], "capacity": facts["capacity"]}
    return told.model_validate(facts | {"venue_id": getattr(event, "venue_id", None)})


def _scan(scan: BadgeScanned) -> shared.BadgeScanned:
    # Its fields as they are, for this is done for every scan: dumping them first would take as long again.
    failed = checks.shown(scan.failed)
    reason = failed[0] if scan.outcome == "refused" else None
    return shared.BadgeScanned.model_validate(
        {
            **vars(scan),
            "reason": reason,
            "standard_codes": standard_codes(reason) if reason else None,
            "warnings": () if scan.duress else checks.shown(scan.warnings),
            "occupancy": {"count": scan.count, "capacity": scan.capacity},
        }
    )
