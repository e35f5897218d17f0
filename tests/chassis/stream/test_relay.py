"""Message n of the stream is event n of the log, whatever happened to the stream, the broker or the relay."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from nats.aio.client import Client
from nats.js.api import DiscardPolicy, RawStreamMsg, StreamConfig
from nats.js.errors import NotFoundError

from chassis.log.log import Head, Log, Shared
from chassis.log.memory import MemoryLog
from chassis.log.postgres import PostgresLog
from chassis.stream import relay as relaying
from chassis.stream.bus import Bus
from chassis.stream.relay import Relay, heartbeat
from chassis.stream.streams import stream_config
from tests.conftest import Broker, Database
from tests.controls import BADGE, NOW, eventually, new_event, running, suspended, to

Join = Callable[[str], Awaitable[Bus]]


async def _messages(admin: Client) -> list[RawStreamMsg]:
    jetstream = admin.jetstream(timeout=2)
    state = (await jetstream.stream_info("ACCREDITATION")).state
    assert state.messages == state.last_seq, "a hole in the stream"
    return [await jetstream.get_msg("ACCREDITATION", seq=n) for n in range(1, state.last_seq + 1)]


async def _mirrored(admin: Client, log: Log, within_s: float = 5.0) -> list[RawStreamMsg]:
    """Waits until the stream has as many messages as the log has shared events, and holds them to be the same."""
    head = await log.head()

    async def complete() -> bool:
        try:
            info = await admin.jetstream(timeout=1).stream_info("ACCREDITATION")
        except Exception:  # noqa: BLE001  (no stream, no broker: not yet)
            return False
        return info.state.last_seq >= head.number

    await eventually(complete, within_s, every_s=0.02)
    messages = await _messages(admin)
    events = await log.read_shared(0, 100_000)
    assert len(messages) == len(events)
    for event, message in zip(events, messages, strict=True):
        assert event.shared is not None
        headers = message.headers or {}
        assert message.seq == event.number
        assert message.subject == event.shared.subject
        assert message.data == event.shared.body.encode()
        assert (headers["ce-placetnumber"], headers["ce-id"]) == (str(event.number), str(event.event_id))
        assert headers["ce-placetlog"] == str(head.log_id)
    return messages


async def _append(log: Log, count: int) -> None:
    await asyncio.gather(*(log.append(to(f"s{i}", new_event(), suspended(str(i)))) for i in range(count)))


async def _last(admin: Client) -> int:
    return (await admin.jetstream(timeout=2).stream_info("ACCREDITATION")).state.last_seq


async def test_a_message_is_a_cloud_event_with_all_its_attributes(log: PostgresLog, admin: Client, join: Join) -> None:
    await log.append(to("a", new_event("private"), suspended("left-behind")))
    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        (message,) = await _mirrored(admin, log)
    (event,) = await log.read_shared(0, 1)
    head = await log.head()

    body = message.data or b""
    parsed = from_binary(HTTPMessage(headers=message.headers or {}, body=body), JSONFormat(), CloudEvent)

    assert parsed.get_id() == str(event.event_id)
    assert parsed.get_source() == "/placet/accreditation"
    assert parsed.get_type() == "placet.accreditation.BadgeSuspended.v1"
    assert parsed.get_specversion() == "1.0"
    assert parsed.get_subject() == f"badge-{BADGE}"
    assert parsed.get_time() == NOW
    assert parsed.get_datacontenttype() == "application/json"
    assert parsed.get_extension("placetnumber") == "1"
    assert parsed.get_extension("placetlog") == str(head.log_id)
    assert parsed.get_data() == json.loads(body)
    assert (message.headers or {})["Nats-Msg-Id"] == str(event.event_id)


async def test_the_cloud_event_check_would_notice_a_missing_attribute() -> None:
    """Control: the reference implementation refuses what is not a CloudEvent."""
    log = MemoryLog()
    await log.append(to("a", suspended()))
    (event,) = await log.read_shared(0, 1)
    headers = event.envelope("accreditation", (await log.head()).log_id).headers()
    del headers["ce-source"]

    with pytest.raises(Exception, match="source"):
        from_binary(HTTPMessage(headers=headers, body=b"{}"), JSONFormat(), CloudEvent)


async def test_what_is_appended_meanwhile_follows_at_once(
    log: PostgresLog, database: Database, admin: Client, join: Join
) -> None:
    relay = Relay(log, await join("accreditation"), "accreditation")
    async with running(relay.run()):
        await _append(log, 40)
        await _mirrored(admin, log)
        await _append(PostgresLog(database.pool), 3)  # another process's: nobody wakes the relay
        await _mirrored(admin, log, 1.0)
        assert relay.published == 43
        assert relay.complaint is None


async def test_private_events_stay_at_home(log: PostgresLog, admin: Client, join: Join) -> None:
    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        await log.append(to("a", *(new_event("private") for _ in range(10)), suspended()))
        (message,) = await _mirrored(admin, log)
        assert b"private" not in (message.data or b"")


async def test_a_long_backlog_goes_in_several_groups(log: PostgresLog, admin: Client, join: Join) -> None:
    await log.append(to("a", *(suspended(str(i)) for i in range(1_200))))
    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        await _mirrored(admin, log)


async def _stream_of(admin: Client, log: Log, bus: Bus, upto: int) -> None:
    """A stream that holds events 1 to ``upto``."""
    await admin.jetstream().add_stream(stream_config("accreditation"))
    head = await log.head()
    for event in await log.read_shared(0, upto):
        assert event.shared is not None
        envelope = event.envelope("accreditation", head.log_id)
        await bus.jetstream.publish(event.shared.subject, envelope.data, headers=envelope.headers())


async def test_a_lost_tail_is_published_again(log: PostgresLog, admin: Client, join: Join) -> None:
    bus = await join("accreditation")
    await _append(log, 10)
    await _stream_of(admin, log, bus, upto=6)

    async with running(Relay(log, bus, "accreditation").run()):
        await _mirrored(admin, log)


async def test_a_stream_that_lost_its_last_message_goes_on_behind_it(
    log: PostgresLog, admin: Client, join: Join
) -> None:
    """The hole stays for readers to find; what matters is that later messages keep their numbers."""
    bus = await join("accreditation")
    await _append(log, 6)
    config = stream_config("accreditation")
    config.deny_purge = False
    await admin.jetstream().add_stream(config)
    head = await log.head()
    for event in await log.read_shared(0, 3):
        envelope = event.envelope("accreditation", head.log_id)
        await bus.jetstream.publish("accreditation.BadgeSuspended.v1", envelope.data, headers=envelope.headers())
    await admin.jetstream().purge_stream("ACCREDITATION")

    async with running(Relay(log, bus, "accreditation").run()):
        await eventually(lambda: _is_last(admin, 6))
        message = await admin.jetstream().get_msg("ACCREDITATION", seq=4)
        assert (message.headers or {})["ce-placetnumber"] == "4"


async def _is_last(admin: Client, number: int) -> bool:
    return await _last(admin) == number


async def test_a_wiped_broker_is_filled_again(log: PostgresLog, broker: Broker, admin: Client, join: Join) -> None:
    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        await _append(log, 20)
        await _mirrored(admin, log)
        await broker.restart(damage=shutil.rmtree)
        await _mirrored(admin, log, 10)


async def test_an_older_copy_of_the_broker_is_brought_up_to_date(
    log: PostgresLog, broker: Broker, admin: Client, join: Join, tmp_path: Path
) -> None:
    def keep(store: Path) -> None:
        shutil.copytree(store, tmp_path / "older")

    def put_back(store: Path) -> None:
        shutil.rmtree(store)
        shutil.copytree(tmp_path / "older", store)
        for path in (store, *store.rglob("*")):
            broker._folder.hand_over(path)

    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        await _append(log, 10)
        await _mirrored(admin, log)
        await broker.restart(damage=keep)
        await _append(log, 10)
        await _mirrored(admin, log, 10)
        await broker.restart(damage=put_back)
        await _mirrored(admin, log, 10)


async def test_a_broker_killed_under_load_ends_up_right(
    log: PostgresLog, broker: Broker, admin: Client, join: Join
) -> None:
    async def load() -> None:
        for _ in range(40):
            await _append(log, 20)

    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        loading = asyncio.create_task(load())
        for _ in range(2):
            before = await _last_or_none(admin) or 0
            await eventually(lambda: _is_beyond(admin, before + 20), 10)  # noqa: B023  (used before it changes)
            await broker.kill()
            await broker.restart()
        await loading
        await _mirrored(admin, log, 15)


async def _last_or_none(admin: Client) -> int | None:
    with suppress(NotFoundError):
        return await _last(admin)
    return None


async def _is_beyond(admin: Client, number: int) -> bool:
    with suppress(Exception):
        return await _last(admin) > number
    return False


async def test_two_relays_at_once_publish_each_event_once(log: PostgresLog, admin: Client, join: Join) -> None:
    relays = [Relay(log, await join("accreditation"), "accreditation") for _ in range(2)]
    async with running(*(relay.run() for relay in relays)):
        for _ in range(10):
            await _append(log, 30)
        await _mirrored(admin, log, 10)


def _careless(bus: Bus, monkeypatch: pytest.MonkeyPatch, both: asyncio.Barrier) -> None:
    """Publishes without naming what it follows; the broker's memory of ids, which ends after two minutes, aside."""
    publish = bus.client.publish

    async def without(
        subject: str, payload: bytes = b"", reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        bare = {k: v for k, v in (headers or {}).items() if k not in {"Nats-Expected-Last-Sequence", "Nats-Msg-Id"}}
        if bare.get("ce-placetnumber") == "1":
            await both.wait()  # so that they do meet
        await publish(subject, payload, reply, headers=bare)

    monkeypatch.setattr(bus.client, "publish", without)


async def test_without_naming_what_they_follow_two_relays_would_double_events(
    log: PostgresLog, admin: Client, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the sequence that each message names is what keeps the stream right."""
    await _append(log, 50)
    relays = []
    both = asyncio.Barrier(2)
    for _ in range(2):
        bus = await join("accreditation")
        _careless(bus, monkeypatch, both)
        relays.append(Relay(log, bus, "accreditation"))
    await admin.jetstream().add_stream(stream_config("accreditation"))

    async with running(*(relay.run() for relay in relays)):
        await eventually(lambda: _is_beyond(admin, 50), says="the check would not notice a doubled event")


async def test_a_message_lost_on_the_way_is_sent_again_with_all_behind_it(
    log: PostgresLog, admin: Client, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = await join("accreditation")
    publish = bus.client.publish
    lost: list[str] = []

    async def lossy(subject: str, payload: bytes = b"", reply: str = "", headers: Any = None) -> None:
        number = (headers or {}).get("ce-placetnumber")
        if number == "7" and not lost:
            lost.append(number)
            return
        await publish(subject, payload, reply, headers=headers)

    monkeypatch.setattr(bus.client, "publish", lossy)
    await _append(log, 20)
    async with running(Relay(log, bus, "accreditation").run()):
        await _mirrored(admin, log)
    assert lost


async def test_an_acknowledgement_lost_on_the_way_is_not_waited_for_for_ever(
    log: PostgresLog, admin: Client, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_PATIENCE_S", 0.2)
    take = relaying._Acknowledgements.take
    lost: list[object] = []

    async def lossy(self: relaying._Acknowledgements, message: Any) -> None:
        if not lost:
            lost.append(message)
            return
        await take(self, message)

    monkeypatch.setattr(relaying._Acknowledgements, "take", lossy)
    relay = Relay(log, await join("accreditation"), "accreditation")
    await _append(log, 20)
    async with running(relay.run()):
        await _mirrored(admin, log)
        await eventually(lambda: relay.published == 20)
    assert lost


async def test_answers_that_were_lost_with_the_connection_are_not_waited_for(
    log: PostgresLog, broker: Broker, admin: Client, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_PATIENCE_S", 60.0)
    monkeypatch.setattr(relaying._Acknowledgements, "take", _unheard)
    relay = Relay(log, await join("accreditation"), "accreditation")
    await _append(log, 20)
    async with running(relay.run()):
        await eventually(lambda: _is_beyond(admin, 19))
        monkeypatch.undo()
        await broker.kill()
        await broker.restart()

        await eventually(lambda: relay.published == 20)
        await _mirrored(admin, log)


async def _unheard(_self: relaying._Acknowledgements, _message: Any) -> None:
    return


async def test_a_stream_that_takes_nothing_is_complained_of_and_asked_less_and_less_often(
    log: PostgresLog, admin: Client, join: Join, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As when its disk is full: it tells how it stands, and refuses each message."""
    monkeypatch.setattr(relaying, "_COMPLAIN_AFTER_S", 0.1)
    caplog.set_level("INFO")
    full = await _stream_for_three(admin)
    relay = Relay(log, await join("accreditation"), "accreditation")
    async with running(relay.run()):
        await _append(log, 3)
        await _mirrored(admin, log)
        await _append(log, 3)

        await eventually(lambda: relay.complaint == "stream_refuses")
        assert relay.published == 3
        await eventually(lambda: caplog.messages.count("relay_asks_again") == 4)
        assert caplog.messages.count("nothing_is_relayed") == 1
        first, *_, last = [record.created for record in caplog.records if record.msg == "relay_asks_again"]
        assert last - first > 0.25 + 0.5 + 1.0

        full.max_msgs = -1
        await admin.jetstream().update_stream(full)
        await _mirrored(admin, log)
        await eventually(lambda: relay.complaint is None)


async def _stream_for_three(admin: Client) -> StreamConfig:
    """A stream that refuses the fourth message."""
    full = stream_config("accreditation")
    full.max_msgs, full.discard = 3, DiscardPolicy.NEW
    await admin.jetstream().add_stream(full)
    return full


async def test_a_relay_that_takes_a_refusal_for_an_acknowledgement_believes_what_is_not_so(
    log: PostgresLog, admin: Client, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: it would say that all is published, and the stream would lack half of it."""
    take = relaying._Acknowledgements.take
    refusals: list[bytes] = []

    async def heedless(self: relaying._Acknowledgements, message: Any) -> None:
        if b'"error"' in message.data:
            refusals.append(message.data)
            message.data = b"{}"
        await take(self, message)

    monkeypatch.setattr(relaying._Acknowledgements, "take", heedless)
    monkeypatch.setattr(relaying, "_COMPLAIN_AFTER_S", 0.1)
    await _stream_for_three(admin)
    relay = Relay(log, await join("accreditation"), "accreditation")
    await _append(log, 6)
    async with running(relay.run()):
        await eventually(lambda: relay.published == 6)
        assert len(refusals) >= 3
        assert relay.complaint is None
        assert await _last(admin) == 3
        with pytest.raises(AssertionError):
            await _mirrored(admin, log, 1.5)  # nor does it help to ask the stream again


class Stumbling(Relay):
    """Its first question over each connection goes unanswered."""

    _asked_over: asyncio.Event | None = None

    async def _stream_end(self, head: Head) -> int:
        if self._asked_over is not self._bus.broken:
            self._asked_over = self._bus.broken
            raise TimeoutError
        return await super()._stream_end(head)


async def test_the_time_without_a_broker_is_not_time_that_it_refused(
    log: PostgresLog,
    broker: Broker,
    admin: Client,
    join: Join,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(relaying, "_COMPLAIN_AFTER_S", 0.0)
    monkeypatch.setattr(relaying, "_ASK_AGAIN_S", 60.0)  # it is at work, and not between two questions, when it breaks
    caplog.set_level("INFO")
    bus = await join("accreditation")
    async with running(Stumbling(log, bus, "accreditation").run()):
        await _append(log, 3)
        await _mirrored(admin, log)
        await broker.kill()
        await eventually(lambda: not bus.connected.is_set())
        await _append(log, 3)
        await eventually(lambda: caplog.messages.count("relay_asks_again") == 2)
        await broker.restart()
        await eventually(lambda: caplog.messages.count("relay_asks_again") == 3)
        await _mirrored(admin, log)

    assert "nothing_is_relayed" not in caplog.messages


async def test_a_stream_that_captures_other_subjects_is_left_alone(log: PostgresLog, admin: Client, join: Join) -> None:
    """One of an older release: it would refuse what it does not capture, and be complete without it."""
    older = stream_config("accreditation")
    older.subjects = ["accreditation.*.v1", "accreditation.*.v1.>"]
    await admin.jetstream().add_stream(older)
    relay = Relay(log, await join("accreditation"), "accreditation")
    await _append(log, 2)
    async with running(relay.run()):
        await eventually(lambda: relay.complaint == "stream_of_other_subjects")
        assert await _last(admin) == 0

        await admin.jetstream().delete_stream("ACCREDITATION")
        await _mirrored(admin, log)


async def test_a_later_version_of_an_event_goes_the_same_way(log: PostgresLog, admin: Client, join: Join) -> None:
    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        for subject in ("accreditation.BadgeSuspended.v2", "accreditation.BadgeSuspended.v3.pln.refused"):
            await log.append(to("a", new_event(shared=Shared(subject, f"badge-{BADGE}", "{}"))))
        await _mirrored(admin, log)


async def test_a_message_of_somebody_else_stops_the_relay(log: PostgresLog, admin: Client, join: Join) -> None:
    bus = await join("accreditation")
    relay = Relay(log, bus, "accreditation")
    await _append(log, 3)
    async with running(relay.run()):
        await _mirrored(admin, log)
        await bus.jetstream.publish("accreditation.BadgeSuspended.v1", b"{}")

        await eventually(lambda: relay.complaint == "stream_ahead_of_log")
        await _append(log, 3)
        await eventually(lambda: relay.complaint == "stream_of_another_log")
        assert await _last(admin) == 4


async def test_the_stream_of_another_log_is_left_alone_until_it_is_removed(
    log: PostgresLog, database: Database, admin: Client, join: Join
) -> None:
    bus = await join("accreditation")
    await _append(log, 5)
    async with running(Relay(log, bus, "accreditation").run()):
        await _mirrored(admin, log)
    owner = await database.connect(owner=True)
    await owner.execute("SELECT log.begin_incarnation()")
    await owner.close()
    await _append(log, 2)
    relay = Relay(log, bus, "accreditation")

    async with running(relay.run()):
        await eventually(lambda: relay.complaint == "stream_of_another_log")
        assert await _last(admin) == 5

        await admin.jetstream().delete_stream("ACCREDITATION")
        await _mirrored(admin, log)
        await eventually(lambda: relay.complaint is None)


async def test_a_stream_ahead_of_its_log_is_left_alone(log: PostgresLog, admin: Client, join: Join) -> None:
    bus = await join("accreditation")
    ahead = MemoryLog()
    await _append(ahead, 5)
    await _stream_of(admin, ahead, bus, upto=5)
    await _append(log, 2)
    relay = Relay(log, bus, "accreditation")

    async with running(relay.run()):
        await eventually(lambda: relay.complaint == "stream_ahead_of_log")
        assert await _last(admin) == 5


async def test_a_stream_with_other_events_of_the_same_log_is_left_alone(
    log: PostgresLog, admin: Client, join: Join
) -> None:
    bus = await join("accreditation")
    await _append(log, 5)
    head = await log.head()
    await admin.jetstream().add_stream(stream_config("accreditation"))
    (_, second) = await log.read_shared(0, 2)
    envelope = second.envelope("accreditation", head.log_id)
    await bus.jetstream.publish("accreditation.BadgeSuspended.v1", envelope.data, headers=envelope.headers())
    relay = Relay(log, bus, "accreditation")

    async with running(relay.run()):
        await eventually(lambda: relay.complaint == "stream_holds_other_events")
        assert await _last(admin) == 1


async def test_nobody_can_thin_out_the_stream(log: PostgresLog, admin: Client, join: Join) -> None:
    await _append(log, 3)
    async with running(Relay(log, await join("accreditation"), "accreditation").run()):
        await _mirrored(admin, log)
    jetstream = admin.jetstream()

    with pytest.raises(Exception, match=r"denied|not permitted"):
        await jetstream.purge_stream("ACCREDITATION")
    with pytest.raises(Exception, match=r"denied|not permitted"):
        await jetstream.delete_msg("ACCREDITATION", 2)
    with pytest.raises(Exception, match="deny"):
        await jetstream.update_stream(StreamConfig(name="ACCREDITATION", subjects=["accreditation.*.v1"]))
    assert len(await _messages(admin)) == 3


async def test_a_heart_that_does_not_beat_says_so_once(
    log: PostgresLog, join: Join, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[None] = []

    async def away() -> Head:
        asked.append(None)
        raise TimeoutError

    monkeypatch.setattr(log, "head", away)
    async with running(heartbeat(log, await join("accreditation"), "accreditation")):
        await eventually(lambda: len(asked) == 2)
        monkeypatch.undo()
    assert caplog.messages.count("heart_does_not_beat") == 1


async def test_the_heart_beats_with_the_number_of_the_log(log: PostgresLog, join: Join) -> None:
    await _append(log, 3)
    heard: list[dict[str, Any]] = []
    listener = await join("access")

    async def hear(message: Any) -> None:
        heard.append(json.loads(message.data))

    await listener.client.subscribe("rpc.accreditation.head", cb=hear)
    await listener.client.flush()
    async with running(heartbeat(log, await join("accreditation"), "accreditation")):
        await eventually(lambda: heard)
        await _append(log, 1)
        await eventually(lambda: heard[-1]["number"] == 4, 2.0)
    assert heard[0] == {"log_id": str((await log.head()).log_id), "number": 3}
