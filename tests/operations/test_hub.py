"""One picture for all who watch: how often it is drawn, what each of them is sent, and what is kept for whom."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from chassis.log.obey import UnavailableError
from placet.watch.stream import changed
from services.operations import channel as channels
from services.operations import hub as hubs
from services.operations.channel import changes, has_all
from services.operations.hub import INTERVAL_S, Hub
from services.operations.tiers import Tier
from tests.controls import eventually, running

_PATIENCE_S = 3.0


@dataclass
class Scene:
    """What there is to draw."""

    count: int = 0
    drawings: list[float] = field(default_factory=list)
    """When each picture was drawn."""
    error: Exception | None = None
    has_plenary: bool = True

    async def draw(self) -> Mapping[str, Any]:
        self.drawings.append(time.monotonic())
        if self.error:
            raise self.error
        return {
            "updated_at": str(len(self.drawings)),
            "people": {"inside": self.count},
            "zones": [
                {"zone_id": "per", "order": 0, "count": self.count},
                *([{"zone_id": "pln", "order": 1, "count": 0}] if self.has_plenary else []),
            ],
        }

    def moved(self) -> int:
        return self.count


@dataclass
class Message:
    id: str
    event: str
    data: Any

    @property
    def number(self) -> int:
        return int(self.id.partition("-")[2])


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def hub(scene: Scene) -> AsyncIterator[Hub]:
    made = Hub(scene.draw, scene.moved)
    async with running(made.run()):
        yield made


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures as fast as they can be drawn, where only their number matters."""
    monkeypatch.setattr(hubs, "INTERVAL_S", 0.0)
    monkeypatch.setattr(hubs, "_LOOK_S", 0.001)


@pytest.fixture
def short_second(monkeypatch: pytest.MonkeyPatch) -> float:
    """What the hub waits where it waits a second; one test below holds the second itself."""
    monkeypatch.setattr(hubs, "_TICK_S", 0.25)
    return 0.25


class Screen:
    """Somebody who watches."""

    def __init__(self, stream: AsyncGenerator[bytes, None]) -> None:
        self._stream = stream
        self._waiting: list[Message] = []

    async def chunk(self) -> bytes:
        async with asyncio.timeout(_PATIENCE_S):
            return await anext(self._stream)

    async def read(self, wanted: Callable[[Message], bool] = lambda _: True) -> Message:
        """The next message that is ``wanted``."""
        while True:
            while self._waiting:
                if wanted(message := self._waiting.pop(0)):
                    return message
            self._waiting = messages(await self.chunk())

    async def to_the_end(self) -> list[Message]:
        async with asyncio.timeout(_PATIENCE_S):
            return [message async for chunk in self._stream for message in messages(chunk)]


@asynccontextmanager
async def watching(hub: Hub, last_event_id: str | None = None, tier: Tier = "command") -> AsyncIterator[Screen]:
    async with aclosing(hub.watch(last_event_id, tier)) as stream:
        yield Screen(stream)


def _channel(hub: Hub) -> channels.Channel:
    return hub._channels["command"]


def messages(chunk: bytes) -> list[Message]:
    """Whole events, as the standard has them; comments and ``retry`` are none."""
    found = []
    for block in chunk.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append(Message(fields["id"], fields["event"], json.loads(fields["data"])))
    return found


def is_about(count: int) -> Callable[[Message], bool]:
    return lambda message: message.data.get("people") == {"inside": count}


