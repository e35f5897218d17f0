"""Vault and log do not commit together: whatever other processes and crashes do in between, nobody is accredited twice,
nobody stands for somebody else, and what is left over is found.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.log.log import Append, AppendResult, AppendUnknownError
from services.accreditation.vault import Person, Vault
from tests.accreditation.controls import FRANCE, person, roster, row
from tests.accreditation.running import Desk, desk_on


class Crash(Exception):
    """The process ends here."""


def somebody(**fields: str) -> dict[str, Any]:
    return person(**{"email": f"{uuid4().hex}@example.org", **fields})


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def nominate(desk: Desk, delegation: str, who: dict[str, Any], key: str | None = None) -> Any:
    return await desk.ask("/v1/nominations", {"delegation_id": delegation, "category": "delegate", **who}, key=key)


async def invite(desk: Desk, delegation: str, focal_point: dict[str, Any], key: str) -> Any:
    contact = {field: focal_point[field] for field in ("family_name", "given_name", "email")}
    body = {"delegation_id": delegation, "kind": "state", "names": FRANCE, "language": "fr", "focal_point": contact}
    return await desk.ask("/v1/delegations", body, key=key)


async def unnamed(desk: Desk) -> set[UUID]:
    answer = await desk.get("/v1/people/unnamed", desk.headers("admin"))
    return {UUID(one["person_id"]) for one in answer.json()}


async def erase(desk: Desk, person_id: UUID) -> None:
    headers = {"Idempotency-Key": str(uuid4()), **desk.headers("admin")}
    assert (await desk.client.delete(f"/v1/people/{person_id}", headers=headers)).status_code == 204


@asynccontextmanager
async def another_process(desk: Desk) -> AsyncIterator[Desk]:
    """On the same database, with the same secrets."""
    folder = desk.settings.erasures_file.parent
    async with desk_on(desk.database, desk.issuer, folder, leads=False) as other:
        yield other


def before_the_append(monkeypatch: pytest.MonkeyPatch, desk: Desk, happens: Callable[[], Awaitable[object]]) -> None:
    """Lets something happen between this process's decision and its next append, once."""
    append = desk.host.log.append

    async def late(events: Append) -> AppendResult:
        monkeypatch.setattr(desk.host.log, "append", append)
        await happens()
        return await append(events)

    monkeypatch.setattr(desk.host.log, "append", late)


async def crash() -> None:
    raise Crash


async def crashes(monkeypatch: pytest.MonkeyPatch, desk: Desk, asked: Callable[[], Awaitable[Any]]) -> UUID:
    """Somebody is in the vault, and then the process ends; their id."""
    before = await desk.kept()
    before_the_append(monkeypatch, desk, crash)
    with pytest.raises(Crash):
        await asked()
    (left_behind,) = await desk.kept() - before
    return left_behind


# --- two processes --------------------------------------------------------------------------------------------------


async def test_whom_another_process_names_at_the_same_moment_is_named_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, who = await desk.welcome(), await desk.welcome(), somebody()
    find = Vault.find

    async with another_process(desk) as other:

        async def overtaken(vault: Vault, person: Person) -> UUID | None:
            found = await find(vault, person)
            monkeypatch.setattr(Vault, "find", find)
            assert (await nominate(other, first, who)).status_code == 201
            return found

        monkeypatch.setattr(Vault, "find", overtaken)
        answer = await nominate(desk, second, who)

    assert refused(answer) == (409, "duplicate_person")
    (named,) = [one for one in await desk.events("DelegateNominated") if one["delegation_id"] in {first, second}]
    assert UUID(named["person_id"]) in await desk.kept()


