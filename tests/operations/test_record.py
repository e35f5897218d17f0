"""The record of the whole house: what each service tells of its own, and what is shown of one that tells nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from chassis.edge.app import create_app
from chassis.edge.care import Record, care
from chassis.edge.identity import Identity, Principal, allowed
from chassis.log.memory import MemoryLog
from chassis.run.clock import RealClock
from chassis.run.settings import Settings
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer, catch_up
from contracts.roles import ROLES
from services.operations.record import House, record
from tests.chassis.stream.ledger import Ledger, LogFeed
from tests.conftest import Database, Issuer, free_port, served
from tests.controls import BADGE, suspended, to
from tests.operations.signing import configured

STANDING: Sequence[Mapping[str, Any]] = [
    {"service": "accreditation", "state": "up", "degraded": []},
    {"service": "access", "state": "degraded", "degraded": ["accreditation:dead_letters"]},
    {"service": "notifications", "state": "up", "degraded": []},
    {"service": "operations", "state": "up", "degraded": []},
]


def app(name: str, settings: Settings, *routers: APIRouter) -> FastAPI:
    identity = Identity(settings.jwks, settings.issuer, settings.audience)
    return create_app(name, "", settings, RealClock(), identity, routers, ready=lambda: True, degraded=list, reads=dict)


@pytest.fixture
async def away() -> AsyncIterator[str]:
    """Notifications, which takes connections and says nothing."""
    server = await asyncio.start_server(lambda *_: asyncio.sleep(60), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.fixture
async def room(
    settings: Settings, database: Database, other_database: Database, issuer: Issuer, away: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[httpx.AsyncClient]:  # fmt: skip
    """Operations; accreditation with two events; access, which read both and could apply none."""
    monkeypatch.setattr("services.operations.record._PATIENCE_S", 0.5)
    ledger = await Ledger.on(other_database.pool)
    ledger.failing["bad"] = ValueError("cannot")
    told = LogFeed(MemoryLog())
    consumer = Consumer("access", ledger.reader(), told, Bus("access", "nats://nowhere", None))
    for reason in ("bad", "behind"):
        await told.log.append(to("a", suspended(reason)))
    await consumer.reader.load()
    await catch_up(consumer.reader, told)

    accreditation = app("accreditation", settings, care(Record(database.pool, told.log, views=["register"])))
    access = app("access", settings, care(Record(other_database.pool, MemoryLog(), [consumer])))
    both = Starlette(routes=[Mount("/accreditation", accreditation), Mount("/access", access)])
    async with served(both, free_port()) as url:
        known = configured(
            database, issuer, accreditation_url=f"{url}/accreditation", access_url=f"{url}/access",
            notifications_url=away,
        )  # fmt: skip
        house = House(Record(database.pool, MemoryLog(), views=["live"]), known, lambda: STANDING)
        async with (
            served(app("operations", known, record(house)), known.port) as address,
            httpx.AsyncClient(base_url=address, timeout=10, headers=issuer.headers("operations")) as client,
        ):
            yield client


async def test_every_service_tells_its_own(room: httpx.AsyncClient) -> None:
    shown = (await room.get("/v1/record")).json()
    services = {one.pop("service"): one for one in shown["services"]}
    assert list(services) == ["accreditation", "access", "notifications", "operations"]
    assert services["accreditation"]["state"] == "up"
    assert services["accreditation"]["log"]["head"] == 2
    assert services["operations"]["log"]["head"] == 0

    access = services["access"]
    assert (access["state"], access["degraded"]) == ("degraded", ["accreditation:dead_letters"])
    (consumer,) = access["consumers"]
    assert (consumer["source"], consumer["number"], consumer["lag"]) == ("accreditation", 2, 0)
    assert consumer["complaint"] == "dead_letters"
    assert [(one["number"], one["about"], one["error"]) for one in access["dead_letters"]] == [
        (1, f"badge-{BADGE}", "ValueError"),
        (2, f"badge-{BADGE}", "behind_a_parked_event"),
    ]
    assert [(one["service"], one["view"]) for one in shown["rebuilds"]] == [
        ("accreditation", "register"),
        ("operations", "live"),
    ]


async def test_one_that_says_nothing_is_down_and_the_rest_is_shown_in_time(room: httpx.AsyncClient) -> None:
    began = time.monotonic()
    shown = (await room.get("/v1/record")).json()
    assert time.monotonic() - began < 3
    (silent,) = (one for one in shown["services"] if one["service"] == "notifications")
    assert silent == {
        "service": "notifications",
        "state": "down",
        "degraded": [],
        "log": None,
        "consumers": [],
        "dead_letters": None,
    }


@pytest.mark.parametrize("role", ROLES)
async def test_it_is_for_those_who_look_after_it(room: httpx.AsyncClient, issuer: Issuer, role: str) -> None:
    answer = await room.get("/v1/record", headers=issuer.headers(role))
    assert answer.status_code == (200 if role in {"operations", "auditor", "commander", "admin"} else 403)


async def test_one_of_another_release_is_not_taken_for_down(
    database: Database, settings: Settings, issuer: Issuer
) -> None:
    """While one service after the other is upgraded."""
    older = APIRouter()

    @older.get("/v1/dead-letters")
    async def listed(_: Principal = allowed("operations")) -> list[str]:
        return []

    async with served(app("older", settings, older), free_port()) as url:
        known = configured(database, issuer, accreditation_url=url, access_url=url, notifications_url=url)
        house = House(Record(database.pool, MemoryLog()), known, lambda: STANDING)
        shown = await house.shown(issuer.headers("operations")["Authorization"])
    assert [one["state"] for one in shown["services"]] == ["up", "degraded", "up", "up"]
    assert shown["services"][0]["log"] is None
