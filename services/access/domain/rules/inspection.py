"""Whether somebody has been looked at as closely as the gate asks: screened, face compared with photo."""

from hashlib import sha256

from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import InspectionKind
from services.access.domain.record.layout import Inspection
from services.access.domain.rules.entry import Entry, Family


def _passes(kind: InspectionKind, wanted: Inspection | None, entry: Entry, badge: Badge) -> bool:
    """Once asked for, it stays due until it is passed: another scan does not draw lots again."""
    companions, of_person = entry.venue.companions, (badge.person_id, kind)
    if of_person in companions.due:
        return False
    if wanted is None or badge.category in wanted.exempt:
        return True
    valid_until = companions.passed.get(of_person)
    if valid_until is not None and entry.now < valid_until:
        return True
    return badge.category not in wanted.categories and not _drawn(entry, kind, wanted.share)


def _drawn(entry: Entry, kind: InspectionKind, share: float) -> bool:
    """By lot, which the scan's id draws: the same scan draws the same again."""
    if share <= 0:
        return False
    digest = sha256(entry.scan_id.bytes + kind.encode()).digest()
    return int.from_bytes(digest[:4]) < share * 2**32


def _concerns(entry: Entry, badge: Badge) -> bool:
    """Most gates look at badges only."""
    gate = entry.gate
    return gate.screening is not None or gate.identity_check is not None or bool(entry.venue.companions.due)


FAMILY = Family(
    _concerns,
    (
        ("screening_required", lambda entry, badge: _passes("screening", entry.gate.screening, entry, badge)),
        ("identity_check_required", lambda entry, badge: _passes("identity", entry.gate.identity_check, entry, badge)),
    ),
)
