"""Scanners: enrolled at a gate by a code that works once, known by a token after that, moved, cut off at once.

What they say of themselves is recorded where it changed in a way worth telling.
"""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from chassis.log.decider import Command, Decision, Refused, Unknown
from services.access.domain.layout import GateUnknown
from services.access.domain.record.devices import (
    Device,
    DeviceCutOff,
    DeviceEnrolled,
    DeviceFellSilent,
    DeviceMoved,
    DeviceReported,
    EnrolmentCodeIssued,
)
from services.access.domain.venue import Venue, VenueEvent


class IssueEnrolmentCode(Command):
    code_hash: str
    gate_id: str
    expires_at: datetime  # real time


class EnrolDevice(Command):
    code_hash: str
    device_id: UUID
    public_key: str  # 32 raw bytes of Ed25519, in hex; the private half never leaves the device
    token_hash: str
    now: datetime  # real time
    token_expires_at: datetime


class MoveDevice(Command):
    device_id: UUID
    gate_id: str


class CutOffDevice(Command):
    device_id: UUID


class ReportDevice(Command):
    """What a device says of itself; DeviceReported describes the fields."""

    device_id: UUID
    battery: int | None
    queue: int
    skew_s: int | None
    policy_version: int | None
    revocation_version: int | None
    software: str | None
    heard_at: datetime


class ReportSilence(Command):
    device_id: UUID
    heard_at: datetime  # last


DeviceCommand = IssueEnrolmentCode | EnrolDevice | MoveDevice | CutOffDevice | ReportDevice | ReportSilence

SKEWED_S = 30
"""From here on a device's clock is worth telling of."""


class EnrolmentCodeInvalid(Refused):
    """The code was never issued, was used, or has expired: ask for a new one."""

    __slots__ = ()
    code = "enrolment_code_invalid"


class DeviceUnknown(Unknown):
    """There is no such device."""

    __slots__ = ()
    code = "device_unknown"


class DeviceWasCutOff(Refused):
    """A device that was cut off stays so: enrol it again."""

    __slots__ = ()
    code = "device_cut_off"


def decide(command: DeviceCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case IssueEnrolmentCode(gate_id=gate_id):
            if gate_id not in venue.layout.gates:
                return GateUnknown(gate_id)
            return [] if command.code_hash in venue.devices.codes else [EnrolmentCodeIssued(**command.model_dump())]
        case EnrolDevice():
            if command.device_id in venue.devices.known:
                return []
            issued = venue.devices.codes.get(command.code_hash)
            if issued is None or issued.expires_at <= command.now:
                return EnrolmentCodeInvalid("ask the gate's supervisor for a new one")
            device = Device(
                device_id=command.device_id,
                gate_id=issued.gate_id,
                public_key=command.public_key,
                token_hash=command.token_hash,
                expires_at=command.token_expires_at,
            )
            return [DeviceEnrolled(device=device, code_hash=command.code_hash)]
        case MoveDevice() | CutOffDevice() | ReportDevice() | ReportSilence():
            known = venue.devices.known.get(command.device_id)
            return DeviceUnknown(str(command.device_id)) if known is None else _of(known, command, venue)
        case _:
            assert_never(command)


def worth_telling(before: DeviceReported | None, now: ReportDevice) -> bool:
    """Whether somebody who looks at ``before`` would look twice. Batteries and queues are told in steps."""
    return before is None or _coarsely(before) != _coarsely(now)


def _coarsely(report: DeviceReported | ReportDevice) -> tuple[object, ...]:
    skewed = report.skew_s is not None and abs(report.skew_s) > SKEWED_S
    return (
        None if report.battery is None else report.battery // 10,
        len(str(report.queue)) if report.queue else 0,
        skewed,
        report.policy_version,
        report.revocation_version,
        report.software,
    )


def _of(
    device: Device, command: MoveDevice | CutOffDevice | ReportDevice | ReportSilence, venue: Venue
) -> Decision[VenueEvent]:
    device_id = device.device_id
    match command:
        case MoveDevice(gate_id=gate_id):
            if gate_id not in venue.layout.gates:
                return GateUnknown(gate_id)
            if device.cut_off:
                return DeviceWasCutOff(str(device_id))
            if device.gate_id == gate_id:
                return []
            return [DeviceMoved(device_id=device_id, gate_id=gate_id, from_gate_id=device.gate_id)]
        case CutOffDevice():
            return [] if device.cut_off else [DeviceCutOff(device_id=device_id)]
        case ReportDevice():
            silent = device_id in venue.devices.silent
            if device.cut_off or not (silent or worth_telling(venue.devices.reports.get(device_id), command)):
                return []
            where = {"venue_id": venue.venue_id, "gate_id": device.gate_id}
            return [DeviceReported(**command.model_dump(), **where)]
        case ReportSilence(heard_at=heard_at):
            if device.cut_off or device_id in venue.devices.silent:
                return []
            where = {"venue_id": venue.venue_id, "gate_id": device.gate_id}
            return [DeviceFellSilent(device_id=device_id, heard_at=heard_at, **where)]
        case _:
            assert_never(command)
