"""Migrations are applied once, in order, and never edited afterwards."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from chassis.log.postgres import PostgresLog
from chassis.run.database import CHASSIS_MIGRATIONS, MigrationChangedError, migrate
from tests.conftest import Database
from tests.controls import new_event, to


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "desk" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_first.sql").write_text('CREATE SCHEMA desk; GRANT USAGE ON SCHEMA desk TO :"service";')
    (folder / "0002_second.sql").write_text("CREATE TABLE desk.second (id int);")
    return folder


async def _migrate(database: Database, *folders: Path) -> list[str]:
    connection = await database.connect(owner=True)
    try:
        return await migrate(connection, database.service, folders)
    finally:
        await connection.close()


async def test_each_is_applied_once(database: Database, migrations: Path) -> None:
    assert await _migrate(database, CHASSIS_MIGRATIONS, migrations) == ["desk/0001_first", "desk/0002_second"]
    (migrations / "0003_third.sql").write_text("CREATE TABLE desk.third (id int);")
    assert await _migrate(database, CHASSIS_MIGRATIONS, migrations) == ["desk/0003_third"]
    assert await _migrate(database, CHASSIS_MIGRATIONS, migrations) == []


async def test_one_that_was_edited_afterwards_is_refused(database: Database, migrations: Path) -> None:
    await _migrate(database, migrations)
    with (migrations / "0001_first.sql").open("a") as file:
        file.write(" -- harmless")

    with pytest.raises(MigrationChangedError, match="desk/0001_first"):
        await _migrate(database, migrations)


async def test_one_that_fails_leaves_nothing_of_its_run(database: Database, migrations: Path) -> None:
    (migrations / "0003_third.sql").write_text("CREATE TABLE desk.third (id int); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _migrate(database, migrations)

    assert await database.pool.fetchval("SELECT to_regnamespace('desk')") is None
    (migrations / "0003_third.sql").unlink()
    assert len(await _migrate(database, migrations)) == 2


async def test_two_at_once_wait_for_each_other(database: Database, migrations: Path) -> None:
    both = await asyncio.gather(_migrate(database, migrations), _migrate(database, migrations))

    assert sorted(map(len, both)) == [0, 2]


async def test_a_name_that_is_no_service_is_refused(database: Database, migrations: Path) -> None:
    connection = await database.connect(owner=True)
    with pytest.raises(ValueError, match="x; DROP"):
        await migrate(connection, "x; DROP", [migrations])
    await connection.close()


async def test_a_restored_log_gets_another_identity_and_goes_on_counting(database: Database, log: PostgresLog) -> None:
    await log.append(to("a", new_event()))
    before = await log.head()
    owner = await database.connect(owner=True)
    given = await owner.fetchval("SELECT log.begin_incarnation()")
    await owner.close()
    after = await log.head()

    assert after.log_id == given != before.log_id
    assert (after.position, after.number) == (before.position, before.number)
