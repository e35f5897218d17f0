"""Badges: made, handed over, lost, replaced, stopped, looked at."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import Field

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import of_refusal
from chassis.log.decider import Event, Refused
from chassis.log.obey import Obeyed
from chassis.log.views import OwnView
from contracts.ids import BadgeId, DelegationId, NominationId
from services.accreditation.commands import Accreditation
from services.accreditation.domain import badge
from services.accreditation.http.obeying import Reason, obeyed
from services.accreditation.views import register


class BadgeRequest(Body):
    nomination_id: NominationId


class Replacement(Body):
    version: int = Field(ge=1, description="The version to be replaced, as its holder has it.")


class Loss(Body):
    stolen: bool = Field(default=False, description="Whether somebody took it, as far as is known.")


def badges(desk: Accreditation, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(prefix="/v1/badges", tags=["badges"])

    @router.post("", status_code=201)
    async def issue(
        body: BadgeRequest, because: Because, principal: Principal = allowed("desk", "admin")
    ) -> dict[str, Any]:
        """Makes the badge of an accreditation. It opens nothing until it is activated at hand-over."""
        return _badge(obeyed(await desk.issue_badge(body.nomination_id, because.metadata(principal))))

    @router.post("/{badge_id}/activation")
    async def activate(
        badge_id: BadgeId, because: Because, principal: Principal = allowed("desk", "admin")
    ) -> dict[str, Any]:
        """The holder showed who they are and took the badge."""
        command = badge.ActivateBadge(badge_id=badge_id)
        return _badge(obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/loss")
    async def report_lost(
        badge_id: BadgeId,
        because: Because,
        body: Loss | None = None,
        principal: Principal = allowed("desk", "supervisor", "admin"),
    ) -> dict[str, Any]:
        """The badge is not with its holder; no gate opens to it from now on."""
        command = badge.ReportBadgeLost(badge_id=badge_id, stolen=body is not None and body.stolen)
        return _badge(obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/replacement")
    async def replace(
        badge_id: BadgeId, body: Replacement, because: Because, principal: Principal = allowed("desk", "admin")
    ) -> dict[str, Any]:
        """Makes the next version; earlier ones are superseded. It awaits activation."""
        command = badge.ReplaceBadge(badge_id=badge_id, version=body.version)
        return _badge(obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/suspension")
    async def suspend(
        badge_id: BadgeId,
        body: Reason,
        because: Because,
        principal: Principal = allowed("desk", "supervisor", "admin"),
    ) -> dict[str, Any]:
        """The badge opens nothing until it is reinstated."""
        command = badge.SuspendBadge(badge_id=badge_id, reason=body.reason)
        return _badge(obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/reinstatement")
    async def reinstate(
        badge_id: BadgeId, because: Because, principal: Principal = allowed("desk", "supervisor", "admin")
    ) -> dict[str, Any]:
        """Ends a suspension."""
        command = badge.ReinstateBadge(badge_id=badge_id)
        return _badge(obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/revocation")
    async def revoke(
        badge_id: BadgeId,
        body: Reason,
        because: Because,
        principal: Principal = allowed("desk", "protocol", "commander", "admin"),
    ) -> dict[str, Any]:
        """The badge is dead for good, every version of it."""
        command = badge.RevokeBadge(badge_id=badge_id, reason=body.reason)
        return _badge(obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.get("")
    async def badges(
        delegation_id: DelegationId | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        principal: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """Badges as they stand; a focal point sees its own delegation's."""
        mine = principal.bound_to.get("delegation", delegation_id)
        await registered.current()
        return await register.badges(pool, delegation_id=mine, after=after, limit=limit)

    @router.get("/{badge_id}")
    async def one(
        badge_id: BadgeId, principal: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin")
    ) -> dict[str, Any]:
        await registered.current()
        found = await register.badges(pool, badge_id=badge_id)
        if not found:
            raise of_refusal(badge.BadgeUnknown(str(badge_id)))
        bound(principal, "delegation", found[0]["delegation_id"])
        return found[0]

    @router.get("/{badge_id}/credential")
    async def credential(badge_id: BadgeId, _: Principal = allowed("desk", "admin")) -> dict[str, str]:
        """The text of the badge's QR code."""
        text = await desk.credential(badge_id)
        if isinstance(text, Refused):
            raise of_refusal(text)
        return {"text": text}

    return router


def _badge(outcome: Obeyed[badge.State, badge.BadgeEvent]) -> dict[str, Any]:
    state = outcome.state
    assert state.issued is not None
    validity: dict[str, datetime] = {"valid_from": state.issued.valid_from, "valid_until": state.issued.valid_until}
    return {
        "badge_id": state.issued.badge_id,
        "version": state.version,
        "holding": state.holding,
        "suspended": state.suspended,
        "revoked": state.revoked,
        "areas": state.issued.areas,
        **validity,
    }
