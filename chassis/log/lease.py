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
_ASK_AGAIN_S = 0.05  # for a lease that nobody holds any more
_SAFE_FOR_S = 1.5  # after a renewal; the term is 2 s, and work needs a moment to stop
_PATIENCE_S = 2.0  # of a stand-by with its database; a leader has what is left of its time,
_LAST_TRY_S = 0.25  # but this at least: having been paused is no reason to stop
_TAKE = """
    WITH taken AS (
        INSERT INTO run.lease (name, holder, until, address)
        SELECT $1::text, $2::uuid, clock_timestamp() + interval '2 seconds', $3::text WHERE $4::boolean
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, address = excluded.address
            WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()
        RETURNING lease.*
    )
    SELECT holder, address, extract(epoch FROM until - clock_timestamp())::float
    FROM (
        SELECT * FROM taken
        UNION ALL SELECT * FROM run.lease WHERE name = $1 AND NOT EXISTS (SELECT FROM taken)
    ) AS lease
"""
_GIVE_BACK = "DELETE FROM run.lease WHERE name = $1 AND holder = $2"

log = Logger(__name__)


class Lease:
    """Runs a service's active work while this process holds the lease called ``name``.

    ``connect`` opens the connection that the lease has to itself, so that a busy pool cannot make it late. ``address``:
    where the others reach this process.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[asyncpg.Connection]], name: str = "active", address: str | None = None
    ) -> None:
        self._connect = connect
        self._name = name
        self._address = address
        self._holder = uuid4()
        self._renewed_at = float("-inf")
        self.able: Callable[[], bool] = lambda: True
        """Whether the work could begin at once; while it could not, the lease is left to others."""
        self.held = asyncio.Event()
        """Set while the work runs."""
        self.leader: str | None = None
        """The address of the process that held the lease when the database was last asked; None: ours, or nobody's."""
        self.database_answers = False
        """Whether the last question to the database was answered."""

    @property
    def certain(self) -> bool:
        """Whether nobody else can hold the lease at this moment.

        A process that was paused finds out here, before it has had time to ask or to stop.
        """
        return time.monotonic() - self._renewed_at < _SAFE_FOR_S

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs ``work`` each time the lease is ours, and cancels it when it is not, until cancelled itself."""
        leading: asyncio.Task[None] | None = None
        connection: asyncpg.Connection | None = None
        try:
            while True:
                pause_s = _RENEW_EVERY_S
                left_s = max(self._renewed_at + _SAFE_FOR_S - time.monotonic(), _LAST_TRY_S)
                try:
                    async with asyncio.timeout(_PATIENCE_S if leading is None else left_s):
                        connection = connection or await self._connect()
                        others_s = await self._take(connection, able=leading is not None or self.able())
                except Exception as error:
                    if not passing(error):
                        raise
                    self.database_answers = False
                    _drop(connection)
                    connection = None
                else:
                    self.database_answers = True
                    pause_s = min(pause_s, others_s)
                if self.certain and leading is None:
                    log.info("lease_taken", lease=self._name)
                    self.held.set()
                    leading = asyncio.create_task(_run(work))
                elif not self.certain and leading is not None:
                    log.warning("lease_lost", lease=self._name)
                    await self._stop(leading)
                    leading = None
                if leading is not None and leading.done():
                    leading.result()  # work never ends by itself: this raises what ended it
                await asyncio.sleep(pause_s)
        finally:
            if leading is not None:
                await self._stop(leading)
            await self._give_back(connection)

    async def _take(self, connection: asyncpg.Connection, *, able: bool) -> float:
        """Takes or renews the lease; if it is another's, for how many seconds at most. Unlimited if it is ours."""
        asked_at = time.monotonic()
        row = await connection.fetchrow(_TAKE, self._name, self._holder, self._address, able)
        holder, address, left_s = row or (None, None, 0.0)
        if holder == self._holder:
            self._renewed_at, self.leader = asked_at, None
            return float("inf")
        self._renewed_at = float("-inf")
        held = left_s > 0 and address != self._address  # at our address nobody but us is left
        self.leader = address if held else None
        return max(_ASK_AGAIN_S, float(left_s))

    async def _stop(self, leading: asyncio.Task[None]) -> None:
        self.held.clear()
        leading.cancel()
        await asyncio.wait([leading])

    async def _give_back(self, connection: asyncpg.Connection | None) -> None:
        """So that a successor need not wait out the term."""
        self._renewed_at = float("-inf")
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
