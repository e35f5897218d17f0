"""The checks of an entry: small facts about a scan, looked at in a fixed order; the first that fails decides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.access.domain.venue import Badge, Venue, Zone

Unreadable = Literal["credential_malformed", "signing_key_unknown", "signature_invalid"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the credential says, once its signature was verified; or why it says nothing."""

    problem: Unreadable | None = None
    badge_id: UUID | None = None
    version: int = 0
    not_before: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """The few facts an entry touches."""

    venue: Venue
    zone: Zone
    reading: Reading
    badge: Badge | None
    now: datetime


Check = Callable[[Entry, Badge], bool]
"""Whether an entry with a known badge passes."""


def _is_not_superseded(entry: Entry, badge: Badge) -> bool:
    return entry.reading.version >= badge.version


def _is_not_lost(entry: Entry, badge: Badge) -> bool:
    return entry.reading.version != badge.version or badge.holding != "lost"


def _is_activated(entry: Entry, badge: Badge) -> bool:
    """A version we have not heard of yet is not activated either."""
    if entry.reading.version == badge.version:
        return badge.holding != "issued"
    return entry.reading.version < badge.version


def _has_begun(entry: Entry, badge: Badge) -> bool:
    begins = badge.valid_from if entry.reading.not_before is None else max(badge.valid_from, entry.reading.not_before)
    return entry.now >= begins


def _has_not_ended(entry: Entry, badge: Badge) -> bool:
    ends = badge.valid_until if entry.reading.expires is None else min(badge.valid_until, entry.reading.expires)
    return entry.now < ends


def _is_not_locked(entry: Entry, _badge: Badge) -> bool:
    return not any(zone_id in entry.venue.lockdowns for zone_id in entry.zone.path)


def _comes_from_parent(entry: Entry, badge: Badge) -> bool:
    parent = entry.zone.parent_id
    return parent is None or parent in entry.venue.whereabouts.get(badge.person_id, ())


def _is_not_inside(entry: Entry, badge: Badge) -> bool:
    return entry.zone.zone_id not in entry.venue.whereabouts.get(badge.person_id, ())


def _has_room(entry: Entry, badge: Badge) -> bool:
    """Whoever is inside already takes no further place."""
    capacity = entry.zone.capacity
    return capacity is None or not _is_not_inside(entry, badge) or entry.venue.count(entry.zone.zone_id) < capacity


OF_THE_TEXT: tuple[Unreadable, ...] = ("credential_malformed", "signing_key_unknown", "signature_invalid")
UNKNOWN = "credential_unknown"
OF_THE_BADGE: tuple[tuple[str, Check], ...] = (
    ("credential_revoked", lambda _entry, badge: not badge.revoked),
    ("credential_superseded", _is_not_superseded),
    ("credential_lost", _is_not_lost),
    ("credential_suspended", lambda _entry, badge: not (badge.suspended or badge.held)),
    ("credential_not_activated", _is_activated),
    ("credential_not_yet_valid", _has_begun),
    ("credential_expired", _has_not_ended),
    ("zone_not_granted", lambda entry, badge: entry.zone.area in badge.areas),
    ("lockdown", _is_not_locked),
    ("path_violation", _comes_from_parent),
    ("already_inside", _is_not_inside),
    ("zone_full", _has_room),
)
CODES: tuple[str, ...] = (*OF_THE_TEXT, UNKNOWN, *(code for code, _ in OF_THE_BADGE))
"""Every reason for which an entry is refused, in the order they are looked at."""


WRONG_WITH_THE_BADGE = frozenset((*OF_THE_TEXT, *(code for code in CODES if code.startswith("credential_"))))
"""What is worth saying of a badge even when its holder leaves."""


def failed(entry: Entry) -> tuple[str, ...]:
    """The checks this entry does not pass, in order.

    A text that cannot be read, or a badge that is not known, fails at that: no further check can be made.
    """
    if entry.reading.problem is not None:
        return (entry.reading.problem,)
    if entry.badge is None:
        return (UNKNOWN,)
    badge = entry.badge
    return tuple(code for code, passes in OF_THE_BADGE if not passes(entry, badge))


def made(failed_codes: tuple[str, ...]) -> tuple[str, ...]:
    """Which checks were made, given those that failed: all, or those up to the one that made the others impossible."""
    impossible = next((code for code in failed_codes if code in (*OF_THE_TEXT, UNKNOWN)), None)
    return CODES if impossible is None else CODES[: CODES.index(impossible) + 1]
