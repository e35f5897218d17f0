"""The sessions that are on or begin soon."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.operations.parts.shape import Picture, text

_SOON = timedelta(hours=6)
_MOST = 12

_SESSIONS = """
    SELECT * FROM live.sessions WHERE ends_at > $1 AND starts_at <= $2 ORDER BY starts_at, session_id LIMIT $3
"""


async def sessions(connection: asyncpg.Connection, now: datetime) -> list[Picture]:
    return [_session(row, now) for row in await connection.fetch(_SESSIONS, now, now + _SOON, _MOST)]


def _session(row: Mapping[str, Any], now: datetime) -> Picture:
    return {
        "session_id": row["session_id"],
        "titles": json.loads(row["titles"]),
        "zone_id": row["zone_id"],
        "starts_at": text(row["starts_at"]),
        "ends_at": text(row["ends_at"]),
        "doors_minutes": row["doors_minutes"],
        "state": _state(row, now),
    }


def _state(row: Mapping[str, Any], now: datetime) -> str:
    if now >= row["starts_at"]:
        return "running"
    return "doors" if now >= row["starts_at"] - timedelta(minutes=row["doors_minutes"]) else "upcoming"
