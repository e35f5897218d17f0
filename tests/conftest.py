"""Real servers for the tests: PostgreSQL and NATS in a folder that is removed at the end, and what connects to them."""

import asyncio
import contextlib
import itertools
import json
import random
import shutil
import signal
import socket
import string
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis
import jwt
import nats
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from nats.aio.client import Client

from chassis.edge.app import create_app
from chassis.edge.feed import feed as feed_route
from chassis.edge.identity import Identity
from chassis.log.log import Log
from chassis.log.postgres import PostgresLog
from chassis.run.clock import RealClock
from chassis.run.database import CHASSIS_MIGRATIONS, connect, migrate
from chassis.run.embedded.folder import DataFolder, temporary_folder
from chassis.run.embedded.nats import EmbeddedNats
from chassis.run.embedded.postgres import EmbeddedPostgres
from chassis.run.settings import Settings
from chassis.stream.bus import Bus
from chassis.stream.feed import Feed
from chassis.stream.inboxes import controller_inbox_prefix, inbox_prefix
from chassis.stream.permissions import User, admin_user, controller_user, service_user, subscriber_user
from contracts.topology import SERVICES
from tests.controls import eventually, running
from tests.sharing_out import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]  # hooks

hypothesis.settings.register_profile("placet", deadline=None)  # machines of all speeds
hypothesis.settings.load_profile("placet")


ISSUER = "https://id.test"
SUBSCRIBER = "press-centre"
"""An outside system, allowed to read the stream of accreditation."""
CONTROLLERS = {"lane-1": ("main",), "lane-2": ("hall-east", "hall-west"), "port": ("harbour",)}
"""Edge controllers, and the gates whose scans they may send. The harbour is another venue's."""

_fresh_names = ("".join(letters) for letters in itertools.product(string.ascii_lowercase, repeat=3))


_PORTS = range(11_000, 20_000)  # below those of whole systems, and of what systems give to outgoing connections
_given: set[int] = set()


def free_port() -> int:
    """One that nobody has and nobody here was given before; at random, as other workers choose at the same time."""
    while True:
        port = random.choice(_PORTS)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


@pytest.fixture(scope="session")
def folder() -> Iterator[DataFolder]:
    """The data folder of this test run."""
    data = DataFolder(temporary_folder("tests"))
    yield data
    shutil.rmtree(data.root)


_HURRIED = ("fsync = off", "full_page_writes = off", "scram_iterations = 1")
"""What a machine that loses its power would need, and passwords that somebody could guess. Here only servers die."""


class Postgres(EmbeddedPostgres):
    """What it has provided stands: to provide it again is to migrate it, over a connection that is kept for that."""

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(folder)
        self._owners: dict[str, asyncpg.Connection] = {}

    async def provide(self, service: str, migrations: Sequence[Path] = ()) -> list[str]:
        kept = self._owners.get(service)
        if kept is not None and not kept.is_closed():
            return await migrate(kept, service, [CHASSIS_MIGRATIONS, *migrations])
        applied = await super().provide(service, migrations)
        password = self.password_file(f"{service}_owner").read_text()
        self._owners[service] = await asyncpg.connect(self.dsn(f"{service}_owner", service), password=password)
        return applied


