"""Evacuations as rows: what was ordered, and who turned up since."""

from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from contracts import access
from contracts.event import SharedEvent
from services.operations.views.rows import write

_ORDERED = """
    INSERT INTO evacuations (evacuation_id, zone_id, ordered_at, expected, unidentified)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::integer[], $5::integer[])
    ON CONFLICT (evacuation_id, zone_id) DO UPDATE SET
        (ordered_at, expected, unidentified) = (excluded.ordered_at, excluded.expected, excluded.unidentified)
"""
_CLEARED = """
    DELETE FROM evacuations USING unnest($1::uuid[], $2::text[]) AS gone (evacuation_id, zone_id)
    WHERE (evacuations.evacuation_id, evacuations.zone_id) = (gone.evacuation_id, gone.zone_id)
"""
_MUSTERED = """
    INSERT INTO mustered (number, evacuation_id, person_id) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[])
"""


@dataclass(slots=True)
class Evacuations:
    """A run of what access tells of evacuations, until it is written: the last word on each zone holds."""

    ordered: dict[tuple[UUID, str], access.EvacuationOrdered | None] = field(default_factory=dict)
    """By evacuation and zone; None: all is clear."""
    mustered: list[tuple[int, UUID, UUID | None]] = field(default_factory=list)

    def take(self, number: int, event: SharedEvent) -> None:
        """``number``: of the event."""
        match event:
            case access.EvacuationOrdered(evacuation_id=evacuation, zone_id=zone):
                self.ordered[evacuation, zone] = event
            case access.AllClearGiven(evacuation_id=evacuation, zone_id=zone):
                self.ordered[evacuation, zone] = None
            case access.PersonMustered(evacuation_id=evacuation, person_id=person):
                self.mustered.append((number, evacuation, person))

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        await write(connection, _CLEARED, [key for key, order in self.ordered.items() if order is None])
        orders = [(*key, order) for key, order in self.ordered.items() if order is not None]
        await write(
            connection,
            _ORDERED,
            [(key, zone, one.ordered_at, one.expected, one.unidentified) for key, zone, one in orders],
        )
        await write(connection, _MUSTERED, self.mustered)
