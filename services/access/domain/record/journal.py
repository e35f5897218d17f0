"""What devices decided by themselves and brought later: facts, never decided again, and what is odd about them."""

from datetime import datetime
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event
from services.access.domain.record.scans import Outcome

ClockCause = Literal["backwards", "ahead"]
DisputeCause = Literal["decided_otherwise", "scan_id_reused", "number_reused", "foreign_gate", "gate_unknown"]
"""What is wrong with an entry: the gate was told another verdict, which it may not have heard; its scan id is that of
another scan; its number was brought before, with another scan; the device never stood there; there is no such gate.
"""


class JournalUploaded(Event):
    """A device brought scans ``first`` to ``last`` of its own count. Those not on record yet follow in its order."""

    device_id: UUID
    venue_id: str
    gate_id: str
    first: int
    last: int
    scans: int  # put on record
    conflicts: int
    scanned_at: datetime  # by the device's clock, of the last one
    decided_at: datetime  # what that is taken for


class AdmittedAfterRevocation(Event):
    scan_id: UUID
    venue_id: str
    gate_id: str
    badge_id: UUID
    person_id: UUID
    scanned_at: datetime
    reason: str  # what was wrong with the badge by then


class DoubleEntryDetected(Event):
    """A device let somebody in who was inside already."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    person_id: UUID
    scanned_at: datetime
    seen_at: datetime | None = None  # last before


class StaleDataAdmitted(Event):
    """A device admitted on data older than the zone allows."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    age_s: int
    limit_s: int


class ClockSuspected(Event):
    """A device's clock cannot be right: it ran backwards within its journal, or is ahead of ours."""

    device_id: UUID
    venue_id: str
    gate_id: str
    sequence: int
    cause: ClockCause
    by_s: int


class JournalEntryDisputed(Event):
    """An entry does not agree with what is on record. It stands beside it as ``recorded_as``, if it could be placed."""

    scan_id: UUID  # as the device has it
    recorded_as: UUID | None
    venue_id: str
    device_id: UUID
    gate_id: str  # as the device has it
    sequence: int
    cause: DisputeCause
    badge_id: UUID | None
    outcome: Outcome
    scanned_at: datetime


Conflict = AdmittedAfterRevocation | DoubleEntryDetected | StaleDataAdmitted | ClockSuspected | JournalEntryDisputed
JournalEvent = JournalUploaded | Conflict
EVENTS = (
    JournalUploaded,
    AdmittedAfterRevocation,
    DoubleEntryDetected,
    StaleDataAdmitted,
    ClockSuspected,
    JournalEntryDisputed,
)


class Brought(NamedTuple):
    """How far a device's journal is on record."""

    last: int = 0
    scanned_at: datetime | None = None
    decided_at: datetime | None = None


NOTHING_BROUGHT = Brought()


class Journal(NamedTuple):
    brought: Map[UUID, Brought] = Map()  # by device


def evolve(journal: Journal, event: JournalEvent) -> Journal:
    match event:
        case JournalUploaded(device_id=device_id):
            before = journal.brought.get(device_id, NOTHING_BROUGHT)
            brought = Brought(max(before.last, event.last), event.scanned_at, event.decided_at)
            return Journal(journal.brought.set(device_id, brought))
        case (
            AdmittedAfterRevocation()
            | DoubleEntryDetected()
            | StaleDataAdmitted()
            | ClockSuspected()
            | JournalEntryDisputed()
        ):
            return journal
        case _:
            assert_never(event)
