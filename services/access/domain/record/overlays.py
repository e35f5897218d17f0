"""Overlay passes, which a delegation hands round among its people, and seats, of which a delegation has so many."""

from typing import NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value
from services.access.domain.record.scans import BadgeScanned


class Overlay(Value):
    """A transferable pass that counts only beside a badge of its delegation. Its text is known by its SHA-256 only."""

    overlay_id: UUID
    delegation_id: str
    kind: str
    number: int  # printed on it: the third of its kind in its delegation
    text_hash: str
    cancelled: bool = False


class OverlayAllocated(Event):
    overlay: Overlay
    venue_id: str


class OverlayCancelled(Event):
    overlay_id: UUID
    delegation_id: str
    venue_id: str
    reason: str


class OverlayHandedOver(Event):
    """In the room, from one person to another of the same delegation; the first is taken to leave with it."""

    overlay_id: UUID
    delegation_id: str
    venue_id: str
    zone_id: str
    from_person_id: UUID
    to_person_id: UUID


class SeatsAllocated(Event):
    """How many of a delegation may be in a zone at a time; None: as the zone says for everybody."""

    zone_id: str
    venue_id: str
    delegation_id: str
    seats: int | None


OverlaysEvent = OverlayAllocated | OverlayCancelled | OverlayHandedOver | SeatsAllocated
EVENTS = (OverlayAllocated, OverlayCancelled, OverlayHandedOver, SeatsAllocated)


class Overlays(NamedTuple):
    known: Map[UUID, Overlay] = Map()
    texts: Map[str, UUID] = Map()  # hash -> overlay
    used: Map[UUID, tuple[str, UUID]] = Map()  # overlay -> the zone it is in, and who brought it
    seats: Map[tuple[str, str], int] = Map()  # zone, delegation -> seats, where they differ from the zone's


def evolve(overlays: Overlays, event: OverlaysEvent) -> Overlays:
    match event:
        case OverlayAllocated(overlay=overlay):
            return overlays._replace(
                known=overlays.known.set(overlay.overlay_id, overlay),
                texts=overlays.texts.set(overlay.text_hash, overlay.overlay_id),
            )
        case OverlayCancelled(overlay_id=overlay_id):
            cancelled = overlays.known[overlay_id].model_copy(update={"cancelled": True})
            return overlays._replace(known=overlays.known.set(overlay_id, cancelled))
        case OverlayHandedOver(overlay_id=overlay_id, zone_id=zone_id, to_person_id=person):
            return overlays._replace(used=overlays.used.set(overlay_id, (zone_id, person)))
        case SeatsAllocated(zone_id=zone_id, delegation_id=delegation_id, seats=seats):
            key = (zone_id, delegation_id)
            if seats is not None:
                return overlays._replace(seats=overlays.seats.set(key, seats))
            return overlays._replace(seats=overlays.seats.delete(key)) if key in overlays.seats else overlays
        case _:
            assert_never(event)


def carried(overlays: Overlays, scan: BadgeScanned) -> Overlays:
    """The passes after a scan: one goes in with whoever shows it, and is free again once they have left."""
    used = overlays.used
    for overlay_id, (zone_id, person) in used.items() if scan.left else ():
        if person == scan.person_id and zone_id in scan.left:
            used = used.delete(overlay_id)
    if scan.overlay_id is not None and scan.outcome == "admitted" and scan.person_id is not None:
        used = used.set(scan.overlay_id, (scan.zone_id, scan.person_id))
    return overlays if used is overlays.used else overlays._replace(used=used)
