"""The dashboard: a page and its few files, as they lie in ``page/``. They hold no data, so anybody may load them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from chassis.edge.identity import Principal, public

_PAGE = Path(__file__).parent / "page"
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def dashboard() -> APIRouter:
    """``/`` and one route a file of the page."""
    router = APIRouter(include_in_schema=False)
    for file in sorted(_PAGE.iterdir()):
        router.add_api_route("/" if file.name == "index.html" else f"/{file.name}", _sends(file))
    return router


def _sends(file: Path) -> Callable[..., Awaitable[Response]]:
    content = file.read_bytes()  # at the start: a page is never half of one release and half of the next

    async def send(_: Principal = public()) -> Response:
        return Response(content, media_type=_KINDS[file.suffix], headers=_HEADERS)

    return send
