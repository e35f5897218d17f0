"""Letting an outside system in: its own NATS user, and durables that we make for it."""

import asyncio
import re
from contextlib import suppress
from typing import Any

import nats
import nats.errors
from nats.js.errors import NotFoundError

from chassis.stream.bus import inbox_prefix
from chassis.stream.streams import remake_durable
from contracts.topology import SERVICES
from placet.broker import OPERATOR
from placet.installation import NotFoundError as NoInstallationError
from placet.system import EmbeddedSystem

_LET_IN_WITHIN_S = 5.0


class NameTakenError(Exception):
    """Somebody of the house is called so: as the same user the subscriber would get what is theirs."""


async def create(system: EmbeddedSystem, name: str, streams: list[str]) -> dict[str, Any]:
    """What the outside system needs to know; the same name again renews it.

    Raises NameTakenError, and NotFoundError when the run is not up or a stream does not exist.
    """
    if name == OPERATOR or name.partition("-from-")[0] in SERVICES or not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise NameTakenError(f"{name} cannot be a subscriber's name: take another, 1 to 40 of a-z, 0-9 and -.")
    try:
        client = await system.broker.connect()
    except (nats.errors.Error, OSError):
        raise NoInstallationError("NATS is not running. Start it with: placet up") from None
    try:
        jetstream = client.jetstream(timeout=5)
        for stream in streams:
            try:
                await jetstream.stream_info(stream)
            except NotFoundError:
                raise NoInstallationError(f"There is no stream {stream}.") from None
        seed_file = system.nats.seed_file(name)
        system.subscribers.add(name, system.nats.public_key(name), streams)
        system.nats.configure(system.nats_users())
        system.nats.reload()
        await _until_let_in(system, name)
        for stream in streams:
            await remake_durable(jetstream, stream, name, after=0)
    finally:
        await client.close()
    return {
        "url": system.nats.url,
        "seed_file": str(seed_file),
        "inbox_prefix": inbox_prefix(name),
        "durable": name,
        "streams": streams,
    }


async def _until_let_in(system: EmbeddedSystem, name: str) -> None:
    """NATS does not say what it thinks of its new configuration; that it knows the subscriber does."""
    seed = str(system.nats.seed_file(name))
    with suppress(TimeoutError):
        async with asyncio.timeout(_LET_IN_WITHIN_S):
            while True:
                with suppress(nats.errors.Error, OSError):
                    client = await nats.connect(
                        system.nats.url, nkeys_seed=seed, allow_reconnect=False, error_cb=_not_yet, connect_timeout=1
                    )
                    return await client.close()
                await asyncio.sleep(0.05)
    raise NoInstallationError(f"NATS does not let {name} in. It says why in {system.folder.logs / 'nats.log'}")


async def _not_yet(_error: Exception) -> None:
    """Refusals until the configuration is read are expected."""
