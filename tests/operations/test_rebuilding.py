"""A view of other services' events stands before anybody writes to it, and can be made anew at any time."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest

from chassis.log.cursors import CursorMovedError
from chassis.log.source import Page
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer, catch_up
from chassis.stream.feed import FeedUnreachableError
from chassis.stream.feedview import FeedView
from chassis.stream.reader import Delivered, HoleError
from contracts.envelope import Envelope
from services.operations.views.live import Live
from tests.conftest import Database, free_port
from tests.controls import eventually, running
from tests.operations.conftest import Folded
from tests.operations.days import a_day
from tests.operations.told import ANNA, BORIS, CHIARA, LogFeed, Told, goes_in

_SCANS = "SELECT number FROM live.scans ORDER BY 1"


class FlakyFeed(LogFeed):
    """Can be out of reach, and can be held up."""

    def __init__(self, told: Told, source: str = "access") -> None:
        super().__init__(source, told.logs[source])
        self.reachable = True
        self.asked = 0
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        self.asked += 1
        await self.let_go.wait()
        if not self.reachable:
            raise FeedUnreachableError("access: ConnectError")
        return await super().read(after, limit)


class LiveOfTomorrow(Live):
    """The view of a release with another table."""

    def __init__(self, at: Path) -> None:
        self.tables = at / "live.sql"
        self.tables.write_text(Live.tables.read_text() + "CREATE TABLE tomorrow (since date);")


async def _told_to(view: FeedView) -> None:
    for feed in view.feeds:
        reader = view.reader(feed)
        await reader.load()
        await catch_up(reader, feed)


async def _numbers(database: Database) -> list[int]:
    return [row["number"] for row in await database.pool.fetch(_SCANS)]


async def test_a_view_that_somebody_dropped_is_folded_from_the_beginning(
    folded: Folded, told: Told, database: Database
) -> None:
    await folded.of(goes_in("per", ANNA), goes_in("per", BORIS))
    await database.pool.execute("DROP SCHEMA live CASCADE")

    again = FeedView(database.pool, Live(), told.feeds())
    await again.ensure()
    await _told_to(again)
    assert await _numbers(database) == [1, 2]


async def test_a_view_defined_otherwise_is_folded_anew_before_anybody_reads_on(
    folded: Folded, told: Told, database: Database, tmp_path: Path
) -> None:
    await folded.of(goes_in("per", ANNA))

    await FeedView(database.pool, LiveOfTomorrow(tmp_path), told.feeds()).ensure()
    assert await _numbers(database) == [1]
    assert await database.pool.fetch("SELECT * FROM live.tomorrow") == []


async def test_a_view_defined_as_before_is_left_alone(folded: Folded, told: Told, database: Database) -> None:
    await folded.of(goes_in("per", ANNA))
    feed = FlakyFeed(told)

    await FeedView(database.pool, Live(), [feed]).ensure()
    assert feed.asked == 0
    assert await _numbers(database) == [1]


async def test_the_old_rows_are_shown_until_the_new_ones_stand(folded: Folded, told: Told, database: Database) -> None:
    await folded.of(goes_in("per", ANNA), goes_in("per", BORIS))
    feed = FlakyFeed(told)
    feed.let_go.clear()

    async with running(FeedView(database.pool, Live(), [feed]).rebuild()) as (rebuilding,):
        await eventually(lambda: feed.asked, says="nobody reads the source")
        assert await _numbers(database) == [1, 2]
        feed.let_go.set()
        await rebuilding
    assert await _numbers(database) == [1, 2]


async def test_a_rebuild_waits_for_a_source_that_is_away(
    folded: Folded, told: Told, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.stream.feedview._ASK_AGAIN_S", 0.05)
    await folded.of(goes_in("per", ANNA))
    feed = FlakyFeed(told)
    feed.reachable = False
    view = FeedView(database.pool, LiveOfTomorrow(tmp_path), [feed])

    async with running(view.ensure()):
        await eventually(lambda: feed.asked, says="nobody reads the source")
        assert not view.standing
        feed.reachable = True
        await eventually(lambda: view.standing, says="the view does not stand")
    assert await _numbers(database) == [1]


async def test_nobody_reads_before_the_tables_stand(told: Told, database: Database) -> None:
    await told.tell(goes_in("per", ANNA))
    view = FeedView(database.pool, Live(), told.feeds())
    bus = Bus("operations", f"nats://127.0.0.1:{free_port()}", None)  # nobody is there: all comes from the feeds
    consumers = [Consumer("operations", view.reader(feed), feed, bus) for feed in view.feeds]

    async with running(view.run(consumers)):
        await eventually(lambda: [one.reader.number for one in consumers] == [0, 1, 0], says="not all is applied")
    assert await _numbers(database) == [1]


async def test_a_rebuild_beside_a_busy_reader_ends_and_loses_nothing(
    folded: Folded, told: Told, database: Database
) -> None:
    """Both take the cursor first and the tables after it: neither waits for the other in a ring."""
    await folded.of(goes_in("per", CHIARA))
    stop = asyncio.Event()

    async def keep_reading() -> None:
        (feed,) = (feed for feed in folded.view.feeds if feed.name == "access")
        reader = folded.view.reader(feed)
        while not stop.is_set():
            await told.tell(*(goes_in("per", person) for person in (ANNA, BORIS) for _ in range(20)))
            await reader.load()
            try:
                await catch_up(reader, feed)
            except (CursorMovedError, HoleError):
                continue  # the view was swapped under it: it goes on from where the new one stands

    async with running(keep_reading()) as (reading,):
        for _ in range(5):
            await folded.view.rebuild()
        stop.set()
        await reading
    await folded.of(*a_day(1, steps=10))
    numbers = await _numbers(database)
    assert numbers == sorted(set(numbers))
    live = await folded.everything()
    await folded.view.rebuild()
    assert await folded.everything() == live


async def test_a_rebuild_tells_how_far_it_is(folded: Folded) -> None:
    await folded.of(goes_in("per", ANNA), goes_in("per", BORIS))
    heard: list[tuple[str, int, int]] = []

    await folded.view.rebuild(lambda source, done, total: heard.append((source, done, total)))
    assert ("access", 2, 2) in heard


async def test_what_was_parked_is_parked_in_the_new_view_too(folded: Folded, told: Told, database: Database) -> None:
    class Faint(Live):
        async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
            if any(one.event.about().startswith("badge-") for one in events):
                raise ValueError("cannot see a badge")
            await super().project(connection, events)

    await folded.of(goes_in("per", ANNA), goes_in("med"))
    await FeedView(database.pool, Faint(), told.feeds()).rebuild()

    assert await _numbers(database) == [2]
    assert [tuple(row) for row in await database.pool.fetch("SELECT reader, number FROM readers.dead_letters")] == [
        ("live", 1)
    ]


async def test_one_rebuild_after_another_changes_nothing(folded: Folded) -> None:
    await folded.of(*a_day(3))
    before = await folded.everything()
    await folded.view.rebuild()
    await folded.view.rebuild()
    assert await folded.everything() == before
