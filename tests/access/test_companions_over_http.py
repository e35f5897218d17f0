"""Who comes together, over HTTP: a party with one scan, an escort, a head with a tap; and who is looked at closely."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.access.domain.record.badges import Badge
from services.access.holders import Holder
from tests.access.controls import MAIN, badge
from tests.access.refused import on_the_grounds, room, somebody
from tests.access.running import Access, credential, scan_body


async def party(centre: Access, size: int, **facts: Any) -> list[Badge]:
    """So many people on the grounds, the first of whom leads the others."""
    people = [await on_the_grounds(centre, **facts) for _ in range(size)]
    leader, *members = (str(one.person_id) for one in people)
    await centre.did("/v1/parties", {"leader_id": leader, "members": members}, "protocol")
    return people


def inside(centre: Access, people: Sequence[Badge]) -> int:
    """How many of them went on from the grounds."""
    return sum(len(centre.gatekeeper.venue.presence.of(one.person_id)) == 2 for one in people)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# --- parties ----------------------------------------------------------------------------------------------------------


async def test_one_scan_lets_a_party_in_and_says_who_passed(centre: Access) -> None:
    people = await party(centre, 3)
    door = await room(centre)

    verdict = await centre.scan(credential(people[0]), door, party={"heads": 3})

    assert (verdict["outcome"], verdict["warnings"]) == ("admitted", [])
    assert [(one["person_id"], one["outcome"], one["reason"]) for one in verdict["with"]] == [
        (str(one.person_id), "admitted", None) for one in people[1:]
    ]
    assert inside(centre, people) == 3


async def test_a_scan_of_one_person_alone_says_nothing_of_others(centre: Access) -> None:
    assert (await centre.scan(credential(await somebody(centre)), MAIN))["with"] is None


async def test_the_same_scan_again_is_the_same_party_on_record_in_one_piece(centre: Access) -> None:
    people = await party(centre, 4)
    door, scan_id = await room(centre, capacity=3), uuid4()

    first, again = [
        await centre.scan(credential(people[0]), door, scan_id=scan_id, party={"heads": 4}) for _ in range(2)
    ]
    looked_up = (await centre.get(f"/v1/scans/{scan_id}", "auditor")).json()

    assert [one["reason"] for one in first["with"]] == [None, None, "zone_full"]
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["with"] == first["with"] == looked_up["with"]
    of_the_party = [
        event
        for event in await centre.host.log.read(0, 100_000)
        if event.type == "BadgeScanned" and str(scan_id) in event.data
    ]
    assert len(of_the_party) == 4
    assert len({event.metadata.command_id for event in of_the_party}) == 1
    assert inside(centre, people) == 3


async def test_each_of_them_has_a_scan_of_their_own(centre: Access) -> None:
    people = await party(centre, 2)
    door = await room(centre)
    verdict = await centre.scan(credential(people[0]), door, party={"heads": 2})
    (with_them,) = verdict["with"]

    theirs = (await centre.get(f"/v1/scans/{with_them['scan_id']}", "auditor")).json()

    assert (theirs["outcome"], theirs["zone"]["id"]) == ("admitted", verdict["zone"]["id"])
    undone = await centre.post(f"/v1/scans/{with_them['scan_id']}/undo", {}, "supervisor")
    assert undone.status_code == 200
    assert inside(centre, people) == 1


async def test_whoever_is_missing_or_too_many_is_flagged(centre: Access) -> None:
    people = await party(centre, 3)
    door = await room(centre)
    gone = str(people[2].person_id)

    missing = await centre.scan(credential(people[0]), door, party={"heads": 2, "absent": [gone]})
    extra = await centre.scan(credential(people[0]), door, "out", party={"heads": 4})

    assert missing["warnings"] == ["party_missing"]
    assert [one["person_id"] for one in missing["with"]] == [str(people[1].person_id)]
    assert extra["warnings"] == ["party_extra"]


async def test_a_member_who_would_be_refused_stays_out_and_the_seats_are_counted(centre: Access) -> None:
    people = await party(centre, 4, delegation_id="party-delegation")
    door = await room(centre, seats=2)

    verdict = await centre.scan(credential(people[0]), door, party={"heads": 4})

    assert [one["reason"] for one in verdict["with"]] == [None, *["delegation_seats_full"] * 2]
    assert inside(centre, people) == 2
    zone_id = verdict["zone"]["id"]
    told = (await centre.get(f"/v1/seats?zone={zone_id}", "protocol")).json()
    assert told["delegations"] == [{"delegation_id": "party-delegation", "taken": 2, "allowed": 2}]


async def test_a_party_of_five_at_a_room_for_three_and_out_again(centre: Access) -> None:
    people = await party(centre, 5)
    door = await room(centre, capacity=3)

    into = await centre.scan(credential(people[0]), door, party={"heads": 5})
    refused = await centre.scan(credential(people[4]), door)
    out = await centre.scan(credential(people[0]), door, "out", party={"heads": 3})

    assert [one["outcome"] for one in into["with"]] == ["admitted", "admitted", "refused", "refused"]
    assert refused["reason"] == "zone_full"
    assert {one["outcome"] for one in out["with"]} == {"exited"}
    assert inside(centre, people) == 0


async def test_undoing_the_leaders_scan_undoes_them_all(centre: Access) -> None:
    people = await party(centre, 3)
    verdict = await centre.scan(credential(people[0]), await room(centre), party={"heads": 3})

    await centre.did(f"/v1/scans/{verdict['scan_id']}/undo", {}, "supervisor")

    assert inside(centre, people) == 0


async def test_parties_are_listed_changed_and_dissolved(centre: Access) -> None:
    people = [await somebody(centre) for _ in range(3)]
    leader, member, other = (str(one.person_id) for one in people)
    formed = await centre.did("/v1/parties", {"leader_id": leader, "members": [member]}, "protocol")
    changed = {**formed, "leader_id": leader, "members": [member, other]}

    await centre.did("/v1/parties", changed, "protocol")

    assert changed in (await centre.get("/v1/parties", "supervisor")).json()
    second = await centre.post("/v1/parties", {"leader_id": leader, "members": [other]}, "protocol")
    assert code_of(second) == (409, "leads_another_party")
    await centre.did(f"/v1/parties/{formed['party_id']}/dissolution", {}, "protocol")
    assert changed not in (await centre.get("/v1/parties", "supervisor")).json()
    unknown = await centre.post("/v1/parties", {"leader_id": str(uuid4()), "members": [other]}, "protocol")
    assert code_of(unknown) == (404, "person_unknown")


@pytest.mark.parametrize("members", [[], ["leader"], ["a", "a"], [str(uuid4()) for _ in range(201)]])
async def test_what_is_no_party_is_invalid(centre: Access, members: list[str]) -> None:
    known = {"leader": str(UUID(int=1)), "a": str(UUID(int=2))}
    body = {"leader_id": known["leader"], "members": [known.get(one, one) for one in members]}

    assert code_of(await centre.post("/v1/parties", body, "protocol")) == (422, "invalid_request")


# --- escorts ----------------------------------------------------------------------------------------------------------


async def test_an_escort_goes_in_with_whom_they_escort(centre: Access) -> None:
    guest, host = await on_the_grounds(centre), await on_the_grounds(centre, category="host-protocol")
    door = await room(centre, escorted=["delegate"], escorts=["host-protocol"])

    alone = await centre.scan(credential(guest), door)
    together = await centre.scan(credential(guest), door, companion=credential(host))

    assert (alone["reason"], alone["with"]) == ("escort_required", None)
    assert [(one["person_id"], one["outcome"]) for one in together["with"]] == [(str(host.person_id), "admitted")]
    assert inside(centre, [guest, host]) == 2


# --- heads, with a pin ------------------------------------------------------------------------------------------------


async def tap(centre: Access, person: UUID, direction: str = "in", **changed: Any) -> httpx.Response:
    body = {
        "scan_id": str(uuid4()),
        "gate_id": "main",
        "direction": direction,
        "person_id": str(person),
        **changed,
    }
    return await centre.client.post("/v1/passages/pin", json=body, headers=centre.issuer.headers("protocol"))


async def head(centre: Access) -> Badge:
    return await somebody(centre, category="head-of-state")


async def test_a_head_passes_with_one_tap_and_is_recorded(centre: Access) -> None:
    one, scan_id = await head(centre), str(uuid4())

    first, again = [await tap(centre, one.person_id, scan_id=scan_id) for _ in range(2)]
    out = await tap(centre, one.person_id, "out")

    assert (first.status_code, first.json()["outcome"]) == (200, "admitted")
    assert again.json() == {**first.json(), "replayed": True}
    assert out.json()["outcome"] == "exited"
    assert (await centre.get(f"/v1/scans/{scan_id}", "auditor")).json()["outcome"] == "admitted"
    assert code_of(await tap(centre, one.person_id, "out", scan_id=scan_id)) == (409, "scan_id_reused")


async def test_a_scan_id_is_a_tap_or_a_scan(centre: Access) -> None:
    one, scan_id = await head(centre), uuid4()
    await centre.scan(credential(one), MAIN, scan_id=scan_id)

    assert code_of(await tap(centre, one.person_id, scan_id=str(scan_id))) == (409, "scan_id_reused")


async def test_a_head_is_never_refused_for_what_the_rules_say(centre: Access) -> None:
    one, door = await head(centre), await room(centre, capacity=1)
    await centre.scan(credential(await on_the_grounds(centre)), door)

    verdict = (await tap(centre, one.person_id, gate_id=door)).json()

    assert verdict["outcome"] == "admitted"
    assert set(verdict["warnings"]) == {"path_violation", "zone_full"}


async def test_nobody_else_passes_with_a_tap(centre: Access) -> None:
    delegate = await somebody(centre)

    assert code_of(await tap(centre, delegate.person_id)) == (409, "pin_not_entitled")
    assert code_of(await tap(centre, uuid4())) == (409, "pin_not_entitled")
    assert code_of(await tap(centre, delegate.person_id, gate_id="no-gate")) == (404, "gate_unknown")
    assert code_of(await tap(centre, delegate.person_id, lane_id="l9")) == (404, "lane_unknown")
    assert code_of(await tap(centre, delegate.person_id, "sideways")) == (422, "invalid_request")


async def test_the_protocol_officer_sees_who_they_are_and_where_which_is_recorded(centre: Access) -> None:
    named, nameless = await head(centre), await head(centre)
    centre.holders._known[named.person_id] = Holder("Her Excellency", "en")
    await tap(centre, named.person_id)

    listed = {one["person_id"]: one for one in (await centre.get("/v1/pin-holders", "protocol")).json()}

    assert listed[str(named.person_id)] == {
        "person_id": str(named.person_id),
        "delegation_id": "vn",
        "category": "head-of-state",
        "zones": ["grounds"],
        "name": "Her Excellency",
    }
    assert listed[str(nameless.person_id)]["name"] is None
    shown = (await centre.recorded("HoldersListed"))[-1]
    assert str(named.person_id) in shown["people"]
    assert str(nameless.person_id) not in shown["people"]
    assert "Excellency" not in str(await centre.recorded())
    verdict = (await tap(centre, named.person_id, "out")).json()
    assert verdict["holder"]["name"] == "Her Excellency"
    assert (await centre.recorded("BadgeScanned"))[-1]["holder_displayed"]
    assert verdict["scan_id"] == (await centre.recorded("BadgeScanned"))[-1]["scan_id"]


# --- closer looks -----------------------------------------------------------------------------------------------------


async def inspected(centre: Access, *roles: str, **body: Any) -> httpx.Response:
    said = {"kind": "identity", "passed": True, **body}
    return await centre.post("/v1/inspections", said, *(roles or ("supervisor",)))


async def test_whoever_was_screened_is_not_asked_again(centre: Access) -> None:
    one, door = await on_the_grounds(centre), await room(centre, {"screening": {"share": 1, "valid_minutes": 30}})
    asked = await centre.scan(credential(one), door)

    answer = await inspected(centre, scan_id=asked["scan_id"], kind="screening")

    assert asked["reason"] == "screening_required"
    assert (answer.status_code, answer.json()["passed"]) == (201, True)
    assert answer.json()["valid_until"] == "2025-10-25T09:00:00Z"
    assert (await centre.scan(credential(one), door))["outcome"] == "admitted"


async def test_a_badge_shown_at_the_gate_will_do(centre: Access) -> None:
    one = await on_the_grounds(centre)
    looked_at = await inspected(centre, credential=credential(one), gate_id="main", passed=False)

    assert looked_at.json() == {"kind": "identity", "passed": False, "valid_until": None}
    assert (await centre.scan(credential(one), await room(centre)))["reason"] == "photo_mismatch"


async def test_a_device_looks_at_its_own_gate_and_leaves_the_doubtful_to_a_supervisor(centre: Access) -> None:
    one = await somebody(centre)
    _, here = await centre.enrolled("main")
    shown = {"credential": credential(one), "kind": "identity"}

    async def looks(gate_id: str, *, passed: bool) -> httpx.Response:
        body = {**shown, "gate_id": gate_id, "passed": passed}
        return await centre.client.post("/v1/inspections", json=body, headers={**here, "Idempotency-Key": str(uuid4())})

    assert code_of(await looks("hall-east", passed=True)) == (403, "not_yours")
    assert (await looks("main", passed=False)).status_code == 201
    assert code_of(await looks("main", passed=True)) == (409, "supervisor_required")
    assert (await inspected(centre, credential=credential(one), gate_id="main")).status_code == 201
    assert (await centre.scan(credential(one), MAIN))["outcome"] == "admitted"


async def test_a_discreet_hold_outlasts_a_passed_look_and_looks_the_same(centre: Access) -> None:
    one = await somebody(centre)
    hold = {"person_id": str(one.person_id), "outcome": "hold", "reason": "r1"}
    await centre.did("/v1/watchlist", hold, "vetting")

    first = await centre.scan(credential(one), MAIN)
    looked_at = await inspected(centre, scan_id=first["scan_id"])
    second = await centre.scan(credential(one), MAIN)

    assert looked_at.json()["passed"]
    told = ("outcome", "reason", "message", "guest_message", "checks", "warnings", "standard_codes")
    assert {name: first[name] for name in told} == {name: second[name] for name in told}
    assert second["reason"] == "identity_check_required"


async def test_of_whom_it_is_must_be_told(centre: Access) -> None:
    unread = await centre.scan_answer(scan_body("12345678", MAIN))

    assert code_of(await inspected(centre, scan_id=unread.json()["scan_id"])) == (409, "badge_tells_nobody")
    assert code_of(await inspected(centre, scan_id=str(uuid4()))) == (404, "scan_unknown")
    unknown = credential(badge(uuid4()))
    assert code_of(await inspected(centre, credential=unknown, gate_id="main")) == (409, "badge_tells_nobody")
    one = credential(await somebody(centre))
    assert code_of(await inspected(centre, credential=one, gate_id="no-gate")) == (404, "gate_unknown")
    for body in ({}, {"credential": one}, {"gate_id": "main"}, {"scan_id": str(uuid4()), "credential": one}):
        assert code_of(await inspected(centre, **body)) == (422, "invalid_request")
