"""One ``placet up --no-simulate`` for all tests that leave it as they found it."""

from collections.abc import AsyncIterator

import pytest

from tests.system.collector import Collector
from tests.system.guests import Desk, Scanner
from tests.system.launcher import Launched, data_folder, until_up, up


@pytest.fixture(scope="session")
async def collector() -> AsyncIterator[Collector]:
    """Where the running system sends its traces."""
    async with Collector.started() as started:
        yield started


@pytest.fixture(scope="session")
async def launched(collector: Collector) -> AsyncIterator[Launched]:
    """A running system with the venue of Hanoi laid out, and nobody there."""
    async with data_folder() as data, up(data, "--no-simulate", "--otlp-endpoint", collector.url) as run:
        await until_up(run)
        yield run


@pytest.fixture(scope="session")
async def desk(launched: Launched) -> AsyncIterator[Desk]:
    outsider = launched.outsider()
    yield Desk(outsider)
    await outsider.close()


@pytest.fixture(scope="session")
async def scanner(desk: Desk) -> Scanner:
    """At a gate of the grounds."""
    return await desk.scanner("gate-south")
