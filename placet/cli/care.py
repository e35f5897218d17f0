"""Commands that care for the record: read it, mirror it anew, rebuild what was folded from it, find what is wrong."""

import asyncio
import time
from typing import Annotated, Any

import typer

from contracts.words import ServiceName
from placet.cli import app, err, out
from placet.cli.options import AsJson, Data

log = typer.Typer(no_args_is_help=True, help="A service's log: the record of everything that happened.")
views = typer.Typer(no_args_is_help=True, help="Views: what is folded from logs, and can be folded again.")
consumers = typer.Typer(no_args_is_help=True, help="How far a service has read another.")
dead_letters = typer.Typer(no_args_is_help=True, help="Events that could not be applied.")
app.add_typer(log, name="log")
app.add_typer(views, name="views")
app.add_typer(consumers, name="consumers")
app.add_typer(dead_letters, name="dead-letters")

Service = Annotated[ServiceName, typer.Argument(help="Which service.")]


@log.command("read")
def read_log(
    service: Service,
    after: Annotated[int, typer.Option(help="The last number you have.")] = 0,
    types: Annotated[str | None, typer.Option(help="Event names with commas between.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as events come.")] = False,
    data: Data = None,
) -> None:
    """Prints a service's shared events in order, one JSON object a line."""
    import json

    from placet.installation import Installation

    installation = Installation(data)
    while True:
        page = installation.get(service, "/v1/log", "auditor", after=after, limit=500, types=types)
        for event in page["events"]:
            typer.echo(json.dumps(event, ensure_ascii=False))
        if page["complete_to"] == after:
            if not follow:
                return
            time.sleep(0.5)
        after = page["complete_to"]


@log.command("republish")
def republish_log(service: Service, data: Data = None) -> None:
    """Makes a service's stream anew from its log, in order: for a stream with a hole, or one of another log.

    Readers notice nothing but a pause; outside subscribers go on where they were.
    """
    from rich.progress import Progress

    from placet.installation import Installation
    from placet.republishing import republish

    installation = Installation(data)
    head = installation.get(service, "/v1/log", "auditor", after=2**40, limit=1)["head"]
    with Progress(console=err) as bar:
        task = bar.add_task(f"{service} to its stream", total=head)
        asyncio.run(republish(installation.broker(), service, head, lambda done: bar.update(task, completed=done)))
    out.print(f"The stream of {service} holds all {head} events.", markup=False)


@views.command("rebuild")
def rebuild_views(service: Service, data: Data = None) -> None:
    """Folds a service's views anew beside the live ones, and swaps. Queries are answered meanwhile."""
    from rich.progress import Progress

    from placet.installation import Installation, service_environment
    from placet.rebuilding import rebuild

    with service_environment(Installation(data), service), Progress(console=err) as bar:
        tasks: dict[str, Any] = {}

        def progress(source: str, done: int, total: int) -> None:
            if source not in tasks:
                tasks[source] = bar.add_task(f"from {source}", total=total)
            bar.update(tasks[source], completed=done, total=total)

        rebuilt = asyncio.run(rebuild(service, progress))
    out.print(f"Rebuilt: {', '.join(rebuilt) or 'nothing, this service has no views'}", markup=False)


@consumers.command("reset")
def reset_consumer(
    service: Service,
    source: Annotated[ServiceName, typer.Argument(help="The service it reads.")],
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Lets a service read another from the beginning again, after that one's log was restored.

    Commands that follow from events have ids made from them, so nothing happens twice; views are rebuilt.
    """
    from placet.installation import Installation, service_environment
    from placet.rebuilding import reset

    if not yes:
        typer.confirm(
            f"Shall {service} accept the log of {source} as it is now, and read it from its beginning?", abort=True
        )
    installation = Installation(data)
    head = installation.get(source, "/v1/log", "auditor", after=2**40, limit=1)
    with service_environment(installation, service):
        asyncio.run(reset(service, source, head["log_id"], lambda _source, _done, _total: None))
    out.print(f"{service} reads {source} from the beginning.", markup=False)


@dead_letters.command("list")
def list_dead_letters(service: Service, data: Data = None, as_json: AsJson = False) -> None:
    """Lists the events a service could not apply, and those that wait behind them."""
    from rich.table import Table

    from placet.installation import Installation

    letters = Installation(data).get(service, "/v1/dead-letters", "admin")
    if as_json:
        out.print_json(data={"dead_letters": letters})
        return
    table = Table("source", "number", "about", "event", "why", "since")
    for one in letters:
        since = one["parked_at"][:19].replace("T", " ")
        table.add_row(one["source"], str(one["number"]), one["about"], one["type"], one["error"], since)
    out.print(table if letters else "None.")


@dead_letters.command("retry")
def retry_dead_letters(
    service: Service,
    source: Annotated[ServiceName, typer.Argument(help="Where the events came from.")],
    about: Annotated[str, typer.Argument(help="The entity they are about, as listed.")],
    data: Data = None,
) -> None:
    """Applies an entity's parked events in their order, all or none."""
    from placet.installation import Installation

    body = {"source": source, "about": about}
    done = Installation(data).post(service, "/v1/dead-letters/retry", "admin", body=body)
    out.print(f"Events applied: {done['applied']}")


@dead_letters.command("discard")
def discard_dead_letters(
    service: Service,
    source: Annotated[ServiceName, typer.Argument(help="Where the events came from.")],
    about: Annotated[str, typer.Argument(help="The entity they are about, as listed.")],
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Gives up an entity's parked events for ever; later ones are applied again."""
    from placet.installation import Installation

    if not yes:
        typer.confirm(
            f"Shall {service} never apply the parked events about {about}? What they would have closed, opens.",
            abort=True,
        )
    body = {"source": source, "about": about}
    done = Installation(data).post(service, "/v1/dead-letters/discard", "admin", body=body)
    out.print(f"Events given up: {done['discarded']}")


@app.command()
def doctor(data: Data = None, as_json: AsJson = False) -> None:
    """Says what is wrong with this installation, and the next step. Exits 1 if anything is."""
    from placet.checkup import examine

    findings = examine(data)
    wrong = [finding for finding in findings if not finding.well]
    if as_json:
        out.print_json(data={"well": not wrong, "findings": [finding.as_dict() for finding in findings]})
    else:
        for finding in findings:
            mark = "[green]well [/]" if finding.well else "[red]wrong[/]"
            out.print(f"{mark}  ", end="")
            out.print(f"{finding.what}: {finding.found}", markup=False)
            if finding.next_step:
                out.print(f"       {finding.next_step}", style="yellow", markup=False)
        out.print("All is well." if not wrong else f"{len(wrong)} things are wrong.")
    if wrong:
        raise typer.Exit(1)
