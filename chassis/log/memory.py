"""A log in memory: the twin of PostgresLog for tests of what stands on a log. Held to the same contract suite."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from chassis.log.log import Append, Appended, AppendResult, Conflict, Head, Recorded, Repeated


class MemoryLog:
    """Forgets everything with its process."""

    def __init__(self) -> None:
        self._events: list[Recorded] = []
        self._shared: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._ids: dict[UUID, Recorded] = {}
        self._log_id = uuid4()

    async def append(self, append: Append) -> AppendResult:
        known = frozenset(event.id for event in append.events if event.id in self._ids)
        if known:
            return Repeated(known)
        stream = self._streams.get(append.stream, [])
        if append.expected is not None and append.expected != len(stream):
            return Conflict()
        for event in append.events:
            recorded = Recorded(
                position=len(self._events) + 1,
                stream=append.stream,
                version=len(stream) + 1,
                event_id=event.id,
                type=event.type,
                schema_version=event.schema_version,
                data=event.data,
                metadata_json=event.metadata,
                recorded_at=datetime.now(UTC),
                number=len(self._shared) + 1 if event.shared else None,
                shared=event.shared,
            )
            stream.append(recorded)
            self._events.append(recorded)
            self._ids[event.id] = recorded
            if event.shared:
                self._shared.append(recorded)
        self._streams[append.stream] = stream
        return Appended(len(self._events))

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Recorded]:
        return self._streams.get(stream, [])[after:][:limit]

    async def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return self._events[after : after + limit]

    async def read_shared(self, after: int, limit: int) -> Sequence[Recorded]:
        return self._shared[after : after + limit]

    async def find(self, ids: Sequence[UUID]) -> Sequence[Recorded]:
        found = (self._ids[id_] for id_ in set(ids) if id_ in self._ids)
        return sorted(found, key=lambda recorded: recorded.position)

    async def head(self) -> Head:
        return Head(self._log_id, len(self._events), len(self._shared))
