"""Commands of the desk and the gate."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from contracts.words import Direction
from placet.cli import app, err, out
from placet.cli.options import AsJson, Data

roster = typer.Typer(no_args_is_help=True, help="Rosters: many people at once.")
app.add_typer(roster, name="roster")

_COLOURS = {"admitted": "green", "exited": "cyan", "refused": "red"}


@roster.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, UTF-8, one person a row.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; store nothing.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Names the people of a roster, and says row by row what became of each.

    The header is: delegation,family_name,given_name,title,category,function,email,language. The same file again gives
    the same result. Exits 1 if a row was refused.
    """
    import hashlib

    from placet.installation import Installation

    content = file.read_bytes()
    key = hashlib.sha256(content).hexdigest()
    with err.status(f"Importing {file.name} …"):
        report = Installation(data).post(
            "accreditation", "/v1/rosters", "desk", body=content, key=key, dry_run=str(dry_run).lower()
        )
    if as_json:
        out.print_json(data=report)
    else:
        _print_report(report)
    if report["refused"]:
        raise typer.Exit(1)


@app.command()
def scan(
    credential: Annotated[str, typer.Argument(help="The text of the badge, AC1:…")],
    gate: Annotated[str, typer.Option(help="Where it is shown.")],
    direction: Annotated[Direction, typer.Option(help="Going in or out.")] = "in",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """A gate in the terminal: shows a badge to access and prints the verdict. Exits 1 if it was refused."""
    from placet.installation import Installation

    body = {
        "scan_id": str(uuid4()),
        "gate_id": gate,
        "direction": direction,
        "credential": credential,
        "scanned_at": datetime.now(UTC).isoformat(),
        "source": "manual",
    }
    verdict = Installation(data).post("access", "/v1/scans", "supervisor", body=body)
    if as_json:
        out.print_json(data=verdict)
    else:
        _print_verdict(verdict)
    if verdict["outcome"] == "refused":
        raise typer.Exit(1)


def _print_report(report: dict[str, Any]) -> None:
    from rich.table import Table

    refused = [row for row in report["results"] if row["status"] == "refused"]
    if refused:
        table = Table("line", "refused because", "field")
        for row in refused:
            table.add_row(str(row["line"]), row["code"], row["field"] or "")
        out.print(table)
    verb = "would be accepted" if report["dry_run"] else "accepted"
    out.print(f"{report['rows']} rows: {report['accepted']} {verb}, {report['refused']} refused.")


def _print_verdict(verdict: dict[str, Any]) -> None:
    from rich.panel import Panel
    from rich.text import Text

    holder, occupancy = verdict["holder"], verdict["occupancy"]
    lines = [verdict["message"]]
    if verdict["reason"]:
        lines.append(f"reason: {verdict['reason']}")
    if verdict["warnings"]:
        lines.append(f"warnings: {', '.join(verdict['warnings'])}")
    if holder:
        lines.append(f"{holder['name']}, {holder['category']}, speaks {holder['language']}")
    lines.append(f"{verdict['zone']['name']}: {occupancy['count']} of {occupancy['capacity'] or 'no limit'} inside")
    lines.append(f"scan {verdict['scan_id']}, position {verdict['position']}")
    colour = _COLOURS[verdict["outcome"]]
    out.print(Panel(Text("\n".join(lines)), title=verdict["outcome"].upper(), border_style=colour, expand=False))
