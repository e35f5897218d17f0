"""Care of presence: heads counted, exits taken for granted, passback forgiven; and who is believed in a zone."""

from heapq import nsmallest
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import of_refusal
from contracts.ids import PersonId, ZoneId
from services.access.domain.layout import ZoneUnknown
from services.access.domain.muster import delegation_of
from services.access.domain.presence import CorrectOccupancy, ForgivePassback, InferExits
from services.access.domain.record.presence import NOBODY
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed

_NIL = UUID(int=0)


class CountBody(Body):
    counted: int = Field(ge=0, le=1_000_000)
    """Heads in the zone, those in the zones inside it among them."""
    reason: Code


class InferenceBody(Body):
    zone_id: ZoneId | None
    """null: every outermost zone, and so the whole venue."""
    reason: Code


class ForgivenessBody(Body):
    """Whose: one person's, that of everybody a zone concerns, or everybody's."""

    person_id: PersonId | None = None
    zone_id: ZoneId | None = None
    all: bool = False
    reason: Code

    @model_validator(mode="after")
    def _says_whose(self) -> "ForgivenessBody":
        if (self.person_id is not None) + (self.zone_id is not None) + self.all != 1:
            raise ValueError("person_id, zone_id or all: one of them")
        return self


def presence(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["presence"])

    @router.post("/zones/{zone_id}/count")
    async def count(
        zone_id: ZoneId,
        body: CountBody,
        because: Because,
        principal: Principal = allowed("supervisor", "operations"),
    ) -> dict[str, Any]:
        """Corrects the occupancy. Zones around this one hold at least as many, zones inside it at most as many."""
        command = CorrectOccupancy(zone_id=zone_id, counted=body.counted, reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"zone_id": zone_id, "occupancy": body.counted}

    @router.post("/presence/inference")
    async def infer(
        body: InferenceBody, because: Because, principal: Principal = allowed("supervisor", "operations")
    ) -> dict[str, Any]:
        """Whoever is still believed in the zone, or anywhere, is taken to have left it."""
        command = InferExits(zone_id=body.zone_id, cause="by_hand", reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"zone_id": body.zone_id, "inferred": True}

    @router.post("/passback/forgiveness")
    async def forgive(
        body: ForgivenessBody, because: Because, principal: Principal = allowed("supervisor")
    ) -> dict[str, Any]:
        """What movement says against them is passed over at their next entry."""
        command = ForgivePassback(person_id=body.person_id, zone_id=body.zone_id, reason=body.reason)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"forgiven": True}

    @router.get("/zones/{zone_id}/people")
    async def people(
        zone_id: ZoneId,
        after: Annotated[UUID, Query(description="The last person you have.")] = _NIL,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("supervisor", "operations", "commander", "auditor"),
    ) -> dict[str, Any]:
        """Who is believed inside, by id. ``at_least`` and ``at_most``: how many there may be.

        Whoever went through unread may be one of those who are counted by name, or one more.
        """
        venue = gatekeeper.venue
        if zone_id not in venue.layout.zones:
            raise of_refusal(ZoneUnknown(zone_id))
        inside = venue.presence.inside.get(zone_id, NOBODY)
        unidentified = venue.presence.unidentified.get(zone_id, 0)
        page = nsmallest(limit, (person for person in inside if person > after))
        return {
            "zone_id": zone_id,
            "occupancy": len(inside) + unidentified,
            "identified": len(inside),
            "unidentified": unidentified,
            "at_least": len(inside) + min(unidentified, 0),
            "at_most": len(inside) + max(unidentified, 0),
            "people": [{"person_id": person, "delegation_id": delegation_of(person, venue)} for person in page],
        }

    return router
