"""Finding people by name over HTTP: who may, what they are shown, and that each look is on record."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest

from contracts.words import RoomPage
from services.accreditation.finding import MOST
from services.accreditation.vault import FIELDS
from tests.accreditation.running import Desk

LOOKERS = ("desk", "protocol", "supervisor", "operations", "commander", "auditor")


async def search(desk: Desk, text: str, headers: Mapping[str, str] | None = None, **more: str) -> Any:
    body = {"text": text, "purpose": "people", **more}
    return await desk.client.post("/v1/people/search", json=body, headers=headers or desk.headers("operations"))


async def names(desk: Desk, *ids: object, headers: Mapping[str, str] | None = None, purpose: str = "zones") -> Any:
    body = {"person_ids": [str(one) for one in ids], "purpose": purpose}
    return await desk.client.post("/v1/people/names", json=body, headers=headers or desk.headers("operations"))


async def looks(desk: Desk) -> list[dict[str, Any]]:
    return [dict(row) for row in await desk.database.pool.fetch("SELECT * FROM vault.reads ORDER BY read_id")]


async def named(desk: Desk, family_name: str, given_name: str, delegation: str | None = None, **more: str) -> UUID:
    """Somebody new, with this name."""
    nomination = await desk.nominated(
        delegation or await desk.welcome(), family_name=family_name, given_name=given_name, **more
    )
    return await desk.person_of(nomination)


def word() -> str:
    """A name nobody else in these tests has."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:12])


async def test_a_person_is_found_by_name_and_shown_as_their_language_orders_it(desk: Desk) -> None:
    delegation, family = await desk.welcome(), word()
    id_ = await named(desk, f"Đặng{family}", "Thị Hoa", delegation, title="Dr", function="Adviser", language="vi")

    answer = await search(desk, f"HOA dang{family}")

    assert answer.json() == [
        {
            "person_id": str(id_), "delegation_id": delegation, "category": "delegate", "name": f"Đặng{family} Thị Hoa",
            "title": "Dr", "function": "Adviser",
        }
    ]  # fmt: skip
    assert (await names(desk, id_)).json() == answer.json()


async def test_a_french_name_begins_with_the_given_one(desk: Desk) -> None:
    id_ = await named(desk, "Dupont", "Anne", language="fr")

    assert [one["name"] for one in (await names(desk, id_)).json()] == ["Anne Dupont"]


@pytest.mark.parametrize("page", get_args(RoomPage))
async def test_a_search_is_one_look_on_record_with_whom_it_showed_and_nobody_else(desk: Desk, page: str) -> None:
    family = word()
    shown = {await named(desk, family, given) for given in ("Anna", "Ánh")}
    await named(desk, family, "Boris")
    before = await looks(desk)

    answer = await search(desk, f"{family} an", desk.headers("operations", sub="duty-1"), purpose=page)

    (look,) = (await looks(desk))[len(before) :]
    assert (look["actor"], look["purpose"], look["count"], set(look["people"])) == ("person:duty-1", page, 2, shown)
    assert {one["person_id"] for one in answer.json()} == set(map(str, shown))


async def test_a_search_that_finds_nobody_is_on_record_too(desk: Desk) -> None:
    before = await looks(desk)

    assert (await search(desk, word())).json() == []

    (look,) = (await looks(desk))[len(before) :]
    assert (look["count"], look["people"]) == (0, [])


async def test_asking_for_names_is_one_look_on_record(desk: Desk) -> None:
    delegation = await desk.welcome()
    ids = [await named(desk, word(), "Anna", delegation) for _ in range(3)]
    before = await looks(desk)

    answer = await names(desk, *ids, ids[0], uuid4(), headers=desk.headers("supervisor", sub="gate-7"))

    (look,) = (await looks(desk))[len(before) :]
    assert (look["actor"], look["purpose"], look["count"], set(look["people"])) == (
        "person:gate-7", "zones", 3, set(ids),
    )  # fmt: skip
    assert [one["person_id"] for one in answer.json()] == list(map(str, ids))


async def test_of_many_who_fit_so_many_are_shown_by_name(desk: Desk) -> None:
    delegation, family = await desk.welcome(delegate=MOST + 5), word()
    for number in range(MOST + 5):
        await named(desk, family, f"{chr(ord('z') - number)}a", delegation)

    shown = [one["name"].split()[-1] for one in (await search(desk, family)).json()]

    assert shown == sorted(f"{chr(ord('z') - number)}a" for number in range(MOST + 5))[:MOST]


async def test_a_search_may_be_within_a_delegation(desk: Desk) -> None:
    mine, theirs, family = await desk.welcome(), await desk.welcome(), word()
    id_ = await named(desk, family, "Anna", mine)
    await named(desk, family, "Boris", theirs)

    assert [one["person_id"] for one in (await search(desk, family, delegation_id=mine)).json()] == [str(id_)]
    assert len((await search(desk, family)).json()) == 2


async def test_who_registers_for_a_delegation_is_not_among_its_people(desk: Desk) -> None:
    family = word()
    contact = {"family_name": family, "given_name": "Anna", "email": f"{family}@example.org"}
    delegation = await desk.invited(focal_point=contact)
    row = (await desk.get(f"/v1/delegations/{delegation}")).json()

    assert (await search(desk, family)).json() == []
    assert (await names(desk, row["focal_point_id"])).json() == []


