"""Heads of State and of delegation: never asked for a badge, passed with one tap, recorded."""

from fastapi import APIRouter, Request

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import unless_refused
from chassis.run import telemetry
from services.access.pins import PinHolder, PinHolders
from services.access.scan_port import language_of
from services.access.scanning import Scanning
from services.access.verdict import PinRequest, Verdict

TAP = ("protocol", "supervisor")
"""Roles."""


def pins(scanning: Scanning, holders: PinHolders) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["pins"])

    @router.post("/passages/pin")
    async def tap(request: Request, body: PinRequest, principal: Principal = allowed(*TAP)) -> Verdict:
        """Admitted, or exited, whatever the rules say; they stand in the warnings. ``scan_id`` is the key."""
        parent = telemetry.valid(request.headers.get("traceparent"))
        with telemetry.span("pin", parent, "server", scan_id=body.scan_id, gate_id=body.gate_id) as trace:
            language = language_of(request.headers)
            return unless_refused(await scanning.pass_with_pin(body, principal.actor, trace, language))

    @router.get("/pin-holders")
    async def listed(principal: Principal = allowed(*TAP)) -> list[PinHolder]:
        """Who passes with a pin, with where they are believed to be. That their names were shown is recorded."""
        return await holders.listed(principal.actor)

    return router
