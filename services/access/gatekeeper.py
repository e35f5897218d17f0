"""The gatekeeper: one at a time decides for a venue, in memory, and answers only what is committed.

Commands that wait are decided in turn, each on the state the one before left, and appended together: one append to the
venue's stream, with one expected version, all or nothing. The state is a value, so a group that is not stored is undone
by forgetting it.
"""

import asyncio
from collections.abc import Collection, Sequence
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
    """The stream is not where this gatekeeper left it, or nobody can tell: its memory is worthless."""


class Gatekeeper:
    """Decides for one venue while this process leads."""

    def __init__(self, events: Log, venue_id: str, clock: Clock) -> None:
        self._log = events
        self._clock = clock
        self._stream = f"venue-{venue_id}"
        self._decider = of_venue(venue_id)
        self._codec = Codec(self._decider.events)
        self._venue: Venue | None = None
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self.started = asyncio.Event()
        """Set while commands are decided here."""

    @property
    def venue(self) -> Venue:
        """The committed state. Raises StandingBy."""
        if self._venue is None:
            raise StandingBy
        return self._venue

    async def obey(self, command: VenueCommand, metadata: Metadata) -> Outcome:
        """Its effect, once, however often it is asked. Raises UnavailableError."""
        if self._venue is None:
            raise StandingBy
        waiting = _Waiting(command, metadata, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def lead(self) -> None:
        """Decides until cancelled. After anything unknown it drops its memory and reads the log again."""
        while True:
            try:
                venue = await self._load()
                await self._decide(venue)
            except Exception as error:
                if not (isinstance(error, StaleError | AppendUnknownError) or passing(error)):
                    raise
                log.warning("gatekeeper_starts_over", exception=error)
            finally:
                self.started.clear()
                self._venue = None
                self._give_up(self._waiting)
                self._waiting = []
            await asyncio.sleep(0.05)

    async def recorded(self, command_id: UUID) -> Recorded | None:
        """The first event of a command, from the log, or None."""
        found = await self._log.find([event_id(command_id)])
        return found[0] if found else None

    def decode(self, recorded: Recorded) -> VenueEvent:
        """A stored event as it was."""
        return self._codec.decode(recorded.type, recorded.schema_version, recorded.data)

    async def _load(self) -> Venue:
        """Folds the stream, and takes the venue over: older gatekeepers' expected versions are stale from then on."""
        venue = self._decider.initial
        while True:
            page = await self._log.stream(self._stream, venue.version, _PAGE)
            venue = self._decider.fold(map(self.decode, page), venue)
            if len(page) < _PAGE:
                break
        appointment = AppointGatekeeper(gatekeeper_id=uuid4())
        metadata = Metadata("service:access", appointment.gatekeeper_id, self._clock.now())
        waiting = _Waiting(appointment, metadata, asyncio.get_running_loop().create_future())
        venue = await self._commit([waiting], venue)
        log.info("gatekeeper_appointed", version=venue.version, count=len(venue.badges))
        return venue

    async def _decide(self, venue: Venue) -> None:
        self._venue = venue
        self.started.set()
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            group, self._waiting = self._waiting[:_GROUP], self._waiting[_GROUP:]
            try:
                self._venue = await self._commit(group, self._venue)
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
        quiet = [waiting for waiting, decision, _ in decided if isinstance(decision, Refused) or not decision]
        if known := await self._obeyed_before(quiet):
            return await self._commit(await self._without(known, group), venue)
        before_first = 0
        if new:
            match await self._log.append(Append(self._stream, venue.version, new)):
                case Appended(position=position):
                    before_first = position - len(new)
                case Repeated(known):
                    return await self._commit(await self._without(known, group), venue)
                case Conflict():
                    raise StaleError
        for waiting, decision, index in decided:
            if isinstance(decision, Refused):
                _resolve(waiting, decision)
            else:
                _resolve(waiting, Done(decision, before_first + index + 1 if decision else 0))
        return after

    async def _obeyed_before(self, quiet: Sequence[_Waiting]) -> Collection[UUID]:
        """Of commands that give no events now, the first events of those that did before: a code that was traded, a
        lockdown that was lifted. They are answered as they were then.
        """
        first = [event_id(waiting.metadata.command_id) for waiting in quiet]
        return {stored.event_id for stored in await self._log.find(first)} if first else ()

    async def _without(self, known: Collection[UUID], group: Sequence[_Waiting]) -> list[_Waiting]:
        """The commands of a group that were not obeyed before; the others are answered from the log."""
        fresh = []
        for waiting in group:
            first = event_id(waiting.metadata.command_id)
            if first not in known:
                fresh.append(waiting)
                continue
            (stored,) = await self._log.find([first])
            if stored.metadata.body_hash != waiting.metadata.body_hash:
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
