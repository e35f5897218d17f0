"""What parts are made of: JSON as it stands, times as text."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Picture = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]


def minute_of(time: datetime) -> datetime:
    """When it began."""
    return time.replace(second=0, microsecond=0)


def text(time: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="seconds")
