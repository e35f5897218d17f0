"""A scanner becomes one of ours by a code that works once, is bound to its gate, and can be cut off at once."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.log.decider import Refused
from chassis.log.log import Metadata
from services.access.domain.devices import EnrolDevice, IssueEnrolmentCode
from services.access.enrolment import TOKEN_PREFIX
from tests.access.controls import EAST, MAIN, badge
from tests.access.running import Access, credential, scan_body
from tests.access.test_gatekeeper import head_held, watching
from tests.conftest import Database
from tests.controls import eventually

PUBLIC_KEY = "ab" * 32


async def code_for(centre: Access, gate_id: str = "main", key: str | None = None) -> str:
    issued = await centre.post("/v1/devices/codes", {"gate_id": gate_id}, "supervisor", key=key)
    assert issued.status_code == 201, issued.text
    code: str = issued.json()["code"]
    return code


async def test_a_code_is_traded_for_a_token_bound_to_its_gate(centre: Access) -> None:
    enrolled = await centre.post("/v1/devices/enrol", {"code": await code_for(centre), "public_key": PUBLIC_KEY})

    assert enrolled.status_code == 201
    device = enrolled.json()
    assert (device["gate_id"], device["token"].startswith(TOKEN_PREFIX)) == ("main", True)
    assert datetime.fromisoformat(device["expires_at"]) > datetime.now(UTC) + timedelta(days=29)


async def test_a_device_scans_at_its_gate_and_is_named_in_the_record(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    one = badge(uuid4())
    await centre.knows(one)
    body = scan_body(credential(one), MAIN)

    answer = await centre.client.post("/v1/scans", json=body, headers=headers)

    assert answer.json()["outcome"] == "admitted"
    (record,) = [scan for scan in await centre.recorded("BadgeScanned") if scan["scan_id"] == body["scan_id"]]
    assert record["device_id"] == device_id


async def test_a_device_scans_at_no_other_gate(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    before = await centre.host.log.head()

    answer = await centre.client.post("/v1/scans", json=scan_body("12345678", EAST), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert await centre.host.log.head() == before


async def test_a_device_asks_after_scans_of_its_gate_only(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    here, elsewhere = await centre.scan("12345678", MAIN), await centre.scan("12345678", EAST)

    mine = await centre.client.get(f"/v1/scans/{here['scan_id']}", headers=headers)
    other = await centre.client.get(f"/v1/scans/{elsewhere['scan_id']}", headers=headers)

    assert mine.status_code == 200
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")


async def test_a_code_works_once(centre: Access) -> None:
    code = await code_for(centre)
    first = await centre.post("/v1/devices/enrol", {"code": code, "public_key": PUBLIC_KEY})

    second = await centre.post("/v1/devices/enrol", {"code": code, "public_key": PUBLIC_KEY})

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "enrolment_code_invalid")


async def test_of_many_who_trade_one_code_at_once_one_gets_a_device(centre: Access) -> None:
    code = await code_for(centre)
    before = len(centre.gatekeeper.venue.devices.known)

    answers = await asyncio.gather(
        *(centre.post("/v1/devices/enrol", {"code": code, "public_key": PUBLIC_KEY}) for _ in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(centre.gatekeeper.venue.devices.known) == before + 1


async def test_a_code_may_be_typed_as_people_type(centre: Access) -> None:
    code = await code_for(centre)
    typed = "-".join(code[start : start + 4] for start in range(0, len(code), 4)).lower()

    assert (await centre.post("/v1/devices/enrol", {"code": typed, "public_key": PUBLIC_KEY})).status_code == 201


@pytest.mark.parametrize("code", ["AAAAAAAAAAAAAAAA", "2222222222222222", "--------"])
async def test_a_code_nobody_issued_does_not_work(centre: Access, code: str) -> None:
    answer = await centre.post("/v1/devices/enrol", {"code": code, "public_key": PUBLIC_KEY})

    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment_code_invalid")


async def test_a_guess_does_not_wait_in_line_with_scans(access: Access, database: Database) -> None:
    """Anybody may guess, as often as they like: no gate must be slower for it."""
    async with access.leading(), watching(database) as waiting:
        await access.lay_out()
        async with head_held(database):
            scan = asyncio.create_task(access.scan("12345678", MAIN))
            await eventually(waiting)

            guess = {"code": "2222222222222222", "public_key": PUBLIC_KEY}
            answer = await asyncio.wait_for(access.post("/v1/devices/enrol", guess), 5)

            assert answer.json()["code"] == "enrolment_code_invalid"
            assert not scan.done()
        assert (await scan)["reason"] == "credential_malformed"


async def test_an_expired_code_does_not_work(centre: Access) -> None:
    command = IssueEnrolmentCode(
        code_hash=hashlib.sha256(b"LASTYEARSCODE").hexdigest(), gate_id="main", expires_at=datetime.now(UTC)
    )
    await centre.gatekeeper.obey(command, Metadata("person:test", uuid4(), datetime.now(UTC)))

    answer = await centre.post("/v1/devices/enrol", {"code": "LASTYEARSCODE", "public_key": PUBLIC_KEY})

    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment_code_invalid")


async def test_no_code_is_issued_for_a_gate_that_is_not_there(centre: Access) -> None:
    answer = await centre.post("/v1/devices/codes", {"gate_id": "back-door"}, "supervisor")

    assert (answer.status_code, answer.json()["code"]) == (404, "gate_unknown")


@pytest.mark.parametrize("public_key", ["", "ab", "AB" * 32, "zz" * 32, "ab" * 33, None])
async def test_a_public_key_is_thirty_two_bytes_in_hex(centre: Access, public_key: str | None) -> None:
    answer = await centre.post("/v1/devices/enrol", {"code": await code_for(centre), "public_key": public_key})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


# --- secrets are shown once -----------------------------------------------------------------------------------------


async def test_a_code_is_shown_once(centre: Access) -> None:
    key = str(uuid4())
    await code_for(centre, key=key)

    again = await centre.post("/v1/devices/codes", {"gate_id": "main"}, "supervisor", key=key)

    assert (again.status_code, again.json()["code"]) == (409, "already_shown")


async def test_a_token_is_shown_once(centre: Access) -> None:
    key, body = str(uuid4()), {"code": await code_for(centre), "public_key": PUBLIC_KEY}
    first = await centre.post("/v1/devices/enrol", body, key=key)
    before = len(centre.gatekeeper.venue.devices.known)

    again = await centre.post("/v1/devices/enrol", body, key=key)

    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "already_shown")
    assert len(centre.gatekeeper.venue.devices.known) == before


async def test_a_key_used_for_another_device_is_refused(centre: Access) -> None:
    key, body = str(uuid4()), {"code": await code_for(centre), "public_key": PUBLIC_KEY}
    await centre.post("/v1/devices/enrol", body, key=key)

    answer = await centre.post("/v1/devices/enrol", {**body, "public_key": "cd" * 32}, key=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


async def test_scanners_that_choose_the_same_key_are_not_taken_for_each_other(centre: Access) -> None:
    """Two out of the same box begin to count at 1; none of them is anybody yet."""
    bodies = [{"code": await code_for(centre, gate), "public_key": PUBLIC_KEY} for gate in ("main", "hall-east")]
    key = str(uuid4())

    answers = [await centre.post("/v1/devices/enrol", body, key=key) for body in bodies]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["gate_id"] for answer in answers] == ["main", "hall-east"]
    assert len({answer.json()["device_id"] for answer in answers}) == 2
    again = [await centre.post("/v1/devices/enrol", body, key=key) for body in bodies]
    assert [answer.json()["code"] for answer in again] == ["already_shown"] * 2


async def test_neither_code_nor_token_is_written_down(centre: Access) -> None:
    code = await code_for(centre)
    device = (await centre.post("/v1/devices/enrol", {"code": code, "public_key": PUBLIC_KEY})).json()

    everything = json.dumps([(event.data, event.metadata_json) for event in await centre.host.log.read(0, 100_000)])
    assert device["token"] not in everything
    assert code not in everything
    assert hashlib.sha256(device["token"].encode()).hexdigest() in everything  # control: we look in the right place
    assert hashlib.sha256(code.encode()).hexdigest() in everything
    told = await centre.get("/v1/devices", "supervisor")
    assert device["device_id"] in told.text
    assert "token" not in told.text


# --- cutting off ----------------------------------------------------------------------------------------------------


async def test_a_device_that_was_cut_off_is_nobody_from_then_on(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    assert (await centre.client.get("/v1/zones", headers=headers)).status_code == 200

    await centre.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor")
    answer = await centre.client.post("/v1/scans", json=scan_body("12345678", MAIN), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_device_is_cut_off_once_or_twice_to_the_same_end(centre: Access) -> None:
    device_id, _ = await centre.enrolled("main")

    answers = [await centre.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor") for _ in range(2)]

    assert answers == [{"device_id": device_id, "cut_off": True}] * 2
    assert sum(one["device_id"] == device_id for one in await centre.recorded("DeviceCutOff")) == 1


async def test_a_device_nobody_enrolled_is_not_cut_off(centre: Access) -> None:
    answer = await centre.post(f"/v1/devices/{uuid4()}/cut-off", {}, "supervisor")

    assert (answer.status_code, answer.json()["code"]) == (404, "device_unknown")


@pytest.mark.parametrize("token", [TOKEN_PREFIX, TOKEN_PREFIX + "x" * 43, TOKEN_PREFIX + "é".encode().hex()])
async def test_a_token_nobody_was_given_is_nobodys(centre: Access, token: str) -> None:
    answer = await centre.client.get("/v1/zones", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_device_whose_month_is_over_is_nobody(centre: Access) -> None:
    token, code = TOKEN_PREFIX + "of-last-month", "4567"
    now = datetime.now(UTC)
    code_hash = hashlib.sha256(code.encode()).hexdigest()
    issue = IssueEnrolmentCode(code_hash=code_hash, gate_id="main", expires_at=now + timedelta(minutes=1))
    enrol = EnrolDevice(
        code_hash=code_hash,
        device_id=uuid4(),
        public_key=PUBLIC_KEY,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        now=now,
        token_expires_at=now,
    )
    for command in (issue, enrol):
        outcome = await centre.gatekeeper.obey(command, Metadata("person:test", uuid4(), now))
        assert not isinstance(outcome, Refused)

    answer = await centre.client.get("/v1/zones", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
