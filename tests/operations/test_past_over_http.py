"""The day looked back on over HTTP: pictures of the past, the timeline, and one zone through the day."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.edge.app import create_app
from chassis.log.codec import Codec
from chassis.log.source import OwnLog
from chassis.log.views import OwnView
from chassis.run.clock import ScenarioClock
from chassis.run.host import Host
from contracts.access import LockdownDeclared, LockdownLifted, ZoneCapacityReached
from contracts.event import SharedEvent
from contracts.roles import ROLES
from services.operations import timeline
from services.operations.asking import Asking
from services.operations.domain.incident_record import EVENTS
from services.operations.http import routes
from services.operations.hub import Hub
from services.operations.past import Past
from services.operations.picture import Drawing
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources
from services.operations.timeline import Timeline
from services.operations.timeline_http import routes as timeline_routes
from services.operations.views.incidents import IncidentsView
from services.operations.zone_history import ZoneHistory
from services.operations.zones_http import routes as zone_routes
from tests.conftest import Database, Issuer
from tests.controls import NOW, running
from tests.operations.conftest import Folded, Operations
from tests.operations.desks import desks_of
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    FULL,
    HALL,
    Told,
    counted,
    enrolled,
    evacuated,
    gate,
    goes_in,
    goes_out,
    invited,
    nominated,
    scheduled,
    threat,
    zone,
)

_MINUTE = timedelta(minutes=1)
_WATCH = {"supervisor", "protocol", "operations", "commander", "auditor", "admin"}
_FOLLOW = {"operations", "commander", "supervisor", "auditor"}
Ask = Callable[..., Awaitable[httpx.Response]]


class Day:
    """A day that is told bit by bit, and who asks about it, over routes that nothing else is at work behind."""

    def __init__(self, folded: Folded, told: Told, clock: ScenarioClock, issuer: Issuer) -> None:
        self.clock = clock
        self.issuer = issuer
        self._folded = folded
        self._told = told

    async def happens(self, at: datetime, *events: SharedEvent) -> None:
        self._told.now = at
        self.clock.set(at)
        await self._folded.of(*events)


def _asking(client: httpx.AsyncClient, issuer: Issuer) -> Ask:
    async def ask(path: str, role: str | None = "operations", **query: Any) -> httpx.Response:
        """Without a role nobody is signed in."""
        return await client.get(path, params=query or None, headers=issuer.headers(role) if role else {})

    return ask


@pytest.fixture
async def day(folded: Folded, told: Told, clock: ScenarioClock, issuer: Issuer) -> Day:
    """Anna comes at 8:30 and goes at 8:40, Boris comes at 8:35; it is 8:45."""
    made = Day(folded, told, clock, issuer)
    layout = zone("per", capacity=200), zone("pln", "per", 60), gate("gate-per", "per"), enrolled("a")
    await made.happens(NOW, *layout, invited("fr"), nominated(ANNA), goes_in("per", ANNA, at=NOW))
    await made.happens((at := NOW + 5 * _MINUTE), goes_in("per", BORIS, at=at), counted("per", 2))
    await made.happens((at := NOW + 10 * _MINUTE), goes_out("per", person=ANNA, at=at))
    clock.set(NOW + 15 * _MINUTE)
    return made


@pytest.fixture
async def ask(day: Day, configured: OperationsSettings, database: Database, issuer: Issuer) -> AsyncIterator[Ask]:
    host = Host("operations", configured, database.pool)
    await OwnView(host.pool, host.log, OwnLog("operations", host.log, Codec(EVENTS)), IncidentsView()).rebuild()
    hub = Hub(Drawing(host.pool, host.clock, configured, Sources(host), Asking(host)).draw, lambda: 0)
    app = create_app(
        "operations", "", configured, host.clock, host.identity,
        [
            routes(hub, Past(host.pool, host.clock, configured).draw, host.clock),
            timeline_routes(Timeline(host.pool, host.clock)),
            zone_routes(ZoneHistory(host.pool), host.clock),
        ],
        ready=lambda: True, degraded=list, reads=dict,
    )  # fmt: skip
    transport = httpx.ASGITransport(app)
    async with running(hub.run()), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield _asking(client, issuer)


# --- the picture of the past ----------------------------------------------------------------------------------------


async def test_a_picture_of_any_minute_is_shown_as_it_was(ask: Ask) -> None:
    for minute, inside in ((-1, 0), (0, 1), (4, 1), (5, 4), (9, 4), (10, 3), (15, 3)):
        at = NOW + minute * _MINUTE
        picture = (await ask("/v1/snapshot", at=at.isoformat())).json()
        assert picture["people"] == {"inside": inside}, at
        assert datetime.fromisoformat(picture["as_of"]).minute == at.minute


async def test_the_present_does_not_say_that_it_is_of_the_past(ask: Ask) -> None:
    now = (await ask("/v1/snapshot")).json()

    assert "as_of" not in now
    assert now["people"] == {"inside": 3}


async def test_who_sees_less_of_the_present_sees_less_of_the_past(ask: Ask) -> None:
    shown = {role: set((await ask("/v1/snapshot", role, at=NOW.isoformat())).json()) for role in (None, "supervisor")}

    assert "devices" in shown["supervisor"]
    assert shown[None] >= {"as_of", "zones", "gates", "people"}
    assert not shown[None] & {"devices", "funnel", "incidents", "shift"}


@pytest.mark.parametrize("path", ["/v1/snapshot", "/v1/zones/per/people"])
async def test_a_time_that_cannot_be_shown_is_refused(ask: Ask, path: str) -> None:
    for at, code in (
        ("yesterday", "invalid_request"),
        ("2025-10-25T08:30:00", "invalid_request"),  # where?
        ("2025-10-25T08:46:00Z", "not_yet"),
        ("9999-12-31T23:59:59-14:00", "not_yet"),
    ):
        answer = await ask(path, at=at)
        assert (answer.status_code, answer.json()["code"]) == (422, code), at


async def test_before_anything_was_on_record_the_picture_is_empty(ask: Ask) -> None:
    for at in ("0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "2025-10-24T00:00:00+07:00"):
        answer = await ask("/v1/snapshot", at=at)
        assert answer.status_code == 200, at
        assert answer.json()["zones"] == answer.json()["gates"] == []


# --- the timeline ---------------------------------------------------------------------------------------------------


async def test_the_timeline_marks_what_stood_out(day: Day, ask: Ask) -> None:
    happened = [LockdownDeclared(**HALL, reason="drill"), LockdownLifted(**HALL), threat(3), evacuated()]
    await day.happens(NOW + 16 * _MINUTE, *happened, ZoneCapacityReached(**FULL))
    await day.happens(NOW + 20 * _MINUTE, scheduled("opening", NOW + 18 * _MINUTE))

    shown = (await ask("/v1/timeline", None)).json()
    assert (shown["from"], shown["step_s"]) == ("2025-10-25T08:30:00+00:00", 60)
    assert shown["to"] == "2025-10-25T08:50:00+00:00"
    at = "2025-10-25T08:46:00+00:00"
    assert sorted(shown["marks"], key=lambda mark: mark["kind"]) == [
        {"at": at, "kind": "evacuation", "ref": "pln", "text": "fire_alarm"},
        {"at": at, "kind": "lockdown", "ref": "pln", "text": "drill"},
        {"at": at, "kind": "lockdown_lifted", "ref": "pln"},
        {"at": "2025-10-25T08:48:00+00:00", "kind": "session", "ref": "opening"},
        {"at": at, "kind": "threat", "ref": "ncc", "text": "3"},
        {"at": at, "kind": "zone_full", "ref": "pln"},
    ]
    assert [mark["at"] for mark in shown["marks"]] == sorted(mark["at"] for mark in shown["marks"])


async def test_of_too_many_marks_the_gravest_are_shown(day: Day, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST", 2)
    await day.happens(NOW + 16 * _MINUTE, *(ZoneCapacityReached(**FULL) for _ in range(3)), evacuated())

    marks = (await ask("/v1/timeline", None)).json()["marks"]
    assert sorted(mark["kind"] for mark in marks) == ["evacuation", "zone_full"]


async def test_before_anything_was_told_the_timeline_is_a_point(folded: Folded, clock: ScenarioClock) -> None:
    assert await Timeline(folded.pool, clock).shown("totals") == {
        "from": "2025-10-25T08:30:00+00:00",
        "to": "2025-10-25T08:30:00+00:00",
        "step_s": 60,
        "marks": [],
    }


# --- incidents ------------------------------------------------------------------------------------------------------


async def test_an_incident_is_shown_as_it_stood_and_marked_to_those_who_may_know_of_it(at_work: Operations) -> None:
    await at_work.told.tell(zone("per"))
    await at_work.knows_all()
    async with desks_of(at_work) as desks:
        discreet, id_ = await desks.report(title="Somebody is followed", discreet=True), await desks.report()
        at_work.clock.set(NOW + 5 * _MINUTE)
        await desks.move(id_, "acknowledgement")
        at_work.clock.set(NOW + 200 * _MINUTE)
        await desks.move(id_, "merge", into=discreet)
        at_work.clock.set(NOW + 300 * _MINUTE)
        await desks.eventually_all(1)

    async with httpx.AsyncClient(base_url=at_work.url) as client:
        ask = _asking(client, at_work.issuer)

        async def stood(minute: int, role: str = "operations") -> dict[str, str]:
            picture = (await ask("/v1/snapshot", role, at=(NOW + minute * _MINUTE).isoformat())).json()
            return {one["incident_id"]: one["state"] for one in picture["incidents"]}

        async def marked(role: str | None) -> set[str]:
            return {mark["ref"] for mark in (await ask("/v1/timeline", role)).json()["marks"]}

        assert await stood(-1) == {}
        assert (await stood(0))[id_] == "reported"
        assert (await stood(6))[id_] == "acknowledged"
        assert set(await stood(201)) == {id_, discreet}, "what was merged is shown for an hour"
        assert set(await stood(299)) == {discreet}
        assert set(await stood(6, "supervisor")) == {id_}, "some may know of what others may not"
        assert (await marked(None), await marked("supervisor")) == (set(), {id_})
        assert await marked("commander") == {id_, discreet}


# --- one zone -------------------------------------------------------------------------------------------------------


async def test_how_full_a_zone_was_minute_by_minute(ask: Ask) -> None:
    since, until = NOW - 2 * _MINUTE, NOW + 12 * _MINUTE
    history = (await ask("/v1/zones/per/history", since=since.isoformat(), until=until.isoformat())).json()

    assert (history["zone_id"], history["capacity"]) == ("per", 200)
    assert (history["minutes"][0], len(history["minutes"])) == ("2025-10-25T08:28:00+00:00", 15)
    assert history["counts"] == [0, 0, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 3, 3, 3]


async def test_how_full_a_zone_was_is_what_pictures_of_those_minutes_say(ask: Ask) -> None:
    history = (await ask("/v1/zones/per/history", since=NOW.isoformat())).json()

    for minute, count in list(zip(history["minutes"], history["counts"], strict=True))[::4]:
        (shown,) = (one for one in (await ask("/v1/snapshot", at=minute)).json()["zones"] if one["zone_id"] == "per")
        assert shown["count"] == count, minute


async def test_without_limits_it_is_a_day_until_now(ask: Ask) -> None:
    history = (await ask("/v1/zones/pln/history")).json()

    assert len(history["minutes"]) == len(history["counts"]) == 24 * 60 + 1
    assert history["minutes"][-1] == "2025-10-25T08:45:00+00:00"


async def test_who_was_in_a_zone(ask: Ask) -> None:
    then = (await ask("/v1/zones/per/people", at=(NOW + 5 * _MINUTE).isoformat())).json()

    assert (then["count"], then["unidentified"]) == (4, 2)
    assert then["people"] == [
        {
            "person_id": str(ANNA),
            "delegation_id": "fr",
            "category": "delegate",
            "since": "2025-10-25T08:30:00+00:00",
        },
        {"person_id": str(BORIS), "delegation_id": None, "category": None, "since": "2025-10-25T08:35:00+00:00"},
    ]
    assert then["by_delegation"] == [{"delegation_id": None, "people": 1}, {"delegation_id": "fr", "people": 1}]
    assert then["by_category"] == [{"category": None, "people": 1}, {"category": "delegate", "people": 1}]
    now = (await ask("/v1/zones/per/people")).json()
    assert [one["person_id"] for one in now["people"]] == [str(BORIS)]


async def test_who_comes_back_is_there_since_then(day: Day, ask: Ask) -> None:
    later = NOW + 20 * _MINUTE
    back = [goes_in("per", ANNA, at=later), goes_out("per", person=BORIS, at=later), goes_in("per", BORIS, at=later)]
    await day.happens(later, *back, goes_in("per", CHIARA, at=later))

    there = (await ask("/v1/zones/per/people")).json()["people"]
    assert {one["since"] for one in there} == {later.isoformat()}
    assert {one["person_id"] for one in there} == {str(ANNA), str(BORIS), str(CHIARA)}


@pytest.mark.parametrize("path", ["/v1/zones/nowhere/history", "/v1/zones/nowhere/people"])
async def test_a_zone_that_is_none_is_not_found(ask: Ask, path: str) -> None:
    answer = await ask(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "zone_unknown")


async def test_a_stretch_that_is_none_is_refused(ask: Ask) -> None:
    for since, until, code in ((5, 4, "invalid_request"), (-4 * 24 * 60, 0, "invalid_request"), (0, 60, "not_yet")):
        begin, end = (NOW + since * _MINUTE).isoformat(), (NOW + until * _MINUTE).isoformat()
        answer = await ask("/v1/zones/per/history", since=begin, until=end)
        assert (answer.status_code, answer.json()["code"]) == (422, code), since


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "may"),
    [
        (f"/v1/snapshot?at={NOW:%Y-%m-%dT%H:%M}Z", _WATCH),
        ("/v1/timeline", _WATCH),
        ("/v1/zones/per/history", _WATCH),
        ("/v1/zones/per/people", _FOLLOW),
    ],
)
async def test_each_is_shown_to_its_roles(ask: Ask, path: str, may: set[str]) -> None:
    admitted = {role for role in ROLES if (await ask(path, role)).status_code == 200}
    assert admitted == may
    assert {(await ask(path, role)).status_code for role in set(ROLES) - may} == {403}


async def test_who_was_in_a_zone_is_shown_to_nobody_who_is_not_signed_in(ask: Ask) -> None:
    answer = await ask("/v1/zones/per/people", None)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_nothing_of_it_is_stored_on_the_way(ask: Ask) -> None:
    for path in ("/v1/snapshot", "/v1/timeline", "/v1/zones/per/history", "/v1/zones/per/people"):
        assert (await ask(path)).headers["cache-control"] == "no-store", path