# --- erased ---------------------------------------------------------------------------------------------------------


async def erase(desk: Desk, person_id: UUID) -> None:
    headers = {"Idempotency-Key": str(uuid4()), **desk.headers("admin")}
    assert (await desk.client.delete(f"/v1/people/{person_id}", headers=headers)).status_code == 204


async def test_whoever_is_erased_is_never_found(desk: Desk) -> None:
    family = word()
    id_ = await named(desk, family, "Anna")
    assert len((await search(desk, family)).json()) == 1

    await erase(desk, id_)

    assert (await search(desk, family)).json() == []
    assert (await names(desk, id_)).json() == []


async def test_whoever_is_erased_while_the_search_goes_on_is_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = word()
    ids = [await named(desk, family, given) for given in ("Anna", "Boris")]
    found = desk.vault.whose_name

    async def and_then_one_is_erased(_vault: object, *args: Any) -> list[UUID]:
        fitting = await found(*args)
        await erase(desk, ids[0])
        return fitting

    monkeypatch.setattr("services.accreditation.vault.Vault.whose_name", and_then_one_is_erased)
    answer = await search(desk, family)

    assert [one["person_id"] for one in answer.json()] == [str(ids[1])]
    assert (await looks(desk))[-1]["people"] == [ids[1]]


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", LOOKERS)
async def test_whose_work_is_with_people_finds_them(desk: Desk, role: str) -> None:
    family = word()
    id_ = await named(desk, family, "Anna")

    assert [one["person_id"] for one in (await search(desk, family, desk.headers(role))).json()] == [str(id_)]
    assert [one["person_id"] for one in (await names(desk, id_, headers=desk.headers(role))).json()] == [str(id_)]


@pytest.mark.parametrize("role", ["admin", "vetting", "service", "subscriber", "device"])
async def test_others_find_nobody_and_leave_no_look(desk: Desk, role: str) -> None:
    id_, before = await named(desk, word(), "Anna"), await looks(desk)

    for answer in (
        await search(desk, "a", desk.headers(role, sub="access")),
        await names(desk, id_, headers=desk.headers(role, sub="access")),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert await looks(desk) == before


async def test_a_focal_point_finds_its_own_and_no_other(desk: Desk) -> None:
    mine, theirs, family = await desk.welcome(), await desk.welcome(), word()
    my_own, another = await named(desk, family, "Anna", mine), await named(desk, family, "Boris", theirs)

    for answer in (
        await search(desk, family, desk.of(mine)),
        await search(desk, family, desk.of(mine), delegation_id=mine),
        await names(desk, my_own, another, headers=desk.of(mine)),
    ):
        assert [one["person_id"] for one in answer.json()] == [str(my_own)]
        assert (await looks(desk))[-1]["people"] == [my_own]
    refused = await search(desk, family, desk.of(mine), delegation_id=theirs)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


# --- bounds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"text": ""}, {"text": "  "}, {"text": "a" * 101}, {"purpose": "curiosity"}, {"purpose": "desk"}, {"limit": "9"}],
    ids=lambda changed: str(changed)[:30],
)
async def test_what_cannot_be_searched_is_invalid_and_not_repeated(desk: Desk, changed: dict[str, str]) -> None:
    body = {"text": "Nguyễn", "purpose": "people", **changed}
    answer = await desk.client.post("/v1/people/search", json=body, headers=desk.headers("operations"))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "Nguyễn" not in answer.text


@pytest.mark.parametrize("count", [0, 51])
async def test_names_are_asked_for_fifty_at_most(desk: Desk, count: int) -> None:
    answer = await names(desk, *(uuid4() for _ in range(count)))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_one_search_at_a_time_is_yours_and_another_persons_waits_for_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    family, go_on, begun = word(), threading.Event(), asyncio.Event()
    await named(desk, family, "Anna")
    loop, fitting = asyncio.get_running_loop(), desk.vault._fitting

    def slowly(_vault: object, *args: Any) -> Any:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)
        return fitting(*args)

    monkeypatch.setattr("services.accreditation.vault.Vault._fitting", slowly)
    first = asyncio.create_task(search(desk, family, desk.headers("operations", sub="duty-1")))
    await begun.wait()

    again = await search(desk, family, desk.headers("operations", sub="duty-1"))
    assert (again.status_code, again.json()["code"], again.headers["retry-after"]) == (429, "search_under_way", "1")
    other = asyncio.create_task(search(desk, family, desk.headers("operations", sub="duty-2")))
    assert (await desk.get("/v1/matrix")).status_code == 200  # control: everything else goes on

    go_on.set()
    assert [len((await one).json()) for one in (first, other)] == [1, 1]
    assert (await search(desk, family, desk.headers("operations", sub="duty-1"))).status_code == 200


def test_no_page_sees_an_address() -> None:
    assert {FIELDS[page] for page in get_args(RoomPage)} == {
        ("family_name", "given_name", "title", "function", "language")
    }
