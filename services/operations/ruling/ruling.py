"""All that moves incidents by itself: rules, the watch, the escalation clock. It begins with what is on record."""

import asyncio
from collections.abc import Sequence

from chassis.log.views import OwnView
from chassis.run.host import Work
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.reader import put_off
from services.operations.domain.incident_record import IncidentEvent
from services.operations.ruling.causes import Causes

_ASK_AGAIN_S = 1.0

log = Logger(__name__)


class Ruling:
    """Belongs to the process that leads."""

    def __init__(self, causes: Causes, listed: OwnView[IncidentEvent], works: Sequence[Work]) -> None:
        self._causes = causes
        self._listed = listed
        self._works = works

    async def run(self) -> None:
        """Until cancelled."""
        while not await self._knows_what_is_on_record():
            still_wanted()
            await asyncio.sleep(_ASK_AGAIN_S)
        async with asyncio.TaskGroup() as tasks:
            for work in self._works:
                tasks.create_task(_forever(work))

    async def _knows_what_is_on_record(self) -> bool:
        try:
            await self._listed.current()
            await self._causes.load()
        except Exception as error:
            if not put_off(error):
                raise
            log.info("ruling_put_off", error=type(error).__name__)
            return False
        return True


async def _forever(work: Work) -> None:
    await work()
