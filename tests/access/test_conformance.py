"""The conformance set: this decider says what the set says; and the set notices every rule that is left out."""

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from services.access.domain import checks
from services.access.domain.checks import FAMILIES
from services.access.domain.rules.entry import Family
from tests.access import conforming
from tests.access.conforming import Case, cases_in, judged

BY_HAND = cases_in("by-hand.json")
GENERATED = cases_in("generated.json")


@pytest.mark.parametrize("case", BY_HAND, ids=lambda case: f"{case['id']} {case['says']}")
def test_the_decider_says_what_is_written_by_hand(case: Case) -> None:
    said = judged(case)

    assert {name: said[name] for name in case["expect"]} == case["expect"]


def test_the_decider_says_what_the_generated_cases_say() -> None:
    wrong = [case["id"] for case in GENERATED if judged(case) != case["expect"]]

    assert not wrong


def test_there_are_enough_cases_and_each_is_there_once() -> None:
    assert len(GENERATED) >= 2_000
    assert len({case["id"] for case in (*BY_HAND, *GENERATED)}) == len(BY_HAND) + len(GENERATED)


def test_the_generated_cases_are_those_that_chance_draws() -> None:
    """Nobody edits them by hand; what they expect is compared above."""
    drawn = [{**case, "expect": None} for case in conforming.generated()]

    assert [{**case, "expect": None} for case in GENERATED] == drawn


def test_every_code_refuses_somebody_in_both() -> None:
    for cases in (BY_HAND, GENERATED):
        first = Counter(case["expect"]["failed"][0] for case in cases if case["expect"]["outcome"] == "refused")
        assert set(first) == set(checks.CODES)


@pytest.mark.parametrize("left_out", [code for code, _ in checks.OF_THE_BADGE])
def test_a_gate_without_one_of_the_rules_is_noticed(left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control, for each rule: by the cases written by hand alone."""
    fewer = tuple(
        Family(family.concerns, tuple(check for check in family.checks if check[0] != left_out)) for family in FAMILIES
    )
    monkeypatch.setattr(checks, "FAMILIES", fewer)

    assert any({**judged(case), **case["expect"]} != judged(case) for case in BY_HAND)


def test_rules_in_another_order_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FAMILIES", tuple(reversed(FAMILIES)))

    assert any({**judged(case), **case["expect"]} != judged(case) for case in BY_HAND)


def test_a_family_is_passed_over_only_where_none_of_its_rules_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = [judged(case) for case in (*BY_HAND, *GENERATED)]
    thorough = tuple(family._replace(concerns=lambda _entry, _badge: True) for family in FAMILIES)
    monkeypatch.setattr(checks, "FAMILIES", thorough)

    assert [judged(case) for case in (*BY_HAND, *GENERATED)] == looked_at


def test_a_family_passed_over_wrongly_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the one above."""
    lazy = tuple(family._replace(concerns=lambda _entry, _badge: False) for family in FAMILIES)
    monkeypatch.setattr(checks, "FAMILIES", lazy)

    assert any(judged(case) != case["expect"] for case in GENERATED)


RESTRICTIONS: dict[str, Callable[[Case], Case]] = {
    "revoked": lambda case: {**case, "badge": {**case["badge"], "revoked": True}},
    "suspended": lambda case: {**case, "badge": {**case["badge"], "suspended": True}},
    "held": lambda case: {**case, "badge": {**case["badge"], "held": True}},
    "stripped of areas": lambda case: {**case, "badge": {**case["badge"], "areas": []}},
    "watched": lambda case: {**case, "watched": "block"},
    "unlike the photo": lambda case: {**case, "inspections": {**case.get("inspections", {}), "unlike_photo": True}},
    "locked out": lambda case: {**case, "orders": {**case.get("orders", {}), "lockdowns": ["grounds"]}},
    "evacuated": lambda case: {**case, "orders": {**case.get("orders", {}), "evacuated": ["grounds"]}},
    "under threat": lambda case: {**case, "orders": {**case.get("orders", {}), "threat_level": 7}},
    "before a closed gate": lambda case: {**case, "gate": {**case.get("gate", {}), "state": "closed"}},
}


@pytest.mark.parametrize("restriction", RESTRICTIONS)
def test_what_is_taken_away_turns_no_refusal_into_an_admission(restriction: str) -> None:
    """Whatever other rules are in play."""
    refused = [case for case in GENERATED if case["expect"]["outcome"] == "refused" and case["badge"] is not None]

    for case in refused[:250]:
        assert judged(RESTRICTIONS[restriction](case))["outcome"] == "refused", case["id"]


def test_what_is_given_does() -> None:
    """Control: the same with less taken away."""
    refused = [case for case in GENERATED if case["expect"]["failed"] == ["credential_revoked"]]
    released = [{**case, "badge": {**case["badge"], "revoked": False}} for case in refused]

    assert {judged(case)["outcome"] for case in released} == {"admitted"}


def test_what_chance_draws_a_share_of_is_about_that_share() -> None:
    """The rule of the README, worked out again here."""

    def drawn(case: Case, share: float) -> bool:
        scan: Any = case["scan"]
        digest = sha256(bytes.fromhex(scan["scan_id"].replace("-", "")) + b"screening").digest()
        return int.from_bytes(digest[:4], "big") < share * 2**32

    for case in GENERATED[:300]:
        asked = {**case, "gate": {"screening": {"share": 0.3}}, "inspections": {}}
        found = judged(asked)
        assert ("screening_required" in (*found["failed"], *found["warnings"])) == _is_asked(case, drawn(case, 0.3))


def _is_asked(case: Case, lot: bool) -> bool:
    entering = case["scan"]["direction"] == "in"
    readable = case["badge"] is not None and not case["scan"].get("reading", {}).get("problem")
    return entering and readable and lot
