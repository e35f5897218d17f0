"""Appends that wait at the same time go in one commit, and each is accepted or refused as if it were alone."""

import asyncio
from collections.abc import Awaitable

import asyncpg
import pytest
from prometheus_client import REGISTRY

from chassis.log.log import Appended, AppendResult, AppendUnknownError, Conflict, Repeated
from chassis.log.postgres import PostgresLog
from tests.conftest import Database
from tests.controls import eventually, new_event, suspended, to


async def _together(*appends: Awaitable[AppendResult]) -> list[AppendResult]:
    return list(await asyncio.gather(*appends))


async def test_appends_that_wait_together_share_a_commit(log: PostgresLog) -> None:
    results = await asyncio.gather(*(log.append(to(f"s{i}", new_event(), expected=0)) for i in range(60)))

    assert all(isinstance(result, Appended) for result in results)
    assert sorted(result.position for result in results if isinstance(result, Appended)) == list(range(1, 61))
    assert log.commits <= 2


async def test_one_after_the_other_they_share_none(log: PostgresLog) -> None:
    for i in range(5):
        await log.append(to(f"s{i}", new_event()))

    assert log.commits == 5


async def test_each_of_a_group_has_its_own_outcome(log: PostgresLog) -> None:
    known = new_event()
    await log.append(to("known", known))

    results: list[AppendResult] = await _together(
        log.append(to("a", suspended(), new_event(), expected=0)),
        log.append(to("b", new_event(), expected=3)),
        log.append(to("c", new_event(), known)),
        log.append(to("d", suspended(), expected=0)),
    )

    assert results == [
        Appended(position=3),
        Conflict(),
        Repeated(frozenset({known.id})),
        Appended(position=4),
    ]
    assert log.commits == 2
    assert [event.number for event in await log.read_shared(0, 10)] == [1, 2]


@pytest.mark.parametrize(
    "text", ["not json", '{"half": ', '{"surrogate": "\ud800"}', '{"nul": "\x00"}'], ids=["text", "half", "utf8", "nul"]
)
async def test_one_that_cannot_be_stored_does_not_harm_the_others(log: PostgresLog, text: str) -> None:
    outcomes = list(
        await asyncio.gather(
            log.append(to("a", new_event())),
            log.append(to("bad", new_event(data=text))),
            log.append(to("b", suspended())),
            return_exceptions=True,
        )
    )

    assert [isinstance(outcome, Appended) for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1], Exception)
    assert not isinstance(outcomes[1], AppendUnknownError), "asking again would not help"
    assert [event.stream for event in await log.read(0, 10)] == ["a", "b"]


async def test_a_naive_group_would_fail_as_one(database: Database) -> None:
    """Control: without asking again one by one, a bad append takes the good ones with it."""
    log = PostgresLog(database.pool)
    with pytest.raises(asyncpg.DataError):
        await log._call([to("a", new_event()), to("bad", new_event(data="not json"))])

    assert await log.read(0, 10) == []


async def test_a_stream_that_waits_twice_is_appended_to_twice(log: PostgresLog) -> None:
    results = await asyncio.gather(*(log.append(to("a", new_event(str(i)))) for i in range(5)))

    assert results == [Appended(position=i) for i in range(1, 6)]
    stored = await log.stream("a")
    assert [(event.version, event.data) for event in stored] == [(i + 1, f'{{"text": "{i}"}}') for i in range(5)]


async def test_of_two_that_expect_the_same_version_one_is_too_late(log: PostgresLog) -> None:
    results = await asyncio.gather(*(log.append(to("a", new_event(), expected=0)) for _ in range(2)))

    assert results == [Appended(position=1), Conflict()]


async def test_an_event_that_waits_twice_is_stored_once(log: PostgresLog) -> None:
    event = new_event()

    results = await _together(log.append(to("a", event)), log.append(to("b", event)))

    assert results == [Appended(position=1), Repeated(frozenset({event.id}))]


async def test_more_than_a_group_holds_goes_in_several(log: PostgresLog) -> None:
    results = await asyncio.gather(
        log.append(to("wide", *(new_event() for _ in range(1_500)))),
        *(log.append(to(f"s{i}", *(new_event() for _ in range(20)))) for i in range(100)),
    )

    assert all(isinstance(result, Appended) for result in results)
    assert (await log.head()).position == 3_500
    assert [event.position for event in await log.read(0, 4_000)] == list(range(1, 3_501))


async def test_who_stops_waiting_harms_nobody(log: PostgresLog) -> None:
    impatient = asyncio.create_task(log.append(to("a", new_event())))
    patient = asyncio.create_task(log.append(to("b", new_event())))
    await asyncio.sleep(0)
    impatient.cancel()

    assert isinstance(await patient, Appended)
    assert isinstance(await log.append(to("c", new_event())), Appended)


async def test_whoever_follows_the_log_is_woken_by_an_append(log: PostgresLog) -> None:
    commits = log.commits
    waiting = asyncio.create_task(log.more(commits, patience_s=60))
    await log.append(to("a", new_event()))

    await eventually(waiting.done)
    await log.more(commits, patience_s=60)  # it has been: nothing to wait for


async def test_appends_that_a_full_disk_refuses_are_counted(log: PostgresLog, database: Database) -> None:
    owner = await database.connect(owner=True)
    await owner.execute(_FULL_DISK)
    before = _refused_for_want_of_room()
    try:
        outcomes = await asyncio.gather(
            *(log.append(to(f"s{i}", new_event())) for i in range(3)), return_exceptions=True
        )
    finally:
        await owner.execute("DROP TRIGGER full_disk ON log.events; DROP FUNCTION log.full_disk")
        await owner.close()

    assert [type(outcome) for outcome in outcomes] == [AppendUnknownError] * 3
    assert _refused_for_want_of_room() == before + 3
    assert isinstance(await log.append(to("s0", new_event())), Appended), "there is room again"


_FULL_DISK = """
    CREATE FUNCTION log.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING ERRCODE = '53100';
    END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON log.events EXECUTE FUNCTION log.full_disk()
"""


def _refused_for_want_of_room() -> float:
    return REGISTRY.get_sample_value("placet_log_failed_appends_total", {"cause": "storage_full"}) or 0
