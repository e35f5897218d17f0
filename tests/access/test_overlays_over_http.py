"""Passes, seats and hand-overs as protocol officers and guards use them."""

import re
from typing import Any
from uuid import uuid4

import pytest

from services.access.domain.record.badges import Badge
from tests.access.refused import on_the_grounds, room, somebody
from tests.access.running import Access, credential

ASKS = {"overlays": {"delegate": "secondary"}}


def delegation() -> str:
    """A new one."""
    return f"d-{uuid4().hex[:12]}"


async def passes(centre: Access, of: str, count: int = 1) -> list[dict[str, Any]]:
    body = {"delegation_id": of, "kind": "secondary", "count": count}
    given: list[dict[str, Any]] = (await centre.did("/v1/overlays", body, "protocol"))["overlays"]
    return given


async def listed(centre: Access, of: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = (await centre.get(f"/v1/overlays?delegation={of}", "protocol")).json()
    return answer


async def guests(centre: Access, of: str, count: int = 2) -> list[Badge]:
    return [await on_the_grounds(centre, delegation_id=of) for _ in range(count)]


def zone_behind(centre: Access, door: str) -> str:
    return centre.gatekeeper.venue.layout.gates[door].to_zone_id


async def hand_over(centre: Access, door: str, text: str, to: Badge, key: str | None = None) -> Any:
    body = {"gate_id": door, "overlay": text, "credential": credential(to)}
    return await centre.post("/v1/overlays/handover", body, "supervisor", key=key)


async def test_passes_are_numbered_and_their_texts_shown_once(centre: Access) -> None:
    of, key = delegation(), str(uuid4())
    body = {"delegation_id": of, "kind": "secondary", "count": 2}

    given = await centre.post("/v1/overlays", body, "protocol", key=key)
    again = await centre.post("/v1/overlays", body, "protocol", key=key)
    more = await passes(centre, of)

    assert given.status_code == 201
    assert [one["number"] for one in (*given.json()["overlays"], *more)] == [1, 2, 3]
    texts = [one["text"] for one in (*given.json()["overlays"], *more)]
    assert len(set(texts)) == 3
    assert all(re.fullmatch(r"OV1:[A-Z2-7]{26}", text) for text in texts)
    assert (again.status_code, again.json()["code"]) == (409, "already_shown")


async def test_a_text_is_kept_nowhere(centre: Access) -> None:
    of = delegation()
    (one,) = await passes(centre, of)
    door = await room(centre, **ASKS)
    (guest,) = await guests(centre, of, 1)
    await centre.scan(credential(guest), door, overlay=one["text"])

    for event in await centre.host.log.read(0, 100_000):
        assert one["text"] not in event.data
        assert event.shared is None or one["text"] not in event.shared.body
    assert "text" not in (await listed(centre, of))[0]


async def test_a_list_says_where_the_passes_are_and_since_when(centre: Access) -> None:
    of = delegation()
    first, second = await passes(centre, of, 2)
    door = await room(centre, **ASKS)
    (guest,) = await guests(centre, of, 1)
    await centre.scan(credential(guest), door, overlay=first["text"])

    here, there = await listed(centre, of)

    assert (here["number"], here["zone_id"], here["since"]) == (
        1,
        zone_behind(centre, door),
        centre.clock.now().isoformat().replace("+00:00", "Z"),
    )
    assert (there["number"], there["zone_id"], there["since"]) == (2, None, None)
    assert second["overlay_id"] == there["overlay_id"]


async def test_a_lost_pass_counts_no_more(centre: Access) -> None:
    of = delegation()
    (one,) = await passes(centre, of)
    await centre.did(f"/v1/overlays/{one['overlay_id']}/cancellation", {"reason": "lost"}, "protocol")
    door = await room(centre, **ASKS)
    (guest,) = await guests(centre, of, 1)

    verdict = await centre.scan(credential(guest), door, overlay=one["text"])

    assert verdict["reason"] == "companion_token_foreign"
    assert (await listed(centre, of))[0]["cancelled"]
    unknown = await centre.post(f"/v1/overlays/{uuid4()}/cancellation", {"reason": "lost"}, "protocol")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "overlay_unknown")


async def test_a_pass_handed_over_frees_the_seat_and_fills_it(centre: Access) -> None:
    of = delegation()
    (one,) = await passes(centre, of)
    door = await room(centre, seats=1, **ASKS)
    giver, receiver = await guests(centre, of)
    await centre.scan(credential(giver), door, overlay=one["text"])

    answer = await hand_over(centre, door, one["text"], receiver, key="k1")

    told = answer.json()
    assert answer.status_code == 200
    assert told["handed_over"]
    assert (told["from_person_id"], told["to_person_id"]) == (str(giver.person_id), str(receiver.person_id))
    assert told["occupancy"]["count"] == 1
    presence = centre.gatekeeper.venue.presence
    zone_id = zone_behind(centre, door)
    assert presence.of(giver.person_id) == ("grounds",)
    assert presence.of(receiver.person_id) == ("grounds", zone_id)
    seats = (await centre.get(f"/v1/seats?zone={zone_id}", "protocol")).json()
    assert seats["delegations"] == [{"delegation_id": of, "taken": 1, "allowed": 1}]
    # Both passages are on record in one piece, and found by their ids.
    *_, first, second, third = await centre.host.log.read(0, 100_000)
    assert [event.type for event in (first, second, third)] == ["OverlayHandedOver", "BadgeScanned", "BadgeScanned"]
    assert len({event.metadata.command_id for event in (first, second, third)}) == 1
    for scan_id, outcome in ((told["exit"], "exited"), (told["entry"], "admitted")):
        assert (await centre.get(f"/v1/scans/{scan_id}", "auditor")).json()["outcome"] == outcome
    # Asked again, it is the same.
    assert (await hand_over(centre, door, one["text"], receiver, key="k1")).json() == told
    assert (await hand_over(centre, door, one["text"], receiver)).json() == {"handed_over": False}


