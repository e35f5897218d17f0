"""What of a plan the operations room must hear of."""

from placet.places import ROOT
from placet.plan import plan
from placet.plan.actions import BringGateBack, DeclareLockdown, Scan
from placet.plan.watched import VIPS, mishaps
from placet.scenario import load
from services.operations.ruling import rules

MINI = load(ROOT / "scenarios" / "mini")


def test_they_are_kinds_that_the_rooms_rules_know_and_people_whom_they_call_important() -> None:
    found = mishaps(MINI, plan(MINI, seed=1).actions)

    assert {one.kind for several in found.values() for one in several} <= set(rules.RULES)
    assert VIPS == rules.VIPS


def test_a_mishap_is_told_of_where_it_happens_and_what_is_like_any_day_is_not() -> None:
    actions = plan(MINI, seed=1).actions
    found = mishaps(MINI, actions)

    for action in actions:
        places = {one.place for one in found.get(action.id, ())}
        match action:
            case DeclareLockdown(zone=zone):
                assert places == {zone}
            case BringGateBack(gate=gate):
                assert places == {gate}
            case Scan(gate=gate, cause="full_room"):
                assert next(one.to_zone for one in MINI.gates if one.gate == gate) in places
            case Scan(gate=gate, duress=True):
                assert gate in places
            case Scan(presents="garbled" | "truncated" | "resigned" | "foreign"):
                assert places == set()
    assert sum(map(len, found.values())) < len(actions) / 20
