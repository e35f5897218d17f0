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
    former_gates: tuple[str, ...] = ()


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


class DeviceReported(Event):
    """How a device is, told when it changed in a way worth telling; after a silence, that it is back."""

    device_id: UUID
    venue_id: str
    gate_id: str
    battery: int | None  # percent; None: it has none
    queue: int  # scans it decided by itself and has not brought yet
    skew_s: int | None  # its clock less ours; None: a scenario sets ours, which is nobody's
    policy_version: int | None
    revocation_version: int | None
    software: str | None
    heard_at: datetime


class DeviceFellSilent(Event):
    """Nothing was heard of a device for a minute."""

    device_id: UUID
    venue_id: str
    gate_id: str
    heard_at: datetime  # last


DevicesEvent = EnrolmentCodeIssued | DeviceEnrolled | DeviceMoved | DeviceCutOff | DeviceReported | DeviceFellSilent
EVENTS = (EnrolmentCodeIssued, DeviceEnrolled, DeviceMoved, DeviceCutOff, DeviceReported, DeviceFellSilent)


class Devices(NamedTuple):
    codes: Map[str, EnrolmentCodeIssued] = Map()  # not used yet, by hash
    known: Map[UUID, Device] = Map()
    tokens: Map[str, UUID] = Map()  # token hash -> device
    reports: Map[UUID, DeviceReported] = Map()  # the last of each
    silent: frozenset[UUID] = frozenset()


def evolve(devices: Devices, event: DevicesEvent) -> Devices:
    match event:
        case EnrolmentCodeIssued(code_hash=code_hash):
            return devices._replace(codes=devices.codes.set(code_hash, event))
        case DeviceEnrolled(device=device, code_hash=code_hash):
            return devices._replace(
                codes=devices.codes.delete(code_hash),
                known=devices.known.set(device.device_id, device),
                tokens=devices.tokens.set(device.token_hash, device.device_id),
            )
        case DeviceMoved(device_id=device_id, gate_id=gate_id, from_gate_id=former):
            stood_at = devices.known[device_id].former_gates
            return _changed(devices, device_id, gate_id=gate_id, former_gates=tuple(dict.fromkeys((*stood_at, former))))
        case DeviceCutOff(device_id=device_id):
            return _changed(devices, device_id, cut_off=True)
        case DeviceReported(device_id=device_id):
            reports = devices.reports.set(device_id, event)
            return devices._replace(reports=reports, silent=devices.silent - {device_id})
        case DeviceFellSilent(device_id=device_id):
            return devices._replace(silent=devices.silent | {device_id})
        case _:
            assert_never(event)


def _changed(devices: Devices, device_id: UUID, **facts: object) -> Devices:
    device = devices.known[device_id].model_copy(update=facts)
    return devices._replace(known=devices.known.set(device_id, device))
