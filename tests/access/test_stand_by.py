"""A stand-by knows what the leader decided, a moment later: it answers reads, hands commands on, takes over at once.

And a leader that was paused is none when it wakes: whatever stands in its memory, it answers nothing from it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.edge.forward import Forward
from chassis.log.decider import Refused
from chassis.log.log import Append, Log, Metadata, NewEvent
from chassis.log.postgres import PostgresLog
from services.access import committed
from services.access.domain.orders import DeclareLockdown
from services.access.gatekeeper import Gatekeeper, StandingBy
from tests.access.controls import EAST, MAIN, VENUE, badge, scan
from tests.access.running import Access, HandClock, access_on, credential, key_published, scan_body
from tests.access.test_gatekeeper import WatchedLog, ask, crowd, done, leading, open_the_doors, scanned, started
from tests.conftest import Database, Issuer, free_port, served
from tests.controls import NOW, eventually, running


@asynccontextmanager
async def following(log: Log) -> AsyncIterator[Gatekeeper]:
    """A stand-by that reads on for as long as the block."""
    gatekeeper = Gatekeeper(log, VENUE, HandClock())
    async with running(gatekeeper.committed.follow()):
        await eventually(lambda: gatekeeper.committed.complete)
        yield gatekeeper


def same(one: Gatekeeper, other: Gatekeeper) -> Callable[[], bool]:
    return lambda: one.committed.venue == other.committed.venue


# --- following ------------------------------------------------------------------------------------------------------


async def test_a_stand_by_knows_a_moment_later_what_the_leader_decided(log: PostgresLog) -> None:
    async with leading(log) as leader, following(log) as stand_by:
        await open_the_doors(leader, *crowd(3))

        await eventually(same(stand_by, leader), 1)

        assert stand_by.venue == leader.venue
        assert not stand_by.leads


async def test_while_nothing_happens_nothing_is_read() -> None:
    log = WatchedLog()
    async with leading(log) as leader:
        await open_the_doors(leader)
        async with following(log) as stand_by:
            log.read_after.clear()
            asked = len(log.asked_at)
            await eventually(lambda: len(log.asked_at) > asked + 2)
            assert log.read_after == []

            before = leader.venue.version
            await scanned(leader, scan(badge(uuid4()), MAIN))
            await eventually(same(stand_by, leader), 1)

            assert log.read_after == [before]


async def test_taking_over_reads_what_the_leader_did_last_and_no_more() -> None:
    log, (anna,) = WatchedLog(), crowd(1)
    async with following(log) as stand_by:
        async with leading(log) as leader:
            await open_the_doors(leader, anna)
            await eventually(same(stand_by, leader), 1)
        known = stand_by.venue.version
        log.read_after.clear()

        async with running(stand_by.lead()):
            await started(stand_by)

            assert set(log.read_after) <= {known}
            assert stand_by.venue.presence.whereabouts[anna.person_id] == ("grounds",)


async def test_one_that_leads_does_not_read_what_it_decided() -> None:
    """It would fold its own events a second time. Whoever stands by looks as often as it would."""
    log = WatchedLog()
    async with leading(log) as leader, running(leader.committed.follow()), following(log) as stand_by:
        await open_the_doors(leader)
        await eventually(same(stand_by, leader), 1)
        log.read_after.clear()
        known = []
        for _ in range(2):  # within two looks of one, the other looks
            known.append(leader.venue.version)
            await scanned(leader, scan(badge(uuid4()), MAIN))
            await eventually(same(stand_by, leader), 1)

        assert log.read_after == known, "it was read by more than the one who stands by"
        assert leader.venue.version == (await log.head()).position


async def test_one_that_led_follows_again(log: PostgresLog) -> None:
    async with following(log) as first:
        async with running(first.lead()):
            await started(first)
            await open_the_doors(first)
        async with leading(log) as second:
            await scanned(second, scan(badge(uuid4()), MAIN))

            await eventually(same(first, second), 1)


async def test_another_log_is_followed_from_its_beginning() -> None:
    log = WatchedLog()
    async with leading(log) as leader:
        await open_the_doors(leader, *crowd(2))
    async with following(log) as stand_by:
        log.begin_anew()

        await eventually(lambda: stand_by.committed.venue.version == 0)


async def test_a_stand_by_decides_nothing(log: PostgresLog) -> None:
    async with following(log) as stand_by:
        with pytest.raises(StandingBy):
            await ask(stand_by, DeclareLockdown(zone_id="hall", reason="alarm"))

    assert (await log.head()).position == 0


async def test_a_stand_by_that_cannot_read_on_says_nothing_of_the_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committed, "_FRESH_S", 0.3)
    log = WatchedLog()
    async with following(log) as stand_by:
        assert stand_by.venue.version == 0
        log.down = True

        await eventually(lambda: not stand_by.committed.fresh, 2)

        with pytest.raises(StandingBy):
            _ = stand_by.venue
        log.down = False
        await eventually(lambda: stand_by.committed.fresh)


async def test_what_a_newer_release_wrote_is_not_followed_and_not_passed_over(log: PostgresLog) -> None:
    """Commands can still be handed on to it."""
    metadata = Metadata("service:access", uuid4(), NOW).to_json()
    stand_by = Gatekeeper(log, VENUE, HandClock())
    await log.append(Append(f"venue-{VENUE}", None, [NewEvent(uuid4(), "EveryoneEvacuated", 1, "{}", metadata)]))

    await asyncio.wait_for(stand_by.committed.follow(), 5)

    assert not stand_by.committed.complete
    with pytest.raises(StandingBy):
        _ = stand_by.venue


# --- a pause --------------------------------------------------------------------------------------------------------


class Paused:
    """A leader that was paused: another one leads by now, and it does not know it yet."""

    def __init__(self, log: Log, *, looks: bool = True) -> None:
        self.lease_is_over = False
        self.gatekeeper = Gatekeeper(log, VENUE, HandClock(), certain=lambda: not (looks and self.lease_is_over))


@pytest.fixture
def a_second_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Since anything was read."""
    monkeypatch.setattr(committed, "_FRESH_S", 0.0)


