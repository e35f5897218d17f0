"""A focal point registers for one delegation: it sees that one and names people of that one."""

from typing import Any
from uuid import uuid4

import pytest

from tests.accreditation.controls import person, roster, row
from tests.accreditation.running import Desk


def somebody() -> dict[str, Any]:
    return person(email=f"{uuid4().hex}@example.org")


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_it_names_people_of_its_own_delegation(desk: Desk) -> None:
    mine = await desk.welcome()
    body = {"delegation_id": mine, "category": "delegate", **somebody()}

    assert (await desk.ask("/v1/nominations", body, desk.of(mine))).status_code == 201
    answer = await desk.ask("/v1/rosters", roster(row(mine, email=f"{uuid4().hex}@example.org")), desk.of(mine))
    assert answer.json()["accepted"] == 1


async def test_it_names_nobody_of_another(desk: Desk) -> None:
    mine, theirs = await desk.welcome(), await desk.welcome()
    before = await desk.host.log.head(), await desk.kept()
    body = {"delegation_id": theirs, "category": "delegate", **somebody()}

    assert refused(await desk.ask("/v1/nominations", body, desk.of(mine))) == (403, "not_yours")
    assert (await desk.host.log.head(), await desk.kept()) == before


async def test_a_file_with_one_row_of_another_is_refused_as_a_whole(desk: Desk) -> None:
    mine, theirs = await desk.welcome(), await desk.welcome()
    before = await desk.host.log.head(), await desk.kept()
    rows = [row(one, email=f"{uuid4().hex}@example.org") for one in (mine, theirs, mine)]

    for path in ("/v1/rosters", "/v1/rosters?dry_run=true"):
        assert refused(await desk.ask(path, roster(*rows), desk.of(mine))) == (403, "not_yours")
    assert (await desk.host.log.head(), await desk.kept()) == before


async def test_it_sees_its_own_delegation_and_no_other(desk: Desk) -> None:
    mine, theirs = await desk.welcome(), await desk.welcome()

    listed = (await desk.get("/v1/delegations", desk.of(mine))).json()

    assert [one["delegation_id"] for one in listed] == [mine]
    assert (await desk.get(f"/v1/delegations/{mine}", desk.of(mine))).json() == listed[0]
    assert refused(await desk.get(f"/v1/delegations/{theirs}", desk.of(mine))) == (403, "not_yours")


@pytest.mark.parametrize("path", ["/v1/nominations", "/v1/badges"])
async def test_it_sees_its_own_people_and_badges_whatever_it_asks_for(desk: Desk, path: str) -> None:
    mine, theirs = await desk.welcome(), await desk.welcome()
    for delegation in (mine, theirs):
        await desk.badged(delegation)

    for query in ("", f"?delegation_id={theirs}", f"?delegation_id={mine}"):
        rows = (await desk.get(path + query, desk.of(mine))).json()
        assert [one["delegation_id"] for one in rows] == [mine], query


async def test_it_sees_its_own_badge_and_not_another(desk: Desk) -> None:
    mine, theirs = await desk.welcome(), await desk.welcome()
    my_badge, their_badge = await desk.badged(mine), await desk.badged(theirs)

    assert (await desk.get(f"/v1/badges/{my_badge}", desk.of(mine))).json()["badge_id"] == my_badge
    assert refused(await desk.get(f"/v1/badges/{their_badge}", desk.of(mine))) == (403, "not_yours")
    assert refused(await desk.get(f"/v1/badges/{my_badge}/credential", desk.of(mine))) == (403, "forbidden")


async def test_a_focal_point_of_no_delegation_is_nobody(desk: Desk) -> None:
    """A provider that forgot to say which: that is no right to all of them."""
    somewhere, nobody = await desk.welcome(), desk.headers("focal_point")
    badge = await desk.badged(somewhere)
    for path in (
        "/v1/delegations",
        f"/v1/delegations/{somewhere}",
        "/v1/nominations",
        "/v1/badges",
        f"/v1/badges/{badge}",
    ):
        assert refused(await desk.get(path, nobody)) == (403, "forbidden"), path
    for headers in (nobody, desk.headers("focal_point", "auditor")):
        body = {"delegation_id": somewhere, "category": "delegate", **somebody()}
        assert refused(await desk.ask("/v1/nominations", body, headers)) == (403, "forbidden")
        assert refused(await desk.ask("/v1/rosters", roster(row(somewhere)), headers)) == (403, "forbidden")


async def test_a_desk_is_bound_to_none(desk: Desk) -> None:
    """Control: it is being a focal point that binds."""
    one, other = await desk.welcome(), await desk.welcome()
    for delegation in (one, other):
        await desk.badged(delegation)

    listed = {row["delegation_id"] for row in (await desk.get("/v1/badges?limit=1000", desk.headers("desk"))).json()}

    assert {one, other} <= listed
