"""Whether this gate, and this lane of it, serves such a person this way."""

from services.access.domain.record.badges import Badge
from services.access.domain.rules.entry import Checks, Entry


def _goes_in(entry: Entry, _badge: Badge) -> bool:
    return entry.way.direction != "out" and entry.gate.direction != "out"


def _serves(entry: Entry, badge: Badge) -> bool:
    served = entry.way.categories or entry.gate.categories
    return not served or badge.category in served


CHECKS: Checks = (
    ("gate_out_of_service", lambda entry, _badge: entry.gate.state != "out_of_service"),
    ("gate_closed", lambda entry, _badge: entry.gate.state != "closed"),
    ("wrong_direction", _goes_in),
    ("gate_not_granted", _serves),
)
