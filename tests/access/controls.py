"""A small congress centre: its zones and gates, the people who come, their badges, and what a gate asks of the decider.

outside -main-> grounds -hall-east, hall-west-> hall (3 people) -stage-door-> stage (1 person)
                grounds -clinic-door-> clinic (medical)
                grounds -expo-door-> expo (open)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.log.decider import Refused
from services.access.domain.gatekeeping import VenueCommand, of_venue
from services.access.domain.record.badges import Badge, BadgeLearned
from services.access.domain.record.layout import (
    Direction,
    Gate,
    GateDefined,
    Passback,
    Zone,
    ZoneClass,
    ZoneDefined,
    ZonePlan,
    usual_passback,
)
from services.access.domain.record.orders import LockdownDeclared
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import Venue, VenueEvent
from services.accreditation.credential import Issuer
from tests.controls import NOW

EVENT = "hanoi-2025"
VENUE = "ncc"
DECIDER = of_venue(VENUE)
SIGNER = Issuer(EVENT, bytes(range(32)))
"""Signs the badges of the gathering."""
STRANGER = Issuer(EVENT, bytes(range(32, 64)))
"""Signs badges that look just the same."""

OPENS = datetime(2025, 10, 25, 6, tzinfo=UTC)
CLOSES = datetime(2025, 10, 26, 20, tzinfo=UTC)
"""Badges are valid from the one to the other; ``NOW`` lies between them."""

ANNA = UUID("018f0000-0000-7000-8000-00000000a11a")
BORIS = UUID("018f0000-0000-7000-8000-000000b01215")
CHAU = UUID("018f0000-0000-7000-8000-00000000c4a0")
DINH = UUID("018f0000-0000-7000-8000-00000000d144")


def zone(
    zone_id: str,
    area: str,
    *,
    within: Zone | None = None,
    capacity: int | None = None,
    zone_class: ZoneClass = "controlled",
    passback: Passback | None = None,
    **planned: Any,
) -> Zone:
    return Zone(
        zone_id=zone_id,
        area=area,
        names={"en": zone_id.title(), "fr": zone_id.title(), "vi": zone_id.title()},
        parent_id=within.zone_id if within else None,
        capacity=capacity,
        zone_class=zone_class,
        passback=passback or usual_passback(zone_class),
        path=(*(within.path if within else ()), zone_id),
        **planned,
    )


def plan(defined: Zone, **changed: Any) -> ZonePlan:
    """A zone as it was planned; ``changed`` says what is otherwise now."""
    return ZonePlan(**{**defined.model_dump(exclude={"path"}), **changed})


def gate(gate_id: str, to: Zone, **planned: Any) -> Gate:
    return Gate(gate_id=gate_id, name=gate_id.title(), from_zone_id=to.parent_id, to_zone_id=to.zone_id, **planned)


GROUNDS = zone("grounds", "per")
HALL = zone("hall", "pln", within=GROUNDS, capacity=3)
STAGE = zone("stage", "sgn", within=HALL, capacity=1, zone_class="exclusive")
CLINIC = zone("clinic", "med", within=GROUNDS, zone_class="medical")
EXPO = zone("expo", "exh", within=GROUNDS, zone_class="open")
ZONES = (GROUNDS, HALL, STAGE, CLINIC, EXPO)

MAIN = gate("main", GROUNDS)
EAST = gate("hall-east", HALL)
WEST = gate("hall-west", HALL)
STAGE_DOOR = gate("stage-door", STAGE)
CLINIC_DOOR = gate("clinic-door", CLINIC)
EXPO_DOOR = gate("expo-door", EXPO)
GATES = (MAIN, EAST, WEST, STAGE_DOOR, CLINIC_DOOR, EXPO_DOOR)

FAILS_WITH: dict[str, tuple[str, ...]] = {"photo_mismatch": ("identity_check_required",)}
"""What fails along with a check: whoever does not look like their photo is looked at again."""

EVERYWHERE = ("exh", "per", "pln", "sgn")
"""Areas of somebody who may go anywhere, the clinic apart: nobody needs a right to be ill."""


def zone_defined(defined: Zone) -> ZoneDefined:
    return ZoneDefined(zone=defined, venue_id=VENUE)


def gate_defined(defined: Gate) -> GateDefined:
    return GateDefined(gate=defined, venue_id=VENUE)


def with_rules(defined: Zone, **rules: Any) -> ZoneDefined:
    """A zone changed."""
    return zone_defined(defined.model_copy(update=rules))


def served(at: Gate, **rules: Any) -> GateDefined:
    """A gate changed."""
    return gate_defined(at.model_copy(update=rules))


EASY_ROOMS = (with_rules(HALL, passback="soft"), with_rules(STAGE, passback="soft"))
"""Rooms that forget an exit nobody scanned."""

LAYOUT: tuple[VenueEvent, ...] = (*map(zone_defined, ZONES), *map(gate_defined, GATES))


def badge(person: UUID, *, areas: Sequence[str] = EVERYWHERE, badge_id: UUID | None = None, **changed: Any) -> Badge:
    """An active badge of ``person``; ``changed`` says what is otherwise."""
    usual = Badge(
        badge_id=badge_id or UUID(int=person.int ^ 0xBADE),
        person_id=person,
        delegation_id="vn",
        category="delegate",
        areas=tuple(areas),
        version=1,
        holding="active",
        valid_from=OPENS,
        valid_until=CLOSES,
    )
    return usual.model_copy(update=changed)


def learned(*badges: Badge) -> list[VenueEvent]:
    return [BadgeLearned(badge=one, source_number=number) for number, one in enumerate(badges, start=1)]


def locked(*zones: Zone) -> list[VenueEvent]:
    return [
        LockdownDeclared(zone_id=one.zone_id, venue_id=VENUE, names=one.names, reason="suspect_parcel") for one in zones
    ]


def venue(*events: VenueEvent) -> Venue:
    """The congress centre after ``events``."""
    return DECIDER.fold((*LAYOUT, *events))


def read_from(shown: Badge, **changed: Any) -> Reading:
    """What the credential of a badge says, its signature verified."""
    facts: dict[str, Any] = {
        "badge_id": shown.badge_id,
        "version": shown.version,
        "not_before": shown.valid_from,
        "expires": shown.valid_until,
    }
    return Reading(**{**facts, **changed})


def scan(
    shown: Badge | Reading,
    at: Gate,
    direction: Direction = "in",
    *,
    now: datetime = NOW,
    scan_id: UUID | None = None,
    holder_known: bool = False,
    **more: Any,
) -> ScanBadge:
    return ScanBadge(
        scan_id=scan_id or uuid4(),
        gate_id=at.gate_id,
        direction=direction,
        reading=read_from(shown) if isinstance(shown, Badge) else shown,
        device_id=None,
        source="scanner",
        holder_known=holder_known,
        scanned_at=now - timedelta(seconds=1),
        now=now,
        **more,
    )


@dataclass(frozen=True)
class Scanned:
    """What came of a scan: its record, what else happened, and the venue after it."""

    record: BadgeScanned
    others: Sequence[VenueEvent]
    venue: Venue


def scanned(before: Venue, command: ScanBadge) -> Scanned:
    """Decides a scan that is not refused as a command."""
    decision = DECIDER.decide(command, before)
    assert not isinstance(decision, Refused), decision
    record, *others = decision
    assert isinstance(record, BadgeScanned)
    return Scanned(record, others, DECIDER.fold(decision, before))


def decided(before: Venue, command: VenueCommand) -> list[VenueEvent]:
    """What comes of a command that is not refused."""
    decision = DECIDER.decide(command, before)
    assert not isinstance(decision, Refused), decision
    return list(decision)


def refusal(before: Venue, command: VenueCommand) -> Refused:
    """Of a command that is refused."""
    decision = DECIDER.decide(command, before)
    assert isinstance(decision, Refused), decision
    return decision


def after(before: Venue, *commands: VenueCommand) -> Venue:
    """The venue after ``commands``, none of which may be refused."""
    for command in commands:
        before = DECIDER.fold(decided(before, command), before)
    return before


def went_in(before: Venue, shown: Badge, *gates: Gate) -> Venue:
    """The venue after the holder of ``shown`` was let in at each of ``gates`` in turn."""
    for at in gates:
        outcome = scanned(before, scan(shown, at))
        assert outcome.record.outcome == "admitted", outcome.record.failed
        before = outcome.venue
    return before
