"""Who is believed where: people by name, and people who are only counted."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event
from services.access.domain.record.scans import BadgeScanned

People = Map[UUID, None]  # a set that shares its unchanged parts with its older selves
NOBODY: People = Map()
ExitCause = Literal["nightly", "by_hand", "all_clear"]


class _ZoneCapacity(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]
    count: int
    capacity: int | None  # None: no limit


class ZoneCapacityWarned(_ZoneCapacity):
    """A zone is nearly full."""


class ZoneCapacityEased(_ZoneCapacity):
    """A zone that was nearly full is not any more."""


class ZoneCapacityReached(_ZoneCapacity):
    """A zone is full."""

    capacity: int


class ZoneCapacityRestored(_ZoneCapacity):
    """A zone that was full has room again, or no limit any more."""


class OccupancyCorrected(Event):
    """Somebody counted the heads in a zone, or in one around or inside it, which ``follows_from`` names.

    ``unidentified``: how many more people without a name it holds, or fewer.
    """

    zone_id: str
    venue_id: str
    believed: int
    counted: int
    unidentified: int
    reason: str
    follows_from: str | None = None


class ExitsInferred(Event):
    """People are taken to have left a zone, and everything inside it, though nobody saw them go."""

    zone_id: str
    venue_id: str
    people: tuple[UUID, ...]
    unidentified: Mapping[str, int]
    cause: ExitCause
    reason: str | None = None  # of those by hand


class PassageUndone(Event):
    """A passage that was decided was not taken. Presence goes back, by ``entered``, ``left`` and ``unidentified``."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    person_id: UUID | None
    delegation_id: str | None
    entered: tuple[str, ...]
    left: tuple[str, ...]
    unidentified: Mapping[str, int]
    seats: tuple[str, ...] = ()  # of ``entered``: the zones where they are on a seat of their delegation again
    count: int
    capacity: int | None
    reason: str | None = None


PresenceEvent = (
    BadgeScanned
    | ZoneCapacityWarned
    | ZoneCapacityEased
    | ZoneCapacityReached
    | ZoneCapacityRestored
    | OccupancyCorrected
    | ExitsInferred
    | PassageUndone
)
EVENTS = (
    BadgeScanned,
    ZoneCapacityWarned,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    OccupancyCorrected,
    ExitsInferred,
    PassageUndone,
)


class Presence(NamedTuple):
    inside: Map[str, People] = Map()  # zone -> identified people in it or deeper
    whereabouts: Map[UUID, tuple[str, ...]] = Map()  # person -> zones, outermost first
    unidentified: Map[str, int] = Map()  # zone -> people counted without a name; may be negative
    nearly_full: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    seated: Map[tuple[str, str], People] = Map()  # zone, delegation -> people on its seats
    seats: Map[tuple[str, UUID], str] = Map()  # zone, person -> the delegation whose seat they are on

    def count(self, zone_id: str, moving: int = 0) -> int:
        """People believed in a zone, those identified and those only counted, once ``moving`` more are in it."""
        return len(self.inside.get(zone_id, NOBODY)) + self.unidentified.get(zone_id, 0) + moving

    def of(self, person_id: UUID) -> tuple[str, ...]:
        """The zones somebody is believed in, outermost first."""
        return self.whereabouts.get(person_id, ())


