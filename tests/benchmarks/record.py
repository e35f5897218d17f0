"""The log alone, in this process, on a real PostgreSQL."""

import asyncio
import shutil
import time
from datetime import UTC, datetime
from uuid import uuid4

from chassis.log.log import Append, Appended, Metadata, NewEvent, Shared, event_id
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from chassis.run.embedded.folder import DataFolder, temporary_folder
from chassis.run.embedded.postgres import EmbeddedPostgres


async def appends(events: int) -> dict[str, float]:
    """Events a second: one a call with 64 callers, and 50 a call with 4."""
    root = temporary_folder("bench")
    postgres = EmbeddedPostgres(DataFolder(root))
    try:
        await postgres.start()
        await postgres.provide("access")
        pool = await connect(postgres.dsn("access", "access"), postgres.password_file("access").read_text())
        try:
            log = PostgresLog(pool)
            return {
                "append_per_s_64": await _rate(log, events, callers=64, size=1),
                "append_batch50_per_s": await _rate(log, events, callers=4, size=50),
            }
        finally:
            await pool.close()
    finally:
        await postgres.stop()
        shutil.rmtree(root, ignore_errors=True)


async def _rate(log: PostgresLog, events: int, callers: int, size: int) -> int:
    calls = events // callers // size

    async def caller() -> None:
        for _ in range(calls):
            result = await log.append(_append(size))
            assert isinstance(result, Appended)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return round(calls * callers * size / (time.perf_counter() - began))


def _append(size: int) -> Append:
    """Events of the size of a scan's, to a stream of their own."""
    command_id = uuid4()
    metadata = Metadata("service:benchmark", command_id, datetime.now(UTC)).to_json()
    data = '{"zone_id":"per","count":12,"note":"' + "x" * 600 + '"}'
    events = [
        NewEvent(event_id(command_id, n), "Measured", 1, data, metadata, Shared("access.Measured.v1", "x-1", data))
        for n in range(size)
    ]
    return Append(f"measured-{command_id}", 0, events)
