"""Whatever the stream loses, repeats or never brings, a consumer ends with every event applied, once and in order."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from nats.aio.client import Client
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse

from chassis.log.log import Log
from chassis.log.postgres import PostgresLog
from chassis.log.source import Page
from chassis.run.settings import Settings
from chassis.stream import consumer as consuming
from chassis.stream import relay as relaying
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer
from chassis.stream.feed import Feed, FeedUnreachableError
from chassis.stream.reader import Reader
from chassis.stream.relay import Relay, heartbeat
from chassis.stream.streams import remake_durable, stream_config
from contracts.envelope import Envelope
from tests.chassis.stream.ledger import Ledger, LogFeed
from tests.conftest import Broker, Database, Issuer, feed_app, served
from tests.controls import eventually, running, suspended, to

Join = Callable[[str], Awaitable[Bus]]
_HURRIED_S = 0.4
_CAUGHT_UP_S = 4.0
"""How long anything that the broker lost may take on a busy machine; most of it is patience with the heartbeat."""


class CountingFeed(LogFeed):
    """Knows how often it was asked, and can be out of reach."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.asked = 0
        self.reachable = True
        self.lacks: int | None = None
        """The number that it passes over."""

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        self.asked += 1
        if not self.reachable:
            raise FeedUnreachableError("accreditation: ConnectError")
        page = await super().read(after, limit)
        return replace(page, events=[event for event in page.events if event.number != self.lacks])


@dataclass
class House:
    """Accreditation, which publishes, and access, which consumes."""

    log: PostgresLog
    owner: Bus
    reader_bus: Bus
    relay: Relay
    feed: CountingFeed
    ledger: Ledger
    consumer: Consumer
    admin: Client

    @asynccontextmanager
    async def at_work(self, *, relaying: bool = True, beating: bool = True) -> AsyncIterator[None]:
        works = [self.consumer.run()]
        if relaying:
            works.append(self.relay.run())
        if beating:
            works.append(heartbeat(self.log, self.owner, "accreditation"))
        async with running(*works):
            yield

    async def add(self, count: int) -> None:
        for _ in range(count):
            await self.log.append(to("a", suspended()))

    async def converges(self, within_s: float = _CAUGHT_UP_S) -> None:
        await self.ledger.holds_all_of(self.log, within_s)

    async def reads_the_stream(self) -> None:
        """Waits until the durable is there and has nothing outstanding, and the owner is not asked any more."""
        await eventually(self._settled, 8, every_s=0.05, says="the durable is not at work")
        for _ in range(5):  # on a busy machine a late heartbeat may make it ask all the same
            asked = self.feed.asked
            await self.add(3)
            await self.converges()
            if self.feed.asked == asked:
                return
        raise AssertionError("it was always the feed that brought them")

    async def _settled(self) -> bool:
        with suppress(Exception):
            info = await self.admin.jetstream(timeout=1).consumer_info("ACCREDITATION", "access-from-accreditation")
            return bool(info.num_waiting) and not info.num_pending
        return False


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes each second comes more often. How long it all takes in earnest is measured on a running system."""
    monkeypatch.setattr(consuming, "_PATIENCE_S", _HURRIED_S)
    monkeypatch.setattr(consuming, "_PULL_S", _HURRIED_S)
    monkeypatch.setattr(relaying, "_BEAT_EVERY_S", _HURRIED_S)


@pytest.fixture
async def house(hurried: None, log: PostgresLog, other_database: Database, admin: Client, join: Join) -> House:
    owner, reader_bus = await join("accreditation"), await join("access")
    feed = CountingFeed(log)
    ledger = await Ledger.on(other_database.pool)
    consumer = Consumer("access", ledger.reader(), feed, reader_bus)
    return House(log, owner, reader_bus, Relay(log, owner, "accreditation"), feed, ledger, consumer, admin)


Befall = Callable[[House, Broker, Path], Awaitable[None]]


async def _nothing(house: House, broker: Broker, kept: Path) -> None:
    return


async def _with_an_empty_stream(house: House, broker: Broker, kept: Path) -> None:
    """What is published is then up to the test."""
    await house.admin.jetstream().add_stream(stream_config("accreditation"))
    await eventually(house._settled, 8)


async def _with_a_filled_stream(house: House, broker: Broker, kept: Path) -> None:
    await house.reads_the_stream()


async def _with_an_older_copy(house: House, broker: Broker, kept: Path) -> None:
    """Keeps a copy of the broker's store in ``kept``, and goes on."""
    await house.reads_the_stream()
    await broker.restart(damage=lambda store: shutil.copytree(store, kept))
    await house.add(10)
    await house.converges(_CAUGHT_UP_S + 2)


