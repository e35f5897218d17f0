"""The live picture in the terminal."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from placet.cli import app, out
from placet.cli.options import AsJson, Data

if TYPE_CHECKING:
    from placet.watch.stream import Token, Watching

_LOOK_S = 0.2  # as often as operations tells


@app.command()
def watch(
    url: Annotated[str | None, typer.Option(help="Of operations: https://room.example. Default: the run here.")] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Bearer token for --url, read anew at each connection."),
    ] = None,
    language: Annotated[Literal["en", "fr", "vi"], typer.Option(help="Of the names of zones.")] = "en",
    once: Annotated[bool, typer.Option("--once", help="Print the picture as it is now, and end.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shows the operations room's live picture: people inside, zones, gates, refusals, incidents, orders.

    What grows old says so, and the connection is made anew for as long as it
    takes. Ctrl-C ends it. Where the output is no terminal, it is printed once.

    For --url the token may stand in PLACET_TOKEN instead of a file; without one,
    an embedded run still shows its totals to anybody at the machine.
    """
    from placet.watch.screen import screen
    from placet.watch.stream import Standing, Watching, snapshot

    where, token = _operations(url, token_file, data)
    if as_json:
        out.print_json(data=snapshot(where, token))
    elif once or not out.is_terminal:
        picture = snapshot(where, token)
        out.print(screen(picture, Standing(age_s=0), out.width, _ALL_ROWS, language))
    else:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_watch(Watching(where, token), language))


_ALL_ROWS = 10_000


def _operations(url: str | None, token_file: Path | None, data: Path | None) -> "tuple[str, Token]":
    """Where operations is, and what opens it. Raises NotFoundError."""
    import os

    from placet.installation import Installation

    if token_file is not None and url is None:
        raise typer.BadParameter("it belongs to --url", param_hint="--token-file")
    if url is None:
        installation = Installation(data)
        return installation.url("operations"), lambda: installation.token("operations")
    if token_file is None:
        return url.rstrip("/"), lambda: os.environ.get("PLACET_TOKEN")
    return url.rstrip("/"), lambda: token_file.read_text().strip()


async def _watch(watching: "Watching", language: str) -> None:
    from rich.live import Live

    from placet.watch.screen import screen

    listening = asyncio.create_task(watching.run())
    drawn: object = None
    try:
        with Live(console=out, screen=True, auto_refresh=False) as live:
            while not listening.done():
                # Drawn for news, for another size of the window, and each second, since ages grow.
                due = watching.messages, watching.standing.is_live, int(time.monotonic()), out.size
                if due != drawn:
                    drawn = due
                    picture, standing = watching.picture, watching.standing
                    live.update(screen(picture, standing, out.width, out.height, language), refresh=True)
                await asyncio.wait([listening], timeout=_LOOK_S)
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
