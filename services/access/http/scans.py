"""Scans: decided, and looked up again."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import unless_refused
from contracts.ids import ScanId
from services.access.explaining import Explainer, Explanation
from services.access.scan_port import MAY_SCAN, language_of, parse, verdict_on
from services.access.scanning import Scanning
from services.access.verdict import ScanRequest, Verdict


def scan(scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/scans", tags=["scans"])

    @router.post("", response_model=Verdict, openapi_extra=_json_body(ScanRequest))
    async def scan(request: Request, principal: Principal = allowed(*MAY_SCAN)) -> Response:
        """Decides one scan. 200 for every verdict, admitted or not; repeat it freely, ``scan_id`` is its key."""
        verdict = await verdict_on(parse(await request.body()), scanning, principal, request.headers)
        return Response(verdict, media_type="application/json")

    return router


def scans(scanning: Scanning, explainer: Explainer) -> APIRouter:
    router = APIRouter(prefix="/v1/scans", tags=["scans"])

    @router.get("/{scan_id}")
    async def find(
        request: Request,
        scan_id: ScanId,
        principal: Principal = allowed("device", "supervisor", "operations", "auditor", "admin"),
    ) -> Verdict:
        """The verdict of a scan, again. The holder is shown to gates and supervisors, which is recorded."""
        record, position = unless_refused(await scanning.find(scan_id))
        bound(principal, "gate", record.gate_id)
        sees_holders = principal.roles & {"device", "supervisor"}
        viewer = principal.actor if sees_holders else None
        return await scanning.again(record, position, language_of(request.headers), with_holder_for=viewer)

    @router.get("/{scan_id}/explanation")
    async def explain(
        request: Request,
        scan_id: ScanId,
        principal: Principal = allowed("supervisor", "operations", "commander", "vetting", "auditor", "admin"),
    ) -> Explanation:
        """Why it was decided so: decided again from the log, each failed check in words, what would have helped.

        Whom the watchlist names, only those learn who keep it; to everybody else it is the delay that the gate showed.
        """
        record, position = unless_refused(await scanning.find(scan_id))
        discreet = not principal.roles & {"vetting", "commander"}
        return await explainer.explain(record, position, language_of(request.headers), discreet=discreet)

    return router


def _json_body(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI entry of a body that the route parses itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
