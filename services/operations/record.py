"""The record of the whole house on one page: how far each log is, who has read how far, what could not be applied.

Each service is asked for its part as the person who looks. One that does not answer is shown as down: it is what the
page is there to tell.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx
from fastapi import APIRouter, Request
from fastapi.encoders import jsonable_encoder
from starlette.responses import JSONResponse, Response

from chassis.edge.care import Record
from chassis.edge.identity import Principal, allowed
from chassis.run.authorities import authorities
from chassis.run.settings import Settings
from contracts.topology import SERVICES
from contracts.words import ServiceName

_PATIENCE_S = 2.0
_NO_PART: Mapping[str, Any] = {"log": None, "consumers": [], "views": []}

Standing = Callable[[], Sequence[Mapping[str, Any]]]
"""Of each service ``service``, ``state`` and ``degraded``, as last asked."""


class House:
    """All services' records. ``own`` is this service's; ``standing`` tells who is ready."""

    def __init__(self, own: Record, settings: Settings, standing: Standing) -> None:
        self._own = own
        self._standing = standing
        others: list[ServiceName] = [name for name in SERVICES if name != "operations"]
        self._clients = {name: _client(getattr(settings, f"{name}_url")) for name in others}

    async def shown(self, authorization: str) -> dict[str, Any]:
        """``authorization``: the header of whoever looks."""
        standing = {one["service"]: one for one in self._standing()}
        parts = await asyncio.gather(*(self._part(name, authorization) for name in SERVICES))
        found = dict(zip(SERVICES, parts, strict=True))
        return {
            "services": [
                {
                    "service": name,
                    "state": _state(standing.get(name), answers=part is not None),
                    "degraded": standing.get(name, {}).get("degraded", []),
                    "log": (part or _NO_PART)["log"],
                    "consumers": (part or _NO_PART)["consumers"],
                    "dead_letters": part["dead_letters"] if part else None,
                }
                for name, part in found.items()
            ],
            "rebuilds": [
                {"service": name, **view} for name, part in found.items() for view in (part or _NO_PART)["views"]
            ],
        }

    async def _part(self, name: ServiceName, authorization: str) -> Mapping[str, Any] | None:
        """What the service tells of itself; None: nothing, in time."""
        if name not in self._clients:
            return await _together(self._own.shown(), self._own.dead_letters())
        client, headers = self._clients[name], {"Authorization": authorization}
        try:
            return await _together(_asked(client, "/v1/care", headers), _asked(client, "/v1/dead-letters", headers))
        except httpx.HTTPStatusError:  # of another release, or it knows this person otherwise
            return {**_NO_PART, "dead_letters": None}
        except (httpx.HTTPError, OSError, ValueError):
            return None


def record(house: House) -> APIRouter:
    """The route that shows it."""
    router = APIRouter(tags=["care"])

    @router.get("/v1/record", response_class=Response)
    async def shown(
        request: Request, _: Principal = allowed("operations", "auditor", "commander", "admin")
    ) -> Response:
        """Logs, consumers, dead letters and views of all services, asked now. ``dead_letters`` null: not known."""
        found = await house.shown(request.headers["authorization"])
        return JSONResponse(jsonable_encoder(found), headers={"Cache-Control": "no-store"})

    return router


async def _together(part: Awaitable[Any], letters: Awaitable[Any]) -> dict[str, Any]:
    shown, dead_letters = await asyncio.gather(part, letters)
    return {**shown, "dead_letters": dead_letters}


async def _asked(client: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> Any:
    answer = await client.get(path, headers=headers)
    answer.raise_for_status()
    return answer.json()


def _state(known: Mapping[str, Any] | None, *, answers: bool) -> str:
    if not answers:
        return "down"
    return "up" if known is None or known["state"] == "down" else known["state"]


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, trust_env=False, verify=authorities(url))
