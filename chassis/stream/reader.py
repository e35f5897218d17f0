"""Applying another service's events to this service's store: each once, in order, with the cursor that says so."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from chassis.log import cursors
from chassis.log.cursors import Cursor, CursorMovedError
from chassis.log.log import AppendUnknownError
from chassis.log.obey import UnavailableError
from chassis.run.database import passing
from chassis.run.logging import Logger
from chassis.stream import deadletters
from contracts.envelope import Envelope
from contracts.event import SharedEvent, event_class

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A shared event with the envelope it came in."""

    envelope: Envelope
    event: SharedEvent


Apply = Callable[[asyncpg.Connection, Sequence[Delivered]], Awaitable[None]]
"""What events do here: rows of a view, on this connection and nowhere else; or commands, committed before it returns.
Raises for an event that can never be applied. A ``passing`` error only puts the events off."""


class HoleError(Exception):
    """Events are missing before these: fetch them from their owner."""


class SourceChangedError(Exception):
    """The source is not the log this reader has read so far; an operator must say how to go on."""


async def _nobody(_about: str) -> None:
    return


class Reader:
    """One reader's standing in one source. Only the active process has one at work."""

    def __init__(
        self,
        name: str,
        source: str,
        pool: asyncpg.Pool,
        apply: Apply,
        *,
        schema: str | None = None,
        types: Container[str] | None = None,
        on_parked: Callable[[str], Awaitable[None]] = _nobody,
        on_released: Callable[[str], Awaitable[None]] = _nobody,
    ) -> None:
        """``schema``: where unqualified table names in ``apply`` lead. ``types``: CloudEvents types that concern it;
        None: all.

        ``on_parked`` hears of an entity whose events stop being applied before the transaction that makes it so, and
        ``on_released`` that they go on after it: whatever breaks in between, nobody is released whose events wait.
        """
        self.name = name
        self.source = source
        self._pool = pool
        self._apply = apply
        self._schema = schema
        self._types = types
        self._on_parked = on_parked
        self._on_released = on_released
        self._cursor: Cursor | None = None
        self._parked: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self.listeners: list[Callable[[Sequence[Envelope]], None]] = []
        """They hear of each run that was applied, after its transaction."""

    @property
    def cursor(self) -> Cursor | None:
        """Where it stands; None before it has read anything."""
        return self._cursor

    @property
    def number(self) -> int:
        """The last number applied."""
        return self._cursor.number if self._cursor else 0

    @property
    def parked(self) -> int:
        """Entities whose events wait among the dead letters."""
        return len(self._parked)

    async def load(self) -> None:
        """Reads from the database where it stands."""
        async with self._pool.acquire() as connection:
            self._cursor = await cursors.load(connection, self.name, self.source)
            self._parked = await deadletters.parked(connection, self.name, self.source)

    async def begin(self, log_id: UUID) -> None:
        """Accepts a source met for the first time. Raises SourceChangedError for another log than the one so far."""
        if self._cursor is None:
            async with self._pool.acquire() as connection:
                self._cursor = await cursors.begin(connection, self.name, self.source, log_id)
        if self._cursor.log_id != log_id:
            raise SourceChangedError("source_is_another_log")

    async def take(self, envelopes: Sequence[Envelope]) -> None:
        """Applies what is new of a run of events, in one transaction.

        Raises HoleError, SourceChangedError, and errors that only put it off (``put_off``).
        """
        async with self._one_at_a_time:
            fresh = self._fresh(envelopes)
            if not fresh:
                return
            assert self._cursor is not None
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await self._enter_schema(connection)
                    # The cursor first: who comes too late does nothing, and who swaps a view takes its locks in the
                    # same order. It becomes true with the rows, when the transaction does.
                    moved = await cursors.move(connection, self.name, self.source, self._cursor, fresh[-1].number)
                    parked = await self._apply_all(connection, fresh)
            except CursorMovedError:
                await self.load()
                raise
            self._cursor = moved
            self._parked |= parked
            for heard in self.listeners:
                heard(fresh)

    async def begin_at(self, log_id: UUID, number: int) -> None:
        """Accepts a source met for the first time, and applies nothing of what lies up to ``number``."""
        async with self._one_at_a_time, self._pool.acquire() as connection, connection.transaction():
            cursor = await cursors.begin(connection, self.name, self.source, log_id)
            if cursor.number < number:
                cursor = await cursors.move(connection, self.name, self.source, cursor, number)
        self._cursor = cursor

    async def retry(self, about: str) -> int:
        """Applies an entity's parked events in order, all or none; how many. Raises what the first failure raised.

        An entity of which none wait is released all the same: an earlier release may have been cut short.
        """
        async with self._one_at_a_time:
            async with self._pool.acquire() as connection, connection.transaction():
                await self._enter_schema(connection)
                waiting = await deadletters.waiting(connection, self.name, self.source, about)
                for envelope in waiting:
                    await self._apply(connection, self._decoded([envelope]))
                    await deadletters.remove(connection, self.name, self.source, envelope.number)
            await self._release(about)
            return len(waiting)

    async def discard(self, about: str) -> int:
        """Gives up an entity's parked events; how many. Releases it even if there are none, as ``retry`` does."""
        async with self._one_at_a_time:
            async with self._pool.acquire() as connection, connection.transaction():
                count = await deadletters.discard(connection, self.name, self.source, about)
            await self._release(about)
            return count

    def _decoded(self, envelopes: Sequence[Envelope]) -> list[Delivered]:
        """The events this release knows; a type it does not know is nobody's concern here."""
        return [
            Delivered(envelope, known.model_validate_json(envelope.data))
            for envelope in envelopes
            if (self._types is None or envelope.type in self._types)
            and (known := event_class(envelope.type)) is not None
        ]

    async def _release(self, about: str) -> None:
        self._parked.discard(about)
        await self._on_released(about)

    def _fresh(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        if self._cursor is None:
            raise HoleError("nothing read yet")
        fresh = [envelope for envelope in envelopes if envelope.number > self._cursor.number]
        if any(envelope.log_id != self._cursor.log_id for envelope in fresh):
            raise SourceChangedError("source_is_another_log")
        for expected, envelope in enumerate(fresh, start=self._cursor.number + 1):
            if envelope.number != expected:
                raise HoleError(f"{self.source} {expected}")
        return fresh

    async def _enter_schema(self, connection: asyncpg.Connection) -> None:
        if self._schema is not None:
            await connection.execute(f'SET LOCAL search_path TO "{self._schema}"')

    async def _apply_all(self, connection: asyncpg.Connection, envelopes: Sequence[Envelope]) -> set[str]:
        """Applies them together; one by one if that fails, so that only the poisoned are parked: their entities."""
        if not any(envelope.subject in self._parked for envelope in envelopes):
            try:
                async with connection.transaction():
                    await self._apply(connection, self._decoded(envelopes))
            except Exception as error:
                if put_off(error):
                    raise
            else:
                return set()
        parked: set[str] = set()
        for envelope in envelopes:
            if envelope.subject in self._parked | parked:
                await deadletters.park(connection, self.name, self.source, envelope, deadletters.BEHIND)
                continue
            try:
                async with connection.transaction():
                    await self._apply(connection, self._decoded([envelope]))
            except Exception as error:
                if put_off(error):
                    raise
                about, number = envelope.subject, envelope.number
                log.error("event_parked", exception=error, source=self.source, number=number, about=about)
                await deadletters.park(connection, self.name, self.source, envelope, type(error).__name__)
                await self._on_parked(envelope.subject)
                parked.add(envelope.subject)
        return parked


def put_off(error: BaseException) -> bool:
    """Whether trying again later may help; everything else is the event's own fault."""
    return passing(error) or isinstance(error, AppendUnknownError | UnavailableError)
