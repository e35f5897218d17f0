"""Whatever anybody does to an incident, in whatever order: what always holds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.operations.domain import incident_commands as domain
from services.operations.domain import incident_record as record
from services.operations.domain.incident import INCIDENT
from services.operations.domain.incident_record import Seen
from services.operations.published import publish
from tests.controls import NOW
from tests.operations.reported import OFFICER, OTHER, Handled, report, silent

INTO = Handled(report(number=3)).incident
LOG = UUID(int=7)
_MOVES: dict[Any, dict[str, Any]] = {
    domain.TriageIncident: {"severity": st.integers(1, 4), "reason": st.sampled_from([None, "worse"])},
    domain.AssignIncident: {"assignee": st.sampled_from(["stewards", OFFICER])},
    domain.AcknowledgeIncident: {},
    domain.StartWork: {},
    domain.EscalateIncident: {"reason": st.just("a minister")},
    domain.ContainIncident: {},
    domain.ResolveIncident: {"resolution": st.sampled_from(["done", " "])},
    domain.VerifyIncident: {},
    domain.CloseIncident: {},
    domain.ReopenIncident: {"reason": st.just("again")},
    domain.MergeIncident: {"into": st.sampled_from([None, INTO])},
}
_OTHERS: dict[Any, dict[str, Any]] = {
    domain.AddNote: {"text": st.just("noted")},
    domain.EscalateOnTime: {"level": st.integers(1, 2)},
    domain.RepeatIncident: {
        "count": st.integers(1, 9),
        "about": st.sampled_from([None, "device-1", "device-2"]),
        "seen": st.builds(Seen, log_id=st.just(LOG), number=st.integers(1, 20)),
    },
    domain.EndCause: {"about": st.sampled_from(["device-1", "device-2"])},
}
BY = st.sampled_from([OFFICER, OTHER])
MINUTES = st.sampled_from([0, 1, 5, 60])
VERSIONS = st.sampled_from([0, 0, 0, 0, -1])
"""Most have just looked; some have not."""


def _steps(commands: dict[Any, dict[str, Any]], behind: Any) -> Any:
    return st.one_of(
        *(st.tuples(st.just(kind), st.fixed_dictionaries(fields), behind) for kind, fields in commands.items())
    )


STEP = st.tuples(_steps(_MOVES, VERSIONS) | _steps(_OTHERS, st.none()), BY, MINUTES)
FIRST = st.sampled_from([report(), report(severity=1), silent("device-1")])


@settings(max_examples=200, deadline=None)
@given(FIRST, st.lists(STEP, max_size=40))
def test_what_always_holds(first: Any, steps: list[Any]) -> None:
    incident = Handled(first)
    for (kind, fields, behind), by, minutes in steps:
        incident.later(minutes)
        version = {} if behind is None else {"version": incident.version + behind}
        command = incident.command(kind, by, **fields, **version)
        before, told = incident.incident, list(incident.events)
        assert before is not None
        decision = incident.decide(command)
        if isinstance(decision, Refused):
            continue
        incident.given(command)
        after = incident.incident
        assert after is not None

        # What is on record stays, and each event follows from the one before it.
        assert incident.events[: len(told)] == told
        for event, earlier in zip(incident.events[1:], incident.events, strict=False):
            assert event.was == earlier.incident.state
        # What was seen before a move is refused after it.
        assert behind in {0, None}
        # Nothing that is closed, or part of another, goes anywhere but by being reopened.
        if before.state == "closed" and after.state != "closed":
            assert kind is domain.ReopenIncident
        if before.merged_into:
            assert after == before
        # What was repeated is counted, and never less.
        assert after.repeats >= before.repeats
        assert len(after.people) <= 50
        # The worst is never closed on one person's word.
        if after.state == "closed" and after.severity == 1 and before.state != "closed":
            assert before.state == "verified"

    assert INCIDENT.fold(incident.events) == incident.incident
    assert incident.version == sum(map(_is_a_move, incident.events))
    last: dict[str, int] = {}
    for event in incident.events:
        again = type(event).model_validate_json(event.model_dump_json())
        assert again == event, "what is stored is what was decided"
        shared = publish(event)
        last[type(event).__name__] = last.get(type(event).__name__, 0) + 1
        if shared is not None:
            assert shared.about() == f"incident-{event.incident.incident_id}"
    assert last["IncidentReported"] == 1


def _is_a_move(event: record.IncidentEvent) -> bool:
    if isinstance(event, record.IncidentEscalated):
        return not event.on_time
    return not isinstance(event, record.IncidentNoted | record.IncidentRepeated | record.CauseEnded)


@given(st.lists(st.sampled_from([1, 2]), max_size=6), st.integers(0, 400))
def test_the_clock_says_the_same_however_often_it_is_asked(levels: list[int], minutes: int) -> None:
    """Two processes, or one that starts again, ask for what is due: each level comes about once."""
    incident = Handled(report(severity=2))
    incident.now = NOW + timedelta(minutes=minutes)
    for level in (*levels, 1, 2):
        incident.done(domain.EscalateOnTime, by="service:operations", level=level)

    reached = [event for event in incident.events if isinstance(event, record.IncidentEscalated)]
    assert len(reached) == incident.escalated == sum(minutes >= limit for limit in (5, 15))
