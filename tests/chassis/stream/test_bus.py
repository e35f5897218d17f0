"""A service's connection to NATS keeps itself up, whatever becomes of the server."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from chassis.stream.bus import Bus
from tests.conftest import Broker, free_port
from tests.controls import eventually, running

Join = Callable[[str], Awaitable[Bus]]


@pytest.fixture
async def away(broker: Broker) -> AsyncIterator[Broker]:
    """The broker, ended; it is there again when the test is over."""
    await broker.stop()
    yield broker
    await broker.restart()


async def test_a_service_may_start_before_the_broker(away: Broker) -> None:
    bus = Bus("accreditation", away.url, away.seed_file("accreditation"))
    async with running(bus.run()):
        await away.start(away.users())
        await eventually(bus.connected.is_set, 10)


async def test_it_comes_back_after_the_broker_was_killed(broker: Broker, join: Join) -> None:
    bus = await join("accreditation")
    await broker.kill()
    await eventually(lambda: not bus.connected.is_set())
    await broker.restart()

    await eventually(bus.connected.is_set)
    await bus.client.flush(timeout=2)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nats-py drops what was refused
async def test_it_comes_back_when_the_broker_did_not_know_it_for_a_while(broker: Broker, join: Join) -> None:
    """A broker restarted with yesterday's list of users, then with today's."""
    bus = await join("accreditation")
    refused = eventually(lambda: "authentication error" in (broker._folder.logs / "nats.log").read_text())
    await broker.stop()
    await broker.start([user for user in broker.users() if user.name == "admin"])
    await refused
    await broker.restart()

    await eventually(bus.connected.is_set, 10, says="it never came back")
    await bus.client.flush(timeout=2)
    gc.collect()  # the dropped connections, while we look away


async def test_nothing_is_connected_where_nobody_listens() -> None:
    bus = Bus("accreditation", f"nats://127.0.0.1:{free_port()}", None)
    async with running(bus.run()) as (task,):
        with pytest.raises(AssertionError):
            await eventually(bus.connected.is_set, 0.5)
        assert not task.done()
