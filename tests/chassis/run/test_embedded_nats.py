"""NATS of an embedded run: it says when it cannot start, takes over what was left, and lets nobody in unknown."""

import gc
import shutil
import socket
from collections.abc import AsyncIterator

import nats
import nats.errors
import nkeys
import pytest
from nats.aio.client import Client

from chassis.run.embedded.folder import DataFolder, FolderError, temporary_folder
from chassis.run.embedded.nats import EmbeddedNats
from chassis.stream.permissions import User, subscriber_user
from tests.conftest import Broker, free_port
from tests.controls import eventually

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
async def server() -> AsyncIterator[EmbeddedNats]:
    """A broker with a folder of its own, not started."""
    folder = DataFolder(temporary_folder("tests"))
    server = EmbeddedNats(folder, free_port())
    yield server
    await server.stop()
    shutil.rmtree(folder.root)


def _everything(server: EmbeddedNats, name: str = "all") -> User:
    return User(name, server.public_key(name), (">",), (">",))


async def _connect(server: EmbeddedNats, seed: str | None) -> Client:
    try:
        return await nats.connect(server.url, nkeys_seed_str=seed, allow_reconnect=False, connect_timeout=2)
    except (nats.errors.Error, OSError):
        gc.collect()  # nats-py drops a refused connection without closing it; better now than later
        raise


async def test_a_port_that_is_taken_is_said(server: EmbeddedNats) -> None:
    with (
        socket.create_server(("127.0.0.1", server.port)),
        pytest.raises(FolderError, match=f"{server.port}.*--port-base"),
    ):
        await server.start([])


async def test_another_broker_on_the_port_is_not_taken_for_ours(server: EmbeddedNats, broker: Broker) -> None:
    stranger = EmbeddedNats(server._folder, broker.port)

    with pytest.raises(FolderError, match=str(broker.port)):
        await stranger.start([])
    assert broker.child is not None
    assert broker.child.running


async def test_an_orphan_is_ended_and_its_streams_taken_over(server: EmbeddedNats) -> None:
    await server.start([_everything(server)])
    client = await _connect(server, server.seed_file("all").read_text())
    await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
    await client.jetstream().publish("kept", b"1")
    await client.close()
    successor = EmbeddedNats(server._folder, server.port)

    await successor.start([_everything(server)])

    assert server.child is not None
    orphan = server.child
    await eventually(lambda: not orphan.running)
    client = await _connect(server, server.seed_file("all").read_text())
    assert (await client.jetstream().stream_info("KEPT")).state.messages == 1
    await client.close()
    await successor.stop()


async def test_only_those_it_knows_are_let_in(server: EmbeddedNats) -> None:
    await server.start([_everything(server)])
    stranger = nkeys.encode_seed(b"x" * 32, nkeys.PREFIX_BYTE_USER).decode()
    with pytest.raises((nats.errors.Error, OSError)):
        await _connect(server, stranger)
    with pytest.raises((nats.errors.Error, OSError)):
        await _connect(server, None)


async def test_a_subscriber_added_meanwhile_is_let_in_and_nobody_is_thrown_out(server: EmbeddedNats) -> None:
    users = [_everything(server)]
    await server.start(users)
    here = await _connect(server, server.seed_file("all").read_text())
    users.append(subscriber_user("press", server.public_key("press"), ["ACCESS"]))

    server.configure(users)
    server.reload()

    async def let_in() -> bool:
        try:
            client = await _connect(server, server.seed_file("press").read_text())
        except (nats.errors.Error, OSError):
            return False
        await client.close()
        return True

    await eventually(let_in)
    await here.flush(timeout=2)
    await here.close()


def test_keys_are_made_once_and_for_us_alone(server: EmbeddedNats) -> None:
    key = server.public_key("access")

    assert key == EmbeddedNats(server._folder, 1).public_key("access") != server.public_key("other")
    assert key.startswith("U")
    assert server.seed_file("access").stat().st_mode & 0o777 == 0o600
