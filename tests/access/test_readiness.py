"""Whether scans may be sent here; and what can be seen of those that were."""

from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.access.controls import MAIN, badge
from tests.access.running import Access, credential, scan_body

# --- readiness ------------------------------------------------------------------------------------------------------


async def test_a_stand_by_that_knows_nobody_who_leads_is_not_ready(access: Access) -> None:
    """A load balancer believes this, and would send it every second guest."""
    access.host.lease.database_answers = True

    ready = await access.get("/ready")

    assert (ready.status_code, ready.json()["degraded"]) == (503, ["nats", "standing_by"])
    assert (await access.scan_answer(scan_body("12345678", MAIN))).status_code == 503


async def test_whoever_decides_is_ready_without_the_broker_too_until_it_decides_no_more(access: Access) -> None:
    access.host.lease.database_answers = True
    async with access.leading():
        assert (await access.get("/ready")).status_code == 200

    assert (await access.get("/ready")).status_code == 503


async def test_whoever_has_no_database_is_not_ready(access: Access) -> None:
    async with access.leading():
        access.host.lease.database_answers = False

        assert (await access.get("/ready")).status_code == 503


# --- metrics --------------------------------------------------------------------------------------------------------


async def seen(centre: Access, sample: str, **labels: str) -> float:
    """The value of a sample, 0 if there is none."""
    text = (await centre.get("/metrics")).text
    samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
    return sum(one.value for one in samples if one.name == sample and one.labels == labels)


@pytest.mark.parametrize(
    ("known", "direction", "labels"),
    [
        (True, "in", {"outcome": "admitted", "reason": ""}),
        (False, "in", {"outcome": "refused", "reason": "credential_unknown"}),
        (True, "out", {"outcome": "exited", "reason": ""}),
    ],
    ids=["admitted", "refused", "exited"],
)
async def test_each_verdict_is_counted_once_by_outcome_and_reason(
    centre: Access, known: bool, direction: str, labels: dict[str, str]
) -> None:
    one, scan_id = badge(uuid4()), uuid4()
    if known:
        await centre.knows(one)
    counted = await seen(centre, "placet_verdicts_total", **labels)
    timed = await seen(centre, "placet_verdict_seconds_count")

    for _ in range(2):
        await centre.scan(credential(one), MAIN, direction, scan_id=scan_id)

    assert await seen(centre, "placet_verdicts_total", **labels) == counted + 1
    assert await seen(centre, "placet_verdict_seconds_count") == timed + 1


async def test_how_long_a_verdict_took_is_counted_in_seconds(centre: Access) -> None:
    before = await seen(centre, "placet_verdict_seconds_sum")

    await centre.scan("12345678", MAIN)

    assert 0 < await seen(centre, "placet_verdict_seconds_sum") - before < 5


async def test_metrics_name_nobody_and_nothing(centre: Access) -> None:
    one = badge(uuid4())
    await centre.knows(one)
    scan_id = uuid4()
    await centre.scan(credential(one), MAIN, scan_id=scan_id)

    text = (await centre.get("/metrics")).text

    assert not any(str(id_) in text for id_ in (one.badge_id, one.person_id, scan_id, MAIN.gate_id))
