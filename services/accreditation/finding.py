"""Finding people by name, and the names of people: for whoever runs the gathering, a look on record each time."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from chassis.log.decider import Event
from chassis.log.views import OwnView
from contracts.words import RoomPage
from services.accreditation.domain.accreditation import Nominee
from services.accreditation.names import Wanted
from services.accreditation.vault import Vault
from services.accreditation.views import register

MOST = 20  # people a search shows


class Named(BaseModel):
    """Somebody who was nominated. ``name`` has the order of their language. The vault keeps no photo."""

    person_id: UUID
    delegation_id: str
    category: str
    name: str
    title: str
    function: str


class Finding:
    """Shows those who were nominated and not erased, of one delegation where ``delegation_id`` says so."""

    def __init__(self, pool: asyncpg.Pool, vault: Vault, registered: OwnView[Event]) -> None:
        self._pool = pool
        self._vault = vault
        self._registered = registered
        self._searching: set[str] = set()
        self._one_at_a_time = asyncio.Lock()  # a search is work for the processor that others need too

    def is_searching_for(self, actor: str) -> bool:
        """Whether an earlier search of theirs is not over."""
        return actor in self._searching

    async def search(self, text: str, delegation_id: str | None, page: RoomPage, actor: str) -> list[Named]:
        """At most ``MOST``, by name. Words find names that begin so, in whatever order and spelling."""
        self._searching.add(actor)
        try:
            await self._registered.current()
            nominees = await register.nominees(self._pool, delegation_id=delegation_id)
            async with self._one_at_a_time:
                found = await self._vault.whose_name(Wanted.typed(text).finds, list(nominees))
        finally:
            self._searching.discard(actor)
        return await self._shown(found[:MOST], nominees, page, actor)

    async def names(self, ids: Sequence[UUID], delegation_id: str | None, page: RoomPage, actor: str) -> list[Named]:
        """Who these people are, in the order asked for; the others are left out."""
        await self._registered.current()
        nominees = await register.nominees(self._pool, delegation_id=delegation_id, people=ids)
        return await self._shown([one for one in dict.fromkeys(ids) if one in nominees], nominees, page, actor)

    async def _shown(
        self, ids: Sequence[UUID], nominees: Mapping[UUID, Nominee], page: RoomPage, actor: str
    ) -> list[Named]:
        """Read again, which records it: of whom somebody was erased meanwhile, nothing is shown."""
        known = await self._vault.read(ids, page, actor)
        return [_named(nominees[one], known[one]) for one in ids if one in known]


def _named(nominee: Nominee, known: Mapping[str, str]) -> Named:
    names = [known["given_name"], known["family_name"]]
    if known["language"] == "vi":
        names.reverse()
    return Named(
        person_id=nominee.person_id,
        delegation_id=nominee.delegation_id,
        category=nominee.category,
        name=" ".join(names),
        title=known["title"],
        function=known["function"],
    )
