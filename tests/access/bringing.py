"""Devices that decide by themselves, and the journals they bring."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from services.access.domain.brought import JournalScan
from services.access.domain.journal import UploadJournal
from services.access.domain.record.badges import Badge
from services.access.domain.record.devices import Device, DeviceEnrolled, EnrolmentCodeIssued
from services.access.domain.record.layout import Direction, Gate
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import VenueEvent
from tests.access.controls import GATES, read_from
from tests.controls import NOW

_DEVICES = UUID("018f0000-0000-7000-8000-0000000de11c")


def device_at(at: Gate, **changed: Any) -> Device:
    """One at each gate."""
    usual = Device(
        device_id=uuid5(_DEVICES, at.gate_id),
        gate_id=at.gate_id,
        public_key="ab" * 32,
        token_hash=f"token-{at.gate_id}",
        expires_at=NOW + timedelta(days=30),
    )
    return usual.model_copy(update=changed)


ENROLLED: tuple[VenueEvent, ...] = tuple(
    event
    for at in GATES
    for event in (
        EnrolmentCodeIssued(code_hash=at.gate_id, gate_id=at.gate_id, expires_at=NOW),
        DeviceEnrolled(device=device_at(at), code_hash=at.gate_id),
    )
)


def entry(
    number: int, shown: Badge | Reading, at: Gate, direction: Direction = "in", *, ago_s: float = 0, **changed: Any
) -> JournalScan:
    """A scan that a device decided by itself: it let them pass, ``ago_s`` before NOW, on data of a minute ago."""
    usual: dict[str, Any] = {
        "sequence": number,
        "scan_id": uuid4(),
        "gate_id": at.gate_id,
        "direction": direction,
        "reading": read_from(shown) if isinstance(shown, Badge) else shown,
        "outcome": "exited" if direction == "out" else "admitted",
        "reason": None,
        "scanned_at": NOW - timedelta(seconds=ago_s),
        "data_age_s": 60,
        "source": "scanner",
    }
    return JournalScan(**{**usual, **changed})


def upload(
    at: Gate, scans: Sequence[JournalScan], on_record: Iterable[BadgeScanned] = (), now: datetime = NOW
) -> UploadJournal:
    """What the device at a gate brings."""
    return UploadJournal(device_at(at).device_id, scans, {scan.scan_id: scan for scan in on_record}, now)
