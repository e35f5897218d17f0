"""Dead letters are decided on by the process that applies events, and by no other."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chassis.edge.app import create_app
from chassis.edge.care import Record, care
from chassis.edge.identity import Identity
from chassis.log.memory import MemoryLog
from chassis.run.clock import RealClock
from chassis.run.settings import Settings
from chassis.stream.bus import Bus
from chassis.stream.consumer import Consumer, catch_up
from tests.chassis.edge.example import client_of
from tests.chassis.stream.ledger import SOURCE, Ledger, LogFeed
from tests.conftest import Database, Issuer
from tests.controls import BADGE, suspended, to

SICK = f"badge-{BADGE}"


class Service:
    """Reads accreditation; one of its events is parked. It leads, or stands by."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.feed = LogFeed(MemoryLog())
        self.consumer = Consumer("access", ledger.reader(), self.feed, Bus("access", "nats://nowhere", None))
        self.leads = True

    async def read(self, *reasons: str) -> None:
        for reason in reasons:
            await self.feed.log.append(to("a", suspended(reason)))
        await self.consumer.reader.load()
        await catch_up(self.consumer.reader, self.feed)


@pytest.fixture
async def service(database: Database) -> Service:
    service = Service(await Ledger.on(database.pool))
    service.ledger.failing["bad"] = ValueError("cannot")
    await service.read("bad", "behind")
    return service


@pytest.fixture
async def client(
    service: Service, database: Database, settings: Settings, issuer: Issuer
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        "Access", "", settings, RealClock(), Identity(settings.jwks, settings.issuer, settings.audience),
        [care(Record(database.pool, service.feed.log, [service.consumer], lambda: service.leads, ["ledger"]))],
        ready=lambda: True, degraded=list, reads=dict,
    )  # fmt: skip
    async with client_of(app) as client:
        client.headers.update(issuer.headers("admin"))
        yield client


async def _ask(client: httpx.AsyncClient, what: str, source: str = SOURCE) -> tuple[int, Any]:
    response = await client.post(f"/v1/dead-letters/{what}", json={"source": source, "about": SICK})
    return response.status_code, response.json().get("code", response.json())


async def test_it_tells_how_far_it_is(client: httpx.AsyncClient, service: Service) -> None:
    head = await service.feed.log.head()
    told = (await client.get("/v1/care")).json()
    assert told["log"] == {"log_id": str(head.log_id), "head": head.number}
    assert told["consumers"] == [
        {"source": SOURCE, "state": "silent", "number": 2, "head": 2, "lag": 0, "complaint": "dead_letters"}
    ]
    assert told["views"] == [{"view": "ledger", "made_at": None, "rebuilding_since": None}]

    service.leads = False
    (consumer,) = (await client.get("/v1/care")).json()["consumers"]
    assert (consumer["state"], consumer["number"], consumer["lag"]) == ("elsewhere", 2, None)


async def test_what_was_mended_is_retried(client: httpx.AsyncClient, service: Service) -> None:
    assert await _ask(client, "retry") == (409, "still_poisoned")
    service.ledger.failing.clear()

    assert await _ask(client, "retry") == (200, {"applied": 2})
    assert await service.ledger.reasons() == ["bad", "behind"]


async def test_what_is_given_up_is_forgotten(client: httpx.AsyncClient, service: Service) -> None:
    assert await _ask(client, "discard") == (200, {"discarded": 2})
    assert (await client.get("/v1/dead-letters")).json() == []


async def test_a_source_that_is_not_read_is_unknown(client: httpx.AsyncClient) -> None:
    assert await _ask(client, "retry", source="operations") == (404, "source_unknown")


@pytest.mark.parametrize("what", ["retry", "discard"])
async def test_a_stand_by_lists_and_decides_nothing(client: httpx.AsyncClient, service: Service, what: str) -> None:
    service.leads = False
    service.ledger.failing.clear()

    assert await _ask(client, what) == (503, "standing_by")

    assert [letter["about"] for letter in (await client.get("/v1/dead-letters")).json()] == [SICK, SICK]
    assert service.ledger.told == [("parked", SICK)]


async def test_released_by_a_stand_by_it_would_be_parked_again(client: httpx.AsyncClient, service: Service) -> None:
    """Control: two processes, each with a reader that remembers who is sick."""
    service.ledger.failing.clear()
    stand_by = service.ledger.reader()
    await stand_by.load()
    await stand_by.retry(SICK)

    await service.feed.log.append(to("a", suspended("later")))
    await catch_up(service.consumer.reader, service.feed)

    assert await service.ledger.reasons() == ["bad", "behind"]
