"""People at the room's desks, who report incidents and move them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx

from tests.controls import eventually
from tests.operations.conftest import Operations

AN, BAO = "an", "bao"
Answer = tuple[int, Any]
MEDICAL: Mapping[str, Any] = {"kind": "medical", "severity": 2, "title": "A fall on the stairs", "zone_id": "pln"}


class Desks:
    """``who`` asks as ``role``."""

    def __init__(self, operations: Operations, client: httpx.AsyncClient) -> None:
        self.operations = operations
        self._client = client

    def _headers(self, who: str, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.operations.issuer.token(role, sub=who)}"}

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        who: str = AN,
        role: str = "operations",
        key: str | None = None,
    ) -> Answer:
        headers = {**self._headers(who, role), "Idempotency-Key": key or uuid4().hex}
        answer = await self._client.post(f"/v1/incidents{path}", json=body or {}, headers=headers)
        return answer.status_code, answer.json()

    async def get(self, path: str = "", *, who: str = AN, role: str = "operations", **query: Any) -> Answer:
        answer = await self._client.get(f"/v1/incidents{path}", params=query, headers=self._headers(who, role))
        return answer.status_code, answer.json()

    async def report(self, **fields: Any) -> str:
        """The incident's id."""
        status, made = await self.post("", {**MEDICAL, **fields})
        assert status == 201, made
        incident_id: str = made["incident_id"]
        return incident_id

    async def move(self, incident_id: str, what: str, *, who: str = AN, **fields: Any) -> Any:
        """By somebody who has just looked."""
        if "version" not in fields and what != "notes":
            fields["version"] = (await self.one(incident_id))["version"]
        status, answer = await self.post(f"/{incident_id}/{what}", fields, who=who)
        assert status == 200, answer
        return answer

    async def one(self, incident_id: str) -> Any:
        status, found = await self.get(f"/{incident_id}")
        assert status == 200, found
        return found

    async def listed(self, state: str = "open", **more: Any) -> Sequence[Any]:
        status, found = await self.get(state=state, **more)
        assert status == 200, found
        listed: Sequence[Any] = found
        return listed

    async def eventually_all(self, how_many: int) -> Sequence[Any]:
        """All that are open, once there are so many."""

        async def look() -> Sequence[Any]:
            found = await self.listed()
            assert len(found) == how_many, found
            return found

        return await eventually(look, 5, every_s=0.05, says="not so many")

    async def eventually(self, kind: str, holds: Callable[[Any], object] = bool, within_s: float = 5) -> Any:
        """The one incident of a kind, once it is so."""

        async def look() -> Any:
            (found,) = [one for one in await self.listed("all") if one["kind"] == kind]
            assert holds(found), found
            return found

        async def tried() -> Any:
            try:
                return await look()
            except ValueError as error:
                raise AssertionError(f"no {kind}, or several") from error

        return await eventually(tried, within_s, every_s=0.05, says=f"no such {kind}")


@asynccontextmanager
async def desks_of(operations: Operations) -> AsyncIterator[Desks]:
    async with httpx.AsyncClient(base_url=operations.url, timeout=15) as client:
        yield Desks(operations, client)
