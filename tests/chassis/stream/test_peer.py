"""Services ask each other directly, show who they are, and know one error for an answer that is none."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from chassis.stream.feed import Feed, FeedUnreachableError
from chassis.stream.peer import Peer, PeerUnreachableError
from tests.conftest import free_port, served

_LOG_ID = "018f0000-0000-7000-8000-000000000001"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("first\n")
    return file


class Other:
    """The service that is asked: it answers with who asked for what, and with ``page`` as its feed."""

    def __init__(self) -> None:
        self.page: Any = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/who", lambda request: JSONResponse(request.headers["authorization"])),
                Route("/guests", self._guests),
                Route("/v1/log", lambda _request: JSONResponse(self.page)),
                Route("/page", lambda _request: PlainTextResponse("<h1>Welcome</h1>")),
                Route("/refused", lambda _request: JSONResponse({}, 403)),
            ]
        )

    async def _guests(self, request: Request) -> Response:
        ids = request.query_params["ids"].split(",")
        return JSONResponse([{"id": one, "asked_with": len(ids), **request.query_params} for one in ids])


@pytest.fixture
def other() -> Other:
    return Other()


@pytest.fixture
async def url(other: Other) -> AsyncIterator[str]:
    async with served(other.app(), free_port()) as address:
        yield address


@pytest.fixture
async def peer(url: str, token_file: Path) -> AsyncIterator[Peer]:
    async with aclosing(Peer(url, token_file)) as made:
        yield made


async def test_the_token_is_shown_and_a_renewed_one_picked_up(peer: Peer, token_file: Path) -> None:
    assert await peer.get("/who") == "Bearer first"
    token_file.write_text("second\n")
    assert await peer.get("/who") == "Bearer second"


async def test_no_proxy_hears_what_services_say_to_each_other(
    url: str, token_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{free_port()}")
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)

    async with aclosing(Peer(url, token_file)) as peer:
        assert await peer.get("/who") == "Bearer first"

    async with httpx.AsyncClient() as careless:  # control: a client that asks its environment
        with pytest.raises(httpx.ConnectError):
            await careless.get(f"{url}/who")


async def test_many_are_asked_for_in_several_requests(peer: Peer) -> None:
    rows = await peer.get_listed("/guests", range(250), purpose="notice")

    assert [row["id"] for row in rows] == [str(one) for one in range(250)]
    assert [row["asked_with"] for row in rows] == [100] * 200 + [50] * 50
    assert {row["purpose"] for row in rows} == {"notice"}
    assert await peer.get_listed("/guests", []) == []


@pytest.mark.parametrize("path", ["/page", "/refused", "/nothing"])
async def test_an_answer_that_is_none_is_an_error_of_its_own(peer: Peer, path: str) -> None:
    with pytest.raises(PeerUnreachableError):
        await peer.get(path)


async def test_rows_that_are_none_are_too(peer: Peer) -> None:
    with pytest.raises(PeerUnreachableError):
        await peer.get_listed("/who", [1])


async def test_nobody_there_or_no_token_to_show_is_the_same(peer: Peer, token_file: Path) -> None:
    async with aclosing(Peer(f"http://127.0.0.1:{free_port()}", token_file)) as nobody:
        with pytest.raises(PeerUnreachableError):
            await nobody.get("/who")
    token_file.unlink()
    with pytest.raises(PeerUnreachableError):
        await peer.get("/who")


@pytest.mark.parametrize(
    "page",
    [
        [],
        None,
        {"log_id": 5, "events": [], "complete_to": 0, "head": 0},
        {"log_id": _LOG_ID, "events": [], "complete_to": 0, "head": "far"},
        {"log_id": _LOG_ID, "events": [], "complete_to": None, "head": 0},
        {"log_id": _LOG_ID, "events": {"0": {}}, "complete_to": 0, "head": 0},
        {"log_id": _LOG_ID, "events": [7], "complete_to": 0, "head": 0},
        {"log_id": _LOG_ID, "events": [{"id": 7}], "complete_to": 0, "head": 0},
    ],
    ids=str,
)
async def test_a_page_that_is_no_feed_is_as_good_as_none(url: str, other: Other, token_file: Path, page: Any) -> None:
    other.page = page
    feed = Feed("accreditation", url, token_file)
    with pytest.raises(FeedUnreachableError):
        await feed.read(0, 10)
    await feed.close()
