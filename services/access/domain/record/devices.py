"""Scanners: the codes they are enrolled with, where they stand, whether they may scan."""

from datetime import datetime
from typing import NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value


class Device(Value):
    """A scanner bound to a gate. Its token is known by its SHA-256 only."""

    device_id: UUID
    gate_id: str
    public_key: str
    token_hash: str
    expires_at: datetime  # real time
    cut_off: bool = False


class EnrolmentCodeIssued(Event):
    code_hash: str
    gate_id: str
    expires_at: datetime  # real time


class DeviceEnrolled(Event):
    device: Device
    code_hash: str


class DeviceMoved(Event):
    device_id: UUID
    gate_id: str  # where it stands now
    from_gate_id: str


class DeviceCutOff(Event):
    device_id: UUID


DevicesEvent = EnrolmentCodeIssued | DeviceEnrolled | DeviceMoved | DeviceCutOff
EVENTS = (EnrolmentCodeIssued, DeviceEnrolled, DeviceMoved, DeviceCutOff)


class Devices(NamedTuple):
    codes: Map[str, EnrolmentCodeIssued] = Map()  # not used yet, by hash
    known: Map[UUID, Device] = Map()
    tokens: Map[str, UUID] = Map()  # token hash -> device


def evolve(devices: Devices, event: DevicesEvent) -> Devices:
    match event:
        case EnrolmentCodeIssued(code_hash=code_hash):
            return devices._replace(codes=devices.codes.set(code_hash, event))
        case DeviceEnrolled(device=device, code_hash=code_hash):
            return Devices(
                devices.codes.delete(code_hash),
                devices.known.set(device.device_id, device),
                devices.tokens.set(device.token_hash, device.device_id),
            )
        case DeviceMoved(device_id=device_id, gate_id=gate_id):
            return _changed(devices, device_id, gate_id=gate_id)
        case DeviceCutOff(device_id=device_id):
            return _changed(devices, device_id, cut_off=True)
        case _:
            assert_never(event)


def _changed(devices: Devices, device_id: UUID, **facts: object) -> Devices:
    device = devices.known[device_id].model_copy(update=facts)
    return devices._replace(known=devices.known.set(device_id, device))
