"""The venue as people walk it: which doors lie between two places, and how many still fit into a room."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from contracts.words import Direction
from placet.scenario.gathering import Gate, Scenario, Zone

_SLOT = timedelta(minutes=5)


class Venue:
    """Zones and gates of a scenario, ready to be asked."""

    def __init__(self, scenario: Scenario) -> None:
        self._zones = {zone.zone: zone for zone in scenario.zones}
        self._paths = {zone: tuple(self._inwards(zone)) for zone in self._zones}
        self._doors: dict[str, list[Gate]] = {zone: [] for zone in self._zones}
        for gate in scenario.gates:
            self._doors[gate.to_zone].append(gate)
        self._entrances = {category: kind for kind, names in scenario.entrances.items() for category in names}
        self._silent = scenario.mishaps.silent_gate
        self.grounds = next(zone.zone for zone in scenario.zones if zone.parent is None)
        self.rooms_off_the_grounds = tuple(zone for zone in scenario.zones if zone.parent == self.grounds)

    def zone(self, name: str) -> Zone:
        return self._zones[name]

    def path(self, zone: str) -> tuple[str, ...]:
        """From the grounds to ``zone``, both included."""
        return self._paths[zone]

    def _inwards(self, zone: str) -> list[str]:
        parent = self._zones[zone].parent
        return [*(self._inwards(parent) if parent else []), zone]

    def opens_to(self, zone: str, areas: frozenset[str]) -> bool:
        """Whether somebody with these areas may go there and all the way to it."""
        return all(self._zones[step].area in areas for step in self.path(zone))

    def way(self, start: str | None, end: str | None) -> list[tuple[str, Direction]]:
        """The zones left and entered between two places, in order; None is outside."""
        inside, wanted = (self.path(start) if start else ()), (self.path(end) if end else ())
        left: list[tuple[str, Direction]] = [(zone, "out") for zone in reversed(inside) if zone not in wanted]
        return left + [(zone, "in") for zone in wanted if zone not in inside]

    def gate(self, zone: str, category: str, direction: Direction, at: datetime, rng: Random) -> tuple[str, int]:
        """A gate into ``zone`` that such a person uses, and one of its lanes; wide gates are used more."""
        gates = self._doors[zone]
        if zone == self.grounds:
            kinds = (
                self._entrances.get(category, "pedestrian"),
                "accessible" if category not in self._entrances else "",
            )
            gates = [gate for gate in gates if gate.kind in kinds]
        if direction == "in":  # a gate that is silent lets nobody in: they are sent to the next
            gates = [gate for gate in gates if not self.silent(gate.gate, at)]
        gate = rng.choices(gates, [gate.lanes for gate in gates])[0]
        return gate.gate, rng.randint(1, gate.lanes)

    def silent(self, gate: str, at: datetime) -> bool:
        since = self._silent.at
        return gate == self._silent.gate and since <= at < since + timedelta(minutes=self._silent.minutes)


class Seats:
    """How many people are expected in each room, in slots of five minutes."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._taken: Counter[tuple[str, int]] = Counter()

    def free(self, zone: str, enters: datetime, leaves: datetime) -> int | None:
        """People who still fit in, all the way to ``zone`` and all the time; None: no limit."""
        slots = _slots(enters, leaves)
        limits = [
            capacity - max(self._taken[step, slot] for slot in slots)
            for step in self._rooms_on_the_way(zone)
            if (capacity := self._venue.zone(step).capacity)
        ]
        return min(limits) if limits else None

    def take(self, zone: str, enters: datetime, leaves: datetime) -> None:
        for step in self._rooms_on_the_way(zone):
            for slot in _slots(enters, leaves):
                self._taken[step, slot] += 1

    def _rooms_on_the_way(self, zone: str) -> Sequence[str]:
        return self._venue.path(zone)[1:]


def _slots(enters: datetime, leaves: datetime) -> range:
    return range(int(enters.timestamp() // _SLOT.total_seconds()), int(leaves.timestamp() // _SLOT.total_seconds()) + 1)
