"""What devices bring in bulk: scans they decided by themselves, and scans that still want a verdict."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, of_refusal, unless_refused
from services.access.domain.journal import JournalGap
from services.access.domain.record.journal import NOTHING_BROUGHT
from services.access.gatekeeper import Gatekeeper
from services.access.scan_port import MAY_SCAN, verdict_on
from services.access.scanning import Scanning
from services.access.uploading import JournalBody, Uploading
from services.access.verdict import ScanRequest

_AT_A_TIME = 20  # of a batch: scans from elsewhere get their turn in between


class BatchBody(Body):
    scans: Annotated[tuple[ScanRequest, ...], Field(min_length=1, max_length=1_000)]


def journal(gatekeeper: Gatekeeper, uploading: Uploading, scanning: Scanning) -> APIRouter:
    router = APIRouter(tags=["scans"])

    @router.post("/v1/journal")
    async def upload(body: JournalBody, because: Because, principal: Principal = allowed("device")) -> dict[str, Any]:
        """Puts scans on record that the device decided by itself: facts, which nobody decides again.

        All of them, or none. What is on record already is passed over, so repeat it freely. Numbers run on from the
        last one: a gap is a 409 ``journal_gap``, which names the number ``expected``.
        """
        device_id = UUID(principal.id)
        uploaded = await uploading.upload(device_id, body.entries, because.metadata(principal))
        if isinstance(uploaded, JournalGap):
            raise of_refusal(uploaded, expected=uploaded.expected)
        done = unless_refused(uploaded)
        return {
            "recorded": done.scans if done else 0,
            "conflicts": done.conflicts if done else 0,
            "expected": gatekeeper.venue.journal.brought.get(device_id, NOTHING_BROUGHT).last + 1,
        }

    @router.post("/v1/scans/batch")
    async def batch(body: BatchBody, request: Request, principal: Principal = allowed(*MAY_SCAN)) -> Response:
        """Decides scans now, in their order, and answers each in its place: a verdict, or what was wrong with it."""

        async def answer(scan: ScanRequest) -> bytes:
            try:
                return await verdict_on(scan, scanning, principal, request.headers)
            except Problem as problem:
                return bytes(problem.response().body)

        answers: list[bytes] = []
        for start in range(0, len(body.scans), _AT_A_TIME):
            some = body.scans[start : start + _AT_A_TIME]
            answers += await asyncio.gather(*(answer(scan) for scan in some))
        return Response(b'{"answers":[' + b",".join(answers) + b"]}", media_type="application/json")

    return router
