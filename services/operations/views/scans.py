"""Scans as rows: which were counted, sums by time and outcome, and who is inside, folded from entered and left."""

from collections import Counter
from pathlib import Path
from uuid import UUID

import asyncpg

from contracts.access import BadgeScanned

_FOLD = Path(__file__).with_suffix(".sql").read_text("utf-8")


class Scans:
    """A run of scans in their order, until it is written."""

    def __init__(self) -> None:
        self._scans: list[tuple[int, BadgeScanned]] = []
        self._is_inside: dict[tuple[str, UUID], bool] = {}
        self._unidentified: Counter[str] = Counter()

    def take(self, number: int, scan: BadgeScanned) -> None:
        """``number``: of the event."""
        self._scans.append((number, scan))
        person = scan.person_id
        if person is not None:
            # What was said last of somebody and a zone holds, whatever the table says before this run.
            self._is_inside.update({(zone, person): False for zone in scan.left})
            self._is_inside.update({(zone, person): True for zone in scan.entered})
        # A net of nothing is kept too: a zone has a row once it was touched, however the events were divided.
        self._unidentified.update(scan.unidentified)

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        if not self._scans:
            return
        await connection.execute(
            _FOLD,
            [number for number, _ in self._scans],
            [scan.scan_id for _, scan in self._scans],
            [scan.decided_at for _, scan in self._scans],
            [scan.gate_id for _, scan in self._scans],
            [scan.outcome for _, scan in self._scans],
            [scan.reason for _, scan in self._scans],
            [zone for zone, _ in self._is_inside],
            [person for _, person in self._is_inside],
            list(self._is_inside.values()),
            list(self._unidentified),
            list(self._unidentified.values()),
        )
