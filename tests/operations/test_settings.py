"""What operations is told by its environment, and what it tells whoever measures it."""

import httpx
import pytest
from pydantic import ValidationError

from services.operations.settings import OperationsSettings
from tests.controls import eventually
from tests.operations.conftest import Operations
from tests.operations.told import goes_in


@pytest.mark.parametrize("time_zone", ["Asia/Hanoy", "../../etc/passwd", "", "/etc/localtime"])
def test_a_time_zone_that_does_not_exist_is_refused_before_anything_starts(
    configured: OperationsSettings, time_zone: str
) -> None:
    with pytest.raises(ValidationError, match="invalid timezone"):
        OperationsSettings(**{**configured.model_dump(), "time_zone": time_zone})


async def test_metrics_tell_how_far_behind_each_source_is(at_work: Operations) -> None:
    await at_work.told.tell(goes_in("per"))
    await at_work.knows_all()
    async with httpx.AsyncClient(base_url=at_work.url) as client:
        metrics = (await client.get("/metrics")).text
    for source in ("accreditation", "access", "notifications"):
        assert f'placet_consumer_lag_events{{source="{source}"}} 0.0' in metrics


async def test_metrics_tell_how_many_watch(at_work: Operations) -> None:
    async with httpx.AsyncClient(base_url=at_work.url) as client:

        async def tells(watchers: int) -> bool:
            return f"placet_operations_viewers {watchers}.0" in (await client.get("/metrics")).text

        assert await tells(0)
        async with client.stream("GET", "/v1/live"):
            await eventually(lambda: tells(1))
        await eventually(lambda: tells(0))


async def test_the_interface_is_described(at_work: Operations) -> None:
    async with httpx.AsyncClient(base_url=at_work.url) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert {"/v1/live", "/v1/snapshot", "/v1/log", "/v1/dead-letters"} <= paths.keys()
    assert "text/event-stream" in paths["/v1/live"]["get"]["responses"]["200"]["content"]
