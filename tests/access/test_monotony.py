"""Whatever is taken from a badge or a zone never lets anybody in who was refused; nobody is ever kept inside."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis.log.decider import Decision
from services.access.domain import gatekeeping
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import ANNA, GATES, after
from tests.access.happenings import (
    MEDICAL,
    PEOPLE,
    Befalls,
    Happening,
    Holds,
    Locks,
    Scan,
    command,
    days,
    lived,
    restrictions,
    scans,
    scans_of,
)

Decide = Callable[[VenueCommand, Venue], Decision[VenueEvent]]


def outcome(asked: ScanBadge, meets: Venue, decide: Decide) -> BadgeScanned:
    decision = decide(asked, meets)
    assert isinstance(decision, list)
    record = decision[0]
    assert isinstance(record, BadgeScanned)
    return record


def a_restriction_admits_nobody(
    day: list[Happening], restriction: Happening, shown: Scan, decide: Decide = gatekeeping.decide
) -> None:
    _, before, now = lived(day)
    asked = command(shown, before, now, 1000)
    assert isinstance(asked, ScanBadge)
    restricting = command(restriction, before, now, 1001)
    assert restricting is not None

    free = outcome(asked, before, decide)
    restricted = outcome(asked, after(before, restricting), decide)

    if free.outcome == "refused":
        assert restricted.outcome == "refused"
    if restricted.outcome == "admitted":
        assert free.outcome == "admitted"


@given(days, restrictions | st.builds(Holds, st.sampled_from(PEOPLE), st.just(True)), scans)
def test_a_revocation_a_suspension_or_a_lockdown_never_turns_a_refusal_into_an_admission(
    day: list[Happening], restriction: Happening, shown: Scan
) -> None:
    a_restriction_admits_nobody(day, restriction, shown)


@given(days, st.sampled_from(PEOPLE), st.sampled_from(["suspended", "revoked"]), st.integers(0, len(GATES) - 1))
def test_whoever_was_suspended_or_revoked_enters_nothing_but_a_medical_zone(
    day: list[Happening], person: object, change: str, at: int
) -> None:
    _, before, now = lived(day)
    known = next(one for one in PEOPLE if one == person)
    restricting = command(Befalls(known, "revoked" if change == "revoked" else "suspended"), before, now, 1001)
    shown = command(Scan(known, at, "in", "as it is"), before, now, 1000)
    assert restricting is not None
    assert isinstance(shown, ScanBadge)

    record = outcome(shown, after(before, restricting), gatekeeping.decide)

    assert record.outcome == ("admitted" if record.zone_id in MEDICAL else "refused")


@given(days, scans)
def test_a_lockdown_of_the_outermost_zone_stops_every_entry_and_no_exit(day: list[Happening], shown: Scan) -> None:
    _, before, now = lived(day)
    frozen = after(before, *(one for one in [command(Locks(0, locked=True), before, now, 1001)] if one))
    asked = command(shown, before, now, 1000)
    assert isinstance(asked, ScanBadge)

    record = outcome(asked, frozen, gatekeeping.decide)

    if shown.direction == "out":
        assert record.outcome == "exited"
    else:
        assert record.outcome == ("admitted" if record.zone_id in MEDICAL else "refused")


@given(days)
def test_exits_are_never_refused_and_medical_zones_refuse_nobody(day: list[Happening]) -> None:
    for moment, asked in scans_of(lived(day)[0]):
        record = outcome(asked, moment.before, gatekeeping.decide)
        if asked.direction == "out":
            assert record.outcome == "exited"
        elif record.zone_id in MEDICAL:
            assert record.outcome == "admitted"


@given(days, scans)
def test_a_full_zone_lets_in_nobody_more(day: list[Happening], shown: Scan) -> None:
    _, before, now = lived(day)
    asked = command(shown, before, now, 1000)
    assert isinstance(asked, ScanBadge)
    record = outcome(asked, before, gatekeeping.decide)
    zone = before.layout.zones[record.zone_id]
    assume(zone.capacity is not None and zone.zone_class != "medical")
    assert zone.capacity is not None

    if shown.direction == "in" and before.presence.count(zone.zone_id) >= zone.capacity:
        assert record.entered == ()
        assert record.outcome == "refused" or zone.zone_id in before.presence.whereabouts[shown.person]


def test_a_decider_that_lets_the_suspended_in_where_they_left_unscanned_is_noticed() -> None:
    """Control: an open zone that forgives too much."""

    def forgiving(asked: VenueCommand, meets: Venue) -> Decision[VenueEvent]:
        decision = gatekeeping.decide(asked, meets)
        if isinstance(decision, list) and isinstance(decision[0], BadgeScanned):
            record = decision[0]
            if {"credential_suspended", "already_inside"} == set(record.failed):
                return [record.model_copy(update={"outcome": "admitted", "failed": (), "warnings": record.failed})]
        return decision

    inside_hall: list[Happening] = [Scan(ANNA, 0, "in", "as it is"), Scan(ANNA, 1, "in", "as it is")]
    again = Scan(ANNA, 2, "in", "as it is")
    a_restriction_admits_nobody(inside_hall, Befalls(ANNA, "suspended"), again)
    with pytest.raises(AssertionError):
        a_restriction_admits_nobody(inside_hall, Befalls(ANNA, "suspended"), again, forgiving)
