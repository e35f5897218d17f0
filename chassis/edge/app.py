"""A service's HTTP app: health, readiness, metrics, errors, limits; the service adds its own routes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response

from chassis.edge import problems
from chassis.edge.identity import Identity, Principal, public
from chassis.edge.limits import BodyLimit
from chassis.run.clock import Clock
from chassis.run.metrics import DEGRADED, READY
from chassis.run.settings import Settings

VERSION = "0.1.0"


def create_app(
    title: str,
    description: str,
    settings: Settings,
    clock: Clock,
    identity: Identity,
    routers: Sequence[APIRouter],
    *,
    ready: Callable[[], bool],
    degraded: Callable[[], Sequence[str]],
    reads: Callable[[], Mapping[str, int]],
    body_limits: Mapping[str, int] | None = None,
) -> FastAPI:
    """``ready``: whether the service can do its job; ``degraded``: what it does without, a code each; ``reads``: the
    last number applied, by service read.
    """
    app = FastAPI(
        title=title,
        description=description,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        # Our own spans say more; looking each time whether somebody wants the framework's costs more than most routes.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.identity = identity
    app.state.clock = clock
    app.state.embedded = settings.embedded
    app.state.allowed_hosts = frozenset(host.strip() for host in settings.allowed_hosts.split(","))
    problems.install(app)
    app.add_middleware(BodyLimit, limits=body_limits or {})
    app.include_router(_run_routes(ready, degraded, reads))
    for router in routers:
        app.include_router(router)
    return app


def _run_routes(
    ready: Callable[[], bool], degraded: Callable[[], Sequence[str]], reads: Callable[[], Mapping[str, int]]
) -> APIRouter:
    router = APIRouter(tags=["run"])

    @router.get("/health")
    async def health(_: Principal = public()) -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/ready")
    async def readiness(_: Principal = public()) -> Response:
        """200 while the service does its job, with what it does without; 503 while it cannot."""
        able = ready()
        body: dict[str, Any] = {
            "status": "ready" if able else "not_ready",
            "degraded": list(degraded()),
            "reads": reads(),
        }
        return JSONResponse(body, 200 if able else 503)

    @router.get("/metrics")
    async def metrics(_: Principal = public()) -> Response:
        """Prometheus text format."""
        READY.set(ready())
        DEGRADED.clear()
        for code in degraded():
            DEGRADED.labels(code).set(1)
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
