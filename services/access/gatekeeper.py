"""The gatekeeper: one at a time decides for a venue, in memory, and answers only what is committed.

Commands that wait are decided in turn, each on the state the one before left, and appended together: one append to the
venue's stream, with one expected version, all or nothing. The state is a value, so a group that is not stored is undone
by forgetting it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID, uuid4

from chassis.log.codec import Codec
from chassis.log.decider import Refused
from chassis.log.log import (
    Append,
    Appended,
    AppendUnknownError,
    Conflict,
    Log,
    Metadata,
    NewEvent,
    Recorded,
    Repeated,
    event_id,
)
from chassis.log.obey import CommandIdReused, UnavailableError, new_events
from chassis.run.clock import Clock
from chassis.run.database import passing
from chassis.run.logging import Logger
from services.access.domain.gatekeeping import AppointGatekeeper, VenueCommand, of_venue
from services.access.domain.venue import Venue, VenueEvent
from services.access.published import publish

_GROUP = 256  # commands
_PAGE = 5_000  # events
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.8  # doors open again within this once the database does

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command. ``position``: of its first event in the log, 0 if there was nothing to do."""

    events: Sequence[VenueEvent]
    position: int
    replayed: bool = False
    """Whether it had been obeyed before, and these are the events of that time."""


Outcome = Done | Refused


@dataclass(slots=True)
class _Waiting:
    command: VenueCommand
    metadata: Metadata
    answer: "asyncio.Future[Outcome]"


class StandingBy(UnavailableError):
    """Another process decides for this venue, or this one is not ready to."""


class StaleError(Exception):
    """The stream is not where this gatekeeper left it: it has to read on before it decides again."""


