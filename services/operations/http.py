"""Operations over HTTP: the live picture as a stream, and as it is now; how much of it, tiers.py says."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem
from chassis.run.clock import Clock
from services.operations.channel import encoded
from services.operations.hub import Hub
from services.operations.parts.shape import Picture
from services.operations.tiers import WATCHERS, seen, tier_of
from services.operations.times import Time, come

DrawPast = Callable[[datetime], Awaitable[Picture]]
_UNSTORED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes(hub: Hub, past: DrawPast, clock: Clock) -> APIRouter:
    """What shows the picture to programs and to the page."""
    router = APIRouter(prefix="/v1", tags=["live"])

    @router.get("/live", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
    async def live(
        last_event_id: Annotated[str | None, Header(description="The id of the last message you have.")] = None,
        principal: Principal = allowed(*WATCHERS, without_sign_in=True),
    ) -> Response:
        """Server-sent events: ``snapshot`` holds the whole picture, ``delta`` the parts that changed.

        Of a part that is a list of entries with an id (``zones``, ``gates``, ``devices`` and so on) a delta holds what
        changed of which entry: its id, and the fields to be put over those you have. New entries come as a whole; put
        them where ``order`` says. Every other part comes as a whole. What you are shown depends on your roles.
        """
        if hub.crowded:
            raise Problem(503, "too_many_viewers", "Too many are watching.", "Close a page.", retry_after_s=10)
        headers = {**_UNSTORED, "X-Accel-Buffering": "no"}
        return StreamingResponse(
            hub.watch(last_event_id, tier_of(principal)), media_type="text/event-stream", headers=headers
        )

    @router.get("/snapshot", response_class=Response, responses={200: {"content": {"application/json": {}}}})
    async def snapshot(
        at: Annotated[Time | None, Query(description="A minute that has been: as it was at its end.")] = None,
        principal: Principal = allowed(*WATCHERS, without_sign_in=True),
    ) -> Response:
        """The picture, drawn after you asked.

        One of the past says so by ``as_of``; what nobody put on record (``services``, ``shift``, when something was
        heard of in real time) is not in it, or null.
        """
        drawn = await hub.picture() if at is None else await past(come(at, clock.now()))
        picture = seen(drawn, tier_of(principal))
        return Response(encoded(picture), media_type="application/json", headers=_UNSTORED)

    return router
