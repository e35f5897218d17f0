"""Whoever comes along: the party of a leader, an escort, a second person. One scan, and all of them pass or do not."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid5

from services.access.domain.passing import Passage, going_in, going_out
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import Party, PartyScanned
from services.access.domain.record.scans import BadgeScanned, Basis
from services.access.domain.rules import company
from services.access.domain.rules.entry import Entry, Reading, reading_of
from services.access.domain.scan import ScanBadge, moved, noticed, recorded
from services.access.domain.venue import Venue, VenueEvent, evolve

PARTY_MISSING, PARTY_EXTRA = "party_missing", "party_extra"


def together(command: ScanBadge, entry: Entry, record: BadgeScanned, passage: Passage) -> list[VenueEvent]:
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
            yield badge, reading_of(badge)


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
