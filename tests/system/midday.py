"""A gathering played up to a moment, on a real embedded system that goes on running."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

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
from placet.scenario.gathering import Scenario
from placet.system import EmbeddedSystem
from tests.controls import eventually


@dataclass(frozen=True)
class Midday:
    """Everything stands as it did at the moment; the clock of the gathering rests there."""

    scenario: Scenario
    system: EmbeddedSystem
    outsider: Outsider
    journal: Journal
    clock: ScenarioClock

    @property
    def room(self) -> str:
        """Where the operations room is."""
        return self.system.ports.url("operations")

    def token(self, role: str) -> str:
        return tokens(self.system)(role)

    async def caught_up(self) -> None:
        """Returns when operations has applied everything that access and accreditation told."""

        async def has() -> bool:
            reads = (await self.outsider.get("operations", "/ready", "auditor")).body["reads"]
            for source in ("access", "accreditation"):
                head = (await self.outsider.get(source, "/v1/log", "auditor", after=2**40, limit=1)).body["head"]
                if reads[source] != head:
                    return False
            return True

        await eventually(has, 60, every_s=0.1, says="operations lags behind")


@asynccontextmanager
async def midday(name: str, moment: datetime, say: Callable[[str], None] = lambda _step: None) -> AsyncIterator[Midday]:
    """Of ``scenarios/<name>`` with seed 1. ``say`` hears what is being done."""
    scenario = load(ROOT / "scenarios" / name)
    folder = DataFolder(temporary_folder(f"midday-{name}"))
    folder.lock()
    system = embedded(scenario, folder)
    clock = ScenarioClock(system.clock_file)
    clock.set(scenario.clock_start)
    try:
        await system.start(say)
        journal = Journal(folder.root / "journal.sqlite")
        outsider = Outsider(system.ports.url, tokens(system))
        say("venue")
        await lay_out(scenario, outsider)
        await put_up_scanners(scenario, outsider, journal)
        conductor = Conductor(scenario, plan(scenario, seed=1).actions, outsider, journal, clock)
        await conductor.play_at_full_speed(moment, lambda now, _done, _total: say(f"{now:%d %B}"))
        clock.set(moment)
        found = Midday(scenario, system, outsider, journal, clock)
        await found.caught_up()
        yield found
        await outsider.close()
        journal.close()
    finally:
        await system.stop()
        shutil.rmtree(folder.root, ignore_errors=True)
