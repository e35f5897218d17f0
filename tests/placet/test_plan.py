"""What a plan promises: the same gathering every time, in which people behave and things go wrong as asked."""

import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from placet.plan import Plan, actions, plan
from placet.plan.actions import (
    Action,
    ActivateBadge,
    Cause,
    ConfirmDelegation,
    GrantAccreditation,
    ImportRoster,
    IssueBadge,
    LiftWatch,
    RecordVetting,
    RefuseAccreditation,
    ReplaceBadge,
    ReportBadgeLost,
    RevokeBadge,
    Scan,
    WatchPerson,
)
from placet.plan.preparation import nominations
from placet.plan.watched import mishaps
from placet.scenario import load
from placet.scenario.gathering import CONDITIONAL_LETTERS, Scenario

ROOT = Path(__file__).parents[2]
EVERYWHERE = pytest.mark.parametrize(
    ("name", "seed"), [("hanoi", 1), ("mini", 1), ("mini", 2), ("mini", 3), ("mini", 4)]
)


@cache
def scenario_of(name: str) -> Scenario:
    return load(ROOT / "scenarios" / name)


@cache
def plan_of(name: str, seed: int) -> Plan:
    return plan(scenario_of(name), seed)


def moments(a_plan: Plan, kind: type[Action]) -> dict[str, list[datetime]]:
    """When actions of a kind happen, by person."""
    found = defaultdict(list)
    for action in a_plan.actions:
        if type(action) is kind:
            found[getattr(action, "person")].append(action.at)  # noqa: B009  (not every kind has a person)
    return dict(found)


class Ledger:
    """Who is where, from scans alone; the last words of a plan about its own consistency."""

    def __init__(self, scenario: Scenario) -> None:
        self.zones = {zone.zone: zone for zone in scenario.zones}
        self.gates = {gate.gate: gate for gate in scenario.gates}
        self.place: dict[str, str | None] = defaultdict(lambda: None)
        self.inside: Counter[str] = Counter()

    def path(self, zone: str | None) -> list[str]:
        return [*self.path(self.zones[zone].parent), zone] if zone else []

    def move(self, person: str, to: str | None) -> None:
        self.inside.subtract(self.path(self.place[person]))
        self.inside.update(self.path(to))
        self.place[person] = to

    def replay(self, a_plan: Plan) -> Iterator[Scan]:
        """Each scan before it takes effect, in order of time."""
        for scan in sorted(a_plan.scans, key=lambda scan: scan.at):
            yield scan
            gate = self.gates[scan.gate]
            if scan.person and not scan.cause:
                self.move(scan.person, gate.to_zone if scan.direction == "in" else gate.from_zone)


def test_the_same_seed_gives_the_same_plan_byte_for_byte() -> None:
    code = """
from hashlib import sha256; from pathlib import Path; from placet.plan import plan; from placet.scenario import load
print(sha256(repr(plan(load(Path("scenarios/mini")), 1)).encode()).hexdigest())
"""
    here = hashlib.sha256(repr(plan(scenario_of("mini"), 1)).encode()).hexdigest()
    for hash_seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == here


def test_another_seed_gives_another_plan() -> None:
    assert plan_of("mini", 1) != plan_of("mini", 2)


@EVERYWHERE
def test_every_action_has_its_own_id_and_comes_when_it_is_due(name: str, seed: int) -> None:
    planned = plan_of(name, seed).actions
    due = [action.due for action in planned]

    assert len({action.id for action in planned}) == len(planned)
    assert due == sorted(due)
    assert all(action.at.tzinfo is UTC and action.at.microsecond == 0 for action in planned)
    assert due[0] >= scenario_of(name).clock_start


def test_hanoi_plans_some_twenty_thousand_scans_nearly_all_of_them_good() -> None:
    hanoi = plan_of("hanoi", 1)
    refused = sum(hanoi.refusals().values())

    assert 16_000 <= hanoi.summary()["Scan"] <= 24_000
    assert refused / hanoi.summary()["Scan"] < 0.15
    assert len(hanoi.refusals()) >= 10


def test_mini_plans_about_sixty_people_and_eight_hundred_scans() -> None:
    mini = plan_of("mini", 1)

    assert 55 <= mini.summary()["IssueBadge"] <= 65
    assert 700 <= mini.summary()["Scan"] <= 900


@EVERYWHERE
def test_every_kind_of_action_and_every_cause_of_refusal_occurs(name: str, seed: int) -> None:
    kinds = {kind.__name__ for kind in vars(actions).values() if isinstance(kind, type) and issubclass(kind, Action)}

    assert set(plan_of(name, seed).summary()) == kinds - {"Action"}
    assert set(plan_of(name, seed).refusals()) == set(get_args(Cause))


