"""Delegations: invited, confirmed, given places, looked at."""

from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter
from pydantic import Field, StringConstraints

from chassis.edge.bodies import Because, Body, NamesBody
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import of_refusal
from chassis.log.decider import Event
from chassis.log.views import OwnView
from contracts.ids import Category, DelegationId
from contracts.words import DelegationKind, Language
from services.accreditation.commands import Accreditation
from services.accreditation.domain import delegation
from services.accreditation.http.obeying import obeyed, person_of
from services.accreditation.people import People
from services.accreditation.views import register


class FocalPoint(Body):
    family_name: str
    given_name: str
    email: str


class Invitation(Body):
    delegation_id: DelegationId
    kind: DelegationKind
    names: NamesBody
    language: Language
    focal_point: FocalPoint | None = None


class Confirmation(Body):
    note_verbale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./ -]{1,60}$")]


class Quota(Body):
    category: Category
    places: int = Field(ge=0, le=10_000)


def delegations(desk: Accreditation, people: People, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(prefix="/v1/delegations", tags=["delegations"])

    @router.post("", status_code=201)
    async def invite(
        body: Invitation, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Invites a delegation, or another body that is accredited with them."""
        command = delegation.InviteDelegation(
            delegation_id=body.delegation_id,
            kind=body.kind,
            names=body.names.model_dump(),
            language=body.language,
            focal_point_id=None,
        )
        contact = None
        if body.focal_point is not None:
            contact = person_of(
                {**body.focal_point.model_dump(), "title": "", "function": "", "language": body.language}
            )
        outcome = obeyed(await people.invite(command, contact, because.metadata(principal)))
        return {"delegation_id": body.delegation_id, "status": _status(outcome.state)}

    @router.post("/{delegation_id}/confirmation")
    async def confirm(
        delegation_id: DelegationId,
        body: Confirmation,
        because: Because,
        principal: Principal = allowed("protocol", "admin"),
    ) -> dict[str, Any]:
        """Records the note verbale by which the delegation says that it comes."""
        command = delegation.ConfirmDelegation(delegation_id=delegation_id, note_verbale=body.note_verbale)
        outcome = obeyed(await desk.for_delegation(command, because.metadata(principal)))
        return {"delegation_id": delegation_id, "status": _status(outcome.state)}

    @router.post("/{delegation_id}/quotas")
    async def set_quota(
        delegation_id: DelegationId, body: Quota, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Sets how many people of a category the delegation may name."""
        command = delegation.SetQuota(delegation_id=delegation_id, category=body.category, places=body.places)
        outcome = obeyed(await desk.for_delegation(command, because.metadata(principal)))
        return {"delegation_id": delegation_id, "quotas": dict(outcome.state.places)}

    @router.get("")
    async def delegations(
        principal: Principal = allowed("desk", "protocol", "focal_point", "operations", "auditor", "admin", "service"),
    ) -> list[dict[str, Any]]:
        """All delegations; a focal point sees its own."""
        await registered.current()
        return await register.delegations(pool, principal.bound_to.get("delegation"))

    @router.get("/{delegation_id}")
    async def one(
        delegation_id: DelegationId,
        principal: Principal = allowed("desk", "protocol", "focal_point", "operations", "auditor", "admin", "service"),
    ) -> dict[str, Any]:
        bound(principal, "delegation", delegation_id)
        await registered.current()
        found = await register.delegations(pool, delegation_id)
        if not found:
            raise of_refusal(delegation.DelegationUnknown(delegation_id))
        return found[0]

    return router


def _status(state: delegation.State) -> str:
    return "confirmed" if state.note_verbale else "invited"
