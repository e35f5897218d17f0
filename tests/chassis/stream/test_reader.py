"""What a reader is given twice, with holes or out of order, has its effect once and in order."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from chassis.log import cursors
from chassis.log.cursors import Cursor, CursorMovedError
from chassis.log.log import Log
from chassis.log.memory import MemoryLog
from chassis.log.source import Page
from chassis.stream.consumer import catch_up
from chassis.stream.reader import HoleError, Reader, SourceChangedError
from contracts.envelope import Envelope
from tests.chassis.stream.ledger import READER, SOURCE, Ledger, LogFeed
from tests.conftest import Database
from tests.controls import suspended, to


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    return await Ledger.on(database.pool)


async def _log(count: int) -> MemoryLog:
    log = MemoryLog()
    for number in range(1, count + 1):
        await log.append(to("a", suspended(str(number))))
    return log


async def _envelopes(log: Log) -> Sequence[Envelope]:
    return (await LogFeed(log).read(0, 1_000)).events


async def _standing(ledger: Ledger, log: Log, kind: type[Reader] = Reader) -> Reader:
    """A reader at the beginning of ``log``."""
    reader = ledger.reader(kind)
    await reader.load()
    await reader.begin((await log.head()).log_id)
    return reader


async def test_a_run_is_applied_once_and_in_order(ledger: Ledger) -> None:
    log = await _log(3)
    reader = await _standing(ledger, log)

    await reader.take(await _envelopes(log))

    assert await ledger.numbers() == [1, 2, 3]
    assert reader.number == 3


async def test_what_was_applied_before_is_passed_over(ledger: Ledger) -> None:
    log = await _log(5)
    events = await _envelopes(log)
    reader = await _standing(ledger, log)

    await reader.take(events[:3])
    await reader.take(events[:3])
    await reader.take(events[1:])
    await reader.take([])

    assert await ledger.numbers() == [1, 2, 3, 4, 5]


class Trusting(Reader):
    """Applies what it is given."""

    def _fresh(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        return list(envelopes)


async def test_without_looking_at_the_cursor_a_repeat_would_be_applied_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a reader that trusts its deliveries."""
    log = await _log(3)
    reader = await _standing(ledger, log, Trusting)

    await reader.take(await _envelopes(log))
    await reader.take(await _envelopes(log))

    assert await ledger.numbers() == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize("numbers", [[2], [1, 3], [1, 2, 4], [2, 1], [1, 1]], ids=str)
async def test_a_hole_is_said_and_nothing_behind_it_applied(ledger: Ledger, numbers: list[int]) -> None:
    log = await _log(4)
    events = await _envelopes(log)
    reader = await _standing(ledger, log)

    with pytest.raises(HoleError):
        await reader.take([events[number - 1] for number in numbers])

    assert await ledger.numbers() == []
    assert reader.number == 0


async def test_a_reader_that_has_read_nothing_asks_its_source_first(ledger: Ledger) -> None:
    reader = ledger.reader()
    await reader.load()

    with pytest.raises(HoleError):
        await reader.take(await _envelopes(await _log(1)))


async def test_events_of_another_log_are_refused(ledger: Ledger) -> None:
    log, other = await _log(2), await _log(5)
    reader = await _standing(ledger, log)
    await reader.take(await _envelopes(log))

    with pytest.raises(SourceChangedError, match="another_log"):
        await reader.take((await _envelopes(other))[2:])
    with pytest.raises(SourceChangedError, match="another_log"):
        await catch_up(reader, LogFeed(other))

    assert await ledger.numbers() == [1, 2]


async def test_a_source_that_lost_what_was_read_is_refused(ledger: Ledger) -> None:
    log = await _log(5)
    reader = await _standing(ledger, log)
    await catch_up(reader, LogFeed(log))
    del log._events[3:], log._shared[3:]

    with pytest.raises(SourceChangedError, match="behind_its_reader"):
        await catch_up(reader, LogFeed(log))


async def test_where_a_reader_stands_survives_it(ledger: Ledger) -> None:
    log = await _log(1_200)
    await catch_up(await _standing(ledger, log), LogFeed(log))

    again = ledger.reader()
    await again.load()

    assert again.number == 1_200
    await catch_up(again, LogFeed(log))
    assert len(await ledger.numbers()) == 1_200


