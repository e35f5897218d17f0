"""Another service's shared events, from its own log over HTTP: the way that works when the broker does not."""

from pathlib import Path
from uuid import UUID

import httpx

from chassis.log.source import Page
from contracts.envelope import Envelope


class FeedUnreachableError(OSError):
    """The owner did not answer, or answered with an error, or with what is no feed."""


class Feed:
    """``GET /v1/log`` of one service, as a source of envelopes."""

    def __init__(self, service: str, url: str, token_file: Path) -> None:
        self.name = service
        self._client = httpx.AsyncClient(base_url=url, timeout=5)
        self._token_file = token_file

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        """Raises FeedUnreachableError."""
        try:
            response = await self._client.get(
                "/v1/log", params={"after": after, "limit": limit}, headers=bearer(self._token_file)
            )
            response.raise_for_status()
            page = response.json()
            events = [Envelope.from_json(event) for event in page["events"]]
            return Page(UUID(page["log_id"]), events, page["complete_to"], page["head"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise FeedUnreachableError(f"{self.name}: {type(error).__name__}") from error

    async def close(self) -> None:
        await self._client.aclose()


def bearer(token_file: Path) -> dict[str, str]:
    """The header that shows who we are; read anew each time, so that a renewed token is picked up."""
    return {"Authorization": f"Bearer {token_file.read_text('utf-8').strip()}"}
