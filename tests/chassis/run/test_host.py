"""A service's process: it says why it cannot start, and stops in order, giving back what it held."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from nats.aio.client import Client
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from chassis.log.postgres import PostgresLog
from chassis.run.settings import Settings
from tests.conftest import Broker, Database, Issuer
from tests.controls import eventually, suspended, to

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


async def test_its_metrics_tell_how_it_stands(
    environment: dict[str, str], database: Database, broker: Broker, log: PostgresLog
) -> None:
    """With a bus and without: what is recorded meanwhile is known to be missing in the stream."""
    async with _process(environment) as process, httpx.AsyncClient() as client:

        async def told() -> dict[str, float]:
            try:
                answer = await client.get(f"http://127.0.0.1:{environment['PLACET_PORT']}/metrics")
            except httpx.HTTPError:
                return {}
            families = text_string_to_metric_families(answer.text)
            return {_series(sample): sample.value for family in families for sample in family.samples}

        async def tells(**expected: float) -> bool:
            found = await told()
            return {name: found.get(name) for name in expected} == expected

        await log.append(to("a", suspended()))
        at_work = {
            "placet_ready": 1.0,
            "placet_leading": 1.0,
            "placet_nats_connected": 1.0,
            "placet_relay_running": 1.0,
        }
        await eventually(
            partial(tells, **at_work, placet_log_shared_number=1.0, placet_relay_published_number=1.0), 20, every_s=0.05
        )
        found = await told()
        left_s = found["placet_service_token_expiry_timestamp_seconds"] - time.time()
        assert 0 < left_s < 60, "of the minute that tokens of tests last"
        assert not any(name.startswith("placet_degraded") for name in found)

        await broker.kill()
        try:
            await log.append(to("a", suspended()))
            missing = {"placet_log_shared_number": 2.0, "placet_relay_published_number": 1.0}
            await eventually(
                partial(tells, **missing, **{"placet_nats_connected": 0.0, "placet_degraded nats": 1.0}),
                5,
                every_s=0.05,
            )
        finally:
            await broker.restart()
        await eventually(partial(tells, placet_relay_published_number=2.0, placet_nats_connected=1.0), 10, every_s=0.05)
        assert process.returncode is None


def _series(sample: Sample) -> str:
    return " ".join((sample.name, *sample.labels.values()))


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
