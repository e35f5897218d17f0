"""Scanners: enrolled, moved, cut off, heard of, looked at."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, StringConstraints

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed, public
from chassis.edge.problems import unless_refused
from chassis.run.clock import Clock
from contracts.ids import DeviceId, GateId
from services.access.domain.devices import CutOffDevice, MoveDevice, ReportDevice
from services.access.domain.record.devices import Device
from services.access.domain.record.journal import NOTHING_BROUGHT
from services.access.domain.venue import Venue
from services.access.enrolment import Enrolment
from services.access.fleet import BEATS_EVERY_S, Fleet
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.revocations import Revocations

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class CodeBody(Body):
    gate_id: GateId


class EnrolBody(Body):
    code: Annotated[str, StringConstraints(min_length=8, max_length=40)]
    public_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """32 raw bytes of an Ed25519 key made on the device, in hex."""


class GateOfDeviceBody(Body):
    gate_id: GateId


class HeartbeatBody(Body):
    """How a scanner is. Sent every 15 seconds, and as soon as it has taken in a new list of revocations."""

    time: AwareDatetime
    """By its own clock."""
    battery: int | None = Field(default=None, ge=0, le=100)
    """Percent; null: it has none."""
    queue: Count
    """Scans it decided by itself and has not brought yet."""
    policy_version: Count | None = None
    revocation_version: Count | None = None
    software: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,40}$")] | None = None


def devices(
    gatekeeper: Gatekeeper, enrolment: Enrolment, fleet: Fleet, revocations: Revocations, clock: Clock
) -> APIRouter:
    router = APIRouter(prefix="/v1/devices", tags=["devices"])

    @router.post("/codes", status_code=201)
    async def issue_code(
        body: CodeBody, because: Because, principal: Principal = allowed("supervisor", "admin")
    ) -> dict[str, Any]:
        """A code that enrols one scanner at a gate, within ten minutes. Shown once."""
        issued = await enrolment.issue_code(body.gate_id, because.metadata(principal))
        code, expires_at = unless_refused(issued)
        return {"code": code, "gate_id": body.gate_id, "expires_at": expires_at}

    @router.post("/enrol", status_code=201)
    async def enrol(body: EnrolBody, because: Because, principal: Principal = public()) -> dict[str, Any]:
        """Trades a code for a token bound to the code's gate. The code is what shows that you may. Shown once."""
        enrolled = await enrolment.enrol(body.code, body.public_key, because.metadata(principal))
        device, token = unless_refused(enrolled)
        return {
            "device_id": device.device_id,
            "token": token,
            "gate_id": device.gate_id,
            "expires_at": device.expires_at,
        }

    @router.post("/heartbeat")
    async def heartbeat(
        body: HeartbeatBody, because: Because, principal: Principal = allowed("device")
    ) -> dict[str, Any]:
        """A sign of life. The answer says what the scanner should know: where it stands, what there is to fetch."""
        device_id, now = UUID(principal.id), clock.now()
        report = ReportDevice(
            device_id=device_id,
            skew_s=fleet.skew_s(body.time),
            heard_at=now,
            **body.model_dump(exclude={"time"}),
        )
        if body.revocation_version is not None:
            revocations.acknowledge(device_id, body.revocation_version)
        await fleet.hear(report, because.metadata(principal))
        venue = gatekeeper.venue
        return {
            "gate_id": venue.devices.known[device_id].gate_id,
            "time": now,
            "policy_version": venue.policy_version,
            "revocation_version": venue.badges.revocations.version,
            "journal_expected": venue.journal.brought.get(device_id, NOTHING_BROUGHT).last + 1,
            "next_in_s": BEATS_EVERY_S,
        }

    @router.post("/{device_id}/gate")
    async def move(
        device_id: DeviceId,
        body: GateOfDeviceBody,
        because: Because,
        principal: Principal = allowed("supervisor", "admin"),
    ) -> dict[str, Any]:
        """The device stands at another gate from now on, and scans there and nowhere else."""
        command = MoveDevice(device_id=device_id, gate_id=body.gate_id)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"device_id": device_id, "gate_id": body.gate_id}

    @router.post("/{device_id}/cut-off")
    async def cut_off(
        device_id: DeviceId, because: Because, principal: Principal = allowed("supervisor", "admin")
    ) -> dict[str, Any]:
        """The device's token is worth nothing from now on."""
        await obeyed(gatekeeper, CutOffDevice(device_id=device_id), because.metadata(principal))
        return {"device_id": device_id, "cut_off": True}

    @router.get("/heartbeats")
    async def heartbeats(
        _: Principal = allowed("service", "supervisor", "operations", "commander", "auditor", "admin"),
    ) -> dict[UUID, datetime]:
        """When this process heard of each scanner last."""
        known = gatekeeper.venue.devices.known
        return {device_id: last.report.heard_at for device_id in known if (last := fleet.last(device_id)) is not None}

    @router.get("")
    async def devices(
        _: Principal = allowed("supervisor", "operations", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """The scanners: where they stand, whether they may scan, how they are, what they have not heard of yet."""
        venue = gatekeeper.venue
        known = sorted(venue.devices.known.values(), key=lambda one: (one.gate_id, one.device_id))
        return [_device(device, venue, fleet, clock) for device in known]

    return router


def _device(device: Device, venue: Venue, fleet: Fleet, clock: Clock) -> dict[str, Any]:
    """``heard``: as the process knows it that heard it; from another, as it was last worth telling."""
    heartbeat = fleet.last(device.device_id)
    report = heartbeat.report if heartbeat else venue.devices.reports.get(device.device_id)
    shown: dict[str, Any] = {
        **device.model_dump(exclude={"token_hash"}),
        "silent": device.device_id in venue.devices.silent,
        "heard": None,
        "behind": [],
    }
    if report is not None:
        age_s = fleet.age_s(heartbeat) if heartbeat else (clock.now() - report.heard_at).total_seconds()
        facts = report.model_dump(exclude={"device_id", "venue_id", "gate_id"})
        shown["heard"] = {**facts, "age_s": round(age_s, 1)}
        shown["behind"] = [
            what
            for what, has, there_is in (
                ("policy", report.policy_version, venue.policy_version),
                ("revocations", report.revocation_version, venue.badges.revocations.version),
            )
            if (has or 0) < there_is
        ]
    return shown
