"""The life of a badge over HTTP, what others are told of it, and the text in its code."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.access.credential import read
from tests.accreditation.controls import BEGINS, ENDS, EVENT
from tests.accreditation.running import Desk


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def told_of(desk: Desk, badge: str) -> list[str]:
    """What others are told of a badge, in order."""
    return [event["type"].split(".")[2] for event in await desk.told() if event["subject"] == f"badge-{badge}"]


async def test_a_badge_is_made_of_what_was_granted(desk: Desk) -> None:
    delegation = await desk.welcome()
    nomination = await desk.granted(delegation)

    badge = await desk.did("/v1/badges", {"nomination_id": nomination})

    assert (badge["version"], badge["holding"], badge["suspended"], badge["revoked"]) == (1, "issued", False, False)
    assert badge["areas"] == ["exh", "per"]
    (row,) = (await desk.get(f"/v1/badges?delegation_id={delegation}")).json()
    assert (row["badge_id"], row["nomination_id"]) == (badge["badge_id"], nomination)
    assert (await desk.did("/v1/badges", {"nomination_id": nomination}))["badge_id"] == badge["badge_id"]


async def test_a_badge_goes_through_its_life_and_others_are_told_of_each_step_once(desk: Desk) -> None:
    badge = await desk.badged(await desk.welcome())
    path = f"/v1/badges/{badge}"

    steps = [
        await desk.did(f"{path}/activation"),
        await desk.did(f"{path}/suspension", {"reason": "lost_sight"}),
        await desk.did(f"{path}/suspension", {"reason": "another"}),
        await desk.did(f"{path}/reinstatement"),
        await desk.did(f"{path}/loss"),
        await desk.did(f"{path}/replacement", {"version": 1}),
        await desk.did(f"{path}/replacement", {"version": 1}),
        await desk.did(f"{path}/activation"),
        await desk.did(f"{path}/revocation", {"reason": "withdrawn"}),
    ]

    assert [(one["version"], one["holding"], one["suspended"], one["revoked"]) for one in steps] == [
        (1, "active", False, False),
        (1, "active", True, False),
        (1, "active", True, False),
        (1, "active", False, False),
        (1, "lost", False, False),
        (2, "issued", False, False),
        (2, "issued", False, False),
        (2, "active", False, False),
        (2, "active", False, True),
    ]
    assert await told_of(desk, badge) == [
        "BadgeIssued", "BadgeActivated", "BadgeSuspended", "BadgeReinstated", "BadgeReportedLost", "BadgeReplaced",
        "BadgeActivated", "BadgeRevoked",
    ]  # fmt: skip
    row = (await desk.get(path)).json()
    assert (row["version"], row["holding"], row["suspended"], row["revoked"]) == (2, "active", False, True)


async def test_a_lost_badge_is_not_handed_over_and_a_revoked_one_does_nothing_more(desk: Desk) -> None:
    badge = await desk.badged(await desk.welcome())
    path = f"/v1/badges/{badge}"
    await desk.did(f"{path}/loss")
    assert refused(await desk.ask(f"{path}/activation")) == (409, "badge_lost")

    await desk.did(f"{path}/revocation", {"reason": "withdrawn"})

    for step, body in (("activation", {}), ("loss", {}), ("replacement", {"version": 1}), ("reinstatement", {})):
        assert refused(await desk.ask(f"{path}/{step}", body)) == (409, "badge_revoked")
    assert (await desk.ask(f"{path}/revocation", {"reason": "withdrawn"})).status_code == 200


async def test_a_version_nobody_made_is_not_replaced(desk: Desk) -> None:
    badge = await desk.badged(await desk.welcome())

    assert refused(await desk.ask(f"/v1/badges/{badge}/replacement", {"version": 2})) == (404, "badge_unknown")
    assert refused(await desk.ask(f"/v1/badges/{badge}/replacement", {"version": 0})) == (422, "invalid_request")


@pytest.mark.parametrize("step", ["activation", "loss", "suspension", "reinstatement", "revocation", "replacement"])
async def test_nothing_is_done_to_a_badge_nobody_made(desk: Desk, step: str) -> None:
    body = {"suspension": {"reason": "x"}, "revocation": {"reason": "x"}, "replacement": {"version": 1}}.get(step, {})

    assert refused(await desk.ask(f"/v1/badges/{uuid4()}/{step}", body)) == (404, "badge_unknown")
    assert refused(await desk.get(f"/v1/badges/{uuid4()}")) == (404, "badge_unknown")
    assert refused(await desk.get(f"/v1/badges/{uuid4()}/credential")) == (404, "badge_unknown")


async def test_the_text_in_its_code_reads_at_a_gate_that_was_told_of_the_key(desk: Desk) -> None:
    badge = await desk.badged(await desk.welcome())
    keys = {
        event["data"]["key_id"]: event["data"]["public_key"]
        for event in await desk.told()
        if event["type"] == "placet.accreditation.IssuerKeyPublished.v1"
    }

    text = (await desk.get(f"/v1/badges/{badge}/credential")).json()["text"]
    reading = read(text, EVENT, keys)

    assert len(keys) == 1
    assert (reading.problem, reading.badge_id, reading.version) == (None, UUID(badge), 1)
    assert (reading.not_before, reading.expires) == (BEGINS, ENDS)


async def test_a_replaced_badge_has_another_text_and_the_same_one_each_time(desk: Desk) -> None:
    badge = await desk.badged(await desk.welcome())

    async def text() -> str:
        found: str = (await desk.get(f"/v1/badges/{badge}/credential")).json()["text"]
        return found

    first = await text()
    assert await text() == first
    await desk.did(f"/v1/badges/{badge}/replacement", {"version": 1})
    assert await text() != first


async def test_the_same_request_again_is_answered_and_does_nothing(desk: Desk) -> None:
    badge, key = await desk.badged(await desk.welcome()), str(uuid4())
    path = f"/v1/badges/{badge}"
    first = await desk.ask(f"{path}/replacement", {"version": 1}, key=key)
    before = await desk.host.log.head()

    again = await desk.ask(f"{path}/replacement", {"version": 1}, key=key)

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert await desk.host.log.head() == before


async def test_a_key_used_for_another_request_is_refused(desk: Desk) -> None:
    delegation = await desk.welcome()
    one, other, key = await desk.badged(delegation), await desk.badged(delegation), str(uuid4())
    await desk.ask(f"/v1/badges/{one}/suspension", {"reason": "lost_sight"}, key=key)

    for path, reason in ((one, "another"), (other, "lost_sight")):
        answer = await desk.ask(f"/v1/badges/{path}/suspension", {"reason": reason}, key=key)
        assert refused(answer) == (409, "idempotency_key_reused")
    assert await told_of(desk, other) == ["BadgeIssued"]


@pytest.mark.parametrize(
    "path", ["/v1/delegations", "/v1/badges", "/v1/badges/{}/activation", "/v1/rosters", "/v1/matrix", "/v1/vetting"]
)
async def test_every_request_that_changes_something_carries_a_key(desk: Desk, path: str) -> None:
    assert refused(await desk.client.post(path.format(uuid4()), json={}, headers=desk.headers())) == (
        400,
        "idempotency_key_required",
    )
