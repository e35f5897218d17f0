"""Scanners: enrolled, cut off, looked at."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import StringConstraints

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed, public
from chassis.edge.problems import of_refusal
from chassis.log.decider import Refused
from contracts.ids import DeviceId, GateId
from services.access.domain.devices import CutOffDevice
from services.access.enrolment import Enrolment
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed


class CodeBody(Body):
    gate_id: GateId


class EnrolBody(Body):
    code: Annotated[str, StringConstraints(min_length=8, max_length=40)]
    public_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """32 raw bytes of an Ed25519 key made on the device, in hex."""


def devices(gatekeeper: Gatekeeper, enrolment: Enrolment) -> APIRouter:
    router = APIRouter(prefix="/v1/devices", tags=["devices"])

    @router.post("/codes", status_code=201)
    async def issue_code(
        body: CodeBody, because: Because, principal: Principal = allowed("supervisor", "admin")
    ) -> dict[str, Any]:
        """A code that enrols one scanner at a gate, within ten minutes. Shown once."""
        issued = await enrolment.issue_code(body.gate_id, because.metadata(principal))
        if isinstance(issued, Refused):
            raise of_refusal(issued)
        code, expires_at = issued
        return {"code": code, "gate_id": body.gate_id, "expires_at": expires_at}

    @router.post("/enrol", status_code=201)
    async def enrol(body: EnrolBody, because: Because, principal: Principal = public()) -> dict[str, Any]:
        """Trades a code for a token bound to the code's gate. The code is what shows that you may. Shown once."""
        enrolled = await enrolment.enrol(body.code, body.public_key, because.metadata(principal))
        if isinstance(enrolled, Refused):
            raise of_refusal(enrolled)
        device, token = enrolled
        return {
            "device_id": device.device_id,
            "token": token,
            "gate_id": device.gate_id,
            "expires_at": device.expires_at,
        }

    @router.post("/{device_id}/cut-off")
    async def cut_off(
        device_id: DeviceId, because: Because, principal: Principal = allowed("supervisor", "admin")
    ) -> dict[str, Any]:
        """The device's token is worth nothing from now on."""
        await obeyed(gatekeeper, CutOffDevice(device_id=device_id), because.metadata(principal))
        return {"device_id": device_id, "cut_off": True}

    @router.get("")
    async def devices(
        _: Principal = allowed("supervisor", "operations", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """The scanners, where they stand and whether they may scan."""
        known = gatekeeper.venue.devices.known.values()
        return [device.model_dump(exclude={"token_hash"}) for device in sorted(known, key=lambda one: one.gate_id)]

    return router
