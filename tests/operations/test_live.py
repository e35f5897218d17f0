"""The live picture over HTTP: who may see it, what arrives, and that it is true within half a second."""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from nats.aio.client import Client

from chassis.edge.app import create_app
from chassis.edge.identity import Identity
from chassis.log.log import NewEvent, Shared
from chassis.log.postgres import PostgresLog
from chassis.run.clock import RealClock
from chassis.run.host import Host
from chassis.run.settings import Settings
from chassis.stream.bus import Bus
from chassis.stream.relay import Relay, heartbeat
from contracts.event import SharedEvent
from contracts.roles import ROLES
from services.operations import hub as hubs
from services.operations.app import build
from services.operations.dashboard import PAGES
from services.operations.http import routes
from services.operations.hub import Hub
from services.operations.settings import OperationsSettings
from tests.conftest import Broker, Database, Issuer, feed_app, free_port, served
from tests.controls import eventually, metadata, routes_without_roles, running, to, walked
from tests.operations.conftest import Operations
from tests.operations.told import ANNA, BORIS, CHIARA, enrolled, gate, goes_in, sent, zone

Join = Callable[[str], Awaitable[Bus]]
_MAY_WATCH = {"operations", "commander", "supervisor", "protocol", "auditor", "admin"}
_PATHS = ("/v1/live", "/v1/snapshot")


class Wire:
    """A stream as a browser gets it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self, wanted: Callable[[Mapping[str, Any]], bool] = lambda _: True) -> tuple[str, str, Any]:
        """Id, kind and content of the next event that is ``wanted``."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(5):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                elif "data" in fields and wanted(content := json.loads(fields["data"])):
                    return fields["id"], fields["event"], content
                else:
                    fields = {}
        raise AssertionError("the stream ended")

    async def comment(self) -> str:
        async with asyncio.timeout(5):
            async for line in self._lines:
                if line.startswith(":"):
                    return line
        raise AssertionError("the stream ended")


@asynccontextmanager
async def watching(url: str, **headers: str) -> AsyncIterator[Wire]:
    async with (
        httpx.AsyncClient(timeout=5) as client,
        client.stream("GET", f"{url}/v1/live", headers=headers) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        yield Wire(answer)


def has_inside(count: int) -> Callable[[Mapping[str, Any]], bool]:
    return lambda content: content.get("people") == {"inside": count}


# --- who may see it -------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(settings: Settings) -> FastAPI:
    """The routes in a run that is not embedded, with an empty picture."""

    async def draw() -> Mapping[str, Any]:
        return {"updated_at": ""}

    async def past(at: datetime) -> Mapping[str, Any]:
        return {"updated_at": "", "as_of": at.isoformat()}

    hub = Hub(draw, lambda: 0)
    identity = Identity(settings.jwks, settings.issuer, settings.audience)
    app = create_app(
        "operations", "", settings, RealClock(), identity, [routes(hub, past, RealClock())],
        ready=lambda: True, degraded=list, reads=dict,
    )  # fmt: skip
    app.state.hub = hub
    return app


@pytest.fixture
async def public_url(elsewhere: FastAPI, settings: Settings) -> AsyncIterator[str]:
    async with running(elsewhere.state.hub.run()), served(elsewhere, settings.port) as url:
        yield url
        elsewhere.state.hub.close()


async def test_every_route_names_its_roles(configured: OperationsSettings, database: Database) -> None:
    app = await build(Host("operations", configured, database.pool))
    assert routes_without_roles(app) == []
    walked_paths = {route.path for route in walked(app.router.routes)}
    assert {*PAGES, *_PATHS} <= walked_paths


@pytest.mark.parametrize("path", _PATHS)
async def test_without_sign_in_nobody_sees_it_in_a_run_that_is_not_embedded(public_url: str, path: str) -> None:
    async with httpx.AsyncClient(base_url=public_url) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("role", ROLES)
async def test_it_is_shown_to_those_who_watch_over_the_gathering(public_url: str, issuer: Issuer, role: str) -> None:
    headers = issuer.headers(role)
    async with httpx.AsyncClient(base_url=public_url, headers=headers) as client:
        snapshot = (await client.get("/v1/snapshot")).status_code
        async with client.stream("GET", "/v1/live") as live:
            assert live.status_code == snapshot == (200 if role in _MAY_WATCH else 403)


@pytest.mark.parametrize(
    ("roles", "tier", "sees_scanners"),
    [((), "totals", False), (("supervisor",), "room", True), (("commander",), "command", True)],
)
async def test_how_much_is_shown_depends_on_who_asks(
    at_work: Operations, roles: tuple[str, ...], tier: str, sees_scanners: bool
) -> None:
    await at_work.told.tell(zone("per"), gate("gate-per", "per"), enrolled("a"))
    await at_work.knows_all()
    headers = at_work.issuer.headers(*roles) if roles else {}
    async with httpx.AsyncClient(base_url=at_work.url, headers=headers) as client:
        asked = (await client.get("/v1/snapshot")).json()
    async with watching(at_work.url, **headers) as wire:
        _, _, streamed = await wire.event()
    for picture in (asked, streamed):
        assert (picture["tier"], "devices" in picture) == (tier, sees_scanners)


async def test_a_page_from_elsewhere_cannot_borrow_the_machine(at_work: Operations) -> None:
    """DNS rebinding: the request comes from this machine, under a name that is not this machine's."""
    async with httpx.AsyncClient(base_url=at_work.url) as client:
        for path in _PATHS:
            for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1].evil", ""):
                answer = await client.get(path, headers={"Host": host})
                assert answer.status_code in {400, 401}, f"{path} is shown under the name {host!r}"


