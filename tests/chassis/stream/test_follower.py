"""A second reader of a source is handed what the first applied, and fetches what it missed; each stands by itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import pytest

from chassis.log import cursors
from chassis.log.memory import MemoryLog
from chassis.log.obey import UnavailableError
from chassis.log.source import Page
from chassis.stream import follower as following
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer, catch_up
from chassis.stream.feed import Feed
from chassis.stream.follower import Follower
from chassis.stream.reader import Delivered, Reader
from contracts.accreditation import BadgeSuspended
from contracts.envelope import Envelope
from tests.chassis.stream.ledger import SOURCE, Ledger, LogFeed
from tests.conftest import Database
from tests.controls import eventually, running, suspended, to


class CountingFeed(LogFeed):
    asked = 0

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        self.asked += 1
        return await super().read(after, limit)


@dataclass
class Pair:
    """A consumer that reads first, and a follower that hears from it."""

    ledger: Ledger
    feed: CountingFeed
    consumer: Consumer
    pool: asyncpg.Pool
    applied: list[str] = field(default_factory=list)
    failing: list[Exception] = field(default_factory=list)
    begun: int = 0

    async def _apply(self, _connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        if self.failing:
            raise self.failing.pop()
        self.applied += [one.event.reason for one in delivered if isinstance(one.event, BadgeSuspended)]

    async def _begin(self, feed: Feed) -> tuple[UUID, int]:
        self.begun += 1
        page = await feed.read(0, 1_000)
        return page.log_id, page.reached

    @asynccontextmanager
    async def follows(self) -> AsyncIterator[None]:
        self.consumer.followers.clear()
        self.consumer.reader.listeners.clear()
        reader = Reader("follower", SOURCE, self.pool, self._apply)
        follower = Follower(reader, self.feed, self.consumer, self._begin, rest_s=0.01)
        async with running(follower.run()):
            await eventually(lambda: reader.cursor is not None, says="it does not begin")
            yield

    async def first_reads(self, *reasons: str) -> None:
        for reason in reasons:
            await self.feed.log.append(to("a", suspended(reason)))
        await self.consumer.reader.load()
        await catch_up(self.consumer.reader, self.feed)


@pytest.fixture
async def pair(database: Database, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.setattr(following, "_LOOK_S", 0.05)
    ledger, feed = await Ledger.on(database.pool), CountingFeed(MemoryLog())
    return Pair(ledger, feed, Consumer("x", ledger.reader(), feed, Bus("x", "nats://nowhere", None)), database.pool)


async def test_it_is_handed_what_was_applied_and_nobody_is_asked_again(pair: Pair) -> None:
    async with pair.follows():
        await pair.first_reads("one")
        asked = pair.feed.asked
        await pair.first_reads("two", "three")
        await eventually(lambda: pair.applied == ["one", "two", "three"], says="it does not hear")

    assert pair.feed.asked == asked + 1, "the first reader's own question"


async def test_what_was_before_it_began_it_does_not_apply(pair: Pair) -> None:
    await pair.first_reads("old")
    async with pair.follows():
        await pair.first_reads("new")
        await eventually(lambda: pair.applied == ["new"])
    async with pair.follows():
        await pair.first_reads("newer")
        await eventually(lambda: pair.applied == ["new", "newer"])

    assert pair.begun == 1


async def test_what_it_missed_it_fetches(pair: Pair) -> None:
    async with pair.follows():
        await pair.first_reads("one")
        await eventually(lambda: pair.applied == ["one"])
    await pair.first_reads("two")
    async with pair.follows():
        await pair.first_reads("three")
        await eventually(lambda: pair.applied == ["one", "two", "three"])


async def test_more_than_it_can_keep_it_fetches(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_MOST", 2)
    async with pair.follows():
        await pair.first_reads("one")
        await eventually(lambda: pair.applied == ["one"])
        for number in range(20):
            await pair.first_reads(str(number))
        await eventually(lambda: pair.applied == ["one", *map(str, range(20))])


async def test_what_it_cannot_do_for_now_holds_up_only_itself(pair: Pair) -> None:
    async with pair.follows():
        pair.failing = [UnavailableError("away"), UnavailableError("away")]
        await pair.first_reads("one")
        assert await pair.ledger.reasons() == ["one"]
        await eventually(lambda: pair.applied == ["one"])


async def test_what_it_cannot_apply_is_parked_and_counted_with_the_firsts(pair: Pair) -> None:
    async with pair.follows():
        pair.failing = [ValueError("poison"), ValueError("poison")]
        await pair.first_reads("one")
        await eventually(lambda: pair.consumer.parked == 1)
        assert pair.consumer.reader.parked == 0
        (reader,) = pair.consumer.followers

        assert await reader.retry(suspended_about()) == 1
        assert pair.applied == ["one"]
        assert pair.consumer.parked == 0


def suspended_about() -> str:
    shared = suspended().shared
    assert shared is not None
    return shared.about


async def test_one_that_is_forgotten_begins_as_a_new_one(pair: Pair) -> None:
    """As an operator does when a source was restored."""
    async with pair.follows():
        await pair.first_reads("one")
        await eventually(lambda: pair.applied == ["one"])
        async with pair.pool.acquire() as connection:
            await cursors.forget(connection, "follower", SOURCE)
        await pair.first_reads("two")
        await eventually(lambda: pair.begun == 2)
        await asyncio.sleep(0)
        await pair.first_reads("three")
        await eventually(lambda: pair.applied == ["one", "three"])
