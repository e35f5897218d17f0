"""People and delegations over HTTP: who may look, and that a look at somebody's path is on record."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.run.clock import ScenarioClock
from chassis.run.host import Host
from contracts.roles import ROLES
from placet.places import migrations_of
from services.operations.app import build
from services.operations.settings import OperationsSettings
from tests.conftest import Issuer
from tests.operations.conftest import Folded
from tests.operations.told import ANNA, BORIS, CHIARA, goes_in, goes_out, invited, issued, nominated, zone

FOLLOW = {"operations", "commander", "supervisor", "protocol", "auditor"}
HEX = ANNA.hex


class Room:
    """The service, and those who ask it."""

    def __init__(self, client: httpx.AsyncClient, issuer: Issuer, folded: Folded) -> None:
        self._client = client
        self._issuer = issuer
        self._folded = folded

    async def get(self, path: str, role: str = "operations", sub: str = "duty-1") -> httpx.Response:
        claims = {"delegation": "fr"} if role == "focal_point" else {}
        return await self._client.get(path, headers=self._issuer.headers(role, sub=sub, **claims))

    async def looks(self) -> list[tuple[Any, ...]]:
        return await self._folded.rows("SELECT actor, purpose, person_id FROM looks.at_people ORDER BY look_id")


@pytest.fixture
async def room(
    folded: Folded, configured: OperationsSettings, clock: ScenarioClock, issuer: Issuer
) -> AsyncIterator[Room]:
    """A morning: Anna and Boris of France are inside, Chiara of Viet Nam left."""
    await folded.database.postgres.provide(folded.database.service, [migrations_of("operations")])
    await folded.of(zone("per"), invited("fr"), invited("vn"))
    await folded.of(nominated(ANNA, "fr", "head-of-delegation"), nominated(BORIS), nominated(CHIARA, "vn"))
    await folded.of(issued(ANNA), goes_in("per", ANNA), goes_in("per", BORIS), goes_in("per", CHIARA))
    await folded.of(goes_out("per", person=CHIARA))
    app = await build(Host("operations", configured, folded.pool))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield Room(client, issuer, folded)


async def test_a_look_at_a_path_is_on_record(room: Room) -> None:
    answer = await room.get(f"/v1/people/{ANNA}")
    await room.get(f"/v1/people/{CHIARA}?purpose=incidents", "supervisor", "gate-7")

    person = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (person["inside"], len(person["path"]), person["delegation_id"]) == (["per"], 1, "fr")
    assert await room.looks() == [("person:duty-1", "people", ANNA), ("person:gate-7", "incidents", CHIARA)]


async def test_an_auditor_sees_who_looked_page_by_page(room: Room) -> None:
    for person in (ANNA, BORIS, ANNA):
        await room.get(f"/v1/people/{person}")

    listed, after = [], 0
    while page := (await room.get(f"/v1/people/looks?limit=2&after={after}", "auditor")).json():
        listed += page
        after = page[-1]["look_id"]

    assert [one["person_id"] for one in listed] == [str(ANNA), str(BORIS), str(ANNA)]
    assert all(set(one) == {"look_id", "at", "actor", "purpose", "person_id"} for one in listed)
    assert (await room.get("/v1/people/looks")).json()["code"] == "forbidden"


async def test_the_record_of_looks_cannot_be_changed(room: Room, folded: Folded) -> None:
    await room.get(f"/v1/people/{ANNA}")
    for statement in ("DELETE FROM looks.at_people", "UPDATE looks.at_people SET actor = 'x'"):
        with pytest.raises(Exception, match="permission denied"):
            await folded.pool.execute(statement)


async def test_what_cannot_be_recorded_is_not_shown(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.operations.looks._RECORD", "SELECT 1 / 0, $1::text, $2::text, $3::uuid")

    answer = await room.get(f"/v1/people/{ANNA}")

    assert (answer.status_code, "path" in answer.json()) == (500, False)


async def test_nobody_and_no_delegation_is_unknown_and_nobody_was_looked_at(room: Room) -> None:
    for path, code in ((f"/v1/people/{uuid4()}", "person_unknown"), ("/v1/delegations/x", "delegation_unknown")):
        answer = await room.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert await room.looks() == []


async def test_somebody_is_found_by_the_badge(room: Room) -> None:
    for badge in (str(ANNA), HEX, HEX.upper()):
        assert [one["person_id"] for one in (await room.get(f"/v1/people?badge={badge}")).json()] == [str(ANNA)]
    assert await room.looks() == []


async def test_what_is_no_badge_is_invalid(room: Room) -> None:
    for badge in ("", "018f000", "--------", "018f0000g", f"{ANNA}0", "AC1:ABCDEFGHIJ", f"{HEX}0000"):
        answer = await room.get(f"/v1/people?badge={badge}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), badge


async def test_a_delegation_has_its_head_and_its_people(room: Room) -> None:
    listed = (await room.get("/v1/delegations", "protocol")).json()
    france = (await room.get("/v1/delegations/fr", "protocol")).json()

    assert [(one["delegation_id"], one["people"], one["inside"]) for one in listed] == [("fr", 2, 2), ("vn", 1, 0)]
    assert (france["head"]["person_id"], france["inside"]) == (str(ANNA), 2)
    assert [one["person_id"] for one in france["people"]] == [str(ANNA), str(BORIS)]


async def test_only_who_looks_after_people_or_asks_what_happened_may_look(room: Room) -> None:
    paths = (f"/v1/people/{ANNA}", f"/v1/people?badge={UUID(int=0)}", "/v1/delegations", "/v1/delegations/fr")

    for role in ROLES:
        answers = [(await room.get(path, role, role)).status_code for path in paths]
        assert answers == [200 if role in FOLLOW else 403] * len(paths), role
    assert [actor for actor, _, _ in await room.looks()] == [f"person:{role}" for role in ROLES if role in FOLLOW]
