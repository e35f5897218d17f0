"""Overrides as rows: those that somebody asked for and nobody has reviewed."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.stream.reader import Delivered
from contracts import access
from services.operations.views.rows import write

_ASKED = """
    INSERT INTO overrides (override_id, gate_id, zone_id, person_id, confirm_by)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
"""
_ADMITTED = """
    UPDATE overrides SET admitted_at = passed.at FROM unnest($1::uuid[], $2::timestamptz[]) AS passed (override_id, at)
    WHERE overrides.override_id = passed.override_id
"""
_REVIEWED = """
    DELETE FROM overrides USING unnest($1::uuid[]) AS done (override_id)
    WHERE overrides.override_id = done.override_id
"""


@dataclass(slots=True)
class Overrides:
    """A run of what access tells of overrides, until it is written; each is asked for, used and reviewed once."""

    asked: list[access.OverrideRequested] = field(default_factory=list)
    admitted: list[tuple[UUID, datetime]] = field(default_factory=list)
    reviewed: list[tuple[UUID]] = field(default_factory=list)

    def take(self, delivered: Delivered) -> None:
        match delivered.event:
            case access.OverrideRequested() as asked:
                self.asked.append(asked)
            case access.EntryOverridden(override_id=override):
                self.admitted.append((override, delivered.envelope.time))
            case access.OverrideReviewed(override_id=override):
                self.reviewed.append((override,))

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        asked = [(one.override_id, one.gate_id, one.zone_id, one.person_id, one.confirm_by) for one in self.asked]
        await write(connection, _ASKED, asked)
        await write(connection, _ADMITTED, self.admitted)
        await write(connection, _REVIEWED, self.reviewed)
