"""A command asked for again while its first copy is still waiting, or after its answer was lost, has one effect."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.log.decider import Decider, Decision, Event
from chassis.log.log import Append, AppendUnknownError, NewEvent
from chassis.log.obey import CommandHandler, Obeyed
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from tests.chassis.faults import Line, line_to
from tests.conftest import Database
from tests.controls import eventually, metadata, new_event, to

_APPEND = "SELECT outcome FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"
_ONE_STATEMENT = """
    WITH head AS (SELECT * FROM log.head FOR UPDATE),
         known AS (SELECT FROM log.events WHERE event_id = $1),
         moved AS (UPDATE log.head SET position = position + 1 WHERE NOT EXISTS (SELECT FROM known))
    INSERT INTO log.events (position, stream, version, event_id, type, schema_version, data, metadata, recorded_at)
    SELECT head.position + 1, 'a', head.position + 1, $1, 'Noted', 1, '{}', '{}', now()
    FROM head WHERE NOT EXISTS (SELECT FROM known)
    RETURNING 'appended'
"""

Ask = Callable[[asyncpg.Connection, UUID], Awaitable[str | None]]


async def _as_it_is(connection: asyncpg.Connection, id_: UUID) -> str | None:
    outcome: str = await connection.fetchval(
        _APPEND, ["a"], [None], [1], [id_], ["Noted"], [1], ["{}"], ["{}"], [None], [None], [None]
    )
    return outcome


async def _twice_while_the_head_is_locked(database: Database, ask: Ask) -> list[str | BaseException | None]:
    """The outcomes of two copies of one append that both wait for the head."""
    one, two, holder = [await database.connect(owner=True) for _ in range(3)]
    watcher = await database.postgres.superuser()
    id_ = uuid4()
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM log.head FOR UPDATE")
            asked = [asyncio.create_task(_caught(ask(connection, id_))) for connection in (one, two)]

            async def both_wait() -> bool:
                return bool(await watcher.fetchval(_WAITING, database.service) == 2)

            await eventually(both_wait)
        return sorted([await task for task in asked], key=str)
    finally:
        for connection in (one, two, holder, watcher):
            await connection.close()


async def _caught(asked: Awaitable[str | None]) -> str | BaseException | None:
    try:
        outcome = await asked
    except asyncpg.PostgresError as error:
        failed: BaseException = error
        return failed
    return outcome


async def test_of_two_copies_that_wait_for_the_head_one_is_stored_and_one_is_repeated(database: Database) -> None:
    assert await _twice_while_the_head_is_locked(database, _as_it_is) == ["appended", "repeated"]


async def test_under_repeatable_read_the_second_copy_would_fail(database: Database) -> None:
    """Control: a transaction that froze its snapshot before it got the lock."""

    async def repeatable_read(connection: asyncpg.Connection, id_: UUID) -> str | None:
        async with connection.transaction(isolation="repeatable_read"):
            return await _as_it_is(connection, id_)

    outcomes = await _twice_while_the_head_is_locked(database, repeatable_read)

    assert [type(outcome) for outcome in outcomes] == [str, asyncpg.SerializationError]


async def test_as_a_single_statement_the_second_copy_would_fail(database: Database) -> None:
    """Control: lock, look and insert in one statement see what was there when the statement began."""

    async def one_statement(connection: asyncpg.Connection, id_: UUID) -> str | None:
        outcome: str | None = await connection.fetchval(_ONE_STATEMENT, id_)
        return outcome

    outcomes = await _twice_while_the_head_is_locked(database, one_statement)

    assert [type(outcome) for outcome in outcomes] == [str, asyncpg.UniqueViolationError]


class Noted(Event):
    text: str


def _decide(text: str, _state: None) -> Decision[Noted]:
    """Does it each time it is asked: what protects from a second effect is the log, not the decider."""
    return [Noted(text=text)]


NOTES: Decider[str, None, Noted] = Decider(_decide, lambda _state, _event: None, None, (Noted,))


@asynccontextmanager
async def _over_a_bad_line(database: Database) -> AsyncIterator[tuple[Line, PostgresLog]]:
    async with line_to(database.dsn) as line:
        pool = await connect(line.through(database.dsn), database.password, size=2)
        try:
            yield line, PostgresLog(pool)
        finally:
            pool.terminate()


async def test_a_command_whose_answer_was_lost_after_the_commit_has_one_effect(
    database: Database, log: PostgresLog
) -> None:
    async with _over_a_bad_line(database) as (line, bad_log):
        handler: CommandHandler[str, None, Noted] = CommandHandler(bad_log, NOTES, lambda _event: None)
        line.lose_answer(containing=b"appended")

        outcome = await handler.obey("a", "once", metadata())

        assert line.lost == 1
    assert isinstance(outcome, Obeyed)
    assert len(outcome.events) == 1
    assert [event.data for event in await log.stream("a")] == ['{"text":"once"}']


async def test_with_a_fresh_id_at_each_try_it_would_have_two(database: Database, log: PostgresLog) -> None:
    """Control: the same loss, retried by somebody whose ids are made anew."""

    def made_anew() -> Append:
        return to("a", new_event("once"))

    async with _over_a_bad_line(database) as (line, bad_log):
        line.lose_answer(containing=b"appended")
        with pytest.raises(AppendUnknownError):
            await bad_log.append(made_anew())
        await bad_log.append(made_anew())

    assert len(await log.stream("a")) == 2


async def test_all_of_a_group_learn_that_nobody_knows(database: Database, log: PostgresLog) -> None:
    events: list[NewEvent] = [new_event(str(i)) for i in range(5)]
    async with _over_a_bad_line(database) as (line, bad_log):
        line.lose_answer(containing=b"appended")
        outcomes = await asyncio.gather(
            *(bad_log.append(to(f"s{i}", event)) for i, event in enumerate(events)), return_exceptions=True
        )

    assert [type(outcome) for outcome in outcomes] == [AppendUnknownError] * 5
    assert len(await log.find([event.id for event in events])) == 5
