"""Orders in force."""

from typing import Any

from fastapi import APIRouter

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from contracts.ids import ZoneId
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed


class LockdownBody(Body):
    zone_id: ZoneId
    reason: Code


class LiftBody(Body):
    zone_id: ZoneId


def orders(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1/lockdowns", tags=["orders"])

    @router.post("", status_code=201)
    async def declare(
        body: LockdownBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Freezes the entries of a zone and of everything inside it. Exits stay free."""
        command = DeclareLockdown(zone_id=body.zone_id, reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"zone_id": body.zone_id, "locked": True}

    @router.post("/lifting")
    async def lift(
        body: LiftBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Ends a lockdown."""
        await obeyed(gatekeeper, LiftLockdown(zone_id=body.zone_id), because.metadata(principal))
        return {"zone_id": body.zone_id, "locked": False}

    return router
