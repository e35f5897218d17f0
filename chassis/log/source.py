"""What a reader reads: a log's events page by page, in order from any number, none missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from chassis.log.codec import Codec
from chassis.log.decider import E
from chassis.log.log import Log

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A run of events without a gap, and how far their log has come."""

    log_id: UUID
    events: Sequence[T_co]
    reached: int
    """The number the page is complete to: everything after ``after`` up to here was looked at."""
    head: int


class OwnLog(Generic[E]):
    """The private events of a service's own log, for its own views; an event's number here is its position."""

    def __init__(self, service: str, log: Log, codec: Codec[E]) -> None:
        self.name = service
        self._log = log
        self._codec = codec

    async def read(self, after: int, limit: int) -> Page[E]:
        """Events of types the codec does not know are passed over: they are of no view's concern."""
        head = await self._log.head()
        recorded = await self._log.read(after, limit)
        events = [
            self._codec.decode(event.type, event.schema_version, event.data)
            for event in recorded
            if self._codec.knows(event.type)
        ]
        reached = recorded[-1].position if recorded else after
        newest = max(head.position, recorded[-1].position) if recorded else head.position
        return Page(head.log_id, events, reached, newest)
