"""One service's process: what it opens at the start, what runs while it leads, and how it stops in order."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import asyncpg
import uvicorn
import uvloop
from fastapi import FastAPI

from chassis.edge.identity import Identity
from chassis.edge.measured import Measured
from chassis.log.lease import Lease
from chassis.log.postgres import PostgresLog
from chassis.run import garbage, logging, metrics, telemetry
from chassis.run.clock import Clock, RealClock, ScenarioClock
from chassis.run.database import connect, passing
from chassis.run.settings import Settings
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer
from chassis.stream.feed import Feed
from chassis.stream.reader import Reader
from chassis.stream.relay import Relay, heartbeat

log = logging.Logger(__name__)

Work = Callable[[], Awaitable[None]]


class Host:
    """The parts that every service has. A service's ``build`` adds its own, and gives the app to serve.

    ``always`` runs from start to stop; ``leading``, relay and consumers among it, while this process holds ``lease``.
    """

    def __init__(self, service: str, settings: Settings, pool: asyncpg.Pool) -> None:
        self.service = service
        self.settings = settings
        self.pool = pool
        self.clock: Clock = _clock(settings)
        self.log = PostgresLog(pool)
        self.bus = Bus(service, settings.nats_url, settings.nats_seed_file)
        self.relay = Relay(self.log, self.bus, service)
        self.identity = Identity(settings.jwks, settings.issuer, settings.audience)
        self.lease = self._lease("active")
        self.consumers: list[Consumer] = []
        self.always: list[Work] = [self.bus.run]
        self.leading: list[Work] = [self.relay.run, partial(heartbeat, self.log, self.bus, service)]
        self.stopping = asyncio.Event()
        """Set when the process was asked to end: answers that never end by themselves end now."""

    def lead_partition(self, name: str) -> None:
        """Leads one partition of the service instead of all of it: ``lease`` and ``leading`` are that partition's.

        The log is one, and so is its stream: of the processes that lead a partition one relays.
        """
        relaying = partial(self.lease.lead, partial(_together, self.leading))
        self.lease, self.leading = self._lease(name), [relaying]

    def _lease(self, name: str) -> Lease:
        settings = self.settings
        connect = partial(asyncpg.connect, settings.database_url, password=_password(settings), timeout=2)
        return Lease(connect, name, settings.reached_at)

    def feed(self, service: str) -> Feed:
        """Another service's events from its own log."""
        url: str = getattr(self.settings, f"{service}_url")
        return Feed(service, url, self.settings.service_token_file)

    def consume(self, reader: Reader, feed: Feed, reads_as: str | None = None, rest_s: float = 0.0) -> Consumer:
        """Reads another service while this process leads; ``reads_as`` names its durable, if not the service does.

        ``rest_s``: how long what comes after a small batch may wait for more to come along.
        """
        consumer = Consumer(self.service, reader, feed, self.bus, reads_as, rest_s)
        self.consumers.append(consumer)
        self.leading.append(consumer.run)
        return consumer

    def ready(self) -> bool:
        """Whether the service can do its job: its database answers."""
        return self.lease.database_answers

    def degraded(self) -> list[str]:
        """What this process does without at the moment, a code each."""
        found = [] if self.bus.connected.is_set() else ["nats"]
        if self.relay.complaint:
            found.append(f"relay:{self.relay.complaint}")
        if not self.lease.held.is_set():
            found.append("standing_by")
        for consumer in self.consumers:
            source = consumer.reader.source
            if consumer.complaint:
                found.append(f"{source}:{consumer.complaint}")
            if consumer.parked:
                found.append(f"{source}:dead_letters")
        return found

    def reads(self) -> dict[str, int]:
        """How far each source was applied, by name."""
        return {consumer.reader.source: consumer.reader.number for consumer in self.consumers}


Build = Callable[[Host], Awaitable[FastAPI]]


def serve(service: str, settings: Settings, build: Build) -> None:
    """Runs a service until SIGTERM or SIGINT. Exits 1 with a sentence when it cannot start."""
    logging.configure(service, settings.log_level)
    telemetry.configure(service, settings.otlp_endpoint)
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        sys.exit(f"{service} cannot listen on {settings.host}:{settings.port} ({error.strerror}). Set PLACET_PORT.")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(service, settings, build, listener))
    telemetry.shutdown()


async def _run(service: str, settings: Settings, build: Build, listener: socket.socket) -> None:
    pool = await _open_pool(service, settings)
    host = Host(service, settings, pool)
    app = await build(host)
    metrics.watch(host)
    # Nearly all garbage goes by reference count; looking for the rest every 700 objects is an eighth of a scan's CPU.
    garbage.settle()
    gc.set_threshold(20_000, 10, 10)
    server = _Server(
        uvicorn.Config(
            Measured(app),
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody here asks where a request came from
            timeout_graceful_shutdown=10,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, host.stopping.set)
    log.info("service_started", port=settings.port)
    try:
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(_forever(work)) for work in host.always]
            background.append(tasks.create_task(host.lease.lead(partial(_together, host.leading))))
            serving = tasks.create_task(server.serve(sockets=[listener]))
            await _first(host.stopping.wait(), serving)
            log.info("service_stopping")
            server.should_exit = True  # requests under way are answered first, then the work they rest on stops
            await serving
            for task in reversed(background):
                task.cancel()
                await asyncio.wait([task])
    finally:
        await pool.close()
        log.info("service_stopped")


async def _forever(work: Work) -> None:
    await work()


async def _together(works: Sequence[Work]) -> None:
    """All of a leader's work; the first that fails ends it all."""
    async with asyncio.TaskGroup() as tasks:
        for work in works:
            tasks.create_task(_forever(work))


async def _first(waiting: Awaitable[object], serving: "asyncio.Task[None]") -> None:
    waiter = asyncio.ensure_future(waiting)
    await asyncio.wait([waiter, serving], return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()


async def _open_pool(service: str, settings: Settings) -> asyncpg.Pool:
    """Waits for the database as long as it takes: a service may start before it."""
    while True:
        try:
            pool = await connect(settings.database_url, _password(settings), application=f"placet-{service}")
            await pool.fetchval("SELECT position FROM log.head")
        except asyncpg.UndefinedTableError:
            sys.exit(f"The database of {service} has no log yet. Run: placet migrate {service}")
        except Exception as error:
            if not passing(error):
                raise
            log.warning("database_not_there_yet", error=type(error).__name__, retry_in_s=1)
            await asyncio.sleep(1)
        else:
            return pool


def _password(settings: Settings) -> str:
    return settings.read_secret(settings.database_password_file)


def _clock(settings: Settings) -> Clock:
    if settings.embedded and settings.clock_file is not None:
        return ScenarioClock(settings.clock_file)
    return RealClock()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the host decides when, and in which order, things stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
