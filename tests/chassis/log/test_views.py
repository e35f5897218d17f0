"""A view of the own log: what was answered is in the next query; it can be built anew while the house goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from chassis.log import views
from chassis.log.codec import Codec
from chassis.log.decider import Event
from chassis.log.log import NewEvent
from chassis.log.postgres import PostgresLog
from chassis.log.source import OwnLog
from chassis.log.views import OwnView, ensure, made, rebuild
from tests.conftest import Database
from tests.controls import eventually, new_event, running, to


class Noted(Event):
    text: str


class Notes:
    """All notes, in the order of the log."""

    name = "notes"

    def __init__(self, tables: Path) -> None:
        self.tables = tables
        self.projected = 0
        self.hold: asyncio.Event | None = None
        """Set: projecting stops between its rows and its commit until this is set."""
        self.holding = asyncio.Event()

    async def project(self, connection: asyncpg.Connection, events: Sequence[Noted]) -> None:
        await connection.executemany("INSERT INTO note (text) VALUES ($1)", [(event.text,) for event in events])
        self.projected += len(events)
        if self.hold is not None and not self.hold.is_set():
            self.holding.set()
            await self.hold.wait()


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    tables = tmp_path / "notes.sql"
    tables.write_text("CREATE TABLE note (id bigserial PRIMARY KEY, text text);")
    return Notes(tables)


def _view(database: Database, log: PostgresLog, notes: Notes) -> OwnView[Noted]:
    return OwnView(database.pool, log, OwnLog("notes", log, Codec([Noted])), notes)


async def _texts(database: Database) -> list[str]:
    return [row["text"] for row in await database.pool.fetch("SELECT text FROM notes.note ORDER BY id")]


async def _note(log: PostgresLog, *texts: str) -> None:
    await log.append(to("a", *(new_event(text) for text in texts)))


async def _same(database: Database, log: PostgresLog) -> bool:
    stored = [Noted.model_validate_json(event.data).text for event in await log.read(0, 100_000)]
    return stored == await _texts(database)


@asynccontextmanager
async def _writing(log: PostgresLog) -> AsyncIterator[list[str]]:
    """Somebody who writes all the time; what was written so far."""
    written: list[str] = []

    async def write() -> None:
        while True:
            await _note(log, f"n{len(written)}")
            written.append(f"n{len(written)}")

    async with running(write()):
        yield written


async def test_whoever_got_an_answer_sees_its_effect(database: Database, log: PostgresLog, notes: Notes) -> None:
    view = _view(database, log, notes)
    async with running(view.run()):
        for number in range(20):
            await _note(log, str(number))
            await view.current()
            assert (await _texts(database))[-1] == str(number)


async def test_without_waiting_for_the_view_one_would_miss_it(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    """Control: the view follows, it does not lead."""
    async with running(_view(database, log, notes).run()) as _:
        await eventually(lambda: database.pool.fetchval("SELECT to_regclass('notes.note')"))
        missed = 0
        for number in range(20):
            await _note(log, str(number))
            missed += [str(number)] != (await _texts(database))[-1:]
    assert missed


async def test_what_another_process_appended_is_seen_too(database: Database, log: PostgresLog, notes: Notes) -> None:
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(PostgresLog(database.pool), "from elsewhere")
        await view.current()
        assert await _texts(database) == ["from elsewhere"]


async def test_a_process_that_stands_by_sees_what_another_one_projected(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    stands_by = _view(database, log, notes)
    async with running(_view(database, log, notes).run()):
        for number in range(5):
            await _note(log, str(number))
            await stands_by.current()
            assert (await _texts(database))[-1] == str(number)


async def test_waiting_for_a_view_that_does_not_run_ends(database: Database, log: PostgresLog, notes: Notes) -> None:
    await _note(log, "one")
    with pytest.raises(TimeoutError):
        await _view(database, log, notes).current(patience_s=0.05)


async def test_a_view_goes_on_where_it_stood(database: Database, log: PostgresLog, notes: Notes) -> None:
    for text in ("one", "two"):
        view = _view(database, log, notes)
        await _note(log, text)
        async with running(view.run()):
            await view.current()
    assert await _texts(database) == ["one", "two"]
    assert notes.projected == 2


async def test_events_of_no_concern_are_passed_over(database: Database, log: PostgresLog, notes: Notes) -> None:
    other: NewEvent = new_event("x")
    object.__setattr__(other, "type", "SomethingElse")
    view = _view(database, log, notes)
    async with running(view.run()):
        await log.append(to("a", new_event("one"), other, new_event("two")))
        await view.current()
    assert await _texts(database) == ["one", "two"]


async def test_a_rebuilt_view_equals_the_live_one_while_events_keep_flowing(
    database: Database, log: PostgresLog, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_PAGE", 50)
    view = _view(database, log, notes)
    async with running(view.run()):
        async with _writing(log) as written:
            await eventually(lambda: len(written) > 200)
            for _ in range(3):
                told: list[tuple[str, int, int]] = []

                async def fold(schema: str, told: list[tuple[str, int, int]] = told) -> None:
                    await view.fold(schema, lambda *progress: told.append(progress))

                await rebuild(database.pool, notes, fold)
                assert told[0][:2] == ("notes", 50)
                so_far = len(written)
                assert so_far
                await eventually(lambda: len(written) > so_far + 20)  # noqa: B023  (used before it changes)
        await view.current()
        await eventually(lambda: _same(database, log))
        assert (await _texts(database))[: len(written)] == written
    assert await database.pool.fetchval("SELECT to_regnamespace('notes_next')") is None
    assert await database.pool.fetchval("SELECT count(*) FROM readers.cursors") == 1


async def test_a_view_half_way_through_a_page_does_not_block_the_swap_for_ever(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    """The live view has written rows and not yet moved its cursor, when the new one is to take its place."""
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one")
        await view.current()
        notes.hold = asyncio.Event()
        await _note(log, "two")
        await notes.holding.wait()

        hold, notes.hold = notes.hold, None
        rebuilding = asyncio.create_task(rebuild(database.pool, notes, view.fold))
        await eventually(lambda: _somebody_waits_for_a_lock(database), says="the swap does not wait")
        hold.set()
        await rebuilding

        await _note(log, "three")
        await view.current()
        assert await _texts(database) == ["one", "two", "three"]


async def _somebody_waits_for_a_lock(database: Database) -> bool:
    return bool(await database.pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'", database.service
    ))  # fmt: skip


async def test_after_a_swap_the_view_still_holds_what_was_answered(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    """Events that the live view got while the new one was being folded are in the new one from its first moment."""
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one")
        await view.current()

        async def fold_and_look_away(schema: str) -> None:
            await view.fold(schema)
            if await _texts_in(database, schema) == ["one"]:
                await _note(log, "two")
                await view.current()

        swapping = asyncio.create_task(rebuild(database.pool, notes, fold_and_look_away))
        seen: list[list[str]] = []
        while not swapping.done():
            seen.append(await _texts(database))
        await swapping
        first = seen.index(["one", "two"])
        assert all(texts == ["one", "two"] for texts in seen[first:]), "it was there already, and went"


async def _texts_in(database: Database, schema: str) -> list[str]:
    return [row["text"] for row in await database.pool.fetch(f'SELECT text FROM "{schema}".note ORDER BY id')]


async def test_a_view_whose_tables_changed_is_rebuilt_at_the_next_start(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one", "two")
        await view.current()
    notes.tables.write_text("CREATE TABLE note (id bigserial PRIMARY KEY, text text, length int DEFAULT 7);")

    view = _view(database, log, notes)
    async with running(view.run()):
        await view.current()
        assert await database.pool.fetchval("SELECT sum(length) FROM notes.note") == 14
    assert notes.projected == 4


async def test_it_is_known_since_when_a_view_stands_and_that_another_is_being_made(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    assert await made(database.pool, "notes") == (None, None)
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one")
        await view.current()
        first, rebuilding = await made(database.pool, "notes")
        assert first is not None
        assert rebuilding is None

        notes.hold = asyncio.Event()
        async with running(view.rebuild()) as (rebuilt,):
            await notes.holding.wait()
            shown, since = await made(database.pool, "notes")
            assert shown == first
            assert since is not None
            assert since > first
            notes.hold.set()
            await rebuilt
        assert await made(database.pool, "notes") == (since, None)


async def test_a_view_of_a_release_that_did_not_tell_stands_as_it_is(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one")
        await view.current()
    comment = await database.pool.fetchval("SELECT obj_description('notes'::regnamespace, 'pg_namespace')")
    await database.pool.execute(f"COMMENT ON SCHEMA notes IS '{comment.partition(' ')[0]}'")

    view = _view(database, log, notes)
    async with running(view.run()):
        await view.current()
    assert notes.projected == 1
    assert await made(database.pool, "notes") == (None, None)


async def test_a_view_that_was_thrown_away_is_folded_from_the_beginning(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one", "two")
        await view.current()
    await database.pool.execute("DROP SCHEMA notes CASCADE")

    view = _view(database, log, notes)
    async with running(view.run()):
        await view.current()
        assert await _texts(database) == ["one", "two"]


async def test_a_fold_that_fails_leaves_the_live_view_as_it_is(
    database: Database, log: PostgresLog, notes: Notes
) -> None:
    view = _view(database, log, notes)
    async with running(view.run()):
        await _note(log, "one")
        await view.current()

        async def fails(_schema: str) -> None:
            raise LookupError

        with pytest.raises(LookupError):
            await rebuild(database.pool, notes, fails)
        await _note(log, "two")
        await view.current()
        assert await _texts(database) == ["one", "two"]

        await rebuild(database.pool, notes, view.fold)
        await view.current()
        assert await _texts(database) == ["one", "two"]


async def test_nothing_is_made_twice(database: Database, log: PostgresLog, notes: Notes) -> None:
    view = _view(database, log, notes)
    await ensure(database.pool, notes, view.fold)
    await ensure(database.pool, notes, view.fold)

    assert await _texts(database) == []
