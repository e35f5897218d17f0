"""Views: read models folded from a log, each in a database schema of its own. A view is disposable; the log is not.

The schema's comment holds a digest of the view's definition, and when its tables were made: a view whose tables changed
is rebuilt at the next start.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import asyncpg

from chassis.log import cursors
from chassis.log.cursors import Cursor, CursorMovedError
from chassis.log.decider import E
from chassis.log.postgres import PostgresLog
from chassis.log.source import OwnLog
from chassis.run.database import passing
from chassis.run.logging import Logger

_PAGE = 1_000
_POLL_S = 0.25
_COMMENTS = """
    SELECT nspname, coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = ANY($1)
"""

log = Logger(__name__)

T_contra = TypeVar("T_contra", contravariant=True)
T = TypeVar("T")


class View(Protocol[T_contra]):
    """One read model. Its tables are made by ``tables`` (SQL, unqualified names) in the schema ``name``."""

    name: str
    tables: Path

    async def project(self, connection: asyncpg.Connection, events: Sequence[T_contra]) -> None:
        """Folds events into the tables; unqualified names lead to the view's own schema."""
        ...


Progress = Callable[[str, int, int], None]
"""Hears (source, done, total) after each page of a rebuild."""
Fold = Callable[[str], Awaitable[None]]
"""Folds everything there is into the schema of that name, as the reader of that name; again: what came since."""


class LogRestoredError(Exception):
    """The log is not the one the view was folded from: it was restored, and the view must be folded anew."""


async def ensure(pool: asyncpg.Pool, view: View[T], fold: Fold) -> None:
    """Makes the view's tables where there are none, and rebuilds a view whose definition changed."""
    async with pool.acquire() as connection:
        found = await connection.fetchval("SELECT obj_description(to_regnamespace($1), 'pg_namespace')", view.name)
        if found is None:
            async with connection.transaction():
                await _forget(connection, view.name)  # a view that somebody dropped is folded from the beginning
                await _create(connection, view, view.name)
            return
    if found.partition(" ")[0] != _digest(view):
        log.info("view_changed", view=view.name)
        await rebuild(pool, view, fold)


async def rebuild(pool: asyncpg.Pool, view: View[T], fold: Fold) -> None:
    """Folds everything anew beside the live view, then swaps. Queries see the old one until the new one stands."""
    shadow = _shadow(view.name)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f'DROP SCHEMA IF EXISTS "{shadow}" CASCADE')
        await _forget(connection, shadow)
        await _create(connection, view, shadow)
    await fold(shadow)
    async with pool.acquire() as connection, connection.transaction():
        # The live view's reader cannot move its cursor from here on; it rolls back, and goes on after the swap.
        await _forget(connection, view.name)
        await fold(shadow)  # what it got since: nobody who has seen an effect may lose sight of it
        for table in ("cursors", "dead_letters"):
            await connection.execute(f"UPDATE readers.{table} SET reader = $1 WHERE reader = $2", view.name, shadow)
        await connection.execute(f'DROP SCHEMA IF EXISTS "{view.name}" CASCADE')
        await connection.execute(f'ALTER SCHEMA "{shadow}" RENAME TO "{view.name}"')
    log.info("view_rebuilt", view=view.name)


async def made(pool: asyncpg.Pool, name: str) -> tuple[datetime | None, datetime | None]:
    """Since when the view's tables are there, and since when others are being filled to take their place.

    In real time, None for none. What a rebuild left behind that was cut short looks like one that goes on.
    """
    comments: dict[str, str] = dict(await pool.fetch(_COMMENTS, [name, _shadow(name)]))
    live, shadow = (_made_at(comments.get(schema, "")) for schema in (name, _shadow(name)))
    return live, shadow


async def _forget(connection: asyncpg.Connection, reader: str) -> None:
    for table in ("cursors", "dead_letters"):
        await connection.execute(f"DELETE FROM readers.{table} WHERE reader = $1", reader)


async def _create(connection: asyncpg.Connection, view: View[T], schema: str) -> None:
    async with connection.transaction():
        await connection.execute(f'CREATE SCHEMA "{schema}"')
        await connection.execute(f'SET LOCAL search_path TO "{schema}"')
        await connection.execute(view.tables.read_text("utf-8"))
        await connection.execute(f"COMMENT ON SCHEMA \"{schema}\" IS '{_digest(view)} {datetime.now(UTC).isoformat()}'")


