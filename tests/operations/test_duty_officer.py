"""The duty officer of a rehearsal before the real room: works what is open, and notes what never was."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from placet.places import ROOT
from placet.plan.actions import Action, BringGateBack
from placet.plan.watched import Mishap
from placet.rehearsal.journal import Journal
from placet.rehearsal.officer import DutyOfficer
from placet.rehearsal.outsider import Answer, Outsider
from placet.rehearsal.pictured import is_pictured
from placet.rehearsal.room import weigh
from placet.scenario import load
from services.operations.ruling import reacting
from services.operations.ruling.rules import findings
from tests.controls import eventually
from tests.operations.conftest import Operations
from tests.operations.test_reacting import duress, heard, rules_begun, silent

MINI = load(ROOT / "scenarios" / "mini")
MORNING = MINI.days[0].opens.astimezone(UTC) + timedelta(hours=1)
NOON = (MINI.days[0].opens + (MINI.days[0].closes - MINI.days[0].opens) / 2).astimezone(UTC)
DURESS, SILENT = Mishap("duress", "gate-pln"), Mishap("silent_gate", "gate-north")


class Duty:
    """An officer, and what a gathering does to the room."""

    def __init__(self, at_work: Operations, journal: Journal) -> None:
        self.operations = at_work

        def token(role: str) -> str:
            name, _, who = role.partition(".")
            return at_work.issuer.token(name, sub=f"{name}-{who}")

        self.outsider = Outsider(lambda _service: at_work.url, token)
        self._expected: dict[UUID, list[Mishap]] = {}
        self.officer = DutyOfficer(MINI, 1, self.outsider, journal, at_work.clock, self._expected)

    async def passes(self, **time: float) -> None:
        then = self.operations.clock.now() + timedelta(**time)
        await self.officer.until(then)
        self.operations.clock.set(then)

    async def happens(self, mishap: Mishap, *events: Any) -> None:
        await self.operations.told.tell(*events)
        action: Action = BringGateBack(at=MORNING, id=uuid4(), gate="any")
        self._expected[action.id] = [mishap]
        await self.officer.hear_of([action])
        await self.officer.catch_up()

    async def incidents(self) -> list[Any]:
        return list(await self._get("", state="all"))

    async def logs(self) -> list[Any]:
        return [await self._get(f"/{one['incident_id']}") for one in await self.incidents()]

    async def _get(self, path: str, **params: str) -> Any:
        return (await self.outsider.get("operations", f"/v1/incidents{path}", "operations", **params)).body

    async def shift(self) -> Any:
        return (await self.outsider.get("operations", "/v1/shift", "operations")).body


@pytest.fixture
async def duty(at_work: Operations, tmp_path: Path) -> AsyncIterator[Duty]:
    await rules_begun(at_work)
    at_work.clock.set(MORNING)
    made = Duty(at_work, Journal(tmp_path / "journal.sqlite"))
    yield made
    await made.outsider.close()


async def test_an_incident_is_seen_worked_and_closed_in_some_minutes_by_two_people_where_it_is_grave(
    duty: Duty,
) -> None:
    await duty.happens(DURESS, duress())
    await duty.officer.finish()

    (incident,) = await duty.logs()
    assert [entry["what"] for entry in incident["log"]] == [
        "reported", "acknowledged", "work_started", "contained", "resolved", "verified", "closed",
    ]  # fmt: skip
    assert incident["escalated"] == 0
    by = {entry["what"]: entry["actor"] for entry in incident["log"]}
    assert by["verified"] != by["resolved"]
    assert timedelta(minutes=2) < duty.operations.clock.now() - MORNING < timedelta(minutes=30)
    assert duty.officer.complaints == []
    assert not any(weigh(duty.officer.met, [incident], Counter())[name] for name in ("unmet", "uncaused", "left_open"))


async def test_what_still_goes_on_is_not_resolved_before_it_is_over(duty: Duty) -> None:
    await duty.happens(SILENT, silent())
    await duty.passes(hours=1)
    (incident,) = await duty.incidents()
    assert incident["state"] == "in_progress"

    await duty.operations.told.tell(heard())
    await eventually(_is_over(duty), 5, every_s=0.02)
    await duty.officer.finish()

    (incident,) = await duty.incidents()
    assert incident["state"] == "closed"


async def test_what_is_left_open_is_said(duty: Duty) -> None:
    await duty.happens(SILENT, silent())
    await duty.passes(minutes=20)

    weighed = weigh(duty.officer.met, await duty.logs(), Counter())
    assert weighed["left_open"] == ["incident 1, silent_gate, in_progress"]


async def test_a_mishap_whose_rule_is_switched_off_is_noted_as_one_that_nobody_heard_of(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reacting, "findings", lambda event: [one for one in findings(event) if one.kind != "duress"])
    with monkeypatch.context() as impatient:
        impatient.setattr("placet.rehearsal.officer._NOTICED_WITHIN_S", 0.5)
        await duty.happens(DURESS, duress())
    await duty.happens(SILENT, silent())

    assert weigh(duty.officer.met, await duty.logs(), Counter())["unmet"] == ["duress at gate-pln"]


async def test_at_noon_another_officer_accepts_every_open_item_and_goes_on(duty: Duty) -> None:
    await duty.happens(SILENT, silent())
    await duty.passes(minutes=1)
    early = await duty.shift()
    duty.operations.clock.set(NOON - timedelta(minutes=5))
    await duty.passes(minutes=20)

    late = await duty.shift()
    (past,) = late["past"]
    assert early["on_duty"] != late["on_duty"]
    assert past["items"][0]["kind"] == "incident"
    assert all(item["accepted_by"] == late["on_duty"] for item in past["items"])
    assert duty.officer.shifts.accepted_items == len(past["items"])
    assert duty.officer.shifts.handovers == 1
    assert duty.officer.pictured
    assert duty.officer.complaints == []


async def test_a_picture_that_shows_something_else_than_the_list_is_noticed(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("placet.rehearsal.pictured._DRAWN_WITHIN_S", 0.2)
    await duty.happens(SILENT, silent())
    assert await is_pictured(duty.outsider)

    get = duty.outsider.get

    async def without_incidents(service: str, path: str, role: str, **params: str | int) -> Answer:
        answer = await get(service, path, role, **params)
        if path == "/v1/snapshot":
            answer.body["incidents"].clear()
        return answer

    monkeypatch.setattr(duty.outsider, "get", without_incidents)

    assert not await is_pictured(duty.outsider)


async def test_the_same_seed_takes_the_same_minutes(duty: Duty) -> None:
    incident = {"state": "reported", "severity": 2, "number": 7, "version": 1, "kind": "duress", "cause_over": False}

    first, again = (duty.officer._planned(incident, MORNING) for _ in range(2))
    other = duty.officer._planned({**incident, "number": 8}, MORNING)

    assert first == again
    assert first.at != other.at


def _is_over(duty: Duty) -> Any:
    async def over() -> bool:
        (incident,) = await duty.incidents()
        return bool(incident["cause_over"])

    return over
