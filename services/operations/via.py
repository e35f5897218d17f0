"""What the pages ask of other services, passed on as the person who asks: an allow-list, and nothing beside it.

The service that is asked decides who may. A path is put together from the pattern and from ids that are checked here,
never from what came.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

import httpx
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, unavailable
from chassis.run import telemetry
from chassis.run.authorities import authorities
from chassis.run.logging import Logger
from chassis.run.settings import Settings
from contracts.words import ServiceName
from services.operations.tiers import WATCHERS

_ALLOWED: Mapping[ServiceName, Mapping[str, tuple[str, ...]]] = {
    "access": {
        "GET": (
            "zones", "gates", "devices", "orders", "sessions", "overrides", "policy", "dead-letters",
            "scans/{scan_id}", "scans/{scan_id}/explanation", "revocations/{badge_id}", "evacuations/{evacuation_id}",
        ),
        "POST": (
            "lockdowns", "lockdowns/lifting", "threat-level",
            "evacuations", "evacuations/{evacuation_id}/reconciliation", "evacuations/{evacuation_id}/all-clear",
            "zones/{zone_id}/count", "gates/{gate_id}/state", "presence/inference", "passback/forgiveness",
            "overrides/{override_id}/review", "overrides/{override_id}/confirmation", "devices/{device_id}/cut-off",
            "dead-letters/retry", "dead-letters/discard",
        ),
    },
    "accreditation": {
        "GET": ("delegations", "delegations/{delegation_id}", "badges/{badge_id}"),
        "POST": (
            "people/search", "people/names", "badges/{badge_id}/suspension", "badges/{badge_id}/reinstatement",
            "badges/{badge_id}/revocation", "badges/{badge_id}/loss",
        ),
    },
    "notifications": {
        "GET": ("dead-letters",),
        "POST": ("dead-letters/retry", "dead-letters/discard"),
    },
}  # fmt: skip
"""Under ``/v1/via/<service>/`` here, under ``/v1/`` there."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PASSED = ("accept-language", "authorization", "content-type", "idempotency-key")
_RETURNED = ("content-type", "content-language", "retry-after", "www-authenticate")
_LONGEST_QUERY = 2_000
_MOST_BYTES = 16 * 1024 * 1024  # of an answer
_PATIENCE = httpx.Timeout(None, connect=1, pool=2)  # s
_LONGEST_S = 15.0  # of all of an answer

log = Logger(__name__)


def via(settings: Settings) -> APIRouter:
    """A route for each thing that is passed on."""
    router = APIRouter(prefix="/v1/via", tags=["via"], include_in_schema=False)
    for service, methods in _ALLOWED.items():
        passing = _Passing(service, getattr(settings, f"{service}_url"))
        for method, paths in methods.items():
            for path in paths:
                router.add_api_route(f"/{service}/{path}", passing.route(path), methods=[method])
    return router


class _Passing:
    """The way to one service."""

    def __init__(self, service: ServiceName, url: str) -> None:
        self._service = service
        self._client = httpx.AsyncClient(
            base_url=url, timeout=_PATIENCE, trust_env=False, verify=authorities(url), follow_redirects=False
        )

    def route(self, pattern: str) -> Callable[..., Awaitable[Response]]:
        async def passed_on(request: Request, _: Principal = allowed(*WATCHERS)) -> Response:
            return await self._pass(request, f"/v1/{pattern.format_map(_ids(request.path_params))}")

        return passed_on

    async def _pass(self, request: Request, path: str) -> Response:
        if len(request.url.query) > _LONGEST_QUERY:
            raise Problem(414, "query_too_long", "The query is longer than allowed.")
        headers = {name: value for name in _PASSED if (value := request.headers.get(name)) is not None}
        if (trace := telemetry.valid(request.headers.get("traceparent"))) is not None:
            headers["traceparent"] = trace
        target = f"{path}?{request.url.query}" if request.url.query else path
        try:
            content = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody: whoever asked has gone, and nothing was asked for them
        asked = self._client.build_request(
            request.method, target, headers={**headers, "accept-encoding": "identity"}, content=content
        )
        try:
            async with asyncio.timeout(_LONGEST_S):
                answer = await self._client.send(asked, stream=True)
                try:
                    body = await _whole(answer)
                finally:
                    await answer.aclose()
        except Exception as error:  # (a connection that breaks at once is an AttributeError of anyio's)
            log.warning("passing_on_failed", source=self._service, error=type(error).__name__)
            detail = (
                f"{self._service} does not answer. Nothing is known to have been lost; ask again with the same key."
            )
            raise unavailable(detail) from error
        returned = {name: value for name in _RETURNED if (value := answer.headers.get(name)) is not None}
        return Response(body, answer.status_code, {**returned, "Cache-Control": "no-store"})


def _ids(given: Mapping[str, str]) -> Mapping[str, str]:
    """The ids of a path. Raises Problem 404 for what is none: a step up, a slash in disguise."""
    if not all(_ID.fullmatch(one) for one in given.values()):
        raise Problem(404, "not_found", "Not Found")
    return given


async def _whole(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_raw():
        body += part
        if len(body) > _MOST_BYTES:
            raise httpx.DecodingError("too long")
    return body
