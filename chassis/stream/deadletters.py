"""Dead letters: events that can never be applied as they are, and every later one about the same entity.

They wait in order until somebody mends the cause and retries them, or discards them knowing what they are.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.envelope import Envelope

_PARK = """
    INSERT INTO readers.dead_letters (reader, source, number, about, event, error)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""
_ABOUT = "SELECT DISTINCT about FROM readers.dead_letters WHERE reader = $1 AND source = $2"
_OF = """
    SELECT event FROM readers.dead_letters
    WHERE reader = $1 AND source = $2 AND about = $3 ORDER BY number
"""
_REMOVE = "DELETE FROM readers.dead_letters WHERE reader = $1 AND source = $2 AND number = $3"
_DISCARD = "DELETE FROM readers.dead_letters WHERE reader = $1 AND source = $2 AND about = $3 RETURNING number"
_LIST = """
    SELECT reader, source, number, about, event, error, parked_at
    FROM readers.dead_letters ORDER BY source, number LIMIT 1000
"""

BEHIND = "behind_a_parked_event"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One parked event, as it is listed."""

    reader: str
    source: str
    number: int
    about: str
    type: str
    error: str
    """The type of the error; never its text, which may quote data."""
    parked_at: datetime


async def park(connection: asyncpg.Connection, reader: str, source: str, envelope: Envelope, error: str) -> None:
    event = envelope.to_json().decode()
    await connection.execute(_PARK, reader, source, envelope.number, envelope.subject, event, error)


async def parked(connection: asyncpg.Connection, reader: str, source: str) -> set[str]:
    """The entities with parked events."""
    return {row["about"] for row in await connection.fetch(_ABOUT, reader, source)}


async def waiting(connection: asyncpg.Connection, reader: str, source: str, about: str) -> list[Envelope]:
    """An entity's parked events, in order."""
    rows = await connection.fetch(_OF, reader, source, about)
    return [Envelope.from_json(row["event"]) for row in rows]


async def remove(connection: asyncpg.Connection, reader: str, source: str, number: int) -> None:
    await connection.execute(_REMOVE, reader, source, number)


async def discard(connection: asyncpg.Connection, reader: str, source: str, about: str) -> int:
    """Forgets an entity's parked events; how many."""
    return len(await connection.fetch(_DISCARD, reader, source, about))


async def listed(pool: asyncpg.Pool) -> Sequence[DeadLetter]:
    """All of them (at most 1,000), by source and number."""
    # The type is taken from the text here: PostgreSQL cannot look into JSON that holds a \u0000, and poison may.
    return [
        DeadLetter(reader, source, number, about, json.loads(event)["type"], error, parked_at)
        for reader, source, number, about, event, error, parked_at in await pool.fetch(_LIST)
    ]
