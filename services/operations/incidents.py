"""Obeying commands about incidents. An incident's stream is claimed by its number, so that no two have the same."""

from uuid import UUID, uuid5

import asyncpg

from chassis.log.decider import Refused
from chassis.log.log import Log, Metadata, event_id
from chassis.log.obey import CommandHandler, CommandIdReused, Obeyed
from services.operations import metrics
from services.operations.domain.incident import INCIDENT
from services.operations.domain.incident_commands import AnyCommand, NumberTaken, ReportIncident
from services.operations.domain.incident_record import Incident, IncidentEvent
from services.operations.published import publish
from services.operations.views import incidents as view

ACTOR = "service:operations"

Outcome = Obeyed[Incident | None, IncidentEvent] | Refused


class Incidents:
    """Everything that is recorded of incidents. Raises UnavailableError while the log cannot be reached."""

    def __init__(self, log: Log, pool: asyncpg.Pool) -> None:
        self._log = log
        self._pool = pool
        self._handler = CommandHandler(log, INCIDENT, publish)
        self._last_number = 0  # that is known to be taken

    async def load(self, incident_id: UUID) -> Incident | None:
        """As it stands; None: there is no such incident."""
        return await self._handler.load(_stream(incident_id))

    async def obey(self, incident_id: UUID, command: AnyCommand, metadata: Metadata) -> Outcome:
        """Its effect, once, however often it is asked."""
        return self._counted(await self._handler.obey(_stream(incident_id), command, metadata))

    async def report(self, report: ReportIncident, metadata: Metadata) -> Outcome:
        """A new incident, with the next number; ``report`` names any. Asked again: the one of the first time."""
        log_id = (await self._log.head()).log_id
        while True:
            before = await self._log.find([event_id(metadata.command_id)])
            if before:
                return await self._handler.obey(before[0].stream, report, metadata)
            number = max(await view.next_number(self._pool), self._last_number + 1)
            # Of this incarnation of the log: one that is restored gives the same number to something else.
            incident_id = uuid5(log_id, f"incident-{number}")
            claim = report.model_copy(update={"incident_id": incident_id, "number": number})
            outcome = await self._handler.obey(_stream(incident_id), claim, metadata)
            if not isinstance(outcome, NumberTaken | CommandIdReused):
                return self._counted(outcome)
            self._last_number = number

    def _counted(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Obeyed):
            metrics.count(outcome.events)
        return outcome


def _stream(incident_id: UUID) -> str:
    return f"incident-{incident_id}"
