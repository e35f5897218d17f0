"""A whole gathering on a fresh embedded system, played, settled, and checked."""

import asyncio
import json
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.run.clock import ScenarioClock
from chassis.run.embedded.folder import DataFolder, temporary_folder
from chassis.run.foreseen import ForeseenError
from contracts.topology import SERVICES
from contracts.words import STATE_KINDS
from placet.plan import Plan, plan
from placet.plan.watched import mishaps
from placet.ports import Ports, free_ports
from placet.rehearsal import ledger
from placet.rehearsal.beating import Beating
from placet.rehearsal.conductor import Conductor, Progress
from placet.rehearsal.journal import Journal
from placet.rehearsal.layout import lay_out, put_up_scanners
from placet.rehearsal.officer import DutyOfficer
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.room import Room, draw_up
from placet.scenario.gathering import Scenario
from placet.system import EmbeddedSystem

_SETTLES_WITHIN_S = 180.0
_SILENT_AFTER_S = 3.0
_NOTICED_WITHIN_S = 30.0
_BEATS_EVERY_S = 0.5

Say = Callable[[str], None]
Between = Callable[[EmbeddedSystem, float], Awaitable[None]]
"""Hears the system and the share of the plan that is done, after each step; may disturb what it likes."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it. ``failures``: the checks that do not hold, a sentence each."""

    report: dict[str, Any]
    failures: list[str]


class NotSettledError(ForeseenError):
    """Something was still under way minutes after the last action; the text says what."""


async def rehearse(
    scenario: Scenario,
    seed: int,
    *,
    pace: float | None = None,
    say: Say = lambda _step: None,
    progress: Progress = lambda _now, _done, _total: None,
    between: Between | None = None,
) -> Rehearsal:
    """Plays ``scenario`` from the first invitation to the last exit, at ``pace`` (None: full speed), and checks it."""
    started = time.monotonic()
    say("planning")
    planned = plan(scenario, seed)
    root = temporary_folder(f"rehearsal-{scenario.name}")
    try:
        folder = DataFolder(root)
        folder.lock()
        system = embedded(scenario, folder, silent_after_s=_SILENT_AFTER_S)
        ScenarioClock(system.clock_file).set(scenario.clock_start)
        try:
            await system.start(say)
            played = await _play(system, scenario, planned, seed, pace, say, progress, between)
            played.report["seconds"] = round(time.monotonic() - started, 1)
            return played
        finally:
            say("stopping")
            await system.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def embedded(
    scenario: Scenario,
    folder: DataFolder,
    ports: Ports | None = None,
    otlp_endpoint: str | None = None,
    silent_after_s: float = 60,
) -> EmbeddedSystem:
    """A system for this gathering in ``folder``, on free ports if none are named."""
    contacts = [contact.model_dump() for contact in scenario.contacts]
    return EmbeddedSystem(
        folder,
        ports or free_ports(),
        scenario.event,
        scenario.venue,
        scenario.time_zone,
        contacts,
        otlp_endpoint,
        silent_after_s,
    )


def tokens(system: EmbeddedSystem) -> Callable[[str], str]:
    """A token for each role, made once; ``operations.early`` is another person than ``operations.late``."""
    made: dict[str, str] = {}

    def token(role: str) -> str:
        if role not in made:
            name, _, who = role.partition(".")
            subject = f"rehearsal-{name}-{who}" if who else f"rehearsal-{name}"
            made[role] = system.issuer.token([name], timedelta(hours=24), subject=subject)
        return made[role]

    return token


