"""People are named one by one: within a quota, once each, by those who may; a name goes to the vault."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.accreditation.controls import person
from tests.accreditation.running import Desk


def somebody(**fields: str) -> dict[str, Any]:
    return person(**{"email": f"{uuid4().hex}@example.org", **fields})


async def nominate(desk: Desk, delegation: str, who: dict[str, Any], *, key: str | None = None, **changed: Any) -> Any:
    body = {"delegation_id": delegation, "category": "delegate", **who, **changed}
    return await desk.ask("/v1/nominations", body, key=key)


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_somebody_is_named_and_stands_in_the_register(desk: Desk) -> None:
    delegation = await desk.welcome()

    nomination = await desk.nominated(delegation)

    (row,) = (await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()
    assert row["nomination_id"] == nomination
    assert (row["category"], row["vetting"], row["decision"], row["badge_id"]) == ("delegate", "none", "pending", None)
    assert await desk.person_of(nomination) in await desk.kept()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"family_name": ""}, "name_missing", "family_name"),
        ({"given_name": " "}, "name_missing", "given_name"),
        ({"email": "nobody"}, "email_malformed", "email"),
        ({"title": "=1+1"}, "formula_cell", "title"),
        ({"function": " -1"}, "formula_cell", "function"),
        ({"family_name": "x" * 201}, "cell_too_long", "family_name"),
        ({"given_name": "a\x00b"}, "control_character", "given_name"),
        ({"given_name": "a\u202eb"}, "control_character", "given_name"),
    ],
)
async def test_what_a_roster_would_not_take_is_not_taken_here_either(
    desk: Desk, fields: dict[str, str], code: str, field: str
) -> None:
    delegation = await desk.welcome()

    answer = await nominate(desk, delegation, somebody(**fields))

    assert refused(answer) == (422, code)
    assert answer.json()["errors"] == [{"field": field, "error": code}]


@pytest.mark.parametrize(
    "changed",
    [
        {"language": "de"},
        {"delegation_id": "FR"},
        {"category": "Chef d'État"},
        {"passport": "C01X00T47"},
        {"email": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_what_is_no_nomination_is_invalid(desk: Desk, changed: dict[str, Any]) -> None:
    answer = await nominate(desk, "fr", somebody(), **changed)

    assert refused(answer) == (422, "invalid_request")
    assert "C01X00T47" not in answer.text


@pytest.mark.parametrize("field", ["family_name", "given_name", "title", "function", "email"])
async def test_half_a_character_is_no_text(desk: Desk, field: str) -> None:
    """JSON can spell it, nothing can store it."""
    body = json.dumps({"delegation_id": "fr", "category": "delegate", **somebody(**{field: "a\ud800b"})})

    assert refused(await desk.ask("/v1/nominations", body.encode())) == (422, "invalid_request")


async def test_a_delegation_nobody_invited_names_nobody(desk: Desk) -> None:
    assert refused(await nominate(desk, "atlantis", somebody())) == (404, "delegation_unknown")


async def test_a_delegation_that_has_not_confirmed_names_nobody(desk: Desk) -> None:
    delegation = await desk.invited()

    assert refused(await nominate(desk, delegation, somebody())) == (409, "delegation_not_confirmed")


async def test_a_category_the_matrix_does_not_know_is_refused(desk: Desk) -> None:
    delegation = await desk.welcome(juggler=5)

    assert refused(await nominate(desk, delegation, somebody(), category="juggler")) == (404, "category_unknown")


async def test_over_quota_nobody_is_named_and_nobody_kept(desk: Desk) -> None:
    delegation = await desk.welcome(delegate=1)
    await desk.nominated(delegation)
    before = await desk.kept()

    answer = await nominate(desk, delegation, somebody())

    assert refused(answer) == (409, "quota_exhausted")
    assert await desk.kept() == before


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"family_name": "NGUYEN", "given_name": "hoà"},
        {"family_name": " Nguyễn ", "given_name": "Hòa"},
        {"family_name": "nguye\u0302\u0303n", "given_name": "HOA\u0300"},
        {"title": "Dr", "function": "Counsellor", "language": "fr"},
    ],
)
async def test_a_person_is_named_once_however_they_are_written(desk: Desk, again: dict[str, str]) -> None:
    first, second = await desk.welcome(), await desk.welcome()
    who = somebody(family_name="Nguyễn", given_name="Hoà")
    assert (await nominate(desk, first, who)).status_code == 201

    for delegation in (first, second):
        answer = await nominate(desk, delegation, {**who, **again})
        assert refused(answer) == (409, "duplicate_person")


@pytest.mark.parametrize(
    ("name", "as_typed"), [("Đặng", "Dang"), ("đỗ", "DO"), ("Søren", "Soren"), ("Łukasz", "lukasz"), ("Weiß", "WEISS")]
)
async def test_a_letter_with_a_stroke_is_the_same_letter(desk: Desk, name: str, as_typed: str) -> None:
    """Half of Viet Nam would be somebody else on a foreign keyboard."""
    delegation, who = await desk.welcome(), somebody(family_name=name)
    await nominate(desk, delegation, who)

    assert refused(await nominate(desk, delegation, {**who, "family_name": as_typed})) == (409, "duplicate_person")


async def test_two_people_with_one_name_are_told_apart_by_their_address(desk: Desk) -> None:
    delegation = await desk.welcome()

    answers = [await nominate(desk, delegation, somebody()) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]


async def test_many_at_once_never_take_more_places_than_there_are(desk: Desk) -> None:
    delegation = await desk.welcome(delegate=5)

    answers = await asyncio.gather(*(nominate(desk, delegation, somebody()) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"quota_exhausted"}
    assert len((await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()) == 5


async def test_one_person_named_by_many_at_once_is_named_once(desk: Desk) -> None:
    delegations, who = [await desk.welcome() for _ in range(4)], somebody()

    answers = await asyncio.gather(*(nominate(desk, delegation, who) for delegation in delegations * 2))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


# --- asked again ----------------------------------------------------------------------------------------------------


async def test_a_request_without_a_key_is_refused(desk: Desk) -> None:
    delegation = await desk.welcome()
    body = {"delegation_id": delegation, "category": "delegate", **somebody()}

    answer = await desk.client.post("/v1/nominations", json=body, headers=desk.headers())

    assert refused(answer) == (400, "idempotency_key_required")


async def test_the_same_request_again_is_the_same_nomination(desk: Desk) -> None:
    delegation, who, key = await desk.welcome(delegate=1), somebody(), str(uuid4())

    answers = [await nominate(desk, delegation, who, key=key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["nomination_id"] for answer in answers}) == 1
    assert len((await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()) == 1


async def test_the_same_request_many_times_at_once_is_one_nomination(desk: Desk) -> None:
    delegation, who, key = await desk.welcome(), somebody(), str(uuid4())

    answers = await asyncio.gather(*(nominate(desk, delegation, who, key=key) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["nomination_id"] for answer in answers}) == 1


async def test_a_refused_request_is_decided_anew(desk: Desk) -> None:
    delegation, who, key = await desk.welcome(delegate=0), somebody(), str(uuid4())
    assert refused(await nominate(desk, delegation, who, key=key)) == (409, "quota_exhausted")

    await desk.did(f"/v1/delegations/{delegation}/quotas", {"category": "delegate", "places": 1})

    assert (await nominate(desk, delegation, who, key=key)).status_code == 201


@pytest.mark.parametrize("other", ["another person", "another delegation", "both", "another category"])
async def test_a_key_used_for_another_request_is_refused_and_harms_nobody(desk: Desk, other: str) -> None:
    first, second = await desk.welcome(delegate=9, media=9), await desk.welcome()
    who, key = somebody(), str(uuid4())
    nomination = (await nominate(desk, first, who, key=key)).json()["nomination_id"]
    before = await desk.kept()

    answer = await nominate(
        desk,
        second if other in {"another delegation", "both"} else first,
        somebody() if other in {"another person", "both"} else who,
        key=key,
        category="media" if other == "another category" else "delegate",
    )

    assert answer.status_code == 409
    assert answer.json()["code"] in {"idempotency_key_reused", "duplicate_person"}
    assert await desk.kept() == before
    assert await desk.person_of(nomination) in before


async def test_a_key_belongs_to_whoever_chose_it(desk: Desk) -> None:
    delegation, key = await desk.welcome(), str(uuid4())

    answers = [
        await desk.ask(
            "/v1/nominations",
            {"delegation_id": delegation, "category": "delegate", **somebody()},
            desk.headers("desk", sub=who),
            key=key,
        )
        for who in ("desk-1", "desk-2")
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() != answers[1].json()


# --- looking --------------------------------------------------------------------------------------------------------


async def test_nominations_are_read_page_by_page(desk: Desk) -> None:
    delegation = await desk.welcome()
    named = {await desk.nominated(delegation) for _ in range(5)}

    seen, after = [], ""
    while page := (await desk.get(f"/v1/nominations?delegation_id={delegation}&limit=2{after}")).json():
        assert len(page) <= 2
        seen += [row["nomination_id"] for row in page]
        after = f"&after={seen[-1]}"

    assert seen == sorted(named)


async def test_nominations_are_found_by_how_they_stand(desk: Desk) -> None:
    delegation = await desk.welcome()
    waiting, granted = await desk.nominated(delegation), await desk.granted(delegation)

    async def found(query: str) -> list[str]:
        rows = (await desk.get(f"/v1/nominations?delegation_id={delegation}&{query}")).json()
        return [row["nomination_id"] for row in rows]

    assert await found("vetting=none") == [waiting]
    assert await found("decision=granted") == [granted]
    assert await found("vetting=refused") == []


@pytest.mark.parametrize("query", ["vetting=%00", "decision=%00", "vetting=maybe", "limit=0", "limit=1001", "after=x"])
async def test_what_cannot_be_looked_for_is_invalid(desk: Desk, query: str) -> None:
    assert refused(await desk.get(f"/v1/nominations?{query}")) == (422, "invalid_request")