async def test_in_an_embedded_run_this_machine_sees_it_without_sign_in(at_work: Operations) -> None:
    assert (await at_work.snapshot())["event"] == "hanoi-2025"


async def test_a_token_shown_is_a_token_checked_even_at_this_machine(at_work: Operations) -> None:
    async with httpx.AsyncClient(base_url=at_work.url) as client:
        wrong = await client.get("/v1/snapshot", headers=at_work.issuer.headers("desk"))
        right = await client.get("/v1/snapshot", headers=at_work.issuer.headers("auditor"))
    assert (wrong.status_code, right.status_code) == (403, 200)


async def test_more_viewers_than_can_be_served_are_told_so(
    public_url: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "MOST_VIEWERS", 1)
    async with watching(public_url, **issuer.headers("operations")) as wire:
        await wire.event()
        async with httpx.AsyncClient(base_url=public_url, headers=issuer.headers("operations")) as client:
            answer = await client.get("/v1/live")
    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_viewers")


# --- what arrives ---------------------------------------------------------------------------------------------------


async def test_a_snapshot_comes_first_and_then_what_changes(at_work: Operations) -> None:
    await at_work.told.tell(zone("per", capacity=200), zone("pln", "per"), gate("gate-per", "per"))
    await at_work.knows_all()
    async with watching(at_work.url) as wire:
        headers = wire.response.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["cache-control"] == "no-store"
        _, kind, whole = await wire.event()
        assert kind == "snapshot"
        assert [one["zone_id"] for one in whole["zones"]] == ["per", "pln"]

        await at_work.told.tell(goes_in("per", ANNA))
        _, kind, change = await wire.event(has_inside(1))
    assert kind == "delta"
    assert [one["zone_id"] for one in change["zones"]] == ["per"]
    assert "delegations" not in change


async def test_snapshot_and_stream_show_the_same(at_work: Operations) -> None:
    await at_work.told.tell(zone("per"), goes_in("per", ANNA), sent())
    asked = await at_work.knows_all()
    async with watching(at_work.url) as wire:
        _, _, streamed = await wire.event()
    volatile = {"updated_at", "clock"}
    assert {part: asked[part] for part in asked.keys() - volatile} == {
        part: streamed[part] for part in streamed.keys() - volatile
    }


async def test_a_browser_that_comes_back_goes_on_where_it_was(at_work: Operations) -> None:
    await at_work.told.tell(zone("per"))
    await at_work.knows_all()
    async with watching(at_work.url) as wire:
        last_id, _, _ = await wire.event()
    await at_work.told.tell(goes_in("per", ANNA))
    await at_work.knows_all()

    async with watching(at_work.url, **{"Last-Event-ID": last_id}) as wire:
        _, kind, _ = await wire.event(has_inside(1))
    assert kind == "delta"


@pytest.mark.usefixtures("impatient")
async def test_after_a_restart_everybody_begins_with_a_snapshot(operations: Operations) -> None:
    async with operations.at_work(), watching(operations.url) as wire:
        last_id, _, _ = await wire.event()
    async with operations.at_work(), watching(operations.url, **{"Last-Event-ID": last_id}) as wire:
        _, kind, _ = await wire.event()
    assert kind == "snapshot"


async def test_a_comment_comes_while_there_is_no_news(
    public_url: str, elsewhere: FastAPI, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "HEARTBEAT_S", 0.1)
    async with watching(public_url, **issuer.headers("operations")) as wire:
        assert (await wire.comment()).startswith(":")


async def test_streams_end_when_the_service_is_asked_to_stop(at_work: Operations) -> None:
    assert at_work.host is not None
    async with watching(at_work.url) as wire:
        await wire.event()
        at_work.host.stopping.set()
        with pytest.raises(AssertionError, match="the stream ended"):
            await wire.event(lambda _: False)


