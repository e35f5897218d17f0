"""Delegations over HTTP: invited, confirmed, given places; whoever registers for one is kept in the vault."""

from typing import Any
from uuid import uuid4

import pytest

from tests.accreditation.controls import FRANCE
from tests.accreditation.running import Desk


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def contact(**changed: str) -> dict[str, str]:
    return {"family_name": "Martin", "given_name": "Anne", "email": f"{uuid4().hex}@fr.example", **changed}


def invitation(**changed: Any) -> dict[str, Any]:
    return {"delegation_id": f"d-{uuid4().hex[:12]}", "kind": "state", "names": FRANCE, "language": "fr", **changed}


async def focal_point_of(desk: Desk, delegation: str) -> str | None:
    found: str | None = (await desk.get(f"/v1/delegations/{delegation}")).json()["focal_point_id"]
    return found


async def test_a_delegation_stands_in_the_register_as_it_is(desk: Desk) -> None:
    body = invitation()
    assert await desk.did("/v1/delegations", body) == {"delegation_id": body["delegation_id"], "status": "invited"}
    path = f"/v1/delegations/{body['delegation_id']}"

    confirmed = await desk.did(f"{path}/confirmation", {"note_verbale": "NV 2025/114"})
    quotas = await desk.did(f"{path}/quotas", {"category": "delegate", "places": 3})

    assert confirmed["status"] == "confirmed"
    assert quotas["quotas"] == {"delegate": 3}
    assert (await desk.get(path)).json() == {
        "delegation_id": body["delegation_id"], "kind": "state", "names": FRANCE, "language": "fr",
        "focal_point_id": None, "note_verbale": "NV 2025/114", "quotas": {"delegate": 3},
    }  # fmt: skip


async def test_an_invitation_is_told_without_whom_to_write_to(desk: Desk) -> None:
    body = invitation(focal_point=contact())
    await desk.did("/v1/delegations", body)

    (told,) = [one for one in await desk.told() if one["subject"] == f"delegation-{body['delegation_id']}"]

    assert told["data"] == {"delegation_id": body["delegation_id"], "kind": "state", "names": FRANCE, "language": "fr"}


async def test_the_focal_point_is_kept_in_the_vault(desk: Desk) -> None:
    body = invitation(focal_point=contact(family_name="Đặng"))
    await desk.did("/v1/delegations", body)
    id_ = await focal_point_of(desk, body["delegation_id"])

    (told,) = (
        await desk.get(f"/v1/people?purpose=notice&ids={id_}", desk.headers("service", sub="notifications"))
    ).json()

    assert (told["family_name"], told["language"]) == ("Đặng", "fr")


async def test_one_person_may_register_for_two_delegations(desk: Desk) -> None:
    anne = contact()
    bodies = [invitation(focal_point=anne) for _ in range(2)]
    for body in bodies:
        await desk.did("/v1/delegations", body)

    one, other = [await focal_point_of(desk, body["delegation_id"]) for body in bodies]
    assert one == other is not None


async def test_an_invitation_repeated_under_another_key_changes_nothing(desk: Desk) -> None:
    body = invitation(focal_point=contact())
    await desk.did("/v1/delegations", body)
    before = await desk.host.log.head(), await desk.kept()

    await desk.did("/v1/delegations", body)

    assert (await desk.host.log.head(), await desk.kept()) == before


async def test_a_refused_invitation_leaves_nobody_in_the_vault(desk: Desk) -> None:
    body = invitation(focal_point=contact())
    await desk.did("/v1/delegations", body)
    before = await desk.kept()

    answer = await desk.ask("/v1/delegations", {**body, "focal_point": contact()})

    assert refused(answer) == (409, "delegation_already_invited")
    assert await desk.kept() == before


async def test_a_refused_invitation_does_not_forget_whom_others_need(desk: Desk) -> None:
    anne = contact()
    first, second = invitation(focal_point=anne), invitation()
    for body in (first, second):
        await desk.did("/v1/delegations", body)

    answer = await desk.ask("/v1/delegations", {**second, "focal_point": anne})

    assert refused(answer) == (409, "delegation_already_invited")
    assert await focal_point_of(desk, first["delegation_id"]) in {str(one) for one in await desk.kept()}


