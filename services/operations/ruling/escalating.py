"""The escalation clock at work: moves incidents up when their time is over, once, whoever leads."""

import asyncio
from uuid import uuid5

import asyncpg

from chassis.log.log import Metadata
from chassis.run.clock import Clock
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.reader import put_off
from services.operations.domain.incident_commands import EscalateOnTime
from services.operations.incidents import ACTOR, Incidents
from services.operations.views.incidents import Overdue, overdue

_LOOK_S = 0.5

log = Logger(__name__)


class EscalationClock:
    """Belongs to the process that leads; the view of incidents stands before it runs."""

    def __init__(self, incidents: Incidents, pool: asyncpg.Pool, clock: Clock) -> None:
        self._incidents = incidents
        self._pool = pool
        self._clock = clock

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            still_wanted()
            try:
                await self.look()
            except Exception as error:
                if not put_off(error):
                    raise
                log.info("escalation_put_off", error=type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Moves what is due. The view may be a moment old: what somebody has acknowledged since does not move."""
        for late in await overdue(self._pool, self._clock.now()):
            await self._escalate(late)

    async def _escalate(self, late: Overdue) -> None:
        command_id = uuid5(late.incident_id, f"escalation-{late.level}-{late.since.isoformat()}")
        metadata = Metadata(ACTOR, command_id, self._clock.now())
        command = EscalateOnTime(by=ACTOR, now=metadata.occurred_at, level=late.level)
        await self._incidents.obey(late.incident_id, command, metadata)