async def test_why_a_pass_is_not_handed_over(centre: Access) -> None:
    of = delegation()
    (one,) = await passes(centre, of)
    door, elsewhere = await room(centre, **ASKS), await room(centre, **ASKS)
    giver, receiver = await guests(centre, of)
    stranger = await on_the_grounds(centre, delegation_id=delegation())
    outside = await somebody(centre, delegation_id=of)
    not_inside = await hand_over(centre, door, one["text"], receiver)
    await centre.scan(credential(giver), door, overlay=one["text"])
    before = (await centre.host.log.head()).position

    answers = {
        "overlay_not_inside": [not_inside, await hand_over(centre, elsewhere, one["text"], receiver)],
        "overlay_unknown": [await hand_over(centre, door, "OV1:NOTOURS", receiver)],
        "overlay_foreign": [await hand_over(centre, door, one["text"], stranger)],
        "handover_refused": [await hand_over(centre, door, one["text"], outside)],
        "gate_unknown": [await hand_over(centre, "no-gate", one["text"], receiver)],
    }

    for code, said in answers.items():
        for answer in said:
            assert answer.headers["content-type"] == "application/problem+json"
            assert (answer.status_code, answer.json()["code"]) == (404 if "unknown" in code else 409, code)
    (refused,) = answers["handover_refused"]
    assert refused.json()["failed"] == ["path_violation"]
    assert (await centre.host.log.head()).position == before
    assert centre.gatekeeper.venue.presence.of(giver.person_id) == ("grounds", zone_behind(centre, door))


async def test_a_device_hands_over_at_its_own_gate(centre: Access) -> None:
    of = delegation()
    (one,) = await passes(centre, of)
    door = await room(centre, **ASKS)
    giver, receiver = await guests(centre, of)
    _, here = await centre.enrolled(door)
    _, elsewhere = await centre.enrolled("main")
    await centre.scan(credential(giver), door, overlay=one["text"])
    body = {"gate_id": door, "overlay": one["text"], "credential": credential(receiver)}

    answers = [
        await centre.client.post("/v1/overlays/handover", json=body, headers={**device, "Idempotency-Key": "h"})
        for device in (elsewhere, here)
    ]

    assert [answer.status_code for answer in answers] == [403, 200]


async def test_seats_of_a_delegation(centre: Access) -> None:
    of, other = delegation(), delegation()
    door = await room(centre, seats=2)
    zone_id = zone_behind(centre, door)
    await centre.did("/v1/seats", {"zone_id": zone_id, "delegation_id": of, "seats": 1}, "protocol")
    mine = [await centre.scan(credential(one), door) for one in await guests(centre, of)]
    theirs = [await centre.scan(credential(one), door) for one in await guests(centre, other)]

    assert [verdict["reason"] for verdict in (*mine, *theirs)] == [None, "delegation_seats_full", None, None]
    told = (await centre.get(f"/v1/seats?zone={zone_id}", "protocol")).json()
    assert told["seats"] == 2
    assert {one["delegation_id"]: (one["taken"], one["allowed"]) for one in told["delegations"]} == {
        of: (1, 1),
        other: (2, 2),
    }
    await centre.did("/v1/seats", {"zone_id": zone_id, "delegation_id": of, "seats": None}, "protocol")
    assert (await centre.scan(credential(await on_the_grounds(centre, delegation_id=of)), door))["reason"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/overlays", {"delegation_id": "vn", "kind": "secondary", "count": 0}),
        ("/v1/overlays", {"delegation_id": "vn", "kind": "secondary", "count": 101}),
        ("/v1/overlays", {"delegation_id": "Việt Nam", "kind": "secondary", "count": 1}),
        ("/v1/seats", {"zone_id": "hall", "delegation_id": "vn", "seats": -1}),
        ("/v1/seats", {"zone_id": "hall", "delegation_id": "vn"}),
    ],
)
async def test_what_is_no_number_of_passes_or_seats_is_invalid(centre: Access, path: str, body: Any) -> None:
    answer = await centre.post(path, body, "protocol")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_seats_of_a_zone_that_is_not_there(centre: Access) -> None:
    allocated = await centre.post("/v1/seats", {"zone_id": "no-zone", "delegation_id": "vn", "seats": 1}, "protocol")
    asked = await centre.get("/v1/seats?zone=no-zone", "protocol")

    assert [(one.status_code, one.json()["code"]) for one in (allocated, asked)] == [(404, "zone_unknown")] * 2
