"""The escalation clock: minutes by severity, counted by the clock of the gathering."""

from datetime import timedelta
from typing import Any

import pytest

from services.operations.domain import incident_commands as domain
from services.operations.domain.escalation import CLOCK, Due, due
from tests.controls import NOW
from tests.operations.reported import OTHER, Handled, report

CLOCKWORK = "service:operations"
ON_TIME = domain.EscalateOnTime


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("severity", "level", "minutes"), [(1, 1, 1), (2, 1, 5), (3, 1, 15), (4, 1, 720)])
def test_it_is_acknowledged_in_time_or_somebody_hears_of_it(severity: int, level: int, minutes: int) -> None:
    incident = Handled(report(severity=severity))
    assert due(incident.standing) == Due(level, after(minutes))

    incident.later(minutes - 0.01)
    assert incident.given(incident.command(ON_TIME, by=CLOCKWORK, level=level)) == []
    incident.later(0.01)

    assert incident.done(ON_TIME, by=CLOCKWORK, level=level).escalated == level


@pytest.mark.parametrize(("severity", "minutes"), [(1, 3), (2, 15), (3, 60)])
def test_it_is_worked_on_in_time_or_the_commander_hears_of_it(severity: int, minutes: int) -> None:
    incident = Handled(report(severity=severity)).done(domain.AcknowledgeIncident)

    assert due(incident.standing) == Due(2, after(minutes))
    assert incident.later(minutes).done(ON_TIME, by=CLOCKWORK, level=2).escalated == 2
    assert due(incident.standing) is None


def test_the_least_is_nothing_for_the_commander() -> None:
    incident = Handled(report(severity=4)).later(720).done(ON_TIME, by=CLOCKWORK, level=1)

    assert due(incident.standing) is None


def test_work_under_way_stops_the_clock() -> None:
    for kind in (domain.StartWork, domain.ContainIncident):
        incident = Handled().done(kind)
        assert due(incident.standing) is None
        assert incident.later(600).given(incident.command(ON_TIME, by=CLOCKWORK, level=1)) == []


def test_what_is_judged_worse_has_less_time_from_when_it_was_opened() -> None:
    incident = Handled(report(severity=4)).later(10)

    incident.done(domain.TriageIncident, severity=1, reason="it burns")

    assert incident.done(ON_TIME, by=CLOCKWORK, level=1).escalated == 1
    assert incident.done(ON_TIME, by=CLOCKWORK, level=2).escalated == 2


def test_a_level_is_reached_once_and_none_is_left_out() -> None:
    incident = Handled(report(severity=1)).later(10)

    assert incident.given(incident.command(ON_TIME, by=CLOCKWORK, level=2)) == []
    incident.done(ON_TIME, by=CLOCKWORK, level=1)
    assert incident.given(incident.command(ON_TIME, by=CLOCKWORK, level=1)) == []


def test_the_clock_puts_nobody_out_of_date() -> None:
    incident = Handled(report(severity=1))
    seen = incident.version

    incident.later(1).done(ON_TIME, by=CLOCKWORK, level=1)

    assert incident.done(domain.AcknowledgeIncident, by=OTHER, version=seen).state == "acknowledged"


def test_what_is_reopened_has_all_its_time_again() -> None:
    incident = Handled(report(severity=1)).later(3).done(ON_TIME, by=CLOCKWORK, level=1)
    incident.done(domain.ResolveIncident, resolution="out").later(60).done(domain.ReopenIncident, reason="smoke again")

    assert due(incident.standing) == Due(1, incident.now + timedelta(minutes=1))


def test_every_severity_has_a_clock() -> None:
    assert CLOCK.keys() == {1, 2, 3, 4}
    assert all(list(limits) == sorted(limits) for limits in CLOCK.values())
