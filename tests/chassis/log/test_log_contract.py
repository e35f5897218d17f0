"""One contract for both logs: what PostgreSQL keeps and what its twin in memory keeps must look the same."""

import pytest

from chassis.log.log import Append, Appended, Conflict, Log, Repeated, Shared
from chassis.log.memory import MemoryLog
from chassis.log.postgres import PostgresLog
from tests.conftest import Database
from tests.controls import new_event, suspended, to


@pytest.fixture(params=["memory", "postgres"])
def log(request: pytest.FixtureRequest) -> Log:
    if request.param == "memory":
        return MemoryLog()
    database: Database = request.getfixturevalue("database")
    return PostgresLog(database.pool)


async def test_positions_are_dense_over_streams_and_numbers_over_shared_events(log: Log) -> None:
    await log.append(to("a", new_event("one"), suspended("two")))
    await log.append(to("b", new_event("three")))
    await log.append(to("a", suspended("four")))

    events = await log.read(0, 10)

    assert [event.position for event in events] == [1, 2, 3, 4]
    assert [(event.stream, event.version) for event in events] == [("a", 1), ("a", 2), ("b", 1), ("a", 3)]
    assert [event.number for event in events] == [None, 1, None, 2]


async def test_an_append_says_where_its_last_event_went(log: Log) -> None:
    assert await log.append(to("a", new_event(), new_event(), expected=0)) == Appended(position=2)
    assert await log.append(to("b", new_event(), expected=0)) == Appended(position=3)
    assert await log.append(to("a", new_event(), expected=2)) == Appended(position=4)


async def test_a_stream_of_another_version_than_expected_is_a_conflict(log: Log) -> None:
    await log.append(to("a", new_event(), new_event()))

    assert await log.append(to("a", new_event(), expected=1)) == Conflict()
    assert await log.append(to("a", new_event(), expected=5)) == Conflict()
    assert await log.append(to("nothing-yet", new_event(), expected=1)) == Conflict()
    assert (await log.head()).position == 2


async def test_whoever_expects_nothing_appends_to_whatever_is_there(log: Log) -> None:
    await log.append(to("a", new_event(), expected=None))

    assert await log.append(to("a", new_event(), expected=None)) == Appended(position=2)
    assert [event.version for event in await log.stream("a")] == [1, 2]


async def test_known_events_are_not_stored_again_whatever_is_expected(log: Log) -> None:
    first, second, third = new_event(), new_event(), new_event()
    await log.append(to("a", first, second))

    assert await log.append(to("a", first, second)) == Repeated(frozenset({first.id, second.id}))
    assert await log.append(to("a", first, second, expected=0)) == Repeated(frozenset({first.id, second.id}))
    assert await log.append(to("b", third, second)) == Repeated(frozenset({second.id}))
    assert (await log.head()).position == 2


async def test_what_is_refused_leaves_nothing_behind(log: Log) -> None:
    known = suspended()
    await log.append(to("a", known))

    await log.append(to("b", suspended(), new_event(), known))
    await log.append(to("a", suspended(), new_event(), expected=7))

    assert await log.stream("b") == []
    head = await log.head()
    assert (head.position, head.number) == (1, 1)
    assert await log.append(to("a", suspended())) == Appended(position=2)
    assert [event.version for event in await log.stream("a")] == [1, 2]
    assert [event.number for event in await log.read_shared(0, 10)] == [1, 2]


async def test_an_append_without_events_is_a_mistake(log: Log) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await log.append(Append("a", None, ()))


async def test_a_shared_body_is_kept_byte_for_byte(log: Log) -> None:
    body = '{ "b":1.50,\t"a" : "\\u00e9 é \\ud83c\\udfab 🎫", "b": 2 }'
    await log.append(to("a", new_event(shared=Shared("accreditation.Odd.v1", "odd-1", body))))

    (event,) = await log.read_shared(0, 10)

    assert event.shared == Shared("accreditation.Odd.v1", "odd-1", body)
    head = await log.head()
    assert event.envelope("accreditation", head.log_id).data == body.encode()


async def test_an_event_comes_back_as_it_was_given(log: Log) -> None:
    given = suspended("why")
    await log.append(to("a", given))

    (event,) = await log.stream("a")

    assert (event.event_id, event.type, event.schema_version) == (given.id, given.type, given.schema_version)
    assert (event.data, event.metadata_json, event.shared) == (given.data, given.metadata, given.shared)
    assert event.metadata.command_id == given.id
    assert event.recorded_at.tzinfo is not None
    envelope = event.envelope("accreditation", (await log.head()).log_id)
    assert envelope.type == "placet.accreditation.BadgeSuspended.v1"
    assert (envelope.id, envelope.number, envelope.source) == (given.id, 1, "/placet/accreditation")


async def test_pages_begin_after_where_one_stands_and_hold_no_more_than_asked(log: Log) -> None:
    for _ in range(3):
        await log.append(to("a", new_event(), suspended()))

    assert [event.position for event in await log.read(2, 3)] == [3, 4, 5]
    assert [event.number for event in await log.read_shared(1, 1)] == [2]
    assert [event.version for event in await log.stream("a", after=4)] == [5, 6]
    assert await log.read(6, 3) == []
    assert await log.read_shared(3, 3) == []
    assert await log.stream("nothing") == []


async def test_events_are_found_by_id_in_the_order_of_the_log(log: Log) -> None:
    first, second, unknown = new_event("1"), new_event("2"), new_event()
    await log.append(to("a", first))
    await log.append(to("b", second))

    found = await log.find([second.id, unknown.id, first.id, second.id])

    assert [event.event_id for event in found] == [first.id, second.id]
    assert await log.find([]) == []


async def test_the_head_counts_and_its_log_id_stays(log: Log) -> None:
    before = await log.head()
    await log.append(to("a", new_event(), suspended()))
    after = await log.head()

    assert (before.position, before.number) == (0, 0)
    assert (after.position, after.number) == (2, 1)
    assert before.log_id == after.log_id
