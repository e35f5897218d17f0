"""A scan: somebody shows a badge at a gate and is admitted, refused, or leaves. Whoever comes with them does too."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from chassis.log.decider import Decision, Refused, Unknown
from services.access.domain import capacity, checks
from services.access.domain.layout import GateUnknown
from services.access.domain.passing import Passage, going_in, going_out, let_in
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import Party, PartyScanned
from services.access.domain.record.layout import Direction, Gate, Lane
from services.access.domain.record.scans import BadgeScanned, Basis, CompanionReading, Source
from services.access.domain.record.watchlist import DuressSignalled, WatchedPersonSeen
from services.access.domain.rules import company, credential
from services.access.domain.rules.entry import Entry, Reading
from services.access.domain.venue import Venue, VenueEvent, evolve

CLOCK_SKEWED = "clock_skewed"
PARTY_MISSING, PARTY_EXTRA = "party_missing", "party_extra"
NO_READING = Reading()


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


@dataclass(frozen=True, slots=True)
class PassPinHolder:
    """A head of State or of delegation walks in or out; the protocol officer taps their name."""

    scan_id: UUID
    gate_id: str
    direction: Direction
    person_id: UUID
    device_id: UUID | None
    now: datetime
    lane_id: str | None = None
    holder_known: bool = False


class LaneUnknown(Unknown):
    """The gate has no such lane."""

    __slots__ = ()
    code = "lane_unknown"


class PinNotEntitled(Refused):
    """Only heads of State and of delegation with a badge in good standing pass with a pin."""

    __slots__ = ()
    code = "pin_not_entitled"


def decide(command: ScanBadge | PassPinHolder, venue: Venue) -> Decision[VenueEvent]:
    """The scan with its verdict, whoever came with it, and what it means for the zones somebody moved in or out of."""
    gate = venue.layout.gates.get(command.gate_id)
    if gate is None:
        return GateUnknown(command.gate_id)
    way = gate.way(command.lane_id)
    if way is None:
        return LaneUnknown(f"{command.gate_id} {command.lane_id}")
    if isinstance(command, PassPinHolder):
        return _pin(command, venue, gate, way)
    entry = entry_of(command, venue, gate, way)
    if command.direction == "out":
        passage = going_out(entry)
    elif command.duress:
        passage = let_in(entry, checks.failed(entry))
    else:
        passage = going_in(entry)
    if command.clock_skewed:
        passage = passage.warning(CLOCK_SKEWED)
    record = recorded(command, entry, passage)
    told = noticed(command, entry, record)
    if command.heads is not None or command.companion is not None:
        return [*_together(command, entry, record, passage), *told]
    return [record, *moved(venue, passage, entry.badge), *told]


def entry_of(command: ScanBadge, venue: Venue, gate: Gate, way: Gate | Lane) -> Entry:
    """What the rules look at."""
    badge_id = command.reading.badge_id
    entry = Entry(
        venue=venue,
        gate=gate,
        way=way,
        zone=venue.layout.zones[gate.to_zone_id],
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


def moved(venue: Venue, passage: Passage, badge: Badge | None) -> list[VenueEvent]:
    """What is to be told of the zones somebody moved in or out of."""
    told: list[VenueEvent] = []
    for zone_id in {**dict.fromkeys(passage.entered + passage.left), **passage.unidentified}:
        told += capacity.news(venue, venue.layout.zones[zone_id], passage.count(venue, zone_id, badge))
    return told


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


def _pin(command: PassPinHolder, venue: Venue, gate: Gate, way: Gate | Lane) -> Decision[VenueEvent]:
    """Never refused for what the rules say; never asked for a badge."""
    badge = venue.badge_of(command.person_id)
    if badge is None or not passes_with_pin(badge, venue):
        return PinNotEntitled(str(command.person_id))
    scan = ScanBadge(
        scan_id=command.scan_id,
        gate_id=command.gate_id,
        direction=command.direction,
        reading=Reading(None, badge.badge_id, badge.version, badge.valid_from, badge.valid_until),
        device_id=command.device_id,
        source="manual",
        holder_known=command.holder_known,
        scanned_at=command.now,
        now=command.now,
        lane_id=command.lane_id,
    )
    zone = venue.layout.zones[gate.to_zone_id]
    entry = Entry(venue, gate, way, zone, command.scan_id, scan.reading, badge, command.now)
    of_the_badge = {code for code, _ in credential.FAMILY.checks}
    if command.direction == "out":
        passage = going_out(entry)
        said = tuple(code for code in passage.warnings if code not in of_the_badge)
        passage = replace(passage, warnings=said)
    else:
        passage = let_in(entry, tuple(code for code in checks.failed(entry) if code not in of_the_badge))
    record = recorded(scan, entry, passage, "pin")
    return [record, *moved(venue, passage, badge), *noticed(scan, entry, record)]


def passes_with_pin(badge: Badge, venue: Venue) -> bool:
    """Whether its holder is one of those who are never asked for a badge. Nobody looks whether it was handed over."""
    return badge.category in venue.layout.rules.pin_categories and not (badge.revoked or badge.suspended)


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


def _together(command: ScanBadge, entry: Entry, record: BadgeScanned, passage: Passage) -> list[VenueEvent]:
    """All who pass with this scan, each on the state the one before left."""
    events: list[VenueEvent] = [record, *moved(entry.venue, passage, entry.badge)]
    if record.outcome == "refused" or entry.badge is None:
        return events
    party = _party(command, entry)
    companion = _companion(command, entry)
    venue = entry.venue
    for event in events:
        venue = evolve(venue, event)
    followers: list[tuple[Basis, Badge, Reading]] = []
    if companion is not None:
        followers.append(("companion", *companion))
    if party is not None:
        followers += [("party", badge, reading) for badge, reading in _members(party, command.absent, entry.venue)]
    passed = 1
    for basis, badge, reading in followers:
        scan = replace(
            command,
            scan_id=uuid5(command.scan_id, str(badge.person_id)),
            reading=reading,
            holder_known=False,
            overlay_hash=None,
            companion=None,
            heads=None,
            absent=(),
            duress=False,  # signalled once
        )
        theirs = Entry(venue, entry.gate, entry.way, entry.zone, scan.scan_id, reading, badge, command.now)
        follows = going_out(theirs) if command.direction == "out" else going_in(theirs)
        their_record = recorded(scan, theirs, follows, basis, record.scan_id)
        news = [their_record, *moved(venue, follows, badge), *noticed(scan, theirs, their_record)]
        for event in news:
            venue = evolve(venue, event)
        events += news
        passed += basis == "party" and follows.outcome != "refused"
    if party is not None and command.heads is not None:
        events[0], extra = _counted(command.heads, party, record, passed)
        events += extra
    elif command.heads is not None and command.heads > 1:  # whoever leads no party brings nobody
        events[0] = record.model_copy(update={"warnings": (*record.warnings, PARTY_EXTRA)})
    return events


def _companion(command: ScanBadge, entry: Entry) -> tuple[Badge, Reading] | None:
    """Whoever opened the door for the holder goes through it too, unless they are behind it already."""
    zone = entry.zone
    needed = entry.badge is not None and (entry.badge.category in zone.escorted or zone.minimum >= 2)
    if command.direction == "out" or not needed or entry.companion is None or command.companion is None:
        return None
    if zone.zone_id in entry.whereabouts(entry.companion) or not company.may_escort(entry):
        return None
    return entry.companion, command.companion


def _party(command: ScanBadge, entry: Entry) -> Party | None:
    """The party this badge leads, if it comes as one."""
    if command.heads is None or entry.badge is None:
        return None
    party_id = entry.venue.companions.led_by.get(entry.badge.person_id)
    return None if party_id is None else entry.venue.companions.parties[party_id]


def _members(party: Party, absent: tuple[UUID, ...], venue: Venue) -> Iterator[tuple[Badge, Reading]]:
    for person_id in party.members:
        badge = venue.badge_of(person_id)
        if badge is not None and person_id not in absent:
            yield badge, Reading(None, badge.badge_id, badge.version, badge.valid_from, badge.valid_until)


def _counted(heads: int, party: Party, record: BadgeScanned, passed: int) -> tuple[BadgeScanned, list[VenueEvent]]:
    """The leader's record with what the guard's count says, and the party's own."""
    expected = 1 + len(party.members)
    seen = expected - len(set(record.absent) & set(party.members))
    said = (*((PARTY_MISSING,) if min(heads, seen) < expected else ()), *((PARTY_EXTRA,) if heads > seen else ()))
    scanned = PartyScanned(
        party_id=party.party_id,
        scan_id=record.scan_id,
        venue_id=record.venue_id,
        gate_id=record.gate_id,
        zone_id=record.zone_id,
        expected=expected,
        heads=heads,
        admitted=passed,
        refused=seen - passed,
    )
    if not said:
        return record, [scanned]
    return record.model_copy(update={"warnings": (*record.warnings, *said)}), [scanned]
