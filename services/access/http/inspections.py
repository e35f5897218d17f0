"""Closer looks at a gate: screening, and faces compared with photos."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import model_validator

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import of_refusal, unless_refused
from contracts.ids import GateId, ScanId
from services.access.domain.evacuation import BadgeTellsNobody
from services.access.domain.inspections import RecordInspection
from services.access.domain.record.companions import InspectionPassed
from services.access.domain.rules.entry import Reading
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.scan_port import MAY_SCAN
from services.access.scanning import Scanning
from services.access.verdict import Credential


class InspectionResultBody(Body):
    """Of whom: of a scan, or of the badge somebody shows at a gate."""

    scan_id: ScanId | None = None
    credential: Credential | None = None
    gate_id: GateId | None = None
    kind: Literal["screening", "identity"]
    passed: bool

    @model_validator(mode="after")
    def _says_of_whom(self) -> "InspectionResultBody":
        if (self.scan_id is None) == (self.credential is None):
            raise ValueError("scan_id or credential: one of them")
        if (self.credential is None) != (self.gate_id is None):
            raise ValueError("gate_id comes with a credential, and only with one")
        return self


def inspections(gatekeeper: Gatekeeper, scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/inspections", tags=["inspections"])

    @router.post("", status_code=201)
    async def record(
        body: InspectionResultBody, because: Because, principal: Principal = allowed(*MAY_SCAN)
    ) -> dict[str, Any]:
        """Whoever passed is not asked again until ``valid_until``.

        Whoever failed a screening has it before them still; whoever does not look like their photo is refused at every
        gate until a supervisor finds otherwise.
        """
        gate_id, who = await _where_and_who(body, scanning)
        bound(principal, "gate", gate_id)
        metadata = because.metadata(principal)
        command = RecordInspection(
            who=who,
            gate_id=gate_id,
            kind=body.kind,
            passed=body.passed,
            supervised="supervisor" in principal.roles,
            now=metadata.occurred_at,
        )
        done = await obeyed(gatekeeper, command, metadata)
        told = done.events[0]
        valid_until = told.valid_until if isinstance(told, InspectionPassed) else None
        return {"kind": body.kind, "passed": valid_until is not None, "valid_until": valid_until}

    return router


async def _where_and_who(body: InspectionResultBody, scanning: Scanning) -> tuple[str, Reading | UUID]:
    """The gate somebody stands at, and who they are. Raises Problem where nobody can tell."""
    if body.scan_id is None:
        assert body.gate_id is not None
        assert body.credential is not None
        return body.gate_id, scanning.read(body.credential)
    scan, _ = unless_refused(await scanning.find(body.scan_id))
    if scan.person_id is None:
        raise of_refusal(BadgeTellsNobody(f"of scan {scan.scan_id}"))
    return scan.gate_id, scan.person_id