@EVERYWHERE
def test_mishaps_occur_as_often_as_asked(name: str, seed: int) -> None:
    mishaps, refusals = scenario_of(name).mishaps, plan_of(name, seed).refusals()
    credentials = mishaps.credentials.model_dump()

    assert {kind: refusals[kind] for kind in credentials} == credentials
    assert refusals["wrong_zone"] == mishaps.wrong_zone
    assert refusals["lent"] == mishaps.lent_badges
    assert refusals["full_room"] == mishaps.full_room.turned_away
    assert refusals["perimeter_skipped"] == mishaps.perimeter_skipped
    assert refusals["lost"] == refusals["superseded"] == len(mishaps.lost_badges.reported)
    assert sum(scan.taps == 2 for scan in plan_of(name, seed).scans) == mishaps.double_taps
    assert sum(scan.duress for scan in plan_of(name, seed).scans) == mishaps.duress
    assert len(moments(plan_of(name, seed), WatchPerson)) == len(mishaps.watched.at)
    lost = [action for action in plan_of(name, seed).actions if isinstance(action, ReportBadgeLost)]
    assert [action.stolen for action in lost] == [n < mishaps.stolen_badges for n in range(len(lost))]


@EVERYWHERE
def test_wrong_roster_rows_have_no_consequences(name: str, seed: int) -> None:
    right = {nomination.row.person for nomination in nominations(scenario_of(name))}
    acted_on = {getattr(action, "person", None) for action in plan_of(name, seed).actions}

    assert acted_on - {None} <= right


@EVERYWHERE
def test_nobody_scans_before_their_badge_is_active(name: str, seed: int) -> None:
    active = moments(plan_of(name, seed), ActivateBadge)
    early = [scan for scan in plan_of(name, seed).scans if scan.badge_of and scan.at <= min(active[scan.badge_of])]

    assert {scan.cause for scan in early} == {"not_activated"}


@EVERYWHERE
def test_a_badge_is_vetted_granted_made_and_handed_over_in_this_order(name: str, seed: int) -> None:
    a_plan, scenario = plan_of(name, seed), scenario_of(name)
    cleared = {action.person: action.at for action in a_plan.actions if isinstance(action, RecordVetting)}
    granted, issued, active = (moments(a_plan, kind) for kind in (GrantAccreditation, IssueBadge, ActivateBadge))
    exempt = {row.category for row in scenario.categories if row.vetting == "exempt"}

    for nomination in nominations(scenario):
        person, category = nomination.row.person, nomination.row.category
        assert (person in cleared) == (category not in exempt)
        if person in granted:
            vetted = cleared.get(person, nomination.at)
            assert nomination.at <= vetted < granted[person][0] < issued[person][0] < active[person][0]
    assert set(granted) == set(issued) == set(active)


@EVERYWHERE
def test_whoever_is_refused_by_vetting_gets_no_badge(name: str, seed: int) -> None:
    a_plan = plan_of(name, seed)
    refused = [a.person for a in a_plan.actions if isinstance(a, RecordVetting) and a.outcome == "refused"]

    assert refused
    assert set(refused) == set(moments(a_plan, RefuseAccreditation))
    assert not set(refused) & set(moments(a_plan, IssueBadge))


@EVERYWHERE
def test_only_areas_that_need_a_condition_are_granted_extra(name: str, seed: int) -> None:
    matrix = scenario_of(name).matrix
    categories = {nomination.row.person: nomination.row.category for nomination in nominations(scenario_of(name))}

    for action in plan_of(name, seed).actions:
        if isinstance(action, GrantAccreditation):
            assert {matrix[categories[action.person]][area] for area in action.extra_areas} <= set(CONDITIONAL_LETTERS)


@EVERYWHERE
def test_delegations_name_people_only_after_they_have_confirmed(name: str, seed: int) -> None:
    planned = plan_of(name, seed).actions
    confirmed = {action.delegation: action.at for action in planned if isinstance(action, ConfirmDelegation)}
    imported = [action.at for action in planned if isinstance(action, ImportRoster)]

    assert imported == [wave.at for wave in scenario_of(name).waves]
    assert all(confirmed[entry.row.delegation] < entry.at for entry in nominations(scenario_of(name)))


@EVERYWHERE
def test_people_pass_from_zone_to_zone_through_the_gate_between_them(name: str, seed: int) -> None:
    ledger = Ledger(scenario_of(name))
    for scan in ledger.replay(plan_of(name, seed)):
        gate = ledger.gates[scan.gate]
        assert 1 <= scan.lane <= gate.lanes
        if scan.cause or not scan.person:
            continue
        place = ledger.place[scan.person]
        forgotten = place is not None and ledger.zones[place].zone_class == "open"
        if scan.direction == "in":
            assert place == gate.from_zone or forgotten
        else:
            assert place == gate.to_zone or forgotten


