"""``placet watch`` before the real service: its numbers are the snapshot's, and it comes back by itself."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner, Result

import placet.cli.main  # noqa: F401  (registers every command)
from placet.cli import app, out
from placet.cli import watch as command
from placet.installation import NotFoundError, RefusedError
from placet.watch import stream
from placet.watch.stream import Watching
from tests.conftest import free_port
from tests.controls import eventually, running
from tests.operations.conftest import Operations
from tests.operations.told import ANNA, BORIS, gate, goes_in, turned_away, zone

_OF_ITS_MOMENT = ("updated_at", "clock", "sources", "services", "devices", "gates")
"""What is drawn anew without an event: ages, lags."""


@pytest.fixture
def impatient_watcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_AGAIN_S", 0.05)


@pytest.fixture
async def watching(at_work: Operations) -> AsyncIterator[Watching]:
    made = Watching(at_work.url, lambda: None)
    async with running(made.run()):
        await eventually(lambda: made.picture is not None, says="no picture")
        yield made


def steady(picture: Mapping[str, Any]) -> dict[str, Any]:
    return {part: content for part, content in picture.items() if part not in _OF_ITS_MOMENT}


async def a_morning(operations: Operations) -> Mapping[str, Any]:
    await operations.told.tell(
        zone("per", capacity=100), zone("pln", "per", capacity=2), gate("main", "per"), gate("hall", "pln"),
        goes_in("per", ANNA), goes_in("pln", ANNA), goes_in("per", BORIS), turned_away("pln", "zone_full"),
    )  # fmt: skip
    return await operations.knows_all()


async def test_its_numbers_are_those_of_the_snapshot_after_every_change(
    at_work: Operations, watching: Watching
) -> None:
    snapshot = await a_morning(at_work)

    def same() -> bool:
        assert watching.picture is not None
        assert steady(watching.picture) == steady(snapshot)
        return True

    await eventually(same, says="the watcher shows something else")
    assert watching.picture is not None
    assert watching.picture["people"] == {"inside": 2}
    assert watching.standing.is_live


async def test_the_service_gone_it_says_so_and_comes_back_with_the_right_numbers(
    operations: Operations, impatient: None, impatient_watcher: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STALE_AFTER_S", 0.3)
    watching = Watching(operations.url, lambda: None)
    async with operations.at_work(), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(watching.run())
        await eventually(lambda: watching.standing.is_live)
        assert operations.host is not None
        operations.host.stopping.set()
        await eventually(lambda: not watching.standing.is_live and watching.standing.tries, says="it looks live")
        assert watching.standing.why
        assert watching.picture is not None, "what was known last stays on the screen"
        following.cancel()
    follower = asyncio.create_task(watching.run())
    try:
        await eventually(lambda: watching.standing.why == "operations does not answer")
        async with operations.at_work():
            await a_morning(operations)
            await eventually(lambda: (watching.picture or {})["people"] == {"inside": 2}, says="it did not come back")
            await eventually(lambda: watching.standing.is_live)
            assert watching.standing.why is None
    finally:
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


async def test_who_comes_back_soon_gets_what_was_missed_and_no_second_snapshot(
    at_work: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: list[str] = []
    take = Watching._take

    def noted(self: Watching, message: Mapping[str, str]) -> None:
        if "data" in message:
            kinds.append(message["event"])
        take(self, message)

    monkeypatch.setattr(Watching, "_take", noted)
    watching = Watching(at_work.url, lambda: None)
    async with running(watching.run()):
        await eventually(lambda: watching.picture is not None)
    snapshot = await a_morning(at_work)
    async with running(watching.run()):
        await eventually(lambda: steady(watching.picture or {}) == steady(snapshot), says="it missed something")
    assert kinds.count("snapshot") == 1


async def test_with_nobody_there_it_ends_with_a_sentence() -> None:
    with pytest.raises(NotFoundError, match="operations does not answer"):
        await Watching(f"http://127.0.0.1:{free_port()}", lambda: None).run()


async def test_who_may_not_watch_is_told_so(at_work: Operations) -> None:
    token = at_work.issuer.token("desk")
    with pytest.raises(RefusedError, match="You may not do this"):
        await Watching(at_work.url, lambda: token).run()


async def asked(words: Sequence[str]) -> Result:
    """The command as somebody types it, its output piped."""
    return await asyncio.to_thread(CliRunner(env={"COLUMNS": "80"}).invoke, app, ["watch", *words])


@pytest.fixture
def in_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "width", 80)


async def test_as_json_it_is_one_object_the_snapshot(at_work: Operations, tmp_path: Path) -> None:
    snapshot = await a_morning(at_work)
    file = tmp_path / "token"
    file.write_text(at_work.issuer.token("operations") + "\n")
    result = await asked(["--url", f"{at_work.url}/", "--token-file", str(file), "--json"])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["tier"] == "command"
    assert {part: printed[part] for part in steady(snapshot)} == {**steady(snapshot), "tier": "command"}


async def test_where_the_output_is_no_terminal_it_prints_the_picture_once(
    at_work: Operations, in_eighty_columns: None
) -> None:
    await a_morning(at_work)
    result = await asked(["--url", at_work.url])
    assert result.exit_code == 0, result.output
    assert "2 inside" in result.stdout
    assert "zone full" in result.stdout
    assert max(map(cell_len, result.stdout.splitlines())) <= 80


async def test_in_a_terminal_it_goes_on_and_gives_the_screen_back(
    at_work: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(command, "out", Console(file=written, force_terminal=True, width=80, height=30))
    shown = asyncio.create_task(command._watch(Watching(at_work.url, lambda: None), "en"))
    await eventually(lambda: "0 inside" in written.getvalue(), says="no first picture")
    await a_morning(at_work)
    await eventually(lambda: "2 inside" in written.getvalue(), says="it does not follow")
    shown.cancel()
    await asyncio.gather(shown, return_exceptions=True)
    assert written.getvalue().endswith("\x1b[?25h\x1b[?1049l")


async def test_a_token_file_belongs_to_an_address(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("x")
    result = await asked(["--token-file", str(file)])
    assert result.exit_code == 2
    assert "--token-file" in result.output


async def test_a_message_that_cannot_be_read_is_not_gone_on_from(watching: Watching) -> None:
    before = watching._last_event_id
    with pytest.raises(json.JSONDecodeError):
        watching._take({"id": "x-1", "event": "delta", "data": "{"})
    assert watching._last_event_id == before
