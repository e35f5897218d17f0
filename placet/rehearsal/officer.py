"""The duty officer of a rehearsal: an outsider who watches the room's list and works every incident until it is closed.

Whatever happens takes an officer some minutes of the gathering. How many follows from the seed.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import Any
from uuid import UUID

from chassis.run.clock import ScenarioClock
from placet.plan.actions import Action
from placet.plan.watched import Mishap
from placet.rehearsal.journal import Journal
from placet.rehearsal.outsider import Answer, Outsider
from placet.rehearsal.pictured import is_pictured
from placet.rehearsal.shifts import Shifts
from placet.scenario.gathering import Scenario

COMMANDER = "commander"
"""The second person."""
_LOOKS_EVERY = timedelta(minutes=2)
_LOOKS_AGAIN_AFTER = timedelta(minutes=5)
_GIVES_UP_AFTER = timedelta(hours=24)
_NOTICED_WITHIN_S = 30.0
_LOOK_S = 0.01
_PATIENCE = {"denied_vip": timedelta(minutes=30), "lost_badge": timedelta(hours=1)}
"""For how long a cause may go on until the incident is resolved all the same."""
_LASTING = frozenset({"silent_gate", "zone_full", "lockdown", "relay_lag", "dead_letter", "service_down"})
_MINUTES: Mapping[str, tuple[float, float]] = {
    "acknowledgement": (0.2, 4), "start": (0.2, 2), "containment": (2, 8), "resolution": (3, 15),
    "verification": (1, 5), "closure": (1, 5),
}  # fmt: skip
_NEXT = {
    "reported": "acknowledgement", "triaged": "acknowledgement", "assigned": "acknowledgement",
    "acknowledged": "start", "contained": "resolution", "resolved": "verification", "verified": "closure",
}  # fmt: skip
_WORDS: Mapping[str, Mapping[str, str]] = {
    "containment": {"note": "Kept to where it began."},
    "resolution": {"resolution": "Dealt with on the spot."},
    "verification": {"note": "Looked at again: it is so."},
}


@dataclass(frozen=True, slots=True)
class Met:
    """What became of a mishap: the number of the incident that was open for it; None: there was none."""

    mishap: Mishap
    number: int | None


@dataclass(frozen=True, slots=True)
class _Move:
    """What the officer will do about an incident that nobody moves meanwhile."""

    at: datetime
    what: str
    version: int


@dataclass(slots=True)
class _Awaited:
    mishap: Mishap
    deadline: float = field(default_factory=lambda: time.monotonic() + _NOTICED_WITHIN_S)


class DutyOfficer:
    """``mishaps`` are noted down with the incident each became. Says in ``complaints`` what the room refused."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        outsider: Outsider,
        journal: Journal,
        clock: ScenarioClock,
        mishaps: Mapping[UUID, Sequence[Mishap]],
    ) -> None:
        self._seed = seed
        self._outsider = outsider
        self._journal = journal
        self._clock = clock
        self._mishaps = mishaps
        self._moves: dict[str, _Move] = {}
        self._open: dict[str, dict[str, Any]] = {}
        self._looked_at = scenario.clock_start.astimezone(UTC)
        self._has_news = False
        self._awaited: list[_Awaited] = []
        self._person_ids: dict[str, str] = {}
        self.met: list[Met] = []
        self.pictured = True
        """Whether the live picture had what the list has, whenever the room was handed over."""
        self.complaints: list[str] = []
        self.shifts = Shifts(scenario, outsider, self.complaints)

    async def until(self, then: datetime) -> None:
        """Does what is due up to ``then``, each at its time; something may have happened before that."""
        self._has_news = self.shifts.has_begun
        while (due := self._next()) is not None and due <= then:
            if due > self._clock.now():
                self._clock.set(due)
            await self._act()

    async def hear_of(self, actions: Iterable[Action]) -> None:
        """They happened just now; what the room must know of is expected in its list."""
        self._awaited += [_Awaited(mishap) for action in actions for mishap in self._mishaps.get(action.id, ())]

    async def catch_up(self) -> None:
        """Returns when the room knows all that it ought to, or did not within seconds."""
        while self._awaited:
            await self._look()
            await asyncio.sleep(_LOOK_S)

    async def finish(self) -> None:
        """Works on until everything is closed; gives up after a day of the gathering."""
        await self.catch_up()
        ends = self._clock.now() + _GIVES_UP_AFTER
        await self.until(self._clock.now() + _LOOKS_EVERY)
        while self._open and (due := self._next()) is not None and due < ends:
            await self.until(due)

    def _next(self) -> datetime | None:
        moments = [move.at for move in self._moves.values()]
        if self._has_news or self._awaited:
            moments.append(max(self._looked_at + _LOOKS_EVERY, self._clock.now()))
        if (change := self.shifts.next_at) is not None:
            moments.append(change)
        return min(moments, default=None)

    async def _act(self) -> None:
        now = self._clock.now()
        if await self.shifts.change(now):
            self.pictured &= await is_pictured(self._outsider)
        for incident_id, move in [(one, move) for one, move in self._moves.items() if move.at <= now]:
            await self._move(incident_id, move)
        await self._look()

    async def _look(self) -> None:
        """What is open, and what is to be done about it, when."""
        now = self._looked_at = self._clock.now()
        self._has_news = False
        answer = await self._outsider.get("operations", "/v1/incidents", self.shifts.on_duty, state="open", limit=1_000)
        if not self._is_fine(answer, "list"):
            return
        self._open = {one["incident_id"]: one for one in answer.body}
        self._moves = {
            id_: move for id_, move in self._moves.items() if id_ in self._open and _is_still_so(move, self._open[id_])
        }
        for id_, incident in self._open.items():
            if id_ not in self._moves:
                self._moves[id_] = self._planned(incident, now)
        await self._recognize()

    def _planned(self, incident: Mapping[str, Any], now: datetime) -> _Move:
        state, severity = incident["state"], incident["severity"]
        what = _NEXT.get(state) or ("containment" if severity <= 2 else "resolution")
        rng = Random(f"{self._seed}:{incident['number']}:{incident['version']}")
        minutes = rng.uniform(*_MINUTES[what]) / (4 if severity == 1 else 1)
        at = now + timedelta(seconds=round(60 * minutes))
        if what == "resolution" and not _may_be_resolved(incident, at):
            at = now + _LOOKS_AGAIN_AFTER
        return _Move(at, what, incident["version"])

    async def _move(self, incident_id: str, move: _Move) -> None:
        incident = self._open[incident_id]
        del self._moves[incident_id]
        if move.what == "resolution" and not _may_be_resolved(incident, self._clock.now()):
            return  # planned anew at the look that follows
        who = self.shifts.on_duty
        if incident["severity"] == 1 and move.what == "verification":
            who = COMMANDER
        path = f"/v1/incidents/{incident_id}/{move.what}"
        body = {"version": move.version, **_WORDS.get(move.what, {})}
        answer = await self._outsider.post("operations", path, who, f"{incident_id}-{move.version}-{move.what}", body)
        if answer.status != HTTPStatus.CONFLICT:  # it came again meanwhile, or is over: looked at again
            self._is_fine(answer, move.what)

    async def _recognize(self) -> None:
        """Which incidents are those that were expected."""
        for awaited in list(self._awaited):
            number = await self._number_of(awaited.mishap)
            if number is not None or time.monotonic() > awaited.deadline:
                self._awaited.remove(awaited)
                self.met.append(Met(awaited.mishap, number))

    async def _number_of(self, mishap: Mishap) -> int | None:
        person = await self._person_id(mishap.person) if mishap.person else None
        for incident in self._open.values():
            here = mishap.place in incident["place"].values() if mishap.place else person in incident["people"]
            if incident["kind"] == mishap.kind and here:
                return int(incident["number"])
        return None

    async def _person_id(self, person: str) -> str:
        """As the services call them."""
        if person not in self._person_ids:
            badge_id = self._journal.people()[person].badge_id
            answer = await self._outsider.get("accreditation", f"/v1/badges/{badge_id}", "desk")
            self._person_ids[person] = answer.body["person_id"]
        return self._person_ids[person]

    def _is_fine(self, answer: Answer, what: str) -> bool:
        if not answer.ok:
            self.complaints.append(f"incident {what}: {answer.status} {answer.body.get('code')}")
        return answer.ok


def _is_still_so(move: _Move, incident: Mapping[str, Any]) -> bool:
    """Whether nobody else has moved it."""
    return bool(move.version == incident["version"])


def _may_be_resolved(incident: Mapping[str, Any], at: datetime) -> bool:
    if incident["cause_over"]:
        return True
    if incident["kind"] in _LASTING:
        return False
    patience = _PATIENCE.get(incident["kind"], timedelta())
    return at >= datetime.fromisoformat(incident["opened_at"]) + patience
