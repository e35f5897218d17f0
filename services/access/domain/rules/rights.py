"""Whether badge or programme give a right to this zone at this time."""

from datetime import timedelta

from services.access.domain.record.badges import Badge
from services.access.domain.record.programme import Session
from services.access.domain.rules.entry import Entry, Family


def _has_area(entry: Entry, badge: Badge) -> bool:
    return entry.zone.area in badge.areas


def _admits(session: Session, entry: Entry, badge: Badge) -> bool:
    """Whether a session is one of the holder's; without any list it is everybody's whom the zone's area lets in."""
    if not (session.categories or session.delegations or session.people):
        return _has_area(entry, badge)
    return (
        badge.category in session.categories
        or badge.delegation_id in session.delegations
        or badge.person_id in session.people
    )


def _is_on(session: Session, entry: Entry) -> bool:
    return session.starts_at - timedelta(minutes=session.doors_minutes) <= entry.now < session.ends_at


def _failure(entry: Entry, badge: Badge) -> str | None:
    """The code of what is missing, or None."""
    if _has_area(entry, badge) and not entry.zone.by_session:
        return None
    sessions = entry.venue.programme.of_zone(entry.zone.zone_id)
    theirs = [session for session in sessions if _admits(session, entry, badge)]
    if any(_is_on(session, entry) for session in theirs):
        return None
    if theirs:
        return "session_not_open"
    if any(_is_on(session, entry) for session in sessions):
        return "session_not_granted"
    return "session_not_open" if _has_area(entry, badge) else "zone_not_granted"


def _is_open_now(entry: Entry, _badge: Badge) -> bool:
    hours = entry.zone.hours
    return not hours or any(window.opens <= entry.now < window.closes for window in hours)


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Whose badge opens a zone that asks for nothing else needs no session."""
    zone = entry.zone
    return zone.by_session or bool(zone.hours) or zone.area not in badge.areas


FAMILY = Family(
    _concerns,
    (
        ("zone_not_granted", lambda entry, badge: _failure(entry, badge) != "zone_not_granted"),
        ("outside_time_window", _is_open_now),
        ("session_not_open", lambda entry, badge: _failure(entry, badge) != "session_not_open"),
        ("session_not_granted", lambda entry, badge: _failure(entry, badge) != "session_not_granted"),
    ),
)
