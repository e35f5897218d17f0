"""Making a stream anew from its log."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.run.foreseen import ForeseenError
from chassis.stream.streams import durable_config
from contracts.subjects import stream_name
from contracts.topology import SERVICES
from contracts.words import ServiceName
from placet.broker import Broker, open_subjects

_STUCK_AFTER_S = 30.0


class RelayDoesNotMoveError(ForeseenError):
    """The stream was deleted and the service does not make it anew."""


async def republish(broker: Broker, service: ServiceName, head: int, progress: Callable[[int], None]) -> None:
    """Deletes the stream; the service's relay makes it anew, in order, from 1. Outside durables go on where they were.

    ``progress`` hears the last number that is in the stream. Raises RelayDoesNotMoveError.
    """
    client = await broker.connect()
    try:
        jetstream, stream = client.jetstream(timeout=5), stream_name(service)
        outsiders = await _outside_durables(jetstream, stream)
        with suppress(NotFoundError):
            await jetstream.delete_stream(stream)
        reached, moved_at = 0, time.monotonic()
        while reached < head or outsiders:
            with suppress(NotFoundError):
                last = (await jetstream.stream_info(stream)).state.last_seq
                moved_at = time.monotonic() if last > reached else moved_at
                reached = last
                for name, acknowledged in list(outsiders.items()):  # at once: nobody else would make them
                    config = durable_config(name, min(acknowledged, head), open_subjects(stream))
                    await jetstream.add_consumer(stream, config)
                    del outsiders[name]
            if time.monotonic() - moved_at > _STUCK_AFTER_S:
                raise RelayDoesNotMoveError(f"{service} does not publish. Is it running? Try: placet doctor")
            progress(reached)
            await asyncio.sleep(0.1)
    finally:
        await client.close()


async def _outside_durables(jetstream: JetStreamContext, stream: str) -> dict[str, int]:
    """Durables that are not a service's own, with the last number each acknowledged."""
    with suppress(NotFoundError):
        consumers = await jetstream.consumers_info(stream)
        return {
            info.name: info.ack_floor.stream_seq if info.ack_floor else 0
            for info in consumers
            if info.config.durable_name and info.name.partition("-from-")[0] not in SERVICES
        }
    return {}
