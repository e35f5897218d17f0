"""The picture as it was: tables of the live view as they stood at the end of a minute, the same parts drawn of them.

Small tables are folded anew from what was told, by the fold itself; of large ones, history keeps since when and until
when (past.sql). So the past is drawn by the code that draws the present, and cannot differ from it in a rule.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg

from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock
from contracts.topology import SERVICES
from services.operations.parts.shape import Picture, minute_of, text
from services.operations.parts.venue import Venue
from services.operations.parts.who_may_come import notices, who_may_come
from services.operations.settings import OperationsSettings
from services.operations.views.history import told_of_the_venue
from services.operations.views.live import fold

_TABLES = Path(__file__).with_suffix(".sql").read_text("utf-8")
_UNTIL = "SELECT set_config('placet.until', $1, true), set_config('search_path', $2, true)"
_HEARD_BY_SCANS = """
    UPDATE devices SET heard_at = greatest(heard_at, date_bin('10 seconds', scan.at, 'epoch'))
    FROM (SELECT device_id, max(decided_at) AS at FROM seen GROUP BY 1) AS scan
    WHERE devices.device_id = scan.device_id
"""
_POLICIES_SEEN = """
    INSERT INTO venues (venue_id, policy_seen)
    SELECT venue_id, max(version) FROM live.policies_seen WHERE minute < $1 GROUP BY 1
    ON CONFLICT (venue_id) DO UPDATE SET policy_seen = excluded.policy_seen
"""
_MINUTE = timedelta(minutes=1)
_MOMENT = timedelta(microseconds=1)
_TOGETHER = 2  # whoever moves the slider fast waits for themselves

Part = Callable[[asyncpg.Connection, datetime], Awaitable[Picture]]


class Past:
    """Draws pictures of minutes that have been, and of the one that is."""

    def __init__(
        self, pool: asyncpg.Pool, clock: Clock, settings: OperationsSettings, more: Sequence[Part] = ()
    ) -> None:
        """``more``: parts of other views, as they were."""
        self._pool = pool
        self._clock = clock
        self._settings = settings
        self._more = more
        self._drawing = asyncio.Semaphore(_TOGETHER)

    async def draw(self, at: datetime) -> Picture:
        """As it was at the end of the minute of ``at``. What nobody put on record is not in it.

        Raises UnavailableError while the view is not there, and ``passing`` errors.
        """
        minute = minute_of(at.astimezone(UTC))
        then = min(minute + _MINUTE - _MOMENT, self._clock.now())
        time_zone = self._settings.time_zone
        async with self._drawing, self.as_it_stood(minute + _MINUTE) as connection:
            people = await who_may_come(connection)
            notified = await notices(connection)
            venue, inside = await Venue(time_zone).draw(connection, then, 0, {}, lambda _: None)
            more = [await part(connection, then) for part in self._more]
        drawn = {
            "updated_at": text(datetime.now(UTC)),
            "as_of": text(then),
            "event": self._settings.event,
            "clock": {"now": text(then), "simulated": self._clock.simulated, "time_zone": time_zone.key},
            "sources": [_source(source) for source in SERVICES["operations"].consumes],
            **people,
            **venue,
            **notified,
            "funnel": [{**one, "inside": inside.get(one["delegation_id"], 0)} for one in people["funnel"]],
        }
        for part in more:
            drawn |= part
        return drawn

    @asynccontextmanager
    async def as_it_stood(self, until: datetime) -> AsyncIterator[Any]:
        """A connection to which the live view is as it was before ``until``. Nothing of it is ever committed."""
        try:
            async with self._pool.acquire() as connection:
                transaction = connection.transaction(isolation="repeatable_read")
                await transaction.start()
                try:
                    await _restore(connection, until)
                    yield _Then(connection)
                finally:
                    await transaction.rollback()
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError) as error:
            raise UnavailableError("the view is being made") from error


async def _restore(connection: asyncpg.Connection, until: datetime) -> None:
    schema = f"past_{connection.get_server_pid()}"
    await connection.execute(f"CREATE SCHEMA {schema}")
    await connection.execute(_UNTIL, until.isoformat(), schema)
    await connection.execute(_TABLES)
    await fold(connection, await told_of_the_venue(connection, until))
    await connection.execute(_HEARD_BY_SCANS)
    await connection.execute(_POLICIES_SEEN, until)


class _Then:
    """A connection whose live view is the schema it stands in."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def fetch(self, query: str, *values: object) -> list[Any]:
        found: list[Any] = await self._connection.fetch(_of_then(query), *values)
        return found

    async def fetchrow(self, query: str, *values: object) -> Any:
        return await self._connection.fetchrow(_of_then(query), *values)

    async def fetchval(self, query: str, *values: object) -> Any:
        return await self._connection.fetchval(_of_then(query), *values)


def _source(name: str) -> Picture:
    """Of how near a source was nothing is on record."""
    return {"source": name, "state": "past", "number": None, "lag": None, "complaint": None}


@cache
def _of_then(query: str) -> str:
    return query.replace("live.", "")
