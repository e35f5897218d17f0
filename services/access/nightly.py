"""Every night, at the time the rules name, whoever is still believed inside is taken to be gone."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from chassis.log.decider import Refused
from chassis.log.log import Metadata
from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock
from chassis.run.logging import Logger
from services.access.domain.presence import InferExits
from services.access.gatekeeper import Gatekeeper

_LOOK_EVERY_S = 1.0
_LOOK_BACK = timedelta(hours=1)
_NAMESPACE = UUID("0f4b5a3e-6f0c-5d0e-9a51-5f6f2f0c7f11")

log = Logger(__name__)


class NightlyExits:
    """Watches the clock while this process leads."""

    def __init__(self, gatekeeper: Gatekeeper, clock: Clock, time_zone: ZoneInfo) -> None:
        self._gatekeeper = gatekeeper
        self._clock = clock
        self._time_zone = time_zone

    async def run(self) -> None:
        """Until cancelled. Looks back an hour at first: whoever led before may not have lived to see the time."""
        await self._gatekeeper.started.wait()
        looked_at = self._clock.now() - _LOOK_BACK
        while True:
            try:
                looked_at = await self._look(looked_at)
            except UnavailableError as error:
                log.info("nightly_exits_put_off", error=type(error).__name__)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self, since: datetime) -> datetime:
        """Has it done if the time has come since then; until when it looked. Raises UnavailableError."""
        now, venue = self._clock.now(), self._gatekeeper.venue
        at = venue.layout.rules.nightly_exit_at
        due = None if at is None else last_at(time.fromisoformat(at), now, self._time_zone)
        if due is not None and due > since:
            # Of one night there is one command, whoever gives it how often: the log answers it as it did at first.
            command_id = uuid5(_NAMESPACE, f"{venue.venue_id} {due.isoformat()}")
            metadata = Metadata("service:access", command_id, now)
            outcome = await self._gatekeeper.obey(InferExits(zone_id=None, cause="nightly"), metadata)
            if isinstance(outcome, Refused):
                log.warning("nightly_exits_refused", code=outcome.code)
        return now


def last_at(wanted: time, now: datetime, time_zone: ZoneInfo) -> datetime:
    """When the clocks of ``time_zone`` showed this time last, in UTC."""
    today = now.astimezone(time_zone).date()
    for day in (today, today - timedelta(days=1)):
        at = datetime.combine(day, wanted, time_zone).astimezone(UTC)
        if at <= now:
            break
    return at
