"""``placet up`` as a user runs it: a process of its own, in a data folder of its own."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from chassis.run.embedded.folder import temporary_folder
from placet.installation import Installation
from placet.ports import free_ports
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.rehearse import tokens
from placet.system import EmbeddedSystem
from tests.controls import eventually

PLACET = Path(sys.executable).parent / "placet"
STARTS_WITHIN_S = 60.0


@dataclass
class Launched:
    """A running ``placet up``."""

    process: asyncio.subprocess.Process
    data: Path
    port_base: int
    printed: Path

    @property
    def installation(self) -> Installation:
        return Installation(self.data)

    @property
    def system(self) -> EmbeddedSystem:
        """Names, files and credentials of the run; its processes belong to the launcher."""
        return self.installation.system()

    def outsider(self) -> Outsider:
        return Outsider(self.system.ports.url, tokens(self.system))

    def children(self) -> dict[str, psutil.Process]:
        """The launcher's processes by name: services, ``postgres``, ``nats-server``, ``mailbox``."""
        return {_name(child): child for child in psutil.Process(self.process.pid).children()}

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def output(self) -> str:
        return self.printed.read_text(encoding="utf-8", errors="replace")


@asynccontextmanager
async def data_folder() -> AsyncIterator[Path]:
    """A folder for one or several runs, removed afterwards."""
    root = temporary_folder("system")
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@asynccontextmanager
async def up(data: Path, *arguments: str, port_base: int | None = None) -> AsyncIterator[Launched]:
    """``placet up`` in ``data``; ended with Ctrl-C if it still runs at the end."""
    base = port_base or free_ports().base
    printed = data.with_name(f"{data.name}-{base}.out")
    with printed.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            PLACET, "up", "--data", data, "--port-base", str(base), *arguments,
            stdout=out, stderr=out, env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
    launched = Launched(process, data, base, printed)
    try:
        yield launched
    finally:
        if process.returncode is None:
            launched.interrupt()
            await asyncio.wait_for(process.wait(), 60)
        printed.unlink()


async def until_up(launched: Launched) -> None:
    """Returns when the launcher has said that everything is there."""

    def says_so() -> bool:
        if launched.process.returncode is not None:
            raise RuntimeError(launched.output())
        return "Ctrl-C stops everything" in launched.output()

    await eventually(says_so, STARTS_WITHIN_S, every_s=0.05)


async def placet(*arguments: str | Path, data: Path, code: int = 0, variables: Mapping[str, str] = {}) -> str:
    """What a command prints on stdout; it must end with ``code``. ``variables``: further ones of its environment."""
    process = await asyncio.create_subprocess_exec(
        PLACET, *arguments, "--data", data,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200", **variables},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == code, f"{arguments}: {process.returncode}\n{out.decode()}\n{err.decode()}"
    return out.decode() if code == 0 else out.decode() + err.decode()


async def not_started(*arguments: str | Path) -> str:
    """What ``placet up`` says when it will not start."""
    process = await asyncio.create_subprocess_exec(
        PLACET, "up", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode in {1, 2}
    return " ".join(out.decode().split())


def _name(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    found = re.search(r"serve (\w+)|(mailbox)|(nats-server)|(postgres)", command)
    return next(filter(None, found.groups())) if found else command
