"""Who people are: read for a purpose and on record, erased."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import Problem
from contracts.ids import DelegationId, PersonId
from contracts.words import RoomPage
from services.accreditation.finding import Finding, Named
from services.accreditation.http.obeying import obeyed
from services.accreditation.people import People
from services.accreditation.vault import Purpose, Vault

_SERVICE_READS_FOR: Mapping[str, Purpose] = {"access": "gate_display", "notifications": "notice"}
"""What each service looks into the vault for, by the name in its token."""


_LOOKERS = ("desk", "protocol", "focal_point", "supervisor", "operations", "commander", "auditor")
"""Whose work is with people: they greet, find and help them, or ask what happened. An admin's is not; the vetting
authority has files of its own. A focal point knows its own delegation.
"""


class Search(Body):
    """In a body, for what is in an address is written into the logs of whatever lies between."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    delegation_id: DelegationId | None = None
    purpose: RoomPage


class Names(Body):
    person_ids: Annotated[tuple[PersonId, ...], Field(min_length=1, max_length=50)]
    purpose: RoomPage


def persons(people: People, vault: Vault, finding: Finding) -> APIRouter:
    router = APIRouter(prefix="/v1/people", tags=["people"])

    @router.get("")
    async def read(
        ids: Annotated[str, Query(max_length=4_000, description="Up to 100 ids with commas between.")],
        purpose: Purpose,
        principal: Principal = allowed("service", "desk"),
    ) -> list[dict[str, str]]:
        """What ``purpose`` may see of these people; recorded. Those unknown or erased are left out.

        ``desk`` is a desk's, ``gate_display`` the service access's, ``notice`` the service notifications's.
        """
        mine = _SERVICE_READS_FOR.get(principal.id) if principal.kind == "service" else "desk"
        if purpose != mine:
            raise Problem(403, "purpose_not_yours", "Your role does not read for this purpose.")
        try:
            wanted = [UUID(one) for one in ids.split(",")]
        except ValueError as error:
            raise Problem(422, "invalid_request", "ids are UUIDs with commas between.") from error
        found = await vault.read(wanted, purpose, principal.actor)
        return [{"person_id": str(person_id), **fields} for person_id, fields in found.items()]

    @router.post("/search")
    async def search(body: Search, principal: Principal = allowed(*_LOOKERS)) -> list[Named]:
        """People by name, at most 20; recorded. The beginnings of words, in any order, with or without accents.

        ``purpose`` is the page that shows them. A focal point finds its own delegation's.
        """
        mine = principal.bound_to.get("delegation", body.delegation_id)
        if body.delegation_id is not None:
            bound(principal, "delegation", body.delegation_id)
        if finding.is_searching_for(principal.actor):
            said = "You are searching already, and one search at a time is yours."
            raise Problem(429, "search_under_way", said, "Ask again.", retry_after_s=1)
        return await finding.search(body.text, mine, body.purpose, principal.actor)

    @router.post("/names")
    async def names(body: Names, principal: Principal = allowed(*_LOOKERS)) -> list[Named]:
        """Who these people are; recorded. Those unknown, erased or not yours are left out."""
        mine = principal.bound_to.get("delegation")
        return await finding.names(body.person_ids, mine, body.purpose, principal.actor)

    @router.get("/reads")
    async def reads(
        after: Annotated[int, Query(ge=0, lt=2**63, description="The last read_id you have.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("auditor"),
    ) -> list[dict[str, Any]]:
        """Who looked into the vault, when, what for and at whom (by id), in order."""
        return await vault.looks(after, limit)

    @router.get("/unnamed")
    async def unnamed(_: Principal = allowed("admin")) -> list[dict[str, UUID]]:
        """People whose data are kept though nobody named them: a crash came in between. At most 1,000; erase them."""
        return [{"person_id": person_id} for person_id in await people.unnamed()]

    @router.delete("/{person_id}", status_code=204)
    async def erase(person_id: PersonId, because: Because, principal: Principal = allowed("admin")) -> None:
        """Forgets who a person is. What they did stays on record, without a name."""
        obeyed(await people.erase(person_id, because.metadata(principal)))

    return router
