"""What the specifications of accreditation stand on."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from chassis.run.embedded.postgres import EmbeddedPostgres
from tests.accreditation.running import Desk, accreditation_database, desk_on
from tests.conftest import Database, Issuer

settings.register_profile("placet", deadline=None)  # a busy machine is no failure
settings.load_profile("placet")


@pytest.fixture(scope="module")
def people_issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Signs the tokens of people and services for all tests of a file."""
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
async def desk(
    postgres: EmbeddedPostgres, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """The service with its matrix set, for all tests of a file: each invites its own delegations."""
    async with (
        accreditation_database(postgres) as database,
        desk_on(database, people_issuer, tmp_path_factory.mktemp("accreditation")) as desk,
    ):
        await desk.has_rules()
        yield desk


@pytest.fixture
async def vault_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database of accreditation for one test."""
    async with accreditation_database(postgres) as database:
        yield database