@pytest.mark.parametrize("by", ["request", "roster"])
async def test_a_place_that_another_process_gives_away_first_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    delegation, late = await desk.welcome(delegate=1), f"{uuid4().hex}@example.org"
    before = await unnamed(desk)
    async with another_process(desk) as other:
        before_the_append(monkeypatch, desk, lambda: nominate(other, delegation, somebody()))
        if by == "request":
            code = refused(await nominate(desk, delegation, somebody(email=late)))[1]
        else:
            code = (await desk.did("/v1/rosters", roster(row(delegation, email=late))))["results"][0]["code"]

    assert code == "quota_exhausted"
    assert len((await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()) == 1
    assert await unnamed(desk) == before


async def test_a_roster_goes_on_beside_another_process_in_the_same_delegation(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegation = await desk.welcome(delegate=3)
    async with another_process(desk) as other:
        before_the_append(monkeypatch, desk, lambda: nominate(other, delegation, somebody()))
        rows = [row(delegation, email=f"{uuid4().hex}@example.org") for _ in range(3)]
        report = await desk.did("/v1/rosters", roster(*rows))

    assert [result["code"] for result in report["results"]] == [None, None, "quota_exhausted"]
    assert len((await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()) == 3


async def test_a_row_of_which_nobody_knows_whether_it_is_stored_is_stored_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegation, append = await desk.welcome(), desk.host.log.append

    async def unanswered(events: Append) -> AppendResult:
        monkeypatch.setattr(desk.host.log, "append", append)
        await append(events)
        raise AppendUnknownError

    monkeypatch.setattr(desk.host.log, "append", unanswered)
    rows = [row(delegation, email=f"{uuid4().hex}@example.org") for _ in range(2)]
    report = await desk.did("/v1/rosters", roster(*rows))

    named = {one["nomination_id"] for one in (await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()}
    assert {result["nomination_id"] for result in report["results"]} == named
    assert len(named) == 2


# --- crashes --------------------------------------------------------------------------------------------------------


async def test_the_same_request_again_completes_what_a_crash_cut_short(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegation, who, key = await desk.welcome(), somebody(), str(uuid4())
    left_behind = await crashes(monkeypatch, desk, lambda: nominate(desk, delegation, who, key))

    answer = await nominate(desk, delegation, who, key)

    assert answer.status_code == 201
    assert await desk.person_of(answer.json()["nomination_id"]) == left_behind


async def test_after_a_crash_the_key_names_nobody_else_with_the_data_of_the_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegation, key = await desk.welcome(), str(uuid4())
    await crashes(monkeypatch, desk, lambda: nominate(desk, delegation, somebody(), key))

    assert refused(await nominate(desk, delegation, somebody(), key)) == (409, "idempotency_key_reused")
    assert (await desk.get(f"/v1/nominations?delegation_id={delegation}")).json() == []


async def test_after_a_crash_the_key_invites_nobody_else_without_whom_to_write_to(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegation, key = f"d-{uuid4().hex[:12]}", str(uuid4())
    await crashes(monkeypatch, desk, lambda: invite(desk, delegation, somebody(), key))

    assert refused(await invite(desk, delegation, somebody(), key)) == (409, "idempotency_key_reused")
    assert (await desk.get(f"/v1/delegations/{delegation}")).status_code == 404


async def test_whom_a_crash_left_behind_is_found_and_erased(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    delegation, host, before = await desk.welcome(), f"d-{uuid4().hex[:12]}", await unnamed(desk)
    await desk.nominated(delegation)
    assert (await invite(desk, host, somebody(), str(uuid4()))).status_code == 201

    left_behind = await crashes(monkeypatch, desk, lambda: nominate(desk, delegation, somebody()))

    assert await unnamed(desk) == before | {left_behind}
    await erase(desk, left_behind)
    assert await unnamed(desk) == before


async def test_the_request_of_whom_a_crash_left_behind_and_an_admin_erased_does_not_bring_them_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are on the list of erasures: the next start would erase them again, and leave a nomination of nobody."""
    delegation, who, key = await desk.welcome(), somebody(), str(uuid4())
    await erase(desk, await crashes(monkeypatch, desk, lambda: nominate(desk, delegation, who, key)))
    before = await desk.kept()

    assert refused(await nominate(desk, delegation, who, key)) == (409, "person_erased")
    assert await desk.kept() == before
    assert (await nominate(desk, delegation, who)).status_code == 201


async def test_an_invitation_repeated_after_an_erasure_brings_nobody_back(desk: Desk) -> None:
    delegation, contact, key = f"d-{uuid4().hex[:12]}", somebody(), str(uuid4())
    await invite(desk, delegation, contact, key)
    invited = (await desk.get(f"/v1/delegations/{delegation}")).json()
    await erase(desk, UUID(invited["focal_point_id"]))
    before = await desk.kept()

    again = await invite(desk, delegation, contact, key)

    assert again.status_code == 201
    assert await desk.kept() == before
