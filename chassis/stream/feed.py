"""Another service's shared events, from its own log over HTTP: the way that works when the broker does not."""

from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, NonNegativeInt

from chassis.log.source import Page
from chassis.stream.peer import Peer, PeerUnreachableError
from contracts.envelope import Envelope


class FeedUnreachableError(OSError):
    """The owner did not answer, or answered with an error, or with what is no feed."""


class _Answer(BaseModel):
    """What ``GET /v1/log`` answers; see ``chassis.edge.feed``."""

    log_id: UUID
    events: list[Any]
    complete_to: NonNegativeInt
    head: NonNegativeInt


class Feed:
    """``GET /v1/log`` of one service, as a source of envelopes."""

    def __init__(self, service: str, url: str, token_file: Path) -> None:
        self.name = service
        self._peer = Peer(url, token_file)

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        """Raises FeedUnreachableError."""
        try:
            answer = _Answer.model_validate(await self._peer.get("/v1/log", after=after, limit=limit))
            events = [Envelope.from_json(event) for event in answer.events]
        except (PeerUnreachableError, ValueError) as error:
            raise FeedUnreachableError(f"{self.name}: {type(error).__name__}") from error
        return Page(answer.log_id, events, answer.complete_to, answer.head)

    async def close(self) -> None:
        await self._peer.aclose()
