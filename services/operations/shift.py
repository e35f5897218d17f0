"""The room's shifts: obeying commands about them, and how they stand, folded in memory as the log grows."""

from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.log.codec import Codec
from chassis.log.decider import Refused
from chassis.log.log import Log, Metadata
from chassis.log.obey import CommandHandler, Obeyed
from services.operations.domain.shift import SHIFT, AnyCommand
from services.operations.domain.shift_record import ShiftEvent
from services.operations.domain.shift_state import Handover, Shift
from services.operations.parts.shape import Picture, text
from services.operations.published import publish

_STREAM = "shift"

Outcome = Obeyed[Shift, ShiftEvent] | Refused


class Shifts:
    """One room's."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._codec: Codec[ShiftEvent] = Codec(SHIFT.events)
        self._handler = CommandHandler(log, SHIFT, publish, self._codec)
        self._log_id: UUID | None = None
        self._version = 0
        self._shift = SHIFT.initial

    async def now(self) -> Shift:
        """As it stands; only what came since it was last asked for is read."""
        log_id = (await self._log.head()).log_id
        if log_id != self._log_id:  # another incarnation: what was known of the last one is not true of it
            self._log_id, self._version, self._shift = log_id, 0, SHIFT.initial
        came = await self._log.stream(_STREAM, after=self._version)
        if came and came[-1].version > self._version:
            news = [one for one in came if one.version > self._version]  # another caller may have been faster
            events = (self._codec.decode(one.type, one.schema_version, one.data) for one in news)
            self._version, self._shift = came[-1].version, SHIFT.fold(events, self._shift)
        return self._shift

    async def obey(self, command: AnyCommand, metadata: Metadata) -> Outcome:
        """Its effect, once, however often it is asked. Raises UnavailableError."""
        return await self._handler.obey(_STREAM, command, metadata)

    async def pictured(self, _connection: asyncpg.Connection, _now: datetime) -> Picture:
        """The part ``shift`` of the picture: who is on duty, and how far a hand-over is."""
        shift = await self.now()
        return {
            "shift": {
                "on_duty": shift.on_duty,
                "since": text(shift.since),
                "handover": shift.current and _under_way(shift.current),
            }
        }


def _under_way(handover: Handover) -> Picture:
    return {
        "handover_id": str(handover.offered.handover_id),
        "to": handover.incoming,
        "offered_at": text(handover.offered.at),
        "open_items": len(handover.left),
        "accepted_items": len(handover.acceptances),
    }
