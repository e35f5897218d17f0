"""Closer looks: what came of a screening, or of comparing a face with its photo, and what follows at the gates."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.access.domain.badges import PersonUnknown
from services.access.domain.evacuation import BadgeTellsNobody
from services.access.domain.inspections import RecordInspection, SupervisorNeeded
from services.access.domain.layout import GateUnknown
from services.access.domain.record.companions import InspectionFailed, InspectionKind, InspectionPassed
from services.access.domain.record.layout import Inspection
from services.access.domain.record.watchlist import PersonWatched
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    MAIN,
    VENUE,
    after,
    badge,
    decided,
    learned,
    read_from,
    refusal,
    scan,
    scanned,
    served,
    venue,
)
from tests.controls import NOW

ANNAS = badge(ANNA)
EVERYBODY = Inspection(share=1.0, valid_minutes=60)
LOOKS_CLOSELY = served(MAIN, screening=EVERYBODY, identity_check=EVERYBODY)


def inspect(
    kind: InspectionKind = "identity",
    *,
    passed: bool = True,
    supervised: bool = False,
    who: Reading | UUID = ANNA,
    now: datetime = NOW,
) -> RecordInspection:
    return RecordInspection(who, "main", kind, passed, supervised, now)


def failed(at: Venue, now: datetime = NOW) -> tuple[str, ...]:
    """What keeps Anna out."""
    return scanned(at, scan(ANNAS, MAIN, now=now)).record.failed


def came(*more: VenueEvent) -> Venue:
    """Anna has come to the gate once."""
    return scanned(venue(*learned(ANNAS), *more), scan(ANNAS, MAIN)).venue


@pytest.mark.parametrize("who", [ANNA, read_from(ANNAS)])
def test_what_was_passed_counts_as_long_as_the_gate_says(who: Reading | UUID) -> None:
    (passed,) = decided(came(LOOKS_CLOSELY), inspect("screening", who=who))

    assert passed == InspectionPassed(
        person_id=ANNA,
        venue_id=VENUE,
        gate_id="main",
        kind="screening",
        valid_until=NOW + timedelta(hours=1),
    )


def test_where_a_gate_asks_for_none_a_look_counts_half_a_day() -> None:
    (passed,) = decided(came(), inspect())

    assert isinstance(passed, InspectionPassed)
    assert passed.valid_until == NOW + timedelta(hours=12)


@pytest.mark.parametrize("kind", ["screening", "identity"])
def test_whoever_passed_is_not_asked_again_until_it_is_over(kind: InspectionKind) -> None:
    other = "identity_check_required" if kind == "screening" else "screening_required"
    asked = came(LOOKS_CLOSELY)
    assert set(failed(asked)) == {"screening_required", "identity_check_required"}

    looked_at = after(asked, inspect(kind))

    assert failed(looked_at) == (other,)
    assert failed(looked_at, NOW + timedelta(minutes=59)) == (other,)
    assert set(failed(looked_at, NOW + timedelta(minutes=60))) == {"screening_required", "identity_check_required"}


def test_a_failed_screening_has_it_before_them_still() -> None:
    looked_at = after(venue(*learned(ANNAS)), inspect("screening", passed=False))

    assert failed(looked_at) == ("screening_required",)
    assert failed(after(looked_at, inspect("screening"))) == ()


def test_whoever_is_unlike_their_photo_is_refused_until_a_supervisor_looked() -> None:
    unlike = after(venue(*learned(ANNAS)), inspect(passed=False))

    assert failed(unlike) == ("photo_mismatch", "identity_check_required")
    assert type(refusal(unlike, inspect())) is SupervisorNeeded
    assert failed(after(unlike, inspect(supervised=True))) == ()


def test_each_look_is_on_record() -> None:
    looked_at = after(came(), inspect(passed=False))

    assert decided(looked_at, inspect(passed=False)) == [
        InspectionFailed(person_id=ANNA, venue_id=VENUE, gate_id="main", kind="identity")
    ]


def test_a_discreet_hold_outlasts_every_look_and_looks_like_an_ordinary_delay() -> None:
    held = came(PersonWatched(person_id=ANNA, outcome="hold", reason="r1"))

    looked_at = after(held, inspect(supervised=True))

    assert failed(held) == ("identity_check_required", "watchlist_hold")  # it stays due, as any does
    assert failed(looked_at) == ("watchlist_hold",)
    assert failed(scanned(looked_at, scan(ANNAS, MAIN)).venue) == ("identity_check_required", "watchlist_hold")


def test_nor_does_a_failed_look_tell_it_from_an_ordinary_one() -> None:
    """A gate sees the codes without the watchlist's."""
    held = PersonWatched(person_id=ANNA, outcome="hold", reason="r1")

    ordinary, on_hold = (failed(after(venue(*learned(ANNAS), *more), inspect(passed=False))) for more in ((), (held,)))

    assert ordinary == tuple(code for code in on_hold if code != "watchlist_hold")


def test_of_whom_it_is_must_be_told() -> None:
    before = venue(*learned(ANNAS))

    assert type(refusal(before, inspect(who=Reading(problem="signature_invalid")))) is BadgeTellsNobody
    assert type(refusal(venue(), inspect(who=read_from(ANNAS)))) is BadgeTellsNobody
    assert type(refusal(venue(), inspect())) is PersonUnknown
    nowhere = RecordInspection(ANNA, "no-gate", "identity", passed=True, supervised=True, now=NOW)
    assert type(refusal(before, nowhere)) is GateUnknown
