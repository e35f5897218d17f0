"""A gathering that unfolds before somebody's eyes: prepared at full speed, then at the pace asked for, and resumed."""

import asyncio
import time
from datetime import datetime, timedelta

from rich.console import Console

from chassis.run.clock import ScenarioClock
from placet.plan import plan
from placet.rehearsal.beating import Beating
from placet.rehearsal.conductor import Conductor
from placet.rehearsal.journal import Journal
from placet.rehearsal.layout import lay_out, put_up_scanners
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.rehearse import tokens
from placet.scenario.gathering import Scenario
from placet.system import EmbeddedSystem

_TICK_S = 0.1
_BEATS_EVERY_S = 15.0


async def prepare_venue(system: EmbeddedSystem, gathering: Scenario) -> None:
    """Lays out the gathering's venue; nobody comes yet."""
    outsider = Outsider(system.ports.url, tokens(system))
    try:
        await lay_out(gathering, outsider)
    finally:
        await outsider.close()


async def go_on(system: EmbeddedSystem, gathering: Scenario, seed: int, pace: float, console: Console) -> None:
    """Plays the gathering from where its journal stands to its end, then keeps its time until cancelled."""
    outsider = Outsider(system.ports.url, tokens(system))
    journal = Journal(system.folder.root / f"journal-{gathering.name}-{seed}.sqlite")
    try:
        await put_up_scanners(gathering, outsider, journal)
        clock = ScenarioClock(system.clock_file)
        beating = Beating(gathering, outsider, journal.devices(), clock, _BEATS_EVERY_S)
        conductor = Conductor(gathering, plan(gathering, seed).actions, outsider, journal, clock, beating)
        async with beating.heard():
            with console.status("") as status:

                def prepared(now: datetime, done: int, total: int) -> None:
                    status.update(f"Preparing: {_local(now, gathering)}, {done:,} of {total:,} things done")

                await conductor.play_at_full_speed(gathering.ceremony_starts, prepared)
                console.print(
                    f"The gathering unfolds at {pace:g} times its pace. Watch {system.ports.url('operations')}"
                )

                def unfolding(now: datetime, done: int, total: int) -> None:
                    status.update(f"{_local(now, gathering)}   {done:,} of {total:,} things done")

                await conductor.play_live(pace, unfolding)
            console.print("The gathering is over. Everything stays up until Ctrl-C.")
            await _keep_time(clock)
    finally:
        await outsider.close()
        journal.close()


async def _keep_time(clock: ScenarioClock) -> None:
    """Lets time go on at its own pace, for whoever scans afterwards."""
    began, began_at = time.monotonic(), clock.now()
    while True:
        clock.set(began_at + timedelta(seconds=time.monotonic() - began))
        await asyncio.sleep(_TICK_S)


def _local(now: datetime, gathering: Scenario) -> str:
    return f"{now.astimezone(gathering.clock_start.tzinfo):%A %d %B %Y %H:%M}"
