"""A service's process: it says why it cannot start, and stops in order, giving back what it held."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from nats.aio.client import Client

from chassis.run.settings import Settings
from tests.conftest import Broker, Database, Issuer
from tests.controls import eventually

_ROOT = Path(__file__).parents[3]
_SERVICE = """
from chassis.edge.app import create_app
from chassis.edge.feed import feed
from chassis.run.host import Host, serve
from chassis.run.settings import Settings

async def build(host: Host):
    return create_app(
        "Accreditation", "", host.settings, host.clock, host.identity, [feed("accreditation", host.log)],
        ready=host.ready, degraded=host.degraded, reads=host.reads,
    )

serve("accreditation", Settings(), build)
"""


@pytest.fixture
def environment(
    settings: Settings, database: Database, broker: Broker, issuer: Issuer, admin: Client
) -> dict[str, str]:
    settings.service_token_file.write_text(issuer.token("service"))
    return {
        **os.environ,
        "PLACET_DATABASE_URL": database.dsn,
        "PLACET_DATABASE_PASSWORD_FILE": str(database.postgres.password_file(database.service)),
        "PLACET_NATS_URL": broker.url,
        "PLACET_NATS_SEED_FILE": str(broker.seed_file("accreditation")),
        "PLACET_PORT": str(settings.port),
        "PLACET_JWKS": settings.jwks,
        "PLACET_ISSUER": settings.issuer,
        "PLACET_SERVICE_TOKEN_FILE": str(settings.service_token_file),
    }


@asynccontextmanager
async def _process(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVICE, cwd=_ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_serves_leads_and_stops_in_order(environment: dict[str, str], database: Database) -> None:
    async with _process(environment) as process, httpx.AsyncClient() as client:

        async def at_work() -> bool:
            try:
                answer = await client.get(f"http://127.0.0.1:{environment['PLACET_PORT']}/ready")
            except httpx.HTTPError:
                return False
            return bool(answer.status_code == 200 and answer.json()["degraded"] == [])

        await eventually(at_work, 20, every_s=0.05)
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(process.communicate(), 15)

    lines = [json.loads(line) for line in said.decode().splitlines()]
    assert process.returncode == 0, lines
    messages = [line["message"] for line in lines]
    assert messages.index("service_started") < messages.index("service_stopping") < messages.index("service_stopped")
    assert messages[-1] == "service_stopped"
    assert await database.pool.fetchval("SELECT count(*) FROM run.lease") == 0, "the lease was not given back"


async def test_a_port_that_is_taken_is_said(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PLACET_PORT"]))):
        async with _process(environment) as process:
            _, said = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 1
    assert environment["PLACET_PORT"] in said.decode()
    assert "PLACET_PORT" in said.decode()


async def test_a_database_without_a_log_is_said(environment: dict[str, str], database: Database) -> None:
    owner = await database.connect(owner=True)
    await owner.execute("DROP SCHEMA log CASCADE")
    await owner.close()

    async with _process(environment) as process:
        _, said = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 1
    assert "placet migrate accreditation" in said.decode()
    assert "Traceback" not in said.decode()
