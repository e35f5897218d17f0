"""The record of looks: who looked at whose path through the day, when and on which page."""

from typing import Any
from uuid import UUID

import asyncpg

from contracts.words import RoomPage

_RECORD = "INSERT INTO looks.at_people (actor, purpose, person_id) VALUES ($1, $2, $3)"
_LISTED = "SELECT look_id, at, actor, purpose, person_id FROM looks.at_people WHERE look_id > $1 ORDER BY 1 LIMIT $2"


class Looks:
    """Kept in a table of operations' own, as the vault keeps its looks: not an event, for nothing came of it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def record(self, actor: str, purpose: RoomPage, person_id: UUID) -> None:
        """On disk when it returns."""
        await self._pool.execute(_RECORD, actor, purpose, person_id)

    async def listed(self, after: int, limit: int) -> list[dict[str, Any]]:
        """In order, after ``after``: look_id, at, actor, purpose, person_id."""
        return [dict(row) for row in await self._pool.fetch(_LISTED, after, limit)]
