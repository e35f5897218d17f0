"""Commands that run things: the whole on this machine, a rehearsal, one service."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from contracts.words import ServiceName
from placet.cli import app, err, out
from placet.cli.options import Data

if TYPE_CHECKING:
    from chassis.run.embedded.folder import DataFolder
    from placet.scenario import Scenario
    from placet.system import EmbeddedSystem

T = TypeVar("T")

Service = Annotated[ServiceName, typer.Argument(envvar="PLACET_SERVICE", help="Which service.")]
"""An image of one service names it in its environment."""
ScenarioName = Annotated[str, typer.Argument(help="A folder of scenarios/ (hanoi, mini), or the path of one.")]


@app.command()
def up(
    data: Data = None,
    port_base: Annotated[int, typer.Option(help="First of six ports: the dashboard's.", min=1024, max=65_530)] = 8080,
    scenario: Annotated[str, typer.Option(help="The gathering: a folder of scenarios/, or a path.")] = "hanoi",
    pace: Annotated[float, typer.Option(help="Seconds of the gathering in a second of yours.", min=0.1)] = 60,
    seed: Annotated[int, typer.Option(help="Another seed, another course of events.")] = 1,
    simulate: Annotated[bool, typer.Option(help="Let the gathering unfold, or only lay out its venue.")] = True,
    otlp_endpoint: Annotated[str | None, typer.Option(help="Where traces go: http://127.0.0.1:4318.")] = None,
) -> None:
    """Starts everything on this machine: PostgreSQL, NATS, mailbox, four services, and the gathering.

    Ctrl-C stops all of it; started again it goes on where it was. Nothing is reachable from other machines.
    """
    from chassis.run.embedded.folder import DataFolder, default_folder

    gathering = _load(scenario)
    folder = DataFolder(data or default_folder(Path.cwd()))
    folder.lock()
    _require_same_gathering(folder, gathering)

    from placet.ports import Ports
    from placet.rehearsal.rehearse import embedded

    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        system = embedded(gathering, folder, Ports(port_base), otlp_endpoint)
        asyncio.run(_until_told_to_stop(_up(system, gathering, seed, pace if simulate else None)))


@app.command()
def rehearse(
    scenario: ScenarioName,
    seed: Annotated[int, typer.Option(help="Makes a run repeatable.")] = 1,
    pace: Annotated[str, typer.Option(help="'max', or seconds of the gathering in a second of yours.")] = "max",
    report: Annotated[Path | None, typer.Option(help="Where the report goes, as JSON.")] = None,
) -> None:
    """Plays a whole gathering on a fresh system of its own, and checks that nothing was lost or doubled.

    Exits 0 only if every check holds.
    """
    gathering, rate = _load(scenario), _rate(pace)
    if report is not None and not report.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {report.parent}", param_hint="--report")

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from placet.rehearsal.rehearse import rehearse as play
    from placet.rehearsal.rehearse import write

    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("starting", total=None)

        def progress(now: datetime, done: int, total: int) -> None:
            local = now.astimezone(gathering.clock_start.tzinfo)
            bar.update(task, description=f"playing  {local:%d %b %Y %H:%M}", completed=done, total=total)

        playing = play(
            gathering, seed, pace=rate, say=lambda step: bar.update(task, description=step), progress=progress
        )
        try:
            rehearsal = asyncio.run(_until_told_to_stop(playing))
        except asyncio.CancelledError:
            raise typer.Exit(128 + signal.SIGTERM) from None
    if report is not None:
        write(rehearsal.report, report)
    out.print_json(data=rehearsal.report)
    for failure in rehearsal.failures[:20]:
        err.print(f"FAILED: {failure}", style="red", markup=False)
    if rehearsal.failures:
        raise typer.Exit(1)
    err.print("Every check holds.", style="green")


@app.command()
def serve(service: Service) -> None:
    """Runs one service, configured by PLACET_* variables, until SIGTERM."""
    # The NATS client loads it where it is installed, for WebSockets, which no service speaks: 0.2 s and 9 MB of each.
    # Here the rehearsal needs it; in a service's image it is not. So an import of it fails here, too.
    sys.modules["aiohttp"] = None  # type: ignore[assignment]

    from chassis.run import host
    from placet.serving import settings_of, wiring_of

    host.serve(service, settings_of(service), wiring_of(service))


@app.command()
def migrate(service: Service) -> None:
    """Brings a service's database up to date, as its owner (PLACET_OWNER_DATABASE_URL)."""
    from placet.serving import bring_up_to_date

    applied = asyncio.run(bring_up_to_date(service))
    out.print("\n".join(applied) if applied else "Nothing to do.", markup=False)


