"""Journals: scans that a device decided by itself, brought later. They happened: they are put on record, never judged.

A scan is placed in time by its device's clock, but never before the scan that the device counts before it, and never
in the future.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from chassis.log.decider import Decision, Refused
from services.access.domain import undoing
from services.access.domain.brought import JournalScan, fact, is_same
from services.access.domain.devices import SKEWED_S, DeviceUnknown
from services.access.domain.record.devices import Device
from services.access.domain.record.journal import (
    NOTHING_BROUGHT,
    ClockCause,
    ClockSuspected,
    Conflict,
    DisputeCause,
    JournalEntryDisputed,
    JournalUploaded,
)
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.undoing import UndoPassage
from services.access.domain.venue import Venue, VenueEvent, evolve

_BACKWARDS_S = 1


@dataclass(frozen=True, slots=True)
class UploadJournal:
    """``scans`` run on without a gap. ``on_record``: those that have their ids, or their second ids, by id."""

    device_id: UUID
    scans: Sequence[JournalScan]
    on_record: Mapping[UUID, BadgeScanned]
    now: datetime


@dataclass(frozen=True, slots=True)
class JournalGap(Refused):
    """A device brings its scans without a gap: one is missing before these."""

    expected: int
    code = "journal_gap"


def decide(command: UploadJournal, venue: Venue) -> Decision[VenueEvent]:
    """What is not on record yet, in the device's order; nothing where all of it is."""
    device = venue.devices.known.get(command.device_id)
    if device is None:
        return DeviceUnknown(str(command.device_id))
    numbers = [venue.journal.brought.get(device.device_id, NOTHING_BROUGHT).last]
    numbers += [scan.sequence for scan in command.scans]
    for index, (before, number) in enumerate(pairwise(numbers)):
        if number > before + 1 or (index and number <= before):
            return JournalGap(f"number {before + 1} is expected, this is number {number}", before + 1)
    upload = _Upload(command, device, venue)
    for scan in command.scans:
        upload.take(scan)
    return upload.events()


class _Upload:
    """One after the other, each on the venue the one before left."""

    def __init__(self, command: UploadJournal, device: Device, venue: Venue) -> None:
        self._command = command
        self._device = device
        self._on_record = dict(command.on_record)
        self._before = venue.journal.brought.get(device.device_id, NOTHING_BROUGHT)
        self._last = self._before
        self._venue = venue._replace(version=venue.version + 1)  # JournalUploaded stands before all these
        self._told: list[VenueEvent] = []

    def events(self) -> list[VenueEvent]:
        """The upload and what it brought; nothing if it brought nothing."""
        if not self._told and self._last.last == self._before.last:
            return []
        assert self._last.scanned_at is not None
        assert self._last.decided_at is not None
        uploaded = JournalUploaded(
            device_id=self._device.device_id,
            venue_id=self._venue.venue_id,
            gate_id=self._device.gate_id,
            first=self._command.scans[0].sequence,
            last=self._command.scans[-1].sequence,
            scans=sum(isinstance(event, BadgeScanned) for event in self._told),
            conflicts=sum(isinstance(event, Conflict) for event in self._told),
            scanned_at=self._last.scanned_at,
            decided_at=self._last.decided_at,
        )
        return [uploaded, *self._told]

    def take(self, scan: JournalScan) -> None:
        original = self._on_record.get(scan.scan_id)
        brought_before = scan.sequence <= self._before.last
        known = self._is_known(scan, original)
        if brought_before and known:
            return
        at = self._placed(scan)
        if not known:
            self._tell(self._entry(scan, original, at, again=brought_before))

    def _is_known(self, scan: JournalScan, original: BadgeScanned | None) -> bool:
        if original is None:
            # What could not be placed has no scan to be known by, and was told of when its number was new.
            return scan.sequence <= self._before.last and scan.gate_id not in self._venue.layout.gates
        if is_same(original, scan, self._device) and original.outcome == scan.outcome:
            return True
        return scan.second_id(self._device.device_id) in self._on_record

    def _placed(self, scan: JournalScan) -> datetime:
        """When it happened, as far as that can be told; says so where the clock cannot be right."""
        now, before = self._command.now, self._last
        ahead_s = (scan.scanned_at - now).total_seconds()
        was_ahead = before.scanned_at is not None and (before.scanned_at - now).total_seconds() > SKEWED_S
        if ahead_s > SKEWED_S and not was_ahead:
            self._tell([self._clock(scan, "ahead", ahead_s)])
        if before.scanned_at is not None:
            back_s = (before.scanned_at - scan.scanned_at).total_seconds()
            if back_s > _BACKWARDS_S:
                self._tell([self._clock(scan, "backwards", back_s)])
        at = min(scan.scanned_at, now)
        if before.decided_at is not None:
            at = max(at, before.decided_at)
        self._last = before._replace(last=max(before.last, scan.sequence), scanned_at=scan.scanned_at, decided_at=at)
        return at

    def _clock(self, scan: JournalScan, cause: ClockCause, by_s: float) -> ClockSuspected:
        return ClockSuspected(
            device_id=self._device.device_id,
            venue_id=self._venue.venue_id,
            gate_id=scan.gate_id,
            sequence=scan.sequence,
            cause=cause,
            by_s=int(by_s),
        )

    def _entry(
        self, scan: JournalScan, original: BadgeScanned | None, at: datetime, *, again: bool
    ) -> list[VenueEvent]:
        gate = self._venue.layout.gates.get(scan.gate_id)
        if gate is None:
            return [self._disputed(scan, None, "gate_unknown")]
        scan_id = scan.scan_id if original is None else scan.second_id(self._device.device_id)
        events = fact(replace(scan, scan_id=scan_id), gate, self._device, at, original, self._venue)
        cause = self._dispute(scan, original, again=again)
        if cause is not None:
            events.append(self._disputed(scan, scan_id, cause))
        if cause == "decided_otherwise" and original is not None and original.outcome == "admitted":
            events += self._taken_back(original)
        return events

    def _taken_back(self, original: BadgeScanned) -> Sequence[VenueEvent]:
        """We let in somebody whom the device then kept out: they are where they were, unless they moved on since."""
        undo = UndoPassage(original, followers=(), reason="decided_otherwise", now=original.decided_at)
        outcome = undoing.decide(undo, self._venue)
        return () if isinstance(outcome, Refused) else outcome

    def _dispute(self, scan: JournalScan, original: BadgeScanned | None, *, again: bool) -> DisputeCause | None:
        if original is not None:
            same = original.basis != "journal" and is_same(original, scan, self._device)
            return "decided_otherwise" if same else "scan_id_reused"
        if again:
            return "number_reused"
        stood_there = scan.gate_id in (self._device.gate_id, *self._device.former_gates)
        return None if stood_there else "foreign_gate"

    def _disputed(self, scan: JournalScan, recorded_as: UUID | None, cause: DisputeCause) -> JournalEntryDisputed:
        return JournalEntryDisputed(
            scan_id=scan.scan_id,
            recorded_as=recorded_as,
            venue_id=self._venue.venue_id,
            device_id=self._device.device_id,
            gate_id=scan.gate_id,
            sequence=scan.sequence,
            cause=cause,
            badge_id=scan.reading.badge_id,
            outcome=scan.outcome,
            scanned_at=scan.scanned_at,
        )

    def _tell(self, events: Sequence[VenueEvent]) -> None:
        for event in events:
            self._venue = evolve(self._venue, event)
            if isinstance(event, BadgeScanned):
                self._on_record[event.scan_id] = event
        self._told += events
