"""NATS as its operator reaches it: making streams anew, and the durables of outside systems."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.stream.bus import inbox_prefix
from chassis.stream.streams import durable_config

OPERATOR = "admin"
"""The NATS user who may do everything with streams, and read none of them by subscribing."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where NATS listens, and the file with the operator's seed."""

    url: str
    operators_seed: Path

    async def connect(self) -> Client:
        """A connection as the operator."""
        return await nats.connect(
            self.url,
            nkeys_seed=str(self.operators_seed),
            inbox_prefix=inbox_prefix(OPERATOR).encode(),
            max_reconnect_attempts=2,
        )


async def make_missing_durables(jetstream: JetStreamContext, wanted: Mapping[str, Iterable[str]]) -> list[str]:
    """Makes the durables that are not there, from the first event on: ``wanted`` has streams by durable name.

    A broker that lost its folder has lost them, and who reads through them may not make them. The names of streams
    that are not there yet.
    """
    awaited = []
    for name, streams in wanted.items():
        for stream in streams:
            try:
                await jetstream.stream_info(stream)
            except NotFoundError:
                awaited.append(stream)
                continue
            try:
                await jetstream.consumer_info(stream, name)
            except NotFoundError:
                await jetstream.add_consumer(stream, durable_config(name, after=0))
    return awaited
