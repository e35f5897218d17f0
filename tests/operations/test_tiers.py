"""Who is shown what: each tier gets its own stream, and never a byte of what a higher one is shown."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from chassis.edge.identity import ANONYMOUS, Principal
from contracts.roles import ROLES
from services.operations import channel as channels
from services.operations.hub import Hub
from services.operations.tiers import TIERS, WATCHERS, Tier, seen, tier_of
from tests.controls import running
from tests.operations.test_hub import Message, Screen, is_about, watching

_FOR_ALL, _FOR_THE_ROOM, _FOR_COMMAND = "shown-to-all", "shown-to-the-room", "shown-to-command"
_HEARD: Mapping[Tier, set[str]] = {
    "totals": {_FOR_ALL},
    "room": {_FOR_ALL, _FOR_THE_ROOM},
    "command": {_FOR_ALL, _FOR_THE_ROOM, _FOR_COMMAND},
}


def incident(incident_id: str, words: str, *, discreet: bool) -> dict[str, Any]:
    return {"incident_id": incident_id, "title": words, "discreet": discreet}


@dataclass
class Scene:
    """A picture that has something for everybody in every part of it."""

    count: int = 0
    incidents: list[dict[str, Any]] = field(
        default_factory=lambda: [
            incident("a", _FOR_THE_ROOM, discreet=False),
            incident("b", _FOR_COMMAND, discreet=True),
        ]
    )

    async def draw(self) -> Mapping[str, Any]:
        return {
            "updated_at": str(self.count),
            "people": {"inside": self.count},
            "zones": [{"zone_id": "per", "names": _FOR_ALL, "count": self.count}],
            "devices": [{"device_id": _FOR_THE_ROOM, "queue": self.count}],
            "funnel": [{"delegation_id": _FOR_THE_ROOM, "inside": self.count}],
            "shift": {"on_duty": _FOR_THE_ROOM, "since": self.count},
            "incidents": [{**one, "version": self.count} for one in self.incidents],
            "a_part_of_tomorrow": [_FOR_COMMAND, self.count],
        }


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
async def hub(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr("services.operations.hub.INTERVAL_S", 0.0)
    monkeypatch.setattr("services.operations.hub._LOOK_S", 0.001)
    made = Hub(scene.draw, lambda: scene.count)
    async with running(made.run()):
        yield made


async def _all_they_get(hub: Hub, scene: Scene) -> dict[Tier, str]:
    """Every byte of a snapshot, of many changes, of what was missed, and of one picture asked for; by tier."""
    found = dict.fromkeys(TIERS, "")

    async def listen(screen: Screen, tier: Tier, until: int) -> Message:
        while True:
            message = await screen.read()
            found[tier] += json.dumps(message.data)
            if is_about(until)(message):
                return message

    async with AsyncExitStack() as stack:
        screens = {tier: await stack.enter_async_context(watching(hub, tier=tier)) for tier in TIERS}
        last = {tier: await screens[tier].read() for tier in TIERS}
        for count in range(1, 6):
            scene.count = count
            await asyncio.gather(*(listen(screens[tier], tier, count) for tier in TIERS))
        for tier in TIERS:
            found[tier] += json.dumps(last[tier].data)
            async with watching(hub, last[tier].id, tier) as again:
                found[tier] += json.dumps((await again.read()).data)
            found[tier] += json.dumps(seen(await hub.picture(), tier))
    return found


def _words(text: str) -> set[str]:
    return {word for word in (_FOR_ALL, _FOR_THE_ROOM, _FOR_COMMAND) if word in text}


async def test_no_viewer_gets_a_byte_of_what_a_higher_tier_is_shown(hub: Hub, scene: Scene) -> None:
    got = await _all_they_get(hub, scene)

    assert {tier: _words(text) for tier, text in got.items()} == _HEARD


async def test_a_part_that_is_shown_to_the_wrong_tier_would_be_noticed(
    hub: Hub, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    monkeypatch.setattr(channels, "seen", lambda picture, _tier: picture)
    got = await _all_they_get(hub, scene)

    assert _words(got["totals"]) == _HEARD["command"]


async def test_who_was_somebody_else_before_begins_anew(hub: Hub, scene: Scene) -> None:
    """The browser that signs in comes back with the id of what it was shown without."""
    async with watching(hub, tier="totals") as before:
        last = await before.read()
        async with watching(hub, last.id, "command") as after:
            first = await after.read()
        assert (first.event, "devices" in first.data) == ("snapshot", True)

        async with watching(hub, first.id, "totals") as signed_out:
            assert (await signed_out.read()).event == "snapshot"


async def test_each_message_is_encoded_once_for_each_tier_that_somebody_watches(
    hub: Hub, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[Mapping[str, Any]] = []
    encode = channels.encoded
    async with AsyncExitStack() as stack:
        tiers: tuple[Tier, ...] = (*("totals",) * 8, *("command",) * 4)
        screens = [await stack.enter_async_context(watching(hub, tier=tier)) for tier in tiers]
        await asyncio.gather(*(screen.read() for screen in screens))

        def counting(content: Mapping[str, Any]) -> str:
            encoded.append(content)
            return encode(content)

        monkeypatch.setattr(channels, "encoded", counting)
        scene.count = 1
        await asyncio.gather(*(screen.read(is_about(1)) for screen in screens))
    assert sorted(one.get("tier", "a change") for one in encoded) == ["a change", "a change"]


async def test_what_is_gone_for_one_tier_is_no_news_to_another(hub: Hub, scene: Scene) -> None:
    async with watching(hub, tier="room") as room, watching(hub, tier="command") as command:
        await asyncio.gather(room.read(), command.read())
        scene.incidents, scene.count = scene.incidents[:1], 1

        assert (await room.read(is_about(1))).event == "delta"
        assert (await command.read(is_about(1))).event == "snapshot"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_that_may_watch_has_a_tier_of_its_own_and_no_other_has_more_than_totals(role: str) -> None:
    tier = tier_of(Principal("person", "p", frozenset({role})))

    expected = {"supervisor": "room", "protocol": "room"} | dict.fromkeys(
        ["operations", "commander", "auditor", "admin"], "command"
    )
    assert tier == expected.get(role, "totals")
    assert (role in WATCHERS) == (role in expected)


def test_whoever_has_two_roles_is_shown_what_the_higher_is() -> None:
    assert tier_of(Principal("person", "p", frozenset({"supervisor", "commander"}))) == "command"
    assert tier_of(ANONYMOUS) == "totals"
