"""From commit to PubAck, and how fast a backlog drains."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from contracts.subjects import stream_name
from tests.benchmarks import figures
from tests.benchmarks.measured import Measured

_STREAM = stream_name("access")
_PAGE = 500
_LOOK_S = 0.05
_GIVES_UP_AFTER_S = 120.0


async def pubacks(measured: Measured, after: int) -> Mapping[str, float]:
    """Of the events after number ``after``: from their timestamp in the log to that of their message in the stream.

    The first is taken in the append, just before its commit, the second by NATS just before it acknowledges.
    """
    client = await measured.system.broker.connect()
    try:
        stored = await _stored(client.jetstream(timeout=5), after, await measured.head())
    finally:
        await client.close()
    lags: list[float] = []
    async with measured.log() as log:
        while page := await log.read_shared(after, _PAGE):
            lags += [(stored[one.number or 0] - one.recorded_at).total_seconds() * 1_000 for one in page]
            after = page[-1].number or 0
    return figures.percentiles("puback_{}_ms", lags)


async def _stored(jetstream: JetStreamContext, after: int, head: int) -> Mapping[int, datetime]:
    """When NATS stored each message after number ``after``."""
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1, ack_policy=AckPolicy.NONE
    )
    consumer = await jetstream.add_consumer(_STREAM, config)
    subscription = await jetstream.pull_subscribe_bind(consumer.name, _STREAM)
    stored: dict[int, datetime] = {}
    while len(stored) < head - after:
        for message in await subscription.fetch(min(_PAGE, head - after - len(stored)), timeout=5):
            stored[message.metadata.sequence.stream] = message.metadata.timestamp
    await subscription.unsubscribe()
    return stored


async def drained(measured: Measured) -> float:
    """Messages a second while the relay fills a stream that was lost, between a tenth and all of it; others read on."""
    head = await measured.head()
    client = await measured.system.broker.connect()
    try:
        jetstream = client.jetstream(timeout=5)
        await jetstream.delete_stream(_STREAM)
        began: tuple[float, int] | None = None
        deadline = time.monotonic() + _GIVES_UP_AFTER_S
        while time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
            try:
                last = (await jetstream.stream_info(_STREAM)).state.last_seq
            except NotFoundError:
                continue
            if began is None and last >= head // 10:
                began = (time.monotonic(), last)
            if began is not None and last >= head:
                return round((last - began[1]) / (time.monotonic() - began[0]))
        raise TimeoutError("the relay does not fill the stream")
    finally:
        await client.close()
