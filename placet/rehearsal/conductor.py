"""Playing a plan: every action in its order, on the gathering's clock, as fast as asked."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.run.clock import ScenarioClock
from placet.plan.actions import (
    Action,
    ActivateBadge,
    BringGateBack,
    ConfirmDelegation,
    DeclareLockdown,
    GrantAccreditation,
    ImportRoster,
    InviteDelegation,
    IssueBadge,
    LiftLockdown,
    LiftWatch,
    RecordVetting,
    RefuseAccreditation,
    ReinstateBadge,
    ReplaceBadge,
    ReportBadgeLost,
    RevokeBadge,
    Scan,
    SetQuota,
    SuspendBadge,
    WatchPerson,
)
from placet.rehearsal.beating import Beating
from placet.rehearsal.journal import Journal, Known
from placet.rehearsal.officer import DutyOfficer
from placet.rehearsal.outsider import Answer, Outsider
from placet.rehearsal.readings import foreign, spoilt
from placet.scenario.gathering import Scenario

_AT_GATES = timedelta(seconds=20)
"""Scans this close together are under way at once at full speed; nobody's own order is touched."""
_IN_OFFICES = timedelta(hours=1)
_TOGETHER = 256  # actions
_CONCURRENCY = 32  # requests
_TICK_S = 0.05
_DATA_AGE_S = 60

_ALONE = ImportRoster | DeclareLockdown | LiftLockdown | WatchPerson | LiftWatch | BringGateBack

Progress = Callable[[datetime, int, int], None]
"""Hears the gathering's time, the actions done and the actions there are."""


