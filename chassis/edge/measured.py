"""Requests as Prometheus sees them: how many, by route and by how they ended, and when their answers began."""

import time
from functools import cache

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ANSWERED = Counter("placet_http_requests", "Requests answered.", ["method", "route", "status"])
_TOOK = Histogram(
    "placet_http_request_seconds",
    "From a request's arrival to the beginning of its answer; what is asked to wait for news waits.",
    ["method", "route"],
    buckets=(0.005, 0.025, 0.1, 0.25, 1, 5),
)
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
_UNROUTED = "unrouted"
"""No route of ours, or handed on to the process that leads: what anybody may type names no series."""


class Measured:
    """Outermost: sees also what other middleware answers. ``scope["measured_as"]`` names a route that has no object."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        arrived = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                method, route = scope["method"], scope.get("measured_as") or _route(scope)
                _took(method if method in _METHODS else "other", route).observe(time.perf_counter() - arrived)
                _answered(method if method in _METHODS else "other", route, message["status"] // 100).inc()
            await send(message)

        await self._app(scope, receive, noted)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", _UNROUTED)


@cache  # looking a series up costs more than counting in it, and routes are few
def _answered(method: str, route: str, hundreds: int) -> Counter:
    return _ANSWERED.labels(method, route, f"{hundreds}xx")


@cache
def _took(method: str, route: str) -> Histogram:
    return _TOOK.labels(method, route)
