"""What of a plan the operations room must hear of: a mishap for each thing that a rule of theirs watches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from placet.plan.actions import (
    Action,
    BringGateBack,
    DeclareLockdown,
    LiftWatch,
    ReportBadgeLost,
    RevokeBadge,
    Scan,
    WatchPerson,
)
from placet.scenario.gathering import Scenario

VIPS = frozenset({"head-of-state", "head-of-delegation"})
_READ_AS_THEIRS = frozenset({"current", "superseded"})


@dataclass(frozen=True, slots=True)
class Mishap:
    """``kind``: of the incident that it ought to be; ``place``: its gate or zone, or else ``person``, as in a plan."""

    kind: str
    place: str | None = None
    person: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} at {self.place}" if self.place else f"{self.kind} of a person"


def mishaps(scenario: Scenario, actions: Iterable[Action]) -> Mapping[UUID, list[Mishap]]:
    """By the action that is one. ``actions``: in the order in which they are due."""
    categories = {row.person: row.category for roster in scenario.rosters for row in roster.rows}
    zones = {gate.gate: gate.to_zone for gate in scenario.gates}
    revoked: set[str] = set()
    watched: set[str] = set()
    found: defaultdict[UUID, list[Mishap]] = defaultdict(list)
    for action in actions:
        match action:
            case DeclareLockdown(zone=zone):
                found[action.id].append(Mishap("lockdown", zone))
            case BringGateBack(gate=gate):  # by now it was silent for long enough
                found[action.id].append(Mishap("silent_gate", gate))
            case ReportBadgeLost(person=person, stolen=True):
                found[action.id].append(Mishap("lost_badge", person=person))
            case RevokeBadge(person=person):
                revoked.add(person)
            case WatchPerson(person=person):
                watched.add(person)
            case LiftWatch(person=person):
                watched.discard(person)
            case Scan(badge_of=badge_of):
                is_read = badge_of is not None and action.presents in _READ_AS_THEIRS
                if action.duress:
                    found[action.id].append(Mishap("duress", action.gate))
                if is_read and badge_of in watched:
                    found[action.id].append(Mishap("watched_person", person=badge_of))
                if is_read and action.cause and categories[badge_of or ""] in VIPS:
                    found[action.id].append(Mishap("denied_vip", action.gate))
                if action.cause == "full_room":
                    found[action.id].append(Mishap("zone_full", zones[action.gate]))
                if action.sequence is not None and action.direction == "in":
                    kind = "admitted_after_revocation" if badge_of in revoked else "double_entry"
                    found[action.id].append(Mishap(kind, action.gate))
    return found
