"""``python -m tests.operations.screenshot FILE``: the dashboard on the first day of Hanoi, from a real run.

Everything runs as in ``placet up``; what happened until then is played at full speed, which takes some minutes.
"""

import asyncio
import shutil
import sys
from datetime import datetime
from pathlib import Path

from chassis.run.clock import ScenarioClock
from chassis.run.embedded.folder import DataFolder, temporary_folder
from placet.places import ROOT
from placet.plan import plan
from placet.rehearsal.conductor import Conductor
from placet.rehearsal.journal import Journal
from placet.rehearsal.layout import lay_out, put_up_scanners
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.rehearse import embedded, tokens
from placet.scenario import load
from placet.system import EmbeddedSystem
from tests.controls import eventually
from tests.operations.browser import Screen, launched

_MOMENT = datetime.fromisoformat("2025-10-25T16:05:00+07:00")  # four round tables have begun, one before a full room
_WIDTH, _HEIGHT = 1920, 1080


async def take(file: Path) -> None:
    """Plays the gathering up to the moment and writes what the operations room sees then."""
    scenario = load(ROOT / "scenarios" / "hanoi")
    folder = DataFolder(temporary_folder("screenshot"))
    folder.lock()
    system = embedded(scenario, folder)
    clock = ScenarioClock(system.clock_file)
    clock.set(scenario.clock_start)
    try:
        await system.start(_say)
        journal = Journal(folder.root / "journal.sqlite")
        outsider = Outsider(system.ports.url, tokens(system))
        _say("venue")
        await lay_out(scenario, outsider)
        await put_up_scanners(scenario, outsider, journal)
        conductor = Conductor(scenario, plan(scenario, seed=1).actions, outsider, journal, clock)
        await conductor.play_at_full_speed(_MOMENT, lambda now, _done, _total: _say(f"{now:%d %B}"))
        await _photograph(system, outsider, file)
        await outsider.close()
        journal.close()
    finally:
        await system.stop()
        shutil.rmtree(folder.root, ignore_errors=True)


async def _photograph(system: EmbeddedSystem, outsider: Outsider, file: Path) -> None:
    async def is_current() -> bool:
        head = (await outsider.get("access", "/v1/log", "auditor", after=2**40, limit=1)).body["head"]
        reads = (await outsider.get("operations", "/ready", "auditor")).body["reads"]
        return bool(reads["access"] == head)

    await eventually(is_current, 60, every_s=0.2, says="operations lags behind")
    async with launched() as browser:
        screen = Screen(await browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, locale="en-GB"))
        await screen.page.goto(system.ports.url("operations"))
        await screen.live()
        await screen.page.screenshot(path=file, full_page=True)


_said: list[str] = []


def _say(step: str) -> None:
    """Each step once."""
    if step not in _said[-1:]:
        _said.append(step)
        sys.stderr.write(f"{step}\n")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
