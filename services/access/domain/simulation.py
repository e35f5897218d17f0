"""What was recorded, lived again under another policy: who would have been decided otherwise.

What people, supervisors and devices did is taken as it was, and only what the gatekeeper decided is decided anew:
whoever would have been refused at the entrance comes to the next door all the same, and is refused there for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Refused
from services.access.domain import capacity, passage
from services.access.domain.policy import Policy
from services.access.domain.presence import emptied
from services.access.domain.record import programme
from services.access.domain.record.layout import Gate, GateDefined, PolicyApplied, Zone, ZonePlan
from services.access.domain.record.presence import (
    ExitsInferred,
    OccupancyCorrected,
    PassageUndone,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    ZoneCapacityWarned,
)
from services.access.domain.record.programme import Programme, SessionScheduled
from services.access.domain.record.scans import BadgeScanned, Outcome
from services.access.domain.replay import command_of, is_decided
from services.access.domain.undoing import undone
from services.access.domain.venue import POLICY, Venue, VenueEvent, evolve

_FOLLOWS: tuple[type[Event], ...] = (
    *POLICY,
    PolicyApplied,
    ZoneCapacityWarned,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
)
"""What the policy tried out says instead, or follows from it."""


class Otherwise(NamedTuple):
    """A scan that would have come to something else. ``reasons``: what refuses it, in the one case or the other."""

    scan_id: UUID
    gate_id: str
    person_id: UUID | None
    decided_at: datetime
    was: Outcome
    would_be: Outcome
    reasons: tuple[str, ...]


class Simulation:
    """A venue under another policy, to which happens what happened."""

    def __init__(self, venue: Venue, policy: Policy) -> None:
        self.venue = under(policy, venue)
        self._moved_otherwise: dict[UUID, BadgeScanned | None] = {}

    def live(self, events: Sequence[VenueEvent]) -> list[Otherwise]:
        """What would have come of a command otherwise; ``events``: all that did come of it, one at least."""
        first = events[0]
        if is_decided(first):
            return self._decide(first, [event for event in events if isinstance(event, BadgeScanned)])
        for event in events:
            self._take(event)
        return []

    def _decide(self, scan: BadgeScanned, recorded: Iterable[BadgeScanned]) -> list[Otherwise]:
        """The scan, and those of whoever came with it."""
        decision = passage.decide(command_of(scan, self.venue), self.venue)
        events = () if isinstance(decision, Refused) else decision
        self._fold(events)
        was = {one.scan_id: one for one in recorded}
        would_be = {one.scan_id: one for one in events if isinstance(one, BadgeScanned)}
        refused_for = (decision.code,) if isinstance(decision, Refused) else would_be[scan.scan_id].failed
        found = []
        for scan_id, known in {**would_be, **was}.items():
            before, after = was.get(scan_id), would_be.get(scan_id)
            if _movement(before) != _movement(after):
                self._moved_otherwise[scan_id] = after
            # Whoever comes with somebody is not decided at all once that one is refused.
            old: Outcome = before.outcome if before else "refused"
            new: Outcome = after.outcome if after else "refused"
            reasons = (after.failed if after else refused_for) if new == "refused" else ()
            if old == "refused" != new:
                reasons = before.failed if before else scan.failed
            elif old == new and (before is None or after is None or before.reason == after.reason):
                continue
            found.append(Otherwise(scan_id, known.gate_id, known.person_id, known.decided_at, old, new, reasons))
        return found

    def _take(self, event: VenueEvent) -> None:
        """Something that nobody would have decided otherwise, as far as it makes sense at this venue."""
        layout = self.venue.layout
        match event:
            case GateDefined(gate=gate):
                known = layout.gates.get(gate.gate_id)
                if known is not None:  # closing a gate is no matter of policy
                    stands = known.model_copy(update={"state": gate.state})
                    gates = layout.gates.set(gate.gate_id, stands)
                    self.venue = self.venue._replace(layout=layout._replace(gates=gates))
            case BadgeScanned(gate_id=gate_id, zone_id=zone_id):
                if gate_id in layout.gates and zone_id in layout.zones:
                    self._move(event)
            case PassageUndone():
                self._undo(event)
            case ExitsInferred(zone_id=zone_id, cause=cause):
                if zone_id in layout.zones:
                    self._fold(emptied(layout.zones[zone_id], cause, self.venue))
            case OccupancyCorrected(zone_id=zone_id):
                if zone_id in layout.zones:
                    self._fold([event])
                    self._tell([zone_id])
            case _:
                if not isinstance(event, _FOLLOWS):
                    self._fold([event])

    def _undo(self, event: PassageUndone) -> None:
        if event.scan_id not in self._moved_otherwise:
            self._move(event)
            return
        instead = self._moved_otherwise.pop(event.scan_id)
        if instead is not None:
            back = undone(instead, self.venue)[0]
            assert isinstance(back, PassageUndone)
            self._move(back)

    def _move(self, event: BadgeScanned | PassageUndone) -> None:
        """Somebody moved, from wherever they are here."""
        zones = self.venue.layout.zones
        whereabouts = () if event.person_id is None else self.venue.presence.of(event.person_id)
        update: dict[str, object] = {
            "entered": tuple(one for one in event.entered if one in zones and one not in whereabouts),
            "left": tuple(one for one in whereabouts if one in event.left),
            "unidentified": {one: step for one, step in event.unidentified.items() if one in zones},
        }
        if isinstance(event, PassageUndone):
            update["seats"] = tuple(one for one in event.seats if one in zones and one not in whereabouts)
        moves = event.model_copy(update=update)
        self._fold([moves])
        self._tell((*moves.entered, *moves.left, *moves.unidentified))

    def _tell(self, zone_ids: Iterable[str]) -> None:
        """Zones may have become full by it, or no longer be."""
        for zone_id in dict.fromkeys(zone_ids):
            zone = self.venue.layout.zones[zone_id]
            self._fold(capacity.news(self.venue, zone, self.venue.presence.count(zone_id)))

    def _fold(self, events: Iterable[VenueEvent]) -> None:
        for event in events:
            self.venue = evolve(self.venue, event)


def under(policy: Policy, venue: Venue) -> Venue:
    """The venue as if this policy were in force. Nobody is in a zone that it does not have."""
    plans = {zone.zone_id: zone for zone in policy.zones}
    for zone in venue.layout.zones.values():
        if zone.zone_id not in plans:
            for event in emptied(zone, "by_hand", venue):
                venue = evolve(venue, event)
    zones = {zone_id: Zone(**dict(plan), path=_path(plan, plans)) for zone_id, plan in plans.items()}
    stands = venue.layout.gates
    gates = {
        gate.gate_id: Gate(**dict(gate), state=stands[gate.gate_id].state if gate.gate_id in stands else "open")
        for gate in policy.gates
    }
    sessions = Programme()
    for session in policy.sessions:
        sessions = programme.evolve(sessions, SessionScheduled(session=session, venue_id=venue.venue_id, moved=False))
    seats = {(one.zone_id, one.delegation_id): one.seats for one in policy.seats}
    venue = venue._replace(
        layout=venue.layout._replace(zones=Map(zones), gates=Map(gates), rules=policy.rules),
        programme=sessions,
        overlays=venue.overlays._replace(seats=Map(seats)),
    )
    for zone in zones.values():
        for event in capacity.news(venue, zone, venue.presence.count(zone.zone_id)):
            venue = evolve(venue, event)
    return venue


def _path(plan: ZonePlan, plans: Mapping[str, ZonePlan]) -> tuple[str, ...]:
    return (*(() if plan.parent_id is None else _path(plans[plan.parent_id], plans)), plan.zone_id)


def _movement(scan: BadgeScanned | None) -> tuple[object, ...] | None:
    """How a scan moved somebody, if it did."""
    if scan is None or not (scan.entered or scan.left or scan.unidentified):
        return None
    return scan.entered, scan.left, dict(scan.unidentified)