class Conductor:
    """Plays one plan. Says in ``complaints`` what a service refused that the plan meant to be obeyed.

    ``beating``: of the scanners, which otherwise give no sign of life; ``officer``: works what goes wrong meanwhile.
    """

    def __init__(
        self,
        scenario: Scenario,
        actions: Sequence[Action],
        outsider: Outsider,
        journal: Journal,
        clock: ScenarioClock,
        beating: Beating | None = None,
        officer: DutyOfficer | None = None,
    ) -> None:
        done = journal.done()
        self._beating = beating
        self._officer = officer
        self._scenario = scenario
        self._left = [action for action in actions if action.id not in done]
        self._total = len(actions)
        self._outsider = outsider
        self._journal = journal
        self._clock = clock
        self._people = journal.people()
        self._texts = journal.texts()
        self._devices = journal.devices()
        self._delegations = {row.delegation: row for row in scenario.delegations}
        self._requests = asyncio.Semaphore(_CONCURRENCY)
        self._stale = True
        """Whether access may not have heard of the desk's last actions yet."""
        self.complaints: list[str] = []
        for action in actions:
            if action.id in done:
                clock.set(action.due)  # goes on where it was, even if the clock has told real time in between
                if beating is not None and isinstance(action, BringGateBack):
                    beating.is_back = True

    async def play_at_full_speed(
        self,
        until: datetime | None = None,
        progress: Progress = lambda _now, _done, _total: None,
        between: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """Everything due before ``until``; the clock follows the actions. ``between`` hears the share done after each
        step, and may disturb what it likes.
        """
        while self._left and (until is None or self._left[0].due < until):
            step = self._next_step()
            if isinstance(step[0], Scan):
                await self._until_gates_know()
            if self._officer is not None:
                await self._officer.until(step[0].due)
            self._clock.set(step[-1].due)
            await self._carry_out(step)
            if self._officer is not None:
                await self._officer.hear_of(step)
                await self._officer.catch_up()
            progress(self._clock.now(), self._total - len(self._left), self._total)
            if between is not None:
                await between(1 - len(self._left) / self._total)

    async def play_live(self, pace: float, progress: Progress = lambda _now, _done, _total: None) -> None:
        """The rest, ``pace`` seconds of the gathering in a second of ours, going on from where its clock stands."""
        began, began_at = time.monotonic(), self._clock.now()
        while self._left:
            now = began_at + timedelta(seconds=(time.monotonic() - began) * pace)
            self._clock.set(now)
            due = [action for action in self._left[:_TOGETHER] if action.due <= now]
            self._left = self._left[len(due) :]
            await self._carry_out(due)
            if self._officer is not None:
                await self._officer.hear_of(due)
                await self._officer.until(now)
            progress(now, self._total - len(self._left), self._total)
            await asyncio.sleep(0 if due else _TICK_S)

    def _next_step(self) -> list[Action]:
        """Actions that may be under way at once: all at gates or all in offices, close together, rosters alone."""
        first = self._left[0]
        at_gates, reach = isinstance(first, Scan), _AT_GATES if isinstance(first, Scan) else _IN_OFFICES
        step: list[Action] = []
        for action in self._left[:_TOGETHER]:
            alone = isinstance(action, _ALONE)
            if step and (alone or isinstance(action, Scan) != at_gates or action.due - first.due > reach):
                break
            step.append(action)
            if alone:
                break
        self._left = self._left[len(step) :]
        return step

    async def _carry_out(self, actions: Sequence[Action]) -> None:
        """Different people at once, each one's own actions in turn."""
        chains: dict[str, list[Action]] = {}
        for action in actions:
            chains.setdefault(_whose(action), []).append(action)
        async with asyncio.TaskGroup() as tasks:
            for chain in chains.values():
                tasks.create_task(self._in_turn(chain))

    async def _in_turn(self, chain: Sequence[Action]) -> None:
        for action in chain:
            async with self._requests:
                self._journal.begin(action.id)
                await self._do(action)
                self._journal.finish(action.id)

    async def _do(self, action: Action) -> None:
        match action:
            case Scan():
                return await self._scan(action)
            case InviteDelegation() | SetQuota() | ConfirmDelegation():
                answer = await self._delegation_work(action)
            case ImportRoster(file=file):
                answer = await self._import(action.id, file)
            case RecordVetting() | GrantAccreditation() | RefuseAccreditation():
                answer = await self._accreditation_work(action)
            case DeclareLockdown(zone=zone, reason=reason):
                answer = await self._post("access", "/v1/lockdowns", "commander", action, zone_id=zone, reason=reason)
            case LiftLockdown(zone=zone):
                answer = await self._post("access", "/v1/lockdowns/lifting", "commander", action, zone_id=zone)
            case WatchPerson() | LiftWatch():
                answer = await self._watch(action)
            case BringGateBack(gate=gate):
                if self._beating is not None:
                    await self._beating.bring_back(gate)
                return None
            case _:
                answer = await self._badge_work(action)
                self._stale = True
        if not answer.ok:
            self.complaints.append(f"{type(action).__name__}: {answer.status} {answer.body.get('code')}")
        return None

    async def _delegation_work(self, action: InviteDelegation | SetQuota | ConfirmDelegation) -> Answer:
        path = f"/v1/delegations/{action.delegation}"
        match action:
            case InviteDelegation(delegation=name):
                row = self._delegations[name]
                contact = {"family_name": "Focal point", "given_name": row.name_en, "email": row.focal_point_email}
                return await self._post(
                    "accreditation",
                    "/v1/delegations",
                    "protocol",
                    action,
                    delegation_id=name,
                    kind=row.kind,
                    names=row.names.model_dump(),
                    language=row.language,
                    focal_point=contact,
                )
            case SetQuota(category=category, places=places):
                return await self._post(
                    "accreditation", f"{path}/quotas", "protocol", action, category=category, places=places
                )
            case ConfirmDelegation(note_verbale=note):
                return await self._post("accreditation", f"{path}/confirmation", "protocol", action, note_verbale=note)

    async def _import(self, key: UUID, file: str) -> Answer:
        content = self._scenario.roster_files[file]
        answer = await self._outsider.post("accreditation", "/v1/rosters", "desk", str(key), content)
        if answer.ok:
            people = {
                row.line: row.person for roster in self._scenario.rosters if roster.file == file for row in roster.rows
            }
            for result in answer.body["results"]:
                if result["status"] == "accepted":
                    self._nominated(people[result["line"]], UUID(result["nomination_id"]))
        return answer

    def _nominated(self, person: str, nomination_id: UUID) -> None:
        self._people.setdefault(person, Known(nomination_id, None, 0))
        self._journal.nominated(person, nomination_id)

    async def _accreditation_work(self, action: RecordVetting | GrantAccreditation | RefuseAccreditation) -> Answer:
        nomination = str(self._people[action.person].nomination_id)
        match action:
            case RecordVetting(outcome=outcome):
                body = {"nomination_id": nomination, "outcome": outcome}
                if outcome == "refused":
                    body["reason_code"] = "host_security_objection"
                return await self._post("accreditation", "/v1/vetting", "vetting", action, **body)
            case GrantAccreditation(extra_areas=areas):
                return await self._post(
                    "accreditation",
                    "/v1/accreditations",
                    "desk",
                    action,
                    nomination_id=nomination,
                    extra_areas=list(areas),
                    valid_from=self._scenario.badges.valid_from.isoformat(),
                    valid_until=self._scenario.badges.valid_until.isoformat(),
                )
            case RefuseAccreditation():
                path = f"/v1/accreditations/{nomination}/refusal"
                return await self._post("accreditation", path, "desk", action, reason="clearance_refused")

    async def _badge_work(self, action: Action) -> Answer:
        match action:
            case IssueBadge(person=person):
                nomination = str(self._people[person].nomination_id)
                answer = await self._post("accreditation", "/v1/badges", "desk", action, nomination_id=nomination)
            case ReplaceBadge(person=person):
                await self._text(person)  # the old text is gone from the desk once there is a new version
                version = self._people[person].version
                answer = await self._for_badge(person, "replacement", action, version=version)
            case ActivateBadge(person=person):
                answer = await self._for_badge(person, "activation", action)
            case ReportBadgeLost(person=person, stolen=stolen):
                answer = await self._for_badge(person, "loss", action, stolen=stolen)
            case SuspendBadge(person=person, reason=reason):
                answer = await self._for_badge(person, "suspension", action, reason=reason)
            case ReinstateBadge(person=person):
                answer = await self._for_badge(person, "reinstatement", action)
            case RevokeBadge(person=person, reason=reason):
                answer = await self._for_badge(person, "revocation", action, reason=reason)
            case _:
                raise TypeError(type(action).__name__)
        if answer.ok:
            badge_id, version = UUID(answer.body["badge_id"]), answer.body["version"]
            self._people[person] = replace(self._people[person], badge_id=badge_id, version=version)
            self._journal.badged(person, badge_id, version)
        return answer

    async def _for_badge(self, person: str, what: str, action: Action, **body: object) -> Answer:
        path = f"/v1/badges/{self._people[person].badge_id}/{what}"
        return await self._outsider.post("accreditation", path, "desk", str(action.id), body or None)

    async def _post(self, service: str, path: str, role: str, action: Action, **body: object) -> Answer:
        return await self._outsider.post(service, path, role, str(action.id), body)

    async def _watch(self, action: WatchPerson | LiftWatch) -> Answer:
        badge_id = self._people[action.person].badge_id
        person_id = (await self._outsider.get("accreditation", f"/v1/badges/{badge_id}", "desk")).body["person_id"]
        match action:
            case WatchPerson(reason=reason):
                body = {"person_id": person_id, "outcome": "notice", "reason": reason}
                return await self._post("access", "/v1/watchlist", "commander", action, **body)
            case LiftWatch():
                return await self._post("access", "/v1/watchlist/lifting", "commander", action, person_id=person_id)

    async def _scan(self, scan: Scan) -> None:
        body = {
            "scan_id": str(scan.id),
            "gate_id": scan.gate,
            "direction": scan.direction,
            "credential": await self._reading(scan),
            "scanned_at": scan.at.astimezone(UTC).isoformat(),
            "source": "scanner",
            "duress": scan.duress,
        }
        token = self._devices[scan.gate, scan.lane]
        self._journal.sending(scan.id, scan.cause)
        if scan.sequence is not None:
            return await self._bring(scan, token, body)
        answers = await asyncio.gather(*(self._outsider.scan(token, body) for _ in range(scan.taps)))
        answer = answers[0]
        if not answer.ok:
            self.complaints.append(f"Scan: {answer.status} {answer.body.get('code')}")
            return None
        self._journal.answered(scan.id, answer.body["outcome"], answer.body["reason"], answer.latency_ms)
        return None

    async def _bring(self, scan: Scan, token: str, body: dict[str, object]) -> None:
        """What the scanner has let pass by itself, on data that was fresh enough."""
        decided = "admitted" if scan.direction == "in" else "exited"
        entry = {**body, "sequence": scan.sequence, "decided": decided, "data_age_s": _DATA_AGE_S}
        answer = await self._outsider.as_device(token, "/v1/journal", str(scan.id), {"entries": [entry]})
        if answer.ok:
            self._journal.answered(scan.id, decided, None, answer.latency_ms)
        else:
            self.complaints.append(f"Scan in a journal: {answer.status} {answer.body.get('code')}")

    async def _reading(self, scan: Scan) -> str:
        if scan.badge_of is None:
            return foreign()
        text = await self._text(scan.badge_of, superseded=scan.presents == "superseded")
        return spoilt(text, scan.presents)

    async def _text(self, person: str, *, superseded: bool = False) -> str:
        """The text of somebody's badge, asked for once a version."""
        known = self._people[person]
        assert known.badge_id is not None
        version = known.version - 1 if superseded else known.version
        text = self._texts.get((known.badge_id, version))
        if text is None:
            answer = await self._outsider.get("accreditation", f"/v1/badges/{known.badge_id}/credential", "desk")
            text = str(answer.body["text"])
            self._texts[known.badge_id, version] = text
            self._journal.keep_text(known.badge_id, version, text)
        return text

    async def _until_gates_know(self) -> None:
        """At full speed minutes pass in milliseconds: gates hear of the desk's work before the next scan."""
        if not self._stale:
            return
        head = (await self._outsider.get("accreditation", "/v1/log", "auditor", after=2**40, limit=1)).body["head"]
        while (await self._outsider.get("access", "/ready", "auditor")).body["reads"].get("accreditation", 0) < head:
            await asyncio.sleep(0.01)
        self._stale = False


def _whose(action: Action) -> str:
    """Whose affairs an action is about: those of one stay in their order."""
    match action:
        case Scan(badge_of=badge_of, person=person):
            return badge_of or person or str(action.id)
        case InviteDelegation(delegation=name) | SetQuota(delegation=name) | ConfirmDelegation(delegation=name):
            return name
        case (
            RecordVetting(person=person)
            | GrantAccreditation(person=person)
            | RefuseAccreditation(person=person)
            | IssueBadge(person=person)
            | ActivateBadge(person=person)
            | ReportBadgeLost(person=person)
            | ReplaceBadge(person=person)
            | SuspendBadge(person=person)
            | ReinstateBadge(person=person)
            | RevokeBadge(person=person)
            | WatchPerson(person=person)
            | LiftWatch(person=person)
        ):
            return person
        case _:
            return str(action.id)
