"""An edge controller asks over NATS what a handheld asks over HTTP, and is told the same."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NoAnswerError

from chassis.stream.streams import stream_config
from services.access import rpc
from services.access.domain.record.badges import Badge
from services.access.scan_port import verdict_on
from services.access.verdict import ScanRequest
from tests.access.controls import EAST, GROUNDS, MAIN, badge, gate
from tests.access.running import Access, access_on, credential, key_published, scan_body
from tests.conftest import Broker, Database, Issuer
from tests.controls import eventually, running

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
HARBOUR = gate("harbour", GROUNDS)
Connect = Callable[[str], Awaitable[Client]]
Venue = Callable[[], AbstractAsyncContextManager[Access]]


@pytest.fixture(scope="module")
async def centre(
    module_database: Database, people_issuer: Issuer, broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Access]:
    """The congress centre with its doors open and NATS at hand, for all tests of this file."""
    async with (
        on_nats(module_database, people_issuer, broker, tmp_path_factory) as access,
        access.leading(),
    ):
        await access.lay_out()
        await access.hears(key_published())
        yield access


@asynccontextmanager
async def on_nats(
    database: Database, issuer: Issuer, broker: Broker, folders: pytest.TempPathFactory, **changed: Any
) -> AsyncIterator[Access]:
    settings = {"nats_url": broker.url, "nats_seed_file": broker.seed_file("access")}
    async with (
        access_on(database, issuer, folders.mktemp("access"), **settings, **changed) as access,
        running(access.host.bus.run()),
    ):
        await eventually(access.host.bus.connected.is_set, 10, says="access is not connected")
        yield access


@pytest.fixture
async def connect(broker: Broker) -> AsyncIterator[Connect]:
    async with AsyncExitStack() as stack:

        async def connected(user: str) -> Client:
            client = await broker.connect(user)
            stack.push_async_callback(client.close)
            return client

        yield connected


@pytest.fixture
async def lane(centre: Access, connect: Connect) -> "Lane":
    """A controller at the main gate with a device's token."""
    _, shown = await centre.enrolled("main")
    return Lane(await connect("lane-1"), "main", shown)


