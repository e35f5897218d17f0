"""The gates: what came through each in the last hour, and how its scanners are."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from services.operations.parts.scans import MINUTES, hour_until
from services.operations.parts.shape import Picture, Rows, text

_QUIET = timedelta(minutes=10)

_GATES = "SELECT * FROM live.gates LEFT JOIN live.sightings USING (gate_id) ORDER BY defined_by"
_GATE_MINUTES = """
    SELECT gate_id, minute, admitted, refused, exited
    FROM live.gates JOIN live.gate_minutes USING (gate_id) WHERE minute >= $1 AND touched > $2
"""

VerdictTimes = Callable[[str], Mapping[str, Any] | None]


async def gates(connection: asyncpg.Connection) -> list[Mapping[str, Any]]:
    """As rows, in the order of the layout."""
    found: list[Mapping[str, Any]] = await connection.fetch(_GATES)
    return found


class LastHour:
    """The last hour of every gate, minute by minute: read once a minute, then only what was touched since."""

    def __init__(self) -> None:
        self.since: datetime | None = None
        self._number = 0
        self._scans: dict[str, list[int]] = {}
        self._admitted: dict[str, list[int]] = {}
        self._refused: dict[str, list[int]] = {}

    async def read(self, connection: asyncpg.Connection, now: datetime, number: int) -> None:
        """``number``: of the last event that the rows rest on."""
        since = hour_until(now)
        if since != self.since or number < self._number:
            self._number = 0
            self._scans, self._admitted, self._refused = {}, {}, {}
        for gate_id, minute, admitted, refused, exited in await connection.fetch(_GATE_MINUTES, since, self._number):
            place = int((minute - since).total_seconds()) // 60
            if place < MINUTES:
                self._of(self._scans, gate_id)[place] = admitted + refused + exited
                self._of(self._admitted, gate_id)[place] = admitted
                self._of(self._refused, gate_id)[place] = refused
        self.since, self._number = since, number

    def shown(self, gate_id: str) -> Picture:
        return {
            "minutes": list(self._of(self._scans, gate_id)),
            "admitted_hour": sum(self._of(self._admitted, gate_id)),
            "refused_hour": sum(self._of(self._refused, gate_id)),
        }

    @staticmethod
    def _of(what: dict[str, list[int]], gate_id: str) -> list[int]:
        return what.setdefault(gate_id, [0] * MINUTES)


def drawn(
    rows: Rows, devices: Rows, last_hour: LastHour, verdict_ms: VerdictTimes, now: datetime, time_zone: ZoneInfo
) -> list[Picture]:
    standing = {row["gate_id"]: [0, 0] for row in rows}
    for device in devices:
        if not device["cut_off"] and device["gate_id"] in standing:
            standing[device["gate_id"]][0] += 1
            standing[device["gate_id"]][1] += device["silent"]
    return [
        {
            **_gate(order, row, now, time_zone),
            "devices": standing[row["gate_id"]][0],
            "silent_devices": standing[row["gate_id"]][1],
            **last_hour.shown(row["gate_id"]),
            "verdict_ms": verdict_ms(row["gate_id"]),
        }
        for order, row in enumerate(rows)
    ]


def _gate(order: int, row: Mapping[str, Any], now: datetime, time_zone: ZoneInfo) -> Picture:
    last = row["decided_at"]
    return {
        "gate_id": row["gate_id"],
        "order": order,
        "name": row["name"],
        "from_zone_id": row["from_zone_id"],
        "to_zone_id": row["to_zone_id"],
        "last_scan_at": text(last),
        "heard_at": text(row["arrived_at"]),
        "state": row["state"],
        "silent": row["state"] == "open" and last is not None and _is_quiet(last, now, time_zone),
    }


def _is_quiet(last: datetime, now: datetime, time_zone: ZoneInfo) -> bool:
    """Whether nothing was heard of for a while that was heard of today."""
    same_day = last.astimezone(time_zone).date() == now.astimezone(time_zone).date()
    return same_day and now - last > _QUIET
