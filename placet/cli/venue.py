"""Commands that change what a venue is: its zones, gates, rules, sessions and seats, from one file."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from placet.cli import app, err, out
from placet.cli.options import AsJson, Data

venue = typer.Typer(no_args_is_help=True, help="The venue: zones, gates, rules, sessions and seats, as one file.")
app.add_typer(venue, name="venue")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML; docs/venue.example.yaml explains it.")]
_MARKS = {"added": "[green]+[/]", "changed": "[yellow]~[/]", "retired": "[red]-[/]"}


@venue.command("apply")
def apply_venue(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shows what a file changes about the venue, asks, and puts it in force in one piece.

    What the file does not list is retired or cancelled. Gates stay open or closed as they are. The gates decide by the
    new policy from the next scan on. The same file again changes nothing.
    """
    from placet.installation import Installation

    installation = Installation(data)
    preview = _applied(installation, file, dry_run=True)
    if not as_json:
        _print_changes(preview["changes"])
    if dry_run or not preview["changes"]:
        receipt = preview
    else:
        if not yes:
            typer.confirm(
                f"Shall this be the policy from now on, after version {preview['version']}?", abort=True, err=True
            )
        receipt = _applied(installation, file, dry_run=False, expected_version=preview["version"])
    if as_json:
        out.print_json(data={**receipt, "changes": preview["changes"]})
    elif not preview["changes"]:
        out.print(f"Nothing to change: version {receipt['version']} says the same.")
    elif not dry_run:
        out.print(f"Policy version {receipt['version']} is in force, digest {receipt['digest'][:12]}.")


@venue.command("export")
def export_venue(
    file: Annotated[Path | None, typer.Argument(dir_okay=False, help="Where to write it. Default: here.")] = None,
    data: Data = None,
) -> None:
    """Writes the file of what is in force now: edit it, and apply it again."""
    from placet.installation import Installation
    from placet.venue_file import written

    document = Installation(data).get("access", "/v1/policy", "auditor", brief="true")
    text = written(document["policy"], f"Policy version {document['version']}, digest {document['digest'][:12]}.")
    if file is None:
        typer.echo(text, nl=False)
    else:
        file.write_text(text, "utf-8")
        err.print(f"Written: {file}", markup=False)


@venue.command("show")
def show_venue(data: Data = None, as_json: AsJson = False) -> None:
    """Prints the policy in force: the zones, one within the other, with their gates, and the programme."""
    from placet.installation import Installation

    document = Installation(data).get("access", "/v1/policy", "auditor")
    if as_json:
        out.print_json(data=document)
        return
    _print_zones(document)
    _print_sessions(document["policy"])
    out.print(f"Policy version {document['version']}, digest {document['digest'][:12]}.")


def _applied(installation: Any, file: Path, *, dry_run: bool, expected_version: int | None = None) -> dict[str, Any]:
    """The service's answer to the file. Raises VenueFileError for what is wrong with it, line by line."""
    from placet.installation import RefusedError
    from placet.venue_file import VenueFile

    said = VenueFile(file)
    body = {"policy": said.policy, "dry_run": dry_run, "expected_version": expected_version}
    try:
        answer: dict[str, Any] = installation.post("access", "/v1/policy", "admin", body=body)
    except RefusedError as error:
        raise (said.wrong(error.problem) if error.problem.get("errors") else error) from None
    return answer


def _print_changes(changes: list[dict[str, Any]]) -> None:
    for change in changes:
        out.print(f"{_MARKS[change['change']]} ", end="")
        out.print("the rules" if change["kind"] == "rules" else f"{change['kind']} {change['id']}", markup=False)
        for field, values in change["fields"].items():
            out.print(f"    {field}: {_difference(values['old'], values['new'])}", markup=False)


def _difference(old: Any, new: Any) -> str:
    """What became of a field; of a list, what came and what went."""
    if isinstance(old, list) and isinstance(new, list):
        came = [f"+{_plain(one)}" for one in new if one not in old]
        went = [f"-{_plain(one)}" for one in old if one not in new]
        return " ".join(came + went) or "in another order"
    return f"{_plain(old)} -> {_plain(new)}"


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _print_zones(document: dict[str, Any]) -> None:
    from rich.table import Table

    policy, states = document["policy"], document["gate_states"]
    depth = {None: -1}
    table = Table("zone", "area", "class", "passback", "capacity", "gates")
    for zone in policy["zones"]:  # outer ones come first
        depth[zone["zone_id"]] = depth[zone["parent_id"]] + 1
        gates = [gate["gate_id"] for gate in policy["gates"] if gate["to_zone_id"] == zone["zone_id"]]
        table.add_row(
            "  " * depth[zone["zone_id"]] + zone["zone_id"],
            zone["area"],
            zone["zone_class"],
            zone["passback"],
            str(zone["capacity"] or "no limit"),
            ", ".join(gate if states[gate] == "open" else f"{gate} ({states[gate]})" for gate in gates),
        )
    out.print(table)


def _print_sessions(policy: dict[str, Any]) -> None:
    from rich.table import Table

    if not policy["sessions"]:
        return
    table = Table("session", "zone", "from", "to", "admits")
    for session in sorted(policy["sessions"], key=lambda one: one["starts_at"]):
        admits = [*session["categories"], *session["delegations"]]
        admits += [f"{len(session['people'])} people by name"] if session["people"] else []
        start, end = (session[time][:16].replace("T", " ") for time in ("starts_at", "ends_at"))
        table.add_row(session["session_id"], session["zone_id"], start, end, ", ".join(admits) or "all of the area")
    out.print(table)
