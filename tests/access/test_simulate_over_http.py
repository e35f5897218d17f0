"""A policy is tried out on a day that was recorded: over HTTP, while the gates go on, and nothing is stored."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.log.log import Append, Metadata
from chassis.log.memory import MemoryLog
from chassis.log.obey import new_events
from services.access import simulating
from services.access.committed import Committed
from services.access.domain.policy import policy_of
from services.access.domain.venue import Venue
from services.access.published import publish
from services.access.simulating import Report, Simulator
from tests.access.controls import CLOSES, EXPO_DOOR, LAYOUT, MAIN, OPENS, VENUE, badge, learned, scan, scanned, venue
from tests.access.running import Access, credential
from tests.controls import NOW, running


async def in_force(centre: Access) -> dict[str, Any]:
    policy: dict[str, Any] = (await centre.get("/v1/policy")).json()["policy"]
    return policy


async def guests(centre: Access, count: int) -> list[UUID]:
    """So many people nobody has seen before come to the grounds and to the exhibition. Their ids."""
    people = [badge(uuid4(), badge_id=uuid4()) for _ in range(count)]
    await centre.knows(*people)
    for one in people:
        for door in (MAIN, EXPO_DOOR):
            assert (await centre.scan(credential(one), door))["outcome"] == "admitted"
    return [one.person_id for one in people]


def for_members(policy: dict[str, Any], zone_id: str) -> dict[str, Any]:
    """The policy with a zone that no badge opens."""
    zones = [{**zone, "area": "moon"} if zone["zone_id"] == zone_id else zone for zone in policy["zones"]]
    return {**policy, "zones": zones}


async def tried(
    centre: Access, policy: dict[str, Any], since: datetime, until: datetime, **asked: Any
) -> dict[str, Any]:
    body = {"policy": policy, "from": since.isoformat(), "to": until.isoformat(), **asked}
    return await centre.did("/v1/policy/simulate", body, "auditor")


@pytest.fixture
def moment(centre: Access) -> datetime:
    """The beginning of a time in which nothing has happened yet."""
    centre.clock.passes(minutes=10)
    return centre.clock.now()


async def test_it_says_who_would_have_been_decided_otherwise(centre: Access, moment: datetime) -> None:
    people = await guests(centre, 2)
    policy = for_members(await in_force(centre), "expo")
    before = (await centre.host.log.head()).position

    report = await tried(centre, policy, moment, moment + timedelta(minutes=1))

    assert report["scans"] == 4
    assert report["newly_refused"] == {"count": 2, "by_reason": {"zone_not_granted": 2}}
    assert report["newly_admitted"] == {"count": 0, "by_reason": {}}
    assert report["refused_for_another_reason"] == {"count": 0, "by_reason": {}}
    assert [
        (one["person_id"], one["gate_id"], one["was"], one["would_be"], one["reasons"]) for one in report["otherwise"]
    ] == [(str(person), "expo-door", "admitted", "refused", ["zone_not_granted"]) for person in people]
    assert (await centre.host.log.head()).position == before


async def test_only_scans_of_the_time_asked_for_are_tried(centre: Access, moment: datetime) -> None:
    await guests(centre, 1)
    centre.clock.passes(minutes=1)
    (second,) = await guests(centre, 1)
    centre.clock.passes(minutes=1)
    await guests(centre, 1)
    policy = for_members(await in_force(centre), "expo")

    report = await tried(centre, policy, moment + timedelta(minutes=1), moment + timedelta(minutes=2))

    assert (report["scans"], [one["person_id"] for one in report["otherwise"]]) == (2, [str(second)])


async def test_before_and_after_everything_there_is_nothing(centre: Access) -> None:
    policy = for_members(await in_force(centre), "expo")

    for since in (OPENS - timedelta(days=900), CLOSES + timedelta(days=900)):
        assert (await tried(centre, policy, since, since + timedelta(days=1)))["scans"] == 0


async def test_all_are_counted_and_as_many_listed_as_were_asked_for(centre: Access, moment: datetime) -> None:
    await guests(centre, 3)
    policy = for_members(await in_force(centre), "grounds")

    report = await tried(centre, policy, moment, moment + timedelta(minutes=1), limit=1)

    assert report["newly_refused"] == {"count": 6, "by_reason": {"zone_not_granted": 3, "path_violation": 3}}
    assert len(report["otherwise"]) == 1


async def test_what_was_learned_and_ordered_meanwhile_counts(centre: Access, moment: datetime) -> None:
    """Badges are those of then: what came since the beginning of the time was learned in its course."""
    await guests(centre, 1)
    await centre.did("/v1/lockdowns", {"zone_id": "expo", "reason": "alarm"})
    late = badge(uuid4(), badge_id=uuid4())
    await centre.knows(late)
    verdicts = [await centre.scan(credential(late), door) for door in (MAIN, EXPO_DOOR)]
    await centre.did("/v1/lockdowns/lifting", {"zone_id": "expo"})
    assert [one["reason"] for one in verdicts] == [None, "lockdown"]

    same = await tried(centre, await in_force(centre), moment, moment + timedelta(minutes=1))
    stricter = await tried(centre, for_members(await in_force(centre), "expo"), moment, moment + timedelta(minutes=1))

    assert (same["scans"], same["otherwise"]) == (4, [])
    assert stricter["refused_for_another_reason"] == {"count": 1, "by_reason": {"zone_not_granted": 1}}


async def test_whoever_is_held_discreetly_is_not_given_away(centre: Access, moment: datetime) -> None:
    person = uuid4()
    await centre.knows(badge(person, badge_id=(badge_id := uuid4())))
    await centre.did("/v1/watchlist", {"person_id": str(person), "outcome": "hold", "reason": "listed"})
    held = await centre.scan(credential(badge(person, badge_id=badge_id)), MAIN)
    policy = await in_force(centre)
    medical = {**policy, "zones": [{**one, "zone_class": "medical"} for one in policy["zones"]]}

    report = await tried(centre, medical, moment, moment + timedelta(minutes=1))

    (one,) = report["otherwise"]
    assert held["reason"] == "identity_check_required"
    assert (one["would_be"], one["reasons"]) == ("admitted", ["identity_check_required"])
    assert "watchlist" not in str(report)


async def test_one_at_a_time(centre: Access, moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(self: Committed, version: int) -> Venue:
        begun.set()
        await go_on.wait()
        return await at(self, version)

    at = Committed.at
    monkeypatch.setattr(Committed, "at", slowly)
    policy = await in_force(centre)
    body = {"policy": policy, "from": moment.isoformat(), "to": (moment + timedelta(minutes=1)).isoformat()}

    async def first() -> None:
        assert (await centre.post("/v1/policy/simulate", body, "admin")).status_code == 200

    async with running(first()) as (task,):
        await begun.wait()
        second = await centre.post("/v1/policy/simulate", body, "admin")
        go_on.set()
        await task
    assert (second.status_code, second.json()["code"]) == (429, "simulation_under_way")
    assert (await centre.post("/v1/policy/simulate", body, "admin")).status_code == 200


async def test_too_much_at_once_is_refused(centre: Access, moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    await guests(centre, 1)
    body = {
        "policy": await in_force(centre),
        "from": moment.isoformat(),
        "to": (moment + timedelta(hours=1)).isoformat(),
    }
    events = len([one for one in await centre.host.log.read(0, 10_000) if one.metadata.occurred_at >= moment])

    monkeypatch.setattr(simulating, "MOST_EVENTS", events - 1)
    refused = await centre.post("/v1/policy/simulate", body, "admin")
    monkeypatch.setattr(simulating, "MOST_EVENTS", events)
    admitted = await centre.post("/v1/policy/simulate", body, "admin")

    assert (refused.status_code, refused.json()["code"], admitted.status_code) == (409, "range_too_long", 200)


async def test_what_is_no_simulation_is_refused(centre: Access, moment: datetime) -> None:
    policy = await in_force(centre)

    async def answer(**changed: Any) -> tuple[int, str]:
        usual = {"policy": policy, "from": moment.isoformat(), "to": (moment + timedelta(hours=1)).isoformat()}
        response = await centre.post("/v1/policy/simulate", {**usual, **changed}, "admin")
        return response.status_code, response.json()["code"]

    assert await answer(policy={**policy, "zones": policy["zones"][:1]}) == (409, "policy_invalid")
    assert await answer(to=moment.isoformat()) == (422, "invalid_request")
    assert await answer(limit=10_001) == (422, "invalid_request")
    assert await answer(since=moment.isoformat()) == (422, "invalid_request")


SCANS = 1_500


async def a_long_day() -> tuple[MemoryLog, Committed]:
    """A log in memory with so many scans."""
    shown = badge(UUID(int=1))
    committed, log, now = Committed(events := MemoryLog(), VENUE), events, venue(*learned(shown))
    day = [*LAYOUT, *learned(shown)]
    for number in range(SCANS):
        came = scanned(now, scan(shown, MAIN, "in" if number % 2 == 0 else "out"))
        day += [came.record, *came.others]
        now = came.venue
    for event in day:
        new = new_events([event], Metadata("person:test", uuid4(), NOW), publish, committed.codec)
        await log.append(Append(committed.stream, None, new))
    await committed.catch_up()
    return log, committed


async def longest_wait(work: Any) -> tuple[float, Report]:
    """What anything else had to wait for its turn meanwhile at most: seconds of this thread's own work."""
    waits = [0.0]

    async def scanning() -> None:
        while True:
            asked_at = time.thread_time()
            await asyncio.sleep(0)
            waits.append(time.thread_time() - asked_at)

    async with running(scanning()):
        await asyncio.sleep(0)
        report = await work
        await asyncio.sleep(0)
    return max(waits), report


async def test_scans_do_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others get their turn every few milliseconds; without the pauses they would wait until it is done (control)."""
    log, committed = await a_long_day()
    policy, simulator = policy_of(committed.venue), Simulator(log, committed)
    since, until = NOW, NOW + timedelta(seconds=1)

    paced, report = await longest_wait(simulator.run(policy, since, until, limit=10))
    monkeypatch.setattr(simulating, "_STRETCH_S", 60)
    at_once, again = await longest_wait(simulator.run(policy, since, until, limit=10))

    assert report == again
    assert report.scans == SCANS
    assert paced < at_once / 5, (paced, at_once)
