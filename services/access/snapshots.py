"""Snapshots of a venue: what its stream comes to at a version, so that nobody has to fold it from the beginning.

They are a cache: one that is of another log, of another release or cannot be read is passed over.
"""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg

from chassis.log import chunks
from chassis.log.chunks import Chunks
from chassis.run.database import passing
from chassis.run.logging import Logger
from services.access import domain, upcasts
from services.access.domain.venue import Venue

_KEPT = 3  # a stream
_PART = 1_000_000  # bytes, before they are compressed

_NEAREST = """
    SELECT snapshot_id, taken.version, log_id, code, taken.event_id = events.event_id AS of_this_stream
    FROM snapshots.taken LEFT JOIN log.events ON events.stream = taken.stream AND events.version = taken.version
    WHERE taken.stream = $1 AND taken.version <= $2
    ORDER BY taken.version DESC, snapshot_id DESC
"""
_TAKE = """
    INSERT INTO snapshots.taken (stream, version, log_id, event_id, code)
    SELECT stream, version, log_id, event_id, $3 FROM log.events, log.head WHERE stream = $1 AND version = $2
    RETURNING snapshot_id
"""
_ADD = "INSERT INTO snapshots.parts (snapshot_id, part, content) VALUES ($1, $2, $3)"
_READ = "SELECT content FROM snapshots.parts WHERE snapshot_id = $1 AND part = $2"
_THIN = """
    DELETE FROM snapshots.taken WHERE stream = $1 AND snapshot_id NOT IN (
        SELECT snapshot_id FROM snapshots.taken WHERE stream = $1 ORDER BY snapshot_id DESC LIMIT $2
    )
"""

log = Logger(__name__)


def _digest() -> str:
    """Tells this release's way of folding and encoding from others'."""
    files = [Path(chunks.__file__), Path(upcasts.__file__), *Path(domain.__file__).parent.rglob("*.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]


_CODE = _digest()  # now, while the files are what this process runs


class Snapshots:
    """Those of one venue's stream. Whatever they do, they let others work every millisecond."""

    def __init__(self, pool: asyncpg.Pool, stream: str) -> None:
        self._pool = pool
        self._stream = stream
        self._chunks = Chunks(Venue)
        self.newest = 0
        """The version of the last one taken or found."""

    async def nearest(self, log_id: UUID, at_most: int) -> Venue | None:
        """The venue at the highest version up to ``at_most`` that there is a snapshot of, or None."""
        for row in await self._pool.fetch(_NEAREST, self._stream, at_most):
            if (reason := self._objection(row, log_id)) is None:
                try:
                    venue = await self._read(row["snapshot_id"])
                except Exception as error:
                    if passing(error):
                        raise
                    reason = "broken"
                else:
                    self.newest = max(self.newest, venue.version)
                    return venue
            log.warning("snapshot_passed_over", stream=self._stream, version=row["version"], reason=reason)
        return None

    async def take(self, venue: Venue) -> None:
        """Stores what the stream came to, and forgets the oldest ones."""
        async with self._pool.acquire() as connection, connection.transaction():
            snapshot_id = await connection.fetchval(_TAKE, self._stream, venue.version, _CODE)
            number = 0
            async for part in self._parts(venue):
                content = await asyncio.to_thread(zlib.compress, part, 1)
                await connection.execute(_ADD, snapshot_id, number, content)
                number += 1
            await connection.execute(_THIN, self._stream, _KEPT)
        self.newest = venue.version
        log.info("snapshot_taken", stream=self._stream, version=venue.version, count=number)

    def _objection(self, row: asyncpg.Record, log_id: UUID) -> str | None:
        if row["log_id"] != log_id:
            return "of_another_log"
        if not row["of_this_stream"]:
            return "not_in_this_log"
        return None if row["code"] == _CODE else "of_another_release"

    async def _parts(self, venue: Venue) -> AsyncIterator[bytes]:
        part: list[bytes] = []
        size = 0
        for chunk in self._chunks.encode(venue):
            part.append(chunk)
            size += len(chunk)
            if size > _PART:
                yield b"\n".join(part)
                part, size = [], 0
            await asyncio.sleep(0)
        if part:
            yield b"\n".join(part)

    async def _read(self, snapshot_id: int) -> Venue:
        """Raises ValueError and zlib.error for what is no snapshot."""
        decoding = self._chunks.decode()
        next(decoding)
        for number in count():
            content = await self._pool.fetchval(_READ, snapshot_id, number)
            if content is None:
                break
            for chunk in (await asyncio.to_thread(zlib.decompress, content)).split(b"\n"):
                try:
                    decoding.send(chunk)
                except StopIteration as end:
                    venue: Venue = end.value
                    return venue
                await asyncio.sleep(0)
        raise ValueError("it ends too early")
