"""Why an entry failed a check, in facts: what was so, and what would have had to be otherwise. Never a name."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from math import dist

from services.access.domain.record.badges import Badge
from services.access.domain.record.presence import NOBODY
from services.access.domain.record.programme import Session
from services.access.domain.rules import movement, room
from services.access.domain.rules.entry import Entry

Facts = Mapping[str, object]


def facts_of(code: str, entry: Entry) -> Facts:
    """What the check with this code looked at; empty where the code says it all, or nobody's badge could be read."""
    told = _FACTS.get(code)
    return {} if told is None or entry.badge is None else told(entry, entry.badge)


def _begins(entry: Entry, badge: Badge) -> Facts:
    begins = (badge.valid_from, entry.reading.not_before)
    return {"valid_from": max(moment for moment in begins if moment is not None)}


def _ends(entry: Entry, badge: Badge) -> Facts:
    ends = (badge.valid_until, entry.reading.expires)
    return {"valid_until": min(moment for moment in ends if moment is not None)}


def _attempts(entry: Entry, badge: Badge) -> Facts:
    rules = entry.venue.layout.rules
    window = timedelta(seconds=rules.attempt_window_s)
    recent = [at for at in entry.venue.movement.refusals.get(badge.badge_id, ()) if at > entry.now - window]
    limit = rules.attempt_limit or 0
    return {"attempts": len(recent), "limit": limit, "again_at": recent[-limit] + window if recent[-limit:] else None}


def _area(entry: Entry, badge: Badge) -> Facts:
    return {"area": entry.zone.area, "areas": badge.areas}


def _sessions(entry: Entry, _badge: Badge) -> Facts:
    """Of the room: those that are not over, the next one first."""
    coming = (one for one in entry.venue.programme.of_zone(entry.zone.zone_id) if one.ends_at > entry.now)
    return {"sessions": [_session(one) for one in sorted(coming, key=lambda one: one.starts_at)]}


def _session(session: Session) -> Facts:
    return {
        "session_id": session.session_id,
        "doors_open_at": session.starts_at - timedelta(minutes=session.doors_minutes),
        "ends_at": session.ends_at,
        "categories": session.categories,
        "delegations": session.delegations,
        "by_name": bool(session.people),
    }


def _hours(entry: Entry, _badge: Badge) -> Facts:
    return {"hours": [{"opens": one.opens, "closes": one.closes} for one in entry.zone.hours]}


def _ordered(zones: Mapping[str, object], entry: Entry) -> Facts:
    return {"zones": [zone_id for zone_id in entry.zone.path if zone_id in zones]}


def _threat(entry: Entry, badge: Badge) -> Facts:
    clearance = entry.venue.layout.rules.clearances.get(badge.category, 0)
    return {"threat_level": entry.venue.orders.threat_level, "clearance": clearance}


def _pass(entry: Entry, badge: Badge) -> Facts:
    used = entry.venue.overlays.used.get(entry.overlay.overlay_id) if entry.overlay else None
    return {
        "kind": entry.zone.overlays.get(badge.category),
        "delegation_id": badge.delegation_id,
        "shown": None
        if entry.overlay is None
        else {
            "kind": entry.overlay.kind,
            "delegation_id": entry.overlay.delegation_id,
            "number": entry.overlay.number,
            "cancelled": entry.overlay.cancelled,
            "in_zone": used[0] if used else None,
        },
    }


def _escort(entry: Entry, _badge: Badge) -> Facts:
    companion = entry.companion
    return {
        "escorts": entry.zone.escorts,
        "came": companion.category if companion else None,
        "believed_in": entry.whereabouts(companion) if companion else (),
    }


def _minimum(entry: Entry, _badge: Badge) -> Facts:
    return {"minimum": entry.zone.minimum, "inside": entry.venue.presence.count(entry.zone.zone_id)}


def _path(entry: Entry, badge: Badge) -> Facts:
    return {"enter_first": entry.zone.parent_id, "believed_in": entry.whereabouts(badge)}


def _believed(entry: Entry, badge: Badge) -> Facts:
    return {"believed_in": entry.whereabouts(badge), "elsewhere": movement.elsewhere(entry, badge)}


def _timed(entry: Entry, badge: Badge) -> Facts:
    _, last = entry.venue.movement.entries[badge.person_id, entry.zone.zone_id]
    return {"entered_at": last, "again_at": last + timedelta(minutes=entry.zone.passback_minutes)}


def _travel(entry: Entry, badge: Badge) -> Facts:
    gate_id, at = entry.venue.movement.seen[badge.badge_id]
    there, here = entry.venue.layout.gates[gate_id].position, entry.gate.position
    metres = dist(there, here) if there and here else 0.0
    top_speed = entry.venue.layout.rules.top_speed
    return {"seen_at": gate_id, "at": at, "metres": metres, "possible_from": at + timedelta(seconds=metres / top_speed)}


def _entries(entry: Entry, badge: Badge) -> Facts:
    times, _ = entry.venue.movement.entries[badge.person_id, entry.zone.zone_id]
    return {"entries": times, "limit": entry.zone.entry_limit}


def _room(entry: Entry, _badge: Badge) -> Facts:
    presence, zone = entry.venue.presence, entry.zone
    return {"inside": presence.count(zone.zone_id), "capacity": zone.capacity, "closed": zone.zone_id in presence.full}


def _seats(entry: Entry, badge: Badge) -> Facts:
    taken = entry.venue.presence.seated.get((entry.zone.zone_id, badge.delegation_id), NOBODY)
    return {"delegation_id": badge.delegation_id, "taken": len(taken), "seats": room.seats(entry, badge)}


def _served(entry: Entry, badge: Badge) -> Facts:
    return {"category": badge.category, "served": entry.way.categories or entry.gate.categories}


_FACTS: Mapping[str, Callable[[Entry, Badge], Facts]] = {
    "credential_superseded": lambda entry, badge: {"shown": entry.reading.version, "current": badge.version},
    "credential_not_activated": lambda entry, badge: {"shown": entry.reading.version, "known": badge.version},
    "credential_not_yet_valid": _begins,
    "credential_expired": _ends,
    "too_many_attempts": _attempts,
    "wrong_direction": lambda entry, _badge: {"gate": entry.gate.direction, "lane": entry.way.direction},
    "gate_not_granted": _served,
    "zone_not_granted": _area,
    "outside_time_window": _hours,
    "session_not_open": _sessions,
    "session_not_granted": _sessions,
    "evacuation": lambda entry, _badge: _ordered(entry.venue.orders.evacuated, entry),
    "lockdown": lambda entry, _badge: _ordered(entry.venue.orders.lockdowns, entry),
    "threat_level": _threat,
    "companion_token_missing": _pass,
    "companion_token_foreign": _pass,
    "companion_token_in_use": _pass,
    "escort_required": _escort,
    "escort_mismatch": _escort,
    "host_absent": _escort,
    "second_person_required": _minimum,
    "path_violation": _path,
    "inside_elsewhere": _believed,
    "already_inside": _believed,
    "reentry_too_soon": _timed,
    "impossible_travel": _travel,
    "entry_limit_reached": _entries,
    "zone_full": _room,
    "delegation_seats_full": _seats,
}
