"""Whether somebody comes with what, and with whom, they have to: an overlay pass, an escort, a second person."""

from services.access.domain.record.badges import Badge
from services.access.domain.rules import credential, rights
from services.access.domain.rules.entry import Entry, Family


def _kind_needed(entry: Entry, badge: Badge) -> str | None:
    """The kind of overlay this person has to show here."""
    return entry.zone.overlays.get(badge.category) if entry.zone.overlays else None


def _shows_overlay(entry: Entry, badge: Badge) -> bool:
    return entry.overlay_shown or _kind_needed(entry, badge) is None


def _overlay_is_theirs(entry: Entry, badge: Badge) -> bool:
    needed = _kind_needed(entry, badge)
    if needed is None or not entry.overlay_shown:
        return True
    overlay = entry.overlay
    return (
        overlay is not None
        and not overlay.cancelled
        and overlay.delegation_id == badge.delegation_id
        and overlay.kind == needed
    )


def _overlay_is_free(entry: Entry, badge: Badge) -> bool:
    """A pass that is inside with somebody else lets nobody else in: it was passed back out."""
    if entry.overlay is None or _kind_needed(entry, badge) is None:
        return True
    used = entry.venue.overlays.used.get(entry.overlay.overlay_id)
    if used is None or used[1] == badge.person_id or used[0] not in entry.zone.path:
        return True
    return used[0] not in entry.venue.presence.of(used[1])  # they were taken to have left


def _is_escorted(entry: Entry, badge: Badge) -> bool:
    return badge.category not in entry.zone.escorted or entry.companion_shown


def may_escort(entry: Entry) -> bool:
    """Whether who came along has a good badge, a right to the zone, and the right to bring somebody."""
    companion, reading = entry.companion, entry.companion_reading
    if companion is None or reading is None or companion is entry.badge:
        return False
    as_if = Entry(entry.venue, entry.gate, entry.way, entry.zone, entry.scan_id, reading, companion, entry.now)
    return all(passes(as_if, companion) for _, passes in (*credential.FAMILY.checks, *rights.FAMILY.checks))


def _escort_may(entry: Entry, badge: Badge) -> bool:
    if badge.category not in entry.zone.escorted or not entry.companion_shown:
        return True
    return may_escort(entry) and entry.companion is not None and entry.companion.category in entry.zone.escorts


def _escort_is_here(entry: Entry, badge: Badge) -> bool:
    """They come from the same side of the door, or wait behind it."""
    if badge.category not in entry.zone.escorted or entry.companion is None:
        return True
    parent = entry.zone.parent_id
    return parent is None or parent in entry.whereabouts(entry.companion)


def _is_not_alone(entry: Entry, badge: Badge) -> bool:
    """Into a zone where nobody may be alone people go together, unless enough are inside."""
    minimum = entry.zone.minimum
    if minimum < 2 or entry.zone.zone_id in entry.whereabouts(badge):
        return True
    coming = 2 if entry.companion_shown and may_escort(entry) else 1
    return entry.venue.presence.count(entry.zone.zone_id, coming) >= minimum


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Most zones ask for no company."""
    zone = entry.zone
    return bool(zone.overlays or zone.escorted or zone.minimum >= 2)


FAMILY = Family(
    _concerns,
    (
        ("companion_token_missing", _shows_overlay),
        ("companion_token_foreign", _overlay_is_theirs),
        ("companion_token_in_use", _overlay_is_free),
        ("escort_required", _is_escorted),
        ("escort_mismatch", _escort_may),
        ("host_absent", _escort_is_here),
        ("second_person_required", _is_not_alone),
    ),
)
