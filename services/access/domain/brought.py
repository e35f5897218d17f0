"""One scan that a device decided by itself: how it goes on record, and what about it is worth telling.

What a gate saw last says where somebody is, and all the zones around that. So whatever came between may be brought in
any order, and an old fact moves nobody back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.access.domain import checks
from services.access.domain.passing import Passage, going_out, let_in, put_right
from services.access.domain.record.badges import Badge
from services.access.domain.record.devices import Device
from services.access.domain.record.journal import AdmittedAfterRevocation, DoubleEntryDetected, StaleDataAdmitted
from services.access.domain.record.layout import Direction, Gate, ZoneClass
from services.access.domain.record.scans import BadgeScanned, Outcome, Source
from services.access.domain.rules.entry import Entry, Reading
from services.access.domain.scan import ScanBadge, entry_of, moved, noticed, recorded
from services.access.domain.venue import Venue, VenueEvent

OVERTAKEN = "overtaken"
"""A warning: the person was seen somewhere after this scan, before it was brought."""

_FRESH_S: Mapping[ZoneClass, int] = {"open": 12 * 3600, "controlled": 15 * 60, "exclusive": 15 * 60}
"""How old the data may be on which somebody is admitted; to a medical zone, on any."""
_ALREADY_INSIDE = "already_inside"


@dataclass(frozen=True, slots=True)
class JournalScan:
    """One entry. ``reading``: the credential, verified outside, or what the device says it read."""

    sequence: int
    scan_id: UUID
    gate_id: str
    direction: Direction
    reading: Reading
    outcome: Outcome
    reason: str | None
    """Of a refusal."""
    scanned_at: datetime
    data_age_s: int
    source: Source
    lane_id: str | None = None
    policy_version: int | None = None
    """That the device went by; None: it did not say."""
    duress: bool = False

    def second_id(self, device_id: UUID) -> UUID:
        """What it is on record as where its own id is another scan's: the same however often it is brought."""
        what = (device_id, self.sequence, self.gate_id, self.direction, self.outcome, self.scanned_at.timestamp())
        return uuid5(self.scan_id, "\n".join(map(str, (*what, self.reading.badge_id, self.reading.version))))


def is_same(record: BadgeScanned, scan: JournalScan, device: Device) -> bool:
    """Whether a record is of this very scan, whoever decided it."""
    return (record.device_id, record.gate_id, record.direction, record.scanned_at, record.badge_id) == (
        device.device_id,
        scan.gate_id,
        scan.direction,
        scan.scanned_at,
        scan.reading.badge_id,
    )


def fact(
    scan: JournalScan, gate: Gate, device: Device, at: datetime, original: BadgeScanned | None, venue: Venue
) -> list[VenueEvent]:
    """The scan as it is put on record, and what it means."""
    told_as = ScanBadge(
        scan_id=scan.scan_id,
        gate_id=gate.gate_id,
        direction=scan.direction,
        reading=scan.reading,
        device_id=device.device_id,
        source=scan.source,
        holder_known=False,
        scanned_at=scan.scanned_at,
        now=at,
        lane_id=scan.lane_id,
        duress=scan.duress,
    )
    entry = entry_of(told_as, venue, gate, gate.way(scan.lane_id) or gate)
    passage = _passage(scan, entry)
    record = recorded(told_as, entry, passage, "journal", original.scan_id if original else None)
    if scan.policy_version is not None:
        record = record.model_copy(update={"policy_version": scan.policy_version})
    news = [*moved(venue, passage, entry.badge), *noticed(told_as, entry, record)]
    return [record, *news, *(_conflicts(scan, entry, record) if scan.outcome == "admitted" else ())]


def _passage(scan: JournalScan, entry: Entry) -> Passage:
    """As the device let them pass."""
    badge = entry.badge
    if scan.outcome == "refused":
        return Passage("refused", (scan.reason or checks.UNKNOWN,))
    if badge is None:
        warnings = (entry.reading.problem or checks.UNKNOWN,)
        return let_in(entry, warnings) if scan.outcome == "admitted" else going_out(entry)
    if _is_overtaken(entry, badge):
        return Passage(scan.outcome, warnings=(OVERTAKEN,))
    return _in(entry, badge) if scan.outcome == "admitted" else _out(entry, badge)


def _is_overtaken(entry: Entry, badge: Badge) -> bool:
    seen_at = entry.venue.movement.seen_at(badge.person_id)
    return seen_at is not None and seen_at > entry.now


def _in(entry: Entry, badge: Badge) -> Passage:
    comes_again = entry.zone.zone_id in entry.whereabouts(badge)
    passage = let_in(entry, (_ALREADY_INSIDE,) if comes_again else ())
    return replace(passage, entered=_missing(entry, badge, entry.zone.path))


def _out(entry: Entry, badge: Badge) -> Passage:
    """Whoever leaves a zone that they are not believed in leaves wherever they are believed, too."""
    passage, before, around = going_out(entry), entry.whereabouts(badge), entry.zone.path[:-1]
    said = tuple(code for code in passage.warnings if code not in checks.WRONG_WITH_THE_BADGE)
    if entry.zone.zone_id in before:
        return replace(passage, warnings=said)
    left = tuple(zone_id for zone_id in before if zone_id not in around)
    return replace(
        passage,
        warnings=said,
        entered=_missing(entry, badge, around),
        left=left,
        inferred=left,
        unidentified=put_right(entry.venue, left),
    )


def _missing(entry: Entry, badge: Badge, path: tuple[str, ...]) -> tuple[str, ...]:
    """Where somebody is, too, who is in the last zone of a path: the scan at its door may be in another journal."""
    before = entry.whereabouts(badge)
    deepest = max((index for index, zone_id in enumerate(path, start=1) if zone_id in before), default=0)
    return path[deepest:]


def _conflicts(scan: JournalScan, entry: Entry, record: BadgeScanned) -> list[VenueEvent]:
    """What was wrong with an admission, as far as it is known here now."""
    told: list[VenueEvent] = []
    venue, zone, badge = entry.venue, entry.zone, entry.badge
    where = {"scan_id": record.scan_id, "venue_id": record.venue_id, "gate_id": record.gate_id}
    barred = venue.badges.revocations.barred.get(badge.badge_id) if badge else None
    if badge is not None and barred is not None and barred.opened_nothing(scan.reading.version, entry.now):
        told.append(
            AdmittedAfterRevocation(
                **where,
                badge_id=badge.badge_id,
                person_id=badge.person_id,
                scanned_at=scan.scanned_at,
                reason=barred.reason,
            )
        )
    if _ALREADY_INSIDE in record.warnings and badge is not None and zone.passback in {"hard", "timed"}:
        told.append(
            DoubleEntryDetected(
                **where,
                zone_id=zone.zone_id,
                person_id=badge.person_id,
                scanned_at=scan.scanned_at,
                seen_at=venue.movement.seen_at(badge.person_id),
            )
        )
    limit_s = _FRESH_S.get(zone.zone_class)
    if limit_s is not None and scan.data_age_s > limit_s:
        told.append(StaleDataAdmitted(**where, zone_id=zone.zone_id, age_s=scan.data_age_s, limit_s=limit_s))
    return told
