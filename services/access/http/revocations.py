"""The badges that open nothing: the list that devices follow, and how far a change of it has come."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, of_refusal
from contracts.ids import BadgeId
from services.access.domain.record.badges import Barred
from services.access.domain.revocations import RevocationUnknown
from services.access.gatekeeper import Gatekeeper
from services.access.revocations import Revocations, Spread

_LONGEST_WAIT_S = 25

After = Annotated[int | None, Query(ge=0, description="The version you have; none: send all of it.")]
Wait = Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S, description="Seconds to wait for a change.")]


def revocations(gatekeeper: Gatekeeper, revoked: Revocations, stopping: asyncio.Event) -> APIRouter:
    router = APIRouter(prefix="/v1/revocations", tags=["revocations"])

    @router.get("")
    async def follow(after: After = None, wait: Wait = 0, principal: Principal = allowed("device")) -> dict[str, Any]:
        """What changed in the list after a version, as soon as something does; acknowledged by the next heartbeat.

        Exact: whoever is not on it is not barred. ``complete``: this is the whole list, forget the one you have.
        """
        changes = await revoked.after(after, wait, stopping)
        if gatekeeper.venue.devices.known[UUID(principal.id)].cut_off:  # while it waited
            raise Problem(401, "token_invalid", "We do not know who you are.", "The token was withdrawn.")
        return {
            "version": changes.version,
            "complete": changes.complete,
            "barred": [_barred(badge_id, barred) for badge_id, barred in changes.barred.items()],
            "restored": changes.restored,
        }

    @router.get("/{badge_id}")
    async def spread(
        badge_id: BadgeId,
        _: Principal = allowed("supervisor", "operations", "commander", "auditor", "admin"),
    ) -> dict[str, Any]:
        """How far it has come that a badge opens nothing: at the devices now, and as it was recorded."""
        known = gatekeeper.venue.badges.revocations
        barred, recorded = known.barred.get(badge_id), known.spread.get(badge_id)
        if barred is None and recorded is None:
            raise of_refusal(RevocationUnknown(str(badge_id)))
        now = revoked.spread(badge_id)
        return {
            "badge_id": badge_id,
            "barred": None if barred is None else _barred(badge_id, barred),
            "now": None if now is None else _spread(now),
            "recorded": None if recorded is None else recorded.model_dump(exclude={"badge_id", "venue_id"}),
        }

    return router


def _barred(badge_id: UUID, barred: Barred) -> dict[str, Any]:
    """``up_to_version`` null: every version of the badge."""
    return {"badge_id": badge_id, "reason": barred.reason, "up_to_version": barred.up_to_version}


def _spread(spread: Spread) -> dict[str, Any]:
    slowest_s = spread.slowest_s
    took = "" if slowest_s is None else f", slowest {slowest_s:.1f} s"
    return {
        "summary": f"{len(spread.reached)} of {len(spread.gates)} gates have it{took}",
        "gates": len(spread.gates),
        "reached": len(spread.reached),
        "slowest_s": slowest_s,
        "devices": [
            {
                "device_id": arrival.device.device_id,
                "gate_id": arrival.device.gate_id,
                "has_it": arrival.has_it,
                "took_s": arrival.took_s,
            }
            for arrival in spread.arrivals
        ],
        "silent": [{"device_id": device.device_id, "gate_id": device.gate_id} for device in spread.silent],
    }
