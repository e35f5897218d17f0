"""The whole gathering as a list of timed actions: pure, and the same for the same scenario and seed, byte for byte."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter
from random import Random

from placet.plan.actions import Action, ActivateBadge, Name, Scan, naming
from placet.plan.attendance import Attendance
from placet.plan.preparation import Guest, accreditation, office_work
from placet.plan.troubles import Troubles
from placet.plan.venue import Venue
from placet.plan.walking import Walker
from placet.scenario.gathering import Scenario


@dataclass(frozen=True, slots=True)
class Plan:
    actions: tuple[Action, ...]  # in the order in which they are due

    @property
    def scans(self) -> tuple[Scan, ...]:
        return tuple(action for action in self.actions if isinstance(action, Scan))

    def summary(self) -> dict[str, int]:
        """Number of actions by kind, ``Scan`` included, in the order in which the kinds first occur."""
        return dict(Counter(type(action).__name__ for action in self.actions))

    def refusals(self) -> dict[str, int]:
        """Number of scans that are expected to be refused, by cause, the most frequent first."""
        return dict(Counter(scan.cause for scan in self.scans if scan.cause).most_common())


def plan(scenario: Scenario, seed: int) -> Plan:
    """What everybody does from the first invitation until the last guest has left."""
    rng, name, venue = Random(seed), naming(scenario.name, seed), Venue(scenario)
    guests, prepared = accreditation(scenario, venue, rng, name)
    attendance = Attendance(scenario, venue, guests, rng)
    outings = attendance.outings()
    walker = Walker(scenario, venue, rng, name)
    troubles = list(Troubles(scenario, venue, attendance.seats, outings, walker, rng, name).happen())
    scans = _tapped_twice([scan for outing in outings for scan in walker.walk(outing)], scenario, rng)
    scans = _under_duress(scans, scenario, rng)
    actions = [*office_work(scenario, name), *prepared, *_handed_over(guests, name), *troubles, *scans]
    assert len({action.id for action in actions}) == len(actions), "two actions share an id"
    return Plan(tuple(sorted(actions, key=attrgetter("due"))))


def _handed_over(guests: Iterable[Guest], name: Name) -> list[Action]:
    return [
        ActivateBadge(at=guest.active_at, id=name("ActivateBadge", guest.person), person=guest.person)
        for guest in guests
    ]


def _tapped_twice(scans: list[Scan], scenario: Scenario, rng: Random) -> list[Scan]:
    """Some good scans are sent twice, with the same id."""
    good = [n for n, scan in enumerate(scans) if not scan.cause and not scan.delivered_at]
    twice = set(rng.sample(good, min(scenario.mishaps.double_taps, len(good))))
    return [replace(scan, taps=2) if n in twice else scan for n, scan in enumerate(scans)]


def _under_duress(scans: list[Scan], scenario: Scenario, rng: Random) -> list[Scan]:
    """With some good scans the guard sets off the silent alarm."""
    good = [n for n, scan in enumerate(scans) if not scan.cause and not scan.delivered_at and scan.direction == "in"]
    alarmed = set(rng.sample(good, min(scenario.mishaps.duress, len(good))))
    return [replace(scan, duress=True) if n in alarmed else scan for n, scan in enumerate(scans)]
