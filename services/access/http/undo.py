"""Undoing a passage that was not taken."""

from typing import Any

from fastapi import APIRouter

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, unless_refused
from contracts.ids import ScanId
from services.access.domain.undoing import UndoPassage
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.scan_port import MAY_SCAN
from services.access.scanning import Scanning


class UndoBody(Body):
    reason: Code | None = None


def undo(gatekeeper: Gatekeeper, scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/scans", tags=["scans"])

    @router.post("/{scan_id}/undo")
    async def undo(
        scan_id: ScanId, body: UndoBody, because: Because, principal: Principal = allowed(*MAY_SCAN)
    ) -> dict[str, Any]:
        """The passage was not taken: the person is where they were, and so is everybody who came with them.

        By the device that made the scan, or a supervisor, within 15 minutes, as long as they have passed no gate since.
        """
        scan, _ = unless_refused(await scanning.find(scan_id))
        if principal.kind == "device" and str(scan.device_id) != principal.id:
            raise Problem(403, "not_yours", "A passage is undone by the device that made the scan, or by a supervisor.")
        metadata = because.metadata(principal)
        followers = await scanning.followers(scan)
        command = UndoPassage(scan, followers, body.reason, metadata.occurred_at)
        await obeyed(gatekeeper, command, metadata)
        return {"scan_id": scan_id, "undone": True}

    return router
