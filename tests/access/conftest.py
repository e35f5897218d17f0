"""What the specifications of access stand on."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from chassis.run.embedded.postgres import EmbeddedPostgres
from tests.access.running import Access, access_on, key_published
from tests.conftest import Database, Issuer, fresh_database

settings.register_profile("placet", deadline=None)  # a busy machine is no failure
settings.load_profile("placet")


@pytest.fixture(scope="module")
def people_issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Signs the tokens of people and services for all tests of a file."""
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
async def module_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """One for all tests of a file: each brings its own people."""
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture(scope="module")
async def centre(
    module_database: Database, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Access]:
    """The congress centre with its doors open, for all tests of a file."""
    async with access_on(module_database, people_issuer, tmp_path_factory.mktemp("access")) as access, access.leading():
        await access.lay_out()
        await access.hears(key_published())
        yield access


@pytest.fixture
async def access(
    module_database: Database, database: Database, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Access]:
    """The congress centre on a database of its own, its gatekeeper not leading yet."""
    async with access_on(database, people_issuer, tmp_path_factory.mktemp("access")) as access:
        yield access
