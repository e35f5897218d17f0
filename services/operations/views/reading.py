"""Reading the live view: all that is read at once is of one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.log.obey import UnavailableError


@asynccontextmanager
async def reading(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A connection on which nothing changes. Raises UnavailableError while the view is not there."""
    try:
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError) as error:
        raise UnavailableError("the view is being made") from error
