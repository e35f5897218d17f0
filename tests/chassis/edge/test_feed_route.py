"""``GET /v1/log``: every shared event by its number, as it was published, to those entitled."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from chassis.log.log import Shared
from chassis.log.memory import MemoryLog
from chassis.run.settings import Settings
from tests.chassis.edge.example import client_of
from tests.conftest import Issuer, feed_app
from tests.controls import new_event, suspended, to


@pytest.fixture
async def log() -> MemoryLog:
    """Five shared events: the third of another type, a private one between each."""
    log = MemoryLog()
    for number in range(1, 6):
        other = new_event(shared=Shared("accreditation.BadgeReinstated.v1", "badge-x", '{ "odd":  1.0 }'))
        await log.append(to("a", new_event("private"), other if number == 3 else suspended(str(number))))
    return log


@pytest.fixture
async def client(log: MemoryLog, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(feed_app("accreditation", log, settings)) as client:
        yield client


@pytest.fixture
def read(client: httpx.AsyncClient, issuer: Issuer) -> Any:
    async def read(**query: Any) -> Any:
        response = await client.get("/v1/log", params=query, headers=issuer.headers("subscriber"))
        assert response.status_code == 200, response.text
        return response.json()

    return read


def _numbers(page: Any) -> list[int]:
    return [event["placetnumber"] for event in page["events"]]


async def test_everything_in_order(read: Any, log: MemoryLog) -> None:
    page = await read()

    assert _numbers(page) == [1, 2, 3, 4, 5]
    assert (page["complete_to"], page["head"]) == (5, 5)
    assert page["log_id"] == str((await log.head()).log_id)


async def test_from_where_one_stands_and_no_more_than_asked(read: Any) -> None:
    page = await read(after=1, limit=2)

    assert _numbers(page) == [2, 3]
    assert (page["complete_to"], page["head"]) == (3, 5)


async def test_a_filter_leaves_out_and_still_says_how_far_it_looked(read: Any) -> None:
    page = await read(types="BadgeReinstated", limit=4)

    assert _numbers(page) == [3]
    assert (page["complete_to"], page["head"]) == (4, 5)
    assert _numbers(await read(types="BadgeReinstated,BadgeSuspended")) == [1, 2, 3, 4, 5]
    assert _numbers(await read(types="Nothing")) == []


async def test_at_the_end_there_is_nothing(read: Any) -> None:
    page = await read(after=5)

    assert (page["events"], page["complete_to"], page["head"]) == ([], 5, 5)


async def test_whoever_is_ahead_of_the_log_learns_where_it_ends(read: Any) -> None:
    assert (await read(after=9))["head"] == 5


async def test_bodies_are_the_bytes_of_the_log(client: httpx.AsyncClient, issuer: Issuer) -> None:
    response = await client.get("/v1/log", headers=issuer.headers("service"))

    assert b'"data":{ "odd":  1.0 }' in response.content
    assert response.headers["content-type"] == "application/json"


async def test_each_is_a_cloud_event_in_the_json_format(read: Any) -> None:
    for event in (await read())["events"]:
        parsed = JSONFormat().read(CloudEvent, json.dumps(event))
        assert parsed.get_source() == "/placet/accreditation"
        assert parsed.get_id() == event["id"]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1_001}, {"after": -1}, {"after": "x"}, {"types": "x" * 1_001}], ids=str
)
async def test_what_is_out_of_bounds_is_refused(client: httpx.AsyncClient, issuer: Issuer, query: Any) -> None:
    response = await client.get("/v1/log", params=query, headers=issuer.headers("auditor"))

    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(("role", "status"), [("desk", 403), ("focal_point", 403), ("admin", 200), ("auditor", 200)])
async def test_it_is_for_those_entitled(client: httpx.AsyncClient, issuer: Issuer, role: str, status: int) -> None:
    assert (await client.get("/v1/log", headers=issuer.headers(role))).status_code == status
    assert (await client.get("/v1/log")).status_code == 401
