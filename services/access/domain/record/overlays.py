"""Overlay passes, which a delegation hands round among its people, and seats, of which a delegation has so many."""

from datetime import datetime
from typing import NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value
from services.access.domain.record.layout import Zone
from services.access.domain.record.presence import PassageUndone
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


class Use(NamedTuple):
    """The zone a pass was brought into, and by whom. It is there for as long as they are believed to be."""

    zone_id: str
    person_id: UUID
    since: datetime
    scan_id: UUID


class Overlays(NamedTuple):
    known: Map[UUID, Overlay] = Map()
    texts: Map[str, UUID] = Map()  # hash -> overlay
    used: Map[UUID, Use] = Map()  # overlay -> where it was brought last
    taken_out: Map[UUID, tuple[Use, UUID]] = Map()  # overlay -> its last use, and the scan that ended it
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
        case OverlayHandedOver():  # the two scans that come with it say who brings it where
            return overlays
        case SeatsAllocated(zone_id=zone_id, delegation_id=delegation_id, seats=seats):
            key = (zone_id, delegation_id)
            if seats is not None:
                return overlays._replace(seats=overlays.seats.set(key, seats))
            return overlays._replace(seats=overlays.seats.delete(key)) if key in overlays.seats else overlays
        case _:
            assert_never(event)


def carried(overlays: Overlays, scan: BadgeScanned, zone: Zone, believed: tuple[str, ...]) -> Overlays:
    """The passes after a scan: one goes in with whoever has to show it, and is free again once they have left.

    ``believed``: the zones they were in before. Deeper inside they still have the pass by which they are in the outer
    zone.
    """
    used, taken_out = overlays.used, overlays.taken_out
    for overlay_id, use in used.items() if scan.left else ():
        if use.person_id == scan.person_id and use.zone_id in scan.left:
            used = used.delete(overlay_id)
            taken_out = taken_out.set(overlay_id, (use, scan.scan_id))
    shown = scan.overlay_id
    if shown is not None and scan.outcome == "admitted" and scan.person_id and scan.category in zone.overlays:
        known = used.get(shown)
        if known is None or known.person_id != scan.person_id or known.zone_id not in believed:
            used = used.set(shown, Use(scan.zone_id, scan.person_id, scan.decided_at, scan.scan_id))
            taken_out = taken_out if known is None else taken_out.set(shown, (known, scan.scan_id))
    return overlays if used is overlays.used else overlays._replace(used=used, taken_out=taken_out)


def put_back(overlays: Overlays, undone: PassageUndone) -> Overlays:
    """The passes where they were before a scan, unless somebody else has brought one in since."""
    used = overlays.used
    for overlay_id, use in overlays.used.items():
        if use.scan_id == undone.scan_id:
            used = used.delete(overlay_id)
    for overlay_id, (use, scan_id) in overlays.taken_out.items():
        if scan_id == undone.scan_id and overlay_id not in used:
            used = used.set(overlay_id, use)
    return overlays if used is overlays.used else overlays._replace(used=used)