async def _with_an_older_copy_and_no_relay(house: House, broker: Broker, kept: Path) -> None:
    """A relay would fill the copy again, and the durable in it, which is behind, would bring everything by and by."""
    async with running(house.relay.run()):
        await _with_an_older_copy(house, broker, kept)


async def _third_of_five_is_missing(house: House, broker: Broker, kept: Path) -> None:
    await house.add(5)
    head = await house.log.head()
    for event in await house.log.read_shared(0, 5):
        envelope = event.envelope("accreditation", head.log_id)
        if envelope.number != 3:
            await house.owner.jetstream.publish(
                "accreditation.BadgeSuspended.v1", envelope.data, headers=envelope.headers()
            )


async def _last_is_never_published(house: House, broker: Broker, kept: Path) -> None:
    await house.add(1)


async def _durable_is_deleted(house: House, broker: Broker, kept: Path) -> None:
    await house.admin.jetstream().delete_consumer("ACCREDITATION", "access-from-accreditation")
    await house.add(5)


async def _broker_is_wiped(house: House, broker: Broker, kept: Path) -> None:
    await broker.restart(damage=shutil.rmtree)
    await house.add(5)


async def _broker_is_put_back(house: House, broker: Broker, kept: Path) -> None:
    def put_back(store: Path) -> None:
        shutil.rmtree(store)
        shutil.copytree(kept, store)
        for path in (store, *store.rglob("*")):
            broker._folder.hand_over(path)

    await broker.restart(damage=put_back)
    await house.add(5)


async def _broker_is_away(house: House, broker: Broker, kept: Path) -> None:
    await broker.kill()
    await house.add(3)


@dataclass(frozen=True)
class Damage:
    """Something that befalls the stream: afterwards the log holds events that it does not bring."""

    befall: Befall
    before: Befall = _with_a_filled_stream
    after: Befall = _nothing
    relaying: bool = True


async def test_what_was_there_before_comes_from_the_owner_and_the_rest_from_the_stream(house: House) -> None:
    await house.add(5)
    async with house.at_work():
        await house.converges()
        await house.reads_the_stream()
        assert house.consumer.lag == 0
        assert house.consumer.complaint is None


async def test_an_event_is_applied_as_soon_as_it_is_published(house: House) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        asked = house.feed.asked
        started = time.monotonic()
        await house.add(1)
        await house.converges()
        assert time.monotonic() - started < 0.5 or house.feed.asked > asked, "the stream was slow"


async def test_a_burst_is_applied_in_order(house: House) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        await asyncio.gather(*(house.log.append(to(f"s{i}", suspended())) for i in range(1_500)))
        await house.converges(8.0)


async def test_everything_delivered_again_has_no_second_effect(house: House) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        await house.add(10)
        await house.converges()
        await remake_durable(house.admin.jetstream(), "ACCREDITATION", "access-from-accreditation", after=0)
        await house.add(3)
        await house.converges()
        assert house.consumer.complaint is None


