"""Orders in force: lockdowns and the threat level; and all that is in force now."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from contracts.ids import ZoneId
from services.access.domain.orders import DeclareLockdown, LiftLockdown, SetThreatLevel
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed


class LockdownBody(Body):
    zone_id: ZoneId | None
    """null: every outermost zone, and so the whole venue."""
    reason: Code


class LiftBody(Body):
    zone_id: ZoneId | None
    """null: every outermost zone; a room that was locked by itself stays locked."""


class ThreatLevelBody(Body):
    level: int = Field(ge=0, le=7)
    reason: Code


def orders(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["orders"])

    @router.post("/lockdowns", status_code=201)
    async def declare(
        body: LockdownBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Freezes the entries of a zone and of everything inside it. Exits stay free."""
        command = DeclareLockdown(zone_id=body.zone_id, reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"zone_id": body.zone_id, "locked": True}

    @router.post("/lockdowns/lifting")
    async def lift(
        body: LiftBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Ends a lockdown."""
        await obeyed(gatekeeper, LiftLockdown(zone_id=body.zone_id), because.metadata(principal))
        return {"zone_id": body.zone_id, "locked": False}

    @router.post("/threat-level")
    async def set_threat_level(
        body: ThreatLevelBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """From now on only categories with as much clearance enter. Nobody is kept from leaving."""
        await obeyed(gatekeeper, SetThreatLevel(level=body.level, reason=body.reason), because.metadata(principal))
        return {"level": body.level}

    @router.get("/orders")
    async def in_force(
        _: Principal = allowed("device", "supervisor", "operations", "commander", "auditor", "admin", "service"),
    ) -> dict[str, Any]:
        """The orders in force now."""
        orders = gatekeeper.venue.orders
        return {
            "lockdowns": [
                {"zone_id": zone_id, "reason": reason} for zone_id, reason in sorted(orders.lockdowns.items())
            ],
            "threat_level": {"level": orders.threat_level, "reason": orders.threat_reason or None},
            "evacuations": [
                {
                    "evacuation_id": evacuation_id,
                    "zones": evacuation.zones,
                    "reason": evacuation.orders[0].reason,
                    "ordered_at": evacuation.orders[0].ordered_at,
                }
                for evacuation_id, evacuation in sorted(
                    orders.evacuations.items(), key=lambda one: one[1].orders[0].ordered_at
                )
            ],
        }

    return router
