"""Zones over HTTP: how full one was over the day, and who was in it."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem
from chassis.run.clock import Clock
from contracts.ids import ZoneId
from services.operations.parts.shape import Picture
from services.operations.tiers import WATCHERS
from services.operations.times import Time, come
from services.operations.zone_history import ZoneHistory

_FOLLOWERS = ("operations", "commander", "supervisor", "auditor")
_A_DAY = timedelta(days=1)
_LONGEST = timedelta(days=3)


def routes(zones: ZoneHistory, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1/zones", tags=["zones"], dependencies=[Depends(_unstored)])

    @router.get("/{zone_id}/history")
    async def history(
        zone_id: ZoneId,
        since: Annotated[Time | None, Query(description="A day before ``until``, if not given.")] = None,
        until: Annotated[Time | None, Query(description="Now, if not given.")] = None,
        _: Principal = allowed(*WATCHERS, without_sign_in=True),
    ) -> dict[str, Any]:
        """How many people were in the zone at the end of every minute; at most of three days."""
        now = clock.now()
        until = now if until is None else come(until, now)
        since = until - _A_DAY if since is None else since
        if not since <= until <= since + _LONGEST:
            raise Problem(422, "invalid_request", "That is no stretch of at most three days.")
        return _found(await zones.occupancy(zone_id, since, until))

    @router.get("/{zone_id}/people")
    async def people(
        zone_id: ZoneId,
        at: Annotated[Time | None, Query(description="Now, if not given.")] = None,
        _: Principal = allowed(*_FOLLOWERS),
    ) -> dict[str, Any]:
        """Who was in the zone at the end of that minute, by id; and how many of each delegation and category."""
        now = clock.now()
        return _found(await zones.people(zone_id, now if at is None else come(at, now)))

    return router


def _found(shown: Picture | None) -> dict[str, Any]:
    if shown is None:
        raise Problem(404, "zone_unknown", "There is no such zone.")
    return dict(shown)


def _unstored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"
