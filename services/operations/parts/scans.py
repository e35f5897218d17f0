"""Scans: how many, when, and why some were refused."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.operations.parts.shape import Picture, Rows, text

MINUTES = 60  # of the last hour

_SECONDS = """
    SELECT coalesce(sum(admitted), 0) AS admitted, coalesce(sum(refused), 0) AS refused,
           coalesce(sum(exited), 0) AS exited
    FROM live.seconds WHERE second > $1
"""
_MINUTES = "SELECT minute, outcome, reason, scans FROM live.minutes WHERE minute >= $1"
_OUTCOMES = "SELECT outcome, reason, scans FROM live.outcomes"


def hour_until(now: datetime) -> datetime:
    """When the first of sixty minutes began, of which ``now`` lies in the last."""
    return now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)


async def scans(connection: asyncpg.Connection, now: datetime) -> Picture:
    since = hour_until(now)
    minutes = await connection.fetch(_MINUTES, since)
    outcomes = await connection.fetch(_OUTCOMES)
    last_minute = await connection.fetchrow(_SECONDS, now - timedelta(seconds=60))
    return {
        "scans": {
            **_by_outcome(outcomes),
            "last_minute": dict(last_minute),
            "last_hour": _last_hour(minutes, since),
        },
        "refusals": _refusals(outcomes, minutes),
    }


def _by_outcome(outcomes: Rows) -> dict[str, int]:
    counted = Counter({"admitted": 0, "refused": 0, "exited": 0})
    for row in outcomes:
        counted[row["outcome"]] += int(row["scans"])
    return {"total": counted.total(), **counted}


def _last_hour(minutes: Rows, since: datetime) -> dict[str, Any]:
    """Sixty numbers an outcome, one a minute, the current minute last."""
    bars: dict[str, list[int]] = {outcome: [0] * MINUTES for outcome in ("admitted", "refused", "exited")}
    for row in minutes:
        place = int((row["minute"] - since).total_seconds()) // 60
        if place < MINUTES:
            bars[row["outcome"]][place] += row["scans"]
    return {"since": text(since), **bars}


def _refusals(outcomes: Rows, minutes: Rows) -> list[dict[str, Any]]:
    """By reason, the most frequent of all time first."""
    last_hour: Counter[str] = Counter()
    for row in minutes:
        if row["outcome"] == "refused":
            last_hour[row["reason"]] += row["scans"]
    found = [_refusal(row, last_hour) for row in outcomes if row["outcome"] == "refused"]
    return sorted(found, key=lambda one: (-one["total"], one["reason"]))


def _refusal(row: Mapping[str, Any], last_hour: Mapping[str, int]) -> dict[str, Any]:
    reason = row["reason"]
    return {"reason": reason, "total": int(row["scans"]), "last_hour": last_hour.get(reason, 0)}
