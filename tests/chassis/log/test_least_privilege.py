"""A service may read its log and append to it; it can never change or remove what is recorded."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from chassis.log.postgres import PostgresLog
from chassis.run.embedded.postgres import EmbeddedPostgres
from tests.conftest import Database, fresh_database
from tests.controls import new_event, to


@pytest.fixture(scope="module")
async def shared_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """One for all refusals: they leave nothing behind, or there would be a failure."""
    async with fresh_database(postgres) as fresh:
        yield fresh


@pytest.fixture
async def service(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await database.connect()
    yield connection
    await connection.close()


FORBIDDEN = {
    "insert": "INSERT INTO log.events SELECT * FROM log.events",
    "update": "UPDATE log.events SET data = '{}'",
    "update the head": "UPDATE log.head SET position = 0",
    "delete": "DELETE FROM log.events",
    "truncate": "TRUNCATE log.events",
    "drop": "DROP TABLE log.events",
    "drop the schema": "DROP SCHEMA log CASCADE",
    "alter": "ALTER TABLE log.events ADD COLUMN forged text",
    "lock": "SELECT * FROM log.head FOR UPDATE",
    "replace the function": "CREATE OR REPLACE FUNCTION log.begin_incarnation() RETURNS uuid LANGUAGE sql AS 'SELECT'",
    "a trigger": "CREATE TRIGGER t BEFORE INSERT ON log.events EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a new incarnation": "SELECT log.begin_incarnation()",
    "the migrations": "UPDATE public.migrations SET sha256 = ''",
    "a table beside the log": "CREATE TABLE log.mine ()",
    "a temporary table that looks like the head": "CREATE TEMPORARY TABLE head (LIKE log.head)",
    "a table in public": "CREATE TABLE public.mine ()",
    "become the owner": "SET ROLE $service_owner",
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_a_service_is_refused(what: str, shared_database: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await shared_database.pool.execute(FORBIDDEN[what].replace("$service", shared_database.service))


async def test_its_owner_is_not(database: Database) -> None:
    """Control: the statements are refused for who asks, not because they are wrong."""
    connection = await database.connect(owner=True)
    for what in ("update", "delete", "truncate", "lock", "a new incarnation", "drop", "drop the schema"):
        await connection.execute(FORBIDDEN[what])
    await connection.close()


async def test_nobody_enters_another_services_database(database: Database, other_database: Database) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(
            database.postgres.dsn(database.service, other_database.service), password=database.password
        )


async def test_nobody_enters_without_the_password(database: Database) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(database.dsn, password="guess")


async def test_a_function_of_the_service_cannot_slip_into_the_append(
    service: asyncpg.Connection, database: Database
) -> None:
    """The append runs as the owner: names in it must not lead to what the service has put in the way."""
    await service.execute(f"CREATE SCHEMA {database.service}")
    await service.execute(
        f"CREATE FUNCTION {database.service}.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql"
        " AS $$ BEGIN DELETE FROM log.events; RETURN 'epoch'; END $$"
    )
    await service.execute(f"SET search_path TO {database.service}, log, pg_catalog")
    await service.fetchval(
        "SELECT outcome FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        ["a"], [None], [1], [new_event().id], ["Noted"], [1], ["{}"], ["{}"], [None], [None], [None],
    )  # fmt: skip

    row = await service.fetchrow("SELECT position, recorded_at FROM log.events")
    assert row["position"] == 1
    assert row["recorded_at"].year > 1970


async def test_a_service_may_make_schemas_for_its_views(service: asyncpg.Connection) -> None:
    await service.execute("CREATE SCHEMA mine; CREATE TABLE mine.rows (id int); DROP SCHEMA mine CASCADE")


async def test_reading_and_appending_is_what_it_may(database: Database) -> None:
    log = PostgresLog(database.pool)
    await log.append(to("a", new_event()))
    assert len(await log.stream("a")) == 1
