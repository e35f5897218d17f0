"""What a rule raised: it repeats, its cause ends, and nobody need have touched it."""

from uuid import UUID

from services.operations.domain import incident_commands as domain
from services.operations.domain import incident_record as record
from services.operations.domain.incident_record import Seen
from tests.controls import PERSON
from tests.operations.reported import OFFICER, Handled, report, silent

LOG = UUID("018f0000-0000-7000-8000-0000000000cc")
RULE = "service:operations"
REPEAT, END = domain.RepeatIncident, domain.EndCause


def test_the_same_cause_repeats_it() -> None:
    incident = Handled(silent("device-1"))

    incident.done(REPEAT, by=RULE, count=3, about="device-2", at_gate="gate-north", people=(PERSON,))

    assert (incident.repeats, incident.people, incident.version) == (3, (PERSON,), 1)
    assert incident.cause.standing == ("device-1", "device-2")
    assert incident.state == "reported"


def test_what_was_counted_is_not_counted_again() -> None:
    incident = Handled(silent("device-1")).done(REPEAT, by=RULE, count=3, seen=Seen(log_id=LOG, number=9))

    assert incident.given(incident.command(REPEAT, by=RULE, count=1, seen=Seen(log_id=LOG, number=8))) == []
    assert incident.done(REPEAT, by=RULE, count=1, seen=Seen(log_id=LOG, number=10)).repeats == 4
    restored = Seen(log_id=UUID(int=1), number=2)
    assert incident.done(REPEAT, by=RULE, count=1, seen=restored).repeats == 5


def test_the_cause_is_over_when_it_is_true_of_nothing_any_more() -> None:
    incident = Handled(silent("device-1", "device-2"))

    assert not incident.done(END, by=RULE, about="device-1").cause_over
    assert incident.state == "reported"
    assert incident.done(END, by=RULE, about="device-2").cause_over
    assert (incident.state, incident.resolved_by) == ("resolved", RULE)
    assert isinstance(incident.events[-1], record.IncidentResolved)
    assert incident.events[-1].resolution is None


def test_what_somebody_has_taken_is_theirs_to_resolve() -> None:
    incident = Handled(silent("device-1")).done(domain.AcknowledgeIncident, by=OFFICER)

    incident.done(END, by=RULE, about="device-1")

    assert (incident.cause_over, incident.state) == (True, "acknowledged")


def test_some_things_are_not_over_with_their_cause() -> None:
    incident = Handled(silent("device-1", resolves=False)).done(END, by=RULE, about="device-1")

    assert (incident.cause_over, incident.state) == (True, "reported")


def test_an_end_is_told_once() -> None:
    incident = Handled(silent("device-1")).done(END, by=RULE, about="device-1")

    assert incident.given(incident.command(END, by=RULE, about="device-1")) == []
    assert incident.given(incident.command(END, by=RULE, about="device-9")) == []


def test_a_cause_that_comes_again_opens_it_again() -> None:
    incident = Handled(silent("device-1")).done(END, by=RULE, about="device-1")

    incident.later(10).done(REPEAT, by=RULE, count=1, about="device-1")

    assert (incident.state, incident.cause_over, incident.clock_at) == ("triaged", False, incident.now)
    assert [type(event).__name__ for event in incident.events[-2:]] == ["IncidentRepeated", "IncidentReopened"]


def test_what_is_closed_does_not_repeat() -> None:
    incident = Handled(silent("device-1")).done(domain.ResolveIncident, resolution="replaced")
    incident.done(domain.CloseIncident)

    incident.refused(incident.command(REPEAT, by=RULE, count=1), domain.NotInThisState)


def test_what_a_rules_incident_was_merged_into_repeats_in_its_place() -> None:
    incident = Handled(report()).done(REPEAT, by=RULE, count=2)

    assert (incident.repeats, incident.cause) == (2, None)


def test_a_rule_follows_an_incident_that_was_merged() -> None:
    into = Handled(report(number=3)).incident
    incident = Handled(silent("device-1")).done(domain.MergeIncident, into=into)
    assert into is not None

    refused = incident.refused(incident.command(REPEAT, by=RULE, count=1), domain.IncidentMergedAway)
    assert refused.detail == str(into.incident_id)
    assert incident.given(incident.command(END, by=RULE, about="device-1")) == []


def test_it_never_names_more_than_a_few() -> None:
    incident = Handled(silent("device-1"))

    incident.done(REPEAT, by=RULE, count=60, people=tuple(UUID(int=n) for n in range(60)))

    assert (len(incident.people), incident.repeats) == (50, 60)
