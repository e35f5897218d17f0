"""A scan as it reaches the gatekeeper, what the rules look at of it, and its record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.access.domain import capacity
from services.access.domain.layout import GateUnknown, LaneUnknown
from services.access.domain.passing import Passage
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Direction, Gate, Lane
from services.access.domain.record.scans import BadgeScanned, Basis, CompanionReading, Source
from services.access.domain.record.watchlist import DuressSignalled, WatchedPersonSeen
from services.access.domain.rules.entry import Entry, Reading
from services.access.domain.venue import Venue, VenueEvent

CLOCK_SKEWED = "clock_skewed"


@dataclass(frozen=True, slots=True)
class ScanBadge:
    """A scan as it reaches the gatekeeper. ``reading`` is the credential, verified outside."""

    scan_id: UUID
    gate_id: str
    direction: Direction
    reading: Reading
    device_id: UUID | None
    source: Source
    holder_known: bool
    """Whether the gate's screen can be given the holder's name."""
    scanned_at: datetime
    now: datetime
    lane_id: str | None = None
    overlay_hash: str | None = None
    """SHA-256 of the overlay pass that was shown beside the badge."""
    companion: Reading | None = None
    """Of whoever comes along: an escort, a second person."""
    heads: int | None = None
    """How many come with the leader of a party, the leader among them; None: nobody does."""
    absent: tuple[UUID, ...] = ()
    """Members of the party whom the guard does not see."""
    duress: bool = False
    clock_skewed: bool = False


def place_of(gate_id: str, lane_id: str | None, venue: Venue) -> tuple[Gate, Gate | Lane] | GateUnknown | LaneUnknown:
    """A gate, and the way through it that somebody takes: the gate itself, or one of its lanes."""
    gate = venue.layout.gates.get(gate_id)
    if gate is None:
        return GateUnknown(gate_id)
    way = gate.way(lane_id)
    return LaneUnknown(f"{gate_id} {lane_id}") if way is None else (gate, way)


def entry_of(command: ScanBadge, venue: Venue, gate: Gate, way: Gate | Lane) -> Entry:
    """What the rules look at."""
    badge_id = command.reading.badge_id
    entry = Entry(
        venue=venue,
        gate=gate,
        way=way,
        zone=venue.zone_behind(gate),
        scan_id=command.scan_id,
        reading=command.reading,
        badge=venue.badges.known.get(badge_id) if badge_id else None,
        now=command.now,
    )
    if command.overlay_hash is not None:
        entry.overlay_shown = True
        overlay_id = venue.overlays.texts.get(command.overlay_hash)
        entry.overlay = venue.overlays.known[overlay_id] if overlay_id else None
    if command.companion is not None:
        entry.companion_shown, entry.companion_reading = True, command.companion
        entry.companion = venue.badges.known.get(command.companion.badge_id) if command.companion.badge_id else None
    return entry


def recorded(
    command: ScanBadge,
    entry: Entry,
    passage: Passage,
    basis: Basis = "badge",
    because_of: UUID | None = None,
) -> BadgeScanned:
    """The record of a scan with its verdict."""
    badge, reading, zone, venue = entry.badge, entry.reading, entry.zone, entry.venue
    return BadgeScanned(
        scan_id=command.scan_id,
        venue_id=venue.venue_id,
        gate_id=entry.gate.gate_id,
        lane_id=command.lane_id,
        zone_id=zone.zone_id,
        direction=command.direction,
        basis=basis,
        because_of=because_of,
        outcome=passage.outcome,
        failed=passage.failed,
        warnings=passage.warnings,
        badge_id=badge.badge_id if badge else reading.badge_id,
        badge_version=reading.version or None,
        not_before=reading.not_before if badge is None or reading.not_before != badge.valid_from else None,
        expires=reading.expires if badge is None or reading.expires != badge.valid_until else None,
        person_id=badge.person_id if badge else None,
        delegation_id=badge.delegation_id if badge else None,
        category=badge.category if badge else None,
        overlay_id=entry.overlay.overlay_id if entry.overlay else None,
        overlay_shown=entry.overlay_shown,
        companion_id=entry.companion.badge_id if entry.companion else None,
        companion_shown=entry.companion_shown,
        companion_reading=_unlike(entry.companion, entry.companion_reading),
        device_id=command.device_id,
        source=command.source,
        heads=command.heads,
        absent=command.absent,
        duress=command.duress,
        entered=passage.entered,
        left=passage.left,
        inferred=passage.inferred,
        unidentified=passage.unidentified,
        seated=passage.seated,
        count=passage.count(venue, zone.zone_id, badge),
        capacity=zone.capacity,
        policy_version=venue.policy_version,
        decided_on=venue.version,
        holder_displayed=badge is not None and command.holder_known,
        scanned_at=command.scanned_at,
        decided_at=command.now,
    )


def _unlike(badge: Badge | None, reading: Reading | None) -> CompanionReading | None:
    """What a companion's badge says of itself, unless it is what is known of it."""
    if badge is None or reading is None:
        return None
    said = reading.version, reading.not_before, reading.expires
    if said == (badge.version, badge.valid_from, badge.valid_until):
        return None
    return CompanionReading(version=reading.version, not_before=reading.not_before, expires=reading.expires)


def moved(venue: Venue, passage: Passage, badge: Badge | None) -> list[VenueEvent]:
    """What is to be told of the zones somebody moved in or out of."""
    told: list[VenueEvent] = []
    for zone_id in {**dict.fromkeys(passage.entered + passage.left), **passage.unidentified}:
        told += capacity.news(venue, venue.layout.zones[zone_id], passage.count(venue, zone_id, badge))
    return told


def noticed(command: ScanBadge, entry: Entry, record: BadgeScanned) -> list[VenueEvent]:
    """What operations are told and the gate is not."""
    people = entry.venue.watchlist.people
    watched = people.get(record.person_id) if people and record.person_id else None
    if watched is None and not command.duress:
        return []
    where = {
        "scan_id": record.scan_id,
        "venue_id": record.venue_id,
        "gate_id": record.gate_id,
        "zone_id": record.zone_id,
        "person_id": record.person_id,
    }
    return [
        *([WatchedPersonSeen(**where, outcome=watched.outcome)] if watched else []),
        *([DuressSignalled(**where, device_id=command.device_id)] if command.duress else []),
    ]
