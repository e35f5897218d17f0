"""People and delegations over HTTP, by id: where they are, and the path of one through the day."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import StringConstraints
from starlette.responses import Response

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem
from contracts.ids import DelegationId, PersonId
from contracts.words import RoomPage
from services.operations.looks import Looks
from services.operations.whereabouts import Whereabouts

_FOLLOWERS = ("operations", "commander", "supervisor", "protocol", "auditor")
"""Who may see where somebody is: they look after guests, or ask what happened."""

BadgeText = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F-]{8,36}$")]


def people(whereabouts: Whereabouts, looks: Looks) -> APIRouter:
    router = APIRouter(prefix="/v1/people", tags=["people"], dependencies=[Depends(_unstored)])

    @router.get("")
    async def by_badge(
        badge: Annotated[BadgeText, Query(description="A badge's id, or at least its first eight digits.")],
        _: Principal = allowed(*_FOLLOWERS),
    ) -> list[Mapping[str, Any]]:
        """Whose badge it is, with all their badges; at most 20 people. No name and no place, so no look is recorded."""
        return await whereabouts.holders(*_between(badge))

    @router.get("/looks")
    async def looked_at(
        after: Annotated[int, Query(ge=0, lt=2**63, description="The last look_id you have.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("auditor"),
    ) -> list[dict[str, Any]]:
        """Who looked at whose path, when and on which page, in order."""
        return await looks.listed(after, limit)

    @router.get("/{person_id}")
    async def one(
        person_id: PersonId,
        purpose: Annotated[RoomPage, Query(description="The page it is for.")] = "people",
        principal: Principal = allowed(*_FOLLOWERS),
    ) -> Mapping[str, Any]:
        """Where somebody is and was; recorded. ``path``: every scan of theirs, the earliest first, 500 at most.

        ``undone``: the passage was decided and not taken. Why a scan was decided so, access explains.
        """
        found = await whereabouts.person(person_id)
        if found is None:
            raise Problem(404, "person_unknown", "Nobody has this id.")
        await looks.record(principal.actor, purpose, person_id)
        return found

    return router


def delegations(whereabouts: Whereabouts) -> APIRouter:
    router = APIRouter(prefix="/v1/delegations", tags=["delegations"], dependencies=[Depends(_unstored)])

    @router.get("")
    async def all_of_them(_: Principal = allowed(*_FOLLOWERS)) -> list[Mapping[str, Any]]:
        """All delegations, with how many of their people are inside."""
        return await whereabouts.delegations()

    @router.get("/{delegation_id}")
    async def one(delegation_id: DelegationId, _: Principal = allowed(*_FOLLOWERS)) -> Mapping[str, Any]:
        """Its people, those who lead it first, each where they are and where they were scanned last.

        ``head``: of the highest category that leads; of several whoever is inside.
        """
        found = await whereabouts.delegation(delegation_id)
        if found is None:
            raise Problem(404, "delegation_unknown", "There is no such delegation.")
        return found

    return router


def _unstored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


def _between(badge: str) -> tuple[UUID, UUID]:
    """The first and the last id that begin so. Raises Problem 422."""
    digits = badge.replace("-", "").lower()
    if not 8 <= len(digits) <= 32:
        raise Problem(422, "invalid_request", "A badge's id has 32 digits, and its first eight are enough.")
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
