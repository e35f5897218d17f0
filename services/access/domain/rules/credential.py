"""Whether the badge is one that opens anything today."""

from services.access.domain.record.badges import Badge
from services.access.domain.rules.entry import Entry, Family


def _is_not_superseded(entry: Entry, badge: Badge) -> bool:
    return entry.reading.version >= badge.version


def _is_not_lost(entry: Entry, badge: Badge) -> bool:
    return badge.holding != "lost" or entry.reading.version != badge.version


def _is_not_stolen(entry: Entry, badge: Badge) -> bool:
    return badge.holding != "stolen" or entry.reading.version != badge.version


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


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Not those of a badge in good standing."""
    reading = entry.reading
    return not (
        badge.holding == "active"
        and reading.version == badge.version
        and not (badge.revoked or badge.suspended or badge.held)
        and _has_begun(entry, badge)
        and _has_not_ended(entry, badge)
    )


FAMILY = Family(
    _concerns,
    (
        ("credential_revoked", lambda _entry, badge: not badge.revoked),
        ("credential_superseded", _is_not_superseded),
        ("credential_stolen", _is_not_stolen),
        ("credential_lost", _is_not_lost),
        ("credential_suspended", lambda _entry, badge: not (badge.suspended or badge.held)),
        ("credential_not_activated", _is_activated),
        ("credential_not_yet_valid", _has_begun),
        ("credential_expired", _has_not_ended),
    ),
)
