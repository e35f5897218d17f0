"""An incident: who may move it where, and what is refused as what."""

from typing import Any

import pytest

from services.operations.domain import incident_commands as domain
from services.operations.domain import incident_record as record
from services.operations.domain.incident import decide
from services.operations.domain.incident_record import Incident
from tests.operations.reported import OFFICER, OTHER, Handled, report

ACK, START, CONTAIN = domain.AcknowledgeIncident, domain.StartWork, domain.ContainIncident
RESOLVE, VERIFY, CLOSE, REOPEN = (
    domain.ResolveIncident,
    domain.VerifyIncident,
    domain.CloseIncident,
    domain.ReopenIncident,
)


def resolved(**fields: Any) -> Handled:
    return Handled(report(**fields)).done(RESOLVE, resolution="first aid given")


def closed(**fields: Any) -> Handled:
    return resolved(**fields).done(VERIFY, by=OTHER).done(CLOSE)


def test_it_goes_the_whole_way() -> None:
    incident = Handled()
    states = [incident.state]
    for kind, fields in (
        (domain.TriageIncident, {"severity": 2}),
        (domain.AssignIncident, {"assignee": "stewards-north"}),
        (ACK, {}),
        (START, {}),
        (CONTAIN, {"note": "the stairs are closed"}),
        (RESOLVE, {"resolution": "first aid given"}),
        (VERIFY, {"by": OTHER}),
        (CLOSE, {}),
    ):
        states.append(incident.done(kind, **fields).state)

    assert states == [
        "reported", "triaged", "assigned", "acknowledged", "in_progress", "contained", "resolved", "verified", "closed",
    ]  # fmt: skip
    assert [type(event).__name__ for event in incident.events] == [
        "IncidentReported", "IncidentTriaged", "IncidentAssigned", "IncidentAcknowledged", "WorkStarted",
        "IncidentContained", "IncidentResolved", "IncidentVerified", "IncidentClosed",
    ]  # fmt: skip
    assert incident.version == len(incident.events)


def test_what_was_seen_before_somebody_else_moved_it_moves_it_no_more() -> None:
    incident = Handled()
    seen = incident.version
    incident.done(ACK, by=OTHER)

    changed = incident.refused(incident.command(ACK, by=OFFICER, version=seen), domain.IncidentChanged)

    assert (changed.version, changed.state, changed.changed_by, changed.change) == (
        2, "acknowledged", OTHER, "acknowledged",
    )  # fmt: skip


def test_a_note_or_a_repeat_puts_nobody_out_of_date() -> None:
    incident = Handled()
    seen = incident.version

    incident.done(domain.AddNote, by=OTHER, text="seen on camera 4", rationale="asked by the commander")

    assert incident.version == seen
    assert incident.done(ACK, version=seen).state == "acknowledged"


def test_a_severity_is_changed_for_a_reason() -> None:
    incident = Handled()
    for reason in (None, "  "):
        incident.refused(incident.command(domain.TriageIncident, severity=1, reason=reason), domain.ReasonMissing)

    incident.done(domain.TriageIncident, severity=1, reason="not breathing")

    assert (incident.severity, incident.state) == (1, "triaged")
    assert isinstance(incident.events[-1], record.IncidentTriaged)
    assert (incident.events[-1].was_severity, incident.events[-1].reason) == (2, "not breathing")


def test_a_severity_that_is_confirmed_needs_none_and_is_so_once() -> None:
    incident = Handled().done(domain.TriageIncident, severity=2)

    assert incident.state == "triaged"
    assert incident.given(incident.command(domain.TriageIncident, severity=2)) == []


def test_work_under_way_that_is_judged_anew_goes_on() -> None:
    incident = Handled().done(START).done(domain.TriageIncident, severity=3, reason="only a sprain")

    assert incident.state == "in_progress"


def test_whoever_acknowledges_what_is_nobodys_has_it() -> None:
    assert Handled().done(ACK, by=OTHER).assignee == OTHER
    assigned = Handled().done(domain.AssignIncident, assignee="stewards-north").done(ACK, by=OTHER)
    assert (assigned.assignee, assigned.state) == ("stewards-north", "acknowledged")


def test_what_is_given_to_somebody_else_is_theirs_to_acknowledge() -> None:
    incident = Handled().done(START)

    incident.later(5).done(domain.AssignIncident, assignee="medics")

    assert (incident.state, incident.assignee, incident.clock_at) == ("assigned", "medics", incident.now)


