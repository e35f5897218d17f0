"""The JetStream stream that mirrors a service's log, and the durables on it. Made by us, never by a subscriber."""

from collections.abc import Sequence
from contextlib import suppress

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from contracts.subjects import stream_name, stream_subjects

_ACK_WAIT_S = 10


def stream_config(service: str) -> StreamConfig:
    """A stream nobody can thin out: its messages are a service's shared events, one for one."""
    return StreamConfig(
        name=stream_name(service),
        description=f"Shared events of {service}; message n is event n of its log.",
        subjects=list(stream_subjects(service)),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        deny_delete=True,
        deny_purge=True,
        allow_direct=False,  # a mirror could answer a direct get, and answer it stale
        duplicate_window=120,
    )


def durable_config(name: str, after: int, subjects: Sequence[str] = ()) -> ConsumerConfig:
    """A durable pull consumer that starts behind number ``after`` and repeats what is not acknowledged.

    ``subjects``: what it brings; all of the stream if there are none.
    """
    return ConsumerConfig(
        durable_name=name,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.ALL,
        ack_wait=_ACK_WAIT_S,
        max_deliver=-1,
        max_ack_pending=5_000,
        filter_subjects=list(subjects) or None,
    )


async def remake_durable(
    jetstream: JetStreamContext, stream: str, name: str, after: int, subjects: Sequence[str] = ()
) -> None:
    """Replaces a durable whatever state it was in. Raises NotFoundError where there is no such stream."""
    with suppress(NotFoundError):
        await jetstream.delete_consumer(stream, name)
    await jetstream.add_consumer(stream, durable_config(name, after, subjects))