@pytest.fixture(scope="session")
async def postgres(folder: DataFolder) -> AsyncIterator[EmbeddedPostgres]:
    server = Postgres(folder)
    await server.start()
    connection = await server.superuser()
    for setting in _HURRIED:
        await connection.execute(f"ALTER SYSTEM SET {setting}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    yield server
    assert server.child is not None
    server.child.process.send_signal(signal.SIGQUIT)  # at once: nothing is worth a last checkpoint
    await server.stop()


@dataclass(frozen=True)
class Database:
    """A service's own database, fresh for one test."""

    service: str
    postgres: EmbeddedPostgres
    pool: asyncpg.Pool

    @property
    def dsn(self) -> str:
        return self.postgres.dsn(self.service, self.service)

    @property
    def password(self) -> str:
        return self.postgres.password_file(self.service).read_text()

    async def connect(self, *, owner: bool = False) -> asyncpg.Connection:
        """A connection of one's own, as the service or as the owner of its log."""
        role = f"{self.service}_owner" if owner else self.service
        password = self.postgres.password_file(role).read_text()
        return await asyncpg.connect(self.postgres.dsn(role, self.service), password=password, timeout=5)


_idle: list[tuple[str, asyncpg.Connection]] = []
"""Services whose test is over, and a superuser's connection to each that cleans up.

Making a database takes a fifth of a second, emptying one a hundredth.
"""
_EMPTY = """
    DO $$
    DECLARE
        schema text;
    BEGIN
        FOR schema IN SELECT nspname FROM pg_namespace
            WHERE nspname NOT IN ('log', 'readers', 'run', 'public', 'information_schema') AND nspname !~ '^pg_'
        LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', schema);
        END LOOP;
    END $$;
    DELETE FROM log.events;
    DELETE FROM readers.cursors;
    DELETE FROM readers.dead_letters;
    DELETE FROM run.lease;
    DELETE FROM public.migrations WHERE name NOT LIKE 'chassis/%';
    UPDATE log.head SET log_id = gen_random_uuid(), position = 0, number = 0;
"""


@asynccontextmanager
async def fresh_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """The database of a service that has done nothing yet."""
    if _idle:
        service, cleaner = _idle.pop()
    else:
        service = f"test{next(_fresh_names)}"
        await postgres.provide(service)
        cleaner = await postgres.superuser(service)
    pool = await connect(postgres.dsn(service, service), postgres.password_file(service).read_text())
    try:
        yield Database(service, postgres, pool)
    finally:
        pool.terminate()
        try:
            await cleaner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", service)
            await cleaner.execute(_EMPTY)
            _idle.append((service, cleaner))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # broken by its test, it is left to nobody
            cleaner.terminate()


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    async with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture
async def other_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A second service's."""
    async with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture
def log(database: Database) -> PostgresLog:
    return PostgresLog(database.pool)


class Broker(EmbeddedNats):
    """NATS with the users of a real run; it knows them when it is started again."""

    def users(self) -> list[User]:
        services = [
            service_user(name, self.public_key(name), service.consumes, service.listens_to)
            for name, service in SERVICES.items()
        ]
        outside = subscriber_user(SUBSCRIBER, self.public_key(SUBSCRIBER), ["ACCREDITATION"])
        controllers = [controller_user(name, self.public_key(name), gates) for name, gates in CONTROLLERS.items()]
        return [*services, outside, *controllers, admin_user(self.public_key("admin"))]

    async def restart(self, *, damage: Callable[[Path], object] | None = None) -> None:
        """Stops it if it still runs, lets ``damage`` do what it likes to the JetStream folder, and starts it."""
        await self.stop()
        if damage is not None:
            damage(self.store)
        await self.start(self.users())

    async def kill(self) -> None:
        assert self.child is not None
        await self.child.kill()

    async def connect(self, user: str, **options: Any) -> Client:
        """A plain client of ``user``."""
        seed = self.seed_file(user).read_text()
        inbox = controller_inbox_prefix(user) if user in CONTROLLERS else inbox_prefix(user)
        return await nats.connect(
            self.url, nkeys_seed_str=seed, inbox_prefix=inbox.encode(), connect_timeout=2, **options
        )


@pytest.fixture(scope="session")
async def broker(folder: DataFolder) -> AsyncIterator[Broker]:
    server = Broker(folder, free_port())
    await server.start(server.users())
    yield server
    await server.stop()


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[Client]:
    """The operator's connection to a broker without any stream."""
    client = await broker.connect("admin", max_reconnect_attempts=-1, reconnect_time_wait=0.05, error_cb=_unheard)
    jetstream = client.jetstream()
    for stream in await jetstream.streams_info():
        await jetstream.delete_stream(stream.config.name or "")
    yield client
    await client.close()


async def _unheard(_error: Exception) -> None:
    """A connection that is cut on purpose says so in vain."""


@pytest.fixture
async def join(broker: Broker, admin: Client) -> AsyncIterator[Callable[[str], Awaitable[Bus]]]:
    """Gives a bus that is connected as the service asked for."""
    async with AsyncExitStack() as stack:

        async def joined(service: str) -> Bus:
            bus = Bus(service, broker.url, broker.seed_file(service))
            await stack.enter_async_context(running(bus.run()))
            await eventually(bus.connected.is_set, 10, says=f"{service} is not connected")
            return bus

        yield joined


class Issuer:
    """Signs tokens as an identity provider would; its key set lies in a file."""

    def __init__(self, at: Path) -> None:
        self.jwks = at / "jwks.json"
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.add_key("first")

    def add_key(self, key_id: str) -> None:
        self.keys[key_id] = Ed25519PrivateKey.generate()
        public = [
            {**jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "alg": "EdDSA"}
            for name, key in self.keys.items()
        ]
        self.jwks.write_text(json.dumps({"keys": public}))

    def token(self, *roles: str, sub: str = "desk-1", ttl_s: float = 60, key_id: str = "first", **claims: Any) -> str:
        content = {"sub": sub, "iss": ISSUER, "aud": "placet", "exp": time.time() + ttl_s, "roles": roles, **claims}
        return jwt.encode(content, self.keys[key_id], algorithm="EdDSA", headers={"kid": key_id})

    def headers(self, *roles: str, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*roles, **claims)}"}


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def settings(issuer: Issuer, tmp_path: Path) -> Settings:
    """A service's settings, for those parts that ask no server."""
    return Settings(
        database_url="postgresql://nobody@/nowhere",
        database_password_file=tmp_path / "password",
        port=free_port(),
        jwks=str(issuer.jwks),
        issuer=ISSUER,
        service_token_file=tmp_path / "token",
    )


class Server(uvicorn.Server):
    """uvicorn beside a test: signals are the test runner's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(app: Any, port: int) -> AsyncIterator[str]:
    """``app`` over a real socket; gives its address."""
    config = uvicorn.Config(app, port=port, http="httptools", ws="none", lifespan="off", log_config=None)
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, says="uvicorn did not start")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = server.force_exit = True
        await serving


def feed_app(service: str, log: Log, settings: Settings) -> FastAPI:
    """The HTTP side of a service that has nothing but its feed."""
    identity = Identity(settings.jwks, settings.issuer, settings.audience)
    return create_app(
        service, "", settings, RealClock(), identity, [feed_route(service, log)],
        ready=lambda: True, degraded=list, reads=dict,
    )  # fmt: skip


@pytest.fixture
async def accreditation_feed(log: PostgresLog, settings: Settings, issuer: Issuer) -> AsyncIterator[Feed]:
    """What a reader asks: ``log`` as the feed of accreditation, over a real socket, with a real token."""
    settings.service_token_file.write_text(issuer.token("service", sub="access", ttl_s=600))
    async with served(feed_app("accreditation", log, settings), settings.port) as url:
        feed = Feed("accreditation", url, settings.service_token_file)
        yield feed
        await feed.close()
