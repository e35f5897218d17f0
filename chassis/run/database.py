"""A service's database: its pool, its migrations, and which errors pass by themselves."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import asyncpg

_PASSING = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.exceptions.InvalidCachedStatementError,  # a view was swapped under a prepared statement
    asyncpg.exceptions.InternalClientError,  # the protocol was cut in mid-sentence
    asyncpg.exceptions.OperatorInterventionError,  # shut down, crashed, starting up
    asyncpg.exceptions.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.exceptions.TransactionRollbackError,  # serialisation failure, deadlock
)


def passing(error: BaseException) -> bool:
    """Whether ``error`` lies with the connection or the server rather than with what was asked.

    Trying again may help, and nothing is poisoned by it.
    """
    # A value that asyncpg cannot encode is an InterfaceError too, and a ValueError besides: it never passes.
    return isinstance(error, _PASSING) and not isinstance(error, ValueError)


CHASSIS_MIGRATIONS = Path(__file__).parent.parent / "migrations"


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """Instead of a round trip each time a connection comes back: nobody here leaves anything behind in a session."""


async def connect(dsn: str, password: str, *, size: int = 10, application: str = "placet") -> asyncpg.Pool:
    """A pool on a database; raises a ``passing`` error while the server is not there."""
    return await asyncpg.create_pool(
        dsn,
        password=password,
        min_size=1,
        max_size=size,
        command_timeout=15,
        reset=_leave_as_it_is,
        timeout=5,
        server_settings={
            "application_name": application,
            "idle_in_transaction_session_timeout": "10s",
            "jit": "off",  # our statements are short; compiling them costs more than it saves
        },
    )


class MigrationChangedError(Exception):
    """A migration that was applied already has been edited: write a new one instead."""


async def migrate(connection: asyncpg.Connection, service: str, folders: Sequence[Path]) -> list[str]:
    """Brings the database up to date as its owner; the names of the migrations applied now.

    ``folders`` are taken in order, each with numbered ``.sql`` files. Two at once wait for each other.
    Raises MigrationChangedError.
    """
    applied = []
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('placet.migrations'))")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS public.migrations"
            " (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = dict(await connection.fetch("SELECT name, sha256 FROM public.migrations"))
        for file in (file for folder in folders for file in sorted(folder.glob("*.sql"))):
            name = f"{file.parent.parent.name}/{file.stem}"
            text = file.read_text("utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if done.get(name, digest) != digest:
                raise MigrationChangedError(name)
            if name not in done:
                await connection.execute(_for_service(text, service))
                await connection.execute("INSERT INTO public.migrations (name, sha256) VALUES ($1, $2)", name, digest)
                applied.append(name)
    return applied


def _for_service(sql: str, service: str) -> str:
    """Fills in ``:"service"``, as ``psql -v service=...`` would."""
    if not re.fullmatch(r"[a-z]+", service):
        raise ValueError(service)
    return sql.replace(':"service"', f'"{service}"')
