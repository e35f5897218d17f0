"""A small service that people sign in to with the operations room's own parts, and browsers as httpx can be one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import APIRouter
from starlette.responses import StreamingResponse

from chassis.edge.app import create_app
from chassis.edge.identity import Identity, Principal, allowed
from chassis.edge.session import BrowserSessions, OpenStreams
from chassis.run.clock import RealClock
from chassis.run.embedded.postgres import EmbeddedPostgres
from placet.places import migrations_of
from services.operations.settings import OperationsSettings
from services.operations.signing_in.cookies import session_cookie
from services.operations.signing_in.http import SigningIn, signing_in
from services.operations.signing_in.provider import provider_of
from services.operations.signing_in.sessions import OpenSessions
from tests.conftest import ISSUER, Database, Issuer, free_port, fresh_database, served
from tests.controls import running

COOKIE = "placet_session"


@dataclass
class Room:
    """The service, served."""

    url: str
    sessions: OpenSessions
    streams: OpenStreams

    def browser(self, **headers: str) -> "Browser":
        return Browser(self.url, headers)


class Browser:
    """Keeps cookies, follows no redirect by itself, and says where its requests come from as browsers do."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, timeout=5, headers={"Accept": "text/html", **headers})
        self.csrf = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    @property
    def cookie(self) -> str | None:
        return self.http.cookies.get(COOKIE)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """As our own page would; ``headers`` with an empty value are left out."""
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", "X-Placet-Csrf": self.csrf}
        sent = {name.encode(): value.encode("latin-1") for name, value in {**own, **headers}.items() if value}
        return await self.http.post(path, json=body, headers=sent)

    async def session(self) -> dict[str, Any]:
        answer = await self.get("/v1/session")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        self.csrf = shown["csrf"] or ""
        return shown

    async def sign_in_here(self, token: str) -> httpx.Response:
        """With a token, at the machine of an embedded run."""
        answer = await self.post("/v1/session/local", {"token": token})
        if answer.is_success:
            await self.session()
        return answer

    async def to_provider(self, onward: str = "/") -> str:
        """The address at the provider that a sign-in begins with."""
        answer = await self.http.get("/sign-in/oidc", params={"next": onward})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def from_provider(self, address: str) -> str:
        """Where the provider sends the browser back to, after asking nothing."""
        async with httpx.AsyncClient() as elsewhere:
            answer = await elsewhere.get(address)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def sign_in(self, onward: str = "/") -> httpx.Response:
        """Through the provider; the last answer."""
        return await self.get(await self.from_provider(await self.to_provider(onward)))


def asked(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def told(answer: httpx.Response) -> str:
    """The code of what went wrong, as the page gets to know it."""
    assert answer.status_code == 303, answer.text
    return asked(answer.headers["location"])["sign_in_error"]


@asynccontextmanager
async def migrated(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database that has the table of sessions."""
    async with fresh_database(postgres) as database:
        await postgres.provide(database.service, [migrations_of("operations")])
        yield database


def configured(database: Database, issuer: Issuer, /, **more: Any) -> OperationsSettings:
    """Operations as an embedded run has it, if ``more`` does not say otherwise."""
    return OperationsSettings(
        **{
            "database_url": database.dsn,
            "database_password_file": database.postgres.password_file(database.service),
            "port": free_port(),
            "jwks": str(issuer.jwks),
            "issuer": ISSUER,
            "service_token_file": issuer.jwks.with_name("token"),
            "embedded": True,
            **more,
        }
    )


@asynccontextmanager
async def room(
    settings: OperationsSettings, database: Database, idle_for: timedelta = timedelta(hours=1)
) -> AsyncIterator[Room]:
    """Serves it, with a route for those of operations, a command, and a stream that never ends by itself."""
    streams, provider = OpenStreams(), provider_of(settings)
    sessions = OpenSessions(database.pool, streams, idle_for, settings.lasts, provider)
    identity = Identity(settings.jwks, settings.issuer, settings.audience)
    app = create_app(
        "room", "", settings, RealClock(), identity,
        [_routes(), signing_in(SigningIn(sessions, identity, provider, settings.public_url))],
        ready=lambda: True, degraded=list, reads=dict,
    )  # fmt: skip
    app.add_middleware(
        BrowserSessions,
        sessions=sessions,
        streams=streams,
        cookie=session_cookie(settings.public_url).name,
        origin=settings.public_url,
    )
    async with running(sessions.run()), served(app, settings.port) as url:
        yield Room(url, sessions, streams)


def _routes() -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/mine")
    async def mine(principal: Principal = allowed("operations")) -> dict[str, str]:
        return {"actor": principal.actor}

    @router.post("/orders")
    async def order(principal: Principal = allowed("operations")) -> dict[str, str]:
        return {"ordered_by": principal.actor}

    @router.get("/stream")
    async def stream(_: Principal = allowed("operations")) -> StreamingResponse:
        return StreamingResponse(_ticks(), media_type="text/event-stream")

    return router


async def _ticks() -> AsyncGenerator[bytes, None]:
    while True:
        yield b": tick\n\n"
        await asyncio.sleep(0.05)
