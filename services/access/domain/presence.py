"""Care of presence: what people did that no gate saw. Counted heads, exits taken for granted, passback forgiven."""

from collections.abc import Iterator
from functools import partial
from typing import Literal, assert_never
from uuid import UUID

from chassis.log.decider import Command, Decision, Refused
from services.access.domain import capacity
from services.access.domain.badges import PersonUnknown
from services.access.domain.layout import ZoneUnknown
from services.access.domain.orders import scope
from services.access.domain.record.layout import Zone
from services.access.domain.record.movement import PassbackForgiven
from services.access.domain.record.presence import NOBODY, ExitCause, ExitsInferred, OccupancyCorrected
from services.access.domain.venue import Venue, VenueEvent, forgiven_by

_PEOPLE = 500  # an event: some 20 kB


class CorrectOccupancy(Command):
    """Somebody counted the heads in a zone, those in the zones inside it among them."""

    zone_id: str
    counted: int
    reason: str


class InferExits(Command):
    """``nightly`` is on record even when nobody was left: so it is known to be done."""

    zone_id: str | None  # None: the whole venue
    cause: Literal["nightly", "by_hand"]
    reason: str | None = None


class ForgivePassback(Command):
    """Of one person, of everybody a zone concerns, or of everybody: name one or neither."""

    person_id: UUID | None = None
    zone_id: str | None = None
    reason: str


PresenceCommand = CorrectOccupancy | InferExits | ForgivePassback


class UnderEvacuation(Refused):
    """While people are being looked for nobody is taken to be gone; the all-clear empties the zone."""

    __slots__ = ()
    code = "under_evacuation"


def decide(command: PresenceCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case CorrectOccupancy():
            return _corrected(command, venue)
        case InferExits():
            return _inferred(command, venue)
        case ForgivePassback():
            return _forgiven(command, venue)
        case _:
            assert_never(command)


def emptied(zone: Zone, cause: ExitCause, venue: Venue, reason: str | None = None) -> list[VenueEvent]:
    """Nobody is believed in a zone, or in one inside it, any more. Nothing where nobody was."""
    within = sorted((venue.layout.zones[one] for one in venue.layout.within(zone.zone_id)), key=lambda one: one.path)
    told = partial(ExitsInferred, venue_id=venue.venue_id, cause=cause, reason=reason)
    exits: list[VenueEvent] = []
    gone: set[UUID] = set()
    for one in within:  # from the outside in: whoever leaves a zone leaves those inside it
        people = sorted(person for person in venue.presence.inside.get(one.zone_id, NOBODY) if person not in gone)
        gone.update(people)
        some = [tuple(people[start : start + _PEOPLE]) for start in range(0, len(people), _PEOPLE)]
        exits += [told(zone_id=one.zone_id, people=part, unidentified={}) for part in some]
    unidentified = {one.zone_id: -venue.presence.unidentified.get(one.zone_id, 0) for one in within}
    steps = {zone_id: step for zone_id, step in unidentified.items() if step}
    if steps:
        exits.append(told(zone_id=zone.zone_id, people=(), unidentified=steps))
    return [*exits, *(news for one in within for news in capacity.news(venue, one, 0))]


def _inferred(command: InferExits, venue: Venue) -> Decision[VenueEvent]:
    """The nightly one passes over zones with an evacuation in or around them: their list would lose the missing."""
    zones = scope(command.zone_id, venue)
    if isinstance(zones, ZoneUnknown):
        return zones
    events: list[VenueEvent] = []
    for zone in zones:
        if _touched_by_evacuation(zone, venue):
            if command.cause == "by_hand":
                return UnderEvacuation(zone.zone_id)
            continue
        gone = emptied(zone, command.cause, venue, command.reason)
        if not gone and command.cause == "nightly":
            gone = [
                ExitsInferred(
                    zone_id=zone.zone_id, venue_id=venue.venue_id, people=(), unidentified={}, cause=command.cause
                )
            ]
        events += gone
    return events


def _touched_by_evacuation(zone: Zone, venue: Venue) -> bool:
    evacuated = venue.orders.evacuated
    return any(other in zone.path or zone.zone_id in venue.layout.zones[other].path for other in evacuated)


def _corrected(command: CorrectOccupancy, venue: Venue) -> Decision[VenueEvent]:
    """As many as were counted.

    What was believed of other zones gives way where both cannot be true: a zone around it holds at least as many
    people, and a zone inside it at most as many.
    """
    if command.zone_id not in venue.layout.zones:
        return ZoneUnknown(command.zone_id)
    events: list[VenueEvent] = []
    for zone, believed, count in _counts(command, venue):
        if count != believed:
            corrected = OccupancyCorrected(
                zone_id=zone.zone_id,
                venue_id=venue.venue_id,
                believed=believed,
                counted=count,
                unidentified=count - believed,
                reason=command.reason,
                follows_from=None if zone.zone_id == command.zone_id else command.zone_id,
            )
            events += [corrected, *capacity.news(venue, zone, count)]
    return events


def _counts(command: CorrectOccupancy, venue: Venue) -> Iterator[tuple[Zone, int, int]]:
    """Zones that the count says something of: how many were believed there, and how many there are."""
    zones, counted = venue.layout.zones, command.counted
    around = zones[command.zone_id].path[:-1]
    yield zones[command.zone_id], venue.presence.count(command.zone_id), counted
    for zone_id in around:
        believed = venue.presence.count(zone_id)
        yield zones[zone_id], believed, max(believed, counted)
    for zone_id, zone in sorted(zones.items()):
        if command.zone_id in zone.path[:-1]:
            believed = venue.presence.count(zone_id)
            yield zone, believed, min(believed, counted)


def _forgiven(command: ForgivePassback, venue: Venue) -> Decision[VenueEvent]:
    person_id, zone_id = command.person_id, command.zone_id
    if zone_id is not None and zone_id not in venue.layout.zones:
        return ZoneUnknown(zone_id)
    if person_id is not None and venue.badge_of(person_id) is None:
        return PersonUnknown(str(person_id))
    event = PassbackForgiven(
        venue_id=venue.venue_id,
        scope="person" if person_id is not None else "all" if zone_id is None else "zone",
        person_id=person_id,
        zone_id=zone_id,
        reason=command.reason,
    )
    return [] if all(one in venue.movement.forgiven for one in forgiven_by(event, venue)) else [event]
