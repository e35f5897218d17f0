"""Work ends when it is told to, even where a library swallowed that it was told."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.log.memory import MemoryLog
from chassis.log.postgres import PostgresLog
from chassis.run.tasks import beside, still_wanted
from chassis.stream import consumer as consuming
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer
from chassis.stream.relay import Relay
from chassis.stream.streams import remake_durable, stream_config
from tests.chassis.stream.ledger import Ledger, LogFeed
from tests.conftest import Database
from tests.controls import eventually

Join = Callable[[str], Awaitable[Bus]]


class Swallower:
    """Waits where a library would, and swallows the cancellation that meets it there."""

    def __init__(self) -> None:
        self.waits = False
        self.swallowed = False

    async def __call__(self, *_args: object) -> Any:
        self.waits = True
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.swallowed:
                raise
            self.swallowed = True
        return 0


async def _ends(work: Awaitable[None], swallower: Swallower) -> None:
    task = asyncio.ensure_future(work)
    await eventually(lambda: swallower.waits)
    task.cancel()
    await eventually(task.done, 3)
    assert swallower.swallowed
    assert task.cancelled()


async def test_a_swallowed_cancellation_is_noticed_in_the_next_round() -> None:
    swallower = Swallower()

    async def work() -> None:
        while True:
            still_wanted()
            await swallower()

    await _ends(work(), swallower)


async def test_who_was_not_cancelled_goes_on() -> None:
    still_wanted()
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)
    task.uncancel()
    still_wanted()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="wait_for was mended in Python 3.12")
async def test_waiting_with_a_timeout_does_swallow_it() -> None:
    """Control: why a loop has to ask."""
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    swallowed: list[str] = []

    async def work() -> None:
        swallowed.append(await asyncio.wait_for(answer, 60))

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    answer.set_result("at that very moment")
    task.cancel()
    await task
    assert swallowed
    assert task.cancelling()


async def test_a_relay_ends(log: PostgresLog, join: Join, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay(log, await join("accreditation"), "accreditation")
    swallower = Swallower()
    monkeypatch.setattr(relay, "_stream_end", swallower)

    await _ends(relay.run(), swallower)


async def test_a_consumer_ends(
    other_database: Database, join: Join, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await Ledger.on(other_database.pool)
    swallower = Swallower()

    async def remake(jetstream: JetStreamContext, stream: str, name: str, after: int) -> None:
        await swallower()
        await remake_durable(jetstream, stream, name, after)

    monkeypatch.setattr(consuming, "remake_durable", remake)
    await admin.jetstream().add_stream(stream_config("accreditation"))
    consumer = Consumer("access", ledger.reader(), LogFeed(MemoryLog()), await join("access"))

    await _ends(consumer.run(), swallower)


async def test_what_is_done_beside_a_block_is_there_in_it() -> None:
    async with beside(asyncio.sleep(0, "done")) as work:
        assert await work == "done"


async def test_what_is_done_beside_a_block_ends_with_it() -> None:
    with pytest.raises(ValueError, match="of the block"):
        async with beside(asyncio.Event().wait()) as work:
            raise ValueError("of the block")

    assert work.cancelled()


async def test_what_failed_beside_a_block_that_failed_is_not_spoken_of() -> None:
    async def fails() -> None:
        raise OSError("of the work")

    async def fails_beside_it() -> None:
        async with beside(fails()):
            await asyncio.sleep(0)
            raise ValueError("of the block")

    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: heard.append(told))
    with pytest.raises(ValueError, match="of the block"):
        await fails_beside_it()
    gc.collect()

    assert heard == []
