"""Everything that access tells, as parts of one picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from services.operations.parts import devices, gates, orders, zones
from services.operations.parts.gates import LastHour, VerdictTimes
from services.operations.parts.pending import Pending
from services.operations.parts.scans import scans
from services.operations.parts.sessions import sessions
from services.operations.parts.shape import Picture


@dataclass(slots=True)
class Venue:
    """Draws it, and keeps from picture to picture what is dear to read."""

    time_zone: ZoneInfo
    _last_hour: LastHour = field(default_factory=LastHour)
    _pending: Pending = field(default_factory=Pending)

    async def draw(
        self,
        connection: asyncpg.Connection,
        now: datetime,
        number: int,
        heard: Mapping[UUID, datetime],
        verdict_ms: VerdictTimes,
    ) -> tuple[Picture, Mapping[str | None, int]]:
        """The parts; and how many of each delegation are inside.

        ``number``: of the last event of access that was applied. ``heard`` and ``verdict_ms``: what no event tells.
        """
        await self._last_hour.read(connection, now, number)
        device_rows = await devices.devices(connection, heard)
        gate_rows = await gates.gates(connection)
        zone_rows = await zones.zones(connection)
        venue_rows = await zones.venues(connection)
        evacuations = await orders.evacuations(connection, zone_rows)
        pending = await self._pending.by_gate(connection, device_rows, gate_rows, now)
        identified = await zones.identified(connection)
        drawn = {
            "people": {"inside": zones.inside(identified, zone_rows)},
            **await scans(connection, now),
            "venues": [zones.venue(row) for row in venue_rows],
            "zones": zones.drawn(zone_rows, pending, gate_rows),
            "gates": gates.drawn(gate_rows, device_rows, self._last_hour, verdict_ms, now, self.time_zone),
            "devices": devices.drawn(device_rows),
            "sessions": await sessions(connection, now),
            "orders": orders.drawn(evacuations, zone_rows, venue_rows, gate_rows, device_rows),
        }
        return drawn, identified
