"""What no event tells: services that are down or behind, and events that were not applied."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from chassis.run.host import Host
from services.operations.incidents import Incidents
from services.operations.ruling.causes import Causes
from services.operations.ruling.watching import Watch
from tests.operations.conftest import Operations
from tests.operations.desks import Desks, desks_of

UP = {"state": "up", "degraded": []}


class Watched:
    """The services as the picture shows them, and a watch that looks when it is told to."""

    grace_s = 0.0

    def __init__(self, operations: Operations, desks: Desks) -> None:
        self.host = host = Host("operations", operations.settings, operations.database.pool)
        host.bus.connected.set()  # so that only what a test says is wrong; nobody runs this one
        self.shown: dict[str, dict[str, Any]] = {"access": UP, "notifications": UP}
        self._causes = Causes(Incidents(host.log, host.pool), host.pool, host.clock)
        self.watch = self._watch()
        self.desks = desks

    def _watch(self) -> Watch:
        return Watch(self.host, self._causes, self._services, self.grace_s)

    def _services(self) -> Sequence[dict[str, Any]]:
        return [{"service": name, **state} for name, state in self.shown.items()]

    async def looks(self) -> set[tuple[str, str, str]]:
        """Twice, for what lasts; the incidents there are then."""
        await self.watch.look()
        await self.watch.look()
        return {(one["kind"], one["about"], one["state"]) for one in await self.desks.listed("all")}

    async def starts_again(self) -> None:
        await self._causes.load()
        self.watch = self._watch()


@pytest.fixture
async def watched(at_work: Operations) -> AsyncIterator[Watched]:
    async with desks_of(at_work) as desks:
        yield Watched(at_work, desks)


async def test_a_service_that_goes_down_is_an_incident_until_it_is_back(watched: Watched) -> None:
    assert await watched.looks() == set()
    watched.shown["access"] = {"state": "down", "degraded": []}
    down = ("service_down", "service-access", "reported")
    assert await watched.looks() == {down}
    await watched.starts_again()
    assert await watched.looks() == {down}, "whoever takes over raises it no second time"

    watched.shown["access"] = UP

    assert await watched.looks() == {("service_down", "service-access", "resolved")}


async def test_one_that_was_never_up_is_given_time(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.shown["access"] = {"state": "down", "degraded": []}
    assert await watched.looks() == set()
    monkeypatch.setattr("services.operations.ruling.watching._START_S", 0)
    assert {kind for kind, _, _ in await watched.looks()} == {"service_down"}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("accreditation:dead_letters", {("dead_letter", "dead-letters-access-accreditation")}),
        ("relay:stream_is_ahead", {("relay_lag", "relay-access")}),
        ("accreditation:source_is_another_log", {("relay_lag", "stopped-access-accreditation")}),
        ("standing_by", set()),
        ("nats", set()),
    ],
)
async def test_what_a_service_does_without(watched: Watched, code: str, found: set[tuple[str, str]]) -> None:
    watched.shown["access"] = {"state": "degraded", "degraded": [code]}
    assert {(kind, about) for kind, about, _ in await watched.looks()} == found

    watched.shown["access"] = UP

    assert {state for _, _, state in await watched.looks()} <= {"resolved"}


async def test_the_broker_is_one_incident_for_all(watched: Watched) -> None:
    watched.host.bus.connected.clear()
    assert await watched.looks() == {("relay_lag", "nats", "reported")}


async def test_what_passes_by_itself_is_nobodys_work(watched: Watched) -> None:
    watched.grace_s = 600
    await watched.starts_again()
    watched.shown["access"] = {"state": "degraded", "degraded": ["accreditation:dead_letters"]}

    assert await watched.looks() == set()


async def test_what_somebody_closed_is_not_raised_again_while_it_lasts(watched: Watched) -> None:
    watched.shown["access"] = {"state": "degraded", "degraded": ["accreditation:dead_letters"]}
    await watched.looks()
    desks = watched.desks
    (found,) = await desks.listed()
    await desks.move(found["incident_id"], "resolution", resolution="discarded on Monday")
    await desks.move(found["incident_id"], "closure")

    assert await watched.looks() == {("dead_letter", "dead-letters-access-accreditation", "closed")}