async def test_progress_is_told_page_by_page(ledger: Ledger) -> None:
    log = await _log(2_100)
    heard: list[tuple[str, int, int]] = []

    await catch_up(await _standing(ledger, log), LogFeed(log), lambda *told: heard.append(told))

    assert heard == [(SOURCE, 1_000, 2_100), (SOURCE, 2_000, 2_100), (SOURCE, 2_100, 2_100)]


async def test_the_next_page_is_on_its_way_while_one_is_applied(ledger: Ledger) -> None:
    log = await _log(1_200)
    asked: list[int] = []
    asked_by_then: list[list[int]] = []

    class Noted(LogFeed):
        async def read(self, after: int, limit: int) -> Page[Envelope]:
            asked.append(after)
            return await super().read(after, limit)

    await catch_up(await _standing(ledger, log), Noted(log), lambda *_: asked_by_then.append(list(asked)))

    assert asked_by_then == [[0, 1_000], [0, 1_000]]


async def _raced(ledger: Ledger, log: Log) -> None:
    """Two processes with a reader of the same name, given the same events at the same time, again and again."""
    events = await _envelopes(log)
    readers = [await _standing(ledger, log) for _ in range(2)]

    async def work(reader: Reader) -> None:
        while reader.number < len(events):
            at = reader.number
            try:
                await reader.take(events[at : at + 7])
            except CursorMovedError:
                continue  # it has looked where it stands

    await asyncio.gather(*(work(reader) for reader in readers))


async def test_two_readers_of_one_name_apply_each_event_once(ledger: Ledger) -> None:
    log = await _log(100)

    await _raced(ledger, log)

    assert await ledger.numbers() == list(range(1, 101))


async def test_a_cursor_moved_without_comparing_would_let_two_readers_double_events(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the cursor is set to where it goes, wherever it stood."""

    async def careless(connection: asyncpg.Connection, reader: str, source: str, at: Cursor, to: int) -> Cursor:
        await connection.execute("UPDATE readers.cursors SET number = $1 WHERE reader = $2", to, reader)
        return Cursor(at.log_id, to)

    monkeypatch.setattr(cursors, "move", careless)
    log = await _log(100)

    await _raced(ledger, log)

    assert len(await ledger.numbers()) > 100


async def test_the_one_who_was_too_late_knows_where_it_stands(ledger: Ledger) -> None:
    log = await _log(3)
    events = await _envelopes(log)
    first, second = await _standing(ledger, log), await _standing(ledger, log)
    await first.take(events)

    with pytest.raises(CursorMovedError):
        await second.take(events)

    assert second.number == 3
    await second.take(events)
    assert await ledger.numbers() == [1, 2, 3]


@pytest.mark.parametrize(
    "error",
    [OSError("cut"), TimeoutError(), asyncpg.DeadlockDetectedError("x"), asyncpg.ConnectionDoesNotExistError("x")],
    ids=lambda error: type(error).__name__,
)
async def test_what_passes_by_itself_parks_nothing(ledger: Ledger, error: Exception) -> None:
    log = await _log(5)
    reader = await _standing(ledger, log)
    ledger.failing["3"] = error

    with pytest.raises(type(error)):
        await catch_up(reader, LogFeed(log))
    assert await ledger.numbers() == []
    assert reader.parked == 0

    ledger.failing.clear()
    await catch_up(reader, LogFeed(log))
    assert await ledger.numbers() == [1, 2, 3, 4, 5]


async def test_after_a_reset_everything_is_read_again(ledger: Ledger, database: Database) -> None:
    log, restored = await _log(3), await _log(2)
    reader = await _standing(ledger, log)
    await catch_up(reader, LogFeed(log))

    await ledger.begin_again((await restored.head()).log_id)
    await reader.load()
    await catch_up(reader, LogFeed(restored))

    assert await ledger.numbers() == [1, 2]
    row: Any = await database.pool.fetchrow("SELECT reader, source, number FROM readers.cursors")
    assert tuple(row) == (READER, SOURCE, 2)
