"""The scanners as they are this minute: heard of, silent, moved, behind; on record is what is worth telling."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.run.clock import ScenarioClock
from contracts.accreditation import BadgeRevoked
from services.access.domain.devices import ReportDevice, worth_telling
from services.access.domain.record.devices import DeviceReported
from services.access.fleet import Fleet
from tests.access.beating import HandMonotonic, beat, part_of, timed
from tests.access.controls import EAST, MAIN, badge
from tests.access.running import Access, access_on, credential, key_published, scan_body
from tests.conftest import Database, Issuer
from tests.controls import NOW, eventually

Body = dict[str, Any]


@pytest.fixture(scope="module")
async def alone(
    module_database: Database, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Access, HandMonotonic]]:
    """The congress centre, with the time between heartbeats in the hands of the tests."""
    async with access_on(module_database, people_issuer, tmp_path_factory.mktemp("access")) as access:
        clock = timed(access)
        async with access.leading():
            await access.lay_out()
            await access.hears(key_published())
            yield access, clock


Alone = tuple[Access, HandMonotonic]


async def shown(access: Access, device_id: str) -> Body:
    found = (await access.get("/v1/devices", "operations")).json()
    one: Body = next(device for device in found if device["device_id"] == device_id)
    return one


async def told(access: Access, device_id: str, kind: str = "DeviceReported") -> list[Body]:
    return [event for event in await access.recorded(kind) if event["device_id"] == device_id]


# --- heartbeats -----------------------------------------------------------------------------------------------------


async def test_a_device_hears_what_it_should_know(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")

    venue = access.gatekeeper.venue
    assert await beat(access, headers) == {
        "gate_id": "main",
        "time": NOW.isoformat().replace("+00:00", "Z"),
        "policy_version": venue.policy_version,
        "revocation_version": venue.badges.revocations.version,
        "journal_expected": 1,
        "next_in_s": 15,
    }


async def test_the_fleet_shows_how_each_device_is(alone: Alone) -> None:
    access, clock = alone
    device_id, headers = await access.enrolled("main")
    quiet_id, _ = await access.enrolled("main")
    await beat(access, headers, battery=42, queue=7, time=(NOW + timedelta(seconds=3)).isoformat())
    clock.passes(4)

    one, quiet = await shown(access, device_id), await shown(access, quiet_id)

    assert one["heard"] | {"heard_at": ""} == {
        "battery": 42,
        "queue": 7,
        "skew_s": 3,
        "policy_version": access.gatekeeper.venue.policy_version,
        "revocation_version": access.gatekeeper.venue.badges.revocations.version,
        "software": "placet-gate-1.4.2",
        "heard_at": "",
        "age_s": 4.0,
    }
    assert (one["gate_id"], one["silent"], one["behind"]) == ("main", False, [])
    assert (quiet["heard"], quiet["behind"]) == (None, [])


async def test_a_device_that_lacks_something_is_behind(alone: Alone) -> None:
    access, _ = alone
    device_id, headers = await access.enrolled("main")
    one = badge(uuid4())
    await access.knows(one)
    await access.hears(
        BadgeRevoked(badge_id=one.badge_id, person_id=one.person_id, delegation_id="vn", reason="returned")
    )

    await beat(access, headers, policy_version=1, revocation_version=None)

    assert (await shown(access, device_id))["behind"] == ["policy", "revocations"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"battery": 101},
        {"queue": -1},
        {"software": "Nguyễn Thị Hoa"},
        {"time": "2025-10-25T08:30:00"},
        {"gate": "main"},
    ],
    ids=str,
)
async def test_a_heartbeat_that_makes_no_sense_is_not_heard(alone: Alone, wrong: Body) -> None:
    access, _ = alone
    device_id, headers = await access.enrolled("main")
    headers = {**headers, "Idempotency-Key": "1"}

    answer = await access.client.post(
        "/v1/devices/heartbeat", json={"time": NOW.isoformat(), "queue": 0, **wrong}, headers=headers
    )

    assert answer.status_code == 422
    assert (await shown(access, device_id))["heard"] is None


def test_a_clock_that_a_scenario_sets_is_nobodys(tmp_path: Path) -> None:
    clock = ScenarioClock(tmp_path / "clock")
    clock.set(NOW)

    assert Fleet(None, clock).skew_s(NOW + timedelta(days=300)) is None  # type: ignore[arg-type]


# --- worth telling --------------------------------------------------------------------------------------------------

REPORT = ReportDevice(
    device_id=uuid4(),
    battery=87,
    queue=3,
    skew_s=2,
    policy_version=4,
    revocation_version=9,
    software="placet-gate-1.4.2",
    heard_at=NOW,
)


@pytest.mark.parametrize(
    ("changed", "worth"),
    [
        ({"heard_at": NOW + timedelta(hours=1)}, False),
        ({"battery": 80}, False),
        ({"battery": 79}, True),
        ({"battery": None}, True),
        ({"queue": 9}, False),
        ({"queue": 10}, True),
        ({"queue": 0}, True),
        ({"skew_s": -30}, False),
        ({"skew_s": 31}, True),
        ({"skew_s": -31}, True),
        ({"policy_version": 5}, True),
        ({"revocation_version": 10}, True),
        ({"software": "placet-gate-1.4.3"}, True),
    ],
    ids=str,
)
def test_what_somebody_would_look_at_twice_is_worth_telling(changed: Body, worth: bool) -> None:
    before = DeviceReported(**REPORT.model_dump(), venue_id="ncc", gate_id="main")

    assert worth_telling(before, REPORT.model_copy(update=changed)) == worth
    assert worth_telling(None, REPORT)


async def test_what_is_worth_telling_is_on_record_and_nothing_else(alone: Alone) -> None:
    access, clock = alone
    device_id, headers = await access.enrolled("main")

    for battery in (87, 86, 85, 79, 78):
        await beat(access, headers, battery=battery)
        clock.passes(21)

    assert [event["battery"] for event in await told(access, device_id)] == [87, 79]


async def test_a_device_that_flickers_is_told_of_a_few_times_a_minute(alone: Alone) -> None:
    access, clock = alone
    device_id, headers = await access.enrolled("main")

    for second in range(60):
        await beat(access, headers, queue=second % 2 * 50)
        clock.passes(1)

    assert 2 <= len(await told(access, device_id)) <= 3


# --- silence --------------------------------------------------------------------------------------------------------


async def test_a_device_that_falls_silent_is_told_of_once_and_again_when_it_is_back(alone: Alone) -> None:
    access, clock = alone
    device_id, headers = await access.enrolled("main")
    other_id, other = await access.enrolled("main")
    await beat(access, headers)
    for _ in range(4):
        await beat(access, other)
        clock.passes(20)

    (silence,) = await eventually(lambda: told(access, device_id, "DeviceFellSilent"))

    assert (silence["gate_id"], silence["heard_at"]) == ("main", NOW.isoformat().replace("+00:00", "Z"))

    async def is_silent() -> bool:
        return bool((await shown(access, device_id))["silent"])

    await eventually(is_silent)
    assert not (await shown(access, other_id))["silent"], "it was heard of"

    await beat(access, headers)

    assert not (await shown(access, device_id))["silent"]
    assert len(await told(access, device_id)) == 2
    assert len(await told(access, device_id, "DeviceFellSilent")) == 1


async def test_a_device_that_was_cut_off_is_expected_to_be_silent(alone: Alone) -> None:
    access, clock = alone
    device_id, headers = await access.enrolled("main")
    other_id, other = await access.enrolled("main")
    await beat(access, headers)
    await beat(access, other)
    await access.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor")
    clock.passes(61)

    await eventually(lambda: told(access, other_id, "DeviceFellSilent"))

    assert await told(access, device_id, "DeviceFellSilent") == []


# --- moved ----------------------------------------------------------------------------------------------------------


async def test_a_device_that_was_moved_scans_at_its_new_gate_at_once(alone: Alone) -> None:
    access, _ = alone
    device_id, headers = await access.enrolled("main")
    one = badge(uuid4())
    await access.knows(one)

    await access.did(f"/v1/devices/{device_id}/gate", {"gate_id": "hall-east"}, "supervisor")
    here = await access.client.post("/v1/scans", json=scan_body(credential(one), EAST), headers=headers)
    there = await access.client.post("/v1/scans", json=scan_body(credential(one), MAIN), headers=headers)

    assert here.status_code == 200
    assert (there.status_code, there.json()["code"]) == (403, "not_yours")
    assert (await beat(access, headers))["gate_id"] == "hall-east"
    (moved,) = await told(access, device_id, "DeviceMoved")
    assert (moved["gate_id"], moved["from_gate_id"]) == ("hall-east", "main")


async def test_it_is_moved_once_or_twice_to_the_same_end(alone: Alone) -> None:
    access, _ = alone
    device_id, _ = await access.enrolled("main")

    for _ in range(2):
        await access.did(f"/v1/devices/{device_id}/gate", {"gate_id": "hall-east"}, "supervisor")

    assert len(await told(access, device_id, "DeviceMoved")) == 1


@pytest.mark.parametrize(("gate_id", "code"), [("nowhere", "gate_unknown"), ("hall-east", "device_cut_off")])
async def test_a_device_is_moved_to_a_gate_that_there_is_and_while_it_is_one_of_ours(
    alone: Alone, gate_id: str, code: str
) -> None:
    access, _ = alone
    device_id, _ = await access.enrolled("main")
    if code == "device_cut_off":
        await access.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor")

    answer = await access.post(f"/v1/devices/{device_id}/gate", {"gate_id": gate_id}, "supervisor")

    assert answer.json()["code"] == code


async def test_a_device_nobody_enrolled_is_not_moved(alone: Alone) -> None:
    access, _ = alone
    answer = await access.post(f"/v1/devices/{uuid4()}/gate", {"gate_id": "main"}, "supervisor")

    assert (answer.status_code, answer.json()["code"]) == (404, "device_unknown")


async def test_another_process_shows_what_was_worth_telling(alone: Alone) -> None:
    access, _ = alone
    """Who leads next knows of a device what is on record, until it speaks."""
    access, _ = alone
    device_id, headers = await access.enrolled("main")
    await beat(access, headers, battery=55)

    part_of(access, Fleet)._last.clear()

    assert (await shown(access, device_id))["heard"]["battery"] == 55
