"""What scanners that are silent may have let through, and nobody has heard of yet."""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.operations.parts.shape import Rows

_LAST_HOUR_BEFORE = """
    SELECT device_id, coalesce(sum(admitted + refused + exited), 0) AS scans
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS silent (device_id, gate_id, since)
    LEFT JOIN live.gate_minutes ON gate_minutes.gate_id = silent.gate_id
        AND minute BETWEEN date_trunc('minute', since) - interval '59 minutes' AND since
    GROUP BY 1
"""


class Pending:
    """Guesses what each silent scanner holds: its queue as it said last, and its part of what its gate had been doing.

    The scans a minute of the gate in the hour before the silence, divided among its scanners, times the minutes since.
    """

    def __init__(self) -> None:
        self._last_hour: dict[tuple[UUID, str, datetime], int] = {}
        """Scans of the gate in the hour before; kept, for the silence of a scanner does not change it."""

    async def by_gate(
        self, connection: asyncpg.Connection, devices: Rows, gates: Rows, now: datetime
    ) -> Mapping[str, int]:
        """Scans, by gate; only gates that are open and where there may be any."""
        is_open = {gate["gate_id"] for gate in gates if gate["state"] == "open"}
        working = [one for one in devices if not one["cut_off"] and one["gate_id"] in is_open]
        silent = [one for one in working if one["silent"] and one["heard_at"] is not None]
        await self._read(connection, silent)
        at_gate = Counter(one["gate_id"] for one in working)
        found: Counter[str] = Counter()
        for one in silent:
            a_minute = self._last_hour[_key(one)] / 60 / at_gate[one["gate_id"]]
            minutes = max(0.0, (now - one["heard_at"]).total_seconds() / 60)
            found[one["gate_id"]] += math.ceil(one["queue"] + a_minute * minutes)
        return {gate_id: scans for gate_id, scans in found.items() if scans}

    async def _read(self, connection: asyncpg.Connection, silent: Rows) -> None:
        self._last_hour = {_key(one): self._last_hour[_key(one)] for one in silent if _key(one) in self._last_hour}
        new = [_key(one) for one in silent if _key(one) not in self._last_hour]
        if new:
            rows = await connection.fetch(_LAST_HOUR_BEFORE, *map(list, zip(*new, strict=True)))
            scans = {device_id: int(count) for device_id, count in rows}
            self._last_hour |= {key: scans[key[0]] for key in new}


def _key(device: Mapping[str, Any]) -> tuple[UUID, str, datetime]:
    return device["device_id"], device["gate_id"], device["heard_at"]
