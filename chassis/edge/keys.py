"""The keys that sign tokens, as their provider publishes them: learned, renewed, and forgotten once withdrawn."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import httpx
import jwt

from chassis.edge.problems import unavailable
from chassis.run.logging import Logger

_RENEW_S = 300.0  # so long may a withdrawn key still be trusted
_ASK_AGAIN_S = 10.0  # at the earliest: for a key that is not in the set, and after no answer

log = Logger(__name__)


class KeySet:
    """A JSON Web Key Set. ``jwks`` is a file or the https address of an OIDC provider's; ``on_change`` hears of another
    set than before.

    One question is under way at a time, whoever asks, and questions that failed count as asked: nobody makes us call
    the provider for each token they make up. While it does not answer, the keys it named last are good.
    """

    def __init__(self, jwks: str, on_change: Callable[[], None]) -> None:
        self._jwks = jwks
        self._on_change = on_change
        self._published: Any = None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = float("-inf")
        self._answered = True

    def renew(self) -> None:
        """Asks the provider when it is time to; nobody waits for the answer."""
        self._ask(after_s=_RENEW_S if self._answered else _ASK_AGAIN_S)

    async def key(self, key_id: str) -> jwt.PyJWK:
        """Raises jwt.InvalidTokenError for a key that is not in the set, and Problem 503 if nobody can tell."""
        if key_id not in self._keys:
            self._ask(after_s=_ASK_AGAIN_S)
            if self._asking is not None:
                await asyncio.wait([self._asking])
        if key_id in self._keys:
            return self._keys[key_id]
        if not self._answered:
            raise unavailable("The identity provider cannot be reached.")
        raise jwt.InvalidTokenError("unknown key")

    def _ask(self, after_s: float) -> None:
        under_way = self._asking is not None and not self._asking.done()
        if not under_way and time.monotonic() - self._asked_at > after_s:
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._learn())

    async def _learn(self) -> None:
        try:
            published = await self._read()
            keys = _keys(published)
        except Exception as error:  # noqa: BLE001  (whatever came instead, it is no key set)
            if self._answered:
                log.warning("keys_not_renewed", error=type(error).__name__, retry_in_s=_ASK_AGAIN_S)
            self._answered = False
            return
        self._answered = True
        if published != self._published:
            self._published, self._keys = published, keys
            self._on_change()
            log.info("keys_changed", count=len(keys))

    async def _read(self) -> Any:
        if urlparse(self._jwks).scheme not in {"http", "https"}:
            return json.loads(Path(self._jwks).read_text("utf-8"))
        async with httpx.AsyncClient(timeout=5) as client:
            response = await client.get(self._jwks)
            response.raise_for_status()
            return response.json()


def _keys(published: Any) -> dict[str, jwt.PyJWK]:
    """The usable keys of a set by their id; none is an answer too: the provider trusts no key at the moment."""
    if not isinstance(published["keys"], list):
        raise TypeError("keys")
    try:
        return {key.key_id or "": key for key in jwt.PyJWKSet.from_dict(published).keys}
    except jwt.PyJWKSetError:
        return {}