def evolve(presence: Presence, event: PresenceEvent) -> Presence:
    match event:
        case BadgeScanned():
            if not (event.entered or event.left or event.unidentified):
                return presence
            seated = event.delegation_id if event.seated else None
            return _moved(presence, event.person_id, event.entered, event.left, event.unidentified, seated)
        case PassageUndone(person_id=person, delegation_id=delegation):
            if not (event.entered or event.left or event.unidentified):
                return presence
            presence = _moved(presence, person, event.entered, event.left, event.unidentified, None)
            if person is not None and delegation is not None:
                for zone_id in event.seats:
                    presence = _sat_down(presence, person, zone_id, delegation)
            return presence
        case ZoneCapacityWarned(zone_id=zone_id):
            return presence._replace(nearly_full=presence.nearly_full | {zone_id})
        case ZoneCapacityEased(zone_id=zone_id):
            return presence._replace(nearly_full=presence.nearly_full - {zone_id})
        case ZoneCapacityReached(zone_id=zone_id):
            return presence._replace(full=presence.full | {zone_id}, nearly_full=presence.nearly_full | {zone_id})
        case ZoneCapacityRestored(zone_id=zone_id):
            return presence._replace(full=presence.full - {zone_id}, nearly_full=presence.nearly_full - {zone_id})
        case OccupancyCorrected(zone_id=zone_id, unidentified=step):
            return presence._replace(unidentified=_counted(presence.unidentified, {zone_id: step}))
        case ExitsInferred():
            gone = _gone(presence, event.people, event.zone_id)
            return gone._replace(unidentified=_counted(gone.unidentified, event.unidentified))
        case _:
            assert_never(event)


def _moved(
    presence: Presence,
    person: UUID | None,
    entered: tuple[str, ...],
    left: tuple[str, ...],
    unidentified: Mapping[str, int],
    seat_of: str | None,
) -> Presence:
    counted = _counted(presence.unidentified, unidentified) if unidentified else presence.unidentified
    if person is None:
        return presence._replace(unidentified=counted)
    inside = presence.inside
    for zone_id in left:
        people = inside.get(zone_id, NOBODY)
        if person in people:
            inside = inside.set(zone_id, people.delete(person))
    for zone_id in entered:
        inside = inside.set(zone_id, inside.get(zone_id, NOBODY).set(person, None))
    path = tuple(zone for zone in presence.whereabouts.get(person, ()) if zone not in left) + entered
    whereabouts = presence.whereabouts.set(person, path) if path else presence.whereabouts.delete(person)
    moved = presence._replace(inside=inside, whereabouts=whereabouts, unidentified=counted)
    if presence.seats:
        moved = _stood_up(moved, person, left)
    if seat_of is not None and entered:
        moved = _sat_down(moved, person, entered[-1], seat_of)
    return moved


def _gone(presence: Presence, people: Iterable[UUID], zone_id: str) -> Presence:
    """Without ``people`` in a zone and those inside it. In one go: of a crowd, one by one would take seconds."""
    whereabouts = presence.whereabouts.mutate()
    left: dict[str, list[UUID]] = {}
    for person in people:
        zones = presence.of(person)
        depth = zones.index(zone_id) if zone_id in zones else len(zones)
        for zone in zones[depth:]:
            left.setdefault(zone, []).append(person)
        if depth:
            whereabouts[person] = zones[:depth]
        else:
            whereabouts.pop(person, None)
    inside = presence.inside
    for zone, some in left.items():
        remaining = inside[zone].mutate()
        for person in some:
            del remaining[person]
        inside = inside.set(zone, remaining.finish())
    gone = presence._replace(inside=inside, whereabouts=whereabouts.finish())
    for zone, some in left.items() if presence.seats else ():
        for person in some:
            gone = _stood_up(gone, person, (zone,))
    return gone


def _counted(before: Map[str, int], steps: Mapping[str, int]) -> Map[str, int]:
    for zone_id, step in steps.items():
        before = before.set(zone_id, before.get(zone_id, 0) + step)
    return before


def _sat_down(presence: Presence, person: UUID, zone_id: str, delegation_id: str) -> Presence:
    people = presence.seated.get((zone_id, delegation_id), NOBODY).set(person, None)
    return presence._replace(
        seated=presence.seated.set((zone_id, delegation_id), people),
        seats=presence.seats.set((zone_id, person), delegation_id),
    )


def _stood_up(presence: Presence, person: UUID, zones: Iterable[str]) -> Presence:
    for zone_id in zones:
        delegation_id = presence.seats.get((zone_id, person))
        if delegation_id is not None:
            people = presence.seated[zone_id, delegation_id].delete(person)
            presence = presence._replace(
                seated=presence.seated.set((zone_id, delegation_id), people),
                seats=presence.seats.delete((zone_id, person)),
            )
    return presence
