"""Every night whoever is still believed inside is taken to be gone: at the venue's time, once, whoever leads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from chassis.log.memory import MemoryLog
from services.access import nightly
from services.access.domain.badges import LearnBadgeChanged, LearnBadgeIssued
from services.access.domain.layout import DefineGate, DefineZone, SetRules
from services.access.domain.record.layout import Rules
from services.access.domain.record.presence import ExitsInferred
from services.access.gatekeeper import Gatekeeper
from services.access.nightly import NightlyExits, last_at
from tests.access.controls import ANNA, BORIS, GATES, MAIN, VENUE, ZONES, badge, plan, scan
from tests.access.running import HandClock
from tests.controls import eventually, metadata, running

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PARIS = ZoneInfo("Europe/Paris")
HALF_PAST_THREE = datetime(2025, 10, 25, 20, 30, tzinfo=UTC)
"""In Hanoi, on the 26th."""
SECOND = timedelta(seconds=1)
EVERY_NIGHT = Rules(nightly_exit_at="03:30")


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (HALF_PAST_THREE, HALF_PAST_THREE),
        (HALF_PAST_THREE - SECOND, HALF_PAST_THREE - timedelta(days=1)),
        (HALF_PAST_THREE + timedelta(hours=23), HALF_PAST_THREE),
    ],
)
def test_the_time_is_that_of_the_venue(now: datetime, at: datetime) -> None:
    assert last_at(time(3, 30), now, HANOI) == at


def test_a_night_with_an_hour_more_or_less_has_one_time_too() -> None:
    """In spring 02:30 is on no clock; in autumn it is on them twice, and the first counts."""
    spring, autumn = datetime(2025, 3, 30, 12, tzinfo=UTC), datetime(2025, 10, 26, 12, tzinfo=UTC)

    assert last_at(time(2, 30), spring, PARIS) == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    assert last_at(time(2, 30), autumn, PARIS) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


class WallClock(HandClock):
    """Counts how often somebody looks at it."""

    looks = 0

    def now(self) -> datetime:
        self.looks += 1
        return super().now()


class Night:
    """A venue at night: what its log holds, and the clock on its wall."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.clock = WallClock(HALF_PAST_THREE - timedelta(hours=5))
        self.gatekeeper = Gatekeeper(self.log, VENUE, HandClock())

    @asynccontextmanager
    async def led(self) -> AsyncIterator[None]:
        """A process leads and watches the clock; what it knows it reads from the log."""
        self.gatekeeper = Gatekeeper(self.log, VENUE, HandClock())
        async with running(self.gatekeeper.lead(), NightlyExits(self.gatekeeper, self.clock, HANOI).run()):
            await self.watched()
            yield

    async def watched(self) -> None:
        """Until the time that is now was looked at, and what comes of it is done: who looks again has done it."""
        looks = self.clock.looks
        await eventually(lambda: self.clock.looks >= looks + 3, says="nobody looks at the clock")

    async def begins(self, rules: Rules = EVERY_NIGHT) -> None:
        for zone in ZONES:
            await self.gatekeeper.obey(DefineZone(zone=plan(zone)), metadata())
        for gate in GATES:
            await self.gatekeeper.obey(DefineGate(gate=gate), metadata())
        await self.gatekeeper.obey(SetRules(rules=rules), metadata())
        await self.watched()

    async def enters(self, person: UUID) -> None:
        one = badge(person)
        facts = one.model_dump(exclude={"holding", "suspended", "held", "revoked"})
        handed_over = LearnBadgeChanged(badge_id=one.badge_id, change="activated", version=1, source_number=2)
        for command in (LearnBadgeIssued(**facts, source_number=1), handed_over, scan(one, MAIN)):
            await self.gatekeeper.obey(command, metadata())
        assert person in self.gatekeeper.venue.presence.whereabouts

    async def strikes(self, at: datetime) -> None:
        self.clock.time = at
        await self.watched()

    @property
    def inside(self) -> int:
        return self.gatekeeper.venue.presence.count("grounds")

    async def nights(self) -> int:
        """How often the venue was emptied."""
        return sum(event.type == "ExitsInferred" for event in await self.log.read(0, 10_000))


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    monkeypatch.setattr(nightly, "_LOOK_EVERY_S", 0.001)
    return Night()


async def test_when_the_time_comes_nobody_is_believed_inside_any_more(night: Night) -> None:
    async with night.led():
        await night.begins()
        await night.enters(ANNA)
        await night.strikes(HALF_PAST_THREE - SECOND)
        assert night.inside == 1

        await night.strikes(HALF_PAST_THREE)
        assert night.inside == 0

        (event,) = [event for event in await night.log.read(0, 10_000) if event.type == "ExitsInferred"]
        exits = night.gatekeeper.decode(event)
        assert isinstance(exits, ExitsInferred)
        assert (exits.people, exits.cause, event.metadata.actor) == ((ANNA,), "nightly", "service:access")


async def test_whoever_comes_later_that_night_stays_and_is_gone_the_next(night: Night) -> None:
    async with night.led():
        await night.begins()
        await night.strikes(HALF_PAST_THREE)
        await night.enters(ANNA)
        await night.strikes(HALF_PAST_THREE + timedelta(minutes=1))
        assert (night.inside, await night.nights()) == (1, 1)

        await night.strikes(HALF_PAST_THREE + timedelta(days=1))
        assert (night.inside, await night.nights()) == (0, 2)


@pytest.mark.parametrize("with_people", [True, False], ids=["people", "nobody"])
async def test_another_leader_of_the_same_night_does_nothing_again(night: Night, with_people: bool) -> None:
    async with night.led():
        await night.begins()
        if with_people:
            await night.enters(ANNA)
        await night.strikes(HALF_PAST_THREE)
    async with night.led():
        await night.enters(BORIS)
    async with night.led():
        assert (night.inside, await night.nights()) == (1, 1)


async def test_what_prevents_it_is_that_the_night_has_one_command(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    async with night.led():
        await night.begins()
        await night.strikes(HALF_PAST_THREE)
    monkeypatch.setattr(nightly, "uuid5", lambda _namespace, _name: uuid4())
    async with night.led():
        assert await night.nights() == 2


@pytest.mark.parametrize(("late", "done"), [(timedelta(minutes=59), 1), (timedelta(hours=1), 0)])
async def test_where_nobody_led_at_the_time_it_is_done_within_the_hour_or_not_that_night(
    night: Night, late: timedelta, done: int
) -> None:
    async with night.led():
        await night.begins()
        await night.enters(ANNA)
    night.clock.time = HALF_PAST_THREE + late
    async with night.led():
        assert await night.nights() == done


async def test_a_rule_made_in_the_morning_does_not_empty_the_venue_that_morning(night: Night) -> None:
    async with night.led():
        await night.begins(Rules())
        await night.enters(ANNA)
        await night.strikes(HALF_PAST_THREE + timedelta(minutes=30))
        await night.gatekeeper.obey(SetRules(rules=EVERY_NIGHT), metadata())
        await night.watched()

        assert (night.inside, await night.nights()) == (1, 0)


async def test_without_the_rule_nobody_is_taken_to_be_gone(night: Night) -> None:
    async with night.led():
        await night.begins(Rules())
        await night.enters(ANNA)
        await night.strikes(HALF_PAST_THREE)

        assert (night.inside, await night.nights()) == (1, 0)
