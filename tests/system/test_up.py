"""``placet up`` as its user meets it: starts, goes on where it was, says what is wrong, leaves nothing behind."""

import asyncio
import socket
from pathlib import Path

import psutil
import pytest

from chassis.run.clock import ScenarioClock
from chassis.run.embedded.folder import DataFolder
from placet.installation import Run
from placet.rehearsal import ledger
from placet.rehearsal.journal import Journal
from placet.rehearsal.rehearse import settle
from tests.controls import eventually
from tests.system.launcher import data_folder, not_started, until_up, up

_MINI = ("--scenario", "mini", "--pace", "12000")


@pytest.mark.soak
async def test_a_show_that_was_interrupted_goes_on_where_it_was_and_leaves_nothing_behind_even_when_killed() -> None:
    async with data_folder() as data:
        async with up(data, *_MINI) as first:
            await until_up(first)
            await eventually(lambda: "unfolds" in first.output(), 60, every_s=0.05)
            half_way = await eventually(lambda: _scans(data) > 100 and _scans(data), 60, every_s=0.1)
            processes = list(first.children().values())
            first.interrupt()
            assert await asyncio.wait_for(first.process.wait(), 30) == 0
            assert [process for process in processes if process.is_running()] == []

        async with up(data, *_MINI) as second:
            await eventually(lambda: "The gathering is over" in second.output(), 90, every_s=0.1)
            outsider, journal = second.outsider(), Journal(data / "journal-mini-1.sqlite")
            try:
                await settle(outsider)
                drawn_up = await ledger.draw_up(second.system, journal, outsider)
            finally:
                await outsider.close()
                journal.close()
            assert drawn_up.failures() == []
            assert drawn_up.acknowledged > half_way

            clock = ScenarioClock(data / "clock")
            over_at = clock.now()
            await eventually(lambda: clock.now() > over_at, says="time stands still after the show")
            processes = list(second.children().values())
            assert len(processes) == 7
            second.process.kill()
            await second.process.wait()
            await eventually(lambda: not [one for one in processes if _alive(one)], 20)


async def test_a_taken_port_is_named_with_another_to_use() -> None:
    async with data_folder() as data:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            said = await not_started("--data", data, "--port-base", str(port))

    assert f"Port {port}, for operations, is taken" in said
    assert "--port-base" in said


async def test_two_gatherings_are_never_mixed_in_one_folder() -> None:
    async with data_folder() as data:
        Run(8080, "elsewhere-2025", "elsewhere", "elsewhere").write(DataFolder(data))
        said = await not_started("--data", data, "--scenario", "mini")

    assert "holds 'elsewhere'" in said
    assert "--scenario elsewhere" in said


async def test_a_scenario_that_does_not_exist_is_said_in_a_sentence() -> None:
    said = await not_started("--scenario", "atlantis")

    assert "atlantis" in said
    assert "Traceback" not in said


async def test_told_to_stop_while_everything_starts_it_leaves_nothing_behind() -> None:
    async with data_folder() as data, up(data, "--no-simulate", "--scenario", "mini") as run:
        await eventually(lambda: "postgres" in run.children(), 30, every_s=0.1)
        processes = list(run.children().values())
        run.process.terminate()
        assert await asyncio.wait_for(run.process.wait(), 30) == 0
        assert "Traceback" not in run.output()

        await eventually(lambda: not [one for one in processes if _alive(one)], 20)


def _scans(data: Path) -> int:
    file = data / "journal-mini-1.sqlite"
    if not file.exists():
        return 0
    journal = Journal(file)
    try:
        return len(journal.acknowledged())
    finally:
        journal.close()


def _alive(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
