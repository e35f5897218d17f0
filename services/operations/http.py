"""Operations over HTTP: the live picture as a stream, and as it is now. Totals only."""

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response, StreamingResponse

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem
from services.operations.hub import Hub, encoded

_WATCHERS = ("operations", "commander", "supervisor", "auditor", "admin")
_UNSTORED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes(hub: Hub) -> APIRouter:
    """What shows the picture to programs and to the page."""
    router = APIRouter(prefix="/v1", tags=["live"])

    @router.get("/live", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
    async def live(
        last_event_id: Annotated[str | None, Header(description="The id of the last message you have.")] = None,
        _: Principal = allowed(*_WATCHERS, without_sign_in=True),
    ) -> Response:
        """Server-sent events: ``snapshot`` holds the whole picture, ``delta`` the parts that changed.

        Of ``zones`` and ``gates`` a delta holds changed entries, each as a whole; put them where ``order`` says.
        """
        if hub.crowded:
            raise Problem(503, "too_many_viewers", "Too many are watching.", "Close a page.", retry_after_s=10)
        headers = {**_UNSTORED, "X-Accel-Buffering": "no"}
        return StreamingResponse(hub.watch(last_event_id), media_type="text/event-stream", headers=headers)

    @router.get("/snapshot", response_class=Response, responses={200: {"content": {"application/json": {}}}})
    async def snapshot(_: Principal = allowed(*_WATCHERS, without_sign_in=True)) -> Response:
        """The picture, drawn after you asked."""
        return Response(encoded(await hub.picture()), media_type="application/json", headers=_UNSTORED)

    return router
