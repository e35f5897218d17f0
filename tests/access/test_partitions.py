"""Several venues on one database: each is led apart and reads accreditation for itself; one of their leaders relays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.log import cursors
from chassis.log.cursors import Cursor
from chassis.log.log import Append, Metadata, NewEvent
from chassis.log.postgres import PostgresLog
from chassis.run.host import _together
from chassis.stream.permissions import service_user
from tests.access.controls import MAIN, badge
from tests.access.running import MIGRATIONS, Access, access_on, credential, issued, key_published
from tests.conftest import Database, Issuer
from tests.controls import NOW, eventually, running

_LEASES = "SELECT name FROM run.lease ORDER BY name"


@asynccontextmanager
async def at_work(access: Access) -> AsyncIterator[None]:
    """As its host runs it, under its lease."""
    host = access.host
    async with running(access.gatekeeper.committed.follow(), host.lease.lead(partial(_together, host.leading))):
        await eventually(lambda: access.gatekeeper.leads, says="it does not lead")
        yield


@pytest.fixture
async def expo(database: Database, people_issuer: Issuer, tmp_path: Path) -> AsyncIterator[Access]:
    """A second venue on the database of the first."""
    async with access_on(database, people_issuer, tmp_path, venue="expo", reads_as="access-expo") as other:
        yield other


async def leases(database: Database) -> list[str]:
    return [row["name"] for row in await database.pool.fetch(_LEASES)]


async def test_venues_are_led_apart_and_one_of_their_leaders_relays(
    access: Access, expo: Access, database: Database
) -> None:
    async with at_work(expo):
        async with at_work(access):
            assert await leases(database) == ["active", "venue-expo", "venue-ncc"]
        assert expo.gatekeeper.leads
        assert await leases(database) == ["active", "venue-expo"]


async def test_whoever_leads_another_venue_relays_when_the_first_is_gone(
    access: Access, expo: Access, database: Database
) -> None:
    async with at_work(access):

        async def one_relays() -> bool:
            return "active" in await leases(database)

        await eventually(one_relays)
        holder = await database.pool.fetchval("SELECT holder FROM run.lease WHERE name = 'active'")
        async with at_work(expo):
            pass  # it does not take it from the one that has it
        assert await database.pool.fetchval("SELECT holder FROM run.lease WHERE name = 'active'") == holder
    async with at_work(expo):
        await eventually(one_relays)


async def test_what_one_venue_knows_the_other_does_not(access: Access, expo: Access) -> None:
    async with access.leading(), expo.leading():
        await access.lay_out()
        await access.hears(key_published())

        assert len((await access.get("/v1/zones")).json()) > 0
        assert (await expo.get("/v1/zones")).json() == []


async def test_each_learns_every_badge_for_itself(access: Access, expo: Access) -> None:
    """The same events, in one log: neither is taken for a repetition of the other."""
    one = badge(uuid4())
    told = [access.envelope(event, number) for number, event in enumerate([key_published(), *issued(one)], 1)]
    async with access.leading(), expo.leading():
        for venue in (access, expo):
            await venue.reader.begin(told[0].log_id)
            await venue.reader.take(told)
            await venue.reader.take(told)  # again: what was learned is not learned twice

        for venue in (access, expo):
            assert venue.reader.number == len(told)
            assert one.badge_id in venue.gatekeeper.venue.badges.known
        learned = [event.stream for event in await access.host.log.read(0, 100) if event.type == "BadgeLearned"]
        assert learned == ["venue-ncc"] * 2 + ["venue-expo"] * 2


async def test_a_key_used_at_one_venue_is_not_taken_for_obeyed_at_the_other(access: Access, expo: Access) -> None:
    key = str(uuid4())
    async with access.leading(), expo.leading():
        await access.lay_out()
        await expo.lay_out()
        order = {"zone_id": "hall", "reason": "alarm"}
        first = await access.post("/v1/lockdowns", order, "commander", key=key)
        other = await expo.post("/v1/lockdowns", order, "commander", key=key)

        assert (first.status_code, other.status_code, other.json()["code"]) == (201, 409, "idempotency_key_reused")


async def test_a_scan_is_found_at_its_own_venue(access: Access, expo: Access) -> None:
    scan_id = uuid4()
    async with access.leading(), expo.leading():
        await access.lay_out()
        await access.hears(key_published())
        await access.scan(credential(badge(uuid4())), MAIN, scan_id=scan_id)

        assert (await access.get(f"/v1/scans/{scan_id}")).status_code == 200
        assert (await expo.get(f"/v1/scans/{scan_id}")).status_code == 404


async def test_all_that_read_a_source_are_found_however_many_venues_there_are(database: Database) -> None:
    async with database.pool.acquire() as connection:
        for reader in ("access-ncc", "access-expo"):
            await cursors.begin(connection, reader, "accreditation", uuid4())
        await cursors.begin(connection, "register", "access", uuid4())

        assert await cursors.readers(connection, "accreditation") == ["access-expo", "access-ncc"]


async def test_a_log_from_before_there_were_several_venues_is_read_on_where_it_was(database: Database) -> None:
    log, log_id = PostgresLog(database.pool), uuid4()
    metadata = Metadata("service:access", uuid4(), NOW).to_json()
    await log.append(Append("venue-ncc", None, [NewEvent(uuid4(), "GatekeeperAppointed", 1, "{}", metadata)]))
    async with database.pool.acquire() as connection:
        stood = await cursors.begin(connection, "access", "accreditation", log_id)
        await cursors.move(connection, "access", "accreditation", stood, 42)

        await database.postgres.provide(database.service, [MIGRATIONS])

        assert await cursors.load(connection, "access-ncc", "accreditation") == Cursor(log_id, 42)
        assert await cursors.load(connection, "access", "accreditation") is None


def test_each_venue_may_have_a_durable_of_its_own_on_nats() -> None:
    user = service_user("access", "U", ["accreditation"], reads_as=["access-expo"])
    may = {subject.rpartition(".")[2] for subject in user.publish if ".CONSUMER.DELETE.ACCREDITATION." in subject}

    assert may == {"access-from-accreditation", "access-expo-from-accreditation"}
