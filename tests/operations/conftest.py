"""Operations as it runs, on real PostgreSQL, reading three services that say what a test lets them say."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from chassis.run import metrics
from chassis.run.clock import ScenarioClock
from chassis.run.host import Host, Work, _forever, _together
from chassis.run.settings import Settings
from chassis.stream.consumer import Consumer, catch_up
from chassis.stream.feedview import FeedView
from contracts.event import SharedEvent
from placet.places import migrations_of
from services.operations.app import build
from services.operations.settings import OperationsSettings
from services.operations.views.live import Live
from tests.conftest import Database, Issuer, feed_app, free_port, served
from tests.controls import NOW, eventually, running
from tests.operations.easel import Easel
from tests.operations.told import SOURCES, Told

_TABLES = {
    "delegations": "delegations.*, names::text", "persons": "*", "nominations": "*", "badges": "*",
    "venues": "*", "zones": "zones.*, names::text", "gates": "*", "scans": "*", "undone": "*",
    "seconds": "*", "minutes": "*", "outcomes": "*", "sightings": "gate_id, decided_at", "presence": "*",
    "unidentified": "*", "notices": "*", "gate_minutes": "*", "devices": "*", "sessions": "sessions.*, titles::text",
    "evacuations": "*", "mustered": "*", "overrides": "*",
    "told": "told.*, data::text", "steps": "*", "delegation_steps": "*", "visits": "*", "counted": "*", "late": "*",
    "policies_seen": "*",
}  # fmt: skip
"""What of each table is the same whenever the same events were folded: all but what is real time."""


@pytest.fixture(scope="session", autouse=True)
def one_list_of_authorities() -> Iterator[None]:
    """A client of httpx reads all authorities of the web, longer than most tests take; nobody here speaks TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def view(database: Database, told: Told) -> FeedView:
    """The live view on its own, its tables standing."""
    made = FeedView(database.pool, Live(), told.feeds())
    await made.ensure()
    return made


@pytest.fixture
async def easel(configured: OperationsSettings, database: Database, told: Told, clock: ScenarioClock) -> Easel:
    host = Host("operations", configured, database.pool)
    view = FeedView(database.pool, Live(), told.feeds())
    host.consumers += [Consumer(host.service, view.reader(feed), feed, host.bus) for feed in view.feeds]
    return Easel(host, configured, clock)


class Folded:
    """The view, and everything told folded into it."""

    def __init__(self, view: FeedView, database: Database, told: Told) -> None:
        self.view = view
        self.database = database
        self.pool = database.pool
        self._told = told

    async def of(self, *events: SharedEvent) -> "Folded":
        """These too, in one run a source."""
        await self._told.tell(*events)
        for feed in self.view.feeds:
            reader = self.view.reader(feed)
            await reader.load()
            await catch_up(reader, feed)
        return self

    async def one_by_one(self, *events: SharedEvent) -> "Folded":
        for event in events:
            await self.of(event)
        return self

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.pool.fetch(query)]

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: sorted(await self.rows(f"SELECT {columns} FROM live.{table}"), key=repr)
            for table, columns in _TABLES.items()
        }


@pytest.fixture
def folded(view: FeedView, database: Database, told: Told) -> Folded:
    return Folded(view, database, told)


@dataclass
class Operations:
    """The service in this process. It can be stopped and started again, on the same port and database."""

    settings: OperationsSettings
    database: Database
    issuer: Issuer
    told: Told
    clock: ScenarioClock
    host: Host | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Operations"]:
        await self.database.postgres.provide(self.database.service, [migrations_of("operations")])
        host = self.host = Host("operations", self.settings, self.database.pool)
        app: FastAPI = await build(host)
        metrics.watch(host)
        self.told.consumers = host.consumers
        works: list[Work] = [*host.always, partial(host.lease.lead, partial(_together, host.leading))]
        async with running(*map(_forever, works)), served(app, self.settings.port):
            await eventually(self._has_tables, 8, says="operations does not lead, or its view does not stand")
            await eventually(self.snapshot, 8, says="operations has no picture")
            yield self
            host.stopping.set()

    async def _has_tables(self) -> bool:
        return bool(await self.database.pool.fetchval("SELECT to_regclass('live.scans')"))

    async def snapshot(self, *roles: str) -> Mapping[str, Any]:
        """As somebody with these roles is shown it; without any: as nobody who signed in."""
        headers = self.issuer.headers(*roles) if roles else {}
        async with httpx.AsyncClient(base_url=self.url) as client:
            answer = await client.get("/v1/snapshot", headers=headers)
            assert answer.status_code == 200, answer.text
            picture: Mapping[str, Any] = answer.json()
            return picture

    async def knows_all(self) -> Mapping[str, Any]:
        """The picture, once everything that was told is in it."""
        heads = {source: (await log.head()).number for source, log in self.told.logs.items()}

        async def complete() -> Mapping[str, Any]:
            picture = await self.snapshot()
            assert {one["source"]: one["number"] for one in picture["sources"]} == heads
            return picture

        return await eventually(complete, 8, every_s=0.05, says="operations does not hear")


@pytest.fixture
async def sources(told: Told, issuer: Issuer, settings: Settings) -> AsyncIterator[dict[str, str]]:
    """The addresses of three services that have nothing but their feeds."""
    feeds = [Mount(f"/{source}", feed_app(source, told.logs[source], settings)) for source in SOURCES]
    async with served(Starlette(routes=feeds), free_port()) as url:
        yield {f"{source}_url": f"{url}/{source}" for source in SOURCES}


@pytest.fixture
def configured(database: Database, settings: Settings, tmp_path: Path) -> OperationsSettings:
    """Embedded, on the gathering's clock, with nobody at the addresses of the others and of the broker."""
    return OperationsSettings(
        **{
            **settings.model_dump(),
            "database_url": database.dsn,
            "database_password_file": database.postgres.password_file(database.service),
            "nats_url": f"nats://127.0.0.1:{free_port()}",
            "clock_file": tmp_path / "clock",
            "embedded": True,
            "event": "hanoi-2025",
            "time_zone": "Asia/Ho_Chi_Minh",
        }
    )


@pytest.fixture
def clock(configured: OperationsSettings) -> ScenarioClock:
    assert configured.clock_file is not None
    made = ScenarioClock(configured.clock_file)
    made.set(NOW)
    return made


@pytest.fixture
def operations(
    configured: OperationsSettings,
    database: Database,
    issuer: Issuer,
    sources: dict[str, str],
    told: Told,
    clock: ScenarioClock,
) -> Operations:
    """Ready to be put to work."""
    configured.service_token_file.write_text(issuer.token("service", sub="operations", ttl_s=600))
    return Operations(configured.model_copy(update=sources), database, issuer, told, clock)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a broker every source is asked once a second: nothing is gained by waiting for that in a test."""
    monkeypatch.setattr("chassis.stream.consumer._PATIENCE_S", 0.5)
    monkeypatch.setattr("chassis.stream.consumer._LOOK_S", 0.02)


@pytest.fixture
async def at_work(operations: Operations, impatient: None) -> AsyncIterator[Operations]:
    async with operations.at_work():
        yield operations
