"""Another service of the house, asked over HTTP: who we are in each request, and one error for all that goes wrong."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from chassis.run.authorities import authorities

MOST_IDS = 100  # a request; what is shown of people is recorded a request


class PeerUnreachableError(OSError):
    """It did not answer, or answered with an error, or with something else. The text names the kind of failure."""


class Peer:
    """A service at ``url``, asked with the token in ``token_file``."""

    def __init__(self, url: str, token_file: Path) -> None:
        # Without the environment: what services say to each other goes through no proxy that is there for the web.
        self._client = httpx.AsyncClient(base_url=url, timeout=5, trust_env=False, verify=authorities(url))
        self._token_file = token_file

    async def get(self, path: str, **params: str | int) -> Any:
        """The JSON at ``path``. Raises PeerUnreachableError."""
        try:
            return json.loads(await self.read(path, **params))
        except ValueError as error:
            raise PeerUnreachableError(type(error).__name__) from error

    async def read(self, path: str, **params: str | int) -> bytes:
        """What is at ``path``. Raises PeerUnreachableError."""
        try:
            # The token is read each time, so that a renewed one is picked up.
            headers = {"Authorization": f"Bearer {self._token_file.read_text('utf-8').strip()}"}
            response = await self._client.get(path, params=params, headers=headers)
            response.raise_for_status()
        except (httpx.HTTPError, OSError, ValueError) as error:
            raise PeerUnreachableError(type(error).__name__) from error
        return response.content

    async def get_listed(self, path: str, ids: Iterable[object], **params: str) -> list[Any]:
        """The rows at ``path`` of those named, as many requests as it takes. Raises PeerUnreachableError."""
        wanted, rows = [str(one) for one in ids], []
        for start in range(0, len(wanted), MOST_IDS):
            some = await self.get(path, ids=",".join(wanted[start : start + MOST_IDS]), **params)
            if not isinstance(some, list):
                raise PeerUnreachableError("NotAList")
            rows += some
        return rows

    async def aclose(self) -> None:
        await self._client.aclose()
