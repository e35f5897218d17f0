"""The authority vets, the desk grants: what was cleared, within the matrix, once; what was refused, with a reason."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.accreditation.controls import RULES, VALIDITY
from tests.accreditation.running import Desk


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def vetted(desk: Desk, nomination: str, outcome: str, reason: str | None = None) -> Any:
    body = {"nomination_id": nomination, "outcome": outcome, **({"reason_code": reason} if reason else {})}
    return await desk.ask("/v1/vetting", body, desk.headers("vetting"))


async def grant(desk: Desk, nomination: str, *extra: str, **changed: Any) -> Any:
    body = {"nomination_id": nomination, "extra_areas": extra, **VALIDITY, **changed}
    return await desk.ask("/v1/accreditations", body, desk.headers("desk"))


async def test_somebody_cleared_is_granted_the_areas_of_their_category(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome())
    await vetted(desk, nomination, "cleared")

    answer = await grant(desk, nomination)

    assert answer.status_code == 201
    assert answer.json() == {"nomination_id": nomination, "areas": ["exh", "per"]}


async def test_a_condition_that_was_met_opens_its_area(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome())
    await vetted(desk, nomination, "cleared")

    assert (await grant(desk, nomination, "pln")).json()["areas"] == ["exh", "per", "pln"]


@pytest.mark.parametrize("outcome", [None, "referred"])
async def test_nobody_is_granted_anything_before_they_are_cleared(desk: Desk, outcome: str | None) -> None:
    nomination = await desk.nominated(await desk.welcome())
    if outcome:
        await vetted(desk, nomination, outcome)

    assert refused(await grant(desk, nomination)) == (409, "vetting_pending")


async def test_whom_the_host_does_not_vet_is_granted_at_once(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome(head=1), "head")

    assert (await grant(desk, nomination)).json()["areas"] == ["per", "pln"]


async def test_nobody_the_authority_refused_is_granted_anything(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome())
    assert (await vetted(desk, nomination, "refused", "watchlist")).status_code == 200

    assert refused(await grant(desk, nomination)) == (409, "clearance_refused")


async def test_a_refusal_by_the_authority_carries_a_reason(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome())

    assert refused(await vetted(desk, nomination, "refused")) == (409, "vetting_reason_missing")


@pytest.mark.parametrize("reason", ["Nguyễn Thị Hoa is a spy", "A", "x" * 61, "1abc", "a-b"])
async def test_a_reason_is_a_word_from_a_list_never_a_sentence_about_a_person(desk: Desk, reason: str) -> None:
    nomination = await desk.nominated(await desk.welcome())

    answer = await vetted(desk, nomination, "refused", reason)

    assert refused(answer) == (422, "invalid_request")
    assert "Hoa" not in answer.text


async def test_the_ground_stays_here(desk: Desk) -> None:
    delegation = await desk.welcome()
    nomination = await desk.nominated(delegation)
    await vetted(desk, nomination, "refused", "watchlist")
    refusal = await desk.ask(f"/v1/accreditations/{nomination}/refusal", {"reason": "security_grounds"})
    assert refusal.json() == {"nomination_id": nomination, "decision": "refused"}

    seen = (await desk.get(f"/v1/nominations?delegation_id={delegation}", desk.of(delegation))).text
    told = str(await desk.told())

    assert nomination in seen
    assert nomination in told
    for ground in ("watchlist", "security_grounds"):
        assert ground not in seen + told
        assert ground in str(await desk.events())  # control: the record has it


async def test_only_the_authority_says_who_is_cleared(desk: Desk) -> None:
    body = {"nomination_id": await desk.nominated(await desk.welcome()), "outcome": "cleared"}

    assert refused(await desk.ask("/v1/vetting", body, desk.headers("desk", "admin", "protocol"))) == (403, "forbidden")


async def test_those_who_wait_for_the_authority_stand_in_its_queue(desk: Desk) -> None:
    waiting, done = [await desk.nominated(await desk.welcome()) for _ in range(2)]
    await vetted(desk, done, "cleared")

    queue = {row["nomination_id"] for row in (await desk.get("/v1/vetting?limit=1000", desk.headers("vetting"))).json()}

    assert waiting in queue
    assert done not in queue


@pytest.mark.parametrize("area", ["sgn", "ops", "nowhere"])
async def test_an_area_outside_the_matrix_is_not_granted(desk: Desk, area: str) -> None:
    nomination = await desk.nominated(await desk.welcome())
    await vetted(desk, nomination, "cleared")

    assert refused(await grant(desk, nomination, area)) == (409, "area_not_in_matrix")


async def test_what_was_granted_is_granted_once(desk: Desk) -> None:
    nomination = await desk.granted(await desk.welcome())
    before = await desk.host.log.head()

    again = await grant(desk, nomination)

    assert again.status_code == 201
    assert await desk.host.log.head() == before
    assert refused(await grant(desk, nomination, "pln")) == (409, "already_decided")
    assert refused(await grant(desk, nomination, valid_until="2025-10-28T00:00:00Z")) == (409, "already_decided")


async def test_what_was_granted_is_not_refused_and_the_other_way_round(desk: Desk) -> None:
    delegation = await desk.welcome()
    granted, other = await desk.granted(delegation), await desk.nominated(delegation)
    await desk.did(f"/v1/accreditations/{other}/refusal", {"reason": "incomplete"})

    no = await desk.ask(f"/v1/accreditations/{granted}/refusal", {"reason": "incomplete"})

    assert refused(no) == (409, "already_decided")
    await vetted(desk, other, "cleared")
    assert refused(await grant(desk, other)) == (409, "already_decided")


async def test_of_many_who_decide_at_once_one_decision_holds(desk: Desk) -> None:
    nomination = await desk.nominated(await desk.welcome())
    await vetted(desk, nomination, "cleared")

    async def refusal() -> Any:
        return await desk.ask(f"/v1/accreditations/{nomination}/refusal", {"reason": "incomplete"})

    answers = await asyncio.gather(grant(desk, nomination), refusal(), grant(desk, nomination, "pln"), refusal())

    mine = [one for one in await desk.events() if one.get("nomination_id") == nomination]
    kinds = [one["type"] for one in mine if one["type"].startswith("Accreditation")]
    assert len(kinds) == 1
    assert any(answer.status_code == 409 for answer in answers)


@pytest.mark.parametrize("path", ["/v1/vetting", "/v1/accreditations", "/v1/accreditations/{}/refusal", "/v1/badges"])
async def test_nothing_is_decided_of_whom_nobody_named(desk: Desk, path: str) -> None:
    nobody = str(uuid4())
    body: dict[str, Any] = {"nomination_id": nobody}
    body |= {"outcome": "cleared"} if path == "/v1/vetting" else {}
    body |= VALIDITY if path == "/v1/accreditations" else {}
    body = {"reason": "incomplete"} if path.endswith("refusal") else body

    answer = await desk.ask(path.format(nobody), body)

    assert refused(answer) == ((409, "not_accredited") if path == "/v1/badges" else (404, "nomination_unknown"))


@pytest.mark.parametrize(
    "validity",
    [
        {"valid_until": "9999-12-31T23:59:59-14:00"},
        {"valid_from": "0001-01-01T00:00:00+14:00"},
        {"valid_from": VALIDITY["valid_until"], "valid_until": VALIDITY["valid_from"]},
        {"valid_until": VALIDITY["valid_from"]},
        {"valid_from": "2025-10-24T00:00:00"},
        {"valid_until": "soon"},
        {"valid_from": None},
    ],
)
async def test_a_badge_is_not_valid_for_a_time_that_is_none(desk: Desk, validity: dict[str, Any]) -> None:
    """Beyond all calendars a register could not even be written down, nor ever rebuilt."""
    nomination = await desk.nominated(await desk.welcome())
    await vetted(desk, nomination, "cleared")

    assert refused(await grant(desk, nomination, **validity)) == (422, "invalid_request")
    assert (await grant(desk, nomination)).status_code == 201
    await desk.did("/v1/badges", {"nomination_id": nomination})
    assert (await desk.get("/v1/badges?limit=1")).status_code == 200


async def test_the_matrix_in_force_is_shown(desk: Desk) -> None:
    shown = (await desk.get("/v1/matrix")).json()["categories"]

    assert {one["category"]: one["areas"] for one in shown} == {one.category: dict(one.areas) for one in RULES}


@pytest.mark.parametrize("letter", ["y", "X", "", "YES", None, 1])
async def test_a_letter_the_matrix_does_not_use_is_invalid(desk: Desk, letter: Any) -> None:
    rules = {"category": "delegate", "names": RULES[0].names, "vetted": True, "areas": {"per": letter}}

    assert refused(await desk.ask("/v1/matrix", {"categories": [rules]})) == (422, "invalid_request")


async def test_a_category_has_a_name_that_can_be_shown(desk: Desk) -> None:
    rules = {"category": "delegate", "names": {**RULES[0].names, "en": "Dele\x00gate"}, "vetted": True, "areas": {}}

    assert refused(await desk.ask("/v1/matrix", {"categories": [rules]})) == (422, "invalid_request")
