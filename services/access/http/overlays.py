"""Overlay passes of delegations: allocated, lost, handed over; and their seats in rooms."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import of_refusal, unless_refused
from contracts.ids import DelegationId, GateId, OverlayId, Token, ZoneId
from services.access.domain import checks
from services.access.domain.handover import HandOverOverlay, HandoverRefused
from services.access.domain.layout import ZoneUnknown
from services.access.domain.overlays import AllocateSeats, CancelOverlay, in_use
from services.access.domain.record.overlays import Overlay, OverlayHandedOver
from services.access.domain.record.presence import NOBODY
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.venue import Venue, VenueEvent
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.http.plans import Seats
from services.access.overlay_passes import allocate
from services.access.scan_port import MAY_SCAN
from services.access.scanning import Scanning
from services.access.shown_once import hashed
from services.access.verdict import Credential

SEE_OVERLAYS = ("protocol", "supervisor", "operations", "auditor", "admin")
"""Roles."""


class OverlaysBody(Body):
    delegation_id: DelegationId
    kind: Token
    """What zones call it that ask for one."""
    count: int = Field(ge=1, le=100)


class CancellationBody(Body):
    reason: Code


class HandoverBody(Body):
    """At the gate of the room where the pass is. ``credential``: the badge of whoever takes it."""

    gate_id: GateId
    overlay: Credential
    credential: Credential


class AllocatedSeatsBody(Body):
    """``seats`` null: as the zone says for everybody."""

    zone_id: ZoneId
    delegation_id: DelegationId
    seats: Seats | None


def overlays(gatekeeper: Gatekeeper, scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/overlays", tags=["overlays"])

    @router.post("", status_code=201)
    async def give(
        body: OverlaysBody, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Passes for a delegation, with the texts to print on them. Shown once."""
        allocated = unless_refused(
            await allocate(gatekeeper, body.delegation_id, body.kind, body.count, because.metadata(principal))
        )
        return {
            "overlays": [
                {**overlay.model_dump(exclude={"text_hash", "cancelled"}), "text": text} for overlay, text in allocated
            ]
        }

    @router.post("/{overlay_id}/cancellation")
    async def cancel(
        overlay_id: OverlayId,
        body: CancellationBody,
        because: Because,
        principal: Principal = allowed("protocol", "admin"),
    ) -> dict[str, Any]:
        """A pass that was lost counts no more. Whoever is in a room with it stays there."""
        command = CancelOverlay(overlay_id=overlay_id, reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"overlay_id": overlay_id, "cancelled": True}

    @router.post("/handover")
    async def hand_over(
        body: HandoverBody, because: Because, principal: Principal = allowed(*MAY_SCAN)
    ) -> dict[str, Any]:
        """One person leaves a room, another of their delegation enters it with the same pass; or nothing changes."""
        bound(principal, "gate", body.gate_id)
        metadata = because.metadata(principal)
        command = HandOverOverlay(
            handover_id=metadata.command_id,
            gate_id=body.gate_id,
            overlay_hash=hashed(body.overlay),
            receiver=scanning.read(body.credential),
            device_id=UUID(principal.id) if principal.kind == "device" else None,
            now=metadata.occurred_at,
        )
        outcome = await gatekeeper.obey(command, metadata)
        if isinstance(outcome, HandoverRefused):
            raise of_refusal(outcome, failed=outcome.failed)
        done = unless_refused(outcome)
        events = await gatekeeper.came_of(metadata.command_id) if done.replayed else done.events
        return _handed_over(events)

    @router.get("")
    async def listed(
        delegation: Annotated[DelegationId | None, Query(description="Of one delegation only.")] = None,
        _: Principal = allowed(*SEE_OVERLAYS),
    ) -> list[dict[str, Any]]:
        """The passes, and the rooms they are in. What is printed on them is not kept."""
        venue = gatekeeper.venue
        known = (one for one in venue.overlays.known.values() if delegation in {None, one.delegation_id})
        ordered = sorted(known, key=lambda one: (one.delegation_id, one.kind, one.number))
        return [_overlay(one, venue) for one in ordered]

    return router


def seats(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1/seats", tags=["overlays"])

    @router.post("")
    async def allot(
        body: AllocatedSeatsBody, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """How many of a delegation may be in a zone at a time. Whoever is inside stays."""
        await obeyed(gatekeeper, AllocateSeats(**body.model_dump()), because.metadata(principal))
        return body.model_dump()

    @router.get("")
    async def taken(
        zone: Annotated[ZoneId, Query()],
        _: Principal = allowed("device", "protocol", "supervisor", "operations", "commander", "auditor", "admin"),
    ) -> dict[str, Any]:
        """Seats taken and allowed, of each delegation that has some inside or a number of its own."""
        venue = gatekeeper.venue
        known = venue.layout.zones.get(zone)
        if known is None:
            raise of_refusal(ZoneUnknown(zone))
        people = {of: seated for (zone_id, of), seated in venue.presence.seated.items() if zone_id == zone and seated}
        allowed_to = {of: limit for (zone_id, of), limit in venue.overlays.seats.items() if zone_id == zone}
        return {
            "zone_id": zone,
            "seats": known.seats,
            "delegations": [
                {
                    "delegation_id": delegation,
                    "taken": len(people.get(delegation, NOBODY)),
                    "allowed": allowed_to.get(delegation, known.seats),
                }
                for delegation in sorted({*people, *allowed_to})
            ],
        }

    return router


def _handed_over(events: Sequence[VenueEvent]) -> dict[str, Any]:
    """``exit`` and ``entry``: the two scans. Nothing is handed over to whoever has it already."""
    if not events:
        return {"handed_over": False}
    told = next(event for event in events if isinstance(event, OverlayHandedOver))
    left, entered = (event for event in events if isinstance(event, BadgeScanned))
    return {
        "handed_over": True,
        **told.model_dump(exclude={"venue_id"}),
        "exit": left.scan_id,
        "entry": entered.scan_id,
        "warnings": checks.shown(entered.warnings),
        "occupancy": {"count": entered.count, "capacity": entered.capacity},
    }


def _overlay(overlay: Overlay, venue: Venue) -> dict[str, Any]:
    use = in_use(overlay.overlay_id, venue)
    return {
        **overlay.model_dump(exclude={"text_hash"}),
        "zone_id": use.zone_id if use else None,
        "since": use.since if use else None,
    }
