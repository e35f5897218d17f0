"""Shifts as officers use them: what is open is gathered by the service, and each item is accepted by itself."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.roles import ROLES
from services.operations.open_items import open_items
from tests.controls import eventually
from tests.operations.conftest import Operations
from tests.operations.stage import a_picture
from tests.operations.told import ANNA, evacuated, gate, goes_in, issued, suspended, turned_away, zone

AN, BAO, CHI = "an", "bao", "chi"
Answer = tuple[int, Any]


class Officers:
    """People at the room's desks, told apart by who they are."""

    def __init__(self, operations: Operations, client: httpx.AsyncClient) -> None:
        self._operations = operations
        self._client = client

    async def post(
        self, path: str, who: str, *, role: str = "operations", key: str | None = None, body: object = None
    ) -> Answer:
        token = self._operations.issuer.token(role, sub=who)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid4().hex}
        answer = await self._client.post(f"/v1/shift{path}", headers=headers, json=body)
        return answer.status_code, answer.json()

    async def shift(self, role: str = "operations") -> Any:
        headers = {"Authorization": f"Bearer {self._operations.issuer.token(role)}"}
        answer = await self._client.get("/v1/shift", headers=headers)
        return answer.json() if answer.is_success else answer.status_code

    async def hand_over(self, outgoing: str, *, note: str | None = None, **more: Any) -> Any:
        """The hand-over that is offered."""
        status, shift = await self.post("/handover", outgoing, body={"note": note}, **more)
        assert status == 201, shift
        return shift["handover"]

    async def accept(self, handover: Mapping[str, Any], item: Mapping[str, Any], who: str) -> Answer:
        return await self.post(f"/handover/{handover['handover_id']}/items/{item['item_id']}/acceptance", who)

    async def complete(self, handover: Mapping[str, Any], who: str) -> Answer:
        return await self.post(f"/handover/{handover['handover_id']}/completion", who)


@pytest.fixture
async def room(at_work: Operations) -> AsyncIterator[Officers]:
    """An is on duty, and a few things are open."""
    await at_work.told.tell(
        zone("per", capacity=100), zone("pln", "per", capacity=1), gate("main", "per"),
        gate("back", "per", "Back door", "closed"), issued(ANNA), suspended(ANNA),
        goes_in("per", ANNA), goes_in("pln", ANNA), turned_away("pln", "zone_full"), evacuated(),
    )  # fmt: skip
    await at_work.knows_all()
    async with httpx.AsyncClient(base_url=at_work.url, timeout=15) as client:
        officers = Officers(at_work, client)
        assert (await officers.post("/start", AN))[0] == 200
        yield officers


def kinds(handover: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(one["kind"], one["detail"]) for one in handover["items"]}


async def test_what_is_open_is_gathered_by_the_service_and_accepted_one_by_one(
    room: Officers, at_work: Operations
) -> None:
    handover = await room.hand_over(AN, note="The minister of Utopia comes at ten.")
    assert {("gate", "closed"), ("evacuation", "fire_alarm"), ("badge", "suspended"), ("note", None)} <= kinds(handover)
    assert handover["from"] == f"person:{AN}"
    assert handover["to"] is None
    assert handover["note"] == "The minister of Utopia comes at ten."
    left = handover["items"][-1]
    for item in handover["items"][:-1]:
        status, shift = await room.accept(handover, item, BAO)
        assert status == 200, shift
    assert shift["handover"]["to"] == f"person:{BAO}"
    assert [one["item_id"] for one in shift["handover"]["items"] if one["accepted_by"] is None] == [left["item_id"]]

    status, shift = await room.complete(handover, BAO)
    assert status == 200
    assert shift["on_duty"] == f"person:{BAO}"
    assert shift["handover"] is None
    assert [(one["officer"], one["item_id"]) for one in shift["kept"]] == [(f"person:{AN}", left["item_id"])]
    assert shift["past"][0]["from"] == f"person:{AN}"
    assert await room.shift() == shift

    told = await at_work.database.pool.fetch("SELECT shared FROM log.events WHERE number IS NOT NULL")
    assert '"kept":1' in str(told)
    assert "minister" not in str(told), "what somebody wrote stays here"


async def test_the_screen_shows_how_far_a_hand_over_is(room: Officers, at_work: Operations) -> None:
    handover = await room.hand_over(AN)
    await room.accept(handover, handover["items"][0], BAO)
    headers = {"Authorization": f"Bearer {at_work.issuer.token('operations')}"}
    async with httpx.AsyncClient(base_url=at_work.url, headers=headers) as client:
        picture = (await client.get("/v1/snapshot")).json()
    assert picture["shift"]["on_duty"] == f"person:{AN}"
    assert picture["shift"]["handover"] == {
        "handover_id": handover["handover_id"],
        "to": f"person:{BAO}",
        "offered_at": handover["offered_at"],
        "open_items": len(handover["items"]) - 1,
        "accepted_items": 1,
    }
    assert "shift" not in await at_work.snapshot(), "who is not signed in does not see who is on duty"


