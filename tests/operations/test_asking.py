"""What operations asks the others itself: whether they are ready, and how quick their gates are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from chassis.run.host import Host
from services.operations import asking as askings
from services.operations.asking import Asking
from services.operations.settings import OperationsSettings
from tests.conftest import Database, Issuer, free_port, served
from tests.controls import NOW, eventually, running
from tests.operations.told import SOURCES, device_id

TIMES = {"main": {"p50": 3.1, "p95": 9.9, "scans": 40}}


@dataclass
class Others:
    """Three services, which answer what a test wants them to."""

    answers: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def app(self) -> Starlette:
        mounts = [Mount(f"/{name}", routes=[Route("/{path:path}", self._answers(name))]) for name in SOURCES]
        return Starlette(routes=mounts)

    def _answers(self, name: str) -> Callable[[Request], Awaitable[JSONResponse]]:
        async def answer(request: Request) -> JSONResponse:
            path = f"{name}/{request.path_params['path']}"
            self.tokens.add(request.headers["authorization"])
            ready = {"status": "ready", "degraded": [], "reads": {}}
            return JSONResponse(self.answers.get(path, ready), self.statuses.get(path, 200))

        return answer


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Others:
    monkeypatch.setattr(askings, "_READY_EVERY_S", 0.02)
    monkeypatch.setattr(askings, "_GATES_EVERY_S", 0.02)
    return Others(
        {"access/v1/gates/verdict-times": TIMES, "access/v1/devices/heartbeats": {str(device_id("a")): NOW.isoformat()}}
    )


@pytest.fixture
async def asking(
    others: Others, configured: OperationsSettings, database: Database, issuer: Issuer
) -> AsyncIterator[Asking]:
    configured.service_token_file.write_text(issuer.token("service", sub="operations", ttl_s=600))
    async with served(others.app(), free_port()) as url:
        addresses = {f"{name}_url": f"{url}/{name}" for name in SOURCES}
        host = Host("operations", configured.model_copy(update=addresses), database.pool)
        made = Asking(host, lambda: ["nats"])
        async with running(made.run()):
            await eventually(lambda: len(made.services()) == 4 and made.heard, says="nobody is asked")
            yield made


def _of(asking: Asking, name: str) -> dict[str, Any]:
    (found,) = [one for one in asking.services() if one["service"] == name]
    return dict(found)


async def test_every_service_is_asked_and_operations_looks_at_itself(asking: Asking, others: Others) -> None:
    assert [one["service"] for one in asking.services()] == [*SOURCES, "operations"]
    assert _of(asking, "accreditation")["state"] == "up"
    assert _of(asking, "operations")["degraded"] == ["nats"]
    (token,) = others.tokens
    assert token.startswith("Bearer ")


async def test_a_service_is_as_it_says_and_since_when_it_does(asking: Asking, others: Others) -> None:
    since = datetime.fromisoformat(_of(asking, "access")["since"])
    others.answers["access/ready"] = {"status": "ready", "degraded": ["nats"], "reads": {}}
    await eventually(lambda: _of(asking, "access")["state"] == "degraded", says="nothing is noticed")
    assert _of(asking, "access")["degraded"] == ["nats"]

    others.statuses["access/ready"] = 503
    await eventually(lambda: _of(asking, "access")["state"] == "down", says="nothing is noticed")
    assert datetime.fromisoformat(_of(asking, "access")["since"]) >= since


@pytest.mark.parametrize("nonsense", [[], {"status": "ready"}, {"degraded": 7}])
async def test_a_service_that_answers_nonsense_is_down(asking: Asking, others: Others, nonsense: object) -> None:
    others.answers["notifications/ready"] = nonsense
    await eventually(lambda: _of(asking, "notifications")["state"] == "down", says="nothing is noticed")


async def test_a_gate_shows_what_access_measured_and_nothing_once_access_does_not_answer(
    asking: Asking, others: Others
) -> None:
    await eventually(lambda: asking.verdict_ms("main") == TIMES["main"], says="nothing is shown")
    assert asking.verdict_ms("elsewhere") is None

    others.statuses["access/v1/gates/verdict-times"] = 503
    await eventually(lambda: asking.verdict_ms("main") is None, says="an old figure is shown")
    others.statuses.clear()
    others.answers["access/v1/gates/verdict-times"] = {"main": "fast"}
    assert asking.verdict_ms("main") is None


async def test_a_heartbeat_stays_heard_while_access_does_not_answer(asking: Asking, others: Others) -> None:
    assert asking.heard == {device_id("a"): NOW}
    others.statuses["access/v1/devices/heartbeats"] = 500
    others.statuses["access/v1/gates/verdict-times"] = 500
    await eventually(lambda: asking.verdict_ms("main") is None, says="nothing is noticed")
    assert asking.heard == {device_id("a"): NOW}
