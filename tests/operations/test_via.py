"""What pages ask of other services is passed on as the person who asks; nothing else is."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.edge.app import create_app
from chassis.edge.identity import Identity
from chassis.run.clock import RealClock
from chassis.run.embedded.postgres import EmbeddedPostgres
from contracts.roles import ROLES
from services.operations.tiers import WATCHERS
from services.operations.via import _ALLOWED, via
from tests.access.test_roles import EXPECTED as OF_ACCESS
from tests.accreditation.test_roles import EXPECTED as OF_ACCREDITATION
from tests.conftest import Issuer, free_port, served
from tests.operations.signing import configured, migrated

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SCAN = "018f0000-0000-7000-8000-0000000000ff"


@dataclass
class Elsewhere:
    """A service that notes what it is asked, and answers as a test says."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    answer: Response = field(default_factory=lambda: JSONResponse({"done": True}))
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        self.silent.set()
        return Starlette(routes=[Route("/{path:path}", self._note, methods=methods)])

    async def _note(self, request: Request) -> Response:
        target = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
        body = (await request.body()).decode()
        self.heard.append({"asked": f"{request.method} {target}", "body": body, "headers": dict(request.headers)})
        await self.silent.wait()
        return self.answer


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
async def other() -> AsyncIterator[tuple[Elsewhere, str]]:
    made = Elsewhere()
    async with served(made.app(), free_port()) as url:
        yield made, url


@pytest.fixture
def elsewhere(other: tuple[Elsewhere, str]) -> Elsewhere:
    made, _ = other
    made.heard.clear()
    made.answer = JSONResponse({"done": True})
    return made


@pytest.fixture(scope="module")
async def url(postgres: EmbeddedPostgres, issuer: Issuer, other: tuple[Elsewhere, str]) -> AsyncIterator[str]:
    """Operations' way to three others: one of them, at a path of its host, and notifications not there."""
    there = {"access_url": f"{other[1]}/access", "accreditation_url": other[1]}
    async with migrated(postgres) as database:
        settings = configured(database, issuer, **there, notifications_url=f"http://127.0.0.1:{free_port()}")
        app = create_app(
            "via", "", settings, RealClock(), Identity(settings.jwks, settings.issuer, settings.audience),
            [via(settings)], ready=lambda: True, degraded=list, reads=dict,
        )  # fmt: skip
        async with served(app, settings.port) as address:
            yield address


@pytest.fixture
async def officer(url: str, issuer: Issuer, elsewhere: Elsewhere) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers=issuer.headers("commander", sub="officer-7")) as client:
        yield client


async def test_a_command_goes_on_as_the_person_s_own(officer: httpx.AsyncClient, elsewhere: Elsewhere) -> None:
    elsewhere.answer = JSONResponse({"position": 7}, 201)
    headers = {"Idempotency-Key": "k-1", "Accept-Language": "vi", "traceparent": TRACE, "X-Forwarded-For": "10.0.0.1"}
    cookie = {"Cookie": "placet_session=secret"}
    answer = await officer.post("/v1/via/access/lockdowns", json={"zone_id": "pln"}, headers={**headers, **cookie})
    assert (answer.status_code, answer.json()) == (201, {"position": 7})
    (heard,) = elsewhere.heard
    assert heard["asked"] == "POST /access/v1/lockdowns"
    assert json.loads(heard["body"]) == {"zone_id": "pln"}
    sent = heard["headers"]
    assert sent["authorization"] == officer.headers["authorization"]
    assert (sent["idempotency-key"], sent["accept-language"], sent["traceparent"]) == ("k-1", "vi", TRACE)
    assert sent["content-type"] == "application/json"
    assert "cookie" not in sent
    assert "x-forwarded-for" not in sent


async def test_a_question_goes_on_with_its_ids_and_its_query(officer: httpx.AsyncClient, elsewhere: Elsewhere) -> None:
    await officer.get(f"/v1/via/access/scans/{SCAN}/explanation")
    await officer.get("/v1/via/accreditation/delegations", params={"after": "fr&x", "limit": 2})
    asked = [one["asked"] for one in elsewhere.heard]
    assert asked == [f"GET /access/v1/scans/{SCAN}/explanation", "GET /v1/delegations?after=fr%26x&limit=2"]


async def test_answers_come_as_they_are(officer: httpx.AsyncClient, elsewhere: Elsewhere) -> None:
    problem = {"code": "zone_unknown", "status": 404}
    elsewhere.answer = JSONResponse(
        problem, 404, {"Retry-After": "3", "Set-Cookie": "a=b"}, media_type="application/problem+json"
    )
    answer = await officer.post("/v1/via/access/lockdowns", json={})
    assert (answer.status_code, answer.json()) == (404, problem)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("3", "no-store")
    assert "set-cookie" not in answer.headers


async def test_a_redirect_is_not_followed(officer: httpx.AsyncClient, elsewhere: Elsewhere) -> None:
    elsewhere.answer = Response(status_code=307, headers={"Location": "http://127.0.0.1:1/"})
    answer = await officer.get("/v1/via/access/zones")
    assert (answer.status_code, "location" in answer.headers) == (307, False)