async def test_nobody_accepts_their_own_hand_over_and_nobody_else_than_who_began(room: Officers) -> None:
    handover = await room.hand_over(AN)
    first, second = handover["items"][:2]
    assert (await room.accept(handover, first, AN))[1]["code"] == "own_handover"
    assert (await room.complete(handover, AN))[1]["code"] == "own_handover"
    await room.accept(handover, first, BAO)
    status, problem = await room.accept(handover, second, CHI)
    assert (status, problem["code"]) == (409, "handed_to_another")
    assert (await room.complete(handover, CHI))[1]["code"] == "handed_to_another"


async def test_a_page_that_shows_a_hand_over_that_is_over_is_told_so(room: Officers) -> None:
    handover = await room.hand_over(AN)
    await room.post(f"/handover/{handover['handover_id']}/withdrawal", AN)
    status, problem = await room.accept(handover, handover["items"][0], BAO)
    assert (status, problem["code"]) == (409, "handover_over")
    assert (await room.complete({"handover_id": uuid4()}, BAO))[0] == 404
    assert (await room.shift())["on_duty"] == f"person:{AN}"


async def test_the_same_request_again_is_the_same_hand_over(room: Officers, at_work: Operations) -> None:
    handover = await room.hand_over(AN, key="once")
    await at_work.told.tell(zone("new", capacity=1), gate("later", "new", "Later", "closed"))
    await at_work.knows_all()
    assert await room.hand_over(AN, key="once") == handover
    assert (await room.post("/handover", AN, key="once", body={"note": "other"}))[1]["code"] == "idempotency_key_reused"
    assert (await room.post("/handover", AN, body={}))[1]["code"] == "handover_under_way"


async def test_what_stayed_behind_is_not_offered_again_and_goes_when_it_is_over(
    room: Officers, at_work: Operations
) -> None:
    handover = await room.hand_over(AN)
    closed = next(one for one in handover["items"] if one["detail"] == "closed")
    for item in handover["items"]:
        if item != closed:
            await room.accept(handover, item, BAO)
    await room.complete(handover, BAO)
    again = await room.hand_over(BAO)
    assert "closed" not in {one["detail"] for one in again["items"]}, "it is An's"
    await at_work.told.tell(gate("back", "per", "Back door", "open"))
    await at_work.knows_all()

    async def gone() -> bool:
        return not (await room.shift())["kept"]

    await eventually(gone, says="an open gate is still kept")


async def test_only_officers_of_the_room_act_and_few_read(room: Officers) -> None:
    reads = {role for role in ROLES if await room.shift(role) != 403}
    assert reads == {"operations", "commander", "auditor", "admin"}
    acts = {role for role in ROLES if (await room.post("/start", AN, role=role))[0] != 403}
    assert acts == {"operations", "commander"}


async def test_only_a_commander_relieves_somebody(room: Officers) -> None:
    assert (await room.post("/handover", BAO, body={}))[1]["code"] == "not_on_duty"
    handover = await room.hand_over(BAO, role="commander")
    assert (handover["from"], handover["offered_by"]) == (f"person:{AN}", f"person:{BAO}")
    assert (await room.complete(handover, CHI))[1]["on_duty"] == f"person:{CHI}"


async def test_a_command_needs_a_key(room: Officers, at_work: Operations) -> None:
    async with httpx.AsyncClient(base_url=at_work.url) as client:
        headers = {"Authorization": f"Bearer {at_work.issuer.token('operations')}"}
        answer = await client.post("/v1/shift/start", headers=headers)
    assert answer.json()["code"] == "idempotency_key_required"


def test_many_suspended_badges_are_one_item_and_the_gravest_incident_comes_first() -> None:
    picture = {
        **a_picture(),
        "orders": {"lockdowns": [], "evacuations": [], "threat": {}},
        "incidents": [
            an_incident(1, 3, "closed"),
            an_incident(2, 3),
            an_incident(3, 1),
            an_incident(4, 1, merged=True),
        ],
        "gates": [],
        "zones": [],
    }
    items = open_items(uuid4(), picture, [uuid4() for _ in range(21)])
    assert [(one.kind, one.ref, one.detail) for one in items] == [
        ("incident", "incident-3", "medical"), ("incident", "incident-2", "medical"), ("badge", "suspended", "21"),
    ]  # fmt: skip


def an_incident(number: int, severity: int, state: str = "reported", *, merged: bool = False) -> dict[str, Any]:
    return {
        "incident_id": f"incident-{number}", "number": number, "severity": severity, "state": state, "title": None,
        "kind": "medical", "merged_into": str(UUID(int=1)) if merged else None,
    }  # fmt: skip
