"""Whether this gate, and this lane of it, serves such a person this way."""

from services.access.domain.record.badges import Badge
from services.access.domain.rules.entry import Entry, Family


def _goes_in(entry: Entry, _badge: Badge) -> bool:
    return entry.way.direction != "out" and entry.gate.direction != "out"


def _serves(entry: Entry, badge: Badge) -> bool:
    served = entry.way.categories or entry.gate.categories
    return not served or badge.category in served


def _concerns(entry: Entry, badge: Badge) -> bool:
    """An open gate for everybody, both ways, refuses nobody."""
    gate, way = entry.gate, entry.way
    plain = gate.state == "open" and gate.direction == "both" and not gate.categories
    return not plain or (way is not gate and (way.direction != "both" or bool(way.categories)))


FAMILY = Family(
    _concerns,
    (
        ("gate_out_of_service", lambda entry, _badge: entry.gate.state != "out_of_service"),
        ("gate_closed", lambda entry, _badge: entry.gate.state != "closed"),
        ("wrong_direction", _goes_in),
        ("gate_not_granted", _serves),
    ),
)