async def test_a_message_missing_in_the_middle_is_fetched_from_the_owner_at_once(
    house: House, broker: Broker, tmp_path: Path
) -> None:
    async with house.at_work(relaying=False):
        await _with_an_empty_stream(house, broker, tmp_path)
        started, counted = time.monotonic(), _holes()
        await _third_of_five_is_missing(house, broker, tmp_path)
        await house.converges()
        assert time.monotonic() - started < 1.0, "it was noticed by the heartbeat, not by the hole"
        assert _holes() > counted, "nobody sees that the stream wants to be made anew"


def _holes() -> float:
    return REGISTRY.get_sample_value("placet_consumer_holes_total", {"source": "accreditation"}) or 0


async def test_a_message_that_is_none_of_ours_is_a_hole(house: House, broker: Broker, tmp_path: Path) -> None:
    async with house.at_work(relaying=False):
        await _with_an_empty_stream(house, broker, tmp_path)
        await house.owner.jetstream.publish("accreditation.BadgeSuspended.v1", b"not an event")
        await house.add(1)
        await house.converges()


async def test_a_lost_last_message_is_missed_by_the_heartbeat(house: House, broker: Broker, tmp_path: Path) -> None:
    async with house.at_work():
        await house.reads_the_stream()
    async with house.at_work(relaying=False):
        await eventually(lambda: house.feed.asked)
        await _last_is_never_published(house, broker, tmp_path)
        await house.converges()


async def test_without_heartbeat_and_stream_the_owner_is_asked_each_second(house: House) -> None:
    async with house.at_work(relaying=False, beating=False):
        await eventually(lambda: house.feed.asked)
        for _ in range(2):
            await house.add(1)
            await house.converges()


async def test_a_durable_that_was_deleted_is_made_anew(house: House, broker: Broker, tmp_path: Path) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        await _durable_is_deleted(house, broker, tmp_path)
        await house.converges()
        await house.reads_the_stream()


async def test_a_durable_that_was_deleted_is_made_anew_before_anything_is_missed(house: House) -> None:
    """Whoever has no durable has nothing to wait for, and would ask without a pause."""
    async with house.at_work():
        await house.reads_the_stream()
        await house.admin.jetstream().delete_consumer("ACCREDITATION", "access-from-accreditation")
        await eventually(house._settled, 5, every_s=0.05)


async def test_a_wiped_broker_loses_nothing(house: House, broker: Broker, tmp_path: Path) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        await _broker_is_wiped(house, broker, tmp_path)
        await house.converges(_CAUGHT_UP_S + 2)
        await house.reads_the_stream()


async def test_an_older_copy_of_the_broker_loses_nothing(house: House, broker: Broker, tmp_path: Path) -> None:
    async with house.at_work():
        await _with_an_older_copy(house, broker, tmp_path / "older")
        await _broker_is_put_back(house, broker, tmp_path / "older")
        await house.converges(_CAUGHT_UP_S + 2)
        await house.reads_the_stream()


async def test_while_the_broker_is_away_events_still_arrive(house: House, broker: Broker, tmp_path: Path) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        await _broker_is_away(house, broker, tmp_path)
        await house.converges(3.0)  # a badge revoked now is refused within three seconds
        await house.add(3)
        await house.converges(2.0)
        await broker.restart()
        await house.reads_the_stream()


class Negligent(Consumer):
    """Knows when it should ask the owner, and does nothing more from then on until it is told to mind.

    Nor does it notice that its durable is gone.
    """

    def __init__(self, consumer: str, reader: Reader, feed: Feed, bus: Bus) -> None:
        super().__init__(consumer, reader, feed, bus)
        self.minds = asyncio.Event()
        self.minds.set()
        self.due = 0

    async def _catch_up(self) -> None:
        if not self.minds.is_set():
            self.due += 1
        await self.minds.wait()
        await super()._catch_up()

    def _mind(self, subscription: Any) -> None:
        return


