"""The picture: drawn from the rows of the live view at one moment. No person and no badge is in it.

A dictionary of parts (parts/), JSON as it stands. Times are ISO 8601 in UTC: of the gathering, unless a word says real
time. ``KEYED`` parts are lists of entries that have an id; every other part is small and changes as a whole. Which of
it somebody is shown, tiers.py says.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

import asyncpg

from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock
from services.operations.asking import Asking
from services.operations.dashboard import build_of
from services.operations.parts.shape import Picture, text
from services.operations.parts.venue import Venue
from services.operations.parts.who_may_come import notices, who_may_come
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources

KEYED: Mapping[str, str] = {
    "zones": "zone_id",
    "gates": "gate_id",
    "devices": "device_id",
    "sessions": "session_id",
    "funnel": "delegation_id",
    "services": "service",
    "incidents": "incident_id",
}
"""Parts that are lists, and the field that names an entry."""

Part = Callable[[asyncpg.Connection, datetime], Awaitable[Picture]]
"""Draws parts as they are at that time of the gathering."""

_APPLIED = "SELECT source, number FROM readers.cursors WHERE reader = 'live'"


class Drawing:
    """Draws pictures. What only one source changes is drawn again only when that source has moved."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        clock: Clock,
        settings: OperationsSettings,
        sources: Sources,
        asking: Asking,
        more: Sequence[Part] = (),
    ) -> None:
        """``more``: parts of other views, drawn at the same moment."""
        self._pool = pool
        self._clock = clock
        self._settings = settings
        self._time_zone = settings.time_zone
        self._sources = sources
        self._asking = asking
        self._more = more
        self._kept: dict[str, tuple[int, Picture]] = {}
        self._venue = Venue(settings.time_zone)
        self._pages = build_of()

    async def draw(self) -> Picture:
        """Everything at one moment. Raises UnavailableError while the view is not there, and ``passing`` errors."""
        now = self._clock.now()
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                applied: dict[str, int] = dict(await connection.fetch(_APPLIED))
                people = await self._unless_kept("accreditation", who_may_come, applied, connection)
                notified = await self._unless_kept("notifications", notices, applied, connection)
                venue, inside = await self._venue.draw(
                    connection, now, applied.get("access", 0), self._asking.heard, self._asking.verdict_ms
                )
                more = [await part(connection, now) for part in self._more]
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError) as error:
            raise UnavailableError("the view is being made") from error
        drawn = {
            "updated_at": text(datetime.now(UTC)),
            "event": self._settings.event,
            "clock": {"now": text(now), "simulated": self._clock.simulated, "time_zone": self._time_zone.key},
            "sources": self._sources.shown(applied),
            "services": self._asking.services(),
            "pages": self._pages,
            **people,
            **venue,
            **notified,
            "funnel": [{**one, "inside": inside.get(one["delegation_id"], 0)} for one in people["funnel"]],
        }
        for part in more:
            drawn |= part
        return drawn

    async def _unless_kept(
        self,
        source: str,
        draw: Callable[[asyncpg.Connection], Awaitable[Picture]],
        applied: Mapping[str, int],
        connection: asyncpg.Connection,
    ) -> Picture:
        number = applied.get(source, 0)
        if source not in self._kept or self._kept[source][0] != number:
            self._kept[source] = number, await draw(connection)
        return self._kept[source][1]
