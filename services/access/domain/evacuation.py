"""Evacuations: a zone is left by everybody and entered by nobody, people are accounted for, then it begins anew."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from chassis.log.decider import Command, Decision, Refused, Unknown
from services.access.domain.badges import PersonUnknown
from services.access.domain.layout import ZoneUnknown
from services.access.domain.muster import delegation_of, muster, people_within, reconciled, unidentified_within
from services.access.domain.orders import scope
from services.access.domain.presence import emptied
from services.access.domain.record.orders import AllClearGiven, Evacuation, EvacuationOrdered, PersonMustered
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent


class OrderEvacuation(Command):
    evacuation_id: UUID
    zone_id: str | None  # None: the whole venue
    reason: str  # a code from the commander's list
    now: datetime


@dataclass(frozen=True, slots=True)
class MusterPerson:
    """Somebody turned up at an assembly point: with a badge, known by sight, or (None) without a name."""

    evacuation_id: UUID
    point: str
    who: Reading | UUID | None


class ReconcileMuster(Command):
    evacuation_id: UUID


class GiveAllClear(Command):
    evacuation_id: UUID


EvacuationCommand = OrderEvacuation | MusterPerson | ReconcileMuster | GiveAllClear


class EvacuationUnknown(Unknown):
    """There is no such evacuation, or it is over."""

    __slots__ = ()
    code = "evacuation_unknown"


class BadgeTellsNobody(Refused):
    """It cannot be told from this badge who stands here: check them in by person, or without a name."""

    __slots__ = ()
    code = "badge_tells_nobody"


class InnerEvacuation(Refused):
    """A zone inside is still being evacuated: its own all-clear comes first."""

    __slots__ = ()
    code = "inner_evacuation"


def decide(command: EvacuationCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, OrderEvacuation):
        return _ordered(command, venue)
    evacuation = venue.orders.evacuations.get(command.evacuation_id)
    if evacuation is None:
        return EvacuationUnknown(str(command.evacuation_id))
    match command:
        case MusterPerson():
            return _mustered(command, evacuation, venue)
        case ReconcileMuster(evacuation_id=evacuation_id):
            return [reconciled(evacuation_id, evacuation, venue)]
        case GiveAllClear(evacuation_id=evacuation_id):
            return _cleared(evacuation_id, evacuation, venue)
        case _:
            assert_never(command)


def _ordered(command: OrderEvacuation, venue: Venue) -> Decision[VenueEvent]:
    """A zone that is being evacuated already, itself or with what it lies in, keeps the list it has."""
    zones = scope(command.zone_id, venue)
    if isinstance(zones, ZoneUnknown):
        return zones
    return [
        EvacuationOrdered(
            evacuation_id=command.evacuation_id,
            zone_id=zone.zone_id,
            venue_id=venue.venue_id,
            names=zone.names,
            reason=command.reason,
            expected=len(people_within(zone.zone_id, venue)),
            unidentified=unidentified_within(zone.zone_id, venue),
            ordered_at=command.now,
        )
        for zone in zones
        if not any(zone_id in venue.orders.evacuated for zone_id in zone.path)
    ]


def _mustered(command: MusterPerson, evacuation: Evacuation, venue: Venue) -> Decision[VenueEvent]:
    person_id = told_by(command.who, venue) if isinstance(command.who, Reading) else command.who
    if isinstance(person_id, Refused):
        return person_id
    if person_id is not None:
        if person_id in evacuation.mustered:
            return []
        if venue.badge_of(person_id) is None:
            return PersonUnknown(str(person_id))
    believed = () if person_id is None else venue.presence.of(person_id)
    inside = any(not venue.layout.within(zone_id).isdisjoint(believed) for zone_id in evacuation.zones)
    return [
        PersonMustered(
            evacuation_id=command.evacuation_id,
            venue_id=venue.venue_id,
            point=command.point,
            person_id=person_id,
            delegation_id=None if person_id is None else delegation_of(person_id, venue),
            expected=inside or person_id in evacuation.expected,
        )
    ]


def told_by(reading: Reading, venue: Venue) -> UUID | BadgeTellsNobody:
    """Who shows a badge. One that opens nothing tells it as well, but not one that somebody else may have by now."""
    if reading.problem is not None:
        return BadgeTellsNobody(reading.problem)
    badge = venue.badges.known.get(reading.badge_id) if reading.badge_id else None
    if badge is None:
        return BadgeTellsNobody("credential_unknown")
    if reading.version < badge.version:
        return BadgeTellsNobody("credential_superseded")
    if badge.holding in {"lost", "stolen"}:
        return BadgeTellsNobody(f"credential_{badge.holding}")
    return badge.person_id


def _cleared(evacuation_id: UUID, evacuation: Evacuation, venue: Venue) -> Decision[VenueEvent]:
    """Whoever comes back is counted afresh."""
    missing = {one.person_id for one in muster(evacuation, venue).missing()}
    zones = [venue.layout.zones[zone_id] for zone_id in evacuation.zones]
    for zone_id, other in venue.orders.evacuated.items():
        if other != evacuation_id and any(zone.zone_id in venue.layout.zones[zone_id].path for zone in zones):
            return InnerEvacuation(zone_id)
    events: list[VenueEvent] = []
    for zone in zones:
        events += emptied(zone, "all_clear", venue)
        events.append(
            AllClearGiven(
                evacuation_id=evacuation_id,
                zone_id=zone.zone_id,
                venue_id=venue.venue_id,
                names=zone.names,
                missing=len(missing & people_within(zone.zone_id, venue)),
            )
        )
    return events