async def _until_told_to_stop(work: Coroutine[Any, Any, T]) -> T:
    """SIGTERM ends ``work`` as Ctrl-C does: it stops what it started."""
    main = asyncio.current_task()
    assert main is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    return await work


async def _up(system: "EmbeddedSystem", gathering: "Scenario", seed: int, pace: float | None) -> None:
    """``pace`` None: the venue is laid out, and nothing unfolds."""
    from chassis.run.clock import ScenarioClock
    from placet.installation import Run
    from placet.rehearsal.live import go_on, prepare_venue

    clock = ScenarioClock(system.clock_file)
    if pace is None:
        clock.let_go()  # a show that was begun here before left it standing
    else:
        clock.set(gathering.clock_start)
    Run(system.ports.base, system.event, system.venue, gathering.name, system.time_zone).write(system.folder)
    system.say = lambda sentence: err.print(sentence, style="yellow", markup=False)
    try:
        with err.status("Starting …") as status:
            await system.start(lambda step: status.update(f"Starting {step} …"))
            status.update("Laying out the venue …")
            await prepare_venue(system, gathering)
        _introduce(system, gathering.title)
        if pace is not None:
            await go_on(system, gathering, seed, pace, err)
        await asyncio.Event().wait()
    finally:
        err.print("Stopping …")
        await system.stop()


def _require_same_gathering(folder: "DataFolder", gathering: "Scenario") -> None:
    """Two gatherings in one log would be neither."""
    from chassis.run.embedded.folder import FolderError
    from placet.installation import Run

    before = Run.read(folder.root)
    if before is not None and (before.event, before.venue) != (gathering.event, gathering.venue):
        raise FolderError(
            f"{folder.root} holds {before.scenario!r}. Go on with --scenario {before.scenario}, or name another folder "
            "with --data."
        )


def _rate(pace: str) -> float | None:
    """None: as fast as it goes."""
    if pace == "max":
        return None
    try:
        rate = float(pace)
    except ValueError:
        rate = 0
    if rate <= 0:
        raise typer.BadParameter("max, or a number above 0", param_hint="--pace")
    return rate


def _introduce(system: "EmbeddedSystem", title: str) -> None:
    from rich.table import Table

    table = Table(title=f"Placet: {title}", title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("Dashboard", system.ports.url("operations"))
    for service in ("accreditation", "access", "notifications"):
        table.add_row(service.capitalize(), f"{system.ports.url(service)}/openapi.json")
    table.add_row("NATS", f"{system.nats.url}   credentials: placet subscriber create NAME")
    table.add_row("Mail", f"{system.mail}   every message as a file")
    table.add_row("Data and logs", str(system.folder.root))
    table.add_row("A token", "placet token create --role desk")
    table.add_row("A scanner", "placet device enrol --gate GATE")
    out.print(table)
    out.print("Ctrl-C stops everything; started again it goes on where it was.\n")


def _load(name: str) -> "Scenario":
    from placet.places import ROOT
    from placet.scenario import load

    known = sorted(file.parent.name for file in (ROOT / "scenarios").glob("*/scenario.yaml"))
    if name not in known and not Path(name).is_dir():
        raise typer.BadParameter(f"{name} is none of {', '.join(known)}, and no folder")
    return load(ROOT / "scenarios" / name if name in known else Path(name))
