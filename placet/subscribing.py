"""Letting an outside system in: its own NATS user, and durables that we make for it."""

from contextlib import suppress
from typing import Any

import nats
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.stream.bus import inbox_prefix
from chassis.stream.streams import durable_config
from placet.installation import NotFoundError as NoInstallationError
from placet.system import EmbeddedSystem


async def create(system: EmbeddedSystem, name: str, streams: list[str]) -> dict[str, Any]:
    """What the outside system needs to know. Raises NotFoundError when the run is not up or a stream does not exist."""
    seed_file = system.nats.seed_file(name)
    system.subscribers.add(name, system.nats.public_key(name), streams)
    system.nats.configure(system.nats_users())
    try:
        system.nats.reload()
    except (FileNotFoundError, ProcessLookupError):
        raise NoInstallationError("NATS is not running. Start it with: placet up") from None
    client = await connect_as_admin(system)
    try:
        jetstream = client.jetstream(timeout=5)
        for stream in streams:
            with suppress(NotFoundError):
                await jetstream.delete_consumer(stream, name)
            try:
                await jetstream.add_consumer(stream, durable_config(name, after=0))
            except NotFoundError:
                raise NoInstallationError(f"There is no stream {stream}.") from None
    finally:
        await client.close()
    return {
        "url": system.nats.url,
        "seed_file": str(seed_file),
        "inbox_prefix": inbox_prefix(name),
        "durable": name,
        "streams": streams,
    }


async def connect_as_admin(system: EmbeddedSystem) -> Client:
    """A connection as the operator."""
    return await nats.connect(
        system.nats.url,
        nkeys_seed=str(system.nats.seed_file("admin")),
        inbox_prefix=inbox_prefix("admin").encode(),
        max_reconnect_attempts=2,
    )
