"""What the operations room made of a gathering: an incident a mishap, a cause an incident, all closed."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from placet.rehearsal.ledger import rows, stream
from placet.rehearsal.officer import DutyOfficer, Met
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.pictured import is_pictured
from placet.system import EmbeddedSystem

EXPECTED = frozenset({"relay_lag"})
"""At full speed a reader may lag for a while, in minutes of the gathering: it has to be closed like any other."""
EXPECTED_WHEN_DISTURBED = frozenset({"service_down", "dead_letter", "silent_gate"})
"""Where something was ended on purpose."""
_SHARED = "SELECT shared FROM log.events WHERE number IS NOT NULL ORDER BY number"
_FULL = "SELECT data->>'zone_id', count(*) FROM log.events WHERE type = 'ZoneCapacityReached' GROUP BY 1"

Incident = Mapping[str, Any]
"""A summary, as the room's list has it."""
Place = tuple[str, str]
"""Kind, and the gate, zone or person: the same again while it is open is the same incident."""


@dataclass(frozen=True, slots=True)
class Room:
    """What came of the mishaps. All is well when every list is empty and every flag is true."""

    mishaps: int
    """That a rule watches, as the plan has them."""
    incidents: dict[str, int]
    """By kind."""
    repeats: int
    escalated: int
    handovers: int
    handed_over: int
    """Open items that were accepted, one by one."""
    unmet: list[str]
    """Mishaps for which no incident was open."""
    uncaused: list[str]
    """Incidents that no mishap made, or repeated more often than there were mishaps; zones fill by themselves, too."""
    doubled: list[str]
    """Two at once for the same thing."""
    left_open: list[str]
    dense: bool
    """Numbered 1, 2, 3 and so on."""
    published: bool
    """What the log tells others = the stream OPERATIONS, in this order."""
    pictured: bool
    """The live picture's incidents = the list's, at every hand-over and at the end."""

    def failures(self) -> list[str]:
        """What is wrong, a sentence each."""
        found = [
            *(f"no incident was open for {one}" for one in self.unmet),
            *(f"nothing made {one}" for one in self.uncaused),
            *(f"two incidents at once for {one}" for one in self.doubled),
            *(f"{one} is still open" for one in self.left_open),
        ]
        if not self.dense:
            found.append("incidents are not numbered 1, 2, 3 and so on")
        if not self.published:
            found.append("what operations told differs between its log and its stream")
        if not self.pictured:
            found.append("incidents differ between the live picture and the list")
        return found


async def draw_up(system: EmbeddedSystem, outsider: Outsider, officer: DutyOfficer, *, disturbed: bool) -> Room:
    """Of everything that happened so far; everything must have settled."""
    incidents = (await outsider.get("operations", "/v1/incidents", "operations", state="all", limit=1_000)).body
    logs = {
        one["incident_id"]: (await outsider.get("operations", f"/v1/incidents/{one['incident_id']}", "operations")).body
        for one in incidents
    }
    full = {("zone_full", zone): count for zone, count in await rows(system, "access", _FULL)}
    told = [json.loads(shared) for (shared,) in await rows(system, "operations", _SHARED)]
    heard = [json.loads(body) for _, body in await stream(system, "OPERATIONS")]
    excused = EXPECTED | (EXPECTED_WHEN_DISTURBED if disturbed else frozenset())
    return Room(
        **weigh(officer.met, [logs[one["incident_id"]] for one in incidents], Counter(full), excused),
        handovers=officer.shifts.handovers,
        handed_over=officer.shifts.accepted_items,
        published=told == heard,
        pictured=officer.pictured and await is_pictured(outsider),
    )


def weigh(
    met: Sequence[Met], incidents: Sequence[Incident], full: Counter[Place], excused: frozenset[str] = EXPECTED
) -> dict[str, Any]:
    """Fields of ``Room``. ``incidents``: with their logs; ``full``: how often zones filled; ``excused``: kinds."""
    by_number = {one["number"]: one for one in incidents}
    return {
        "mishaps": len(met),
        "incidents": dict(Counter(one["kind"] for one in incidents).most_common()),
        "repeats": sum(one["repeats"] for one in incidents),
        "escalated": sum(one["escalated"] > 0 for one in incidents),
        "unmet": [str(one.mishap) for one in met if one.number not in by_number],
        "uncaused": _uncaused(met, by_number, full, excused),
        "doubled": _doubled(incidents),
        "left_open": [_called(one) for one in incidents if one["state"] != "closed" and not one["merged_into"]],
        "dense": sorted(by_number) == list(range(1, len(incidents) + 1)),
    }


def _uncaused(
    met: Iterable[Met], incidents: Mapping[int, Incident], full: Counter[Place], excused: frozenset[str]
) -> list[str]:
    """An incident and its repeats are as many as the mishaps at its place, at most."""
    caused: Counter[Place] = Counter(full)
    for one in met:
        incident = incidents.get(one.number or 0)
        if incident is not None and incident["kind"] != "zone_full":
            caused[_place(incident)] += 1
    counted: Counter[Place] = Counter()
    for incident in incidents.values():
        if incident["kind"] not in excused:
            counted[_place(incident)] += 1 if incident["kind"] == "silent_gate" else 1 + incident["repeats"]
    return [
        f"{kind} at {where}: {count} times, not {caused[kind, where]}"
        for (kind, where), count in counted.items()
        if count > caused[kind, where]
    ]


def _doubled(incidents: Iterable[Incident]) -> list[str]:
    spans: defaultdict[Place, list[tuple[str, str]]] = defaultdict(list)
    for incident in incidents:
        ended = [entry["at"] for entry in incident["log"] if entry["what"] in {"closed", "merged"}]
        spans[_place(incident)].append((incident["opened_at"], max(ended, default="9999")))
    return [
        f"{kind} at {where}"
        for (kind, where), of_place in spans.items()
        if any(ends > opens for (_, ends), (opens, _) in pairwise(sorted(of_place)))
    ]


def _place(incident: Incident) -> Place:
    place = incident["place"]
    people = incident["people"] if incident["kind"] in {"lost_badge", "watched_person"} else ()
    return incident["kind"], next(iter(people), None) or place["gate_id"] or place["zone_id"] or incident["about"] or ""


def _called(incident: Incident) -> str:
    return f"incident {incident['number']}, {incident['kind']}, {incident['state']}"
