"""Whether something is held against this person, or this badge was refused too often just now."""

from datetime import timedelta

from services.access.domain.record.badges import Badge
from services.access.domain.rules.entry import Entry, Family


def _is_not_watched_for(outcome: str, entry: Entry, badge: Badge) -> bool:
    watched = entry.venue.watchlist.people.get(badge.person_id)
    return watched is None or watched.outcome != outcome


def _looks_like_photo(entry: Entry, badge: Badge) -> bool:
    return badge.person_id not in entry.venue.companions.unlike_photo


def _has_attempts_left(entry: Entry, badge: Badge) -> bool:
    rules = entry.venue.layout.rules
    if rules.attempt_limit is None:
        return True
    since = entry.now - timedelta(seconds=rules.attempt_window_s)
    recent = [at for at in entry.venue.movement.refusals.get(badge.badge_id, ()) if at > since]
    return len(recent) < rules.attempt_limit


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Where nothing is held against anybody, neither is against this one."""
    venue = entry.venue
    return bool(venue.watchlist.people or venue.companions.unlike_photo or venue.layout.rules.attempt_limit is not None)


FAMILY = Family(
    _concerns,
    (
        ("watchlist_block", lambda entry, badge: _is_not_watched_for("block", entry, badge)),
        ("photo_mismatch", _looks_like_photo),
        ("too_many_attempts", _has_attempts_left),
    ),
)
HOLD = Family(
    lambda entry, _badge: bool(entry.venue.watchlist.people),
    (("watchlist_hold", lambda entry, badge: _is_not_watched_for("hold", entry, badge)),),
)
"""Looked at last, right behind the check it looks like: were it earlier, what else failed would tell the two apart."""