async def _back(house: House, broker: Broker, kept: Path) -> None:
    await broker.restart()
    await house.reads_the_stream()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(Damage(_third_of_five_is_missing, _with_an_empty_stream, relaying=False), id="missing"),
        pytest.param(Damage(_last_is_never_published, _with_an_empty_stream, relaying=False), id="lost last"),
        pytest.param(Damage(_durable_is_deleted), id="durable deleted"),
        pytest.param(Damage(_broker_is_wiped), id="wiped"),
        pytest.param(Damage(_broker_is_put_back, _with_an_older_copy_and_no_relay, relaying=False), id="older copy"),
        pytest.param(Damage(_broker_is_away, after=_back), id="away"),
    ],
)
async def test_what_the_stream_does_not_bring_stays_missing_until_the_owner_is_asked(
    house: House, broker: Broker, tmp_path: Path, damage: Damage
) -> None:
    """Control: none of this damage heals by itself; without its repair a consumer stays behind for good."""
    house.consumer = negligent = Negligent("access", house.ledger.reader(), house.feed, house.reader_bus)
    kept = tmp_path / "older"
    async with house.at_work(relaying=damage.relaying):
        await damage.before(house, broker, kept)
        negligent.minds.clear()
        await damage.befall(house, broker, kept)
        try:
            await eventually(lambda: negligent.due, _CAUGHT_UP_S, says="it does not see that it is behind")
            with pytest.raises(AssertionError, match="not all events are applied"):
                await house.converges(2 * _HURRIED_S)

            negligent.minds.set()
            await house.converges(1.0)  # nothing else was in the way
        finally:
            await damage.after(house, broker, kept)


async def test_a_consumer_that_started_before_the_broker_lives_with_one_that_has_no_stream_yet(
    house: House, broker: Broker
) -> None:
    await broker.stop()
    bus = Bus("access", broker.url, broker.seed_file("access"))
    house.consumer = Consumer("access", house.ledger.reader(), house.feed, bus)
    async with running(bus.run()), house.at_work(relaying=False):
        await eventually(lambda: house.feed.asked)
        await broker.restart(damage=shutil.rmtree)
        await eventually(bus.connected.is_set, 10, says="the bus died")
        async with running(house.relay.run()):
            await house.reads_the_stream()


async def test_without_its_owners_feed_a_consumer_lives_on_the_stream(house: House) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        house.feed.reachable = False
        await house.add(5)
        await house.converges()


async def test_a_consumer_waits_for_an_owner_that_is_not_there_yet(house: House) -> None:
    house.feed.reachable = False
    await house.add(2)
    async with house.at_work():
        await eventually(lambda: house.feed.asked)
        house.feed.reachable = True
        await house.converges()


async def test_a_restored_log_stops_its_reader_until_it_is_told_how_to_go_on(
    house: House, database: Database, admin: Client
) -> None:
    async with house.at_work():
        await house.reads_the_stream()
        before = await house.ledger.numbers()
        given = await _becomes_another_log(house, database)

        await eventually(lambda: house.consumer.complaint, 8)
        await house.add(2)
        await eventually(lambda: house.consumer.lag == 2, says="it has not heard of them")
        await _stands_still(house, before)

        await admin.jetstream().delete_stream("ACCREDITATION")
        await house.ledger.begin_again(given)
        await eventually(lambda: house.consumer.complaint is None)
        await house.converges()
        await house.reads_the_stream()


async def _becomes_another_log(house: House, database: Database) -> UUID:
    """Its new identity, once the relay, which would still publish under the old one for a second, knows it too."""
    owner = await database.connect(owner=True)
    given: UUID = await owner.fetchval("SELECT log.begin_incarnation()")
    await owner.close()
    await eventually(lambda: house.relay.complaint == "stream_of_another_log")
    return given


async def _stands_still(house: House, before: list[int]) -> None:
    assert house.consumer.complaint == "source_is_another_log"
    assert await house.ledger.numbers() == before