async def test_a_key_used_for_another_invitation_is_refused_and_harms_nobody(desk: Desk) -> None:
    first, key = invitation(focal_point=contact()), str(uuid4())
    await desk.ask("/v1/delegations", first, key=key)
    before = await desk.kept()

    for other in (invitation(focal_point=contact()), {**first, "focal_point": contact()}):
        assert refused(await desk.ask("/v1/delegations", other, key=key)) == (409, "idempotency_key_reused")
        assert await desk.kept() == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"focal_point": {"family_name": "=1", "given_name": "A", "email": "a@b.org"}}, "formula_cell"),
        ({"focal_point": {"family_name": "A", "given_name": "", "email": "a@b.org"}}, "name_missing"),
        ({"focal_point": {"family_name": "A", "given_name": "B", "email": "a"}}, "email_malformed"),
        ({"kind": "empire"}, "invalid_request"),
        ({"language": "de"}, "invalid_request"),
        ({"names": {"en": "France"}}, "invalid_request"),
        ({"names": {**FRANCE, "en": "Fra\x00nce"}}, "invalid_request"),
        ({"names": {**FRANCE, "fr": "Fra\nnce"}}, "invalid_request"),
        ({"names": {**FRANCE, "vi": "\u202ePháp"}}, "invalid_request"),
        ({"names": {**FRANCE, "vi": "x" * 201}}, "invalid_request"),
        ({"names": {**FRANCE, "de": "Frankreich"}}, "invalid_request"),
        ({"delegation_id": "Fr"}, "invalid_request"),
        ({"delegation_id": "fr.x"}, "invalid_request"),
        ({"delegation_id": "a" * 41}, "invalid_request"),
        ({"head": "Somebody"}, "invalid_request"),
    ],
)
async def test_what_is_no_invitation_is_refused(desk: Desk, changed: dict[str, Any], code: str) -> None:
    before = await desk.host.log.head(), await desk.kept()

    assert refused(await desk.ask("/v1/delegations", invitation(**changed))) == (422, code)
    assert (await desk.host.log.head(), await desk.kept()) == before


@pytest.mark.parametrize("note", ["", "x" * 61, "NV\n1", "note of Nguyễn", "NV;1"])
async def test_a_note_is_a_reference_as_the_desk_filed_it(desk: Desk, note: str) -> None:
    delegation = await desk.invited()

    answer = await desk.ask(f"/v1/delegations/{delegation}/confirmation", {"note_verbale": note})

    assert refused(answer) == (422, "invalid_request")


async def test_a_delegation_confirms_by_one_note(desk: Desk) -> None:
    path = f"/v1/delegations/{await desk.invited()}/confirmation"
    for _ in range(2):
        await desk.did(path, {"note_verbale": "NV 1"})

    assert refused(await desk.ask(path, {"note_verbale": "NV 2"})) == (409, "delegation_already_confirmed")


@pytest.mark.parametrize("places", [-1, 10_001, 1.5, "many", None])
async def test_a_quota_is_a_number_of_people(desk: Desk, places: Any) -> None:
    path = f"/v1/delegations/{await desk.invited()}/quotas"

    answer = await desk.ask(path, {"category": "delegate", "places": places})

    assert refused(answer) == (422, "invalid_request")


@pytest.mark.parametrize("step", ["confirmation", "quotas"])
async def test_nothing_is_done_to_a_delegation_nobody_invited(desk: Desk, step: str) -> None:
    body = {"note_verbale": "NV 1"} if step == "confirmation" else {"category": "delegate", "places": 1}

    assert refused(await desk.ask(f"/v1/delegations/atlantis/{step}", body)) == (404, "delegation_unknown")
    assert refused(await desk.get("/v1/delegations/atlantis")) == (404, "delegation_unknown")


async def test_the_register_is_rebuilt_from_the_log_as_it_was(desk: Desk) -> None:
    from services.accreditation.app import views

    delegation = await desk.welcome(delegate=5, head=1)
    await desk.badged(delegation)
    await desk.get("/v1/delegations")
    queries = [
        "SELECT * FROM register.delegations ORDER BY 1",
        "SELECT * FROM register.nominations ORDER BY 1",
        "SELECT * FROM register.badges ORDER BY 1",
    ]
    before = [await desk.database.pool.fetch(query) for query in queries]

    (register,) = views(desk.host)
    await register.rebuild()

    assert [await desk.database.pool.fetch(query) for query in queries] == before
