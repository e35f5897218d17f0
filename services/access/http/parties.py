"""Parties and convoys: who passes a gate with one scan of a leader."""

from typing import Any
from uuid import uuid5

from fastapi import APIRouter
from pydantic import Field, model_validator

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed
from contracts.ids import PartyId, PersonId
from services.access.domain.parties import DissolveParty, FormParty
from services.access.domain.record.companions import Party
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed

SEE_PARTIES = ("device", "protocol", "supervisor", "operations", "commander", "auditor", "admin")
"""Roles."""


class PartyBody(Body):
    """``party_id`` null: a new one. ``members``: without the leader."""

    party_id: PartyId | None = None
    leader_id: PersonId
    members: tuple[PersonId, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _names_each_once(self) -> "PartyBody":
        if len({self.leader_id, *self.members}) <= len(self.members):
            raise ValueError("somebody is named twice")
        return self


def parties(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1/parties", tags=["parties"])

    @router.post("", status_code=201)
    async def form(
        body: PartyBody, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Forms a party, or changes who is in it. Each of its people still passes or is refused by their own rights."""
        metadata = because.metadata(principal)
        party_id = body.party_id or uuid5(metadata.command_id, "party")
        party = Party(party_id=party_id, leader_id=body.leader_id, members=body.members)
        await obeyed(gatekeeper, FormParty(party=party), metadata)
        return {"party_id": party_id}

    @router.post("/{party_id}/dissolution")
    async def dissolve(
        party_id: PartyId, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Its people pass one by one again."""
        await obeyed(gatekeeper, DissolveParty(party_id=party_id), because.metadata(principal))
        return {"party_id": party_id, "dissolved": True}

    @router.get("")
    async def listed(_: Principal = allowed(*SEE_PARTIES)) -> list[Party]:
        """The parties: ids, no names."""
        return [party for _, party in sorted(gatekeeper.venue.companions.parties.items())]

    return router
