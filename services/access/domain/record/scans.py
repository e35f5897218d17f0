"""The record of a scan: what was shown where, what was decided, and who is where after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.log.decider import Event, Value
from services.access.domain.record.layout import Direction

Outcome = Literal["admitted", "refused", "exited"]
Source = Literal["scanner", "kiosk", "turnstile", "manual"]
Basis = Literal["badge", "pin", "party", "companion", "handover", "override", "journal"]
"""What a passage rests on: the badge that was read; a head's pin; the scan of a party's leader or of the person an
escort came with; an overlay handed over in the room; a supervisor's word; a device that decided by itself."""


class CompanionReading(Value):
    """What the badge of whoever came along says of itself."""

    version: int
    not_before: datetime | None
    expires: datetime | None


class BadgeScanned(Event):
    """One scan and its verdict. Presence is folded from ``entered``, ``left`` and ``unidentified``."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    lane_id: str | None = None
    zone_id: str  # behind the gate
    direction: Direction
    basis: Basis = "badge"
    because_of: UUID | None = None  # the scan, override or party it follows from
    outcome: Outcome
    failed: tuple[str, ...]  # checks that failed, in their order; the first decided a refusal
    warnings: tuple[str, ...]
    badge_id: UUID | None
    badge_version: int | None
    not_before: datetime | None = None  # of the credential, where it is not the badge's own
    expires: datetime | None = None
    person_id: UUID | None
    delegation_id: str | None
    category: str | None
    overlay_id: UUID | None = None  # the overlay pass that was shown, if it is one of ours
    overlay_shown: bool = False
    companion_id: UUID | None = None  # the badge of whoever came along
    companion_shown: bool = False
    companion_reading: CompanionReading | None = None  # where it is not what the badge itself is
    device_id: UUID | None
    source: Source
    heads: int | None = None  # of a party, as the guard counted them
    absent: tuple[UUID, ...] = ()  # its members whom the guard did not see
    duress: bool = False
    entered: tuple[str, ...]
    left: tuple[str, ...]
    inferred: tuple[str, ...] = ()  # of ``left``: the zones from which nobody saw them go
    unidentified: Mapping[str, int]  # how many more people without a name a zone holds, or fewer
    seated: bool = False  # whether they take a seat of their delegation in ``zone_id``
    count: int  # people in ``zone_id`` after the scan
    capacity: int | None
    policy_version: int
    decided_on: int  # version of the venue's stream that the decision rests on
    holder_displayed: bool  # whether the screen at the gate was given a name
    scanned_at: datetime
    decided_at: datetime

    @property
    def reason(self) -> str | None:
        """The one code that decided a refusal."""
        return self.failed[0] if self.outcome == "refused" else None
