"""What is wrong with how many scanners, as metrics tell it: a number each, and never which."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from contracts.accreditation import BadgeRevoked
from services.access.domain.record.badges import Badge
from tests.access.beating import HandMonotonic, beat, timed
from tests.access.controls import MAIN, badge
from tests.access.running import Access, access_on, credential, key_published
from tests.access.test_journal_over_http import brought, entry
from tests.access.test_readiness import seen
from tests.conftest import Database, Issuer
from tests.controls import NOW, eventually

Alone = tuple[Access, HandMonotonic]


@pytest.fixture(scope="module")
async def alone(
    module_database: Database, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Alone]:
    """The congress centre, with the time between heartbeats in the hands of the tests."""
    async with access_on(module_database, people_issuer, tmp_path_factory.mktemp("access")) as access:
        clock = timed(access)
        async with access.leading():
            await access.lay_out()
            await access.hears(key_published())
            yield access, clock


@pytest.fixture(autouse=True)
async def no_other_device(alone: Alone) -> None:
    """Those of the tests before are cut off."""
    access, _ = alone
    for device in access.gatekeeper.venue.devices.known.values():
        await access.post(f"/v1/devices/{device.device_id}/cut-off", "supervisor")


def revoked(one: Badge) -> BadgeRevoked:
    return BadgeRevoked(
        badge_id=one.badge_id, person_id=one.person_id, delegation_id=one.delegation_id, reason="withdrawn"
    )


async def test_a_device_that_is_as_it_should_be_is_counted_as_nothing_but_a_device(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")

    await beat(access, headers)

    assert await seen(access, "placet_devices") == 1
    assert await seen(access, "placet_gatekeeper_deciding") == 1
    for wrong in ("silent", "skewed", "queued_scans", "oldest_queue_seconds"):
        assert await seen(access, f"placet_devices_{wrong}") == 0, wrong
    for which in ("policy", "revocations"):
        assert await seen(access, "placet_devices_behind", list=which) == 0, which


async def test_a_clock_that_is_off_is_counted_until_it_is_set(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")

    await beat(access, headers, time=(NOW - timedelta(seconds=31)).isoformat())
    assert await seen(access, "placet_devices_skewed") == 1

    await beat(access, headers)
    assert await seen(access, "placet_devices_skewed") == 0


async def test_a_device_without_the_newest_lists_is_counted_until_it_has_them(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    one = badge(uuid4())
    await access.knows(one)
    await beat(access, headers)

    await access.hears(revoked(one))
    await beat(access, headers, revocation_version=0, policy_version=0)
    assert await seen(access, "placet_devices_behind", list="revocations") == 1
    assert await seen(access, "placet_devices_behind", list="policy") == 1

    await beat(access, headers)
    assert await seen(access, "placet_devices_behind", list="revocations") == 0
    assert await seen(access, "placet_devices_behind", list="policy") == 0


async def test_how_long_a_device_has_had_scans_to_bring(alone: Alone) -> None:
    access, clock = alone
    _, headers = await access.enrolled("main")

    for queue in (3, 12, 40):
        await beat(access, headers, queue=queue)
        clock.passes(20)
    assert await seen(access, "placet_devices_queued_scans") == 40
    assert await seen(access, "placet_devices_oldest_queue_seconds") == 60

    await beat(access, headers, queue=0)
    assert await seen(access, "placet_devices_queued_scans") == 0
    assert await seen(access, "placet_devices_oldest_queue_seconds") == 0


async def test_a_device_that_fell_silent_is_counted_until_it_is_heard_again_or_cut_off(alone: Alone) -> None:
    access, clock = alone
    _, headers = await access.enrolled("main")
    gone_id, gone = await access.enrolled("main")
    await beat(access, headers)
    await beat(access, gone)

    clock.passes(61)
    await beat(access, headers)
    await eventually(partial(_silent, access, 1), says="nobody saw that it fell silent")
    await beat(access, gone)
    assert await _silent(access, 0)

    clock.passes(61)
    await beat(access, headers)
    await eventually(partial(_silent, access, 1), says="nobody saw that it fell silent again")
    await access.post(f"/v1/devices/{gone_id}/cut-off", "supervisor")
    assert await _silent(access, 0)


async def _silent(access: Access, count: int) -> bool:
    return await seen(access, "placet_devices_silent") == count


async def test_whoever_stands_by_tells_of_no_device(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    await beat(access, headers, queue=5)
    assert await seen(access, "placet_devices_queued_scans") == 5

    access.gatekeeper.started.clear()
    try:
        assert await seen(access, "placet_gatekeeper_deciding") == 0
        assert await seen(access, "placet_devices") == 0
        assert await seen(access, "placet_devices_queued_scans") == 0
    finally:
        access.gatekeeper.started.set()


async def test_an_admission_after_a_revocation_is_counted_once_however_often_it_is_brought(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    one = badge(uuid4())
    await access.knows(one)
    await access.hears(revoked(one))
    scan = entry(1, one, scanned_at=NOW.isoformat())
    before = await _admitted_after_revocation(access)

    for _ in range(2):
        await brought(access, headers, scan)

    assert await _admitted_after_revocation(access) == before + 1
    assert credential(one) not in (await access.get("/metrics")).text
    assert MAIN.gate_id not in (await access.get("/metrics")).text


async def _admitted_after_revocation(access: Access) -> float:
    return await seen(access, "placet_journal_conflicts_total", kind="admitted_after_revocation")