@EVERYWHERE
def test_nobody_is_expected_to_get_in_where_their_badge_does_not_open(name: str, seed: int) -> None:
    scenario = scenario_of(name)
    gates, matrix = {gate.gate: gate for gate in scenario.gates}, scenario.matrix
    areas = {zone.zone: zone.area for zone in scenario.zones}
    extra = {a.person: a.extra_areas for a in plan_of(name, seed).actions if isinstance(a, GrantAccreditation)}
    categories = {entry.row.person: entry.row.category for entry in nominations(scenario)}

    for scan in plan_of(name, seed).scans:
        if scan.badge_of and scan.direction == "in" and not scan.cause:
            area = areas[gates[scan.gate].to_zone]
            assert matrix[categories[scan.badge_of]][area] == "Y" or area in extra[scan.badge_of]


@EVERYWHERE
def test_rooms_hold_whom_they_can_and_turn_people_away_only_when_full(name: str, seed: int) -> None:
    ledger = Ledger(scenario_of(name))
    for scan in ledger.replay(plan_of(name, seed)):
        zone = ledger.zones[ledger.gates[scan.gate].to_zone]
        if scan.cause == "full_room":
            assert ledger.inside[zone.zone] == zone.capacity
        assert zone.capacity is None or ledger.inside[zone.zone] <= zone.capacity


@EVERYWHERE
def test_a_lent_badge_is_shown_while_its_owner_is_inside(name: str, seed: int) -> None:
    ledger = Ledger(scenario_of(name))
    for scan in ledger.replay(plan_of(name, seed)):
        zone = ledger.gates[scan.gate].to_zone
        if scan.cause == "lent":
            assert scan.badge_of
            assert scan.badge_of != scan.person
            assert zone in ledger.path(ledger.place[scan.badge_of])
            assert ledger.zones[zone].keeps_badges_once


@EVERYWHERE
def test_everybody_has_left_in_the_end(name: str, seed: int) -> None:
    ledger = Ledger(scenario_of(name))
    assert list(ledger.replay(plan_of(name, seed)))

    assert +ledger.inside == Counter()


@EVERYWHERE
def test_some_people_forget_to_scan_out_of_a_room(name: str, seed: int) -> None:
    ledger = Ledger(scenario_of(name))
    forgotten = [
        scan
        for scan in ledger.replay(plan_of(name, seed))
        if scan.person and not scan.cause and scan.direction == "in"
        if ledger.place[scan.person] != ledger.gates[scan.gate].from_zone
    ]

    assert forgotten


@EVERYWHERE
def test_nobody_is_at_two_gates_at_once(name: str, seed: int) -> None:
    last: dict[str, datetime] = {}
    for scan in sorted(plan_of(name, seed).scans, key=lambda scan: scan.at):
        if scan.person:
            assert scan.at - last.get(scan.person, datetime.min.replace(tzinfo=UTC)) > timedelta(seconds=8)
            last[scan.person] = scan.at


@EVERYWHERE
def test_scans_of_the_silent_gate_are_exits_that_come_together_when_it_is_back(name: str, seed: int) -> None:
    silence = scenario_of(name).mishaps.silent_gate
    back = silence.at + timedelta(minutes=silence.minutes)
    late = [scan for scan in plan_of(name, seed).scans if scan.delivered_at and scan.sequence is None]

    assert late == [s for s in plan_of(name, seed).scans if s.gate == silence.gate and silence.at <= s.at < back]
    assert {(scan.delivered_at, scan.direction) for scan in late} == {(back, "out")}


@EVERYWHERE
def test_a_scanner_without_a_connection_numbers_what_it_lets_pass_and_brings_it_in_that_order(
    name: str, seed: int
) -> None:
    journals = defaultdict(list)
    for scan in plan_of(name, seed).scans:
        if scan.sequence is not None:
            assert scan.cause is None
            assert scan.delivered_at
            assert scan.delivered_at > scan.at
            journals[scan.gate, scan.lane].append(scan.sequence)

    assert journals
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in journals.values())


@EVERYWHERE
def test_whoever_was_sent_away_comes_back_in_only_through_such_a_scanner_and_is_out_when_it_is_known(
    name: str, seed: int
) -> None:
    revoked, order = moments(plan_of(name, seed), RevokeBadge), scenario_of(name).mishaps.offline
    back = [s for s in plan_of(name, seed).scans if s.person in revoked and not s.cause and s.at > revoked[s.person][0]]
    of_journals = [scan for scan in back if scan.sequence is not None]

    assert [scan.direction for scan in of_journals] == ["in", "out"] * order.revoked
    assert all(scan.direction == "out" for scan in back if scan not in of_journals)


