"""Access over HTTP: parse, ask, answer. Every route names the roles it admits."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.responses import Response

from chassis.edge.bodies import Because, Body, Code, NamesBody, Text
from chassis.edge.identity import Principal, RoleCheck, allowed, bound, public
from chassis.edge.problems import of_refusal
from chassis.log.decider import Refused
from chassis.log.log import Metadata
from chassis.run import telemetry
from contracts.ids import AreaCode, DeviceId, GateId, ScanId, ZoneId
from contracts.words import ZoneClass
from services.access.domain.devices import CutOffDevice
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.layout import DefineGate, DefineZone
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.domain.venue import Venue, Zone
from services.access.enrolment import Enrolment
from services.access.gatekeeper import Done, Gatekeeper
from services.access.scanning import Scanning, ScanRequest, Verdict


class ZoneBody(Body):
    zone_id: ZoneId
    area: AreaCode
    names: NamesBody
    parent_id: ZoneId | None = None
    capacity: int | None = Field(default=None, ge=1, le=1_000_000)
    zone_class: ZoneClass


class GateBody(Body):
    gate_id: GateId
    name: Text
    from_zone_id: ZoneId | None = None
    to_zone_id: ZoneId


class LockdownBody(Body):
    zone_id: ZoneId
    reason: Code


class LiftBody(Body):
    zone_id: ZoneId


class CodeBody(Body):
    gate_id: GateId


class EnrolBody(Body):
    code: Annotated[str, StringConstraints(min_length=8, max_length=40)]
    public_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """32 raw bytes of an Ed25519 key made on the device, in hex."""


def routes(gatekeeper: Gatekeeper, scanning: Scanning, enrolment: Enrolment) -> Sequence[APIRouter]:
    """All routes, by what they are about."""
    return [
        _scan(scanning),
        _scans(scanning),
        _layout(gatekeeper),
        _orders(gatekeeper),
        _devices(gatekeeper, enrolment),
    ]


class _Direct(APIRoute):
    """Calls its endpoint with the request and the principal, and sends the response it gives: no more.

    What the framework does around any other endpoint takes longer than to decide a scan.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = self.endpoint
        (admits,) = (part.call for part in self.dependant.dependencies if isinstance(part.call, RoleCheck))

        async def handle(request: Request) -> Response:
            response: Response = await endpoint(request, await admits(request))
            return response

        return handle


def _scan(scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/scans", tags=["scans"], route_class=_Direct)

    @router.post("", response_model=Verdict, openapi_extra=_json_body(ScanRequest))
    async def scan(request: Request, principal: Principal = allowed("device", "supervisor")) -> Response:
        """Decides one scan. 200 for every verdict, admitted or not; repeat it freely, ``scan_id`` is its key."""
        try:
            body = ScanRequest.model_validate_json(await request.body())
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error
        bound(principal, "gate", body.gate_id)
        device_id = UUID(principal.id) if principal.kind == "device" else None
        traceparent = telemetry.valid(request.headers.get("traceparent"))
        with telemetry.span("scan", traceparent, "server", scan_id=body.scan_id, gate_id=body.gate_id) as trace:
            verdict = await scanning.scan(body, principal.actor, device_id, trace)
        if isinstance(verdict, Refused):
            raise of_refusal(verdict)
        return Response(verdict.__pydantic_serializer__.to_json(verdict), media_type="application/json")

    return router


def _scans(scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/scans", tags=["scans"])

    @router.get("/{scan_id}")
    async def find(
        scan_id: ScanId, principal: Principal = allowed("device", "supervisor", "operations", "auditor", "admin")
    ) -> Verdict:
        """The verdict of a scan, again. The holder is shown to gates and supervisors, which is recorded."""
        found = await scanning.find(scan_id)
        if isinstance(found, Refused):
            raise of_refusal(found)
        record, position = found
        bound(principal, "gate", record.gate_id)
        sees_holders = principal.roles & {"device", "supervisor"}
        return await scanning.again(record, position, with_holder_for=principal.actor if sees_holders else None)

    return router


def _layout(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(tags=["layout"])

    @router.post("/v1/zones", status_code=201)
    async def define_zone(body: ZoneBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Defines a zone, or changes one; parents first."""
        await _obey(gatekeeper, DefineZone(**body.model_dump()), because.metadata(principal))
        return {"zone_id": body.zone_id}

    @router.post("/v1/gates", status_code=201)
    async def define_gate(body: GateBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Defines a gate between a zone's parent (null: outside) and the zone, or changes one."""
        await _obey(gatekeeper, DefineGate(**body.model_dump()), because.metadata(principal))
        return {"gate_id": body.gate_id}

    @router.get("/v1/zones")
    async def zones(
        _: Principal = allowed(
            "device", "supervisor", "operations", "commander", "auditor", "admin", "service", without_sign_in=True
        ),
    ) -> list[dict[str, Any]]:
        """Zones with how many people are believed inside. No names of anybody."""
        venue = gatekeeper.venue
        return [_zone(venue, zone) for zone in sorted(venue.zones.values(), key=lambda zone: zone.path)]

    @router.get("/v1/gates")
    async def gates(
        _: Principal = allowed(
            "device", "supervisor", "operations", "commander", "auditor", "admin", "service", without_sign_in=True
        ),
    ) -> list[dict[str, Any]]:
        """Gates, and the zones they join."""
        return [gate.model_dump() for _, gate in sorted(gatekeeper.venue.gates.items())]

    return router


def _orders(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1/lockdowns", tags=["orders"])

    @router.post("", status_code=201)
    async def declare(
        body: LockdownBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Freezes the entries of a zone and of everything inside it. Exits stay free."""
        command = DeclareLockdown(zone_id=body.zone_id, reason=body.reason)
        await _obey(gatekeeper, command, because.metadata(principal))
        return {"zone_id": body.zone_id, "locked": True}

    @router.post("/lifting")
    async def lift(
        body: LiftBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Ends a lockdown."""
        await _obey(gatekeeper, LiftLockdown(zone_id=body.zone_id), because.metadata(principal))
        return {"zone_id": body.zone_id, "locked": False}

    return router


def _devices(gatekeeper: Gatekeeper, enrolment: Enrolment) -> APIRouter:
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
        await _obey(gatekeeper, CutOffDevice(device_id=device_id), because.metadata(principal))
        return {"device_id": device_id, "cut_off": True}

    @router.get("")
    async def devices(
        _: Principal = allowed("supervisor", "operations", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """The scanners, where they stand and whether they may scan."""
        known = gatekeeper.venue.devices.values()
        return [device.model_dump(exclude={"token_hash"}) for device in sorted(known, key=lambda one: one.gate_id)]

    return router


async def _obey(gatekeeper: Gatekeeper, command: VenueCommand, metadata: Metadata) -> Done:
    outcome = await gatekeeper.obey(command, metadata)
    if isinstance(outcome, Refused):
        raise of_refusal(outcome)
    return outcome


def _zone(venue: Venue, zone: Zone) -> dict[str, Any]:
    locked = any(zone_id in venue.lockdowns for zone_id in zone.path)
    return {
        **zone.model_dump(exclude={"path"}),
        "occupancy": venue.count(zone.zone_id),
        "locked": locked,
    }


def _json_body(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI entry of a body that the route parses itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
