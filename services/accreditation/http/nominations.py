"""Nominations: one person, or a roster of them."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Request

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import Problem, of_refusal
from chassis.log.decider import Event, Refused
from chassis.log.views import OwnView
from contracts.ids import Category, DelegationId
from contracts.words import Language
from services.accreditation import roster
from services.accreditation.http.obeying import person_of
from services.accreditation.people import People
from services.accreditation.roster import RosterUnreadable
from services.accreditation.views import register


class Nomination(Body):
    delegation_id: DelegationId
    category: Category
    family_name: str
    given_name: str
    email: str
    language: Language
    title: str = ""
    function: str = ""


def nominations(people: People, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(tags=["nominations"])

    @router.post("/v1/nominations", status_code=201)
    async def nominate(
        body: Nomination, because: Because, principal: Principal = allowed("desk", "protocol", "focal_point", "admin")
    ) -> dict[str, Any]:
        """Names one person of a delegation."""
        bound(principal, "delegation", body.delegation_id)
        person = person_of(body.model_dump())
        nomination_id = await people.nominate(body.delegation_id, body.category, person, because.metadata(principal))
        if isinstance(nomination_id, Refused):
            raise of_refusal(nomination_id)
        return {"nomination_id": nomination_id}

    @router.get("/v1/nominations")
    async def nominations(
        delegation_id: DelegationId | None = None,
        vetting: Literal["none", "referred", "cleared", "refused"] | None = None,
        decision: Literal["pending", "granted", "refused"] | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        principal: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """Nominations as they stand; a focal point sees its own delegation's."""
        mine = principal.bound_to.get("delegation", delegation_id)
        await registered.current()
        return await register.nominations(pool, mine, vetting, decision, after, limit)

    @router.post("/v1/rosters")
    async def import_roster(
        request: Request,
        because: Because,
        dry_run: bool = False,
        principal: Principal = allowed("desk", "protocol", "focal_point", "admin"),
    ) -> dict[str, Any]:
        """Names many people at once. The body is CSV (UTF-8); the answer tells row by row what became of it."""
        try:
            rows = await asyncio.to_thread(roster.parse, await request.body())
        except RosterUnreadable as error:
            raise Problem(422, error.code, "The file is not a roster.", str(error)) from error
        for row in rows:
            if isinstance(row, roster.Row):
                bound(principal, "delegation", row.delegation_id)
        metadata = because.metadata(principal)
        results = await (people.preview(rows, metadata) if dry_run else people.import_roster(rows, metadata))
        if isinstance(results, Refused):
            raise of_refusal(results)
        accepted = sum(result.status == "accepted" for result in results)
        return {
            "rows": len(results),
            "accepted": accepted,
            "refused": len(results) - accepted,
            "dry_run": dry_run,
            "results": [asdict(result) for result in results],
        }

    return router
