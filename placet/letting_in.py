"""Letting an outside system in: a NATS user of its own, and the durables that we make for it."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import nats
import nats.errors
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.run.foreseen import ForeseenError
from chassis.stream.inboxes import controller_inbox_prefix, inbox_prefix
from chassis.stream.streams import remake_durable
from contracts.subjects import scan_subject
from contracts.topology import SERVICES
from placet.broker import OPERATOR, open_subjects
from placet.installation import Installation
from placet.installation import NotFoundError as NoInstallationError
from placet.system import EmbeddedSystem

_LET_IN_WITHIN_S = 5.0


class UnfitNameError(ForeseenError):
    """No outside system can be called so; as the same user as one of the house it would get what is theirs."""


async def create_subscriber(system: EmbeddedSystem, name: str, streams: list[str]) -> dict[str, Any]:
    """What the outside system needs to know; the same name again renews it.

    Raises UnfitNameError, and NotFoundError when the run is not up or a stream does not exist.
    """
    if name == OPERATOR or name.partition("-from-")[0] in SERVICES or not _is_token(name):
        raise UnfitNameError(f"{name} cannot be a subscriber's name: take another, 1 to 40 of a-z, 0-9 and -.")
    client = await _operator(system)
    try:
        jetstream = client.jetstream(timeout=5)
        for stream in streams:
            try:
                await jetstream.stream_info(stream)
            except NotFoundError:
                raise NoInstallationError(f"There is no stream {stream}.") from None
        seed_file = system.nats.seed_file(name)
        system.subscribers.add(name, system.nats.public_key(name), streams)
        await _let_in(system, name, seed_file)
        for stream in streams:
            await remake_durable(jetstream, stream, name, 0, open_subjects(stream))
    finally:
        await client.close()
    return {
        "url": system.nats.url,
        "seed_file": str(seed_file),
        "inbox_prefix": inbox_prefix(name),
        "durable": name,
        "streams": streams,
    }


async def create_controller(installation: Installation, name: str, gates: Sequence[str]) -> dict[str, Any]:
    """What an edge controller needs to know to send the scans of its gates; the same name again renews it.

    Raises UnfitNameError, and NotFoundError when the run is not up or a gate does not exist.
    """
    if not _is_token(name):
        raise UnfitNameError(f"{name} cannot be a controller's name: take another, 1 to 40 of a-z, 0-9 and -.")
    known = {gate["gate_id"] for gate in installation.get("access", "/v1/gates", "admin")}
    for gate in gates:
        if gate not in known:
            raise NoInstallationError(f"There is no gate {gate}.")
    system = installation.system()
    await (await _operator(system)).close()
    user = f"controller.{name}"  # with a dot in it, nobody else is called so
    seed_file = system.nats.seed_file(user)
    system.controllers.add(name, system.nats.public_key(user), gates)
    await _let_in(system, name, seed_file)
    return {
        "url": system.nats.url,
        "seed_file": str(seed_file),
        "inbox_prefix": controller_inbox_prefix(name),
        "gates": list(gates),
        "subjects": [scan_subject(gate) for gate in gates],
    }


def _is_token(name: str) -> bool:
    return re.fullmatch(r"[a-z0-9-]{1,40}", name) is not None


async def _operator(system: EmbeddedSystem) -> Client:
    try:
        return await system.broker.connect()
    except (nats.errors.Error, OSError):
        raise NoInstallationError("NATS is not running. Start it with: placet up") from None


async def _let_in(system: EmbeddedSystem, name: str, seed_file: Path) -> None:
    """NATS does not say what it thinks of its new configuration; that it knows the new user does."""
    system.nats.configure(system.nats_users())
    system.nats.reload()
    with suppress(TimeoutError):
        async with asyncio.timeout(_LET_IN_WITHIN_S):
            while True:
                client = Client()
                try:
                    with suppress(nats.errors.Error, OSError):
                        await client.connect(
                            system.nats.url,
                            nkeys_seed=str(seed_file),
                            allow_reconnect=False,
                            error_cb=_not_yet,
                            connect_timeout=1,
                        )
                        return
                finally:
                    await client.close()  # one that was refused leaves its connection open otherwise
                await asyncio.sleep(0.05)
    raise NoInstallationError(f"NATS does not let {name} in. It says why in {system.folder.logs / 'nats.log'}")


async def _not_yet(_error: Exception) -> None:
    """Refusals until the configuration is read are expected."""
