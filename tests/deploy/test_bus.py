"""The generated NATS configuration is one, and its users can do what they must and nothing else."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import nkeys
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NoStreamResponseError

from chassis.run.embedded.process import start
from chassis.stream.inboxes import inbox_prefix
from chassis.stream.streams import remake_durable, stream_config
from contracts.subjects import durable_name, head_subject, stream_name
from contracts.topology import SERVICES
from tests.conftest import free_port
from tests.controls import eventually
from tests.deploy.conftest import DEPLOY

SERVER = Path(sys.executable).parent / "nats-server"


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Path:
    """Laid out as in the container."""
    shutil.copy(DEPLOY / "nats/nats.conf", tmp_path)
    shutil.copytree(made / "nats", tmp_path / "users")
    return tmp_path / "nats.conf"


def accepted(config: Path) -> bool:
    return subprocess.run([SERVER, "-c", config, "-t"], capture_output=True, check=False).returncode == 0


def test_the_server_accepts_it(config: Path) -> None:
    assert accepted(config)


@pytest.mark.parametrize(("there", "wrong"), [("U", "X"), ("authorization", "authorisation {"), ("]", "")])
def test_it_would_not_accept_anything(there: str, wrong: str, config: Path) -> None:
    """Control."""
    users = config.parent / "users/users.conf"
    users.write_text(users.read_text().replace(there, wrong))

    assert not accepted(config)


class Bus:
    """A server with the configuration, listening here instead of everywhere."""

    def __init__(self, made: Path, port: int) -> None:
        self._made = made
        self._port = port
        self.denied: list[str] = []

    async def connect(self, user: str, seed: str | None = None) -> Client:
        async def note(error: Exception) -> None:
            self.denied.append(str(error))

        client = Client()
        try:
            await client.connect(
                f"nats://127.0.0.1:{self._port}",
                nkeys_seed_str=seed or (self._made / f"nats-{user}.nk").read_text(),
                inbox_prefix=inbox_prefix(user).encode(),
                allow_reconnect=False,
                connect_timeout=2,
                error_cb=note,
            )
        except (NatsError, OSError):
            await client.close()  # a refused connection is not closed by itself
            raise
        return client


@pytest.fixture
async def bus(config: Path, made: Path, tmp_path: Path) -> AsyncIterator[Bus]:
    port, log = free_port(), tmp_path / "log"
    text = config.read_text()
    here = {"0.0.0.0:4222": f"127.0.0.1:{port}", "127.0.0.1:8222": f"127.0.0.1:{free_port()}", "/data": f"{tmp_path}"}
    for there, where in here.items():
        assert text.count(f'"{there}"') == 1
        text = text.replace(there, where)
    config.write_text(text)
    child = await start("nats", [SERVER, "-c", config], log=log)
    try:
        await eventually(lambda: "Server is ready" in log.read_text() or not child.running, says="NATS is not ready")
        assert child.running, child.failed()
        yield Bus(made, port)
    finally:
        await child.stop()


async def test_each_service_writes_its_stream_and_reads_those_it_consumes(bus: Bus) -> None:
    clients = {service: await bus.connect(service) for service in SERVICES}
    for service, client in clients.items():
        await client.jetstream().add_stream(stream_config(service))
        await client.publish(head_subject(service), b"1")
        for event in SERVICES[service].publishes:
            await client.jetstream().publish(f"{event.short_name()}.one", b"{}")
    for service, client in clients.items():
        for source in SERVICES[service].consumes:
            jetstream, durable = client.jetstream(), durable_name(service, source)
            await remake_durable(jetstream, stream_name(source), durable, after=0)
            pulled = await jetstream.pull_subscribe_bind(durable=durable, stream=stream_name(source))
            if SERVICES[source].publishes:
                (message,) = await pulled.fetch(1, timeout=2)
                await message.ack_sync()
    admin = await bus.connect("admin")
    streams = await admin.jetstream().streams_info()
    for client in (*clients.values(), admin):
        await client.close()

    assert {info.config.name: info.state.messages for info in streams} == {
        stream_name(service): len(contract.publishes) for service, contract in SERVICES.items()
    }
    assert bus.denied == []


async def test_nobody_writes_anothers_stream(bus: Bus) -> None:
    owner, other = await bus.connect("accreditation"), await bus.connect("access")
    await owner.jetstream().add_stream(stream_config("accreditation"))
    event = SERVICES["accreditation"].publishes[0].short_name()
    with suppress(TimeoutError, NoStreamResponseError):
        await other.jetstream(timeout=0.3).publish(f"{event}.one", b"{}")
    await eventually(lambda: bus.denied, says="nobody was denied anything")
    info = await owner.jetstream().stream_info("ACCREDITATION")
    for client in (owner, other):
        await client.close()

    assert info.state.messages == 0


async def test_strangers_are_turned_away(bus: Bus) -> None:
    seed = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER).decode()
    with pytest.raises(NatsError, match="Authorization Violation"):
        await bus.connect("access", seed)