def _shadow(name: str) -> str:
    return f"{name}_next"


def _made_at(comment: str) -> datetime | None:
    """None for a comment of an earlier release, which did not tell."""
    text = comment.partition(" ")[2]
    return datetime.fromisoformat(text) if text else None


def _digest(view: View[T]) -> str:
    return hashlib.sha256(view.tables.read_bytes()).hexdigest()[:16]


class OwnView(Generic[E]):
    """Keeps a view of the service's own log current. Runs in the active process only."""

    def __init__(self, pool: asyncpg.Pool, events: PostgresLog, source: OwnLog[E], view: View[E]) -> None:
        self._pool = pool
        self._log = events
        self._source = source
        self.view = view
        self._projects = False  # else another process does, and only its cursor tells how far it is
        self._position = -1  # below an empty log's: there are no tables yet
        self._moved = asyncio.Condition()

    async def run(self) -> None:
        """Projects until cancelled."""
        self._projects = True
        try:
            await self._run()
        finally:
            self._projects, self._position = False, -1

    async def _run(self) -> None:
        while True:
            try:
                await ensure(self._pool, self.view, self.fold)
                await self._follow()
            except LogRestoredError:
                log.warning("view_of_another_log", view=self.view.name)
                self._position = -1
                await self.rebuild()
            except Exception as error:
                if not (passing(error) or isinstance(error, CursorMovedError)):
                    raise
                log.info("view_put_off", view=self.view.name, error=type(error).__name__)
                await asyncio.sleep(_POLL_S)

    @property
    def position(self) -> int:
        """Of the last event projected by this process; below that of an empty log while another one does it."""
        return self._position

    async def current(self, patience_s: float = 5.0) -> None:
        """Returns once the view holds everything that had been appended when this was called.

        So whoever got an answer to a command sees its effect in the next query. Raises TimeoutError.
        """
        position = (await self._log.head()).position
        async with asyncio.timeout(patience_s):
            while not await self._holds(position):
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_S), self._moved:
                        await self._moved.wait_for(lambda: self._position >= position)

    async def _holds(self, position: int) -> bool:
        if self._projects:
            return self._position >= position
        async with self._pool.acquire() as connection:
            cursor = await cursors.load(connection, self.view.name, self._source.name)
        return cursor is not None and cursor.number >= position

    async def rebuild(self, progress: Progress = lambda _source, _done, _total: None) -> None:
        """Folds everything anew beside the live view, then swaps."""
        await rebuild(self._pool, self.view, partial(self.fold, progress=progress))

    async def fold(self, schema: str, progress: Progress = lambda _source, _done, _total: None) -> None:
        """Folds the whole log, or the rest of it, into the view's tables in ``schema``, as the reader ``schema``."""
        async with self._pool.acquire() as connection:
            cursor = await cursors.load(connection, schema, self._source.name)
        while True:
            cursor, head = await self._project_page(schema, cursor)
            progress(self._source.name, cursor.number, head)
            if cursor.number >= head:
                return

    async def _follow(self) -> None:
        async with self._pool.acquire() as connection:
            cursor = await cursors.load(connection, self.view.name, self._source.name)
        while True:
            commits = self._log.commits
            cursor, head = await self._project_page(self.view.name, cursor)
            async with self._moved:
                self._position = cursor.number
                self._moved.notify_all()
            if cursor.number >= head:
                await self._log.more(commits, _POLL_S)

    async def _project_page(self, schema: str, cursor: Cursor | None) -> tuple[Cursor, int]:
        """Folds the next events; where the cursor stands then, and where the log does."""
        page = await self._source.read(cursor.number if cursor else 0, _PAGE)
        if cursor is not None and (page.log_id != cursor.log_id or page.head < cursor.number):
            raise LogRestoredError(self.view.name)
        if cursor is not None and page.reached == cursor.number:
            return cursor, page.head
        async with self._pool.acquire() as connection, connection.transaction():
            cursor = cursor or await cursors.begin(connection, schema, self._source.name, page.log_id)
            await connection.execute(f'SET LOCAL search_path TO "{schema}"')
            # The cursor first, in the order in which ``rebuild`` takes its locks; it becomes true with the rows.
            cursor = await cursors.move(connection, schema, self._source.name, cursor, page.reached)
            await self.view.project(connection, page.events)
            return cursor, page.head
