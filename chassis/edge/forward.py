"""A stand-by hands commands to the process that leads, and gives its answer back unchanged.

So a client may speak to any process of a service. Reads are answered here; who may do what is decided there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from functools import cached_property

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.edge.problems import unavailable

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = b"placet-forwarded"
"""What carries it goes no further: two processes that take each other for the leader do not play ping-pong."""
_OF_THE_CONNECTION = frozenset({
    b"connection", b"date", b"expect", b"host", b"keep-alive", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade",
})  # fmt: skip
_LOOK_S = 0.1  # whether the leader is still the leader
_PATIENCE = httpx.Timeout(60, connect=0.5, pool=1)  # s; some commands are long

_Headers = list[tuple[bytes, bytes]]


class Forward:
    """``leads``: whether commands are obeyed here; ``leader``: where else, or None if nobody knows.

    ``questions``: the paths of POSTs that command nothing, and are answered here.
    """

    def __init__(
        self,
        app: ASGIApp,
        leads: Callable[[], bool],
        leader: Callable[[], str | None],
        questions: Collection[str] = (),
    ) -> None:
        self._app = app
        self._leads = leads
        self._leader = leader
        self._questions = questions

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=256, keepalive_expiry=2)  # s; servers close idle connections later
        return httpx.AsyncClient(limits=limits, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READS or self._leads() or scope["path"] in self._questions:
            await self._app(scope, receive, send)
            return
        try:
            status, headers, body = await self._handed_on(scope, receive)
        except Exception:  # noqa: BLE001  (a connection that breaks at once is an AttributeError of anyio's)
            await unavailable().response()(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _handed_on(self, scope: Scope, receive: Receive) -> tuple[int, _Headers, bytes]:
        """The leader's answer. Raises whatever stands in its way."""
        leader = self._leader()
        if leader is None or any(name == _FORWARDED for name, _ in scope["headers"]):
            raise ConnectionError
        asking = asyncio.create_task(self._ask(leader, scope, receive))
        try:
            # A leader that is paused takes requests and does not answer; then another one leads.
            while not (await asyncio.wait([asking], timeout=_LOOK_S))[0]:
                if self._leader() != leader:
                    raise ConnectionError
            return asking.result()
        finally:
            asking.cancel()

    async def _ask(self, leader: str, scope: Scope, receive: Receive) -> tuple[int, _Headers, bytes]:
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        url = httpx.URL(leader).copy_with(raw_path=target)
        headers = [*_of_the_message(scope["headers"]), (_FORWARDED, b"1")]
        # The body goes on as it comes: the leader has its limits, and this process need not hold it.
        patience = {"timeout": _PATIENCE.as_dict()}
        request = httpx.Request(scope["method"], url, headers=headers, content=_body(receive), extensions=patience)
        response = await self._client.send(request, stream=True)
        try:
            body = b"".join([part async for part in response.aiter_raw()])
        finally:
            await response.aclose()
        return response.status_code, _of_the_message(response.headers.raw), body


def _of_the_message(headers: _Headers) -> _Headers:
    return [(name.lower(), value) for name, value in headers if name.lower() not in _OF_THE_CONNECTION]


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
