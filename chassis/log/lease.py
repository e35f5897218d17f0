"""One active process a service: a lease in the database, by the database's time.

The lease saves work, nothing more. A holder that is paused may believe for a moment that it still leads; what it then
tries to move (a stream's version, a stream's sequence, a cursor) has moved already, and refuses it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import asyncpg

from chassis.run.database import passing
from chassis.run.logging import Logger

_RENEW_EVERY_S = 0.5
_SAFE_FOR_S = 1.5  # after a renewal; the term is 2 s, and work needs a moment to stop
_PATIENCE_S = 2.0  # of a stand-by with its database; a leader has what is left of its time,
_LAST_TRY_S = 0.25  # but this at least: having been paused is no reason to stop
_TAKE = """
    INSERT INTO run.lease (name, holder, until) VALUES ($1, $2, clock_timestamp() + interval '2 seconds')
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()
    RETURNING true
"""
_GIVE_BACK = "DELETE FROM run.lease WHERE name = $1 AND holder = $2"

log = Logger(__name__)


class Lease:
    """Runs a service's active work while this process holds the lease called ``name``.

    ``connect`` opens the connection that the lease has to itself, so that a busy pool cannot make it late.
    """

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], name: str = "active") -> None:
        self._connect = connect
        self._name = name
        self._holder = uuid4()
        self.held = asyncio.Event()
        self.database_answers = False
        """Whether the last question to the database was answered."""

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs ``work`` each time the lease is ours, and cancels it when it is not, until cancelled itself."""
        leading: asyncio.Task[None] | None = None
        connection: asyncpg.Connection | None = None
        renewed_at = float("-inf")
        try:
            while True:
                asked_at = time.monotonic()
                left = max(renewed_at + _SAFE_FOR_S - asked_at, _LAST_TRY_S)
                try:
                    async with asyncio.timeout(_PATIENCE_S if leading is None else left):
                        connection = connection or await self._connect()
                        ours = await connection.fetchval(_TAKE, self._name, self._holder)
                except Exception as error:
                    if not passing(error):
                        raise
                    ours = time.monotonic() - renewed_at < _SAFE_FOR_S
                    self.database_answers = False
                    _drop(connection)
                    connection = None
                else:
                    renewed_at = asked_at if ours else float("-inf")
                    self.database_answers = True
                if ours and leading is None:
                    log.info("lease_taken")
                    self.held.set()
                    leading = asyncio.create_task(_run(work))
                elif not ours and leading is not None:
                    log.warning("lease_lost")
                    await self._stop(leading)
                    leading = None
                if leading is not None and leading.done():
                    leading.result()  # work never ends by itself: this raises what ended it
                await asyncio.sleep(_RENEW_EVERY_S)
        finally:
            if leading is not None:
                await self._stop(leading)
            await self._give_back(connection)

    async def _stop(self, leading: asyncio.Task[None]) -> None:
        self.held.clear()
        leading.cancel()
        await asyncio.wait([leading])

    async def _give_back(self, connection: asyncpg.Connection | None) -> None:
        """So that a successor need not wait out the term."""
        try:
            if connection is not None:
                await connection.execute(_GIVE_BACK, self._name, self._holder, timeout=1)
        except Exception as error:
            if not passing(error):
                raise
        finally:
            _drop(connection)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def _drop(connection: asyncpg.Connection | None) -> None:
    if connection is not None:
        connection.terminate()
