"""Which events mean that something is wrong, and which that it is over: each by its golden sample."""

import json
from typing import Any

import pytest

from contracts.event import SharedEvent, shared_events
from contracts.operations import IncidentKind
from contracts.schema import SAMPLES
from contracts.topology import SERVICES
from services.operations.domain.incident_record import Kind
from services.operations.domain.incident_record import State as OwnState
from services.operations.ruling.rules import EVENTS, LASTING, RULES, VIPS, Over, Wrong, findings

_SAMPLES: dict[str, SharedEvent] = {
    name: event.model_validate_json((SAMPLES / f"{name}.json").read_text("utf-8"))
    for name, event in shared_events().items()
}


def sample(name: str, **fields: Any) -> SharedEvent:
    event = _SAMPLES[f"{name}.v1"]
    return type(event).model_validate({**json.loads(event.model_dump_json()), **fields})


WRONG = {
    "access.DeviceFellSilent": "silent_gate",
    "access.ZoneCapacityReached": "zone_full",
    "access.DoubleEntryDetected": "double_entry",
    "access.AdmittedAfterRevocation": "admitted_after_revocation",
    "access.StaleDataAdmitted": "stale_data",
    "access.DuressSignalled": "duress",
    "access.WatchedPersonSeen": "watched_person",
    "access.ClockSuspected": "device_clock",
    "access.JournalEntryDisputed": "journal_disputed",
    "access.LockdownDeclared": "lockdown",
    "access.EvacuationOrdered": "evacuation",
}
OVER = {
    "access.DeviceReported": {"silent_gate"},
    "access.DeviceMoved": {"silent_gate"},
    "access.DeviceCutOff": {"silent_gate"},
    "access.ZoneCapacityRestored": {"zone_full"},
    "access.LockdownLifted": {"lockdown"},
    "access.AllClearGiven": {"evacuation"},
    "access.OverrideReviewed": {"override_unreviewed"},
    "access.ZoneRetired": {"zone_full", "lockdown"},
    "accreditation.BadgeReplaced": {"lost_badge"},
    "accreditation.BadgeRevoked": {"lost_badge"},
}


@pytest.mark.parametrize(("name", "kind"), WRONG.items())
def test_what_is_wrong(name: str, kind: Kind) -> None:
    (found,) = findings(sample(name))

    assert isinstance(found, Wrong)
    assert found.kind == kind
    assert found.gate_id or found.zone_id
    assert found.discreet == (kind in {"duress", "watched_person"})


@pytest.mark.parametrize(("name", "kinds"), OVER.items())
def test_what_is_over(name: str, kinds: set[str]) -> None:
    event = sample(name)

    assert {(found.kind, found.about) for found in findings(event)} == {(kind, event.about()) for kind in kinds}
    assert all(isinstance(found, Over) for found in findings(event))


def test_everything_else_is_nobodys_concern() -> None:
    quiet = set(_SAMPLES) - {f"{name}.v1" for name in (*WRONG, *OVER)}
    assert {name for name in quiet if findings(_SAMPLES[name])} == set()


def test_what_it_looks_at_is_listed() -> None:
    looked_at = {*WRONG, *OVER, "access.BadgeScanned", "accreditation.BadgeReportedLost"}
    assert {event.short_name() for event in EVENTS} == {f"{name}.v1" for name in looked_at}


def test_the_end_of_a_cause_names_what_its_beginning_named() -> None:
    """Or it would never be over."""
    ends = {
        "access.DeviceFellSilent": ("access.DeviceReported", "device_id"),
        "access.ZoneCapacityReached": ("access.ZoneCapacityRestored", "zone_id"),
        "access.LockdownDeclared": ("access.LockdownLifted", "zone_id"),
        "access.EvacuationOrdered": ("access.AllClearGiven", "zone_id"),
    }
    for begin, (end, field) in ends.items():
        began = sample(begin)
        (wrong,), (over,) = findings(began), findings(sample(end, **{field: str(getattr(began, field))}))
        assert (wrong.kind, wrong.about) == (over.kind, over.about)


@pytest.mark.parametrize("category", sorted(VIPS))
def test_a_vip_is_not_kept_waiting(category: str) -> None:
    refused = {"category": category, "outcome": "refused", "reason": "zone_not_permitted", "direction": "in"}
    (wrong,) = findings(sample("access.BadgeScanned", **refused))
    (over,) = findings(sample("access.BadgeScanned", **{**refused, "outcome": "admitted", "reason": None}))

    assert isinstance(wrong, Wrong)
    assert (wrong.kind, wrong.about) == (over.kind, over.about)
    assert wrong.people
    assert findings(sample("access.BadgeScanned", **{**refused, "category": "delegate"})) == []
    assert findings(sample("access.BadgeScanned", **{**refused, "direction": "out", "outcome": "exited"})) == []


def test_only_what_somebody_took_is_more_than_a_lost_badge() -> None:
    (wrong,) = findings(sample("accreditation.BadgeReportedLost", stolen=True))

    assert isinstance(wrong, Wrong)
    assert wrong.kind == "lost_badge"
    assert findings(sample("accreditation.BadgeReportedLost", stolen=False)) == []


def test_an_evacuation_of_the_whole_venue_is_one_incident() -> None:
    causes = {
        found.cause
        for zone in ("per", "pln")
        for found in findings(sample("access.EvacuationOrdered", zone_id=zone))
        if isinstance(found, Wrong)
    }

    assert len(causes) == 1


def test_every_rule_has_a_severity_and_what_lasts_has_an_end() -> None:
    assert all(1 <= rule.severity <= 4 for rule in RULES.values())
    assert all(RULES[kind].stands for kind in LASTING)


def test_the_words_of_the_log_are_those_the_others_are_told() -> None:
    from typing import get_args

    from contracts.operations import IncidentState

    assert get_args(Kind) == get_args(IncidentKind)
    assert get_args(OwnState) == get_args(IncidentState)
    assert any(event.discreet for event in SERVICES["operations"].publishes)
