"""What operations are told and nobody else: outside subscribers get it neither from the feed nor from the stream."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.stream.streams import durable_config, remake_durable, stream_config
from contracts.asyncapi import document
from contracts.event import SharedEvent
from contracts.subjects import durable_name
from contracts.topology import SERVICES
from placet import letting_in
from placet.broker import Broker as Operated
from placet.broker import open_subjects, see_to_durables
from placet.republishing import republish
from tests.access.controls import MAIN, badge
from tests.access.running import Access, credential
from tests.conftest import Broker
from tests.controls import eventually, running

DISCREET = {"DuressSignalled", "WatchedPersonSeen"}
OF_OPERATIONS = {"DiscreetIncidentChanged"}
ALL = SERVICES["access"].publishes


def test_these_are_discreet_and_no_others() -> None:
    assert {
        event.__name__ for service in SERVICES.values() for event in service.publishes if event.discreet
    } == DISCREET | OF_OPERATIONS


def test_the_published_description_of_the_stream_marks_them() -> None:
    for service, discreet in (("access", DISCREET), ("operations", DISCREET | OF_OPERATIONS)):
        channels = document(SERVICES[service], "1")["channels"]  # type: ignore[index]
        assert {event for event, channel in channels.items() if channel.get("x-discreet")} == discreet


async def somebody_watched_is_seen(centre: Access) -> UUID:
    anna = badge(uuid4())
    await centre.knows(anna)
    body = {"person_id": str(anna.person_id), "outcome": "notice", "reason": "case_7"}
    await centre.did("/v1/watchlist", body, "vetting")
    await centre.scan(credential(anna), MAIN)
    return anna.person_id


async def page(centre: Access, *roles: str, **query: Any) -> dict[str, Any]:
    answer = await centre.client.get("/v1/log", params=query, headers=centre.issuer.headers(*roles))
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def kinds(of: dict[str, Any]) -> set[str]:
    return {event["type"].split(".")[2] for event in of["events"]}


@pytest.mark.parametrize("roles", [("service",), ("auditor",), ("admin",), ("subscriber", "auditor")], ids=str)
async def test_the_feed_tells_those_of_the_house(centre: Access, roles: tuple[str, ...]) -> None:
    person = await somebody_watched_is_seen(centre)
    told = await page(centre, *roles, types="WatchedPersonSeen", limit=1_000)

    assert [event["data"]["person_id"] for event in told["events"]].count(str(person)) == 1


@pytest.mark.parametrize("roles", [("subscriber",), ("subscriber", "operations"), ("subscriber", "vetting")], ids=str)
async def test_the_feed_passes_over_them_for_a_subscriber(centre: Access, roles: tuple[str, ...]) -> None:
    await somebody_watched_is_seen(centre)
    house, outside = await page(centre, "service", limit=1_000), await page(centre, *roles, limit=1_000)

    assert [event for event in house["events"] if event["type"].split(".")[2] not in DISCREET] == outside["events"]
    assert kinds(house) - kinds(outside) == {"WatchedPersonSeen"}
    assert (outside["complete_to"], outside["head"]) == (house["complete_to"], house["head"])
    assert (await page(centre, *roles, types="WatchedPersonSeen", limit=1_000))["events"] == []


async def test_a_subscriber_goes_on_behind_what_it_was_not_told(centre: Access) -> None:
    """A page with nothing but discreet events is no end."""
    await somebody_watched_is_seen(centre)
    (seen, *_) = (await page(centre, "service", types="WatchedPersonSeen", limit=1_000))["events"]
    number = seen["placetnumber"]

    told = await page(centre, "subscriber", after=number - 1, limit=1)
    assert (told["events"], told["complete_to"]) == ([], number)
    read, after = [], 0
    while (some := await page(centre, "subscriber", after=after, limit=7))["complete_to"] > after:
        read += some["events"]
        after = some["complete_to"]
    assert read == (await page(centre, "subscriber", limit=1_000))["events"]
    assert after == some["head"]


def subject_of(event: type[SharedEvent]) -> str:
    return ".".join((event.short_name(), *event.routing))  # a value stands where its field's name is: hall, main, …


@pytest.fixture
async def stream(broker: Broker, admin: Client) -> JetStreamContext:
    """The stream of access with one event of each kind, as its operator sees it."""
    await admin.jetstream().add_stream(stream_config("access"))
    await publish_all(broker)
    return admin.jetstream()


async def publish_all(broker: Broker) -> None:
    access = await broker.connect("access")
    for event in ALL:
        await access.jetstream().publish(subject_of(event), b"{}")
    await access.close()


async def delivered(jetstream: JetStreamContext, durable: str) -> set[str]:
    """The kinds of events that a durable brings, in all it has."""
    info = await jetstream.consumer_info("ACCESS", durable)
    assert info.num_pending is not None
    if info.num_pending == 0:
        return set()
    subscription = await jetstream.pull_subscribe_bind(durable, "ACCESS")
    messages = await subscription.fetch(info.num_pending, timeout=2)
    assert len(messages) == info.num_pending
    await messages[-1].ack_sync()
    return {message.subject.split(".")[1] for message in messages}


EVERYTHING = {event.__name__ for event in ALL}


async def test_a_durable_of_an_outside_system_brings_everything_else(stream: JetStreamContext) -> None:
    await see_to_durables(stream, {"press": ["ACCESS"]})

    assert await delivered(stream, "press") == EVERYTHING - DISCREET


async def test_so_does_the_one_made_when_it_is_let_in(
    broker: Broker, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def known_already(*_: object) -> None:
        return None

    monkeypatch.setattr(letting_in, "_let_in", known_already)
    system: Any = SimpleNamespace(
        broker=Operated(broker.url, broker.seed_file("admin")),
        nats=broker,
        subscribers=SimpleNamespace(add=lambda *_: None),
    )
    await letting_in.create_subscriber(system, "press", ["ACCESS"])

    assert await delivered(stream, "press") == EVERYTHING - DISCREET


async def test_that_of_a_service_brings_everything(stream: JetStreamContext) -> None:
    """Control: operations and notifications are told; what holds it back is the list of subjects."""
    for service in ("operations", "notifications"):
        await remake_durable(stream, "ACCESS", durable_name(service, "access"), after=0)
        assert await delivered(stream, durable_name(service, "access")) == EVERYTHING
    assert DISCREET < EVERYTHING


async def test_one_made_by_an_older_release_is_narrowed_where_it_stands(stream: JetStreamContext) -> None:
    await stream.add_consumer("ACCESS", durable_config("press", after=len(ALL) - 10))
    await see_to_durables(stream, {"press": ["ACCESS"]})

    last = {event.__name__ for event in ALL[-10:]}
    assert last & DISCREET
    assert await delivered(stream, "press") == last - DISCREET
    await see_to_durables(stream, {"press": ["ACCESS"]})
    assert await delivered(stream, "press") == set(), "it was made anew"


async def test_one_of_a_stream_made_anew_is_as_narrow_as_before(broker: Broker, stream: JetStreamContext) -> None:
    await see_to_durables(stream, {"press": ["ACCESS"]})

    async with remade_by_its_relay(broker, stream):
        operated = Operated(broker.url, broker.seed_file("admin"))
        await republish(operated, "access", len(ALL), lambda _number: None)

    assert await delivered(stream, "press") == EVERYTHING - DISCREET


@asynccontextmanager
async def remade_by_its_relay(broker: Broker, stream: JetStreamContext) -> AsyncIterator[None]:
    async def is_gone() -> bool:
        with suppress(NotFoundError):
            await stream.stream_info("ACCESS")
            return False
        return True

    async def relay() -> None:
        await eventually(is_gone)
        await stream.add_stream(stream_config("access"))
        await publish_all(broker)

    async with running(relay()):
        yield


def test_a_stream_without_anything_discreet_is_brought_whole() -> None:
    assert open_subjects("ACCREDITATION") == ()
    assert len(open_subjects("ACCESS")) == len(EVERYTHING) - len(DISCREET)