async def _play(
    system: EmbeddedSystem,
    scenario: Scenario,
    planned: Plan,
    seed: int,
    pace: float | None,
    say: Say,
    progress: Progress,
    between: Between | None,
) -> Rehearsal:
    journal = Journal(system.folder.root / "journal.sqlite")
    outsider = Outsider(system.ports.url, tokens(system))
    try:
        say("laying out the venue")
        await lay_out(scenario, outsider)
        await put_up_scanners(scenario, outsider, journal)
        say("playing")
        clock = ScenarioClock(system.clock_file)
        lanes = {lane: key for lane, key in journal.devices().items() if lane[0] == scenario.mishaps.silent_gate.gate}
        beating = Beating(scenario, outsider, lanes, clock, _BEATS_EVERY_S, _NOTICED_WITHIN_S)
        officer = DutyOfficer(scenario, seed, outsider, journal, clock, mishaps(scenario, planned.actions))
        conductor = Conductor(scenario, planned.actions, outsider, journal, clock, beating, officer)

        async def disturb(done: float) -> None:
            if between is not None:
                await between(system, done)

        async with beating.heard():
            if pace is None:
                await conductor.play_at_full_speed(progress=progress, between=disturb)
            else:
                await conductor.play_at_full_speed(scenario.ceremony_starts, progress, disturb)
                await conductor.play_live(pace, progress)
            say("settling")
            await settle(outsider)
            await officer.finish()
            await settle(outsider)
            say("checking")
            room = await draw_up(system, outsider, officer, disturbed=between is not None)
            return await _report(system, journal, outsider, [*conductor.complaints, *officer.complaints], room)
    finally:
        await outsider.close()
        journal.close()


async def settle(outsider: Outsider) -> None:
    """Returns when everything that follows from what was done is done. Raises NotSettledError."""
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    while unsettled := await _unsettled(outsider):
        if time.monotonic() > deadline:
            raise NotSettledError(f"still under way after {_SETTLES_WITHIN_S:.0f} s: {unsettled}")
        await asyncio.sleep(0.2)


async def _unsettled(outsider: Outsider) -> list[str]:
    heads = {
        service: (await outsider.get(service, "/v1/log", "auditor", after=2**40, limit=1)).body["head"]
        for service in SERVICES
    }
    waiting = []
    for contract in SERVICES.values():
        reads = (await outsider.get(contract.name, "/ready", "auditor")).body["reads"]
        waiting += [f"{contract.name} reads {source}" for source in contract.consumes if reads[source] < heads[source]]
    queued = (await outsider.get("notifications", "/v1/notices", "operations", status="queued", limit=1)).body
    return waiting + (["notices are queued"] if queued else [])


async def _report(
    system: EmbeddedSystem, journal: Journal, outsider: Outsider, complaints: list[str], room: Room
) -> Rehearsal:
    outcomes = journal.outcomes()
    kinds = Counter(outcome for outcome, _, _, _ in outcomes)
    drawn_up = await ledger.draw_up(system, journal, outsider)
    report: dict[str, Any] = {
        "delegations_confirmed": await ledger.confirmed_delegations(system, STATE_KINDS),
        "badges_issued": await ledger.count(system, "accreditation", "BadgeIssued"),
        "scans": {
            "total": len(outcomes),
            "admitted": kinds["admitted"],
            "refused": kinds["refused"],
            "exited": kinds["exited"],
            "by_reason": dict(Counter(reason for _, reason, _, _ in outcomes if reason).most_common()),
            "not_as_planned": sum((outcome == "refused") != (cause is not None) for outcome, _, cause, _ in outcomes),
        },
        "notifications": {
            "sent": await ledger.count(system, "notifications", "NoticeSent"),
            "failed": await ledger.count(system, "notifications", "NoticeFailed"),
        },
        "latency_ms": _percentiles([latency for _, _, _, latency in outcomes]),
        "ledger": asdict(drawn_up),
        "room": asdict(room),
    }
    failures = [*drawn_up.failures(), *room.failures(), *complaints]
    if report["scans"]["not_as_planned"]:
        failures.append(f"{report['scans']['not_as_planned']} verdicts are not those the plan expects")
    if unanswered := journal.unanswered():
        failures.append(f"{unanswered} scans were never answered")
    if report["notifications"]["failed"]:
        failures.append(f"{report['notifications']['failed']} notices failed")
    return Rehearsal(report, failures)


def _percentiles(values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {}
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}


def write(report: dict[str, Any], file: Path) -> None:
    """The report as JSON."""
    file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
