"""The command line: ``placet``. One file a family of commands; each loads what it needs, so that --help is instant."""

import typer
from rich.console import Console

app = typer.Typer(
    name="placet",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Accreditation and access control for high-security gatherings.\n\n"
    "[bold]placet up[/] starts everything on this machine; [bold]placet doctor[/] says what is wrong.",
)
out = Console(highlight=False)
"""What was asked for."""
err = Console(stderr=True, highlight=False)
"""Progress and errors."""
