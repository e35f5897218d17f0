"""Rules at work: what the others tell becomes incidents, each once, whatever breaks."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.log.obey import UnavailableError
from contracts.access import (
    BadgeScanned,
    DeviceFellSilent,
    DeviceReported,
    DuressSignalled,
    LockdownDeclared,
    LockdownLifted,
    ZoneCapacityReached,
    ZoneCapacityRestored,
)
from services.operations.incidents import Incidents
from services.operations.ruling.causes import Causes
from tests.controls import NOW, PERSON, eventually
from tests.operations.conftest import Operations
from tests.operations.desks import Desks, desks_of
from tests.operations.told import ANNA, FULL, HALL, overridden, scan, zone

FIRST, SECOND = UUID(int=1), UUID(int=2)


def silent(device: UUID = FIRST, gate: str = "gate-north") -> DeviceFellSilent:
    return DeviceFellSilent(device_id=device, venue_id="ncc", gate_id=gate, heard_at=NOW)


def heard(device: UUID = FIRST, gate: str = "gate-north") -> DeviceReported:
    return DeviceReported(
        device_id=device, venue_id="ncc", gate_id=gate, battery=90, queue=0, skew_s=0, policy_version=1,
        revocation_version=1, software="1.0", heard_at=NOW,
    )  # fmt: skip


def vip(outcome: Any = "refused", person: UUID = ANNA) -> BadgeScanned:
    reason = "zone_not_permitted" if outcome == "refused" else None
    return scan("pln", person, outcome, reason=reason).model_copy(update={"category": "head-of-state"})


def duress(gate: str = "gate-pln") -> DuressSignalled:
    return DuressSignalled(
        scan_id=uuid4(), venue_id="ncc", gate_id=gate, zone_id="pln", person_id=PERSON, device_id=None
    )


async def rules_begun(operations: Operations) -> None:
    """Events that come from now on are news."""

    async def begun() -> bool:
        query = "SELECT count(*) FROM readers.cursors WHERE reader = 'rules'"
        return int(await operations.database.pool.fetchval(query)) == 3

    await eventually(begun, 8, says="the rules do not begin")


async def rules_know(operations: Operations) -> None:
    """Everything that was told has been looked at by the rules."""
    heads = {source: (await log.head()).number for source, log in operations.told.logs.items()}

    async def all_of_it() -> bool:
        rows = await operations.database.pool.fetch("SELECT source, number FROM readers.cursors WHERE reader = 'rules'")
        return dict(rows) == heads

    await eventually(all_of_it, 8, says="the rules do not hear")


@pytest.fixture
async def desks(at_work: Operations) -> AsyncIterator[Desks]:
    await rules_begun(at_work)
    async with desks_of(at_work) as made:
        yield made


async def test_a_gate_falls_silent_and_is_heard_again(desks: Desks, at_work: Operations) -> None:
    await at_work.told.tell(silent(FIRST), silent(SECOND), silent(FIRST, "gate-south"))
    await rules_know(at_work)
    listed = {one["place"]["gate_id"]: one for one in await desks.listed()}
    assert {gate: (one["kind"], one["severity"], one["raised_by"], one["repeats"]) for gate, one in listed.items()} == {
        "gate-north": ("silent_gate", 3, "rule", 1), "gate-south": ("silent_gate", 3, "rule", 0),
    }  # fmt: skip

    await at_work.told.tell(heard(SECOND))
    await rules_know(at_work)
    assert (await desks.one(listed["gate-north"]["incident_id"]))["state"] == "reported"
    await at_work.told.tell(silent(FIRST), heard(FIRST))
    await rules_know(at_work)

    north = await desks.one(listed["gate-north"]["incident_id"])
    assert (north["state"], north["cause_over"]) == ("resolved", True)
    assert north["log"][-1]["actor"] == "service:operations"


async def test_what_somebody_took_waits_for_them(desks: Desks, at_work: Operations) -> None:
    await at_work.told.tell(zone("pln"), ZoneCapacityReached(**FULL))
    full = await desks.eventually("zone_full")
    await desks.move(full["incident_id"], "acknowledgement")

    await at_work.told.tell(ZoneCapacityRestored(**FULL))

    found = await desks.eventually("zone_full", lambda one: one["cause_over"])
    assert found["state"] == "acknowledged"


async def test_what_comes_again_after_it_was_closed_is_another(desks: Desks, at_work: Operations) -> None:
    for number in (1, 2):
        await at_work.told.tell(LockdownDeclared(**HALL, reason="smoke"))
        await rules_know(at_work)
        (found,) = await desks.listed()
        assert found["number"] == number
        await desks.move(found["incident_id"], "resolution", resolution="a candle")
        await desks.move(found["incident_id"], "verification", who="bao")
        await desks.move(found["incident_id"], "closure")
        await at_work.told.tell(LockdownLifted(**HALL))
        await rules_know(at_work)

    assert [one["number"] for one in await desks.listed("closed")] == [2, 1]


async def test_what_was_merged_repeats_in_the_other(desks: Desks, at_work: Operations) -> None:
    by_hand = await desks.report(kind="lockdown")
    await at_work.told.tell(LockdownDeclared(**HALL, reason="smoke"))
    (rules,) = [one for one in await desks.eventually_all(2) if one["raised_by"] == "rule"]
    await desks.move(rules["incident_id"], "merge", into=by_hand)

    await at_work.told.tell(LockdownLifted(**HALL), LockdownDeclared(**HALL, reason="smoke"))
    await rules_know(at_work)

    assert [one["incident_id"] for one in await desks.listed()] == [by_hand]
    assert (await desks.one(by_hand))["repeats"] == 1


async def test_a_storm_of_refusals_is_one_incident_and_few_events(desks: Desks, at_work: Operations) -> None:
    """Ten thousand a minute are not ten thousand events: one each ten seconds of the gathering, with the count."""
    assert at_work.host is not None
    for second in range(0, 30, 5):
        at_work.clock.set(NOW + timedelta(seconds=second))
        await at_work.told.tell(*(vip() for _ in range(100)))
        await rules_know(at_work)
    at_work.clock.set(NOW + timedelta(seconds=45))

    found = await desks.eventually("denied_vip", lambda one: one["repeats"] == 599)
    assert (found["people"], found["place"]) == ([str(ANNA)], {"zone_id": "pln", "gate_id": "gate-pln"})
    repeats = [one for one in (await desks.one(found["incident_id"]))["log"] if one["what"] == "repeated"]
    assert len(repeats) <= 5
    assert sum(int(one["to"]) for one in repeats) == 599
    assert (await at_work.host.log.head()).position <= 6


async def test_a_vip_who_got_in_is_no_longer_denied(desks: Desks, at_work: Operations) -> None:
    await at_work.told.tell(vip())
    await desks.eventually("denied_vip")
    await at_work.told.tell(vip("admitted"))

    found = await desks.eventually("denied_vip", lambda one: one["cause_over"])
    assert found["state"] == "reported", "the apology is still to come"


async def test_one_admission_ends_what_was_wrong_at_two_doors(desks: Desks, at_work: Operations) -> None:
    await at_work.told.tell(vip(), vip().model_copy(update={"gate_id": "gate-east", "zone_id": "exh"}))
    await rules_know(at_work)
    assert [one["kind"] for one in await desks.listed()] == ["denied_vip", "denied_vip"]

    await at_work.told.tell(vip("admitted"))

    await rules_know(at_work)
    assert [one["cause_over"] for one in await desks.listed()] == [True, True]
    assert await at_work.database.pool.fetchval("SELECT count(*) FROM readers.dead_letters") == 0


async def test_duress_is_discreet_and_the_worst(desks: Desks, at_work: Operations) -> None:
    await at_work.told.tell(duress())

    found = await desks.eventually("duress")
    assert (found["severity"], found["discreet"], found["title"]) == (1, True, None)
    assert await desks.listed(role="supervisor") == []
    assert "duress" not in str(await at_work.snapshot("supervisor"))
    assert "duress" in str((await at_work.snapshot("commander"))["incidents"])


async def test_an_override_is_confirmed_in_time_and_reviewed_within_the_hour(desks: Desks, at_work: Operations) -> None:
    asked, admitted, reviewed = overridden()
    await at_work.told.tell(asked, admitted)
    await rules_know(at_work)
    at_work.clock.set(NOW + timedelta(minutes=59))
    assert await desks.listed() == []

    at_work.clock.set(NOW + timedelta(minutes=61))
    found = await desks.eventually("override_unreviewed")
    assert (found["people"], found["place"]["gate_id"]) == ([str(ANNA)], "gate-pln")
    await at_work.told.tell(reviewed)

    await desks.eventually("override_unreviewed", lambda one: one["state"] == "resolved")


async def test_one_that_nobody_confirms_is_somebodys_concern(desks: Desks, at_work: Operations) -> None:
    await at_work.told.tell(overridden()[0])
    await rules_know(at_work)
    at_work.clock.set(NOW + timedelta(seconds=61))

    await desks.eventually("override_unreviewed")


# --- whatever breaks ------------------------------------------------------------------------------------------------


async def test_of_a_past_that_nobody_watched_only_what_still_stands_is_raised(
    operations: Operations, impatient: None
) -> None:
    await operations.told.tell(
        zone("pln"), silent(FIRST), silent(SECOND, "gate-south"), heard(FIRST), vip(), duress(),
        ZoneCapacityReached(**FULL), ZoneCapacityRestored(**FULL), LockdownDeclared(**HALL, reason="smoke"),
    )  # fmt: skip
    async with operations.at_work(), desks_of(operations) as desks:
        await rules_begun(operations)
        await rules_know(operations)
        assert {(one["kind"], one["place"]["gate_id"]) for one in await desks.listed("all")} == {
            ("silent_gate", "gate-south"), ("lockdown", None),
        }  # fmt: skip
        await operations.told.tell(heard(SECOND, "gate-south"), LockdownLifted(**HALL))
        await rules_know(operations)
        assert {one["state"] for one in await desks.listed("all")} == {"resolved"}


async def test_what_came_while_it_was_down_is_raised_late_rather_than_never(
    operations: Operations, impatient: None
) -> None:
    async with operations.at_work():
        await operations.told.tell(zone("pln"))
        await rules_begun(operations)
        await rules_know(operations)
    await operations.told.tell(vip(), silent(), heard())
    async with operations.at_work(), desks_of(operations) as desks:
        await rules_know(operations)
        found = {one["kind"]: one["state"] for one in await desks.listed("all")}
        assert found == {"denied_vip": "reported", "silent_gate": "resolved"}


async def test_a_view_folded_anew_raises_nothing_again(desks: Desks, at_work: Operations) -> None:
    from services.operations.app import views

    assert at_work.host is not None
    await at_work.told.tell(zone("pln"), vip(), silent())
    await rules_know(at_work)
    before = await desks.listed("all")
    for view in views(at_work.host):
        await view.rebuild()
    await at_work.told.tell(zone("per"))
    await rules_know(at_work)

    assert len(before) == 2
    assert await desks.listed("all") == before


class Broken:
    """Dies once between the commit of what an event made and its cursor."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        take = Causes.take

        async def take_and_die(causes: Causes, *what: Any) -> None:
            await take(causes, *what)
            if not self.times:
                self.times += 1
                raise UnavailableError("the process dies here")

        monkeypatch.setattr(Causes, "take", take_and_die)


