"""A browser's session: a cookie that no script can read becomes the bearer token that every route asks for.

A browser sends its cookies whoever made it send the request. So what is not a read must also show the session's CSRF
token, which only our own page could read, and come from our own origin.
"""

import asyncio
import hmac
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.edge.problems import Problem, of_error

CSRF_HEADER = "x-placet-csrf"
_UNDER = "/v1/"  # pages and their files are the same for everybody
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_STREAM = b"text/event-stream"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, in one browser."""

    id: bytes
    """Names it, and opens nothing."""
    token: str
    token_until: float
    """Seconds since 1970: when ``token`` expires."""
    csrf: str
    ends_at: float
    """Seconds since 1970, at the latest."""


class Sessions(Protocol):
    """Who keeps the sessions."""

    async def find(self, cookie: str) -> Session | None:
        """The session of a cookie, with a token that is good now; None if there is none, or none any more.

        Raises Problem, and ``passing`` errors.
        """
        ...


class OpenStreams:
    """Answers that would not end by themselves, and the sessions they were opened in."""

    def __init__(self) -> None:
        self._open: dict[bytes, set[asyncio.Timeout]] = {}

    @property
    def sessions(self) -> Collection[bytes]:
        """The ids of sessions with a stream."""
        return self._open.keys()

    @contextmanager
    def kept(self, session_id: bytes, limit: asyncio.Timeout) -> Iterator[None]:
        """Lets ``end`` end what runs under ``limit``."""
        mine = self._open.setdefault(session_id, set())
        mine.add(limit)
        try:
            yield
        finally:
            mine.discard(limit)
            if not mine:
                self._open.pop(session_id, None)

    def end(self, session_id: bytes) -> None:
        """Ends the session's streams: nobody goes on watching after they signed out."""
        for limit in self._open.get(session_id, ()):
            if not limit.expired():
                limit.reschedule(asyncio.get_running_loop().time())


class BrowserSessions:
    """Turns the cookie ``cookie`` into ``Authorization: Bearer``; a request that brings its own is left as it is.

    ``origin``: of our pages, as browsers name it. None: whatever host the browser believes it speaks to.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, streams: OpenStreams, cookie: str, origin: str | None) -> None:
        self._app = app
        self._sessions = sessions
        self._streams = streams
        self._cookie = cookie
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = None
        if scope["type"] == "http" and scope["path"].startswith(_UNDER):
            try:
                session = await self._session(scope)
            except Exception as error:  # noqa: BLE001  (answered as the routes' own errors are)
                await of_error(error, scope["method"], "session").response()(scope, receive, send)
                return
        if session is None:
            await self._app(scope, receive, send)
        else:
            await self._as(session, scope, receive, send)

    async def _session(self, scope: Scope) -> Session | None:
        headers = Headers(scope=scope)
        cookie = cookie_parser(headers.get("cookie", "")).get(self._cookie)
        if not cookie or "authorization" in headers:
            return None
        session = await self._sessions.find(cookie)
        if session is not None and scope["method"] not in _READS:
            shown = headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(shown.encode(), session.csrf.encode()):
                raise _not_wanted("Show the session's csrf value, from GET /v1/session, in X-Placet-Csrf.")
            require_own_page(headers, scope["scheme"], self._origin)
        return session

    async def _as(self, session: Session, scope: Scope, receive: Receive, send: Send) -> None:
        """A stream ends with the session, or with the token it was opened with: its client comes again, as who they
        are then.
        """
        bearer = (b"authorization", f"Bearer {session.token}".encode())
        state = {**scope.get("state", {}), "session": session}
        signed = {**scope, "headers": [*scope["headers"], bearer], "state": state}
        limit = asyncio.timeout(None)
        is_complete = False

        with ExitStack() as opened:

            async def told(message: Message) -> None:
                nonlocal is_complete
                if message["type"] == "http.response.start" and _is_stream(message):
                    lasts_s = min(session.token_until, session.ends_at) - time.time()
                    limit.reschedule(asyncio.get_running_loop().time() + lasts_s)
                    opened.enter_context(self._streams.kept(session.id, limit))
                elif message["type"] == "http.response.body":
                    is_complete = not message.get("more_body", False)
                await send(message)

            try:
                async with limit:
                    await self._app(signed, receive, told)
            except TimeoutError:
                if not limit.expired():
                    raise
        if limit.expired() and not is_complete:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def require_own_page(headers: Mapping[str, str], scheme: str, origin: str | None) -> None:
    """Refuses what another site's page made a browser send; see ``BrowserSessions``. Raises Problem 403."""
    own = origin or f"{scheme}://{headers.get('host', '')}"
    named, site = headers.get("origin"), headers.get("sec-fetch-site")
    if (named is None and site is None) or named not in {None, own} or site not in {None, "same-origin"}:
        raise _not_wanted(f"The request does not come from a page of {own}.")


def _not_wanted(detail: str) -> Problem:
    return Problem(403, "csrf", "Nobody is known to have wanted this.", detail)


def _is_stream(start: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(_STREAM) for name, value in start["headers"])