@pytest.mark.usefixtures("a_second_passed")
@pytest.mark.parametrize("looks", [True, False], ids=["as it is", "control: one that does not look at its lease"])
async def test_a_leader_that_was_paused_answers_nothing_from_its_memory(database: Database, looks: bool) -> None:
    paused, nowhere = Paused(PostgresLog(database.pool), looks=looks), MAIN.model_copy(update={"gate_id": "back-door"})
    older = paused.gatekeeper
    async with running(older.lead()):
        await started(older)
        await open_the_doors(older)
        async with leading(PostgresLog(database.pool)) as newer:
            await done(newer, DeclareLockdown(zone_id="hall", reason="alarm"))
            paused.lease_is_over = True
            answered = []
            try:
                answered.append(not older.venue.orders.lockdowns)
                refused = await ask(older, scan(badge(uuid4()), nowhere))  # nothing of it would be stored
                answered.append(isinstance(refused, Refused))
            except StandingBy:
                pass

            assert answered == ([] if looks else [True, True])


@pytest.mark.usefixtures("a_second_passed")
async def test_a_leader_that_was_paused_and_still_has_the_lease_goes_on(log: PostgresLog) -> None:
    paused = Paused(log)
    async with running(paused.gatekeeper.lead()):
        await started(paused.gatekeeper)
        await open_the_doors(paused.gatekeeper)
        paused.lease_is_over = True
        with pytest.raises(StandingBy):
            _ = paused.gatekeeper.venue
        paused.lease_is_over = False  # nobody else had taken it

        await scanned(paused.gatekeeper, scan(badge(uuid4()), EAST))


