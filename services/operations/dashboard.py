"""The pages: what ``web/`` was built into, as it lies in ``assets/``. They hold no data, so anybody may load them.

Files under ``/assets`` are named by their content and kept by browsers for ever. Every address of the room's own
answers with the same page, which then shows what the address asks for.
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.edge.identity import Principal, public
from chassis.edge.problems import Problem

ASSETS = Path(__file__).parent / "assets"
PAGES = (
    "/",
    "/gates",
    "/zones",
    "/zones/{zone}",
    "/people",
    "/people/{person}",
    "/delegations/{delegation}",
    "/incidents",
    "/incidents/{incident}",
    "/shift",
    "/orders",
    "/timeline",
    "/record",
    "/sign-in",
)
"""As in ``web/apps/room/src/routes.ts``."""

_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Encoding",
}
_FOR_EVER = "public, max-age=31536000, immutable"


def dashboard(folder: Path = ASSETS) -> APIRouter:
    """The page at each of its addresses, and one route a file beside it."""
    router = APIRouter(include_in_schema=False)
    index = folder / "index.html"
    if not index.exists():
        router.add_api_route("/", _not_built)
        return router
    for path in PAGES:
        router.add_api_route(path, _sends(index, "no-cache"))
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file != index:
            address = file.relative_to(folder).as_posix()
            router.add_api_route(f"/{address}", _sends(file, _FOR_EVER if "/" in address else "no-cache"))
    return router


def build_of(folder: Path = ASSETS) -> str | None:
    """Names what is served: pages that were built of something else have another name. None: there are none."""
    index = folder / "index.html"  # it names all files that it begins with, by their content
    return hashlib.sha256(index.read_bytes()).hexdigest()[:16] if index.exists() else None


async def _not_built(_: Principal = public()) -> Response:
    raise Problem(503, "pages_not_built", "The pages were not built.", "Run `make web`, then start operations again.")


def _sends(file: Path, cache: str) -> Callable[..., Awaitable[Response]]:
    content = file.read_bytes()  # at the start: a page is never half of one release and half of the next
    packed = gzip.compress(content, mtime=0)
    headers = {**_HEADERS, "Cache-Control": cache}

    async def send(request: Request, _: Principal = public()) -> Response:
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type=_KINDS[file.suffix], headers={**headers, "Content-Encoding": "gzip"})
        return Response(content, media_type=_KINDS[file.suffix], headers=headers)

    return send
