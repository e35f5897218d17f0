"""History: what access told, kept as it was told, for the past to be folded anew of it; and who may come, step by step.

Scans are apart: they have rows of their own, and are too many to be folded twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.stream.reader import Delivered
from contracts import access, accreditation
from contracts.envelope import Envelope
from contracts.event import SharedEvent, event_class
from services.operations.views.rows import write

_TOLD = """
    INSERT INTO told (number, at, kind, data)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::json[])
"""
_STEPS = """
    INSERT INTO steps (number, at, kind, entity)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::uuid[])
"""
_DELEGATION_STEPS = """
    INSERT INTO delegation_steps (at, kind, delegation_id)
    SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[])
"""
_OF_THE_VENUE = """
    SELECT number, at, kind, data FROM live.told
    WHERE at < $1 AND kind <> ALL($2::text[]) ORDER BY number
"""
_OF_PEOPLE = ("PassageUndone", "OccupancyCorrected", "ExitsInferred", "InspectionPassed", "InspectionFailed")
"""What says nothing of the venue but of people, who are kept otherwise."""
_STEPS_OF: Mapping[type[SharedEvent], str] = {
    accreditation.DelegateNominated: "nomination_id",
    accreditation.AccreditationGranted: "nomination_id",
    accreditation.AccreditationRefused: "nomination_id",
    accreditation.BadgeIssued: "badge_id",
    accreditation.BadgeActivated: "badge_id",
    accreditation.BadgeReportedLost: "badge_id",
    accreditation.BadgeReplaced: "badge_id",
    accreditation.BadgeSuspended: "badge_id",
    accreditation.BadgeReinstated: "badge_id",
    accreditation.BadgeRevoked: "badge_id",
    accreditation.DelegationInvited: "delegation_id",
    accreditation.DelegationConfirmed: "delegation_id",
}
"""By event, whose step it is."""
_NOT_KEPT = UUID(int=0)


async def record(connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
    """Keeps a run of events in the tables of the schema the connection stands in."""
    told: list[tuple[object, ...]] = []
    steps: list[tuple[object, ...]] = []
    delegation_steps: list[tuple[object, ...]] = []
    for one in events:
        number, at, event, kind = one.envelope.number, one.envelope.time, one.event, type(one.event)
        if kind is access.BadgeScanned:
            continue
        if event.service == "access":
            told.append((number, at, kind.__name__, one.envelope.data.decode()))
        elif (whose := _STEPS_OF.get(kind)) == "delegation_id":
            delegation_steps.append((at, kind.__name__, getattr(event, whose)))
        elif whose is not None:
            steps.append((number, at, kind.__name__, getattr(event, whose)))
    await write(connection, _TOLD, told)
    await write(connection, _STEPS, steps)
    await write(connection, _DELEGATION_STEPS, delegation_steps)


async def told_of_the_venue(connection: asyncpg.Connection, until: datetime) -> list[Delivered]:
    """What access told of it before ``until``, in order; of the envelopes only what a fold may ask for."""
    rows = await connection.fetch(_OF_THE_VENUE, until, _OF_PEOPLE)
    known = [(row, event_class(f"access.{row['kind']}.v1")) for row in rows]
    return [_delivered(row, kind) for row, kind in known if kind is not None]


def _delivered(row: asyncpg.Record, kind: type[SharedEvent]) -> Delivered:
    event = kind.model_validate_json(row["data"])
    envelope = Envelope(
        id=_NOT_KEPT,
        type=kind.type_name(),
        source="/placet/access",
        subject=event.about(),
        time=row["at"],
        number=row["number"],
        log_id=_NOT_KEPT,
        data=row["data"].encode(),
    )
    return Delivered(envelope, event)
