"""The log in PostgreSQL: grouped appends through one function, reads in pages."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg

from chassis.log.log import (
    Append,
    Appended,
    AppendResult,
    AppendUnknownError,
    Conflict,
    Head,
    Recorded,
    Repeated,
    Shared,
)
from chassis.run.database import passing
from chassis.run.metrics import FAILED_APPENDS

_GROUP_APPENDS = 64
_GROUP_EVENTS = 1_000

_APPEND = "SELECT * FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_COLUMNS = (
    "position, stream, version, event_id, type, schema_version, data, metadata, recorded_at,"
    " number, subject, about, shared"
)
_STREAM = f"SELECT {_COLUMNS} FROM log.events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3"
_READ = f"SELECT {_COLUMNS} FROM log.events WHERE position > $1 ORDER BY position LIMIT $2"
_SHARED = f"SELECT {_COLUMNS} FROM log.events WHERE number > $1 ORDER BY number LIMIT $2"
_FIND = f"SELECT {_COLUMNS} FROM log.events WHERE event_id = ANY($1) ORDER BY position"
_HEAD = "SELECT log_id, position, number FROM log.head"


class PostgresLog:
    """A service's log, used by that service alone.

    Appends that wait at the same time go in one statement and one commit, each accepted or refused on its own.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Append, asyncio.Future[AppendResult]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._appended = asyncio.Event()
        self.commits = 0
        """Appends committed by this process, for ``more``."""
        self.known_number = 0
        """The last shared event, when ``head`` was last asked."""

    async def append(self, append: Append) -> AppendResult:
        future: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return await future

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Recorded]:
        return [_recorded(row) for row in await self._pool.fetch(_STREAM, stream, after, limit)]

    async def read(self, after: int, limit: int) -> Sequence[Recorded]:
        return [_recorded(row) for row in await self._pool.fetch(_READ, after, limit)]

    async def read_shared(self, after: int, limit: int) -> Sequence[Recorded]:
        return [_recorded(row) for row in await self._pool.fetch(_SHARED, after, limit)]

    async def find(self, ids: Sequence[UUID]) -> Sequence[Recorded]:
        return [_recorded(row) for row in await self._pool.fetch(_FIND, ids)]

    async def head(self) -> Head:
        head = Head(*await self._pool.fetchrow(_HEAD))
        self.known_number = head.number
        return head

    async def more(self, commits: int, patience_s: float) -> None:
        """Returns when this process has appended since ``commits`` was read, or after ``patience_s``.

        So whoever follows the log here need not poll for our own appends, only for those of other processes.
        """
        if self.commits == commits:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await self._appended.wait()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                group = self._take_group()
                await self._store(group)
        finally:
            self._flushing = None

    def _take_group(self) -> list[tuple[Append, asyncio.Future[AppendResult]]]:
        """Waiting appends that may share a statement: a stream, and an event id, stands in a group once."""
        group: list[tuple[Append, asyncio.Future[AppendResult]]] = []
        left: list[tuple[Append, asyncio.Future[AppendResult]]] = []
        events = 0
        streams: set[str] = set()
        ids: set[UUID] = set()
        for append, future in self._waiting:
            mine = {event.id for event in append.events}
            full = len(group) == _GROUP_APPENDS or (group and events + len(mine) > _GROUP_EVENTS)
            if full or append.stream in streams or mine & ids:
                left.append((append, future))
                continue
            group.append((append, future))
            streams.add(append.stream)
            ids |= mine
            events += len(mine)
        self._waiting = left
        return group

    async def _store(self, group: Sequence[tuple[Append, asyncio.Future[AppendResult]]]) -> None:
        try:
            results = await self._call([append for append, _ in group])
        except Exception as error:  # noqa: BLE001  (whoever waits is told, whatever it is)
            if passing(error):
                cause = "storage_full" if isinstance(error, asyncpg.DiskFullError) else "unanswered"
                FAILED_APPENDS.labels(cause).inc(len(group))
                _fail(group, AppendUnknownError(type(error).__name__))
            elif len(group) == 1:
                _fail(group, error)
            else:
                # One of them cannot be stored at all; the others must not suffer for it.
                for one in group:
                    await self._store([one])
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)
            self.commits += 1
            self._appended.set()
            self._appended = asyncio.Event()  # a fresh one, so that no waiter's wake-up is another's lost one

    async def _call(self, appends: Sequence[Append]) -> list[AppendResult]:
        events = [(index, event) for index, append in enumerate(appends, start=1) for event in append.events]
        shared = [event.shared for _, event in events]
        rows = await self._pool.fetch(
            _APPEND,
            [append.stream for append in appends],
            [append.expected for append in appends],
            [index for index, _ in events],
            [event.id for _, event in events],
            [event.type for _, event in events],
            [event.schema_version for _, event in events],
            [event.data for _, event in events],
            [event.metadata for _, event in events],
            [face.subject if face else None for face in shared],
            [face.about if face else None for face in shared],
            [face.body if face else None for face in shared],
        )
        return [_result(*row) for row in rows]


def _result(outcome: str, position: int, known: list[UUID] | None) -> AppendResult:
    match outcome:
        case "appended":
            return Appended(position)
        case "repeated":
            return Repeated(frozenset(known or ()))
        case _:
            return Conflict()


def _fail(group: Sequence[tuple[Append, asyncio.Future[AppendResult]]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)


def _recorded(row: Any) -> Recorded:
    position, stream, version, id_, type_, schema_version, data, metadata, at, number, subject, about, body = row
    shared = None if number is None else Shared(subject, about, body)
    return Recorded(position, stream, version, id_, type_, schema_version, data, metadata, at, number, shared)
