"""Operations' live stream as any program may read it: a snapshot, then changes, and how the connection stands."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from chassis.run.authorities import authorities
from placet.installation import NotFoundError, RefusedError
from services.operations.picture import KEYED

Picture = Mapping[str, Any]
Token = Callable[[], str | None]
"""Gives the bearer token at the time of asking, for tokens are renewed; None: not signed in."""

STALE_AFTER_S = 3.0  # a message comes every second while all is well
_DEAD_AFTER_S = 10.0  # without so much as a heartbeat, which comes every three
_AGAIN_S = 1.0
_NOT_FOR_YOU = (401, 403, 404)


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be said of the connection. ``age_s`` is of the last message; None: there was none."""

    age_s: float | None = None
    why: str | None = None
    tries: int = 0

    @property
    def is_live(self) -> bool:
        """Whether the numbers may be taken as they are."""
        return self.age_s is not None and self.age_s < STALE_AFTER_S


class Watching:
    """Follows the stream of one operations service, and comes back to it for as long as it takes."""

    def __init__(self, url: str, token: Token) -> None:
        self.url = url
        self.picture: Picture | None = None
        self.messages = 0
        self._token = token
        self._heard_at: float | None = None
        self._why: str | None = None
        self._tries = 0
        self._last_event_id: str | None = None

    @property
    def standing(self) -> Standing:
        """As of now."""
        age_s = None if self._heard_at is None else time.monotonic() - self._heard_at
        return Standing(age_s, self._why, self._tries)

    async def run(self) -> None:
        """Until cancelled. Raises NotFoundError and RefusedError, but not once there was a picture."""
        async with _client(self.url, httpx.Timeout(5, read=_DEAD_AFTER_S)) as client:
            while True:
                try:
                    await self._listen(client)
                    self._why = "the stream ended"
                except httpx.TransportError as error:
                    if self.picture is None:
                        raise _no_answer(self.url) from error
                    self._why = "operations does not answer"
                except RefusedError as error:
                    if self.picture is None and error.status in _NOT_FOR_YOU:
                        raise
                    self._why = str(error)
                except ValueError:
                    self._last_event_id, self._why = None, "operations says what cannot be read"
                self._tries += 1
                await asyncio.sleep(_AGAIN_S)

    async def _listen(self, client: httpx.AsyncClient) -> None:
        headers = _headers(self._token())
        if self._last_event_id is not None:
            headers["Last-Event-ID"] = self._last_event_id
        async with client.stream("GET", "/v1/live", headers=headers) as answer:
            if answer.is_error:
                await answer.aread()
                raise _refusal(answer)
            async for message in _messages(answer):
                self._take(message)

    def _take(self, message: Mapping[str, str]) -> None:
        if "data" not in message:
            return  # a heartbeat says that the service is there, not that its numbers stand
        content = json.loads(message["data"])
        is_change = message.get("event") == "delta" and self.picture is not None
        self.picture = changed(self.picture or {}, content) if is_change else content
        self._last_event_id = message.get("id", self._last_event_id)
        self._heard_at, self._why, self._tries = time.monotonic(), None, 0
        self.messages += 1


def snapshot(url: str, token: Token) -> Any:
    """The picture, drawn after it was asked for. Raises NotFoundError and RefusedError."""
    try:
        answer = httpx.get(
            f"{url}/v1/snapshot", headers=_headers(token()), timeout=15, trust_env=False, verify=authorities(url)
        )
    except httpx.TransportError as error:
        raise _no_answer(url) from error
    if answer.is_error:
        raise _refusal(answer)
    return answer.json()


def changed(picture: Picture, delta: Picture) -> Picture:
    """The picture after ``delta``: of keyed parts it holds what changed of which entry, and all of other parts."""
    after = {**picture, **delta}
    for part, field in KEYED.items():
        if part in delta and part in picture:
            entries = {entry[field]: entry for entry in picture[part]}
            entries |= {entry[field]: {**entries.get(entry[field], {}), **entry} for entry in delta[part]}
            after[part] = sorted(entries.values(), key=lambda entry: entry.get("order", 0))
    return after


async def _messages(answer: httpx.Response) -> AsyncIterator[Mapping[str, str]]:
    """Messages of an event stream, field by field. Cut at blank lines only: names may hold what else ends a line."""
    waiting = b""
    async for piece in answer.aiter_bytes():
        *complete, waiting = (waiting + piece).split(b"\n\n")
        for message in complete:
            fields = (line.partition(": ") for line in message.decode().split("\n"))
            yield {name: value for name, colon, value in fields if name and colon}


def _client(url: str, timeout: httpx.Timeout) -> httpx.AsyncClient:
    # Without the environment: our services are reached directly, whatever proxy is set for the web.
    return httpx.AsyncClient(base_url=url, timeout=timeout, trust_env=False, verify=authorities(url))


def _headers(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def _no_answer(url: str) -> NotFoundError:
    return NotFoundError(f"operations does not answer at {url}. Is it running? Try: placet doctor")


def _refusal(answer: httpx.Response) -> RefusedError:
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return RefusedError(answer.status_code, problem)
