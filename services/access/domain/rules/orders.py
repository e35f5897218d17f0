"""Whether an order in force keeps people out."""

from services.access.domain.record.badges import Badge
from services.access.domain.rules.entry import Entry, Family


def _is_not_evacuated(entry: Entry, _badge: Badge) -> bool:
    evacuated = entry.venue.orders.evacuated
    return not evacuated or not any(zone_id in evacuated for zone_id in entry.zone.path)


def _is_not_locked(entry: Entry, _badge: Badge) -> bool:
    lockdowns = entry.venue.orders.lockdowns
    return not lockdowns or not any(zone_id in lockdowns for zone_id in entry.zone.path)


def _is_cleared(entry: Entry, badge: Badge) -> bool:
    level = entry.venue.orders.threat_level
    return level == 0 or entry.venue.layout.rules.clearances.get(badge.category, 0) >= level


def _concerns(entry: Entry, badge: Badge) -> bool:
    """On an ordinary day there are none."""
    orders = entry.venue.orders
    return bool(orders.threat_level or orders.lockdowns or orders.evacuated)


FAMILY = Family(
    _concerns,
    (
        ("evacuation", _is_not_evacuated),
        ("lockdown", _is_not_locked),
        ("threat_level", _is_cleared),
    ),
)
