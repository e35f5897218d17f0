"""A policy over HTTP: read, compared, applied once, and every verdict names the one it was decided by."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from services.access.domain.policy import Policy
from tests.access.controls import EAST, GROUNDS, HALL, MAIN, badge
from tests.access.running import Access, credential
from tests.controls import eventually


@pytest.fixture
async def house(centre: Access) -> AsyncIterator[Access]:
    """The congress centre; after each test it has its policy of before again, and all gates are open."""
    policy = (await in_force(centre))["policy"]
    yield centre
    await centre.did("/v1/policy", {"policy": policy})
    for gate_id in (await in_force(centre))["gate_states"]:
        await centre.did(f"/v1/gates/{gate_id}/state", {"state": "open"}, "supervisor")


@pytest.fixture
async def guest(house: Access) -> str:
    """Somebody nobody has seen before, by their badge."""
    new = badge(uuid4(), badge_id=uuid4())
    await house.knows(new)
    return credential(new)


async def in_force(house: Access, *roles: str, brief: bool = False) -> dict[str, Any]:
    response = await house.get(f"/v1/policy?brief={str(brief).lower()}", *roles)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def of(policy: dict[str, Any], kind: str, **key: str) -> dict[str, Any]:
    """One part of a policy."""
    (name, value), *_ = key.items()
    part: dict[str, Any] = next(one for one in policy[kind] if one[name] == value)
    return part


async def test_what_is_in_force_is_read_and_posted_back_as_it_is(house: Access) -> None:
    before = (await house.host.log.head()).position
    for brief in (False, True):
        document = await in_force(house, brief=brief)

        again = await house.did("/v1/policy", {"policy": document["policy"]})

        assert again == {
            "applied": True,
            "version": document["version"],
            "digest": document["digest"],
            "change_count": 0,
        }
    assert (await house.host.log.head()).position == before


async def test_a_brief_one_leaves_out_what_is_as_usual(house: Access) -> None:
    brief, whole = await in_force(house, brief=True), await in_force(house)

    assert set(whole["policy"]) == set(Policy.model_fields)
    assert "sessions" not in brief["policy"]
    assert set(of(brief["policy"], "gates", gate_id="main")) == {"gate_id", "name", "from_zone_id", "to_zone_id"}
    assert len(of(whole["policy"], "gates", gate_id="main")) > 8


async def test_a_device_reads_what_its_gate_needs(house: Access) -> None:
    _, headers = await house.enrolled("main")
    await house.did("/v1/gates/hall-east/state", {"state": "closed"}, "supervisor")

    document = (await house.client.get("/v1/policy", headers=headers)).json()

    assert document["gate_states"]["hall-east"] == "closed"
    assert len(document["policy"]["zones"]) == 5


async def test_what_would_change_is_said_and_nothing_is_changed(house: Access) -> None:
    document = await in_force(house)
    of(document["policy"], "zones", zone_id="hall")["capacity"] = 500
    before = (await house.host.log.head()).position

    said = await house.did("/v1/policy", {"policy": document["policy"], "dry_run": True})

    assert said.pop("digest") != document["digest"]
    assert said == {
        "applied": False,
        "version": document["version"],
        "change_count": 1,
        "changes": [
            {"kind": "zone", "id": "hall", "change": "changed", "fields": {"capacity": {"old": 3, "new": 500}}}
        ],
    }
    assert (await house.host.log.head()).position == before


async def test_it_is_applied_in_one_piece_and_verdicts_name_it(house: Access, guest: str) -> None:
    document = await in_force(house)
    old = (await house.scan(guest, MAIN))["policy_version"]
    of(document["policy"], "zones", zone_id="grounds")["area"] = "nowhere"
    of(document["policy"], "gates", gate_id="main")["name"] = "Main gate"
    key = str(uuid4())
    body = {"policy": document["policy"], "expected_version": document["version"]}

    receipt = (await house.post("/v1/policy", body, key=key)).json()

    assert receipt["version"] == old + 2
    assert receipt == {**receipt, "applied": True, "change_count": 2}
    verdict = await house.scan(guest, MAIN)
    assert (verdict["reason"], verdict["policy_version"]) == ("zone_not_granted", receipt["version"])
    assert (await in_force(house))["digest"] == receipt["digest"]
    log = await house.host.log.read(0, 100_000)
    end = [event for event in log if event.type == "PolicyApplied"][-1]
    of_it = [event for event in log if event.metadata.command_id == end.metadata.command_id]
    assert [event.type for event in of_it] == ["ZoneDefined", "GateDefined", "PolicyApplied"]
    assert end.position - of_it[0].position == 2

    assert (await house.post("/v1/policy", body, key=key)).json() == receipt
    assert (await house.host.log.head()).position == end.position + 1  # the scan after it


async def test_one_that_was_compared_with_another_is_not_applied(house: Access) -> None:
    document = await in_force(house)
    await house.did("/v1/rules", {"override_budget": 3})
    body = {"policy": document["policy"], "expected_version": document["version"]}

    for dry_run in (True, False):
        response = await house.post("/v1/policy", {**body, "dry_run": dry_run})
        assert (response.status_code, response.json()["code"]) == (409, "policy_changed")


async def test_all_that_is_wrong_is_listed_with_its_place(house: Access) -> None:
    document = await in_force(house)
    of(document["policy"], "gates", gate_id="stage-door")["from_zone_id"] = "grounds"
    document["policy"]["zones"] = [one for one in document["policy"]["zones"] if one["zone_id"] != "clinic"]
    document["policy"]["gates"] = [one for one in document["policy"]["gates"] if one["gate_id"] != "clinic-door"]
    device_id, _ = await house.enrolled("clinic-door")

    for dry_run in (True, False):
        response = await house.post("/v1/policy", {"policy": document["policy"], "dry_run": dry_run})

        problem = response.json()
        assert (response.status_code, problem["code"]) == (409, "policy_invalid")
        assert [(one["field"], one["error"]) for one in problem["errors"]] == [
            ("gates", "gate_in_use"),
            ("gates.4.from_zone_id", "gate_leads_nowhere"),
            ("zones", "zone_in_use"),
        ]
    await house.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor")


@pytest.mark.parametrize(
    "wrong",
    [
        {"zones": [], "gates": [], "colour": "red"},
        {"zones": [{**HALL.model_dump(exclude={"path"}), "capacity": 0}], "gates": []},
        {"zones": [], "gates": [{**MAIN.model_dump()}]},
        {"zones": [], "gates": [], "rules": {"nightly_exit_at": "25:00"}},
        {"zones": [], "gates": [], "rules": {"clearances": {"media": 9}}},
        {"zones": [], "gates": [], "seats": [{"zone_id": "hall", "delegation_id": "vn", "seats": -1}]},
        {"zones": [{**GROUNDS.model_dump(exclude={"path"}), "zone_id": f"z{n}"} for n in range(501)], "gates": []},
    ],
    ids=["an unknown word", "a room for nobody", "a gate with a state", "no time", "no clearance", "no seats", "501"],
)
async def test_what_is_no_policy_is_refused(house: Access, wrong: dict[str, Any]) -> None:
    response = await house.post("/v1/policy", {"policy": wrong})

    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert all(one["field"].startswith("body.policy") for one in response.json()["errors"])


async def test_a_supervisor_closes_a_gate_and_opens_it(house: Access, guest: str) -> None:
    await house.did("/v1/gates/main/state", {"state": "closed"}, "supervisor")
    assert (await house.scan(guest, MAIN))["reason"] == "gate_closed"

    await house.did("/v1/gates", MAIN.model_dump(exclude={"state"}))
    assert (await house.scan(guest, MAIN))["reason"] == "gate_closed"

    await house.did("/v1/gates/main/state", {"state": "open"}, "commander")
    assert (await house.scan(guest, MAIN))["outcome"] == "admitted"
    unknown = await house.post("/v1/gates/attic/state", {"state": "open"}, "supervisor")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "gate_unknown")


async def test_zones_and_gates_are_retired(house: Access) -> None:
    in_use = await house.post("/v1/zones/expo/retirement", {})
    assert (in_use.status_code, in_use.json()["code"]) == (409, "zone_in_use")

    verdict = await house.scan("12345678", "expo-door")
    await house.did("/v1/gates/expo-door/retirement", {})
    await house.did("/v1/zones/expo/retirement", {})

    assert "expo" not in {one["zone_id"] for one in (await house.get("/v1/zones")).json()}
    assert "expo-door" not in {one["gate_id"] for one in (await house.get("/v1/gates")).json()}
    looked_up = await house.get(f"/v1/scans/{verdict['scan_id']}", "auditor")
    assert looked_up.json()["zone"] == {"id": "expo", "name": "expo"}


async def test_the_rules_of_the_house_are_set_and_read(house: Access) -> None:
    usual = (await house.get("/v1/rules")).json()

    said = await house.did("/v1/rules", {"clearances": {"media": 2}, "nightly_exit_at": "03:30"})

    assert said == {**usual, "clearances": {"media": 2}, "nightly_exit_at": "03:30"}
    assert (await house.get("/v1/rules")).json() == said


async def test_a_zone_without_seats_for_anybody_is_told_to_others(house: Access, guest: str) -> None:
    """Nothing that is accepted may fail to be published: the gatekeeper would end."""
    await house.did("/v1/zones", {**HALL.model_dump(exclude={"path"}), "seats": 0})

    shared = [event for event in await house.host.log.read_shared(0, 1_000) if event.type == "ZoneDefined"]

    assert '"seats":0' in (shared[-1].shared.body if shared[-1].shared else "")
    await eventually(lambda: house.gatekeeper.leads)
    assert (await house.scan(guest, EAST))["reason"] == "path_violation"
