"""Outings as scans: every visit is a walk through the doors between one place and the next."""

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from placet.plan.actions import Cause, Name, Reading, Scan
from placet.plan.attendance import CHANGE, Outing, Visit
from placet.plan.venue import Venue
from placet.scenario.gathering import Scenario


class Walker:
    """Turns outings into scans; knows what is locked down and which gate is silent."""

    def __init__(self, scenario: Scenario, venue: Venue, rng: Random, name: Name) -> None:
        self._scenario = scenario
        self._venue = venue
        self._rng = rng
        self._name = name

    def walk(self, outing: Outing) -> Iterator[Scan]:
        """The scans of one day, in order of time: in at the perimeter, from room to room, out again."""
        place = yield from self._go(outing, None, self._venue.grounds, outing.arrives)
        following: list[Visit | None] = [*outing.visits[1:], None]
        for visit, after in zip(outing.visits, following, strict=False):
            if visit.cause:
                place = yield from self._go(outing, place, self._venue.zone(visit.zone).parent, visit.enters)
                yield self._refused(outing, visit, visit.cause)
                continue
            place = yield from self._go(outing, place, visit.zone, visit.enters)
            if visit.forgets_exit and place == visit.zone:
                place = self._venue.grounds
            elif after is None or after.cause or after.enters - visit.leaves > CHANGE:
                place = yield from self._go(outing, place, self._venue.grounds, visit.leaves)
        yield from self._go(outing, place, None, outing.leaves)

    def _go(
        self, outing: Outing, start: str | None, end: str | None, at: datetime
    ) -> Generator[Scan, None, str | None]:
        """Walks from ``start`` to ``end``, None being outside; returns where the walk ended: before what is locked."""
        guest, place = outing.guest, start
        for zone, direction in self._venue.way(start, end):
            if direction == "in" and self._locked(zone, at):
                yield self.stray(at, zone, guest.person, guest.person, "lockdown", category=guest.category)
                return place
            gate, lane = self._venue.gate(zone, guest.category, direction, at, self._rng)
            yield Scan(
                at=at,
                id=self._name("Scan", guest.person, gate, direction, at),
                person=guest.person,
                gate=gate,
                lane=lane,
                direction=direction,
                presents="current",
                badge_of=guest.person,
                delivered_at=self._delivered(gate, at),
            )
            place = zone if direction == "in" else self._venue.zone(zone).parent
            at += timedelta(seconds=self._rng.randint(15, 25))
        return place

    def _refused(self, outing: Outing, visit: Visit, cause: Cause) -> Scan:
        owner = visit.badge_of or outing.guest.person
        at = visit.enters + timedelta(seconds=50)
        return self.stray(at, visit.zone, outing.guest.person, owner, cause, visit.presents, outing.guest.category)

    def stray(
        self,
        at: datetime,
        zone: str,
        person: str | None,
        badge_of: str | None,
        cause: Cause,
        presents: Reading = "current",
        category: str = "",
    ) -> Scan:
        """A try to enter ``zone`` that is refused for ``cause``."""
        gate, lane = self._venue.gate(zone, category, "in", at, self._rng)
        return Scan(
            at=at,
            id=self._name("Scan", person, badge_of, gate, at, cause),
            person=person,
            gate=gate,
            lane=lane,
            direction="in",
            presents=presents,
            badge_of=badge_of,
            cause=cause,
        )

    def _locked(self, zone: str, at: datetime) -> bool:
        order = self._scenario.mishaps.lockdown
        return zone == order.zone and order.at <= at < order.at + timedelta(minutes=order.minutes)

    def _delivered(self, gate: str, at: datetime) -> datetime | None:
        """When the scans of a silent gate reach the services: all together, when it is back."""
        silence = self._scenario.mishaps.silent_gate
        if not self._venue.silent(gate, at):
            return None
        return (silence.at + timedelta(minutes=silence.minutes)).astimezone(UTC)
