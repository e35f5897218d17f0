"""Orders in force: lockdowns, the threat level, evacuations and who has turned up since."""

from datetime import datetime
from typing import NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event
from services.access.domain.record.layout import Layout


class LockdownDeclared(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]
    reason: str


class LockdownLifted(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]


class ThreatLevelSet(Event):
    """From 0, nothing special, to 7. Whoever's clearance is lower does not enter."""

    venue_id: str
    level: int
    reason: str


class EvacuationOrdered(Event):
    """A zone and all inside it is left by everybody. ``expected``, ``unidentified``: how many were believed there."""

    evacuation_id: UUID
    zone_id: str
    venue_id: str
    names: dict[str, str]
    reason: str
    expected: int
    unidentified: int
    ordered_at: datetime


class PersonMustered(Event):
    """Somebody turned up at an assembly point; ``person_id`` None: somebody whose name nobody knows."""

    evacuation_id: UUID
    venue_id: str
    point: str
    person_id: UUID | None
    delegation_id: str | None
    expected: bool  # whether they were believed in the zone


class MusterReconciled(Event):
    """How the list and the assembly points compare. ``unknown``: people counted inside without a name, not seen yet."""

    evacuation_id: UUID
    venue_id: str
    expected: int
    accounted: int
    missing: int
    unknown: int
    unexpected: int


class AllClearGiven(Event):
    """An evacuation is over: the zone may be entered again, and is believed empty."""

    evacuation_id: UUID
    zone_id: str
    venue_id: str
    names: dict[str, str]
    missing: int


OrdersEvent = (
    LockdownDeclared
    | LockdownLifted
    | ThreatLevelSet
    | EvacuationOrdered
    | PersonMustered
    | MusterReconciled
    | AllClearGiven
)
EVENTS = (
    LockdownDeclared,
    LockdownLifted,
    ThreatLevelSet,
    EvacuationOrdered,
    PersonMustered,
    MusterReconciled,
    AllClearGiven,
)


class Evacuation(NamedTuple):
    """One muster list. Of the whole venue it has an order for each outermost zone."""

    orders: tuple[EvacuationOrdered, ...]
    expected: Map[UUID, tuple[str, ...]]  # people believed inside when it was ordered, and where
    mustered: Map[UUID, str] = Map()  # person -> assembly point
    nameless: int = 0  # who turned up and could not be named

    @property
    def zones(self) -> tuple[str, ...]:
        return tuple(order.zone_id for order in self.orders)


class Orders(NamedTuple):
    lockdowns: Map[str, str] = Map()  # zone -> reason
    threat_level: int = 0
    threat_reason: str = ""
    evacuations: Map[UUID, Evacuation] = Map()  # those under way
    evacuated: Map[str, UUID] = Map()  # zone -> its evacuation


def evolve(orders: Orders, event: OrdersEvent, believed: Map[UUID, tuple[str, ...]], layout: Layout) -> Orders:
    """``believed``: where everybody is taken to be at the time of the event."""
    match event:
        case LockdownDeclared(zone_id=zone_id, reason=reason):
            return orders._replace(lockdowns=orders.lockdowns.set(zone_id, reason))
        case LockdownLifted(zone_id=zone_id):
            return orders._replace(lockdowns=orders.lockdowns.delete(zone_id))
        case ThreatLevelSet(level=level, reason=reason):
            return orders._replace(threat_level=level, threat_reason=reason)
        case EvacuationOrdered(evacuation_id=evacuation_id, zone_id=zone_id):
            begun = orders.evacuations.get(evacuation_id, Evacuation((), Map()))
            within = layout.within(zone_id)
            inside = {person: zones for person, zones in believed.items() if not within.isdisjoint(zones)}
            known = begun._replace(orders=(*begun.orders, event), expected=begun.expected.update(inside))
            return _kept(orders, evacuation_id, known)._replace(evacuated=orders.evacuated.set(zone_id, evacuation_id))
        case PersonMustered(evacuation_id=evacuation_id, person_id=person_id, point=point):
            known = orders.evacuations[evacuation_id]
            if person_id is None:
                known = known._replace(nameless=known.nameless + 1)
            else:
                known = known._replace(mustered=known.mustered.set(person_id, point))
            return _kept(orders, evacuation_id, known)
        case MusterReconciled():
            return orders
        case AllClearGiven(evacuation_id=evacuation_id, zone_id=zone_id):
            evacuated = orders.evacuated.delete(zone_id)
            if evacuation_id in evacuated.values():  # its other zones follow
                return orders._replace(evacuated=evacuated)
            return orders._replace(evacuated=evacuated, evacuations=orders.evacuations.delete(evacuation_id))
        case _:
            assert_never(event)


def _kept(orders: Orders, evacuation_id: UUID, evacuation: Evacuation) -> Orders:
    return orders._replace(evacuations=orders.evacuations.set(evacuation_id, evacuation))
