"""PostgreSQL of an embedded run recovers from what a laptop does to it, and lets nobody in without a password."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from chassis.log.log import Appended
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from chassis.run.embedded.folder import DataFolder, temporary_folder
from chassis.run.embedded.postgres import EmbeddedPostgres
from chassis.run.embedded.process import is_running
from tests.conftest import Database
from tests.controls import eventually, new_event, to


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[list[EmbeddedPostgres]]:
    """Servers of this file's own data folder; tests add theirs."""
    started = [EmbeddedPostgres(DataFolder(temporary_folder("tests")))]
    await started[0].start()
    await started[0].provide("desk")
    yield started
    for server in started:
        await server.stop()
    shutil.rmtree(started[0]._folder.root)


async def _position(server: EmbeddedPostgres) -> int:
    pool = await connect(server.dsn("desk", "desk"), server.password_file("desk").read_text(), size=1)
    try:
        log = PostgresLog(pool)
        assert isinstance(await log.append(to("a", new_event())), Appended)
        return (await log.head()).position
    finally:
        pool.terminate()


async def test_after_a_kill_everything_committed_is_there(servers: list[EmbeddedPostgres]) -> None:
    server = servers[0]
    before = await _position(server)
    assert server.child is not None
    await server.child.kill()
    await server.start()

    assert await _position(server) == before + 1


async def test_after_a_kill_it_waits_for_those_who_were_at_work(servers: list[EmbeddedPostgres]) -> None:
    """A session that is busy does not notice at once that its server is dead, and holds its memory."""
    server = servers[0]
    before = await _position(server)
    connection = await server.superuser()
    pid = await connection.fetchval("SELECT pg_backend_pid()")
    busy = asyncio.create_task(connection.execute("SELECT count(*) FROM generate_series(1, 4000000)"))
    watcher = await server.superuser()
    await eventually(lambda: watcher.fetchval("SELECT state = 'active' FROM pg_stat_activity WHERE pid = $1", pid))
    watcher.terminate()
    assert server.child is not None
    await server.child.kill()

    await server.start()

    assert not is_running(pid, "postgres")
    assert await _position(server) == before + 1
    await asyncio.wait([busy])
    connection.terminate()


async def test_an_orphan_is_ended_and_its_data_taken_over(servers: list[EmbeddedPostgres]) -> None:
    """A server that outlived its run holds the folder when the next one starts."""
    orphan = servers[0]
    before = await _position(orphan)
    assert orphan.child is not None
    successor = EmbeddedPostgres(DataFolder(orphan._folder.root))
    servers.append(successor)

    await successor.start()

    await eventually(lambda: orphan.child is not None and not orphan.child.running)
    assert await _position(successor) == before + 1
    servers.remove(orphan)


async def test_a_process_that_got_the_number_of_a_dead_server_is_left_alone(servers: list[EmbeddedPostgres]) -> None:
    server = servers[0]
    await server.stop()
    lock = server._data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{server._data}\n")
    server._folder.hand_over(lock)

    await server.start()

    assert await _position(server)


async def test_a_first_start_that_was_cut_short_is_begun_anew() -> None:
    """The folder holds a cluster, or none: never half of one."""
    folder = DataFolder(temporary_folder("tests"))
    server = EmbeddedPostgres(folder)
    half = server._data.with_name("data.new")
    half.mkdir(mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    folder.hand_over(half)
    try:
        await server.start()
        assert await server.provide("desk")
    finally:
        await server.stop()
        shutil.rmtree(folder.root)


async def test_migrations_are_applied_once_however_often_a_run_starts(servers: list[EmbeddedPostgres]) -> None:
    assert await servers[0].provide("desk") == []
    assert await servers[0].provide("gate") == [
        "chassis/0001_log",
        "chassis/0002_readers",
        "chassis/0003_lease",
        "chassis/0004_lease_address",
    ]


async def test_nobody_is_let_in_without_the_password(database: Database) -> None:
    for role in ("postgres", f"{database.service}_owner", database.service):
        for password in (None, "", "postgres"):
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await asyncpg.connect(database.postgres.dsn(role, database.service), password=password or "x")


async def test_it_listens_on_no_network_and_keeps_statements_to_itself(servers: list[EmbeddedPostgres]) -> None:
    server = servers[0]
    connection = await asyncpg.connect(server.dsn("desk", "desk"), password=server.password_file("desk").read_text())
    assert await connection.fetchval("SHOW listen_addresses") == ""
    assert await connection.fetchval("SHOW fsync") == "on"
    with pytest.raises(asyncpg.PostgresError):
        await connection.execute("SELECT 'secret-of-hoa'::int")
    await connection.close()

    log = (server._folder.logs / "postgres.log").read_text()
    assert "secret-of-hoa" not in log


async def test_no_password_is_seen_in_the_list_of_processes(database: Database) -> None:
    assert database.postgres.child is not None
    arguments = Path(f"/proc/{database.postgres.child.pid}/cmdline")
    if not arguments.exists():
        pytest.skip("no /proc here")
    assert b"password" not in arguments.read_bytes().replace(b"password_encryption", b"")
