"""A verdict can be explained for ever: the log alone gives the same state, and the same verdict at the same place."""

import pytest
from hypothesis import given

from chassis.log.codec import Codec
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.venue import EVENTS, Venue, VenueEvent
from services.access.upcasts import UPCASTS
from tests.access.controls import DECIDER
from tests.access.happenings import BEGINNING, PEOPLE, Befalls, Happening, Scan, days, events_of, lived, scans_of

CODEC: Codec[VenueEvent] = Codec(EVENTS, UPCASTS)


def from_the_log(event: VenueEvent) -> VenueEvent:
    """``event`` as it comes back from the database."""
    return CODEC.decode(type(event).__name__, event.schema_version, CODEC.encode(event))


@given(days)
def test_replaying_the_log_gives_the_same_venue(day: list[Happening]) -> None:
    moments, venue, _ = lived(day)
    events = events_of(moments)

    assert DECIDER.fold(map(from_the_log, events)) == venue
    assert venue.version == len(events)


@given(days)
def test_every_verdict_follows_from_the_events_before_it(day: list[Happening]) -> None:
    moments, _, _ = lived(day)
    events = [from_the_log(event) for event in events_of(moments)]

    for moment, command in scans_of(moments):
        record = moment.events[0]
        assert isinstance(record, BadgeScanned)
        then = DECIDER.fold(events[: record.decided_on])
        assert DECIDER.decide(command, then) == list(moment.events)
        assert events[record.decided_on] == record


@given(days)
def test_to_undo_a_decision_one_only_has_to_forget_it(day: list[Happening]) -> None:
    """Deciding and folding leave the venue they met as it was."""
    moments, _, _ = lived(day)
    kept: list[tuple[Venue, Venue]] = []
    venue = DECIDER.fold(BEGINNING)
    for moment in moments:
        kept.append((moment.before, venue))
        venue = DECIDER.fold(moment.events, venue)

    assert all(one == other for one, other in kept)


def test_a_verdict_that_rests_on_something_else_is_noticed() -> None:
    """Control: one event more, and the same scan is decided otherwise."""
    day: list[Happening] = [Scan(PEOPLE[0], 0, "in", "as it is")]
    moments, _, _ = lived(day)
    ((moment, command),) = scans_of(moments)
    suspended, _, _ = lived([Befalls(PEOPLE[0], "suspended"), *day])

    with pytest.raises(AssertionError):
        assert DECIDER.decide(command, suspended[-1].before) == list(moment.events)
    with pytest.raises(AssertionError):
        assert moment.before._replace(version=0) == moment.before
