"""Scans as rows: which were counted, sums by time and outcome. And who is inside: what scans and others say of it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import asyncpg

from contracts.access import BadgeScanned, ExitsInferred, PassageUndone
from contracts.ids import ZoneId

_FOLD = Path(__file__).with_suffix(".sql").read_text("utf-8")
_TAKE_OUT = """
    WITH RECURSIVE within AS (
        SELECT $1::text AS zone_id
        UNION ALL SELECT zones.zone_id FROM zones JOIN within ON zones.parent_id = within.zone_id
    )
    DELETE FROM presence WHERE zone_id IN (SELECT zone_id FROM within) AND person_id = ANY($2::uuid[])
"""


class Scans:
    """A run of scans, and of what puts presence right, in their order, until it is written."""

    def __init__(self) -> None:
        self._scans: list[tuple[int, BadgeScanned]] = []
        self._is_inside: dict[tuple[str, UUID], bool] = {}
        self._unidentified: Counter[str] = Counter()

    def take(self, number: int, scan: BadgeScanned) -> None:
        """``number``: of the event."""
        self._scans.append((number, scan))
        self.move(scan)

    def move(self, passage: BadgeScanned | PassageUndone) -> None:
        """What a passage does to presence, or its undoing."""
        person = passage.person_id
        if person is not None:
            # What was said last of somebody and a zone holds, whatever the table says before this run.
            self._is_inside.update({(zone, person): False for zone in passage.left})
            self._is_inside.update({(zone, person): True for zone in passage.entered})
        self.count(passage.unidentified)

    def count(self, unidentified: Mapping[ZoneId, int]) -> None:
        """How many more people without a name zones hold, or fewer."""
        # A net of nothing is kept too: a zone has a row once it was touched, however the events were divided.
        self._unidentified.update(unidentified)

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        if not (self._scans or self._is_inside or self._unidentified):
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


async def take_out(connection: asyncpg.Connection, exits: ExitsInferred) -> None:
    """People leave a zone and all zones inside it, by the rows as they stand."""
    await connection.execute(_TAKE_OUT, exits.zone_id, exits.people)
