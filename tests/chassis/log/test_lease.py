"""One active process a service: whoever holds the lease works, and is succeeded soon when it stops renewing."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from chassis.log.lease import Lease
from tests.chassis.faults import line_to
from tests.conftest import Database
from tests.controls import eventually, running

_ROOT = Path(__file__).parents[3]
_TERM_S = 3.0  # what a succession may take: 2 s of the term, half a second until the next try, and some
_OTHER_PROCESS = """
import asyncio, os, sys
import asyncpg
from chassis.log.lease import Lease

async def connect():
    return await asyncpg.connect(os.environ["DSN"], password=os.environ["PASSWORD"], timeout=5)

async def work():
    print("leads", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("stops", flush=True)

asyncio.run(Lease(connect).lead(work))
"""


class Worker:
    """A contender, and whether it is at work."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.works = False
        self.started = 0

    async def lead(self) -> None:
        await self.lease.lead(self._work)

    async def _work(self) -> None:
        self.works = True
        self.started += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.works = False


@pytest.fixture
def contender(database: Database) -> Worker:
    return Worker(Lease(database.connect))


@asynccontextmanager
async def _another_process(database: Database) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that holds the lease."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OTHER_PROCESS, cwd=_ROOT, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DSN": database.dsn, "PASSWORD": database.password},
    )  # fmt: skip
    try:
        assert await _says(process) == "leads"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _says(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 10)
    return line.decode().strip()


async def test_of_two_one_works(database: Database, contender: Worker) -> None:
    other = Worker(Lease(database.connect))
    renewals: set[object] = set()

    async def renewed_often() -> bool:
        assert not (contender.works and other.works)
        renewals.add(await database.pool.fetchval("SELECT until FROM run.lease"))
        return len(renewals) > 3

    async with running(contender.lead(), other.lead()):
        await eventually(lambda: contender.works or other.works)
        await eventually(renewed_often)
        assert contender.started + other.started == 1
        assert contender.lease.held.is_set() is contender.works


async def test_one_that_ends_in_order_is_succeeded_at_once(database: Database, contender: Worker) -> None:
    other = Worker(Lease(database.connect))
    async with running(contender.lead()):
        await eventually(lambda: contender.works)
    assert not contender.works
    async with running(other.lead()):
        await eventually(lambda: other.works, 1.0)  # half the term


async def test_one_that_was_killed_is_succeeded_when_its_term_is_over(database: Database, contender: Worker) -> None:
    async with _another_process(database) as process, running(contender.lead()):
        process.kill()
        killed_at = time.monotonic()
        await eventually(lambda: contender.works, _TERM_S)

        assert time.monotonic() - killed_at > 1.0, "it was taken before the term was over"


async def test_one_that_was_paused_loses_the_lease_and_stops_when_it_wakes(
    database: Database, contender: Worker
) -> None:
    async with _another_process(database) as process, running(contender.lead()):
        process.send_signal(signal.SIGSTOP)
        await eventually(lambda: contender.works, _TERM_S)
        process.send_signal(signal.SIGCONT)

        assert await _says(process) == "stops"
        assert contender.works
        assert contender.started == 1


async def test_whoever_loses_the_database_stops_and_goes_on_when_it_is_back(database: Database) -> None:
    async with line_to(database.dsn) as line:

        async def over_the_line() -> asyncpg.Connection:
            return await asyncpg.connect(line.through(database.dsn), password=database.password, timeout=2)

        worker = Worker(Lease(over_the_line))
        async with running(worker.lead()):
            await eventually(lambda: worker.works)
            line.cut()
            await eventually(lambda: not worker.works, _TERM_S)
            assert not worker.lease.held.is_set()
            line.mend()
            await eventually(lambda: worker.works)
            assert worker.started == 2


async def test_a_short_cut_does_not_stop_the_work(database: Database) -> None:
    async with line_to(database.dsn) as line:
        connections = 0

        async def over_the_line() -> asyncpg.Connection:
            nonlocal connections
            connection = await asyncpg.connect(line.through(database.dsn), password=database.password, timeout=2)
            connections += 1
            return connection

        worker = Worker(Lease(over_the_line))
        async with running(worker.lead()):
            await eventually(lambda: worker.works)
            line.cut()
            line.mend()
            await eventually(lambda: connections == 2)
            assert worker.works
            assert worker.started == 1


