"""A reader whose every effect is a row: whether it happened once, and in order, can be counted."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from chassis.log import cursors
from chassis.log.log import Log
from chassis.log.obey import UnavailableError
from chassis.log.source import Page
from chassis.stream.feed import Feed
from chassis.stream.reader import Delivered, Reader
from contracts.accreditation import BadgeSuspended
from contracts.envelope import Envelope
from tests.controls import eventually

READER = "ledger"
SOURCE = "accreditation"


class LogFeed(Feed):
    """The owner's feed without the way there: straight from its log."""

    def __init__(self, log: Log) -> None:
        self.name = SOURCE
        self.log = log

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        head = await self.log.head()
        recorded = await self.log.read_shared(after, limit)
        envelopes = [event.envelope(SOURCE, head.log_id) for event in recorded]
        return Page(head.log_id, envelopes, recorded[-1].number or 0 if recorded else after, head.number)


@dataclass
class Ledger:
    """One row for each time an event was applied, in the order of applying."""

    pool: asyncpg.Pool
    failing: dict[str, Exception] = field(default_factory=dict)
    """What to raise for events with this reason."""
    told: list[tuple[str, str]] = field(default_factory=list)
    """Entities that were parked or released."""
    deaf: bool = False
    """Whether it cannot be told of either at the moment."""

    @classmethod
    async def on(cls, pool: asyncpg.Pool) -> "Ledger":
        await pool.execute(f"CREATE SCHEMA IF NOT EXISTS {READER}")
        await pool.execute(
            f"CREATE TABLE IF NOT EXISTS {READER}.applied"
            " (turn bigserial PRIMARY KEY, number bigint, about text, reason text)"
        )
        return cls(pool)

    def reader(self, kind: type[Reader] = Reader) -> Reader:
        return kind(
            READER, SOURCE, self.pool, self._apply, schema=READER,
            on_parked=self._tell("parked"), on_released=self._tell("released"),
        )  # fmt: skip

    async def _apply(self, connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        for one in delivered:
            assert isinstance(one.event, BadgeSuspended)
            await connection.execute(
                "INSERT INTO applied (number, about, reason) VALUES ($1, $2, $3)",
                one.envelope.number, one.envelope.subject, one.event.reason,
            )  # fmt: skip
            if one.event.reason in self.failing:
                raise self.failing[one.event.reason]

    def _tell(self, what: str) -> Callable[[str], Awaitable[None]]:
        async def tell(about: str) -> None:
            if self.deaf:
                raise UnavailableError
            self.told.append((what, about))

        return tell

    async def numbers(self) -> list[int]:
        """The events applied, in the order they were."""
        return [row["number"] for row in await self.pool.fetch(f"SELECT number FROM {READER}.applied ORDER BY turn")]

    async def reasons(self) -> list[str]:
        return [row["reason"] for row in await self.pool.fetch(f"SELECT reason FROM {READER}.applied ORDER BY turn")]

    async def holds_all_of(self, log: Log, within_s: float) -> None:
        """Waits until every shared event of ``log`` is here, once and in order."""
        head = await log.head()

        async def complete() -> bool:
            return len(await self.numbers()) >= head.number

        await eventually(complete, within_s, says="not all events are applied")
        assert await self.numbers() == list(range(1, head.number + 1))

    async def begin_again(self, log_id: UUID) -> None:
        """What an operator does with ``placet consumers reset``, for a reader whose effects are in a view."""
        async with self.pool.acquire() as connection, connection.transaction():
            await cursors.reset(connection, READER, SOURCE, log_id)  # first, as a reader that is applying does
            await connection.execute(f"TRUNCATE {READER}.applied")