async def test_a_viewer_who_stops_reading_is_forgotten_when_the_line_breaks(at_work: Operations) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", at_work.settings.port)
    writer.write(b"GET /v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await reader.readuntil(b"event: snapshot")
    before = hubs._VIEWERS._value.get()
    writer.close()
    await eventually(lambda: hubs._VIEWERS._value.get() == before - 1, 8, says="the viewer is still served")


# --- how much it can be believed ------------------------------------------------------------------------------------


async def test_every_source_says_how_far_it_was_applied(at_work: Operations) -> None:
    await at_work.told.tell(zone("per"), goes_in("per", ANNA), sent())
    picture = await at_work.knows_all()

    assert {one["source"]: (one["state"], one["number"], one["lag"]) for one in picture["sources"]} == {
        "accreditation": ("current", 0, 0),
        "access": ("current", 2, 0),
        "notifications": ("current", 1, 0),
    }
    async with httpx.AsyncClient(base_url=at_work.url) as client:
        assert (await client.get("/ready")).json()["reads"] == {"accreditation": 0, "access": 2, "notifications": 1}


@pytest.mark.usefixtures("impatient")
async def test_a_source_that_nothing_is_heard_of_is_called_silent(
    operations: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chassis.stream import standing

    monkeypatch.setattr(standing, "_SILENT_AFTER_S", 0.5)
    nowhere = operations.settings.model_copy(update={"access_url": "http://127.0.0.1:9"})
    operations.settings = nowhere
    async with operations.at_work():

        async def silent() -> bool:
            states = {one["source"]: one["state"] for one in (await operations.snapshot())["sources"]}
            return states == {"accreditation": "current", "access": "silent", "notifications": "current"}

        await eventually(silent, 8, every_s=0.1, says="access is not called silent")
        async with httpx.AsyncClient(base_url=operations.url) as client:
            ready = await client.get("/ready")
        assert ready.status_code == 200
        assert "access:silent" in ready.json()["degraded"]


async def test_what_could_not_be_applied_is_said(at_work: Operations) -> None:
    scan = goes_in("per", ANNA)
    await at_work.told.tell_as("access", Shared(scan.subject(), scan.about(), "{}"))
    picture = await at_work.knows_all()

    assert {one["source"]: one["complaint"] for one in picture["sources"]}["access"] == "dead_letters"


async def test_a_source_that_is_another_log_is_called_stopped(at_work: Operations) -> None:
    await at_work.told.tell(zone("per"))
    await at_work.knows_all()
    at_work.told.logs["access"]._log_id = BORIS

    async def stopped() -> bool:
        (access,) = (one for one in (await at_work.snapshot())["sources"] if one["source"] == "access")
        return (access["state"], access["complaint"]) == ("stopped", "source_is_another_log")

    await eventually(stopped, 8, every_s=0.1, says="nobody complains")


async def test_without_its_database_the_picture_is_put_off_and_the_line_stays_open(
    at_work: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(hubs, "_TICK_S", 0.2)
    assert at_work.host is not None
    async with watching(at_work.url) as wire:
        await wire.event()
        schema = "ALTER SCHEMA {} RENAME TO {}"
        await at_work.database.pool.execute(schema.format("live", "away"))
        async with httpx.AsyncClient(base_url=at_work.url) as client:
            answer = await client.get("/v1/snapshot")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        await wire.comment()

        await at_work.database.pool.execute(schema.format("away", "live"))
        await wire.event()


# --- through the broker ---------------------------------------------------------------------------------------------


def _stored(event: SharedEvent) -> NewEvent:
    data = metadata()
    shared = Shared(event.subject(), event.about(), event.model_dump_json())
    return NewEvent(data.command_id, "Told", 1, "{}", data.to_json(), shared)


async def test_a_scan_is_on_every_screen_within_half_a_second(
    operations: Operations,
    settings: Settings,
    other_database: Database,
    broker: Broker,
    admin: Client,
    join: Join,
) -> None:
    """From the commit in access's log, over its stream, through the view, to fifty viewers."""
    log = PostgresLog(other_database.pool)
    bus = await join("access")
    await log.append(to("venue", _stored(zone("per"))))
    async with AsyncExitStack() as stack:
        access_url = await stack.enter_async_context(served(feed_app("access", log, settings), free_port()))
        operations.settings = operations.settings.model_copy(
            update={
                "access_url": access_url,
                "nats_url": broker.url,
                "nats_seed_file": broker.seed_file("operations"),
            }
        )
        await stack.enter_async_context(running(Relay(log, bus, "access").run(), heartbeat(log, bus, "access")))
        await stack.enter_async_context(operations.at_work())
        wires = [await stack.enter_async_context(watching(operations.url)) for _ in range(50)]
        await asyncio.gather(*(wire.event() for wire in wires))
        await eventually(lambda: _pulls(admin), 8, every_s=0.05, says="the durable is not at work")
        took = []
        for count, person in enumerate((ANNA, BORIS, CHIARA), start=1):
            began = time.monotonic()
            await log.append(to("venue", _stored(goes_in("per", person))))
            await asyncio.gather(*(wire.event(has_inside(count)) for wire in wires))
            took.append(time.monotonic() - began)
        assert statistics.median(took) < 0.5


async def _pulls(admin: Client) -> bool:
    try:
        return bool((await admin.jetstream(timeout=1).consumer_info("ACCESS", "operations-from-access")).num_waiting)
    except Exception:  # noqa: BLE001  (not there yet)
        return False