async def test_a_viewer_gets_the_whole_picture_first_and_then_what_changed(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        first = await stream.read()
        assert first.event == "snapshot"
        assert set(first.data) == {"tier", "updated_at", "people", "zones"}

        scene.count = 7
        then = await stream.read(is_about(7))
        assert then.event == "delta"
        assert then.data["zones"] == [{"zone_id": "per", "count": 7}], "the other zone is as it was"
        assert then.number > first.number


async def test_when_something_is_gone_everybody_begins_anew(hub: Hub, scene: Scene) -> None:
    """The view was folded from another log, which knows fewer zones."""
    async with watching(hub) as stream, watching(hub) as other:
        await asyncio.gather(stream.read(), other.read())
        scene.has_plenary, scene.count = False, 1
        for screen in (stream, other):
            then = await screen.read(is_about(1))
            assert then.event == "snapshot"
            assert [zone["zone_id"] for zone in then.data["zones"]] == ["per"]


async def test_while_nothing_changes_a_message_a_second_says_that_the_numbers_stand(hub: Hub) -> None:
    async with watching(hub) as stream:
        await stream.read()
        began = time.monotonic()
        then = await stream.read()
    assert set(then.data) == {"updated_at"}
    assert 0.7 < time.monotonic() - began < 2.0


async def test_a_burst_of_news_is_told_five_times_a_second_at_most(hub: Hub, scene: Scene) -> None:
    async def burst() -> None:
        while True:
            scene.count += 1
            await asyncio.sleep(0.001)

    async with running(burst()), watching(hub) as stream:
        arrivals = []
        for _ in range(7):
            await stream.read()
            arrivals.append(time.monotonic())
    assert arrivals[-1] - arrivals[0] >= 5 * INTERVAL_S, "seven messages came in less time than six may take"
    pauses = [later - earlier for earlier, later in zip(scene.drawings, scene.drawings[1:], strict=False)]
    assert min(pauses) >= INTERVAL_S * 0.95


async def test_news_is_told_at_once_after_a_calm(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        await stream.read()
        await eventually(lambda: time.monotonic() - scene.drawings[-1] > INTERVAL_S, says="time stands still")
        scene.count, began = 3, time.monotonic()
        await stream.read(is_about(3))
    assert time.monotonic() - began < 0.3


async def test_all_viewers_share_one_drawing(hub: Hub, scene: Scene) -> None:
    async with AsyncExitStack() as stack:
        screens = [await stack.enter_async_context(watching(hub)) for _ in range(50)]
        first = await asyncio.gather(*(screen.read() for screen in screens))
    assert len({message.id for message in first}) == 1
    assert len(scene.drawings) == 1


async def test_nothing_is_drawn_while_nobody_looks(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        await stream.read()
    await eventually(lambda: not hub._wanted.is_set(), says="the hub goes on drawing")
    drawn = len(scene.drawings)
    scene.count += 1
    await hub.picture()
    assert len(scene.drawings) == drawn + 1, "something was drawn that nobody had asked for"


@pytest.mark.usefixtures("hurried")
async def test_who_comes_back_gets_what_they_missed(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        last = await stream.read()
    async with watching(hub) as another:
        for count in (1, 2):
            scene.count = count
            await another.read(is_about(count))

        async with watching(hub, last.id) as stream:
            first = await stream.read()
            assert (first.event, first.number) == ("delta", last.number + 1)
            await stream.read(is_about(2))


async def test_what_was_missed_while_nobody_watched_is_one_change(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        last = await stream.read()
    await eventually(lambda: not hub._wanted.is_set(), says="the hub goes on drawing")
    scene.count = 9

    async with watching(hub, last.id) as stream:
        first = await stream.read()
    assert (first.event, first.data["people"]) == ("delta", {"inside": 9})


@pytest.mark.parametrize("unknown", ["00000000-1", "nonsense", "-", "", "7", "{boot}-999999", "{boot}-x", "{boot}--1"])
async def test_an_id_that_is_not_remembered_gets_a_snapshot(hub: Hub, unknown: str) -> None:
    async with watching(hub, unknown.format(boot=_channel(hub)._boot)) as stream:
        assert (await stream.read()).event == "snapshot"


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "_REMEMBERED", 8)


@pytest.mark.usefixtures("hurried", "forgetful", "short_second")
async def test_an_id_that_was_forgotten_gets_a_snapshot(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        old = await stream.read()
        while (await stream.read()).number < old.number + channels._REMEMBERED + 2:
            scene.count += 1
        assert len(_channel(hub)._sent) == channels._REMEMBERED, "more is kept than was promised"

        async with watching(hub, old.id) as late:
            assert (await late.read()).event == "snapshot"


@pytest.mark.usefixtures("hurried")
async def test_a_viewer_who_does_not_read_costs_no_memory_and_gets_a_fresh_snapshot(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as slow, watching(hub) as quick:
        await slow.read()
        for count in range(1, 3 * channels._WAITING):
            scene.count = count
            await quick.read(is_about(count))
            assert max(len(one._messages) for one in _channel(hub).viewers) <= channels._WAITING
        first = await slow.read()
        assert first.event == "snapshot"
        assert first.data["people"] == {"inside": count}


@pytest.mark.usefixtures("short_second")
async def test_a_comment_keeps_the_line_open_while_there_is_no_picture(
    hub: Hub, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "HEARTBEAT_S", 0.05)
    scene.error = UnavailableError("no database")
    async with watching(hub) as stream:
        assert await stream.chunk() == b"retry: 1000\n\n"
        assert (await stream.chunk()).startswith(b":")

        scene.error = None
        assert (await stream.read()).event == "snapshot"


@pytest.mark.usefixtures("short_second")
async def test_without_a_picture_whoever_asks_for_one_is_told_so(hub: Hub, scene: Scene) -> None:
    scene.error = UnavailableError("no database")
    with pytest.raises(UnavailableError):
        await hub.picture()

    scene.error = None
    assert (await hub.picture())["people"] == {"inside": 0}


async def test_a_database_that_is_away_is_asked_once_a_second(short_second: float, hub: Hub, scene: Scene) -> None:
    scene.error = OSError("gone")
    async with watching(hub) as stream:
        await stream.chunk()
        await eventually(lambda: len(scene.drawings) == 3, says="it is not asked again")
    assert scene.drawings[2] - scene.drawings[0] >= 2 * short_second * 0.95


@pytest.mark.usefixtures("hurried")
async def test_a_picture_asked_for_is_drawn_after_that(hub: Hub, scene: Scene) -> None:
    async with watching(hub) as stream:
        await stream.read()
        for count in range(1, 4):
            scene.count = count
            assert (await hub.picture())["people"] == {"inside": count}


async def test_a_closed_hub_ends_every_stream(hub: Hub) -> None:
    async with AsyncExitStack() as stack:
        screens = [await stack.enter_async_context(watching(hub)) for _ in range(3)]
        await asyncio.gather(*(screen.read() for screen in screens))
        hub.close()
        for screen in screens:
            await screen.to_the_end()


async def test_who_goes_is_forgotten(hub: Hub) -> None:
    def viewers() -> float:
        return REGISTRY.get_sample_value("placet_operations_viewers") or 0.0

    before = viewers()
    async with watching(hub) as stream:
        await stream.read()
        assert viewers() == before + 1
    assert viewers() == before
    assert _channel(hub).viewers == set()


def test_of_zones_and_gates_only_what_changed_is_told() -> None:
    gate_a, gate_b = {"gate_id": "a", "n": 1}, {"gate_id": "b", "n": 1, "state": "open"}
    before = {"updated_at": "1", "scans": {"total": 1}, "gates": [gate_a, gate_b]}
    after = {"updated_at": "2", "scans": {"total": 1}, "gates": [gate_a, {**gate_b, "n": 2}]}

    assert changes(before, after) == {"updated_at": "2", "gates": [{"gate_id": "b", "n": 2}]}
    assert changes({}, after) == after


_ENTRIES = st.dictionaries(
    st.sampled_from("abc"), st.dictionaries(st.sampled_from("nm"), st.sampled_from([None, 0, False, ""]))
).map(lambda made: [{"gate_id": key, "order": ord(key), **fields} for key, fields in sorted(made.items())])
_PICTURES = st.fixed_dictionaries(
    {"updated_at": st.just("")},
    optional={"people": st.fixed_dictionaries({"inside": st.integers()}), "gates": _ENTRIES},
)


@given(before=_PICTURES, after=_PICTURES)
def test_a_picture_with_its_changes_is_the_next_one(before: dict[str, Any], after: dict[str, Any]) -> None:
    is_next = changed(before, changes(before, after)) == after
    assert is_next is has_all(after, before), "what is gone, and only that, cannot be told as a change"
