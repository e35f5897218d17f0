"""What devices decided by themselves and brought later: facts, never decided again, and what is odd about them."""

from datetime import datetime
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event


class JournalUploaded(Event):
    """A device brought scans ``first`` to ``last`` of its own count; each is a scan of its own after this."""

    device_id: UUID
    venue_id: str
    gate_id: str
    first: int
    last: int
    conflicts: int


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
    cause: Literal["backwards", "ahead"]
    by_s: int


JournalEvent = JournalUploaded | AdmittedAfterRevocation | DoubleEntryDetected | StaleDataAdmitted | ClockSuspected
EVENTS = (JournalUploaded, AdmittedAfterRevocation, DoubleEntryDetected, StaleDataAdmitted, ClockSuspected)


class Journal(NamedTuple):
    uploaded: Map[UUID, int] = Map()  # device -> the last number it brought


def evolve(journal: Journal, event: JournalEvent) -> Journal:
    match event:
        case JournalUploaded(device_id=device_id, last=last):
            return Journal(journal.uploaded.set(device_id, last))
        case AdmittedAfterRevocation() | DoubleEntryDetected() | StaleDataAdmitted() | ClockSuspected():
            return journal
        case _:
            assert_never(event)
