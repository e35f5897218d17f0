"""Overlay passes and seats: what a delegation gets of them, and what becomes of a pass."""

from typing import assert_never
from uuid import UUID

from chassis.log.decider import Command, Decision, Unknown
from services.access.domain.layout import ZoneUnknown
from services.access.domain.record.overlays import (
    Overlay,
    OverlayAllocated,
    OverlayCancelled,
    SeatsAllocated,
    Use,
)
from services.access.domain.venue import Venue, VenueEvent


class AllocateOverlays(Command):
    """One pass for each of ``texts``, which are SHA-256 of what is printed on them, by the id of the pass."""

    delegation_id: str
    kind: str
    texts: dict[UUID, str]


class CancelOverlay(Command):
    overlay_id: UUID
    reason: str


class AllocateSeats(Command):
    """``seats`` None: as the zone says for everybody."""

    zone_id: str
    delegation_id: str
    seats: int | None


OverlayCommand = AllocateOverlays | CancelOverlay | AllocateSeats


class OverlayUnknown(Unknown):
    """There is no such overlay pass, or it was cancelled."""

    __slots__ = ()
    code = "overlay_unknown"


def decide(command: OverlayCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case AllocateOverlays():
            return _allocated(command, venue)
        case CancelOverlay(overlay_id=overlay_id, reason=reason):
            known = venue.overlays.known.get(overlay_id)
            if known is None:
                return OverlayUnknown(str(overlay_id))
            if known.cancelled:
                return []
            facts = {"delegation_id": known.delegation_id, "venue_id": venue.venue_id, "reason": reason}
            return [OverlayCancelled(overlay_id=overlay_id, **facts)]
        case AllocateSeats(zone_id=zone_id, delegation_id=delegation_id):
            if zone_id not in venue.layout.zones:
                return ZoneUnknown(zone_id)
            if venue.overlays.seats.get((zone_id, delegation_id)) == command.seats:
                return []
            return [SeatsAllocated(**command.model_dump(), venue_id=venue.venue_id)]
        case _:
            assert_never(command)


def in_use(overlay_id: UUID, venue: Venue) -> Use | None:
    """Where a pass is and who has it there; None: in no zone, as far as anybody knows."""
    use = venue.overlays.used.get(overlay_id)
    return use if use is not None and use.zone_id in venue.presence.of(use.person_id) else None


def _allocated(command: AllocateOverlays, venue: Venue) -> list[VenueEvent]:
    """Numbers run on within a delegation and a kind; that of a pass that was cancelled is not given again."""
    others = (one for one in venue.overlays.known.values() if one.delegation_id == command.delegation_id)
    last = max((one.number for one in others if one.kind == command.kind), default=0)
    new = [(overlay_id, text) for overlay_id, text in command.texts.items() if overlay_id not in venue.overlays.known]
    return [
        OverlayAllocated(
            overlay=Overlay(
                overlay_id=overlay_id,
                delegation_id=command.delegation_id,
                kind=command.kind,
                number=number,
                text_hash=text,
            ),
            venue_id=venue.venue_id,
        )
        for number, (overlay_id, text) in enumerate(new, start=last + 1)
    ]
