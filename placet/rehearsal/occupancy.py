"""How many people each zone holds: the rule that access's events state, followed by somebody who has only those."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from contracts.access import BadgeScanned, ExitsInferred, OccupancyCorrected, PassageUndone, ZoneDefined
from contracts.event import SharedEvent
from contracts.ids import PersonId, ZoneId

MOVES: tuple[type[SharedEvent], ...] = (ZoneDefined, BadgeScanned, PassageUndone, OccupancyCorrected, ExitsInferred)
"""The events that say who is where, and which zones lie in one another."""


def occupancy(told: Iterable[SharedEvent]) -> dict[ZoneId, int]:
    """People believed in each zone after ``told``, in its order. Zones that were never touched are left out."""
    parents: dict[ZoneId, ZoneId | None] = {}
    people: defaultdict[ZoneId, set[PersonId]] = defaultdict(set)
    unidentified: Counter[ZoneId] = Counter()
    for event in told:
        match event:
            case ZoneDefined(zone_id=zone, parent_id=parent):
                parents[zone] = parent
            case BadgeScanned() | PassageUndone():
                if event.person_id is not None:
                    for zone in event.left:
                        people[zone].discard(event.person_id)
                    for zone in event.entered:
                        people[zone].add(event.person_id)
                unidentified.update(event.unidentified)
            case OccupancyCorrected(zone_id=zone, unidentified=more):
                unidentified[zone] += more
            case ExitsInferred():
                for zone in people:
                    if event.zone_id in _around(zone, parents):
                        people[zone].difference_update(event.people)
                unidentified.update(event.unidentified)
    return {zone: len(people[zone]) + unidentified[zone] for zone in people.keys() | unidentified.keys()}


def _around(zone: ZoneId | None, parents: Mapping[ZoneId, ZoneId | None]) -> Iterator[ZoneId]:
    """A zone, and all that it lies in."""
    while zone is not None:
        yield zone
        zone = parents.get(zone)
