"""What a rule looks at: the few facts that an entry touches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Gate, Lane, Zone
from services.access.domain.record.overlays import Overlay
from services.access.domain.venue import Venue

Unreadable = Literal["credential_malformed", "signing_key_unknown", "signature_invalid", "wrong_event"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a credential says, once its signature was verified; or why it says nothing."""

    problem: Unreadable | None = None
    badge_id: UUID | None = None
    version: int = 0
    not_before: datetime | None = None
    expires: datetime | None = None


def reading_of(badge: Badge) -> Reading:
    """What a badge says that is read as it is known here."""
    return Reading(None, badge.badge_id, badge.version, badge.valid_from, badge.valid_until)


@dataclass(slots=True)
class Entry:
    """One person at one gate, on the way in."""

    venue: Venue
    gate: Gate
    way: Gate | Lane
    zone: Zone
    scan_id: UUID
    reading: Reading
    badge: Badge | None
    now: datetime
    overlay_shown: bool = False
    overlay: Overlay | None = None
    companion_shown: bool = False
    companion: Badge | None = None
    companion_reading: Reading | None = None

    def whereabouts(self, badge: Badge) -> tuple[str, ...]:
        """The zones the holder is believed in."""
        return self.venue.presence.whereabouts.get(badge.person_id, ())


Check = Callable[[Entry, Badge], bool]
"""Whether an entry with a known badge passes."""


class Family(NamedTuple):
    """Checks that belong together, and whether any of them can fail at all: most of the time none can.

    ``concerns`` may say yes too often, and never no where a check would fail.
    """

    concerns: Check
    checks: tuple[tuple[str, Check], ...]
    """With the code each fails with, in the order they are looked at."""
