"""Everybody on NATS may do what is listed, and nothing else."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from chassis.stream.permissions import User, authorization
from chassis.stream.streams import durable_config, remake_durable, stream_config
from contracts.topology import SERVICES
from tests.conftest import CONTROLLERS, SUBSCRIBER, Broker
from tests.controls import eventually

_REFUSED = "permissions violation"


@dataclass
class Knocker:
    """A user's connection, and what it was refused."""

    client: Client
    refused: list[str] = field(default_factory=list)

    async def may_publish(self, subject: str) -> bool:
        return await self._asked(self.client.publish(subject, b"{}"), f'publish to "{subject}"')

    async def may_subscribe(self, subject: str, queue: str = "") -> bool:
        what = f'subscription to "{subject}"' + (f' using queue "{queue}"' if queue else "")
        return await self._asked(self.client.subscribe(subject, queue), what)

    def was_refused(self, what: str) -> bool:
        return any(what.lower() in refusal.lower() for refusal in self.refused)

    async def _asked(self, asking: object, what: str) -> bool:
        await asking  # type: ignore[misc]  # one of two coroutines of the client
        for _ in range(2):  # its refusal, if any, comes before the first answer, and is heard before the second
            await self.client.flush(timeout=2)
        return not self.was_refused(what)


@pytest.fixture
async def knockers(broker: Broker, admin: Client) -> AsyncIterator[dict[str, Knocker]]:
    found = {}
    for user in (*SERVICES, SUBSCRIBER, *CONTROLLERS, "admin"):
        refused: list[str] = []

        async def hear(error: Exception, refused: list[str] = refused) -> None:
            refused.append(str(error))

        found[user] = Knocker(await broker.connect(user, error_cb=hear), refused)
    yield found
    for knocker in found.values():
        await knocker.client.close()


_OF_ACCESS = [
    "access.BadgeScanned.v1.pln.pln-1.admitted",
    "access.ZoneDefined.v1",
    "access.ZoneDefined.v2",
    "rpc.access.head",
    "$JS.API.STREAM.INFO.ACCESS",
    "$JS.API.STREAM.CREATE.ACCESS",
    "$JS.API.STREAM.MSG.GET.ACCESS",
    "$JS.API.CONSUMER.CREATE.ACCREDITATION.access-from-accreditation",
    "$JS.API.CONSUMER.DURABLE.CREATE.ACCREDITATION.access-from-accreditation",
    "$JS.API.CONSUMER.INFO.ACCREDITATION.access-from-accreditation",
    "$JS.API.CONSUMER.DELETE.ACCREDITATION.access-from-accreditation",
    "$JS.API.CONSUMER.MSG.NEXT.ACCREDITATION.access-from-accreditation",
    "$JS.ACK.ACCREDITATION.access-from-accreditation.1.1.1.1.0",
]
_OF_NOBODY = [
    "$JS.API.STREAM.DELETE.ACCESS",
    "$JS.API.STREAM.PURGE.ACCESS",
    "$JS.API.STREAM.UPDATE.ACCESS",  # a stream could be told to republish under another service's subjects
    "$JS.API.STREAM.MSG.DELETE.ACCESS",
    "$JS.API.STREAM.SNAPSHOT.ACCESS",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.NAMES",
    "$JS.API.INFO",
    "$JS.API.STREAM.CREATE.EVERYTHING",
    "$JS.API.CONSUMER.CREATE.ACCREDITATION",
    "$JS.API.CONSUMER.CREATE.ACCREDITATION.another",
    "$JS.API.CONSUMER.MSG.NEXT.ACCREDITATION.another",
    "$JS.API.CONSUMER.DELETE.ACCREDITATION.operations-from-accreditation",
    "$JS.ACK.ACCREDITATION.another.1.1.1.1.0",
    "$JS.API.DIRECT.GET.ACCREDITATION",
    "$SYS.REQ.SERVER.PING",
    "_INBOX_operations.x",
    "_INBOX.x",
    "_INBOX_CONTROLLER.x",
    "anything",
    "access",
    "access.BadgeScanned",
]


@pytest.mark.parametrize("subject", _OF_ACCESS)
async def test_a_service_may_say_what_is_its_own(knockers: dict[str, Knocker], subject: str) -> None:
    assert await knockers["access"].may_publish(subject)


@pytest.mark.parametrize("subject", [*_OF_NOBODY, "accreditation.BadgeRevoked.v1", "rpc.accreditation.head"])
async def test_a_service_may_say_nothing_else(knockers: dict[str, Knocker], subject: str) -> None:
    assert not await knockers["access"].may_publish(subject)


