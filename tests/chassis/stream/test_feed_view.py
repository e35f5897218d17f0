"""A view of other services' events: made when it is needed, made anew beside the live one, never half."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest

from chassis.log.memory import MemoryLog
from chassis.log.source import Page
from chassis.stream.consumer import catch_up
from chassis.stream.feed import FeedUnreachableError
from chassis.stream.feedview import FeedView
from chassis.stream.reader import Delivered
from contracts.envelope import Envelope
from tests.chassis.stream.ledger import LogFeed
from tests.conftest import Database
from tests.controls import eventually, suspended, to


class Reasons:
    """Why badges were suspended, in the order of the log."""

    name = "reasons"

    def __init__(self, tables: Path) -> None:
        self.tables = tables

    async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        rows = [(one.envelope.number, one.event.model_dump()["reason"]) for one in events]
        await connection.executemany("INSERT INTO reason (number, reason) VALUES ($1, $2)", rows)


class Moody(LogFeed):
    """A feed that is away until it is wanted."""

    away = False

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        if self.away:
            raise FeedUnreachableError("accreditation: ConnectError")
        return await super().read(after, limit)


@pytest.fixture
def reasons(tmp_path: Path) -> Reasons:
    tables = tmp_path / "reasons.sql"
    tables.write_text("CREATE TABLE reason (number bigint PRIMARY KEY, reason text);")
    return Reasons(tables)


@pytest.fixture
def feed() -> Moody:
    return Moody(MemoryLog())


@pytest.fixture
def view(database: Database, reasons: Reasons, feed: Moody) -> FeedView:
    return FeedView(database.pool, reasons, [feed])


async def _add(feed: Moody, count: int) -> None:
    for _ in range(count):
        await feed.log.append(to("a", suspended()))


async def _numbers(database: Database) -> list[int]:
    return [row["number"] for row in await database.pool.fetch("SELECT number FROM reasons.reason ORDER BY number")]


async def _read(view: FeedView, feed: Moody) -> None:
    reader = view.reader(feed)
    await reader.load()
    await catch_up(reader, feed)


async def test_its_tables_stand_before_anything_is_read(database: Database, view: FeedView) -> None:
    await view.ensure()

    assert view.standing
    assert await _numbers(database) == []


async def test_rebuilt_it_holds_the_same_and_goes_on_from_there(
    database: Database, view: FeedView, feed: Moody
) -> None:
    await view.ensure()
    await _add(feed, 3)
    await _read(view, feed)
    live = await _numbers(database)
    told: list[tuple[str, int, int]] = []

    await view.rebuild(lambda *progress: told.append(progress))

    assert await _numbers(database) == live == [1, 2, 3]
    assert told[0] == ("accreditation", 3, 3)
    await _add(feed, 2)
    await _read(view, feed)
    assert await _numbers(database) == [1, 2, 3, 4, 5]


async def test_an_owner_that_is_away_spoils_no_live_view(database: Database, view: FeedView, feed: Moody) -> None:
    await view.ensure()
    await _add(feed, 2)
    await _read(view, feed)
    feed.away = True

    with pytest.raises(FeedUnreachableError):
        await view.rebuild()

    assert await _numbers(database) == [1, 2]


async def test_a_changed_definition_waits_for_its_sources(
    database: Database, view: FeedView, feed: Moody, reasons: Reasons
) -> None:
    await view.ensure()
    await _add(feed, 2)
    await _read(view, feed)
    reasons.tables.write_text("CREATE TABLE reason (number bigint PRIMARY KEY, reason text, seen int DEFAULT 1);")
    feed.away = True
    changed = FeedView(database.pool, reasons, [feed])

    ensuring = asyncio.create_task(changed.ensure())
    await eventually(lambda: database.pool.fetchval("SELECT to_regnamespace('reasons_next')"))
    assert await _numbers(database) == [1, 2], "the old one is shown meanwhile"
    feed.away = False
    await ensuring

    assert await database.pool.fetchval("SELECT sum(seen) FROM reasons.reason") == 2