async def test_a_stand_by_that_loses_the_database_does_not_begin_to_lead(database: Database, contender: Worker) -> None:
    async with line_to(database.dsn) as line:

        async def over_the_line() -> asyncpg.Connection:
            return await asyncpg.connect(line.through(database.dsn), password=database.password, timeout=2)

        stand_by = Worker(Lease(over_the_line))
        async with running(contender.lead()):
            await eventually(lambda: contender.works)
            async with running(stand_by.lead()):
                await eventually(lambda: stand_by.lease.database_answers)
                line.cut()
                await eventually(lambda: not stand_by.lease.database_answers)
                assert not stand_by.lease.held.is_set()


async def test_a_database_that_takes_no_connection_holds_nobody_up_beyond_the_term(database: Database) -> None:
    """Neither refused nor accepted: the packets are lost, as when a host is gone."""
    async with line_to(database.dsn) as line:
        lost = asyncio.Event()

        async def over_the_line() -> asyncpg.Connection:
            if lost.is_set():
                await asyncio.Event().wait()
            return await asyncpg.connect(line.through(database.dsn), password=database.password, timeout=2)

        worker = Worker(Lease(over_the_line))
        async with running(worker.lead()):
            await eventually(lambda: worker.works)
            lost.set()
            line.cut()
            await eventually(lambda: not worker.works, 2.0)


async def test_a_stand_by_knows_where_the_leader_is_reached(database: Database) -> None:
    leader = Worker(Lease(database.connect, address="http://leader.test"))
    stand_by = Worker(Lease(database.connect, address="http://stand-by.test"))
    async with running(leader.lead()):
        await eventually(lambda: leader.works)
        async with running(stand_by.lead()):
            await eventually(lambda: stand_by.lease.leader == "http://leader.test")
            assert leader.lease.leader is None


@pytest.mark.parametrize(("address", "ends"), [("http://same.test", "1 day"), ("http://other.test", "-1 second")])
async def test_a_process_that_was_killed_is_nobodys_leader(database: Database, address: str, ends: str) -> None:
    """It stands in the lease for a moment yet; where this process is reached now, or after its time."""
    await database.pool.execute(
        "INSERT INTO run.lease VALUES ('active', gen_random_uuid(), now() + $2::text::interval, $1)", address, ends
    )
    successor = Worker(Lease(database.connect, address="http://same.test"))
    successor.lease.able = lambda: False
    async with running(successor.lead()):
        await eventually(lambda: successor.lease.database_answers)
        assert successor.lease.leader is None


async def test_one_that_was_paused_is_certain_of_nothing_before_it_has_asked(contender: Worker) -> None:
    async with running(contender.lead()):
        await eventually(lambda: contender.works and contender.lease.certain)

        time.sleep(1.6)  # noqa: ASYNC251  (nothing in this process runs)

        assert (contender.works, contender.lease.certain) == (True, False)
        await eventually(lambda: contender.lease.certain)  # nobody else had come
        assert contender.started == 1


async def test_one_that_gave_the_lease_back_is_certain_of_nothing(contender: Worker) -> None:
    async with running(contender.lead()):
        await eventually(lambda: contender.works)

    assert not contender.lease.certain


async def test_one_that_could_not_begin_leaves_the_lease_to_others(database: Database, contender: Worker) -> None:
    slow = Worker(Lease(database.connect))
    slow.lease.able = lambda: False
    async with running(slow.lead()):
        await eventually(lambda: slow.lease.database_answers)
        async with running(contender.lead()):
            await eventually(lambda: contender.works)
            slow.lease.able = lambda: True
        await eventually(lambda: slow.works)


async def test_what_ends_the_work_ends_the_leader(contender: Worker) -> None:
    async def fails() -> None:
        raise LookupError("a mistake")

    with pytest.raises(LookupError):
        await asyncio.wait_for(contender.lease.lead(fails), 5)
    assert not contender.lease.held.is_set()
