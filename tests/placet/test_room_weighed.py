"""What is said of the room's work is believed because it was lied to: each fault shows, as itself and nothing else."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from placet.plan.watched import Mishap
from placet.rehearsal.officer import Met
from placet.rehearsal.room import EXPECTED_WHEN_DISTURBED, Place, Room, weigh

DURESS, FULL = Mishap("duress", "gate-north"), Mishap("zone_full", "hlr-2")
FILLED: Counter[Place] = Counter({("zone_full", "hlr-2"): 1})


def incident(number: int, kind: str = "duress", gate: str | None = "gate-north", **more: Any) -> Mapping[str, Any]:
    """Opened at its number o'clock, and closed half an hour later."""
    closed = {"what": "closed", "at": f"2025-10-25T{number:02}:30:00+00:00"}
    return {
        "number": number, "kind": kind, "state": "closed", "merged_into": None, "escalated": 0, "repeats": 0,
        "people": [], "about": None, "place": {"gate_id": gate, "zone_id": None},
        "opened_at": f"2025-10-25T{number:02}:00:00+00:00", "log": [closed], **more,
    }  # fmt: skip


def full(number: int) -> Mapping[str, Any]:
    return incident(number, "zone_full", None, place={"gate_id": None, "zone_id": "hlr-2"})


def failures(met: list[Met], *incidents: Mapping[str, Any], filled: Counter[Place] = FILLED, **flags: Any) -> list[str]:
    said = {"published": True, "pictured": True, **flags}
    excused = said.pop("excused", frozenset())
    return Room(**weigh(met, incidents, filled, excused), handovers=0, handed_over=0, **said).failures()


def test_all_is_well_when_every_mishap_became_an_incident_and_every_incident_was_closed() -> None:
    assert failures([Met(DURESS, 1), Met(FULL, 2)], incident(1), full(2)) == []


def test_a_mishap_that_no_rule_made_anything_of_is_said() -> None:
    assert failures([Met(DURESS, 1), Met(FULL, None)], incident(1)) == ["no incident was open for zone_full at hlr-2"]


def test_an_incident_that_nobody_closed_is_said() -> None:
    left = incident(1, state="in_progress", log=[])

    assert failures([Met(DURESS, 1)], left) == ["incident 1, duress, in_progress is still open"]


def test_an_incident_that_nothing_caused_is_said() -> None:
    assert failures([Met(DURESS, 1)], incident(1), incident(2, gate="gate-south")) == [
        "nothing made duress at gate-south: 1 times, not 0"
    ]


def test_an_incident_repeated_more_often_than_anything_happened_is_said() -> None:
    assert failures([Met(DURESS, 1)], incident(1, repeats=1)) == ["nothing made duress at gate-north: 2 times, not 1"]
    assert failures([Met(DURESS, 1), Met(DURESS, 1)], incident(1, repeats=1)) == []


def test_a_zone_that_filled_by_itself_needs_no_mishap_but_it_must_have_filled() -> None:
    assert failures([], full(1)) == []
    assert failures([], full(1), filled=Counter()) == ["nothing made zone_full at hlr-2: 1 times, not 0"]


def test_two_at_once_for_the_same_thing_are_said_and_one_after_the_other_are_not() -> None:
    late = incident(1, log=[{"what": "closed", "at": "2025-10-25T02:15:00+00:00"}])

    assert failures([Met(DURESS, 1), Met(DURESS, 2)], late, incident(2)) == [
        "two incidents at once for duress at gate-north"
    ]
    assert failures([Met(DURESS, 1), Met(DURESS, 2)], incident(1), incident(2)) == []


@pytest.mark.parametrize("kind", sorted(EXPECTED_WHEN_DISTURBED))
def test_what_is_expected_where_things_are_ended_on_purpose_is_expected_there_alone(kind: str) -> None:
    assert failures([], incident(1, kind), excused=EXPECTED_WHEN_DISTURBED) == []
    assert failures([], incident(1, kind)) == [f"nothing made {kind} at gate-north: 1 times, not 0"]


def test_numbers_with_a_gap_are_said() -> None:
    assert failures([Met(DURESS, 2)], incident(2)) == ["incidents are not numbered 1, 2, 3 and so on"]


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("published", "what operations told differs between its log and its stream"),
        ("pictured", "incidents differ between the live picture and the list"),
    ],
)
def test_what_does_not_agree_is_said(flag: str, sentence: str) -> None:
    assert failures([Met(DURESS, 1)], incident(1), **_false(flag)) == [sentence]


def _false(flag: str) -> dict[str, Any]:
    return {flag: False}
