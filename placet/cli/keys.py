"""Commands that give somebody access: people, outside systems, scanners."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from contracts.roles import ROLES
from placet.cli import app, out
from placet.cli.options import AsJson, Data

token = typer.Typer(no_args_is_help=True, help="Tokens for people and programs.")
subscriber = typer.Typer(no_args_is_help=True, help="Outside systems that read event streams.")
controller = typer.Typer(no_args_is_help=True, help="Edge controllers of gates, which send scans over NATS.")
device = typer.Typer(no_args_is_help=True, help="Scanners at gates.")
app.add_typer(token, name="token")
app.add_typer(subscriber, name="subscriber")
app.add_typer(controller, name="controller")
app.add_typer(device, name="device")

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _lifetime(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([mhd])", text)
    if found is None:
        raise typer.BadParameter("a number and m, h or d: 30m, 8h, 7d", param_hint="--ttl")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _known(roles: list[str]) -> list[str]:
    for role in roles:
        if role not in ROLES:
            raise typer.BadParameter(f"{role} is not one of {', '.join(ROLES)}")
    return roles


@token.command("create")
def create_token(
    role: Annotated[list[str], typer.Option(callback=_known, help="What the token may do; repeat for several.")],
    delegation: Annotated[str | None, typer.Option(help="The one delegation a focal point registers for.")] = None,
    ttl: Annotated[str, typer.Option(metavar="TIME", help="30m, 8h, 7d.")] = "8h",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Prints a bearer token of the embedded run's own issuer.

    For programs: Authorization: Bearer TOKEN. For people: open the pages at this machine, choose "Sign in", paste it.
    One is signed in until the token ends; it takes a role such as operations, commander, supervisor or auditor.
    """
    from placet.installation import Installation
    from placet.issuer import LocalIssuer

    if ("focal_point" in role) != (delegation is not None):
        raise typer.BadParameter("a focal point, and nobody else, is bound to a --delegation")
    lifetime = _lifetime(ttl)
    made = LocalIssuer(Installation(data).folder()).token(role, lifetime, delegation=delegation)
    if as_json:
        out.print_json(data={"token": made, "roles": role, "expires_in_s": int(lifetime.total_seconds())})
    else:
        out.print(made, soft_wrap=True, markup=False)


@subscriber.command("create")
def create_subscriber(
    name: Annotated[str, typer.Argument(help="A token of a-z, 0-9 and -.")],
    stream: Annotated[list[str], typer.Option(help="What it reads; repeat for several.")] = ["ACCESS", "ACCREDITATION"],  # noqa: B006
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Makes read-only NATS credentials and a durable on each stream. The same name again renews both."""
    from placet.installation import Installation
    from placet.letting_in import create_subscriber

    _show(asyncio.run(create_subscriber(Installation(data).system(), name, [one.upper() for one in stream])), as_json)


@controller.command("create")
def create_controller(
    name: Annotated[str, typer.Argument(help="A token of a-z, 0-9 and -.")],
    gate: Annotated[list[str], typer.Option(help="A gate whose scans it sends; repeat for several.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Makes NATS credentials for the scans of these gates, and nothing else. The same name again renews them.

    They open the way; who may scan is shown by the token of a device enrolled at the gate: placet device enrol.
    """
    from placet.installation import Installation
    from placet.letting_in import create_controller

    made = asyncio.run(create_controller(Installation(data), name, gate))
    _show(made, as_json)
    if not as_json:
        out.print("\nAn example, with the nats command line and $TOKEN of a device:")
        out.print(
            f"nats --server {made['url']} --nkey {made['seed_file']} --inbox-prefix {made['inbox_prefix']} "
            f'request {made["subjects"][0]} -H "Authorization: Bearer $TOKEN" "$(cat scan.json)"',
            soft_wrap=True,
            markup=False,
        )


def _show(made: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        out.print_json(data=made)
        return
    for field, value in made.items():
        out.print(f"{field:13} {value if isinstance(value, str) else ', '.join(value)}", soft_wrap=True, markup=False)


@device.command("enrol")
def enrol_device(
    gate: Annotated[str, typer.Option(help="The gate the scanner stands at.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Prints a code that enrols one scanner at a gate, within ten minutes.

    The scanner trades it for its token: POST /v1/devices/enrol {code, public_key}.
    """
    from placet.installation import Installation

    installation = Installation(data)
    issued = installation.post("access", "/v1/devices/codes", "supervisor", body={"gate_id": gate})
    if as_json:
        out.print_json(data=issued)
    else:
        out.print(issued["code"], markup=False)
