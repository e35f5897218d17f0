"""Incident reports: what stands in the rows, laid out by a process of its own."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import asyncpg

import services
from chassis.log.obey import UnavailableError
from chassis.run.clock import Clock
from chassis.run.logging import Logger
from services.operations.settings import OperationsSettings
from services.operations.views import incidents as view

MOST_INCIDENTS = 500
_PATIENCE_S = 60.0
_WORKER = ("-m", "services.operations.report")
_CODE = Path(services.__file__).parent.parent

_OPEN_IN = """
    SELECT incident_id FROM incidents.incidents
    WHERE (incident ->> 'opened_at')::timestamptz < $2 AND (is_open OR changed_at >= $1) AND (NOT discreet OR $3)
    ORDER BY number LIMIT $4
"""
_ZONES = "SELECT zone_id, names ->> $1 FROM live.zones"
_GATES = "SELECT gate_id, name FROM live.gates"

Language = Literal["en", "fr", "vi"]

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` on, and before ``until``."""

    since: datetime
    until: datetime


class TooManyIncidentsError(Exception):
    """A report of a period has room for ``MOST_INCIDENTS``."""


class Printer:
    """Makes one report at a time: each takes a processor for itself."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, settings: OperationsSettings) -> None:
        self._pool = pool
        self._clock = clock
        self._settings = settings
        self._one_at_a_time = asyncio.Semaphore()

    async def open_in(self, period: Period, *, discreet: bool) -> list[dict[str, Any]]:
        """Incidents with their logs that were open for a while in ``period``. Raises TooManyIncidentsError."""
        rows = await self._pool.fetch(_OPEN_IN, period.since, period.until, discreet, MOST_INCIDENTS + 1)
        if len(rows) > MOST_INCIDENTS:
            raise TooManyIncidentsError
        found = [await self.incident(incident_id) for (incident_id,) in rows]
        return [one for one in found if one is not None]

    async def incident(self, incident_id: UUID) -> dict[str, Any] | None:
        """With its log; None: there is no such incident."""
        return await view.one(self._pool, incident_id)

    async def pdf(
        self, incidents: Sequence[Mapping[str, Any]], language: Language, by: str, period: Period | None = None
    ) -> bytes:
        """Of one incident, or of a period's. ``by``: who prints it. Raises UnavailableError."""
        order = {
            "language": language,
            "event": self._settings.event,
            "time_zone": self._settings.time_zone.key,
            "printed_at": self._clock.now().isoformat(),
            "printed_by": by,
            "period": period and {"since": period.since.isoformat(), "until": period.until.isoformat()},
            "incidents": incidents,
            "zones": dict(await self._pool.fetch(_ZONES, language)),
            "gates": dict(await self._pool.fetch(_GATES)),
        }
        async with self._one_at_a_time:
            return await _laid_out(json.dumps(order).encode())


async def _laid_out(order: bytes) -> bytes:
    """By the other process, which is told nothing of our environment but where the code is."""
    pipe = asyncio.subprocess.PIPE
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        *_WORKER,
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.DEVNULL,  # what it complains of may quote what people wrote
        env={"PYTHONPATH": str(_CODE)},
    )
    try:
        pdf, _ = await asyncio.wait_for(worker.communicate(order), _PATIENCE_S)
    except TimeoutError as error:
        raise UnavailableError("the report takes too long") from error
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode != 0:
        log.error("report_not_made", code=worker.returncode)
        raise UnavailableError("the report could not be made")
    return pdf
