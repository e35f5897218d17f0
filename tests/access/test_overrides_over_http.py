"""Supervisors admit against a refusal, over HTTP; and a passage that was not taken is undone."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.access.domain.overrides import (
    AlreadyOverridden,
    OverrideBudgetExhausted,
    OverrideLapsed,
    OverrideNotPossible,
    OverrideReasonUnknown,
    OverrideTooLate,
    OverrideUnknown,
    ScanNotRefused,
    SecondDeviceNeeded,
    SecondPersonNeeded,
)
from services.access.domain.reviewing import AlreadyReviewed, OverrideNotAdmitted, ReviewerInvolved
from services.access.domain.undoing import NothingToUndo, PassageSuperseded, TooLateToUndo
from tests.access.controls import MAIN
from tests.access.refused import on_the_grounds, room, somebody
from tests.access.running import Access, credential, scan_body
from tests.controls import NOW

NO_RIGHT = {"zone_class": "open", "by_session": True}
"""A room that nobody has a right to: its refusals are overridden."""
TIGHT = {"zone_class": "controlled", "by_session": True}


@pytest.fixture(autouse=True)
def set_back(centre: Access) -> None:
    centre.clock.time = NOW


async def post(centre: Access, path: str, body: Any, *roles: str, sub: str, key: str | None = None) -> httpx.Response:
    """Of one person among several."""
    headers = {**centre.issuer.headers(*(roles or ("supervisor",)), sub=sub), "Idempotency-Key": key or str(uuid4())}
    return await centre.client.post(path, json=body, headers=headers)


async def ask(centre: Access, scan_id: str, *, sub: str = "hanoi", **changed: Any) -> httpx.Response:
    body = {"scan_id": scan_id, "reason": "wrong_data", **changed}
    return await post(centre, "/v1/overrides", body, sub=sub)


async def confirm(centre: Access, override_id: str, *, sub: str = "hue", **body: Any) -> httpx.Response:
    return await post(centre, f"/v1/overrides/{override_id}/confirmation", body, sub=sub)


async def review(centre: Access, override_id: str, *, sub: str = "vinh", finding: str = "justified") -> httpx.Response:
    path = f"/v1/overrides/{override_id}/review"
    return await post(centre, path, {"finding": finding}, "operations", "supervisor", sub=sub)


async def queue(centre: Access, state: str) -> list[str]:
    answer = await centre.get(f"/v1/overrides?state={state}", "operations")
    return [one["override_id"] for one in answer.json()]


async def refused(centre: Access, **rules: Any) -> tuple[str, str]:
    """Somebody new is refused at a room: the scan, the person."""
    one = await on_the_grounds(centre)
    verdict = await centre.scan(credential(one), await room(centre, **(rules or NO_RIGHT)))
    assert verdict["outcome"] == "refused"
    return verdict["scan_id"], str(one.person_id)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# --- overrides --------------------------------------------------------------------------------------------------------


async def test_into_an_open_zone_a_supervisor_admits_alone(centre: Access) -> None:
    scan_id, person = await refused(centre)

    answer = await ask(centre, scan_id)

    told = answer.json()
    assert (answer.status_code, told["state"], told["refused_for"]) == (201, "unreviewed", ["session_not_open"])
    assert len(centre.gatekeeper.venue.presence.of(UUID(person))) == 2
    admission = (await centre.get(f"/v1/scans/{told['admission_id']}", "auditor")).json()
    assert (admission["outcome"], admission["warnings"]) == ("admitted", ["session_not_open"])
    assert told["override_id"] in await queue(centre, "unreviewed")
    # All of it is one piece of the record.
    *_, first, second, third = await centre.host.log.read(0, 100_000)
    assert [event.type for event in (first, second, third)] == ["OverrideRequested", "EntryOverridden", "BadgeScanned"]
    assert len({event.metadata.command_id for event in (first, second, third)}) == 1


async def test_asked_again_with_the_same_key_it_is_the_same_override(centre: Access) -> None:
    scan_id, _ = await refused(centre)
    body = {"scan_id": scan_id, "reason": "wrong_data"}

    first, again = [await post(centre, "/v1/overrides", body, sub="hanoi", key="same") for _ in range(2)]

    assert first.json() == again.json()


async def test_into_a_controlled_zone_another_supervisor_confirms(centre: Access) -> None:
    scan_id, person = await refused(centre, **TIGHT)
    mine, _ = await centre.enrolled("main")
    theirs, _ = await centre.enrolled("main")

    waiting = (await ask(centre, scan_id, device_id=mine)).json()

    assert waiting["state"] == "waiting"
    assert waiting["confirm_by"] == (NOW + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    assert waiting["override_id"] in await queue(centre, "waiting")
    assert len(centre.gatekeeper.venue.presence.of(UUID(person))) == 1
    for answer, refusal in (
        (await confirm(centre, waiting["override_id"], sub="hanoi"), SecondPersonNeeded),
        (await confirm(centre, waiting["override_id"], device_id=mine), SecondDeviceNeeded),
    ):
        assert code_of(answer) == (409, refusal.code)
    confirmed = await confirm(centre, waiting["override_id"], device_id=theirs)
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "unreviewed")
    assert len(centre.gatekeeper.venue.presence.of(UUID(person))) == 2
    assert waiting["override_id"] not in await queue(centre, "waiting")
    admitted = (await centre.get(f"/v1/scans/{confirmed.json()['admission_id']}", "auditor")).json()
    assert admitted["outcome"] == "admitted"


async def test_a_member_of_a_party_who_was_refused_is_admitted_alone(centre: Access) -> None:
    leader, member = await on_the_grounds(centre), await on_the_grounds(centre)
    people = {"leader_id": str(leader.person_id), "members": [str(member.person_id)]}
    await centre.did("/v1/parties", people, "protocol")
    door = await room(centre, capacity=1, zone_class="open")
    (stays_out,) = (await centre.scan(credential(leader), door, party={"heads": 2}))["with"]

    answer = (await ask(centre, stays_out["scan_id"])).json()

    assert (stays_out["reason"], answer["refused_for"]) == ("zone_full", ["zone_full"])
    assert answer["person_id"] == str(member.person_id)
    admission = (await centre.get(f"/v1/scans/{answer['admission_id']}", "auditor")).json()
    assert (admission["outcome"], admission["occupancy"], admission["with"]) == (
        "admitted",
        {"count": 2, "capacity": 1},
        None,
    )


async def test_nobody_confirms_after_a_minute(centre: Access) -> None:
    scan_id, _ = await refused(centre, **TIGHT)
    waiting = (await ask(centre, scan_id)).json()["override_id"]
    centre.clock.passes(seconds=61)

    assert code_of(await confirm(centre, waiting)) == (409, OverrideLapsed.code)
    assert waiting in await queue(centre, "lapsed")
    assert code_of(await review(centre, waiting)) == (409, OverrideNotAdmitted.code)


async def test_what_is_not_overridden(centre: Access) -> None:
    scan_id, _ = await refused(centre)
    admitted = (await centre.scan(credential(await somebody(centre)), MAIN))["scan_id"]
    unread = (await centre.scan("12345678", MAIN))["scan_id"]
    before = (await centre.host.log.head()).position

    assert code_of(await ask(centre, admitted)) == (409, ScanNotRefused.code)
    assert code_of(await ask(centre, unread)) == (409, OverrideNotPossible.code)
    assert code_of(await ask(centre, scan_id, reason="a_friend")) == (409, OverrideReasonUnknown.code)
    assert code_of(await ask(centre, scan_id, device_id=str(uuid4()))) == (404, "device_unknown")
    assert code_of(await ask(centre, str(uuid4()))) == (404, "scan_unknown")
    assert code_of(await confirm(centre, str(uuid4()))) == (404, OverrideUnknown.code)
    assert code_of(await review(centre, str(uuid4()))) == (404, OverrideUnknown.code)
    centre.clock.passes(minutes=15, seconds=1)
    assert code_of(await ask(centre, scan_id)) == (409, OverrideTooLate.code)
    assert (await centre.host.log.head()).position == before


async def test_a_discreet_hold_is_answered_like_an_ordinary_check(centre: Access) -> None:
    held, ordinary = await on_the_grounds(centre), await on_the_grounds(centre)
    door, looks = await room(centre), await room(centre, {"identity_check": {"share": 1}})
    hold = {"person_id": str(held.person_id), "outcome": "hold", "reason": "r1"}
    await centre.did("/v1/watchlist", hold, "vetting")
    scans = [await centre.scan(credential(held), door), await centre.scan(credential(ordinary), looks)]

    answers = [(await ask(centre, one["scan_id"])).json() for one in scans]

    assert answers[0] == answers[1]
    assert (answers[0]["code"], answers[0]["detail"]) == (OverrideNotPossible.code, "identity_check_required")


async def test_the_budget_of_a_supervisor(centre: Access) -> None:
    await centre.did("/v1/rules", {"override_budget": 1})
    try:
        answers = [await ask(centre, (await refused(centre))[0], sub="nha-trang") for _ in range(2)]
    finally:
        await centre.did("/v1/rules", {})

    assert answers[0].status_code == 201
    assert code_of(answers[1]) == (409, OverrideBudgetExhausted.code)


async def test_each_override_is_reviewed_by_somebody_else(centre: Access) -> None:
    scan_id, _ = await refused(centre, **TIGHT)
    override_id = (await ask(centre, scan_id)).json()["override_id"]
    await confirm(centre, override_id)
    assert code_of(await ask(centre, scan_id)) == (409, AlreadyOverridden.code)

    involved = [await review(centre, override_id, sub=sub) for sub in ("hanoi", "hue")]
    done = await review(centre, override_id, finding="unjustified")
    another = await review(centre, override_id, sub="dalat")

    assert [code_of(answer) for answer in involved] == [(409, ReviewerInvolved.code)] * 2
    assert (done.status_code, done.json()["state"], done.json()["finding"]) == (200, "reviewed", "unjustified")
    assert override_id in await queue(centre, "reviewed")
    assert override_id not in await queue(centre, "unreviewed")
    assert code_of(another) == (409, AlreadyReviewed.code)


# --- undo -------------------------------------------------------------------------------------------------------------


async def undo(centre: Access, scan_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
    shown = {**(headers or centre.issuer.headers("supervisor")), "Idempotency-Key": str(uuid4())}
    return await centre.client.post(f"/v1/scans/{scan_id}/undo", json={"reason": "turned_back"}, headers=shown)


async def test_a_passage_that_was_not_taken_is_undone(centre: Access) -> None:
    one = await somebody(centre)
    scan_id = (await centre.scan(credential(one), MAIN))["scan_id"]

    answers = [await undo(centre, scan_id) for _ in range(2)]

    assert [(answer.status_code, answer.json()["undone"]) for answer in answers] == [(200, True)] * 2
    assert centre.gatekeeper.venue.presence.of(one.person_id) == ()
    assert len([told for told in await centre.recorded("PassageUndone") if told["scan_id"] == scan_id]) == 1
    assert (await centre.scan(credential(one), MAIN))["outcome"] == "admitted"


async def test_by_the_device_that_made_the_scan_or_a_supervisor(centre: Access) -> None:
    one = await somebody(centre)
    _, here = await centre.enrolled("main")
    _, beside = await centre.enrolled("main")
    body = scan_body(credential(one), MAIN)
    await centre.scan_answer(body, **here)

    answers = [await undo(centre, body["scan_id"], device) for device in (beside, here)]

    assert code_of(answers[0]) == (403, "not_yours")
    assert answers[1].status_code == 200


async def test_what_is_not_undone(centre: Access) -> None:
    one = await on_the_grounds(centre)
    door = await room(centre)
    entered = (await centre.scan(credential(one), door))["scan_id"]
    refused_scan, _ = await refused(centre)
    left = (await centre.scan(credential(one), door, "out"))["scan_id"]

    assert code_of(await undo(centre, refused_scan)) == (409, NothingToUndo.code)
    assert code_of(await undo(centre, entered)) == (409, PassageSuperseded.code)
    assert code_of(await undo(centre, str(uuid4()))) == (404, "scan_unknown")
    centre.clock.passes(minutes=15, seconds=1)
    assert code_of(await undo(centre, left)) == (409, TooLateToUndo.code)


async def test_an_admission_by_override_is_undone_too(centre: Access) -> None:
    scan_id, person = await refused(centre)
    admission = (await ask(centre, scan_id)).json()["admission_id"]

    assert (await undo(centre, admission)).status_code == 200
    assert centre.gatekeeper.venue.presence.of(UUID(person)) == ("grounds",)
