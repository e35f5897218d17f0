"""How far a reader came in a source. The cursor moves by compare-and-set, in the transaction of what it stands for."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

_LOAD = "SELECT log_id, number FROM readers.cursors WHERE reader = $1 AND source = $2"
_READERS = "SELECT reader FROM readers.cursors WHERE source = $1 ORDER BY reader"
_BEGIN = """
    INSERT INTO readers.cursors (reader, source, log_id, number) VALUES ($1, $2, $3, 0)
    ON CONFLICT (reader, source) DO NOTHING
"""
_MOVE = """
    UPDATE readers.cursors SET number = $5
    WHERE reader = $1 AND source = $2 AND log_id = $3 AND number = $4 RETURNING true
"""
_RESET = """
    INSERT INTO readers.cursors (reader, source, log_id, number) VALUES ($1, $2, $3, 0)
    ON CONFLICT (reader, source) DO UPDATE SET log_id = excluded.log_id, number = 0
"""
_FORGET = "DELETE FROM readers.cursors WHERE reader = $1 AND source = $2"
_FORGET_PARKED = "DELETE FROM readers.dead_letters WHERE reader = $1 AND source = $2"


class CursorMovedError(Exception):
    """Somebody else applied events in between; what this transaction did must be rolled back."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last number applied, and of which incarnation of the log."""

    log_id: UUID
    number: int


async def load(connection: asyncpg.Connection, reader: str, source: str) -> Cursor | None:
    """Where the reader stands, or None if it has read nothing yet."""
    row = await connection.fetchrow(_LOAD, reader, source)
    return None if row is None else Cursor(*row)


async def begin(connection: asyncpg.Connection, reader: str, source: str, log_id: UUID) -> Cursor:
    """Stands the reader at the beginning of an incarnation, unless it stands somewhere already."""
    await connection.execute(_BEGIN, reader, source, log_id)
    cursor = await load(connection, reader, source)
    assert cursor is not None
    return cursor


async def move(connection: asyncpg.Connection, reader: str, source: str, at: Cursor, to: int) -> Cursor:
    """The cursor after ``to``. Raises CursorMovedError when it does not stand at ``at``."""
    if not await connection.fetchval(_MOVE, reader, source, at.log_id, at.number, to):
        raise CursorMovedError(f"{reader} on {source}")
    return Cursor(at.log_id, to)


async def readers(connection: asyncpg.Connection, source: str) -> list[str]:
    """Who has read ``source`` here."""
    return [row["reader"] for row in await connection.fetch(_READERS, source)]


async def reset(connection: asyncpg.Connection, reader: str, source: str, log_id: UUID) -> None:
    """Stands the reader at the beginning of ``log_id``, to read everything again.

    What it had parked goes too: those are events of the log before, and would be taken for the new ones of the same
    number. Those that are still poisoned are met, and parked, again.
    """
    async with connection.transaction():
        await connection.execute(_RESET, reader, source, log_id)
        await connection.execute(_FORGET_PARKED, reader, source)


async def forget(connection: asyncpg.Connection, reader: str, source: str) -> None:
    """As if it had never read the source: it begins with whatever log it meets next, as a new reader does."""
    async with connection.transaction():
        await connection.execute(_FORGET, reader, source)
        await connection.execute(_FORGET_PARKED, reader, source)
