"""Scanners: enrolled at a gate by a code that works once, known by a token after that, cut off at once."""

from datetime import datetime
from uuid import UUID

from chassis.log.decider import Command, Decision, Refused, Unknown
from services.access.domain.layout import GateUnknown
from services.access.domain.record.devices import Device, DeviceCutOff, DeviceEnrolled, EnrolmentCodeIssued
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


class CutOffDevice(Command):
    device_id: UUID


DeviceCommand = IssueEnrolmentCode | EnrolDevice | CutOffDevice


class EnrolmentCodeInvalid(Refused):
    """The code was never issued, was used, or has expired: ask for a new one."""

    __slots__ = ()
    code = "enrolment_code_invalid"


class DeviceUnknown(Unknown):
    """There is no such device."""

    __slots__ = ()
    code = "device_unknown"


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
        case CutOffDevice(device_id=device_id):
            known = venue.devices.known.get(device_id)
            if known is None:
                return DeviceUnknown(str(device_id))
            return [] if known.cut_off else [DeviceCutOff(device_id=device_id)]
