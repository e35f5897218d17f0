"""deploy/postgres/init.sh makes what embedded runs make, and what our migrations and services need."""

import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.run.embedded.folder import DataFolder, temporary_folder
from chassis.run.embedded.postgres import EmbeddedPostgres, _wheel_bin
from contracts.topology import SERVICES
from placet.serving import bring_up_to_date
from tests.chassis.log.test_least_privilege import FORBIDDEN
from tests.deploy.conftest import DEPLOY, Compose
from tests.deploy.test_compose import EXAMPLE, OF_THE_IMAGE, resolved

_ROLES = """
    SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
           rolconnlimit, rolvaliduntil, rolpassword ~ '^SCRAM-SHA-256' AS scram,
           ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = pg_authid.oid) AS member_of
    FROM pg_authid WHERE rolname::text IN ($1, $1 || '_owner') ORDER BY rolname
"""
_DATABASE = """
    SELECT datname, pg_get_userbyid(datdba) AS owner, datacl::text, encoding, datcollate, datctype, datallowconn,
           datconnlimit, ARRAY(SELECT setconfig::text FROM pg_db_role_setting WHERE setdatabase = oid) AS settings
    FROM pg_database WHERE datname = $1
"""


class Server(EmbeddedPostgres):
    """PostgreSQL as its image has it when init.sh is run: empty but for the superuser."""

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(folder)
        self.folder = folder

    def init(self) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": f"{_wheel_bin()}:{os.environ['PATH']}",
            "PGHOST": str(self.folder.run),
            "PLACET_SECRETS": str(self.folder.secrets),
        }
        script = DEPLOY / "postgres/init.sh"
        return subprocess.run([script], env=environment, capture_output=True, text=True, check=False)

    async def facts(self, service: str) -> list[dict[str, Any]]:
        """What the server knows of a service's roles and database."""
        connection = await self.superuser()
        rows = [*await connection.fetch(_ROLES, service), *await connection.fetch(_DATABASE, service)]
        await connection.close()
        return [dict(row) for row in rows]


@pytest.fixture(scope="module")
async def server(made: Path) -> AsyncIterator[Server]:
    """Initialised by the script."""
    folder = DataFolder(temporary_folder("deploy"))
    for file in made.glob("postgres-*"):
        shutil.copy(file, folder.secrets)
    postgres = Server(folder)
    await postgres.start()
    done = postgres.init()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    yield postgres
    assert postgres.child is not None
    postgres.child.process.send_signal(signal.SIGQUIT)
    await postgres.stop()
    shutil.rmtree(folder.root)


@pytest.mark.parametrize("service", SERVICES)
async def test_roles_databases_and_grants_are_those_of_embedded_runs(service: str, server: Server) -> None:
    await server.provide("reference")
    expected = repr(await server.facts("reference")).replace("reference", service)

    assert repr(await server.facts(service)) == expected
    assert len(await server.facts(service)) == 3  # two roles and a database


async def test_a_difference_would_be_seen(server: Server) -> None:
    """Control."""
    await server.provide("reference")
    before = await server.facts("reference")
    connection = await server.superuser()
    await connection.execute("GRANT TEMPORARY ON DATABASE reference TO reference")
    changed = await server.facts("reference")
    await connection.execute("REVOKE TEMPORARY ON DATABASE reference FROM reference")
    await connection.close()

    assert changed != before


async def test_run_again_it_changes_nothing(server: Server) -> None:
    before = [await server.facts(service) for service in SERVICES]
    done = server.init()

    assert (done.returncode, done.stderr) == (0, "")
    assert [await server.facts(service) for service in SERVICES] == before


async def test_without_a_password_it_says_which(server: Server) -> None:
    file = server.folder.secrets / "postgres-operations_owner"
    kept = file.read_bytes()
    file.write_bytes(b"")
    done = server.init()
    file.write_bytes(kept)

    assert done.returncode == 1
    assert str(file) in done.stderr


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_run_as_the_owner_and_the_service_has_no_more_than_it_needs(
    service: str, server: Server, compose: Compose, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = resolved(compose["services"][f"{service}-migrate"]["environment"], EXAMPLE)
    here = {
        "PLACET_OWNER_DATABASE_URL": server.dsn(f"{service}_owner", service),
        "PLACET_OWNER_DATABASE_PASSWORD_FILE": str(server.folder.secrets / f"postgres-{service}_owner"),
    }
    for name, value in {**OF_THE_IMAGE, **environment, **here}.items():
        monkeypatch.setenv(name, value)

    assert "chassis/0001_log" in await bring_up_to_date(service)  # type: ignore[arg-type]
    assert await bring_up_to_date(service) == []  # type: ignore[arg-type]

    password = (server.folder.secrets / f"postgres-{service}").read_text()
    connection = await asyncpg.connect(server.dsn(service, service), password=password, timeout=5)
    for what in FORBIDDEN.values():
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(what.replace("$service", service))
    await connection.execute("CREATE SCHEMA mine; CREATE TABLE mine.rows (id int); DROP SCHEMA mine CASCADE")
    await connection.close()


async def test_nobody_enters_anothers_database(server: Server) -> None:
    password = (server.folder.secrets / "postgres-access").read_text()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(server.dsn("access", "accreditation"), password=password, timeout=5)
