"""NATS as its operator reaches it: making streams anew, and the durables of outside systems."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.stream.inboxes import inbox_prefix
from chassis.stream.streams import durable_config
from contracts.subjects import stream_name
from contracts.topology import SERVICES

OPERATOR = "admin"
"""The NATS user who may do everything with streams, and read none of them by subscribing."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where NATS listens, and the file with the operator's seed."""

    url: str
    operators_seed: Path

    async def connect(self) -> Client:
        """A connection as the operator."""
        client = Client()
        try:
            await client.connect(
                self.url,
                nkeys_seed=str(self.operators_seed),
                inbox_prefix=inbox_prefix(OPERATOR).encode(),
                max_reconnect_attempts=2,
            )
        except BaseException:
            await client.close()  # one that was refused, or cancelled, leaves its connection open otherwise
            raise
        return client


def open_subjects(stream: str) -> tuple[str, ...]:
    """What a durable of an outside system brings of a stream: nothing that is discreet. Empty: all of it."""
    return next(service.open_subjects for service in SERVICES.values() if stream_name(service.name) == stream)


async def see_to_durables(jetstream: JetStreamContext, wanted: Mapping[str, Iterable[str]]) -> list[str]:
    """Makes the durables of outside systems that are not there, from the first event on; narrows those that bring
    what is discreet today. ``wanted`` has streams by durable name.

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
            subjects = open_subjects(stream)
            try:
                found = (await jetstream.consumer_info(stream, name)).config
            except NotFoundError:
                await jetstream.add_consumer(stream, durable_config(name, 0, subjects))
            else:
                if set(found.filter_subjects or ()) != set(subjects):  # of a release with other events
                    await jetstream.add_consumer(stream, replace(found, filter_subjects=list(subjects)))
    return awaited
