"""The gatekeeper: one at a time decides for a venue, in memory, and answers only what is committed.

Commands that wait are decided in turn, each on the state the one before left, and appended together: one append to the
venue's stream, with one expected version, all or nothing. The state is a value, so a group that is not stored is undone
by forgetting it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID, uuid4

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
    derived_id,
    event_id,
)
from chassis.log.obey import CommandIdReused, UnavailableError, new_events
from chassis.run.clock import Clock
from chassis.run.database import passing
from chassis.run.logging import Logger
from services.access.committed import Committed
from services.access.domain.gatekeeping import AppointGatekeeper, VenueCommand
from services.access.domain.journal import UploadJournal
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.replay import is_decided
from services.access.domain.venue import Venue, VenueEvent
from services.access.published import publish
from services.access.snapshots import Snapshots

_GROUP = 256  # commands
_SCANS = UUID("5f1c7a52-7c0e-5d0b-8f39-6a0c3c1b9e11")
_FOLLOWING = UUID("c2a4b0de-3c55-5b7c-9d2c-7b3f1de0a6f4")
_PAGE = 100  # events
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


class UploadOvertaken(Refused):
    """Scans of the journal went on record another way meanwhile."""

    __slots__ = ()
    code = "upload_overtaken"


class StaleError(Exception):
    """The stream is not where this gatekeeper left it: it has to read on before it decides again."""


class Gatekeeper:
    """Decides for one venue while this process leads; until then it knows what the one that leads has decided.

    ``certain``: whether no other process can be leading at this moment.
    """

    def __init__(
        self,
        events: Log,
        venue_id: str,
        clock: Clock,
        snapshots: Snapshots | None = None,
        certain: Callable[[], bool] = lambda: True,
    ) -> None:
        self.committed = Committed(events, venue_id, snapshots)
        self._log = events
        self._clock = clock
        self._certain = certain
        self._stream = self.committed.stream
        self._decider = self.committed.decider
        self._codec = self.committed.codec
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self.started = asyncio.Event()
        """Set while commands are decided here."""

    @property
    def leads(self) -> bool:
        """Whether commands are decided here at this moment. One that was paused since it was started does not."""
        return self.started.is_set() and self._certain()

    @property
    def venue(self) -> Venue:
        """The committed state; where another process leads, as it was a moment ago. Raises StandingBy."""
        if not (self.leads or self.committed.fresh):
            raise StandingBy
        return self.committed.venue

    async def obey(self, command: VenueCommand, metadata: Metadata) -> Outcome:
        """Its effect, once, however often it is asked. Raises UnavailableError."""
        if not self.leads:
            raise StandingBy
        waiting = _Waiting(command, metadata, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def lead(self) -> None:
        """Decides until cancelled. After anything unknown it decides nothing until it has read what the log holds."""
        pause_s = _FIRST_PAUSE_S
        async with self.committed.following:
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
        """The first event of a command of this venue, from the log, or None. Raises StandingBy."""
        found = [event for event in await self._log.find([event_id(command_id)]) if event.stream == self._stream]
        if found and found[0].version > self.committed.venue.version and not self.leads:
            raise StandingBy  # whoever looks at it looks at the venue, too, which is not there yet
        return found[0] if found else None

    async def scan(self, scan_id: UUID) -> Recorded | None:
        """The record of a scan, also of one that followed from something else, or None. Raises StandingBy."""
        return await self.recorded(scan_command_id(scan_id)) or await self.recorded(_following_id(scan_id))

    async def came_of(self, command_id: UUID) -> Sequence[VenueEvent]:
        """All events of a command of this venue, from the log. Raises StandingBy."""
        first = await self.recorded(command_id)
        events: list[VenueEvent] = []
        while first is not None:
            page = await self._log.stream(self._stream, first.version - 1 + len(events), _PAGE)
            theirs = [self.decode(one) for one in page if one.metadata.command_id == command_id]
            events += theirs
            if len(theirs) < _PAGE:
                break
        return events

    async def scans(self, scan_ids: Iterable[UUID]) -> Mapping[UUID, BadgeScanned]:
        """Those of these scans that are on record, by id, from the log."""
        stored = await self._stored(event_id(scan_command_id(scan_id)) for scan_id in scan_ids)
        scans = (self.decode(recorded) for recorded in stored.values())
        return {scan.scan_id: scan for scan in scans if isinstance(scan, BadgeScanned)}

    def decode(self, recorded: Recorded) -> VenueEvent:
        """A stored event as it was."""
        return self.committed.decode(recorded)

    async def _take_over(self) -> None:
        """Reads the stream to its end and appends to it: older gatekeepers' expected versions are stale from then."""
        await self.committed.catch_up()
        appointment = AppointGatekeeper(gatekeeper_id=uuid4())
        metadata = Metadata("service:access", appointment.gatekeeper_id, self._clock.now())
        waiting = _Waiting(appointment, metadata, asyncio.get_running_loop().create_future())
        self.committed.venue = await self._commit([waiting], self.committed.venue)
        log.info(
            "gatekeeper_appointed", version=self.committed.venue.version, count=len(self.committed.venue.badges.known)
        )

    async def _decide(self) -> None:
        self.started.set()
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            size = _next(self._waiting)
            group, self._waiting = self._waiting[:size], self._waiting[size:]
            try:
                self.committed.venue = await self._commit(group, self.committed.venue)
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
            new += self._new(events, waiting.metadata)
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
                    fresh = self._without(await self._stored(ids), group)
                    if len(fresh) == len(group):  # an upload, with scans that went on record since it was made
                        _resolve(group[0], UploadOvertaken("look again what is on record"))
                        return venue
                    return await self._commit(fresh, venue)
                case Conflict():
                    raise StaleError
        for waiting, decision, index in decided:
            if isinstance(decision, Refused):
                _resolve(waiting, decision)
            else:
                _resolve(waiting, Done(decision, before_first + index + 1 if decision else 0))
        return after

    def _new(self, events: Sequence[VenueEvent], metadata: Metadata) -> list[NewEvent]:
        """As they are appended. A scan that is no command by itself is stored where it is looked for: by its own id."""
        new = new_events(events, metadata, publish, self._codec)
        for index, event in enumerate(events):
            if isinstance(event, BadgeScanned) and not is_decided(event):
                kept_as = scan_command_id if event.basis == "journal" else _following_id
                new[index] = replace(new[index], id=event_id(kept_as(event.scan_id)))
        return new

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
            elif stored.stream != self._stream or stored.metadata.body_hash != waiting.metadata.body_hash:
                _resolve(waiting, CommandIdReused(f"used before for {stored.type}"))
            else:
                _resolve(waiting, Done([self.decode(stored)], stored.position, replayed=True))
        return fresh

    def _give_up(self, group: Sequence[_Waiting]) -> None:
        for waiting in group:
            if not waiting.answer.done():
                waiting.answer.set_exception(StandingBy())


def scan_command_id(scan_id: UUID) -> UUID:
    """The command that a scan is: whichever way it comes, its record is stored once."""
    return derived_id(_SCANS, str(scan_id))


def _following_id(scan_id: UUID) -> UUID:
    """What the record of a scan is stored by that follows from something else. No device can choose it."""
    return derived_id(_FOLLOWING, str(scan_id))


def _next(waiting: Sequence[_Waiting]) -> int:
    """How many are decided together. An upload is by itself: scans that wait with it may be among those it brings."""
    for index, one in enumerate(waiting[:_GROUP]):
        if isinstance(one.command, UploadJournal):
            return index or 1
    return _GROUP


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
