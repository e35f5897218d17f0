"""A reader by position misses nothing, however long a writer waits before it commits, and whether it commits at all."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

import asyncpg

from chassis.log.postgres import PostgresLog
from tests.conftest import Database
from tests.controls import metadata, pause

_WRITERS = 16
_TIMES = 20
_APPEND = "SELECT outcome FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"

Write = Callable[[asyncpg.Connection, int, UUID], Awaitable[None]]
Read = Callable[[int], Awaitable[Sequence[tuple[int, UUID]]]]


async def _race(database: Database, write: Write, read: Read) -> tuple[set[UUID], list[list[tuple[int, UUID]]]]:
    """What the writers committed, and what each of three readers saw, who went from position to position meanwhile."""
    committed: set[UUID] = set()

    async def writer(number: int) -> None:
        connection = await database.connect(owner=True)
        for _ in range(_TIMES):
            id_ = uuid4()
            transaction = connection.transaction()
            await transaction.start()
            await write(connection, number, id_)
            await pause(0.003)
            if random.random() < 0.1:
                await transaction.rollback()
            else:
                await transaction.commit()
                committed.add(id_)
            await pause(0.002)
        await connection.close()

    async def reader() -> list[tuple[int, UUID]]:
        seen: list[tuple[int, UUID]] = []
        while True:
            ended = writing.done()
            page = await read(seen[-1][0] if seen else 0)
            seen += page
            if ended and not page:
                return seen

    writing = asyncio.gather(*(writer(number) for number in range(_WRITERS)))
    reading = [asyncio.create_task(reader()) for _ in range(3)]
    await writing
    return committed, [await task for task in reading]


async def test_nothing_is_missed_and_nothing_comes_out_of_order(database: Database, log: PostgresLog) -> None:
    async def write(connection: asyncpg.Connection, number: int, id_: UUID) -> None:
        outcome = await connection.fetchval(
            _APPEND, [f"s{number}"], [None], [1], [id_], ["Noted"], [1], ["{}"], [metadata(id_).to_json()],
            ["accreditation.Noted.v1"], ["it"], ["{}"],
        )  # fmt: skip
        assert outcome == "appended"

    async def by_position(after: int) -> Sequence[tuple[int, UUID]]:
        return [(event.position, event.event_id) for event in await log.read(after, 50)]

    committed, seen = await _race(database, write, by_position)

    assert len(committed) > _WRITERS * _TIMES // 2
    for one in seen:
        assert [position for position, _ in one] == list(range(1, len(committed) + 1))
        assert {id_ for _, id_ in one} == committed
    numbers = [event.number for event in await log.read_shared(0, 10_000)]
    assert numbers == list(range(1, len(committed) + 1))
    for number in range(_WRITERS):
        versions = [event.version for event in await log.stream(f"s{number}")]
        assert versions == list(range(1, len(versions) + 1))


async def test_a_plain_sequence_would_lose_events(database: Database) -> None:
    """Control: the same race, the same reader, a table numbered by a sequence."""
    connection = await database.connect(owner=True)
    await connection.execute(
        "CREATE SCHEMA naive; CREATE TABLE naive.events (position bigserial PRIMARY KEY, id uuid NOT NULL)"
    )
    await connection.execute(f'GRANT USAGE ON SCHEMA naive TO "{database.service}"')
    await connection.execute(f'GRANT SELECT ON naive.events TO "{database.service}"')
    await connection.close()

    async def write(connection: asyncpg.Connection, _number: int, id_: UUID) -> None:
        await connection.execute("INSERT INTO naive.events (id) VALUES ($1)", id_)

    async def by_position(after: int) -> Sequence[tuple[int, UUID]]:
        rows = await database.pool.fetch(
            "SELECT position, id FROM naive.events WHERE position > $1 ORDER BY position LIMIT 50", after
        )
        return [(row["position"], row["id"]) for row in rows]

    committed, seen = await _race(database, write, by_position)

    assert all(len(one) < len(committed) for one in seen), "the check would not notice a lost event"
