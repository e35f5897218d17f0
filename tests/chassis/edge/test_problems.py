"""Every error is problem+json with a code for programs and a sentence for people, and shows nothing of our inside."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect

from chassis.edge.problems import of_error
from chassis.run.settings import Settings
from tests.chassis.edge.example import LIMIT
from tests.conftest import Issuer, served
from tests.controls import CANARY


def _problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"urn:placet:problem:{code}"
    assert body["title"]
    assert "Traceback" not in response.text
    return body


@pytest.fixture
def desk(issuer: Issuer) -> dict[str, str]:
    return {**issuer.headers("desk"), "Idempotency-Key": "one", "Content-Type": "application/json"}


@pytest.mark.parametrize("text", ["{", "nonsense", '{"seats": 1', '{"seats": 1}}', "\xff".encode("latin-1")], ids=repr)
async def test_a_body_that_is_no_json(client: httpx.AsyncClient, desk: dict[str, str], text: str | bytes) -> None:
    response = await client.post("/v1/rooms", content=text, headers=desk)

    assert response.status_code == 400
    assert response.json()["code"] in {"malformed_json", "malformed_body"}


@pytest.mark.parametrize(
    ("body", "field", "error"),
    [
        ({"seats": "many"}, "body.seats", "int_parsing"),
        ({"seats": 0}, "body.seats", "greater_than"),
        ({}, "body.seats", "missing"),
        ({"seats": 1, "sets": 2}, "body.sets", "extra_forbidden"),
        ([], "body", "model_attributes_type"),
    ],
)
async def test_a_body_of_another_form(
    client: httpx.AsyncClient, desk: dict[str, str], body: object, field: str, error: str
) -> None:
    response = await client.post("/v1/rooms", json=body, headers=desk)

    problem = _problem(response, 422, "invalid_request")
    assert (problem["errors"][0]["field"], problem["errors"][0]["error"]) == (field, error)


async def test_what_was_typed_is_not_repeated(client: httpx.AsyncClient, desk: dict[str, str]) -> None:
    response = await client.post("/v1/rooms", json={"seats": CANARY, "name": 7}, headers=desk)

    _problem(response, 422, "invalid_request")
    assert "Hoa" not in response.text


async def test_a_body_announced_too_large_is_not_read(client: httpx.AsyncClient, desk: dict[str, str]) -> None:
    response = await client.post("/v1/rooms", content=b"x" * (LIMIT + 1), headers=desk)

    _problem(response, 413, "body_too_large")


async def test_a_body_of_the_limit_is_read(client: httpx.AsyncClient, desk: dict[str, str]) -> None:
    """Control: it is the size that was refused."""
    body = b'{"seats": 1}'
    response = await client.post("/v1/rooms", content=body + b" " * (LIMIT - len(body)), headers=desk)

    assert response.status_code == 200


async def test_a_body_that_grows_too_large_unannounced(app: FastAPI, settings: Settings, desk: dict[str, str]) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 16_384
            yield b" " * 16_384
            await asyncio.sleep(0)

    async with served(app, settings.port) as url, httpx.AsyncClient(base_url=url) as client:
        response = await client.post("/v1/rooms", content=endless(), headers=desk)

        _problem(response, 413, "body_too_large")


@pytest.mark.parametrize("length", ["-1", "many", "1e9", ""])
async def test_a_length_that_is_no_number(app: FastAPI, desk: dict[str, str], length: str) -> None:
    """A server in front may let it through."""
    answered: list[Any] = []
    headers = [(b"content-length", length.encode()), *((k.lower().encode(), v.encode()) for k, v in desk.items())]
    scope = {"type": "http", "method": "POST", "path": "/v1/rooms", "headers": headers, "query_string": b""}

    async def receive() -> dict[str, Any]:
        raise AssertionError("it was read")

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)

    assert answered[0]["status"] == 413


async def test_a_route_that_is_not_there(client: httpx.AsyncClient) -> None:
    _problem(await client.get("/nowhere/at/all"), 404, "not_found")


async def test_a_method_that_is_not_there(client: httpx.AsyncClient) -> None:
    response = await client.delete("/v1/rooms")

    _problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


async def test_a_mistake_of_ours_tells_nothing(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/broken")

    problem = _problem(response, 500, "internal_error")
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert "Hoa" not in response.text
    assert "LookupError" not in response.text


@pytest.mark.parametrize("error", ["unavailable", "cut"])
async def test_what_passes_by_itself_is_to_be_asked_again(client: httpx.AsyncClient, error: str) -> None:
    response = await client.get(f"/v1/{error}")

    _problem(response, 503, "unavailable")
    assert response.headers["retry-after"] == "1"


async def test_a_refusal_has_the_code_and_the_sentence_of_its_class(client: httpx.AsyncClient) -> None:
    problem = _problem(await client.get("/v1/full"), 409, "hall_is_full")

    assert (problem["title"], problem["detail"]) == ("Every seat is taken.", "12 seats")


async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient) -> None:
    _problem(await client.get("/v1/thing"), 404, "unknown")


async def test_how_a_service_is(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    ready = await client.get("/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "degraded": ["nats"], "reads": {"access": 7}})
    assert "python_info" in (await client.get("/metrics")).text
    assert "/v1/rooms" in (await client.get("/openapi.json")).json()["paths"]


def test_a_client_that_went_away_is_no_mistake_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    assert of_error(ClientDisconnect(), "POST", "/v1/rooms").status == 503
    assert caplog.records == []

    of_error(LookupError(), "POST", "/v1/rooms")  # control
    assert [record.message for record in caplog.records] == ["request_failed"]