class Gatekeeper:
    """Decides for one venue while this process leads."""

    def __init__(self, events: Log, venue_id: str, clock: Clock) -> None:
        self._log = events
        self._clock = clock
        self._stream = f"venue-{venue_id}"
        self._decider = of_venue(venue_id)
        self._codec = Codec(self._decider.events)
        self._committed = self._decider.initial
        self._log_id: UUID | None = None  # of the log that was folded into it
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self.started = asyncio.Event()
        """Set while commands are decided here."""

    @property
    def venue(self) -> Venue:
        """The committed state. Raises StandingBy."""
        if not self.started.is_set():
            raise StandingBy
        return self._committed

    async def obey(self, command: VenueCommand, metadata: Metadata) -> Outcome:
        """Its effect, once, however often it is asked. Raises UnavailableError."""
        if not self.started.is_set():
            raise StandingBy
        waiting = _Waiting(command, metadata, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def lead(self) -> None:
        """Decides until cancelled. After anything unknown it decides nothing until it has read what the log holds."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._take_over()
                pause_s = _FIRST_PAUSE_S
                await self._decide()
            except Exception as error:
                if not (isinstance(error, StaleError | AppendUnknownError) or passing(error)):
                    raise
                log.warning("gatekeeper_starts_over", exception=error, retry_in_s=pause_s)
            finally:
                self.started.clear()
                self._give_up(self._waiting)
                self._waiting = []
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def recorded(self, command_id: UUID) -> Recorded | None:
        """The first event of a command, from the log, or None."""
        found = await self._log.find([event_id(command_id)])
        return found[0] if found else None

    def decode(self, recorded: Recorded) -> VenueEvent:
        """A stored event as it was."""
        return self._codec.decode(recorded.type, recorded.schema_version, recorded.data)

    async def _take_over(self) -> None:
        """Reads the stream to its end and appends to it: older gatekeepers' expected versions are stale from then on.

        A stream only grows. What was folded before still holds, and only what came since is read, unless the log is
        another one now, or lost what it had stored.
        """
        head = await self._log.head()
        if head.log_id != self._log_id or head.position < self._committed.version:
            self._committed, self._log_id = self._decider.initial, head.log_id
        while True:
            page = await self._log.stream(self._stream, self._committed.version, _PAGE)
            self._committed = self._decider.fold(map(self.decode, page), self._committed)
            if len(page) < _PAGE:
                break
        appointment = AppointGatekeeper(gatekeeper_id=uuid4())
        metadata = Metadata("service:access", appointment.gatekeeper_id, self._clock.now())
        waiting = _Waiting(appointment, metadata, asyncio.get_running_loop().create_future())
        self._committed = await self._commit([waiting], self._committed)
        log.info("gatekeeper_appointed", version=self._committed.version, count=len(self._committed.badges))

    async def _decide(self) -> None:
        self.started.set()
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            group, self._waiting = self._waiting[:_GROUP], self._waiting[_GROUP:]
            try:
                self._committed = await self._commit(group, self._committed)
            except BaseException:
                self._give_up(group)
                raise

    async def _commit(self, group: Sequence[_Waiting], venue: Venue) -> Venue:
        """Decides a group, stores it, answers it; the venue after it."""
        decided = []
        new: list[NewEvent] = []
        after = venue
        for waiting in _once_each(group):
            decision = self._decider.decide(waiting.command, after)
            events = () if isinstance(decision, Refused) else decision
            decided.append((waiting, decision, len(new)))
            new += new_events(events, waiting.metadata, publish, self._codec)
            after = self._decider.fold(events, after)
        # What gives no events now may have given some before: a code that was traded, a lockdown that was lifted.
        quiet = [waiting for waiting, decision, _ in decided if isinstance(decision, Refused) or not decision]
        if known := await self._stored(event_id(waiting.metadata.command_id) for waiting in quiet):
            return await self._commit(self._without(known, group), venue)
        before_first = 0
        if new:
            match await self._log.append(Append(self._stream, venue.version, new)):
                case Appended(position=position):
                    before_first = position - len(new)
                case Repeated(ids):
                    return await self._commit(self._without(await self._stored(ids), group), venue)
                case Conflict():
                    raise StaleError
        for waiting, decision, index in decided:
            if isinstance(decision, Refused):
                _resolve(waiting, decision)
            else:
                _resolve(waiting, Done(decision, before_first + index + 1 if decision else 0))
        return after

    async def _stored(self, ids: Iterable[UUID]) -> Mapping[UUID, Recorded]:
        """Those of these events that the log holds, in one query; in none if there are no ids."""
        wanted = list(ids)
        return {stored.event_id: stored for stored in await self._log.find(wanted)} if wanted else {}

    def _without(self, known: Mapping[UUID, Recorded], group: Sequence[_Waiting]) -> list[_Waiting]:
        """The commands of a group that were not obeyed before; the others are answered as they were then."""
        fresh = []
        for waiting in group:
            stored = known.get(event_id(waiting.metadata.command_id))
            if stored is None:
                fresh.append(waiting)
            elif stored.metadata.body_hash != waiting.metadata.body_hash:
                _resolve(waiting, CommandIdReused(f"used before for {stored.type}"))
            else:
                _resolve(waiting, Done([self.decode(stored)], stored.position, replayed=True))
        return fresh

    def _give_up(self, group: Sequence[_Waiting]) -> None:
        for waiting in group:
            if not waiting.answer.done():
                waiting.answer.set_exception(StandingBy())


def _once_each(group: Sequence[_Waiting]) -> list[_Waiting]:
    """The group with each command once; a copy that came at the same time shares the answer of the first."""
    first: dict[UUID, _Waiting] = {}
    for waiting in group:
        original = first.setdefault(waiting.metadata.command_id, waiting)
        if original is not waiting:
            original.answer.add_done_callback(partial(_share, original, waiting))
    return list(first.values())


def _share(original: _Waiting, copy: _Waiting, answer: "asyncio.Future[Outcome]") -> None:
    if copy.answer.done():  # given up with its group, or nobody waits for it any more
        return
    if answer.cancelled() or answer.exception() is not None:
        copy.answer.set_exception(StandingBy())
        return
    outcome = answer.result()
    if original.metadata.body_hash != copy.metadata.body_hash:
        outcome = CommandIdReused("used at the same time for something else")
    elif isinstance(outcome, Done):
        outcome = replace(outcome, replayed=True)
    _resolve(copy, outcome)


def _resolve(waiting: _Waiting, outcome: Outcome) -> None:
    if not waiting.answer.done():  # whoever asked may have gone away
        waiting.answer.set_result(outcome)
