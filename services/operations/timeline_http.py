"""The timeline over HTTP: what the slider over the day goes from and to, and what is marked on it."""

from typing import Any

from fastapi import APIRouter, Response

from chassis.edge.identity import Principal, allowed
from services.operations.tiers import WATCHERS, tier_of
from services.operations.timeline import Timeline


def routes(timeline: Timeline) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["timeline"])

    @router.get("/timeline")
    async def shown(
        response: Response, principal: Principal = allowed(*WATCHERS, without_sign_in=True)
    ) -> dict[str, Any]:
        """Of any minute ``from`` .. ``to``, ``/v1/snapshot?at=`` shows the picture as it was.

        ``marks``, in the order of time, at most 300: ``evacuation``, ``all_clear``, ``lockdown``, ``lockdown_lifted``,
        ``threat``, ``zone_full``, ``zone_has_room``, ``session`` and, to those who are signed in, ``incident`` and
        ``incident_closed``. ``ref``: the id of the zone, venue, session or incident.
        """
        response.headers["Cache-Control"] = "no-store"
        return dict(await timeline.shown(tier_of(principal)))

    return router