def test_giving_it_from_one_to_the_next_does_not_postpone_the_clock() -> None:
    incident = Handled().done(domain.AssignIncident, assignee="stewards")
    opened = incident.opened_at

    incident.later(5).done(domain.AssignIncident, assignee="medics")

    assert incident.clock_at == opened


def test_closing_needs_a_resolution() -> None:
    incident = Handled().done(START)

    incident.refused(incident.command(CLOSE), domain.ResolutionMissing)
    incident.refused(incident.command(RESOLVE, resolution=" "), domain.ResolutionMissing)


def test_who_resolved_it_may_verify_it_and_that_shows() -> None:
    incident = resolved().done(VERIFY, by=OFFICER)
    assert isinstance(incident.events[-1], record.IncidentVerified)
    assert incident.events[-1].alone

    other = resolved().done(VERIFY, by=OTHER)
    assert isinstance(other.events[-1], record.IncidentVerified)
    assert not other.events[-1].alone


def test_of_the_worst_somebody_else_verifies() -> None:
    incident = resolved(severity=1)

    incident.refused(incident.command(VERIFY, by=OFFICER), domain.SecondPersonNeeded)
    incident.refused(incident.command(CLOSE), domain.VerificationMissing)

    assert incident.done(VERIFY, by=OTHER).done(CLOSE).state == "closed"


def test_what_is_closed_moves_only_once_it_is_reopened() -> None:
    incident = closed()
    for kind, fields in (
        (domain.TriageIncident, {"severity": 1, "reason": "worse"}),
        (domain.AssignIncident, {"assignee": "medics"}),
        (ACK, {}),
        (START, {}),
        (CONTAIN, {}),
        (RESOLVE, {"resolution": "again"}),
        (VERIFY, {}),
        (CLOSE, {}),
        (domain.EscalateIncident, {"reason": "worse"}),
        (domain.MergeIncident, {"into": earlier()}),
    ):
        incident.refused(incident.command(kind, **fields), domain.NotInThisState)


def test_what_is_reopened_keeps_its_log_and_begins_anew() -> None:
    incident = closed()
    before = list(incident.events)

    incident.later(30).done(REOPEN, reason="the same stairs")

    assert incident.events[: len(before)] == before
    assert (incident.state, incident.assignee, incident.escalated, incident.clock_at) == (
        "triaged", None, 0, incident.now,
    )  # fmt: skip
    assert incident.version == len(incident.events)


def test_what_goes_on_is_not_reopened() -> None:
    incident = Handled()
    incident.refused(incident.command(REOPEN, reason="why not"), domain.NotInThisState)


def test_a_note_can_follow_what_is_closed() -> None:
    incident = closed().done(domain.AddNote, text="the family was told")

    assert (incident.state, type(incident.events[-1])) == ("closed", record.IncidentNoted)


def test_somebody_higher_is_told_on_request_and_not_beyond_the_commander() -> None:
    incident = Handled()
    levels = [
        incident.done(domain.EscalateIncident, reason="a minister").escalated,
        incident.done(domain.EscalateIncident, reason="a head of state").escalated,
    ]

    assert levels == [1, 2]
    assert incident.given(incident.command(domain.EscalateIncident, reason="nobody is higher")) == []


def earlier(**fields: Any) -> Incident | None:
    return Handled(report(**{"number": 3, **fields})).incident


def test_it_becomes_part_of_an_earlier_one_and_moves_no_more() -> None:
    into = earlier()
    incident = Handled().done(domain.MergeIncident, into=into)
    assert into is not None
    assert (incident.merged_into, incident.is_open) == (into.incident_id, False)

    for kind, fields in ((ACK, {}), (REOPEN, {"reason": "no"}), (RESOLVE, {"resolution": "done"})):
        refused = incident.refused(incident.command(kind, **fields), domain.IncidentMergedAway)
        assert refused.detail == str(into.incident_id)
    incident.refused(incident.command(domain.AddNote, text="where?"), domain.IncidentMergedAway)


@pytest.mark.parametrize("into", [None, earlier(number=17), earlier(number=18), closed(number=3).incident])
def test_it_is_not_merged_into_one_that_is_later_or_closed_or_not_there(into: Incident | None) -> None:
    """Only ever into an earlier one: two can never be merged into each other, however close to each other."""
    incident = Handled()
    incident.refused(incident.command(domain.MergeIncident, into=into), domain.MergeNotPossible)


def test_nothing_is_done_about_what_nobody_reported() -> None:
    decision = decide(ACK(by=OFFICER, now=report().now, version=1), None)
    assert isinstance(decision, domain.IncidentUnknown)


def test_a_number_is_one_incidents() -> None:
    Handled().refused(report(title="another"), domain.NumberTaken)
