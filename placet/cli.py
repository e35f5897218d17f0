"""The command line."""

from typing import Annotated

import typer

from contracts.words import ServiceName

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Accreditation and access control for gatherings.")


@app.callback()
def _commands() -> None:
    """So that one command alone is still a command."""


@app.command()
def serve(service: Annotated[ServiceName, typer.Argument(help="Which service.")]) -> None:
    """Runs one service, configured by PLACET_* variables, until SIGTERM."""
    from placet.serving import NotConfiguredError, run

    try:
        run(service)
    except NotConfiguredError as error:
        typer.echo(f"{service} is not configured:\n{error}", err=True)
        raise typer.Exit(2) from None


def main() -> None:
    app()
