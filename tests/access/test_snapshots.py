"""A venue is restored from a snapshot and what came since; a snapshot that is not surely right is passed over."""

import types
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map
from pydantic import BaseModel

from chassis.log.chunks import Chunks
from chassis.log.log import Recorded
from chassis.log.postgres import PostgresLog
from services.access import committed, snapshots
from services.access.committed import Committed
from services.access.domain.venue import Venue
from services.access.gatekeeper import Gatekeeper
from services.access.snapshots import Snapshots
from tests.access.controls import EAST, MAIN, VENUE, scan
from tests.access.running import MIGRATIONS, HandClock
from tests.access.test_gatekeeper import crowd, done, open_the_doors, started
from tests.conftest import Database
from tests.controls import eventually, running

STREAM = f"venue-{VENUE}"

# --- every state there can be ---------------------------------------------------------------------------------------

_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    UUID: st.uuids(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    None: st.none(),
    type(None): st.none(),
}


@cache
def drawn(hint: Any) -> st.SearchStrategy[Any]:
    """Whatever a type hint allows. A hint that is not foreseen here is an error: nothing is left out in silence."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in {Union, types.UnionType}:
        return st.one_of(*map(drawn, inner))
    if origin is tuple:
        if inner[-1] is Ellipsis:
            return st.lists(drawn(inner[0]), max_size=2).map(tuple)
        return st.tuples(*map(drawn, inner))
    if origin is frozenset:
        return st.frozensets(drawn(inner[0]), max_size=2)
    if origin in {Map, dict, Mapping}:
        entries = st.dictionaries(drawn(inner[0]), drawn(inner[1]), max_size=2)
        return entries.map(Map) if origin is Map else entries
    if issubclass(hint, BaseModel):
        return st.builds(hint, **{name: drawn(field.annotation) for name, field in hint.model_fields.items()})
    if hasattr(hint, "_fields"):
        return st.builds(hint, **{name: drawn(field) for name, field in get_type_hints(hint).items()})
    raise TypeError(hint)


@settings(max_examples=30)
@given(st.data())
def test_every_venue_comes_back_as_it_was(data: st.DataObject) -> None:
    codec, venue = Chunks(Venue), data.draw(drawn(Venue))

    decoding = codec.decode()
    next(decoding)
    *chunks, last = codec.encode(venue)
    for chunk in chunks:
        decoding.send(chunk)
    with pytest.raises(StopIteration) as end:
        decoding.send(last)

    assert end.value.value == venue


# --- restored from one ----------------------------------------------------------------------------------------------


class CountingLog(PostgresLog):
    """Knows how many events of a stream were read."""

    read_events = 0

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Recorded]:
        page = await super().stream(stream, after, limit)
        self.read_events += len(page)
        return page


@pytest.fixture
async def store(database: Database) -> Database:
    await database.postgres.provide(database.service, [MIGRATIONS])
    return database


@asynccontextmanager
async def gatekeeper_of(store: Database) -> AsyncIterator[Gatekeeper]:
    """One that leads, on snapshots; its doors are open and a few people on the grounds."""
    gatekeeper = Gatekeeper(PostgresLog(store.pool), VENUE, HandClock(), Snapshots(store.pool, STREAM))
    async with running(gatekeeper.lead()):
        await started(gatekeeper)
        await open_the_doors(gatekeeper, *crowd(3))
        yield gatekeeper


async def restored(store: Database) -> tuple[Venue, int]:
    """What a process that starts knows, and how many events it had to read."""
    log = CountingLog(store.pool)
    found = Committed(log, VENUE, Snapshots(store.pool, STREAM))
    await found.catch_up()
    return found.venue, log.read_events


async def test_a_start_reads_only_what_came_after_the_newest_snapshot(store: Database) -> None:
    async with gatekeeper_of(store) as gatekeeper:
        taker = Snapshots(store.pool, STREAM)
        await taker.take(gatekeeper.venue)
        await done(gatekeeper, scan(crowd(1)[0], EAST))
        await taker.take(gatekeeper.venue)
        await done(gatekeeper, scan(crowd(1)[0], MAIN))

        assert await restored(store) == (gatekeeper.venue, 1)


async def test_without_one_the_stream_is_folded_from_its_beginning(store: Database) -> None:
    """Control."""
    async with gatekeeper_of(store) as gatekeeper:
        assert await restored(store) == (gatekeeper.venue, gatekeeper.venue.version)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("UPDATE snapshots.taken SET code = 'other'", "of_another_release"),
        ("UPDATE snapshots.taken SET log_id = gen_random_uuid()", "of_another_log"),
        ("UPDATE snapshots.taken SET event_id = gen_random_uuid()", "not_in_this_log"),
        ("UPDATE snapshots.taken SET version = version + 1", "not_in_this_log"),
        ("UPDATE snapshots.parts SET content = substr(content, 2)", "broken"),
        ("UPDATE snapshots.parts SET content = substr(content, 1, 40)", "broken"),
        ("DELETE FROM snapshots.parts", "broken"),
    ],
)
async def test_one_that_is_not_surely_right_is_passed_over_and_said(
    store: Database, damage: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with gatekeeper_of(store) as gatekeeper:
        await Snapshots(store.pool, STREAM).take(gatekeeper.venue)
        await done(gatekeeper, scan(crowd(1)[0], EAST))
        owner = await store.connect(owner=True)
        await owner.execute(damage)
        await owner.close()

        venue, read = await restored(store)

        assert (venue, read) == (gatekeeper.venue, venue.version)
        said = [record.placet["reason"] for record in caplog.records if record.message == "snapshot_passed_over"]  # type: ignore[attr-defined]
        assert said == [reason]


async def test_behind_a_broken_one_the_one_before_it_is_taken(store: Database) -> None:
    async with gatekeeper_of(store) as gatekeeper:
        taker = Snapshots(store.pool, STREAM)
        await taker.take(gatekeeper.venue)
        for person in crowd(2):
            await done(gatekeeper, scan(person, EAST))
        await taker.take(gatekeeper.venue)
        await store.pool.execute(
            "DELETE FROM snapshots.parts WHERE snapshot_id = (SELECT max(snapshot_id) FROM snapshots.taken)"
        )

        assert await restored(store) == (gatekeeper.venue, 2)


async def test_the_venue_of_any_moment_is_told_from_the_nearest(store: Database) -> None:
    async with gatekeeper_of(store) as gatekeeper:
        taker, known = Snapshots(store.pool, STREAM), {}
        for person in crowd(4):
            await taker.take(gatekeeper.venue)
            await done(gatekeeper, scan(person, EAST))
            known[gatekeeper.venue.version] = gatekeeper.venue
        log = CountingLog(store.pool)
        asked = Committed(log, VENUE, Snapshots(store.pool, STREAM))

        for version, venue in known.items():
            assert await asked.at(version) == venue
        first, *_, last = known
        log.read_events = 0
        await asked.at(last)
        assert log.read_events == 1
        assert await asked.at(first - 1) == await Committed(PostgresLog(store.pool), VENUE).at(first - 1)


async def test_a_few_are_kept(store: Database) -> None:
    async with gatekeeper_of(store) as gatekeeper:
        other, taker = Snapshots(store.pool, "venue-other"), Snapshots(store.pool, STREAM)
        for _ in range(5):
            await taker.take(gatekeeper.venue)

        kept = await store.pool.fetch("SELECT snapshot_id FROM snapshots.taken ORDER BY snapshot_id")
        parts = await store.pool.fetch("SELECT DISTINCT snapshot_id FROM snapshots.parts ORDER BY snapshot_id")
        assert len(kept) == 3
        assert kept == parts
        assert await other.nearest((await PostgresLog(store.pool).head()).log_id, 1_000) is None


async def test_large_ones_are_stored_in_parts(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_PART", 1)
    async with gatekeeper_of(store) as gatekeeper:
        await Snapshots(store.pool, STREAM).take(gatekeeper.venue)

        assert await store.pool.fetchval("SELECT count(*) FROM snapshots.parts") > 10
        assert await restored(store) == (gatekeeper.venue, 0)


# --- when they are taken --------------------------------------------------------------------------------------------


async def taken(store: Database) -> list[int]:
    return [row["version"] for row in await store.pool.fetch("SELECT version FROM snapshots.taken ORDER BY 1")]


async def test_whoever_leads_takes_one_when_enough_happened(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committed, "_LOOK_S", 0.02)
    monkeypatch.setattr(committed, "_EVERY", 5)
    async with gatekeeper_of(store) as gatekeeper, running(gatekeeper.committed.keep(lambda: gatekeeper.leads)):
        (first,) = await eventually(lambda: taken(store))
        for person in crowd(5):
            await done(gatekeeper, scan(person, EAST))

        async def a_second() -> bool:
            return (await taken(store))[-1] > first

        await eventually(a_second)
        assert len(await taken(store)) == 2


async def test_whoever_stands_by_takes_none_until_it_ends_in_order(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committed, "_LOOK_S", 0.02)
    monkeypatch.setattr(committed, "_EVERY", 5)
    monkeypatch.setattr(committed, "_WORTH_ONE", 5)
    looked = 0

    def leads() -> bool:
        nonlocal looked
        looked += 1
        return False

    async with gatekeeper_of(store) as gatekeeper:
        async with running(gatekeeper.committed.keep(leads)):
            await eventually(lambda: looked > 3)
            assert await taken(store) == []

        assert await taken(store) == [gatekeeper.venue.version]


async def test_one_that_would_save_nothing_is_not_taken_at_the_end(store: Database) -> None:
    async with gatekeeper_of(store) as gatekeeper:
        async with running(gatekeeper.committed.keep(lambda: True)):
            pass

        assert await taken(store) == []


async def test_scans_are_decided_while_one_is_taken(store: Database) -> None:
    """It is of the moment at which it began."""
    async with gatekeeper_of(store) as gatekeeper:
        before, taker = gatekeeper.venue, Snapshots(store.pool, STREAM)
        async with running(taker.take(before)) as (taking,):
            await done(gatekeeper, scan(crowd(1)[0], EAST))
            await taking

        log_id = (await PostgresLog(store.pool).head()).log_id
        assert await taker.nearest(log_id, before.version) == before
        assert gatekeeper.venue.version == before.version + 1
