"""The escalation clock: how long an incident may wait before somebody higher hears of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.operations.domain.incident_record import Incident

_SHIFT = 12 * 60
CLOCK: Mapping[int, tuple[int, ...]] = {1: (1, 3), 2: (5, 15), 3: (15, 60), 4: (_SHIFT,)}
"""Minutes by severity: to be acknowledged, else level 1; to be worked on, else level 2, the commander."""
_WAITS_FOR = {"reported": 1, "triaged": 1, "assigned": 1, "acknowledged": 2}
"""The lowest level that a state can still come to; work under way comes to none."""


@dataclass(frozen=True, slots=True)
class Due:
    """The next level, and when."""

    level: int
    at: datetime


def due(incident: Incident) -> Due | None:
    """What the clock does next if nobody does anything; None: nothing."""
    lowest = _WAITS_FOR.get(incident.state)
    if lowest is None or incident.merged_into is not None:
        return None
    level, limits = max(lowest, incident.escalated + 1), CLOCK[incident.severity]
    if level > len(limits):
        return None
    return Due(level, incident.clock_at + timedelta(minutes=limits[level - 1]))