class Credulous(Reader):
    """Takes any log for the one it has read so far."""

    async def begin(self, log_id: UUID) -> None:
        await super().begin(self._cursor.log_id if self._cursor else log_id)

    def _fresh(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        assert self._cursor is not None
        return super()._fresh([replace(envelope, log_id=self._cursor.log_id) for envelope in envelopes])


async def test_a_reader_that_takes_any_log_for_its_own_goes_on_and_says_nothing(
    house: House, database: Database
) -> None:
    """Control: it is the identity of the log that stops a reader, and what is asserted there would fail without."""
    house.consumer = Consumer("access", house.ledger.reader(Credulous), house.feed, house.reader_bus)
    async with house.at_work():
        await house.reads_the_stream()
        before = await house.ledger.numbers()
        await _becomes_another_log(house, database)

        await house.add(2)
        await house.converges()
        assert house.consumer.complaint is None
        assert len(await house.ledger.numbers()) == len(before) + 2
        with pytest.raises(AssertionError):
            await _stands_still(house, before)


async def test_a_log_behind_its_reader_stops_it(house: House, database: Database) -> None:
    """A log restored from an older copy, and nobody gave it a new identity."""
    async with house.at_work():
        await house.reads_the_stream()
        before = await house.ledger.numbers()
        owner = await database.connect(owner=True)
        await owner.execute("DELETE FROM log.events WHERE number > 1; UPDATE log.head SET position = 1, number = 1")
        await owner.close()

        await eventually(lambda: house.consumer.complaint == "source_is_behind_its_reader", 8)
        assert await house.ledger.numbers() == before


async def test_a_hole_in_the_owners_own_feed_is_said_to_be_one(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await house.add(3)
    house.feed.lacks = 2
    async with house.at_work(relaying=False):
        await eventually(lambda: "hole_in_feed" in caplog.messages)
        house.feed.lacks = None
        await house.converges()
    assert "cursor_moved_elsewhere" not in caplog.messages


async def test_whoever_takes_over_goes_on_where_the_other_stopped(house: House) -> None:
    async with house.at_work():
        await house.reads_the_stream()
    await house.add(5)
    successor = Consumer("access", house.ledger.reader(), house.feed, house.reader_bus)
    house.consumer = successor
    async with house.at_work():
        await house.converges()
        await house.reads_the_stream()


async def test_two_consumers_at_once_have_each_effect_once(house: House, join: Join) -> None:
    other = Consumer("access", house.ledger.reader(), house.feed, await join("access"))
    async with house.at_work(), running(other.run()):
        for _ in range(10):
            await asyncio.gather(*(house.log.append(to(f"s{i}", suspended())) for i in range(20)))
        await house.converges(10)


async def test_over_http_it_is_the_same(
    house: House, accreditation_feed: Feed, other_database: Database, join: Join
) -> None:
    await house.log.append(to("a", *(suspended(f"è {i} 🎫") for i in range(1_200))))
    consumer = Consumer("access", house.ledger.reader(), accreditation_feed, house.reader_bus)
    async with running(consumer.run()):
        await house.converges(8)
    assert (await house.ledger.reasons())[7] == "è 7 🎫"


async def test_an_answer_that_is_no_feed_puts_the_reading_off(
    house: House, settings: Settings, issuer: Issuer, log: PostgresLog
) -> None:
    """A proxy's page, a newer release's format: the owner is as good as away, and the service lives on."""
    settings.service_token_file.write_text(issuer.token("service"))
    nonsense = FastAPI()
    nonsense.add_api_route("/v1/log", lambda: PlainTextResponse("<h1>Welcome</h1>"))
    feed = Feed("accreditation", f"http://127.0.0.1:{settings.port}", settings.service_token_file)
    consumer = Consumer("access", house.ledger.reader(), feed, house.reader_bus)
    async with running(consumer.run()) as (work,):
        await house.add(1)
        async with served(nonsense, settings.port):
            with pytest.raises(FeedUnreachableError):
                await feed.read(0, 10)
        async with served(feed_app("accreditation", log, settings), settings.port):
            await house.converges()
        assert not work.done()
    await feed.close()
