"""A client may speak to any process of a service: commands reach the one that leads, and its answer comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.edge.forward import Forward
from chassis.edge.limits import BodyLimit
from tests.conftest import free_port, served
from tests.controls import running


@dataclass
class Process:
    """One process of a service: says who obeyed, and what it was told."""

    name: str
    leads: bool = False
    leader: str | None = None
    hears: list[tuple[httpx.Headers, str, bytes]] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()
        inner = Starlette(routes=[Route("/things/{name:path}", self._obey, methods=["GET", "POST"])])
        self.app = Forward(BodyLimit(inner, {}), lambda: self.leads, lambda: self.leader, ["/things/asked"])

    async def _obey(self, request: Request) -> Response:
        self.hears.append((httpx.Headers(request.headers.raw), str(request.url.query), await request.body()))
        await self.answers.wait()
        answer = {"obeyed-by": self.name, "retry-after": "7", "content-encoding": "br"}
        return Response(b"\x00\xff not really br", 409, answer, media_type="application/problem+json")

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
            yield client

    async def asked_once(self, path: str = "/things/one", **content: object) -> httpx.Response:
        async with self.asked() as client, client.stream("POST", path, **content) as answer:  # type: ignore[arg-type]
            answer.raw = b"".join([part async for part in answer.aiter_raw()])  # type: ignore[attr-defined]
        return answer


@pytest.fixture
async def leader() -> AsyncIterator[Process]:
    """At work, and reached over a real socket."""
    process = Process("leader", leads=True)
    async with served(process.app, free_port()) as url:
        process.leader = url
        yield process
    await process.app.aclose()


@pytest.fixture
async def stand_by(leader: Process) -> AsyncIterator[Process]:
    process = Process("stand-by", leader=leader.leader)
    yield process
    await process.app.aclose()


async def test_a_command_is_obeyed_by_the_leader_and_its_answer_comes_back_unchanged(
    leader: Process, stand_by: Process
) -> None:
    headers = {"Authorization": "Bearer xyz", "Idempotency-Key": "k 1", "traceparent": "00-1-2-01"}

    answer = await stand_by.asked_once("/things/a%2Fb%20c?x=1&y=%26", content=b'{"n": 1}', headers=headers)

    itself = await leader.asked_once("/things/a%2Fb%20c?x=1&y=%26", content=b'{"n": 1}', headers=headers)
    assert (answer.status_code, answer.raw) == (409, itself.raw)  # type: ignore[attr-defined]
    assert answer.headers.items() - {("server", "uvicorn")} == itself.headers.items()
    assert stand_by.hears == []
    (told, query, body), _ = leader.hears
    assert (query, body) == ("x=1&y=%26", b'{"n": 1}')
    assert told.items() >= {name.lower(): value for name, value in headers.items()}.items()
    assert told["host"] in str(leader.leader)


async def test_what_only_reads_is_answered_here(leader: Process, stand_by: Process) -> None:
    async with stand_by.asked() as client:
        answer = await client.get("/things/one")

    assert (answer.headers["obeyed-by"], leader.hears) == ("stand-by", [])


async def test_a_post_that_is_a_question_is_answered_here(leader: Process, stand_by: Process) -> None:
    answer = await stand_by.asked_once("/things/asked")

    assert (answer.headers["obeyed-by"], leader.hears) == ("stand-by", [])


async def test_whoever_leads_obeys_itself(leader: Process, stand_by: Process) -> None:
    stand_by.leads = True

    answer = await stand_by.asked_once()

    assert (answer.headers["obeyed-by"], leader.hears) == ("stand-by", [])


@pytest.mark.parametrize("known", [None, "http://127.0.0.1:9"], ids=["unknown", "unreachable"])
async def test_without_a_leader_the_client_is_asked_to_come_again(known: str | None) -> None:
    answer = await Process("stand-by", leader=known).asked_once()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_two_that_take_each_other_for_the_leader_do_not_play_ping_pong(
    leader: Process, stand_by: Process
) -> None:
    leader.leads = False
    async with served(stand_by.app, free_port()) as url:
        leader.leader = url

        answer = await asyncio.wait_for(stand_by.asked_once(), 5)

    assert answer.status_code == 503
    assert leader.hears == stand_by.hears == []


async def test_a_leader_that_does_not_answer_is_waited_for_until_another_leads(
    leader: Process, stand_by: Process
) -> None:
    """It was paused: its host takes the request, and nobody reads it."""
    leader.answers.clear()
    async with running(stand_by.asked_once()) as (asking,):
        while not leader.hears:
            await asyncio.sleep(0.01)
        assert not asking.done()

        stand_by.leader = None

        await asyncio.wait_for(asyncio.wait([asking]), 1)
        answer = asking.result()
    leader.answers.set()
    assert isinstance(answer, httpx.Response)
    assert answer.status_code == 503


async def test_the_leaders_limits_hold_for_what_is_forwarded(leader: Process, stand_by: Process) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(256):
            yield b"x" * 1_024

    announced = await stand_by.asked_once(content=b"x" * 256 * 1_024)
    unannounced = await stand_by.asked_once(content=endless())

    assert (announced.status_code, unannounced.status_code) == (413, 413)
    assert leader.hears == []
