"""An evacuation as those who run it see it: ordered, checked in at the lake, looked through, compared, cleared."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from services.access.domain.record.badges import Badge
from tests.access.controls import ANNA, EAST, MAIN, STAGE_DOOR, badge
from tests.access.running import Access, credential


@dataclass
class Fire:
    """An evacuation of the hall, with Anna (vn) in it, Boris (fr) on its stage, and Chau (fr) somewhere else."""

    centre: Access
    number: str
    anna: Badge
    boris: Badge
    chau: Badge

    async def checks_in(self, **who: Any) -> dict[str, Any]:
        return await self.centre.did(f"/v1/evacuations/{self.number}/musters", {"point": "lake", **who}, "supervisor")

    async def shown(self, role: str = "commander") -> dict[str, Any]:
        answer = await self.centre.get(f"/v1/evacuations/{self.number}", role)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]


@pytest.fixture
async def fire(centre: Access) -> AsyncIterator[Fire]:
    anna, boris, chau = badge(uuid4()), badge(uuid4(), delegation_id="fr"), badge(uuid4(), delegation_id="fr")
    await centre.knows(anna, boris, chau)
    for one, gates in ((anna, (MAIN, EAST)), (boris, (MAIN, EAST, STAGE_DOOR)), (chau, (MAIN,))):
        for at in gates:
            await centre.scan(credential(one), at)
    order = {"zone_id": "hall", "reason": "fire"}
    number = (await centre.did("/v1/evacuations", order, "commander"))["evacuation_id"]
    yield Fire(centre, number, anna, boris, chau)
    await centre.post(f"/v1/evacuations/{number}/all-clear", {}, "commander")


def person(one: Badge) -> str:
    return str(one.person_id)


async def test_the_list_is_by_zone_by_delegation_and_by_person(fire: Fire) -> None:
    await fire.checks_in(credential=credential(fire.anna))
    await fire.checks_in(person_id=person(fire.chau))
    await fire.checks_in(nameless=True)

    shown = await fire.shown()

    assert shown.pop("ordered_at")
    people = {one["person_id"]: (one["zone_id"], one["standing"]) for one in shown.pop("people")}
    assert people == {person(fire.anna): ("hall", "mustered"), person(fire.boris): ("stage", "missing")}
    one_safe = {"expected": 1, "mustered": 1, "left": 0, "missing": 0}
    one_missing = {"expected": 1, "mustered": 0, "left": 0, "missing": 1}
    assert shown == {
        "evacuation_id": fire.number,
        "zones": ["hall"],
        "reason": "fire",
        "expected": 2,
        "mustered": 1,
        "left": 0,
        "missing": 1,
        "unexpected": 1,
        "unexpected_people": [person(fire.chau)],
        "nameless": 1,
        "unknown": -1,
        "by_zone": [{"zone_id": "hall", **one_safe}, {"zone_id": "stage", **one_missing}],
        "by_delegation": [{"delegation_id": "fr", **one_missing}, {"delegation_id": "vn", **one_safe}],
    }


@pytest.mark.parametrize("role", ["supervisor", "operations", "commander", "auditor"])
async def test_who_is_missing_is_shown_to_those_who_look_for_them(fire: Fire, role: str) -> None:
    assert {one["person_id"] for one in (await fire.shown(role))["people"]} == {person(fire.anna), person(fire.boris)}


@pytest.mark.parametrize("role", ["protocol", "admin", "service"])
async def test_the_others_see_how_many(fire: Fire, role: str) -> None:
    shown = await fire.shown(role)

    assert (shown["expected"], shown["missing"]) == (2, 2)
    assert person(fire.anna) not in str(shown)


async def test_a_scanner_checks_people_in_and_learns_only_whether_they_were_expected(fire: Fire) -> None:
    _, device = await fire.centre.enrolled("main")
    path = f"/v1/evacuations/{fire.number}/musters"
    answers = []
    for one in (fire.anna, fire.anna, fire.chau):
        headers = {**device, "Idempotency-Key": str(uuid4())}
        body = {"point": "lake", "credential": credential(one)}
        answers.append((await fire.centre.client.post(path, json=body, headers=headers)).json())

    assert [answer["expected"] for answer in answers] == [True, None, False]
    assert all(set(answer) == {"evacuation_id", "expected"} for answer in answers)
    listed = await fire.centre.client.get(f"/v1/evacuations/{fire.number}", headers=device)
    assert person(fire.boris) not in listed.text


async def test_a_badge_that_tells_nobody_says_what_to_do(fire: Fire) -> None:
    answer = await fire.centre.post(
        f"/v1/evacuations/{fire.number}/musters", {"point": "lake", "credential": "wet"}, "supervisor"
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "badge_tells_nobody")


@pytest.mark.parametrize(
    "who",
    [{}, {"nameless": True, "person_id": str(ANNA)}, {"credential": "x", "nameless": True}, {"nameless": False}],
    ids=str,
)
async def test_a_check_in_says_who_in_one_way(fire: Fire, who: dict[str, Any]) -> None:
    answer = await fire.centre.post(f"/v1/evacuations/{fire.number}/musters", {"point": "lake", **who}, "supervisor")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_the_numbers_are_put_on_record_and_told(fire: Fire) -> None:
    await fire.checks_in(credential=credential(fire.anna))
    numbers = await fire.centre.did(f"/v1/evacuations/{fire.number}/reconciliation", {}, "operations")

    expected = {"expected": 2, "accounted": 1, "missing": 1, "unknown": 0, "unexpected": 0}
    assert numbers == {"evacuation_id": fire.number, **expected}
    (told,) = (await fire.centre.recorded("MusterReconciled"))[-1:]
    assert told | expected == told


async def test_an_order_repeated_is_the_same_order(fire: Fire) -> None:
    key, body = str(uuid4()), {"zone_id": "expo", "reason": "smoke"}
    first, again, other = [
        (await fire.centre.post("/v1/evacuations", body, "commander", key=one)).json()["evacuation_id"]
        for one in (key, key, str(uuid4()))
    ]
    inner = await fire.centre.did("/v1/evacuations", {"zone_id": "stage", "reason": "fire"}, "commander")
    await fire.centre.did(f"/v1/evacuations/{first}/all-clear", {}, "commander")

    assert first == again == other
    assert first != fire.number
    assert inner["evacuation_id"] == fire.number


async def test_after_the_all_clear_people_come_back(fire: Fire) -> None:
    assert (await fire.centre.scan(credential(fire.chau), EAST))["reason"] == "evacuation"
    key = str(uuid4())
    path = f"/v1/evacuations/{fire.number}/all-clear"
    answers = [(await fire.centre.post(path, {}, "commander", key=key)).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert (await fire.centre.get(f"/v1/evacuations/{fire.number}", "commander")).json()["code"] == "evacuation_unknown"
    zones = {zone["zone_id"]: zone["occupancy"] for zone in (await fire.centre.get("/v1/zones", "operations")).json()}
    assert (zones["hall"], zones["stage"]) == (0, 0)
    back = await fire.centre.scan(credential(fire.anna), EAST)
    assert (back["outcome"], back["occupancy"]["count"]) == ("admitted", 1)
    assert {one["type"] for one in (await fire.centre.recorded())[-12:]} >= {"ExitsInferred", "AllClearGiven"}
