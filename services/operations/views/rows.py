"""Writing rows."""

from collections.abc import Collection

import asyncpg


async def write(connection: asyncpg.Connection, statement: str, rows: Collection[tuple[object, ...]]) -> None:
    """One statement for all rows, given as one array a column; none for none."""
    if rows:
        await connection.execute(statement, *map(list, zip(*rows, strict=True)))