@EVERYWHERE
def test_a_copied_badge_is_shown_and_its_journal_is_brought_while_its_owner_sits_inside(name: str, seed: int) -> None:
    ledger, copies = Ledger(scenario_of(name)), []
    for scan in ledger.replay(plan_of(name, seed)):
        if scan.sequence is not None and scan.person is None:
            copies.append(scan)
            assert scan.badge_of
            assert ledger.gates[scan.gate].to_zone in ledger.path(ledger.place[scan.badge_of])
            assert ledger.zones[ledger.gates[scan.gate].to_zone].keeps_badges_once
        for copy in copies:
            meanwhile = scan.at > copy.at and copy.delivered_at and scan.at <= copy.delivered_at
            assert not (meanwhile and scan.badge_of == copy.badge_of), "their owner was seen elsewhere before"

    assert len(copies) == scenario_of(name).mishaps.offline.lent


@EVERYWHERE
def test_whoever_is_watched_goes_somewhere_meanwhile(name: str, seed: int) -> None:
    watched, lifted = (moments(plan_of(name, seed), kind) for kind in (WatchPerson, LiftWatch))

    for person, (since,) in watched.items():
        seen = [s for s in plan_of(name, seed).scans if s.badge_of == person and since <= s.at < lifted[person][0]]
        assert any(scan.direction == "in" and not scan.cause for scan in seen)


@EVERYWHERE
def test_everything_happens_that_a_gathering_gives_the_operations_room_to_do(name: str, seed: int) -> None:
    orders = scenario_of(name).mishaps
    found = mishaps(scenario_of(name), plan_of(name, seed).actions)
    counted = Counter(one.kind for several in found.values() for one in several)

    assert counted.pop("denied_vip") >= 1
    assert counted.pop("watched_person") >= len(orders.watched.at)
    assert counted == {
        "lockdown": 1,
        "silent_gate": 1,
        "zone_full": orders.full_room.turned_away,
        "lost_badge": orders.stolen_badges,
        "duress": orders.duress,
        "admitted_after_revocation": orders.offline.revoked,
        "double_entry": orders.offline.lent,
    }


@EVERYWHERE
def test_heads_of_delegations_are_refused_somewhere(name: str, seed: int) -> None:
    """Which somebody in the operations room has to hear of."""
    heads = {
        entry.row.person
        for entry in nominations(scenario_of(name))
        if entry.row.category in {"head-of-state", "head-of-delegation"}
    }

    assert any(scan.cause and scan.person in heads for scan in plan_of(name, seed).scans)


@EVERYWHERE
def test_during_a_lockdown_nobody_is_expected_to_get_in(name: str, seed: int) -> None:
    order, ledger = scenario_of(name).mishaps.lockdown, Ledger(scenario_of(name))
    until = order.at + timedelta(minutes=order.minutes)
    tries = [
        scan
        for scan in plan_of(name, seed).scans
        if order.at <= scan.at < until and scan.direction == "in" and ledger.gates[scan.gate].to_zone == order.zone
    ]

    assert tries
    assert all(scan.cause for scan in tries)


@EVERYWHERE
def test_the_old_badge_is_shown_only_after_the_new_one_was_handed_over(name: str, seed: int) -> None:
    replaced, active = (moments(plan_of(name, seed), kind) for kind in (ReplaceBadge, ActivateBadge))

    for scan in plan_of(name, seed).scans:
        if scan.presents == "superseded":
            assert scan.badge_of
            assert replaced[scan.badge_of][0] < active[scan.badge_of][1] < scan.at


@EVERYWHERE
def test_every_signatory_goes_up_to_the_stage_on_the_day_their_delegation_signs(name: str, seed: int) -> None:
    scenario = scenario_of(name)
    signatories = {e.row.person: e.row.delegation for e in nominations(scenario) if e.row.category == "signatory"}
    stage = {gate.gate for gate in scenario.gates if gate.to_zone == "sgn"}
    signed = {
        signatories[scan.person]: scan.at.astimezone(scenario.clock_start.tzinfo).date()
        for scan in plan_of(name, seed).scans
        if scan.gate in stage and scan.direction == "in" and scan.person in signatories
    }

    assert signed == {row.delegation: row.signs_on for row in scenario.delegations if row.signs_on}


def test_hanoi_fills_its_gates_with_a_tenth_of_the_people_in_five_minutes() -> None:
    hanoi = scenario_of("hanoi")
    perimeter = {gate.gate for gate in hanoi.gates if gate.from_zone is None}
    for day in hanoi.days:
        arrivals = Counter(
            (scan.at - day.opens) // timedelta(minutes=5)
            for scan in plan_of("hanoi", 1).scans
            if scan.gate in perimeter
            and scan.direction == "in"
            and not scan.cause
            and day.opens <= scan.at <= day.closes
        )
        assert 0.09 < max(arrivals.values()) / arrivals.total() < 0.12
        assert arrivals.total() > 1_500
