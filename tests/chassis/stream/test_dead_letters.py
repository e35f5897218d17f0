"""A poisoned event stops its entity, not the house: it waits with its followers until it is mended or given up."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest

from chassis.log.log import Log, Shared
from chassis.log.memory import MemoryLog
from chassis.log.obey import UnavailableError
from chassis.stream import deadletters
from chassis.stream.consumer import catch_up
from chassis.stream.reader import Reader
from tests.chassis.stream.ledger import READER, SOURCE, Ledger, LogFeed
from tests.conftest import Database
from tests.controls import BADGE, CANARY, OTHER_BADGE, new_event, suspended, to

SICK = f"badge-{BADGE}"
POISON = ValueError(f"cannot apply {CANARY}")


@pytest.fixture
async def ledger(database: Database) -> Ledger:
    return await Ledger.on(database.pool)


async def _add(log: Log, *reasons: str) -> None:
    """Events about the sick badge, and those about another in capitals."""
    for reason in reasons:
        await log.append(to("a", suspended(reason, OTHER_BADGE if reason.isupper() else BADGE)))


async def _read(ledger: Ledger, log: Log, reader: Reader | None = None) -> Reader:
    if reader is None:
        reader = ledger.reader()
        await reader.load()
    await catch_up(reader, LogFeed(log))
    return reader


async def test_it_is_parked_with_all_that_follow_about_the_same_and_others_flow(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "one", "A", "bad", "B", "two", "C")

    reader = await _read(ledger, log)
    await _add(log, "three", "D")
    await _read(ledger, log, reader)

    assert await ledger.reasons() == ["one", "A", "B", "C", "D"]
    assert reader.number == 8
    assert reader.parked == 1
    letters = await deadletters.listed(ledger.pool)
    assert [(letter.number, letter.about, letter.error) for letter in letters] == [
        (3, SICK, "ValueError"),
        (5, SICK, "behind_a_parked_event"),
        (7, SICK, "behind_a_parked_event"),
    ]
    assert {letter.type for letter in letters} == {"placet.accreditation.BadgeSuspended.v1"}
    assert ledger.told == [("parked", SICK)]


async def test_without_parking_the_followers_they_would_be_applied_before_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a reader that forgets which entities are sick."""
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad")
    reader = await _read(ledger, log)
    reader._parked = set()

    await _add(log, "two")
    await _read(ledger, log, reader)

    assert await ledger.reasons() == ["two"]


async def test_a_body_that_does_not_validate_is_poison(ledger: Ledger) -> None:
    log = MemoryLog()
    await _add(log, "one")
    await log.append(to("a", new_event(shared=Shared("accreditation.BadgeSuspended.v1", SICK, '{"badge_id": 1}'))))
    await _add(log, "two", "A")

    reader = await _read(ledger, log)

    assert await ledger.reasons() == ["one", "A"]
    (first, second) = await deadletters.listed(ledger.pool)
    assert (first.number, first.error, second.number) == (2, "ValidationError", 3)
    assert reader.parked == 1


async def test_what_the_database_refuses_is_poison_and_so_is_what_cannot_even_be_sent(ledger: Ledger) -> None:
    log = MemoryLog()
    await _add(log, "A")
    await log.append(to("a", suspended("nul \x00")))
    await log.append(to("a", suspended("B", OTHER_BADGE)))

    await _read(ledger, log)

    assert await ledger.reasons() == ["A", "B"]
    (letter,) = await deadletters.listed(ledger.pool)
    assert letter.error == "CharacterNotInRepertoireError"

    async def too_large(connection: object, _delivered: object) -> None:
        await ledger.pool.execute("SELECT $1::int", 2**40)

    reader = Reader("counts", SOURCE, ledger.pool, too_large)
    await reader.load()
    await catch_up(reader, LogFeed(log))
    assert {letter.error for letter in await deadletters.listed(ledger.pool) if letter.reader == "counts"} == {
        "DataError",
        "behind_a_parked_event",
    }


async def test_a_type_of_a_newer_release_is_nobodys_concern(ledger: Ledger) -> None:
    log = MemoryLog()
    await log.append(to("a", new_event(shared=Shared("accreditation.BadgeGilded.v1", SICK, "{}"))))
    await _add(log, "one")

    await _read(ledger, log)

    assert await ledger.reasons() == ["one"]
    assert await deadletters.listed(ledger.pool) == []


