"""Every answer is counted by route and outcome, whoever gave it; nothing that somebody typed names a series."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.edge.measured import Measured
from tests.conftest import Issuer


def answered(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("placet_http_requests_total", labels) or 0


def timed(method: str, route: str) -> float:
    return REGISTRY.get_sample_value("placet_http_request_seconds_count", {"method": method, "route": route}) or 0


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/health", "/health", "2xx"),
        ("/v1/delegations/fra", "/v1/delegations/{delegation}", "4xx"),  # without a token
        ("/v1/broken", "/v1/{error}", "5xx"),
        ("/v1/unavailable", "/v1/{error}", "5xx"),
        ("/v1/full", "/v1/{error}", "4xx"),
        ("/nowhere/at/all", "unrouted", "4xx"),
    ],
)
async def test_an_answer_is_counted_once_by_its_route(app: FastAPI, path: str, route: str, status: str) -> None:
    before, before_timed = answered("GET", route, status), timed("GET", route)

    async with client_of(Measured(app)) as client:
        await client.get(path)

    assert answered("GET", route, status) == before + 1
    assert timed("GET", route) == before_timed + 1


async def test_what_middleware_answers_is_counted_too(app: FastAPI, issuer: Issuer) -> None:
    before = answered("POST", "unrouted", "4xx")

    async with client_of(Measured(app)) as client:
        await client.post("/v1/rooms", content=b"x" * 100_000, headers=issuer.headers("desk"))

    assert answered("POST", "unrouted", "4xx") == before + 1


async def test_an_app_that_finds_its_way_without_routes_says_as_what_it_is_measured() -> None:
    async def shortcut(scope: Scope, receive: Receive, send: Send) -> None:
        scope["measured_as"] = "/v1/shortcut"
        await PlainTextResponse("ok")(scope, receive, send)

    before = answered("GET", "/v1/shortcut", "2xx")
    async with client_of(Measured(shortcut)) as client:
        await client.get("/v1/shortcut")

    assert answered("GET", "/v1/shortcut", "2xx") == before + 1


async def test_nothing_that_is_typed_names_a_series(app: FastAPI) -> None:
    typed = uuid4().hex
    async with client_of(Measured(app)) as client:
        await client.request(typed.upper(), f"/v1/delegations/{typed}")
        await client.get(f"/{typed}")

    series = [str(sample.labels).lower() for family in REGISTRY.collect() for sample in family.samples]
    assert [one for one in series if typed in one] == []
