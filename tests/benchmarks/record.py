"""The log and what is folded from it, in this process, on a real PostgreSQL."""

import asyncio
import shutil
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.log.codec import Codec
from chassis.log.log import Append, Appended, Metadata, NewEvent, Shared, event_id
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from chassis.run.embedded.folder import DataFolder, temporary_folder
from chassis.run.embedded.postgres import EmbeddedPostgres
from services.access.domain import venue as facts
from services.access.domain.gatekeeping import of_venue
from tests.benchmarks import badges

_PAGE = 5_000


async def measure(appends: int, scans: int) -> dict[str, Any]:
    """Flat figures: appends a second, and events a second decoded and folded into a venue."""
    root = temporary_folder("bench")
    try:
        postgres = EmbeddedPostgres(DataFolder(root))
        await postgres.start()
        try:
            await postgres.provide("access")
            dsn, password = postgres.dsn("access", "access"), postgres.password_file("access").read_text()
            pool = await connect(dsn, password)
            try:
                log = PostgresLog(pool)
                figures = {"append_per_s_64": await _appends(log, appends, callers=64)}
                figures["append_batch50_per_s"] = await _batches(log, appends, callers=4, size=50)
                figures["rebuild_memory_per_s"] = await _rebuild(log, scans)
                return figures
            finally:
                await pool.close()
        finally:
            await postgres.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _appends(log: PostgresLog, appends: int, callers: int) -> int:
    async def caller() -> None:
        for _ in range(appends // callers):
            result = await log.append(_append(1))
            assert isinstance(result, Appended)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return round(appends / (time.perf_counter() - started))


async def _batches(log: PostgresLog, events: int, callers: int, size: int) -> int:
    async def caller() -> None:
        for _ in range(events // callers // size):
            result = await log.append(_append(size))
            assert isinstance(result, Appended)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return round(events / (time.perf_counter() - started))


async def _rebuild(log: PostgresLog, scans: int) -> int:
    """Folds a venue of 1,000 badges and ``scans`` scans from its log, as a gatekeeper that starts does."""
    people = 1_000
    await badges.seed(log, "bench", "bench", people)
    recorded = await log.stream("venue-bench")
    codec, decider = Codec(facts.EVENTS), of_venue("bench")
    known = [
        event.badge
        for event in (codec.decode(one.type, one.schema_version, one.data) for one in recorded)
        if isinstance(event, facts.BadgeLearned)
    ]
    await badges.append(
        log, "bench", [_scan(known[n % people], going_in=n // people % 2 == 0) for n in range(scans)], len(recorded)
    )
    started = time.perf_counter()
    venue = decider.initial
    while True:
        page = await log.stream("venue-bench", venue.version, _PAGE)
        venue = decider.fold((codec.decode(one.type, one.schema_version, one.data) for one in page), venue)
        if len(page) < _PAGE:
            return round(venue.version / (time.perf_counter() - started))


def _append(size: int) -> Append:
    command_id = uuid4()
    metadata = Metadata("service:benchmark", command_id, datetime.now(UTC)).to_json()
    data = '{"zone_id":"per","count":12,"note":"' + "x" * 200 + '"}'
    events = [
        NewEvent(event_id(command_id, n), "Measured", 1, data, metadata, Shared("access.Measured.v1", "x-1", data))
        for n in range(size)
    ]
    return Append(f"measured-{command_id}", 0, events)


def _scan(badge: facts.Badge, *, going_in: bool) -> facts.BadgeScanned:
    now = datetime.now(UTC)
    return facts.BadgeScanned(
        scan_id=UUID(int=uuid4().int),
        venue_id="bench",
        gate_id="north",
        zone_id="per",
        direction="in" if going_in else "out",
        outcome="admitted" if going_in else "exited",
        failed=(),
        warnings=(),
        badge_id=badge.badge_id,
        badge_version=1,
        person_id=badge.person_id,
        delegation_id=badge.delegation_id,
        category=badge.category,
        device_id=None,
        source="turnstile",
        entered=("per",) if going_in else (),
        left=() if going_in else ("per",),
        unidentified={},
        count=0,
        capacity=None,
        policy_version=2,
        decided_on=0,
        holder_displayed=False,
        scanned_at=now,
        decided_at=now,
    )
