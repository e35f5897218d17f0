"""Incidents as the room's desks use them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.run.host import Host, _forever
from contracts.roles import ROLES
from services.operations.app import build, views
from services.operations.incidents import Incidents
from services.operations.ruling.escalating import EscalationClock
from tests.conftest import free_port, served
from tests.controls import NOW, PERSON, eventually, running
from tests.operations.conftest import Operations
from tests.operations.desks import AN, BAO, MEDICAL, Desks, desks_of
from tests.operations.told import goes_in, zone


@pytest.fixture
async def desks(at_work: Operations) -> AsyncIterator[Desks]:
    async with desks_of(at_work) as made:
        yield made


async def test_from_the_report_to_the_closure(desks: Desks) -> None:
    status, made = await desks.post("", {**MEDICAL, "person_ids": [str(PERSON)], "note": "Caller: post 4"})
    assert (status, made["number"], made["version"]) == (201, 1, 1)
    id_ = made["incident_id"]
    for what, fields in (
        ("triage", {"severity": 1, "reason": "not breathing"}),
        ("assignment", {"assignee": "medics"}),
        ("acknowledgement", {}),
        ("start", {}),
        ("notes", {"text": "Ambulance at the north gate", "rationale": "nearest"}),
        ("containment", {"note": "stairs closed"}),
        ("resolution", {"resolution": "taken to hospital"}),
    ):
        await desks.move(id_, what, **fields)
    await desks.move(id_, "verification", who=BAO)
    assert await desks.move(id_, "closure", note="family told") == {"version": 9, "state": "closed"}

    found = await desks.one(id_)
    assert found.items() >= {
        "number": 1, "kind": "medical", "severity": 1, "state": "closed", "title": "A fall on the stairs",
        "place": {"zone_id": "pln", "gate_id": None}, "people": [str(PERSON)], "assignee": "medics",
    }.items()  # fmt: skip
    assert [(one["what"], one["text"], one["from"], one["to"]) for one in found["log"]] == [
        ("reported", "Caller: post 4", None, "reported"),
        ("triaged", "not breathing", "2", "1"),
        ("assigned", None, None, "medics"),
        ("acknowledged", None, "assigned", "acknowledged"),
        ("work_started", None, "acknowledged", "in_progress"),
        ("noted", "Ambulance at the north gate", None, None),
        ("contained", "stairs closed", "in_progress", "contained"),
        ("resolved", "taken to hospital", "contained", "resolved"),
        ("verified", None, "resolved", "verified"),
        ("closed", "family told", "verified", "closed"),
    ]
    assert {one["actor"] for one in found["log"]} == {f"person:{AN}", f"person:{BAO}"}
    assert found["log"][5]["rationale"] == "nearest"
    assert found["log"][0]["at"] == NOW.isoformat()


async def test_of_two_officers_at_once_one_wins_and_the_other_sees_who(desks: Desks) -> None:
    id_ = await desks.report()
    answers = await asyncio.gather(
        *(desks.post(f"/{id_}/acknowledgement", {"version": 1}, who=who) for who in (AN, BAO))
    )

    (won,) = [answer for status, answer in answers if status == 200]
    (lost,) = [answer for status, answer in answers if status == 409]
    assert won == {"version": 2, "state": "acknowledged"}
    winner = (await desks.one(id_))["assignee"]
    assert winner in {f"person:{AN}", f"person:{BAO}"}
    assert {key: lost[key] for key in ("code", "version", "state", "changed_by", "what")} == {
        "code": "incident_changed", "version": 2, "state": "acknowledged", "changed_by": winner, "what": "acknowledged",
    }  # fmt: skip


async def test_reports_at_once_have_numbers_of_their_own(desks: Desks) -> None:
    made = await asyncio.gather(*(desks.post("", MEDICAL) for _ in range(12)))

    assert sorted(answer["number"] for _, answer in made) == list(range(1, 13))
    assert len({answer["incident_id"] for _, answer in made}) == 12


async def test_the_same_report_with_the_same_key_is_one(desks: Desks) -> None:
    key = uuid4().hex
    answers = await asyncio.gather(*(desks.post("", MEDICAL, key=key) for _ in range(5)))

    assert len({answer["incident_id"] for _, answer in answers}) == 1
    assert len(await desks.listed("all")) == 1
    status, other = await desks.post("", {**MEDICAL, "title": "Something else"}, key=key)
    assert (status, other["code"]) == (409, "idempotency_key_reused")


async def test_the_same_move_with_the_same_key_is_one(desks: Desks) -> None:
    id_, key = await desks.report(), uuid4().hex
    answers = [await desks.post(f"/{id_}/acknowledgement", {"version": 1}, key=key) for _ in range(2)]

    assert answers[0] == answers[1] == (200, {"version": 2, "state": "acknowledged"})
    assert len((await desks.one(id_))["log"]) == 2


async def test_refusals_say_what_is_lacking(desks: Desks) -> None:
    id_ = await desks.report(severity=1)
    for what, body, code in (
        ("triage", {"severity": 2}, "reason_missing"),
        ("closure", {}, "resolution_missing"),
        ("verification", {}, "incident_state"),
        ("merge", {"into": str(uuid4())}, "merge_not_possible"),
    ):
        status, answer = await desks.post(f"/{id_}/{what}", {"version": 1, **body})
        assert (status, answer["code"]) == (409, code)
    await desks.move(id_, "resolution", resolution="done")
    status, answer = await desks.post(f"/{id_}/verification", {"version": 2})
    assert (status, answer["code"]) == (409, "second_person_needed")

    assert (await desks.post(f"/{uuid4()}/start", {"version": 1}))[0] == 404
    assert (await desks.get(f"/{uuid4()}"))[0] == 404


async def test_a_report_that_is_none_is_not_taken(desks: Desks) -> None:
    wrong: list[dict[str, Any]] = [
        {"kind": "aliens"}, {"severity": 5}, {"title": ""}, {"title": "x" * 301}, {"title": "a\u202eb"},
        {"title": "two\nlines"}, {"zone_id": "PLN!"}, {"note": "\x00"}, {"person_ids": ["Anna"]}, {"unknown": 1},
    ]  # fmt: skip
    for fields in wrong:
        assert (await desks.post("", {**MEDICAL, **fields}))[0] == 422, fields


async def test_any_script_is_taken_and_given_back(desks: Desks) -> None:
    title = "<script>alert('ố')</script> " + "مهمان " * 40
    note = "Zeile 1\nBình luận 2: \u0928\u200d\u0926"
    id_ = await desks.report(title=title.strip(), note=note)

    found = await desks.one(id_)
    assert (found["title"], found["log"][0]["text"]) == (title.strip(), note)


async def test_one_that_is_merged_is_in_the_log_of_the_other(desks: Desks) -> None:
    first, second = await desks.report(), await desks.report(title="Somebody fell")
    await desks.move(second, "merge", into=first)

    into = await desks.one(first)
    assert into["merged"] == [second]
    assert (into["log"][-1]["what"], into["log"][-1]["to"]) == ("absorbed", second)
    assert (await desks.one(second))["merged_into"] == first
    assert [one["incident_id"] for one in await desks.listed()] == [first]
    status, answer = await desks.post(f"/{second}/notes", {"text": "where?"})
    assert (status, answer["code"], answer["detail"]) == (409, "incident_merged", first)


async def test_roles(desks: Desks) -> None:
    handlers, leaders = {"operations", "commander", "supervisor", "admin"}, {"operations", "commander", "admin"}
    id_, nobody = await desks.report(), str(uuid4())
    reports = {role for role in ROLES if (await desks.post("", {}, role=role))[0] != 403}
    assert reports == handlers
    for what in ("acknowledgement", "start", "escalation", "containment", "resolution", "notes"):
        assert {role for role in ROLES if (await desks.post(f"/{nobody}/{what}", role=role))[0] != 403} == handlers, (
            what
        )
    for what in ("triage", "assignment", "verification", "closure", "reopening", "merge"):
        assert {role for role in ROLES if (await desks.post(f"/{nobody}/{what}", role=role))[0] != 403} == leaders, what
    for path in ("", f"/{id_}"):
        assert {role for role in ROLES if (await desks.get(path, role=role))[0] == 200} == handlers | {
            "auditor", "protocol",
        }  # fmt: skip


async def test_of_what_is_discreet_only_the_command_knows(desks: Desks) -> None:
    id_ = await desks.report(kind="duress", title="Post 4 was threatened")
    plain = await desks.report()
    for role in ("supervisor", "protocol"):
        assert [one["incident_id"] for one in await desks.listed(role=role)] == [plain]
        assert (await desks.get(f"/{id_}", role=role))[0] == 404
    hidden = await desks.post(f"/{id_}/acknowledgement", {"version": 1}, role="supervisor")
    missing = await desks.post(f"/{uuid4()}/acknowledgement", {"version": 1}, role="supervisor")
    assert hidden == missing
    assert hidden[0] == 404
    for role in ("operations", "commander", "auditor", "admin"):
        assert (await desks.get(f"/{id_}", role=role))[1]["discreet"], role


async def test_the_others_hear_how_it_stands_and_nothing_that_was_written(desks: Desks) -> None:
    words = "a word nobody else may read"
    id_ = await desks.report(title=words, note=words)
    await desks.move(id_, "triage", severity=1, reason=words)
    await desks.move(id_, "notes", text=words, rationale=words)
    await desks.move(id_, "escalation", reason=words)
    await desks.move(id_, "containment", note=words)
    await desks.move(id_, "resolution", resolution=words)
    await desks.move(id_, "reopening", reason=words)
    await desks.report(kind="watched_person", title=words)
    host = desks.operations.host
    assert host is not None

    shared = [one.shared for one in await host.log.read_shared(0, 100)]
    assert [one.subject for one in shared if one] == [
        f"operations.{name}.v1" for name in (
            "IncidentReported", "IncidentTriaged", "IncidentEscalated", "IncidentContained", "IncidentResolved",
            "IncidentReopened", "DiscreetIncidentChanged",
        )
    ]  # fmt: skip
    assert not [one.body for one in shared if one and words in one.body]
    assert words in "".join([one.data for one in await host.log.read(0, 100)]), "control: it is on record"


async def test_the_picture_shows_them_as_soon_as_they_move(desks: Desks, at_work: Operations) -> None:
    id_ = await desks.report()

    async def shown(version: int) -> Any:
        shown = (await at_work.snapshot("operations"))["incidents"]
        assert [(one["incident_id"], one["version"]) for one in shown] == [(id_, version)]
        return shown[0]

    await eventually(lambda: shown(1), 3)
    await desks.move(id_, "start")
    one = await eventually(lambda: shown(2), 3)
    assert one.keys() >= {
        "number", "kind", "severity", "state", "escalated", "title", "place", "people", "badges", "opened_at",
        "changed_at", "due_at", "assignee", "raised_by", "repeats", "discreet", "version", "cause_over",
    }  # fmt: skip
    assert "incidents" not in await at_work.snapshot()


async def test_an_hour_after_it_was_closed_it_leaves_the_picture(desks: Desks, at_work: Operations) -> None:
    id_ = await desks.report()
    await desks.move(id_, "resolution", resolution="done")
    await desks.move(id_, "closure")

    async def states() -> list[str]:
        return [one["state"] for one in (await at_work.snapshot("operations"))["incidents"]]

    async def closed() -> bool:
        return await states() == ["closed"]

    await eventually(closed, 3)
    at_work.clock.set(NOW + timedelta(minutes=61))

    assert await states() == []
    assert await desks.listed() == []
    assert len(await desks.listed("closed")) == 1


async def test_what_nobody_acknowledges_in_time_goes_up_by_itself_once(desks: Desks, at_work: Operations) -> None:
    id_ = await desks.report(severity=1)
    assert (await desks.one(id_))["due_at"] == (NOW + timedelta(minutes=1)).isoformat()

    at_work.clock.set(NOW + timedelta(minutes=5))
    found = await desks.eventually("medical", lambda one: one["escalated"] == 2)

    assert found["due_at"] is None
    entries = [(one["what"], one["actor"], one["to"]) for one in (await desks.one(id_))["log"][1:]]
    assert entries == [("escalated", "service:operations", "1"), ("escalated", "service:operations", "2")]


async def test_two_clocks_at_once_escalate_once(desks: Desks, at_work: Operations) -> None:
    """As at a take-over; each has a view that is a moment old."""
    assert at_work.host is not None
    host, id_ = at_work.host, await desks.report(severity=4)
    await desks.listed()
    clocks = [EscalationClock(Incidents(host.log, host.pool), host.pool, host.clock) for _ in range(5)]

    at_work.clock.set(NOW + timedelta(hours=12))
    await asyncio.gather(*(clock.look() for clock in clocks))

    assert [one["what"] for one in (await desks.one(id_))["log"]] == ["reported", "escalated"]


async def test_a_process_that_stands_by_takes_reports_and_shows_them(desks: Desks, at_work: Operations) -> None:
    host = Host("operations", at_work.settings, at_work.database.pool)
    port = free_port()
    async with running(*map(_forever, host.always)), served(await build(host), port) as url:
        async with httpx.AsyncClient(base_url=url, timeout=15) as client:
            there = Desks(at_work, client)
            id_ = await there.report()
            await there.move(id_, "start")
            assert [one["state"] for one in await there.listed()] == ["in_progress"]
            assert await there.one(id_) == await desks.one(id_)
        host.stopping.set()


async def test_the_view_folded_anew_shows_the_same(desks: Desks, at_work: Operations) -> None:
    first, second = await desks.report(), await desks.report(kind="protest")
    await desks.move(first, "triage", severity=3, reason="only a bruise")
    await desks.move(second, "merge", into=first)
    before = [await desks.one(first), await desks.one(second)]

    assert at_work.host is not None
    for view in views(at_work.host):
        await view.rebuild()

    assert [await desks.one(first), await desks.one(second)] == before
    await at_work.told.tell(zone("per"), goes_in("per", PERSON))
    await at_work.knows_all()
    assert len(await desks.listed("all")) == 2
