"""The scanners as rows: where each stands, and what it said of itself last."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from contracts import access
from contracts.event import SharedEvent
from services.operations.views.rows import write

_SKEWED_S = 30  # access calls a clock that is farther off skewed

_ENROLLED = """
    INSERT INTO devices (device_id, gate_id, enrolled_by) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[])
    ON CONFLICT (device_id) DO UPDATE SET gate_id = excluded.gate_id
"""
_CHANGED = """
    UPDATE devices SET
        gate_id = coalesce(change.gate_id, devices.gate_id),
        cut_off = devices.cut_off OR change.cut_off,
        silent = coalesce(change.silent, devices.silent),
        clock_suspected = coalesce(change.clock_suspected, devices.clock_suspected),
        heard_at = greatest(devices.heard_at, change.heard_at)
    FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[], $5::boolean[], $6::timestamptz[])
        AS change (device_id, gate_id, cut_off, silent, clock_suspected, heard_at)
    WHERE devices.device_id = change.device_id
"""
_REPORTED = """
    UPDATE devices SET (battery, queue, skew_s, policy_version, revocation_version, software) =
        (report.battery, report.queue, report.skew_s, report.policy_version, report.revocation_version, report.software)
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[])
        AS report (device_id, battery, queue, skew_s, policy_version, revocation_version, software)
    WHERE devices.device_id = report.device_id
"""
# Whoever was heard of has it: access says so when the last of them does, and names those it has not heard of.
_SPREAD = """
    UPDATE devices SET revocation_version = greatest(revocation_version, $1)
    WHERE $2 AND NOT cut_off AND device_id <> ALL($3::uuid[])
      AND gate_id IN (SELECT gate_id FROM gates WHERE venue_id = $4)
"""
_NEWEST_LIST = """
    INSERT INTO venues (venue_id, revocation_version) VALUES ($1, $2)
    ON CONFLICT (venue_id) DO UPDATE SET
        revocation_version = greatest(venues.revocation_version, excluded.revocation_version)
"""


@dataclass(slots=True)
class _Change:
    """What a run says of a scanner; None: nothing, it stays as it was."""

    gate_id: str | None = None
    cut_off: bool = False
    silent: bool | None = None
    clock_suspected: bool | None = None
    heard_at: datetime | None = None
    report: access.DeviceReported | None = None

    def hear(self, at: datetime) -> None:
        self.heard_at = at if self.heard_at is None else max(self.heard_at, at)


@dataclass(slots=True)
class Devices:
    """A run of what access tells of scanners, until it is written: the last word on each holds."""

    enrolled: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    """Where, and the number of the event."""
    changes: dict[UUID, _Change] = field(default_factory=dict)

    def take(self, number: int, event: SharedEvent) -> None:
        """``number``: of the event."""
        match event:
            case access.DeviceEnrolled(device_id=device, gate_id=gate):
                self.enrolled[device] = gate, number
            case access.DeviceMoved(device_id=device, gate_id=gate):
                self._of(device).gate_id = gate
            case access.DeviceCutOff(device_id=device):
                self._of(device).cut_off = True
            case access.ClockSuspected(device_id=device):
                self._of(device).clock_suspected = True
            case access.DeviceFellSilent(device_id=device, heard_at=at):
                change = self._of(device)
                change.silent = True
                change.hear(at)
            case access.DeviceReported(device_id=device, heard_at=at, skew_s=skew_s):
                change = self._of(device)
                change.silent, change.report = False, event
                change.hear(at)
                if skew_s is not None and abs(skew_s) <= _SKEWED_S:
                    change.clock_suspected = False

    def _of(self, device: UUID) -> _Change:
        return self.changes.setdefault(device, _Change())

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        await write(connection, _ENROLLED, [(device, *known) for device, known in self.enrolled.items()])
        await write(
            connection,
            _CHANGED,
            [
                (device, one.gate_id, one.cut_off, one.silent, one.clock_suspected, one.heard_at)
                for device, one in self.changes.items()
            ],
        )
        await write(connection, _REPORTED, [_said(one.report) for one in self.changes.values() if one.report])


def _said(report: access.DeviceReported) -> tuple[object, ...]:
    return (
        report.device_id,
        report.battery,
        report.queue,
        report.skew_s,
        report.policy_version,
        report.revocation_version,
        report.software,
    )


async def spread(connection: asyncpg.Connection, event: access.RevocationSpread) -> None:
    """A list of revocations has come as far as it comes, to the scanners as they stand."""
    arrived = event.reached == event.gates
    await connection.execute(_SPREAD, event.version, arrived, event.silent, event.venue_id)
    await connection.execute(_NEWEST_LIST, event.venue_id, event.version)