async def test_what_was_committed_before_the_cursor_moved_is_there_once(
    operations: Operations, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with operations.at_work():
        await operations.told.tell(zone("pln"))
        await rules_begun(operations)
        await rules_know(operations)
        died = Broken(monkeypatch)
        await operations.told.tell(vip())
        await eventually(lambda: died.times, says="nobody died")
    monkeypatch.undo()
    async with operations.at_work(), desks_of(operations) as desks:
        await rules_know(operations)
        (found,) = await desks.listed("all")
        assert (found["number"], found["repeats"]) == (1, 0)


async def test_without_a_commands_own_id_it_would_be_there_twice(
    desks: Desks, at_work: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: what makes it once is the id that the source's event gives the command, and the count on record."""
    monkeypatch.setattr("services.operations.ruling.causes.uuid5", lambda *_: uuid4())
    monkeypatch.setattr("services.operations.domain.incident_record.Seen.covers", lambda *_: False)
    Broken(monkeypatch)
    await at_work.told.tell(vip())
    await rules_know(at_work)
    at_work.clock.set(NOW + timedelta(seconds=11))

    await desks.eventually("denied_vip", lambda one: one["repeats"] == 1)


async def test_a_log_that_is_away_for_a_moment_costs_nothing(
    desks: Desks, at_work: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, refusals = Incidents.report, iter((True, True, False))

    async def away(self: Incidents, *what: Any) -> Any:
        if next(refusals, False):
            raise UnavailableError("away")
        return await report(self, *what)

    monkeypatch.setattr(Incidents, "report", away)
    await at_work.told.tell(vip(), silent())
    await rules_know(at_work)

    assert {one["kind"]: one["repeats"] for one in await desks.listed()} == {"denied_vip": 0, "silent_gate": 0}
