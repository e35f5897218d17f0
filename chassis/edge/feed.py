"""``GET /v1/log``: a service's shared events by number, in order, none missing. Complete when the broker is not.

What is discreet, only those of the house get: outside subscribers find its numbers passed over.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from chassis.edge.identity import Principal, allowed
from chassis.log.log import Log
from contracts.envelope import CloudEvent, FeedPage
from contracts.event import event_class

_LIMIT = 1_000
_OF_THE_HOUSE = frozenset({"service", "auditor", "admin"})


def feed(service: str, log: Log) -> APIRouter:
    """The route that serves ``log`` to those entitled."""
    router = APIRouter(tags=["events"])

    @router.get("/v1/log")
    async def read_log(
        after: Annotated[int, Query(ge=0, description="The last number you have.")] = 0,
        limit: Annotated[int, Query(ge=1, le=_LIMIT)] = 500,
        types: Annotated[
            str | None, Query(max_length=1_000, description="Event names with commas between; all if absent.")
        ] = None,
        principal: Principal = allowed(*_OF_THE_HOUSE, "subscriber"),
    ) -> Response:
        """Events after ``after`` as CloudEvents JSON. ``complete_to`` is how far was looked: go on from there."""
        head = await log.head()
        found = [event.envelope(service, head.log_id) for event in await log.read_shared(after, limit)]
        wanted = set(types.split(",")) if types else None
        told = found if principal.roles & _OF_THE_HOUSE else [one for one in found if not _is_discreet(one.type)]
        events = [CloudEvent.of(one) for one in told if wanted is None or one.type.split(".")[2] in wanted]
        complete_to = found[-1].number if found else after
        newest = max(head.number, complete_to) if found else head.number  # some were appended since we asked for it
        page = FeedPage(head.log_id, complete_to, newest, events)
        return Response(msgspec.json.encode(page), media_type="application/json")

    return router


def _is_discreet(type_name: str) -> bool:
    event = event_class(type_name)
    return event is not None and event.discreet