# --- over HTTP ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def stand_by(access: Access, database: Database, people_issuer: Issuer, tmp_path: Path) -> AsyncIterator[Access]:
    """A second process of the same service; it follows, and is asked over a real socket where it needs to be."""
    port = free_port()
    async with (
        access_on(database, people_issuer, tmp_path, port=port) as other,
        running(other.gatekeeper.committed.follow()),
        access.leading(),
    ):
        await access.lay_out()
        await access.hears(key_published())
        other.host.lease.database_answers = True
        yield other
        await forwarding_of(other).aclose()


def forwarding_of(access: Access) -> Forward:
    layer: Any = access.app.middleware_stack
    while not isinstance(layer, Forward):
        layer = layer.app
    return layer


@asynccontextmanager
async def known_to(stand_by: Access, leader: Access) -> AsyncIterator[None]:
    """The leader's address stands beside the lease."""
    async with served(leader.app, free_port()) as url:
        stand_by.host.lease.leader = url
        yield


async def test_a_stand_by_answers_reads_like_the_leader(access: Access, stand_by: Access) -> None:
    one = badge(uuid4())
    await access.knows(one)
    scan_id = uuid4()
    await access.scan(credential(one), MAIN, scan_id=scan_id)
    await eventually(same(stand_by.gatekeeper, access.gatekeeper), 1)

    for path in ("/v1/zones", "/v1/gates", "/v1/devices", f"/v1/scans/{scan_id}"):
        answer, of_leader = await stand_by.get(path), await access.get(path)
        assert (answer.status_code, answer.json()) == (200, of_leader.json()), path


async def test_a_stand_by_hands_commands_and_scans_on(access: Access, stand_by: Access) -> None:
    one = badge(uuid4())
    await access.knows(one)
    _, device = await access.enrolled(MAIN.gate_id)
    body = scan_body(credential(one), MAIN)
    async with known_to(stand_by, access):
        verdict = await stand_by.scan_answer(body, **device)
        again = await stand_by.scan_answer(body, **device)
        locked = await stand_by.post("/v1/lockdowns", {"zone_id": "hall", "reason": "alarm"}, "commander")
        stranger = await stand_by.scan_answer(body, Authorization="Bearer placet-device-stranger")

    assert (verdict.status_code, verdict.json()["outcome"], verdict.json()["replayed"]) == (200, "admitted", False)
    assert again.json() == {**verdict.json(), "replayed": True}
    assert (locked.status_code, stranger.status_code) == (201, 401)
    assert "hall" in access.gatekeeper.venue.orders.lockdowns


async def test_a_stand_by_that_knows_the_leader_is_ready_and_says_that_it_stands_by(
    access: Access, stand_by: Access
) -> None:
    assert (await stand_by.get("/ready")).status_code == 503

    async with known_to(stand_by, access):
        ready = await stand_by.get("/ready")

    assert (ready.status_code, ready.json()["degraded"]) == (200, ["nats", "standing_by"])


@pytest.mark.usefixtures("a_second_passed")
async def test_whoever_was_paused_answers_nobody_until_it_knows_how_things_stand(access: Access) -> None:
    """Over HTTP nobody is told who was inside when it fell asleep."""
    async with access.leading():
        await access.lay_out()
        _, device = await access.enrolled(MAIN.gate_id)
        body = scan_body("12345678", MAIN)
        assert (await access.scan_answer(body)).status_code == 200
        access.host.lease._renewed_at = time.monotonic() - 1.6  # the term is over before anybody noticed

        answers: list[httpx.Response] = [
            *[await access.get(path) for path in ("/v1/zones", "/v1/gates", "/v1/devices")],
            await access.scan_answer(body),
            await access.scan_answer(scan_body("12345678", MAIN), **device),
            await access.post("/v1/lockdowns", {"zone_id": "nowhere", "reason": "alarm"}, "commander"),
        ]

        assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "1")] * 6