async def test_what_is_one_services_own_is_no_others(knockers: dict[str, Knocker]) -> None:
    for other in ("accreditation", "notifications", "operations"):
        assert not await knockers[other].may_subscribe("rpc.access.scan.*"), other
        for subject in (*_OF_ACCESS, "_INBOX_CONTROLLER.lane-1.x"):
            assert not await knockers[other].may_publish(subject), (other, subject)


async def test_a_service_hears_those_it_reads_and_its_own_answers(knockers: dict[str, Knocker]) -> None:
    access = knockers["access"]
    assert await access.may_subscribe("rpc.accreditation.head")
    assert await access.may_subscribe("rpc.access.scan.*")
    assert await access.may_subscribe("_INBOX_access.>")
    for subject in (
        ">", "*", "accreditation.>", "access.>", "rpc.>", "rpc.operations.head", "_INBOX.>", "_INBOX_operations.>",
        "$JS.EVENT.ADVISORY.>", "$SYS.>",
    ):  # fmt: skip
        assert not await access.may_subscribe(subject), subject


async def test_an_outsider_may_pull_and_acknowledge_and_nothing_else(knockers: dict[str, Knocker]) -> None:
    outsider = knockers[SUBSCRIBER]
    pull, ack = f"$JS.API.CONSUMER.MSG.NEXT.ACCREDITATION.{SUBSCRIBER}", f"$JS.ACK.ACCREDITATION.{SUBSCRIBER}.1.1.1.1.0"
    assert await outsider.may_publish(pull)
    assert await outsider.may_publish(ack)
    own = f"$JS.API.CONSUMER.CREATE.ACCREDITATION.{SUBSCRIBER}"
    for subject in (
        *_OF_ACCESS,
        *_OF_NOBODY,
        own,
        "accreditation.BadgeRevoked.v1",
        "rpc.access.scan.pln-1",
        f"$JS.API.CONSUMER.MSG.NEXT.ACCESS.{SUBSCRIBER}",
        f"$JS.API.CONSUMER.INFO.ACCREDITATION.{SUBSCRIBER}",
    ):
        assert not await outsider.may_publish(subject), subject
    assert await outsider.may_subscribe(f"_INBOX_{SUBSCRIBER}.>")
    for subject in (">", "accreditation.>", "rpc.accreditation.head", "_INBOX.>", "_INBOX_access.>"):
        assert not await outsider.may_subscribe(subject), subject


async def test_a_controller_may_send_scans_of_its_gates_and_nothing_else(knockers: dict[str, Knocker]) -> None:
    controller = knockers["lane-2"]
    for gate in ("hall-east", "hall-west"):
        assert await controller.may_publish(f"rpc.access.scan.{gate}")
    for subject in (
        *_OF_ACCESS,
        *_OF_NOBODY,
        *("rpc.access.scan.main", "rpc.access.scan", "rpc.access.scan.hall-east.x", "rpc.access.scan.HALL-EAST"),
        *("rpc.access.scan.*", "rpc.access.scan.>", "rpc.access.>"),
        *("_INBOX_CONTROLLER.lane-1.x", "_INBOX_CONTROLLER.lane-2.x", "_INBOX_access.x"),
        "$JS.API.CONSUMER.CREATE.ACCESS.lane-2",
        "$JS.API.CONSUMER.MSG.NEXT.ACCESS.lane-2",
    ):
        assert not await controller.may_publish(subject), subject


async def test_a_controller_hears_its_own_answers_and_no_others(knockers: dict[str, Knocker]) -> None:
    controller = knockers["lane-2"]
    assert await controller.may_subscribe("_INBOX_CONTROLLER.lane-2.>")
    assert await controller.may_subscribe("_INBOX_CONTROLLER.lane-2.>", queue="lanes")
    for subject in (
        *(">", "*", "*.>", "*.*.>", "*.lane-1.>"),
        *("_INBOX_CONTROLLER.>", "_INBOX_CONTROLLER.*.>", "_INBOX_CONTROLLER.lane-1.>", "_INBOX_CONTROLLER.lane-1.x"),
        *("_INBOX_CONTROLLER.lane-2", "_INBOX.>", "_INBOX_access.>"),
        *("rpc.access.scan.hall-east", "rpc.access.scan.*", "rpc.access.head", "access.>"),
        *("$SYS.>", "$JS.EVENT.ADVISORY.>"),
    ):
        assert not await controller.may_subscribe(subject), subject
        assert not await controller.may_subscribe(subject, queue="lanes"), subject


