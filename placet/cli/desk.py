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


@app.command()
def explain(
    scan_id: Annotated[str, typer.Argument(help="Of the scan, as its verdict has it.")],
    language: Annotated[str, typer.Option(help="en, fr, es, ru, zh, ar or vi.")] = "en",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Why a scan was decided as it was: decided again from the log, and what would have admitted the person."""
    from placet.installation import Installation

    path = f"/v1/scans/{scan_id}/explanation"
    explanation = Installation(data).get("access", path, "auditor", language=language)
    if as_json:
        out.print_json(data=explanation)
    else:
        _print_explanation(explanation)


def _print_explanation(explanation: dict[str, Any]) -> None:
    from rich.table import Table

    where = f"{explanation['gate_id']} into {explanation['zone_id']}"
    decided = f"{explanation['decided_at']}, position {explanation['position']}"
    out.print(
        f"[bold]{explanation['outcome'].upper()}[/bold] at {where}, {decided}, policy {explanation['policy_version']}"
    )
    if explanation["decided_again"] is None:
        out.print(f"It was not decided by itself: it follows from {explanation['because_of'] or explanation['basis']}.")
    elif explanation["same_again"]:
        out.print(f"Decided again on the {explanation['decided_on']} events before it, it comes out the same.")
    else:
        out.print(f"[red]Decided again by this release, it comes out {explanation['decided_again']}.[/red]")
    if explanation["failed"]:
        table = Table("failed check", "BACnet", "to the guest", "what would have helped", "facts")
        for failed in explanation["failed"]:
            facts = "\n".join(f"{name}: {_fact(value)}" for name, value in failed["facts"].items())
            mark = "[bold red]" if failed["decisive"] else ""
            number = str(failed["standard_codes"]["bacnet"])
            table.add_row(f"{mark}{failed['code']}", number, failed["guest"], failed["remedy"], facts)
        out.print(table)
    out.print(f"{len(explanation['passed'])} checks passed.")


def _fact(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_fact, value)) or "none"
    if isinstance(value, dict):
        return " ".join(f"{name} {_fact(inner)}" for name, inner in value.items())
    return "none" if value is None else str(value)


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
