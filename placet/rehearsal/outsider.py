"""Talking to the services as any outsider does: HTTP, a token, an idempotency key; again until an answer is seen."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from chassis.run.foreseen import ForeseenError

_PATIENCE_S = 120.0
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0


class GaveUpError(ForeseenError):
    """A service did not answer for minutes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that is an answer: anything but silence and 503."""

    status: int
    body: Any
    latency_ms: float
    """Of the request that was answered."""

    @property
    def ok(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST


class Outsider:
    """A client of the four services. ``url`` gives a service's address, ``token`` a bearer token for a role."""

    def __init__(self, url: Callable[[str], str], token: Callable[[str], str], connections: int = 64) -> None:
        self._url = url
        self._token = token
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections), timeout=aiohttp.ClientTimeout(total=10)
        )

    async def close(self) -> None:
        await self._session.close()

    async def get(self, service: str, path: str, role: str, **params: str | int) -> Answer:
        return await self._ask("GET", service, path, self._bearer(role), params=params)

    async def post(self, service: str, path: str, role: str, key: str, body: object = None) -> Answer:
        headers = {**self._bearer(role), "Idempotency-Key": key}
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        return await self._ask("POST", service, path, headers, **content)

    async def scan(self, device_token: str, body: Mapping[str, object]) -> Answer:
        return await self._ask("POST", "access", "/v1/scans", _as(device_token), json=body)

    async def as_device(self, device_token: str, path: str, key: str, body: object) -> Answer:
        """What a scanner sends beside scans that want a verdict."""
        headers = {**_as(device_token), "Idempotency-Key": key}
        return await self._ask("POST", "access", path, headers, json=body)

    def _bearer(self, role: str) -> dict[str, str]:
        return _as(self._token(role))

    async def _ask(self, method: str, service: str, path: str, headers: Mapping[str, str], **content: Any) -> Answer:
        """Asks until there is an answer. Every request here may be repeated: that is what its key is for."""
        url, pause, deadline = self._url(service) + path, _FIRST_PAUSE_S, time.monotonic() + _PATIENCE_S
        while True:
            asked_at = time.perf_counter()
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.request(method, url, headers=headers, **content) as response:
                    if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
                        body = await response.json(content_type=None)
                        return Answer(response.status, body, 1_000 * (time.perf_counter() - asked_at))
            if time.monotonic() > deadline:
                raise GaveUpError(f"{service} did not answer {method} {path} for {_PATIENCE_S:.0f} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