@pytest.fixture
async def harbour(
    database: Database, people_issuer: Issuer, broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Venue:
    """Gives processes of another venue, all on one database."""
    return partial(on_nats, database, people_issuer, broker, tmp_path_factory, venue="port")


@pytest.fixture
async def port(connect: Connect) -> "Lane":
    """A controller at that venue's gate. It shows nothing: to be refused is to be answered."""
    return Lane(await connect("port"), "harbour", {})


class Lane:
    """An edge controller, and what it shows."""

    def __init__(self, client: Client, gate: str, shown: dict[str, str]) -> None:
        self.client = client
        self.gate = gate
        self.shown = shown

    async def ask(self, body: dict[str, Any] | bytes, **headers: str) -> Msg:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.request(
            f"rpc.access.scan.{self.gate}", content, timeout=5, headers={**self.shown, **headers}
        )

    async def scan(self, body: dict[str, Any]) -> dict[str, Any]:
        """The verdict."""
        answer = await self.ask(body)
        assert answer.headers == {"content-type": "application/json"}, answer.data
        verdict: dict[str, Any] = json.loads(answer.data)
        return verdict


def problem(answer: Msg) -> tuple[int, str]:
    """Its status and code, said alike in the headers and in the document."""
    assert answer.headers is not None
    document = json.loads(answer.data)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(document) >= {"type", "title", "status", "detail", "code"}
    assert answer.headers["Nats-Service-Error-Code"] == str(document["status"])
    assert answer.headers["Nats-Service-Error"] == document["code"]
    return document["status"], document["code"]


async def somebody(centre: Access) -> Badge:
    """Somebody new, with a badge in hand."""
    new = badge(uuid4())
    await centre.knows(new)
    return new


async def stored(centre: Access) -> int:
    return (await centre.host.log.head()).position


async def scans_stored(centre: Access, scan_id: str) -> int:
    return sum(one["scan_id"] == scan_id for one in await centre.recorded("BadgeScanned"))


async def bytes_over_http(centre: Access, body: dict[str, Any], shown: dict[str, str]) -> bytes:
    return (await centre.client.post("/v1/scans", json=body, headers=shown)).content


@pytest.mark.parametrize("outcome", ["admitted", "refused", "exited"])
async def test_the_verdict_is_the_one_that_http_gives(centre: Access, lane: Lane, outcome: str) -> None:
    one = await somebody(centre) if outcome != "refused" else badge(uuid4())
    body = scan_body(credential(one), MAIN, "out" if outcome == "exited" else "in")

    verdict = await lane.scan(body)

    assert (verdict["outcome"], verdict["replayed"]) == (outcome, False)
    assert (await centre.get(f"/v1/scans/{body['scan_id']}")).json() == {**verdict, "replayed": True}
    assert await bytes_over_http(centre, body, lane.shown) == (await lane.ask(body)).data
    assert await scans_stored(centre, body["scan_id"]) == 1


async def test_a_scan_is_one_scan_whichever_way_it_comes_again(centre: Access, lane: Lane) -> None:
    body = scan_body(credential(await somebody(centre)), MAIN)
    first = json.loads(await bytes_over_http(centre, body, lane.shown))

    again = await lane.scan(body)

    assert (first["outcome"], first["replayed"]) == ("admitted", False)
    assert again == {**first, "replayed": True}
    assert await scans_stored(centre, body["scan_id"]) == 1


async def test_both_ways_at_once_there_is_one_verdict(centre: Access, lane: Lane) -> None:
    body = scan_body(credential(await somebody(centre)), MAIN)

    answers = await asyncio.gather(lane.ask(body), bytes_over_http(centre, body, lane.shown), lane.ask(body))

    verdicts = [json.loads(answer if isinstance(answer, bytes) else answer.data) for answer in answers]
    assert sorted(one["replayed"] for one in verdicts) == [False, True, True]
    assert {(one["outcome"], one["position"]) for one in verdicts} == {("admitted", verdicts[0]["position"])}


async def test_the_trace_of_the_controller_goes_on(centre: Access, lane: Lane) -> None:
    body = scan_body("12345678", MAIN)

    await lane.ask(body, traceparent=TRACE)
    await lane.ask(scan_body("12345678", MAIN), TRACEPARENT="nonsense")

    (*_, scanned, other) = await centre.host.log.read(0, 100_000)
    assert centre.gatekeeper.decode(scanned).scan_id == UUID(body["scan_id"])  # type: ignore[union-attr]
    assert (scanned.metadata.traceparent, other.metadata.traceparent) == (TRACE, None)


BODY = scan_body("12345678", MAIN)
BAD: dict[str, tuple[tuple[int, str], bytes]] = {
    "nothing": ((400, "malformed_json"), b""),
    "half an object": ((400, "malformed_json"), b'{"scan_id": '),
    "not utf-8": ((400, "malformed_json"), b'{"credential": "\xff\xfe"}'),
    "an unknown field": ((422, "invalid_request"), json.dumps({**BODY, "name": "Hoa"}).encode()),
    "no scan id": ((422, "invalid_request"), json.dumps({**BODY, "scan_id": None}).encode()),
    "too large": ((413, "body_too_large"), json.dumps({**BODY, "credential": "A" * 70_000}).encode()),
}


@pytest.mark.parametrize(("expected", "content"), BAD.values(), ids=BAD)
async def test_what_is_no_scan_is_refused_in_the_words_of_http(
    centre: Access, lane: Lane, expected: tuple[int, str], content: bytes
) -> None:
    before = await stored(centre)

    answer = await lane.ask(content)
    over_http = await centre.client.post("/v1/scans", content=content, headers=lane.shown)

    assert problem(answer) == expected
    assert answer.data == over_http.content
    assert await stored(centre) == before


STRANGERS = {
    "nobody": ((401, "unauthenticated"), {}),
    "a token nobody was given": ((401, "token_invalid"), {"Authorization": "Bearer placet-device-made-up"}),
    "no token of ours": ((401, "token_invalid"), {"Authorization": "Bearer é.ü.ñ"}),
    "another scheme": ((401, "unauthenticated"), {"Authorization": "Basic bGFuZTox"}),
}


@pytest.mark.parametrize(("expected", "shown"), STRANGERS.values(), ids=STRANGERS)
async def test_a_stranger_is_told_what_http_tells_one(
    centre: Access, connect: Connect, expected: tuple[int, str], shown: dict[str, str]
) -> None:
    lane, before = Lane(await connect("lane-1"), "main", shown), await stored(centre)

    assert problem(await lane.ask(BODY)) == expected
    assert await stored(centre) == before


async def test_the_roles_are_those_of_http(centre: Access, connect: Connect) -> None:
    client = await connect("lane-1")
    for role in ("desk", "admin", "service", "device", "subscriber"):
        refused = Lane(client, "main", centre.issuer.headers(role))
        assert problem(await refused.ask(scan_body("12345678", MAIN))) == (403, "forbidden"), role

    supervisor = Lane(client, "main", centre.issuer.headers("supervisor"))

    assert (await supervisor.scan(scan_body("12345678", MAIN)))["outcome"] == "refused"


async def test_the_name_of_the_header_may_be_written_as_over_http(centre: Access, lane: Lane) -> None:
    token = lane.shown.pop("Authorization")

    answer = await lane.ask(scan_body("12345678", MAIN), AUTHORIZATION=token)

    assert json.loads(answer.data)["outcome"] == "refused"


async def test_a_device_that_was_cut_off_is_refused_at_once(centre: Access, connect: Connect) -> None:
    device_id, shown = await centre.enrolled("main")
    lane = Lane(await connect("lane-1"), "main", shown)
    await lane.scan(scan_body("12345678", MAIN))

    await centre.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor")

    assert problem(await lane.ask(scan_body("12345678", MAIN))) == (401, "token_invalid")


async def test_gate_token_subject_and_body_must_be_of_one_gate(centre: Access, connect: Connect) -> None:
    (_, of_main), (_, of_east) = await centre.enrolled("main"), await centre.enrolled("hall-east")
    anybody = centre.issuer.headers("supervisor")
    lane_1, lane_2 = await connect("lane-1"), await connect("lane-2")
    before = await stored(centre)

    for client, subject, shown, at in (
        (lane_1, "main", of_main, EAST),
        (lane_1, "main", of_east, EAST),
        (lane_1, "main", of_east, MAIN),
        (lane_1, "main", anybody, EAST),
        (lane_2, "hall-east", of_main, MAIN),
        (lane_2, "hall-east", of_main, EAST),
        (lane_2, "hall-west", of_east, EAST),
    ):
        answer = await Lane(client, subject, shown).ask(scan_body("12345678", at))
        assert problem(answer) == (403, "not_yours"), (subject, at.gate_id)
    assert await stored(centre) == before

    assert (await Lane(lane_2, "hall-east", of_east).scan(scan_body("12345678", EAST)))["outcome"] == "refused"


async def test_a_scan_id_used_for_another_scan_is_refused(centre: Access, lane: Lane) -> None:
    scan_id = uuid4()
    await lane.scan(scan_body("12345678", MAIN, scan_id=scan_id))

    assert problem(await lane.ask(scan_body("87654321", MAIN, scan_id=scan_id))) == (409, "scan_id_reused")


async def test_who_does_not_lead_does_not_answer(harbour: Venue, port: Lane) -> None:
    async with harbour() as standing_by:
        assert not await is_answered(port)
        async with standing_by.leading():
            await standing_by.lay_out([GROUNDS], [HARBOUR])
            await eventually(lambda: is_answered(port))
        assert not await is_answered(port)


async def test_of_a_leader_and_a_stand_by_the_leader_answers_and_once(harbour: Venue, port: Lane) -> None:
    async with harbour() as first, harbour() as second:
        async with first.leading():
            await first.lay_out([GROUNDS], [HARBOUR])
            await eventually(lambda: is_answered(port))
            assert await answers_to(port, 10) == 10
        async with second.leading():
            await eventually(lambda: is_answered(port))
            assert await answers_to(port, 10) == 10


async def test_two_venues_on_one_broker_answer_for_their_own_gates(
    centre: Access, harbour: Venue, lane: Lane, port: Lane
) -> None:
    assert not await is_answered(port), "the harbour is no gate of the congress centre"
    async with harbour() as other, other.leading():
        await other.lay_out([GROUNDS], [HARBOUR])
        await eventually(lambda: is_answered(port))
        assert (await answers_to(port, 5), await answers_to(lane, 5)) == (5, 5)


async def test_a_leader_that_froze_takes_no_scan_from_its_successor(
    centre: Access, lane: Lane, connect: Connect
) -> None:
    """The broker does not know yet that it froze: its subscription is there, and silent."""
    frozen = await connect("access")
    for queue in ("", "access", centre.host.settings.venue):  # type: ignore[attr-defined]
        await frozen.subscribe("rpc.access.scan.*", queue)
    await frozen.flush()

    assert await answers_to(lane, 20) == 20


async def test_a_request_that_names_no_inbox_is_not_decided(centre: Access, lane: Lane) -> None:
    """Nobody would see the verdict."""
    before = await stored(centre)
    for reply in ("", "_INBOX_CONTROLLER", "_INBOX_accreditation.x", "rpc.access.scan.main"):
        await lane.client.publish(
            "rpc.access.scan.main", json.dumps(scan_body("1", MAIN)).encode(), reply=reply, headers=lane.shown
        )

    await lane.scan(scan_body("12345678", MAIN))

    assert await stored(centre) == before + 1


async def test_a_controller_cannot_make_access_speak_into_its_own_stream(
    centre: Access, lane: Lane, admin: Client, connect: Connect
) -> None:
    """There the broker would not stop it."""
    await admin.jetstream().add_stream(stream_config("access"))
    for content in (b"{}", json.dumps(scan_body("12345678", MAIN)).encode(), b" " * 70_000):
        await lane.client.publish(
            "rpc.access.scan.main", content, reply="access.BadgeScanned.v1.a.b.admitted", headers=lane.shown
        )
    await lane.scan(scan_body("12345678", MAIN))
    # Control: it is not a lack of permission that keeps the stream clean.
    await centre.host.bus.client.publish("access.BadgeScanned.v1.a.b.admitted", b"control")

    async def kept() -> list[bytes | None]:
        last = (await admin.jetstream().stream_info("ACCESS")).state.last_seq
        return [(await admin.jetstream().get_msg("ACCESS", seq=number)).data for number in range(1, last + 1)]

    assert await eventually(kept) == [b"control"]


BROKEN_HEADERS = {
    "a status that is no text": b"NATS/1.0 \xff\xff\xff\r\n\r\n",
    "a status with a reason that is no text": b"NATS/1.0 503 \xff\xfe\r\n\r\n",
    "one letter": b"X",
    "a value that is no text": b"NATS/1.0\r\nAuthorization: \xff\xfe\r\n\r\n",
    "a name that is no text": b"NATS/1.0\r\n\xff: x\r\n\r\n",
    "no end": b"NATS/1.0\r\nAuthorization",
}


@pytest.mark.parametrize("headers", BROKEN_HEADERS.values(), ids=BROKEN_HEADERS)
async def test_broken_headers_deafen_nobody(centre: Access, lane: Lane, headers: bytes) -> None:
    await send_raw(lane.client, headers)

    assert (await lane.scan(scan_body("12345678", MAIN)))["outcome"] == "refused"


async def test_a_client_of_the_library_as_it_is_hears_nothing_more(
    centre: Access, lane: Lane, connect: Connect
) -> None:
    """Control: broken headers are sent."""
    plain = await connect("access")
    heard = await plain.subscribe("rpc.access.scan.*")
    await plain.flush()

    await send_raw(lane.client, BROKEN_HEADERS["one letter"])
    await lane.scan(scan_body("12345678", MAIN))

    with pytest.raises(NoAnswerError):
        await heard.next_msg(0.2)


class Slow:
    """Decides nothing before it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *scan_ids: str) -> None:
        self.go_on = asyncio.Event()
        self.waiting = 0

        async def slowly(scan: ScanRequest, *rest: Any) -> bytes:
            if str(scan.scan_id) in scan_ids:
                self.waiting += 1
                await self.go_on.wait()
            return await verdict_on(scan, *rest)

        monkeypatch.setattr(rpc, "verdict_on", slowly)


async def test_a_slow_answer_keeps_no_other_waiting(
    centre: Access, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = scan_body("12345678", MAIN), scan_body("12345678", MAIN)
    slow = Slow(monkeypatch, first["scan_id"])
    asked = asyncio.create_task(lane.scan(first))
    await eventually(lambda: slow.waiting)

    assert (await lane.scan(second))["outcome"] == "refused"
    assert not asked.done()

    slow.go_on.set()
    assert (await asked)["scan_id"] == first["scan_id"]


async def test_more_than_can_be_under_way_is_refused_at_once_and_answered_later(
    centre: Access, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rpc, "_UNDER_WAY", 2)
    bodies = [scan_body("12345678", MAIN) for _ in range(3)]
    slow = Slow(monkeypatch, bodies[0]["scan_id"], bodies[1]["scan_id"])
    asked = [asyncio.create_task(lane.scan(body)) for body in bodies[:2]]
    await eventually(lambda: slow.waiting == 2)

    refused = await lane.ask(bodies[2])

    assert problem(refused) == (503, "unavailable")
    assert (refused.headers or {})["Retry-After"] == "1"
    slow.go_on.set()
    assert [one["replayed"] for one in await asyncio.gather(*asked)] == [False, False]
    assert not (await lane.scan(bodies[2]))["replayed"], "the refused one was not decided before"


async def test_while_nothing_can_be_decided_it_is_said_at_once(centre: Access, lane: Lane) -> None:
    body = scan_body("12345678", MAIN)
    await lane.scan(scan_body("12345678", MAIN))
    centre.gatekeeper.started.clear()
    try:
        refused = await lane.ask(body)
    finally:
        centre.gatekeeper.started.set()

    assert problem(refused) == (503, "unavailable")
    assert (refused.headers or {})["Retry-After"] == "1"
    assert not (await lane.scan(body))["replayed"]


async def test_what_nobody_foresaw_is_said_and_the_next_is_answered(
    centre: Access, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> bytes:
        raise RuntimeError("Hoa")

    with monkeypatch.context() as broken:
        broken.setattr(rpc, "verdict_on", fail)
        answer = await lane.ask(scan_body("12345678", MAIN))

    assert problem(answer) == (500, "internal_error")
    assert b"Hoa" not in answer.data
    assert (await lane.scan(scan_body("12345678", MAIN)))["outcome"] == "refused"


async def test_who_is_being_answered_when_the_process_ends_is_told_to_ask_again(
    harbour: Venue, port: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = scan_body("12345678", HARBOUR)
    slow = Slow(monkeypatch, body["scan_id"])
    async with harbour() as other, other.leading():
        await other.lay_out([GROUNDS], [HARBOUR])
        await eventually(lambda: is_answered(port))
        port.shown = other.issuer.headers("supervisor")
        asked = asyncio.create_task(port.ask(body))
        await eventually(lambda: slow.waiting)
        asyncio.get_running_loop().call_later(0.05, slow.go_on.set)

    assert problem(await asked) == (503, "unavailable")


async def test_it_listens_again_after_the_broker_was_away(
    centre: Access, broker: Broker, people_issuer: Issuer, connect: Connect
) -> None:
    await broker.restart()
    client = await connect("lane-1")

    await eventually(lambda: is_answered(Lane(client, "main", {})), 10)


async def is_answered(lane: Lane) -> bool:
    try:
        return bool(await lane.client.request(f"rpc.access.scan.{lane.gate}", b"{}", timeout=0.15))
    except NoAnswerError:
        return False
    except NoRespondersError:
        return False


async def answers_to(lane: Lane, requests: int) -> int:
    """All that come to this many requests, until nobody can be at it any more."""
    inbox = lane.client.new_inbox()
    heard = await lane.client.subscribe(inbox)
    for _ in range(requests):
        await lane.client.publish(f"rpc.access.scan.{lane.gate}", b"{}", reply=inbox, headers=lane.shown)
    with suppress(AssertionError):
        await eventually(lambda: heard.pending_msgs >= requests, 2)
    await lane.ask(b"{}")
    await lane.client.flush()
    await heard.unsubscribe()
    return heard.pending_msgs


async def send_raw(client: Client, headers: bytes) -> None:
    """A message that the library would not send."""
    size = len(headers)
    line = f"HPUB rpc.access.scan.main _INBOX_CONTROLLER.lane-1.x {size} {size}\r\n".encode()
    await client._send_command(line + headers + b"\r\n")
    await client._flush_pending()
    await client.flush()