async def test_a_controller_cannot_make_access_speak_into_another_services_stream(
    admin: Client, knockers: dict[str, Knocker]
) -> None:
    """Whoever asks names the subject to answer to; the broker lets access answer to controllers alone."""
    await admin.jetstream().add_stream(stream_config("accreditation"))
    access = knockers["access"]
    asked = await access.client.subscribe("rpc.access.scan.*")
    await access.client.flush()
    for reply in ("accreditation.BadgeRevoked.v1", f"$JS.API.CONSUMER.MSG.NEXT.ACCREDITATION.{SUBSCRIBER}"):
        await knockers["lane-1"].client.publish("rpc.access.scan.main", b"{}", reply=reply)
        await (await asked.next_msg(2)).respond(b"{}")
        await eventually(partial(access.was_refused, reply))

    await knockers["lane-1"].client.publish("rpc.access.scan.main", b"{}", reply="_INBOX_CONTROLLER.lane-1.x")
    heard = await knockers["lane-1"].client.subscribe("_INBOX_CONTROLLER.lane-1.x")
    await knockers["lane-1"].client.flush()
    await (await asked.next_msg(2)).respond(b"control")

    assert (await heard.next_msg(2)).data == b"control"
    assert (await admin.jetstream().stream_info("ACCREDITATION")).state.messages == 0


async def test_the_operator_cares_for_streams_and_says_no_event(knockers: dict[str, Knocker]) -> None:
    operator = knockers["admin"]
    assert await operator.may_publish("$JS.API.STREAM.DELETE.NOTHING")
    for subject in (
        "accreditation.BadgeRevoked.v1",
        "access.BadgeScanned.v1",
        "rpc.access.head",
        "rpc.access.scan.main",
        "$SYS.REQ.SERVER.PING",
    ):
        assert not await operator.may_publish(subject), subject


async def test_an_outsider_reads_its_stream_through_the_durable_made_for_it(
    broker: Broker, admin: Client, knockers: dict[str, Knocker]
) -> None:
    await admin.jetstream().add_stream(stream_config("accreditation"))
    await remake_durable(admin.jetstream(), "ACCREDITATION", SUBSCRIBER, after=0)
    owner = knockers["accreditation"].client
    await owner.jetstream().publish("accreditation.BadgeRevoked.v1", b"one")
    outsider = knockers[SUBSCRIBER].client

    async def pull() -> bytes:
        message = await outsider.request(
            f"$JS.API.CONSUMER.MSG.NEXT.ACCREDITATION.{SUBSCRIBER}", b"1", timeout=2, old_style=True
        )
        await message.ack()
        return message.data

    assert await pull() == b"one"

    async def acknowledged() -> bool:
        info = await admin.jetstream().consumer_info("ACCREDITATION", SUBSCRIBER)
        return not info.num_ack_pending

    await eventually(acknowledged)
    assert knockers[SUBSCRIBER].refused == []


async def test_a_service_reads_another_through_its_durable(admin: Client, knockers: dict[str, Knocker]) -> None:
    """The permissions are enough for what nats-py and FastStream ask for."""
    await admin.jetstream().add_stream(stream_config("accreditation"))
    await knockers["accreditation"].client.jetstream().publish("accreditation.BadgeRevoked.v1", b"one")
    access = knockers["access"].client
    await remake_durable(access.jetstream(), "ACCREDITATION", "access-from-accreditation", after=0)
    subscription = await access.jetstream().pull_subscribe_bind("access-from-accreditation", "ACCREDITATION")
    (message,) = await subscription.fetch(1, timeout=2)
    await message.ack_sync(timeout=2)

    assert message.data == b"one"
    assert knockers["access"].refused == []


async def test_a_durable_cannot_be_made_to_deliver_elsewhere(
    broker: Broker, admin: Client, knockers: dict[str, Knocker]
) -> None:
    """Only we make an outsider's durable: one of its own could write into a subject that is not its own."""
    await admin.jetstream().add_stream(stream_config("accreditation"))
    push = ConsumerConfig(durable_name=SUBSCRIBER, deliver_subject="access.BadgeScanned.v1")
    with pytest.raises(TimeoutError):
        await knockers[SUBSCRIBER].client.jetstream(timeout=0.3).add_consumer("ACCREDITATION", push)
    assert any(_REFUSED in refusal.lower() for refusal in knockers[SUBSCRIBER].refused)
    assert durable_config("x", 0).deliver_subject is None


async def test_without_a_list_everything_would_be_allowed(broker: Broker, knockers: dict[str, Knocker]) -> None:
    """Control: the checks do notice an open door."""
    users = [user for user in broker.users() if user.name != "access"]
    broker.configure([*users, User("access", broker.public_key("access"), (">",), (">",))])
    broker.reload()
    try:
        tries = itertools.count()
        await eventually(lambda: knockers["access"].may_publish(f"anything-{next(tries)}-new"))
        assert await knockers["access"].may_subscribe("accreditation.>")
    finally:
        await broker.restart()


def test_a_user_of_nothing_may_do_nothing() -> None:
    block = authorization([User("nobody", "UKEY", (), ())])

    assert '"publish": {\n' in block
    assert block.count('"allow": []') == 2
