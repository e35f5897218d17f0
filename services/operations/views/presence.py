"""Who is inside, as rows, and who was: what scans say of it, and what puts that right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
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
    ), gone AS (
        DELETE FROM presence WHERE zone_id IN (SELECT zone_id FROM within) AND person_id = ANY($2::uuid[])
        RETURNING zone_id, person_id, since
    )
    INSERT INTO visits (zone_id, person_id, since, until) SELECT *, $3 FROM gone
"""

_Words = Sequence[tuple[bool, datetime]]
"""Whether somebody is inside, and since when: each says the contrary of the one before."""


class Presence:
    """A run of what moves people in and out of zones, in its order, until it is written."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, UUID], list[tuple[bool, datetime]]] = {}
        self._unidentified: Counter[str] = Counter()
        self._counted: list[tuple[datetime, str, int]] = []

    def move(self, passage: BadgeScanned | PassageUndone, at: datetime) -> None:
        """What a passage does, or its undoing. ``at``: when it was put on record."""
        if passage.person_id is not None:
            for zone in passage.left:
                self._say(zone, passage.person_id, is_inside=False, at=at)
            for zone in passage.entered:
                self._say(zone, passage.person_id, is_inside=True, at=at)
        self.count(passage.unidentified, at)

    def count(self, unidentified: Mapping[ZoneId, int], at: datetime) -> None:
        """How many more people without a name zones hold, or fewer."""
        # A net of nothing is kept too: a zone has a row once it was touched, however the events were divided.
        self._unidentified.update(unidentified)
        self._counted += [(at, zone, more) for zone, more in unidentified.items()]

    def _say(self, zone: str, person: UUID, *, is_inside: bool, at: datetime) -> None:
        said = self._said.get((zone, person))
        if said is None:
            self._said[zone, person] = [(is_inside, at)]
        elif said[-1][0] is not is_inside:
            said.append((is_inside, at))

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        if not (self._said or self._unidentified):
            return
        said = [(*key, *_change(words)) for key, words in self._said.items()]
        visits = [(*key, *visit) for key, words in self._said.items() if len(words) > 2 for visit in _visits(words)]
        await connection.execute(
            _FOLD,
            *_columns(said, 5),
            *_columns(visits, 4),
            list(self._unidentified),
            list(self._unidentified.values()),
            *_columns(self._counted, 3),
        )


async def take_out(connection: asyncpg.Connection, exits: ExitsInferred, at: datetime) -> None:
    """People leave a zone and all zones inside it, by the rows as they stand."""
    await connection.execute(_TAKE_OUT, exits.zone_id, exits.people, at)


def _change(words: _Words) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When they came, if that was said first; when they left for the first time; since when they are inside."""
    came_first, at = words[0]
    if len(words) == 1:
        return (at, None, at) if came_first else (None, at, None)
    is_inside, last_at = words[-1]
    return at if came_first else None, words[1][1] if came_first else at, last_at if is_inside else None


def _visits(words: _Words) -> list[tuple[datetime, datetime]]:
    """Those that began after somebody had left, and ended."""
    times = [at for _, at in words[2 if words[0][0] else 1 :]]
    return list(zip(times[::2], times[1::2], strict=False))


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[column] for row in rows] for column in range(width)]
