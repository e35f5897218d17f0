"""The entry point: registers every family of commands, and turns foreseen errors into a sentence."""

import sys

from placet.cli import app, care, desk, err, keys, running
from placet.cli.errors import expected

__all__ = ["care", "desk", "keys", "main", "running"]


def main() -> None:
    """Runs a command. Expected errors are one sentence on stderr and exit code 1."""
    try:
        app()
    except Exception as error:
        if not isinstance(error, expected()):
            raise
        err.print(str(error), style="red", markup=False)
        sys.exit(1)
