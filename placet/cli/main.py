"""The entry point: registers every family of commands, and turns foreseen errors into a sentence."""

import sys

from chassis.run.foreseen import ForeseenError
from placet.cli import app, care, desk, err, keys, running, venue, watch

__all__ = ["care", "desk", "keys", "main", "running", "venue", "watch"]


def main() -> None:
    """Runs a command. Foreseen errors are one sentence on stderr and exit code 1."""
    try:
        app()
    except ForeseenError as error:
        err.print(str(error), style="red", markup=False)
        sys.exit(1)
