"""Scans before everything else: what a framework does around a route takes longer than to decide a scan.

Nothing is different but the way there: the route in scans.py is declared beside it, for whoever reads the API and for
every request that is not an ordinary one.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.edge.identity import Identity
from chassis.edge.limits import DEFAULT_LIMIT
from chassis.edge.problems import of_error
from services.access.scan_port import ADMITTED, parse, verdict_on
from services.access.scanning import Scanning

PATH = "/v1/scans"
_JSON = (b"content-type", b"application/json")


class ScansFirst:
    """Answers ``POST /v1/scans`` while scans are decided here; leaves all else to ``app``."""

    def __init__(self, app: ASGIApp, scanning: Scanning, identity: Identity, leads: Callable[[], bool]) -> None:
        self.app = app
        self._scanning = scanning
        self._identity = identity
        self._leads = leads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST" or not self._leads():
            await self.app(scope, receive, send)
            return
        scope["measured_as"] = PATH
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > DEFAULT_LIMIT:
            await self.app(scope, receive, send)
            return
        try:
            principal = await ADMITTED.of(self._identity, headers)
            verdict = await verdict_on(parse(await _body(receive)), self._scanning, principal, headers)
        except Exception as error:  # noqa: BLE001  (whatever it is, the gate is told)
            await of_error(error, "POST", PATH).response()(scope, receive, send)
            return
        size = (b"content-length", str(len(verdict)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [_JSON, size]})
        await send({"type": "http.response.body", "body": verdict})


async def _body(receive: Receive) -> bytes:
    """What was sent, as far as it came: the server cuts it off at its announced length."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
