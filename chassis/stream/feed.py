"""Another service's shared events, from its own log over HTTP: the way that works when the broker does not."""

from pathlib import Path

import msgspec

from chassis.log.source import Page
from chassis.stream.peer import Peer, PeerUnreachableError
from contracts.envelope import Envelope, FeedPage


class FeedUnreachableError(OSError):
    """The owner did not answer, or answered with an error, or with what is no feed."""


class Feed:
    """``GET /v1/log`` of one service, as a source of envelopes."""

    def __init__(self, service: str, url: str, token_file: Path) -> None:
        self.name = service
        self._peer = Peer(url, token_file)

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        """Raises FeedUnreachableError."""
        try:
            body = await self._peer.read("/v1/log", after=after, limit=limit)
            answer = msgspec.json.decode(body, type=FeedPage)
        except (PeerUnreachableError, msgspec.MsgspecError, UnicodeError) as error:
            raise FeedUnreachableError(f"{self.name}: {type(error).__name__}") from error
        return Page(answer.log_id, [event.envelope() for event in answer.events], answer.complete_to, answer.head)

    async def close(self) -> None:
        await self._peer.aclose()
