"""A scan has one verdict for ever: asked again, asked three times at once, asked after a restart."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.access.domain.record.badges import Badge
from tests.access.controls import EAST, MAIN, badge
from tests.access.running import Access, access_on, credential, key_published, scan_body
from tests.conftest import Database, Issuer


async def somebody(access: Access, **facts: Any) -> Badge:
    new = badge(uuid4(), **facts)
    await access.knows(new)
    return new


def verdict_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what tells whether it had been given before."""
    return {key: value for key, value in answer.items() if key != "replayed"}


async def scans_stored(access: Access, scan_id: object) -> int:
    return sum(one["scan_id"] == str(scan_id) for one in await access.recorded("BadgeScanned"))


async def test_the_same_scan_gets_the_same_verdict_though_by_now_another_would_be_given(centre: Access) -> None:
    one, scan_id = await somebody(centre), uuid4()
    first = await centre.scan(credential(one), MAIN, scan_id=scan_id)
    assert (await centre.scan(credential(one), MAIN))["reason"] == "already_inside"

    again = await centre.scan(credential(one), MAIN, scan_id=scan_id)

    assert not first["replayed"]
    assert again["replayed"]
    assert verdict_of(again) == verdict_of(first)
    assert await scans_stored(centre, scan_id) == 1


async def test_a_refusal_stays_a_refusal_when_the_same_scan_comes_again(centre: Access) -> None:
    one, scan_id = badge(uuid4()), uuid4()
    refused = await centre.scan(credential(one), MAIN, scan_id=scan_id)
    await centre.knows(one)

    again = await centre.scan(credential(one), MAIN, scan_id=scan_id)

    assert (again["outcome"], again["reason"]) == ("refused", "credential_unknown")
    assert verdict_of(again) == verdict_of(refused)
    assert (await centre.scan(credential(one), MAIN))["outcome"] == "admitted"


async def test_an_exit_is_counted_once_however_often_it_is_told(centre: Access) -> None:
    for _ in range(5):
        await centre.scan(credential(await somebody(centre)), MAIN)
    before, scan_id = centre.gatekeeper.venue.presence.count("grounds"), uuid4()

    for _ in range(3):
        await centre.scan("12345678", MAIN, "out", scan_id=scan_id)

    assert centre.gatekeeper.venue.presence.count("grounds") == before - 1


@pytest.mark.parametrize(
    "changed",
    [
        {"gate_id": "hall-east"},
        {"direction": "out"},
        {"credential": "12345678"},
        {"scanned_at": "2025-10-25T08:00:00Z"},
        {"source": "kiosk"},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_a_scan_id_used_for_something_else_is_refused(centre: Access, changed: dict[str, str]) -> None:
    one, scan_id = await somebody(centre), uuid4()
    body = scan_body(credential(one), MAIN, scan_id=scan_id)
    first = await centre.scan_answer(body)

    other = await centre.scan_answer({**body, **changed})

    assert (other.status_code, other.json()["code"]) == (409, "scan_id_reused")
    assert other.headers["content-type"] == "application/problem+json"
    assert await scans_stored(centre, scan_id) == 1
    assert verdict_of((await centre.scan_answer(body)).json()) == verdict_of(first.json())


async def test_three_at_once_are_one_scan(centre: Access) -> None:
    one, scan_id = await somebody(centre), uuid4()

    answers = await asyncio.gather(*(centre.scan(credential(one), MAIN, scan_id=scan_id) for _ in range(3)))

    assert sorted(answer["replayed"] for answer in answers) == [False, True, True]
    assert [verdict_of(answer) for answer in answers] == [verdict_of(answers[0])] * 3
    assert await scans_stored(centre, scan_id) == 1


async def test_of_two_scans_at_once_under_one_id_one_is_refused(centre: Access) -> None:
    one, other, scan_id = await somebody(centre), await somebody(centre), uuid4()
    bodies = [scan_body(credential(each), MAIN, scan_id=scan_id) for each in (one, other)]

    answers = await asyncio.gather(*map(centre.scan_answer, bodies))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await scans_stored(centre, scan_id) == 1


async def test_who_asks_does_not_matter_to_the_verdict(centre: Access) -> None:
    """A supervisor may repeat, at the same gate, what a scanner's network lost."""
    _, device = await centre.enrolled("main")
    one, scan_id = await somebody(centre), uuid4()
    body = scan_body(credential(one), MAIN, scan_id=scan_id)

    by_device = await centre.client.post("/v1/scans", json=body, headers=device)
    by_supervisor = await centre.scan_answer(body)

    assert by_supervisor.json()["replayed"]
    assert verdict_of(by_supervisor.json()) == verdict_of(by_device.json())


async def test_a_scan_is_known_after_a_restart(database: Database, people_issuer: Issuer, tmp_path: Path) -> None:
    one, scan_ids = badge(uuid4()), [uuid4() for _ in range(4)]

    async def all_scans(access: Access) -> list[dict[str, Any]]:
        return [
            await access.scan(credential(one), at, direction, scan_id)
            for at, direction, scan_id in zip(
                (MAIN, EAST, MAIN, EAST), ("in", "in", "in", "out"), scan_ids, strict=True
            )
        ]

    async with access_on(database, people_issuer, tmp_path) as access, access.leading():
        await access.lay_out()
        await access.hears(key_published())
        await access.knows(one)
        first = await all_scans(access)
        before = access.gatekeeper.venue
    async with access_on(database, people_issuer, tmp_path) as access, access.leading():
        again = await all_scans(access)
        after = access.gatekeeper.venue

    assert [each["outcome"] for each in first] == ["admitted", "admitted", "refused", "exited"]
    assert [verdict_of(each) for each in again] == [verdict_of(each) for each in first]
    assert all(each["replayed"] for each in again)
    assert after.presence.whereabouts == before.presence.whereabouts
    assert after.version == before.version + 1  # the gatekeeper's appointment


async def test_a_restarted_gatekeeper_knows_the_same_venue(
    database: Database, people_issuer: Issuer, tmp_path: Path
) -> None:
    async with access_on(database, people_issuer, tmp_path) as access:
        async with access.leading():
            await access.lay_out()
            await access.hears(key_published())
            for _ in range(5):
                await access.scan(credential(await somebody(access)), MAIN)
            before = access.gatekeeper.venue
        async with access.leading():
            after = access.gatekeeper.venue
    assert after == before._replace(version=before.version + 1)  # the gatekeeper's appointment


async def test_a_scan_without_an_id_would_be_another_each_time(centre: Access) -> None:
    """Control: it is the id that makes one scan of them."""
    one = await somebody(centre)

    answers = [await centre.scan(credential(one), MAIN, scan_id=UUID(int=uuid4().int)) for _ in range(2)]

    assert [answer["outcome"] for answer in answers] == ["admitted", "refused"]