async def test_once_mended_its_events_are_applied_in_order(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad", "two", "A", "three")
    reader = await _read(ledger, log)

    ledger.failing.clear()
    assert await reader.retry(SICK) == 3

    assert await ledger.reasons() == ["A", "bad", "two", "three"]
    assert await deadletters.listed(ledger.pool) == []
    assert ledger.told == [("parked", SICK), ("released", SICK)]
    await _add(log, "four")
    await _read(ledger, log, reader)
    assert (await ledger.reasons())[-1] == "four"


async def test_retried_too_early_it_stays_as_it_was(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["worse"] = POISON
    await _add(log, "worse", "two")
    reader = await _read(ledger, log)

    with pytest.raises(ValueError, match="cannot apply"):
        await reader.retry(SICK)

    assert await ledger.reasons() == []
    assert len(await deadletters.listed(ledger.pool)) == 2
    assert reader.parked == 1


async def test_given_up_its_events_are_forgotten_and_later_ones_flow(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad", "two")
    reader = await _read(ledger, log)

    assert await reader.discard(SICK) == 2

    await _add(log, "three")
    await _read(ledger, log, reader)
    assert await ledger.reasons() == ["three"]
    assert reader.parked == 0
    assert ledger.told == [("parked", SICK), ("released", SICK)]


@pytest.mark.parametrize("deciding", [Reader.retry, Reader.discard], ids=lambda method: method.__name__)
async def test_nobody_is_released_whose_events_still_wait(
    ledger: Ledger, database: Database, deciding: Callable[[Reader, str], Awaitable[int]]
) -> None:
    """The commit fails: had the badge been released before it, it would open gates with its revocation parked."""
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad")
    reader = await _read(ledger, log)
    ledger.failing.clear()
    owner = await database.connect(owner=True)
    await owner.execute(_REFUSE_COMMITS)

    with pytest.raises(asyncpg.SerializationError):
        await deciding(reader, SICK)

    assert ledger.told == [("parked", SICK)]
    assert reader.parked == 1
    assert len(await deadletters.listed(ledger.pool)) == 1
    await owner.execute(_ALLOW_COMMITS)
    await owner.close()
    assert await deciding(reader, SICK) == 1
    assert ledger.told == [("parked", SICK), ("released", SICK)]


_REFUSE_COMMITS = """
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'serialization_failure'; END $$;
    CREATE CONSTRAINT TRIGGER refused AFTER DELETE ON readers.dead_letters
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse();
"""
_ALLOW_COMMITS = "DROP TRIGGER refused ON readers.dead_letters; DROP FUNCTION public.refuse"


@pytest.mark.parametrize("deciding", [Reader.retry, Reader.discard], ids=lambda method: method.__name__)
async def test_a_release_that_failed_can_be_asked_for_again(
    ledger: Ledger, deciding: Callable[[Reader, str], Awaitable[int]]
) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad")
    reader = await _read(ledger, log)
    ledger.failing.clear()

    ledger.deaf = True
    with pytest.raises(UnavailableError):
        await deciding(reader, SICK)
    ledger.deaf = False
    assert await deciding(reader, SICK) == 0

    assert ledger.told == [("parked", SICK), ("released", SICK)]
    assert reader.parked == 0


async def test_what_waits_is_what_came_with_the_trace_it_belongs_to(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad")
    (came,) = (await LogFeed(log).read(0, 10)).events
    traced = replace(came, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    reader = ledger.reader()
    await reader.begin(came.log_id)
    await reader.take([traced])

    async with ledger.pool.acquire() as connection:
        assert await deadletters.waiting(connection, READER, SOURCE, SICK) == [traced]


async def test_a_reader_remembers_who_is_sick(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad")
    await _read(ledger, log)
    await _add(log, "two", "A")

    another = await _read(ledger, log)

    assert await ledger.reasons() == ["A"]
    assert another.parked == 1


async def test_a_reader_begun_again_forgets_what_it_parked_of_the_log_before(ledger: Ledger) -> None:
    """Event 2 of the restored log is another than event 2 of the log before: that one must not stand in its place."""
    before, restored = MemoryLog(), MemoryLog()
    ledger.failing |= {"bad": POISON, "worse": POISON}
    await _add(before, "one", "bad", "two")
    await _add(restored, "one", "worse", "three")
    await _read(ledger, before)

    await ledger.begin_again((await restored.head()).log_id)
    reader = await _read(ledger, restored)
    ledger.failing.clear()
    assert await reader.retry(SICK) == 2

    assert await ledger.reasons() == ["one", "worse", "three"]


async def test_what_a_sick_entity_did_halfway_is_undone(ledger: Ledger) -> None:
    """The ledger writes its row before it fails: the row must not stay."""
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "one", "bad")

    await _read(ledger, log)

    assert await ledger.numbers() == [1]


async def test_the_error_is_kept_by_its_type_and_what_it_quotes_is_not(ledger: Ledger) -> None:
    log = MemoryLog()
    ledger.failing["bad"] = POISON
    await _add(log, "bad")
    await _read(ledger, log)

    row = await ledger.pool.fetchval(f"SELECT d::text FROM readers.dead_letters d WHERE reader = '{READER}'")

    assert "ValueError" in row
    assert CANARY not in row
    assert "example.org" not in row
