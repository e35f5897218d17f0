"""Care of presence as supervisors and the operations room do it: who counted, who forgave, and who is inside."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.access.domain.record.badges import Badge
from tests.access.controls import EAST, EXPO_DOOR, MAIN, WEST, badge
from tests.access.running import Access, credential


async def somebody(centre: Access, *gates: Any, **facts: Any) -> Badge:
    """Somebody new, who went in through ``gates``."""
    new = badge(uuid4(), **facts)
    await centre.knows(new)
    for at in gates:
        assert (await centre.scan(credential(new), at))["outcome"] == "admitted"
    return new


async def empty(centre: Access) -> None:
    await centre.did("/v1/presence/inference", {"zone_id": None, "reason": "closing_time"}, "operations")


async def occupancy(centre: Access, zone_id: str) -> int:
    zones = (await centre.get("/v1/zones", "operations")).json()
    return next(int(zone["occupancy"]) for zone in zones if zone["zone_id"] == zone_id)


async def people(centre: Access, zone_id: str, **query: Any) -> dict[str, Any]:
    answer = await centre.client.get(
        f"/v1/zones/{zone_id}/people", params=query, headers=centre.issuer.headers("operations")
    )
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_a_count_is_on_record_with_who_counted_and_why(centre: Access) -> None:
    await empty(centre)
    await somebody(centre, MAIN)
    await centre.did("/v1/zones/grounds/count", {"counted": 4, "reason": "tailgating"}, "supervisor")

    assert await occupancy(centre, "grounds") == 4
    log = await centre.host.log.read(0, 100_000)
    (event,) = [event for event in log if event.type == "OccupancyCorrected"][-1:]
    record = centre.gatekeeper.decode(event).model_dump()
    assert record | {"believed": 1, "counted": 4, "unidentified": 3, "reason": "tailgating"} == record
    assert event.metadata.actor.startswith("person:")
    assert event.shared is not None
    assert event.shared.subject == "access.OccupancyCorrected.v1.grounds"


@pytest.mark.parametrize("body", [{"counted": -1, "reason": "r"}, {"counted": 3}, {"counted": 3, "reason": "he said"}])
async def test_fewer_than_nobody_cannot_be_counted_nor_without_a_reason(centre: Access, body: dict[str, Any]) -> None:
    answer = await centre.post("/v1/zones/grounds/count", body, "supervisor")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_whoever_is_believed_in_a_room_is_taken_to_have_left_it(centre: Access) -> None:
    await empty(centre)
    anna = await somebody(centre, MAIN, EXPO_DOOR)
    await centre.did("/v1/presence/inference", {"zone_id": "expo", "reason": "closing_time"}, "supervisor")

    assert (await occupancy(centre, "expo"), await occupancy(centre, "grounds")) == (0, 1)
    (exits,) = (await centre.recorded("ExitsInferred"))[-1:]
    assert (exits["people"], exits["cause"], exits["reason"]) == ([str(anna.person_id)], "by_hand", "closing_time")


@pytest.mark.parametrize("whose", ["person_id", "zone_id", "all"])
async def test_passback_is_forgiven_at_the_next_entry(centre: Access, whose: str) -> None:
    await empty(centre)
    anna = await somebody(centre, MAIN, EAST)
    assert (await centre.scan(credential(anna), WEST))["reason"] == "already_inside"

    named = {"person_id": str(anna.person_id), "zone_id": "hall", "all": True}[whose]
    await centre.did("/v1/passback/forgiveness", {whose: named, "reason": "photo_verified"}, "supervisor")

    assert (await centre.scan(credential(anna), WEST))["outcome"] == "admitted"
    assert (await centre.scan(credential(anna), WEST))["reason"] == "already_inside"


@pytest.mark.parametrize("whose", [{}, {"all": True, "zone_id": "hall"}, {"all": False}], ids=str)
async def test_whose_is_said_in_one_way(centre: Access, whose: dict[str, Any]) -> None:
    answer = await centre.post("/v1/passback/forgiveness", {**whose, "reason": "photo_verified"}, "supervisor")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_nobody_of_that_id_is_forgiven(centre: Access) -> None:
    body = {"person_id": str(uuid4()), "reason": "photo_verified"}

    assert (await centre.post("/v1/passback/forgiveness", body, "supervisor")).json()["code"] == "person_unknown"


async def test_who_is_inside_is_listed_by_id_with_how_sure_that_is(centre: Access) -> None:
    await empty(centre)
    anna, boris = await somebody(centre, MAIN), await somebody(centre, MAIN, delegation_id="fr")
    inside = [
        {"person_id": str(one.person_id), "delegation_id": one.delegation_id}
        for one in sorted((anna, boris), key=lambda one: one.person_id)
    ]

    certain = {"zone_id": "grounds", "identified": 2, "unidentified": 0, "occupancy": 2, "people": inside}
    assert await people(centre, "grounds") == {**certain, "at_least": 2, "at_most": 2}

    await centre.did("/v1/zones/grounds/count", {"counted": 5, "reason": "hand_count"}, "supervisor")
    assert await people(centre, "grounds") == {
        **certain, "unidentified": 3, "occupancy": 5, "at_least": 2, "at_most": 5,
    }  # fmt: skip

    await centre.did("/v1/zones/grounds/count", {"counted": 1, "reason": "hand_count"}, "supervisor")
    assert await people(centre, "grounds") == {
        **certain, "unidentified": -1, "occupancy": 1, "at_least": 1, "at_most": 2,
    }  # fmt: skip


async def test_a_crowd_is_listed_page_by_page(centre: Access) -> None:
    await empty(centre)
    crowd = sorted([str((await somebody(centre, MAIN)).person_id) for _ in range(5)])

    pages, after = [], str(UUID(int=0))
    while page := (await people(centre, "grounds", after=after, limit=2))["people"]:
        pages.append([one["person_id"] for one in page])
        after = pages[-1][-1]
    assert pages == [crowd[:2], crowd[2:4], crowd[4:]]


async def test_nobody_is_in_a_zone_that_is_not_there(centre: Access) -> None:
    answer = await centre.get("/v1/zones/roof/people", "operations")

    assert (answer.status_code, answer.json()["code"]) == (404, "zone_unknown")