@pytest.mark.parametrize(
    "target",
    [
        "GET /v1/via/access/watchlist",
        "GET /v1/via/access/log",
        "GET /v1/via/access/zones/pln/people",
        "GET /v1/via/access/v1/zones",
        "GET /v1/via/access/",
        "GET /v1/via/access",
        "GET /v1/via/operations/zones",
        "GET /v1/via/nobody/zones",
        "GET /v1/via/accreditation/people",
        "GET /v1/via/accreditation/badges/x/credential",
        "GET /v1/via/access/scans/..",
        "GET /v1/via/access/scans/../zones",
        "GET /v1/via/access/scans/%2e%2e/explanation",
        "GET /v1/via/access/scans/..%2fwatchlist",
        "GET /v1/via/access/scans/%2e%2e%2fwatchlist/explanation",
        "GET /v1/via/access/scans/a%2fb",
        "GET /v1/via/access/scans/a%5cb",
        "GET /v1/via/access/scans/a%3fb",
        "GET /v1/via/access/scans/a%23b",
        "GET /v1/via/access/scans/a%00b",
        "GET /v1/via/access/scans/a%0d%0ab",
        "GET /v1/via/access/scans/@evil.example",
        "GET /v1/via/access/scans/x:y",
        f"GET /v1/via/access/scans/{'a' * 65}",
        "GET //v1/via/access/zones",
        "GET /v1/via//access/zones",
        "GET /v1/via/access/%7a%6fnes/pln/people",
        "POST /v1/via/access/zones",
        "POST /v1/via/access/rules",
        "POST /v1/via/access/scans",
        "PUT /v1/via/access/lockdowns",
        "DELETE /v1/via/accreditation/people/search",
        "PATCH /v1/via/access/zones",
        "HEAD /v1/via/access/zones",
        "OPTIONS /v1/via/access/zones",
        "GET /v1/via/access/lockdowns",
    ],
)
async def test_nothing_else_goes_on(officer: httpx.AsyncClient, elsewhere: Elsewhere, target: str) -> None:
    assert await status_of(officer, target) in {307, 404, 405}
    assert elsewhere.heard == []
    assert await status_of(officer, "GET /v1/via/access/zones") == 200  # control


async def status_of(client: httpx.AsyncClient, target: str) -> int:
    """Of a request as it is written: httpx would tidy its path up first."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    lines = [
        f"{target} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 0", "Connection: close",
        f"Authorization: {client.headers['authorization']}",
    ]  # fmt: skip
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    status = (await reader.readline()).split()[1]
    await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(status)


async def test_methods_are_not_taken_from_headers(officer: httpx.AsyncClient, elsewhere: Elsewhere) -> None:
    await officer.get("/v1/via/access/zones", headers={"X-HTTP-Method-Override": "DELETE"})
    assert [one["asked"] for one in elsewhere.heard] == ["GET /access/v1/zones"]


@pytest.mark.parametrize("role", ROLES)
async def test_those_who_may_watch_the_room_ask(url: str, issuer: Issuer, elsewhere: Elsewhere, role: str) -> None:
    headers = issuer.headers(role)
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/v1/via/access/zones", headers=headers)
        nobody = await client.get("/v1/via/access/zones")
    assert (answer.status_code == 200) is (role in WATCHERS), answer.text
    assert nobody.status_code == 401
    assert len(elsewhere.heard) == (role in WATCHERS)


async def test_a_body_that_is_too_large_goes_nowhere(officer: httpx.AsyncClient, elsewhere: Elsewhere) -> None:
    answer = await officer.post("/v1/via/access/lockdowns", content=b"x" * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")

    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 8_192

    answer = await officer.post("/v1/via/access/lockdowns", content=without_end())
    assert answer.status_code == 413
    query = await officer.get("/v1/via/access/zones", params={"x": "y" * 2_100})
    assert (query.status_code, query.json()["code"]) == (414, "query_too_long")
    assert elsewhere.heard == []


async def test_an_answer_that_is_too_large_is_not_kept(
    officer: httpx.AsyncClient, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.via._MOST_BYTES", 1_000)
    elsewhere.answer = Response(b"x" * 1_001)
    assert (await officer.get("/v1/via/access/zones")).status_code == 503
    elsewhere.answer = Response(b"x" * 1_000)
    assert (await officer.get("/v1/via/access/zones")).status_code == 200  # control


async def test_a_service_that_is_not_there_is_a_problem_to_try_again(officer: httpx.AsyncClient) -> None:
    answer = await officer.get("/v1/via/notifications/dead-letters")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_a_service_that_does_not_answer_is_given_up(
    officer: httpx.AsyncClient, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.via._LONGEST_S", 0.1)
    elsewhere.silent.clear()
    answer = await officer.post("/v1/via/access/lockdowns", json={})
    elsewhere.silent.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "same key" in answer.json()["detail"]


def test_what_is_passed_on_is_there() -> None:
    care = {("GET", "/v1/dead-letters"), ("POST", "/v1/dead-letters/retry"), ("POST", "/v1/dead-letters/discard")}
    there = {"access": {*OF_ACCESS}, "accreditation": {*OF_ACCREDITATION}, "notifications": care}
    wanted = {
        service: {(method, f"/v1/{path}") for method, paths in methods.items() for path in paths}
        for service, methods in _ALLOWED.items()
    }
    assert {service: wanted[service] - there[service] for service in wanted} == {service: set() for service in wanted}
