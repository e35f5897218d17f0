"""Scans as rows: each that was counted, and sums by time and outcome, by gate, by scanner."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from contracts.access import BadgeScanned, PassageUndone
from services.operations.views.rows import write

_FOLD = Path(__file__).with_suffix(".sql").read_text("utf-8")
_UNDONE = "INSERT INTO undone (scan_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING"


class Scans:
    """A run of scans, until it is written."""

    def __init__(self) -> None:
        self._scans: list[tuple[int, BadgeScanned]] = []
        self._late: list[tuple[int, datetime]] = []
        self._undone: list[UUID] = []
        self._policies: dict[tuple[str, datetime], int] = {}

    def take(self, number: int, scan: BadgeScanned, at: datetime) -> None:
        """``number``: of the event. ``at``: when it was put on record, which may be long after it was decided."""
        self._scans.append((number, scan))
        minute = _minute(at)
        if minute > scan.decided_at:
            self._late.append((number, at))
        if scan.basis != "journal":  # there it is what the device had
            seen = scan.venue_id, minute
            self._policies[seen] = max(self._policies.get(seen, 0), scan.policy_version)

    def undo(self, undone: PassageUndone) -> None:
        """A passage was not taken."""
        self._undone.append(undone.scan_id)

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        await write(connection, _UNDONE, [(scan_id,) for scan_id in self._undone])
        if not self._scans:
            return
        await connection.execute(
            _FOLD,
            [number for number, _ in self._scans],
            [scan.scan_id for _, scan in self._scans],
            [scan.decided_at for _, scan in self._scans],
            [scan.gate_id for _, scan in self._scans],
            [scan.zone_id for _, scan in self._scans],
            [scan.direction for _, scan in self._scans],
            [scan.outcome for _, scan in self._scans],
            [scan.reason for _, scan in self._scans],
            [scan.person_id for _, scan in self._scans],
            [scan.device_id for _, scan in self._scans],
            [venue for venue, _ in self._policies],
            [minute for _, minute in self._policies],
            list(self._policies.values()),
            [number for number, _ in self._late],
            [at for _, at in self._late],
        )


def _minute(time: datetime) -> datetime:
    return time.replace(second=0, microsecond=0)
