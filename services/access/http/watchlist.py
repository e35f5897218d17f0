"""The watchlist, for those who keep it: no gate, no supervisor and no auditor of scans can read it."""

from typing import Any

from fastapi import APIRouter

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from contracts.ids import PersonId
from services.access.domain.record.watchlist import WatchOutcome
from services.access.domain.watchlist import LiftWatch, WatchPerson
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed

KEEPERS = ("vetting", "commander", "admin")
"""Roles."""


class WatchBody(Body):
    person_id: PersonId
    outcome: WatchOutcome
    """``block``: refused. ``hold``: an ordinary delay, for all a gate can see. ``notice``: admitted."""
    reason: Code


class LiftWatchBody(Body):
    person_id: PersonId


def watchlist(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1/watchlist", tags=["watchlist"])

    @router.post("", status_code=201)
    async def watch(body: WatchBody, because: Because, principal: Principal = allowed(*KEEPERS)) -> dict[str, Any]:
        """Puts somebody on the list, or changes what it says of them. Operations are told when they are scanned."""
        command = WatchPerson(person_id=body.person_id, outcome=body.outcome, reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"person_id": body.person_id, "outcome": body.outcome}

    @router.post("/lifting")
    async def lift(body: LiftWatchBody, because: Because, principal: Principal = allowed(*KEEPERS)) -> dict[str, Any]:
        """Takes somebody from the list."""
        await obeyed(gatekeeper, LiftWatch(person_id=body.person_id), because.metadata(principal))
        return {"person_id": body.person_id, "outcome": None}

    @router.get("")
    async def listed(_: Principal = allowed(*KEEPERS)) -> list[dict[str, Any]]:
        """Everybody on the list."""
        people = gatekeeper.venue.watchlist.people
        return [watched.model_dump() for _, watched in sorted(people.items())]

    return router
