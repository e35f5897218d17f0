"""Accreditations: what the vetting authority says, what is granted and refused, and the rules in force."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field, model_validator

from chassis.edge.bodies import Because, Body, Code, NamesBody
from chassis.edge.identity import Principal, allowed
from chassis.log.decider import Event
from chassis.log.views import OwnView
from contracts.ids import AreaCode, Category, NominationId
from services.accreditation.commands import Accreditation
from services.accreditation.domain.matrix import CategoryRules, Letter
from services.accreditation.http.obeying import Reason, obeyed
from services.accreditation.views import register


class VettingOutcome(Body):
    nomination_id: NominationId
    outcome: Literal["cleared", "referred", "refused"]
    reason_code: Code | None = None


Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]
"""Far from the ends of all calendars, where an offset leads to no day that a database knows."""


class Grant(Body):
    nomination_id: NominationId
    extra_areas: tuple[AreaCode, ...] = ()
    valid_from: Moment
    valid_until: Moment

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until <= self.valid_from:
            raise ValueError("valid_until must be after valid_from")
        return self


class CategoryBody(Body):
    category: Category
    names: NamesBody
    vetted: bool
    areas: dict[AreaCode, Letter]


class Matrix(Body):
    categories: tuple[CategoryBody, ...]


def accreditations(desk: Accreditation, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(tags=["accreditations"])

    @router.post("/v1/vetting")
    async def record_vetting(
        body: VettingOutcome, because: Because, principal: Principal = allowed("vetting")
    ) -> dict[str, Any]:
        """What the vetting authority says of a nominee. To refuse takes a reason code, which stays here."""
        outcome = obeyed(
            await desk.record_vetting(body.nomination_id, body.outcome, body.reason_code, because.metadata(principal))
        )
        return {"nomination_id": body.nomination_id, "vetting": outcome.state.vetting}

    @router.get("/v1/vetting")
    async def vetting_queue(
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("vetting", "desk", "admin"),
    ) -> list[dict[str, Any]]:
        """Nominations that wait for the vetting authority."""
        await registered.current()
        return await register.nominations(pool, vetting="none", after=after, limit=limit)

    @router.post("/v1/accreditations", status_code=201)
    async def grant(
        body: Grant, because: Because, principal: Principal = allowed("desk", "protocol", "admin")
    ) -> dict[str, Any]:
        """Grants the areas of the nominee's category, and extra ones whose condition is met."""
        outcome = obeyed(
            await desk.grant(
                body.nomination_id, body.extra_areas, body.valid_from, body.valid_until, because.metadata(principal)
            )
        )
        assert outcome.state.grant is not None
        return {"nomination_id": body.nomination_id, "areas": outcome.state.grant.areas}

    @router.post("/v1/accreditations/{nomination_id}/refusal")
    async def refuse(
        nomination_id: NominationId,
        body: Reason,
        because: Because,
        principal: Principal = allowed("desk", "protocol", "admin"),
    ) -> dict[str, Any]:
        """Refuses an accreditation; the ground stays here."""
        obeyed(await desk.refuse(nomination_id, body.reason, because.metadata(principal)))
        return {"nomination_id": nomination_id, "decision": "refused"}

    @router.post("/v1/matrix")
    async def set_matrix(
        body: Matrix, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Replaces the category x zone matrix."""
        categories = [CategoryRules(**category.model_dump()) for category in body.categories]
        obeyed(await desk.set_matrix(categories, because.metadata(principal)))
        return {"categories": len(categories)}

    @router.get("/v1/matrix")
    async def matrix(
        _: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin", "service"),
    ) -> dict[str, Any]:
        """The category x zone matrix in force."""
        return {"categories": [rules.model_dump() for rules in (await desk.rules()).values()]}

    return router
