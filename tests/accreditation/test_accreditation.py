"""A nominated person is vetted, and then may come, for these areas, or may not."""

from datetime import timedelta
from typing import Any, Literal

import pytest

from services.accreditation.domain.accreditation import (
    ACCREDITATION,
    AccreditationCommand,
    AccreditationEvent,
    AccreditationGranted,
    AccreditationRefused,
    AlreadyDecided,
    ClearanceRefused,
    GrantAccreditation,
    NominationUnknown,
    RecordVettingOutcome,
    RefuseAccreditation,
    VettingCleared,
    VettingPending,
    VettingReasonMissing,
    VettingReferred,
    VettingRefused,
)
from services.accreditation.domain.matrix import AreaNotInMatrix, CategoryUnknown
from tests.accreditation.controls import BEGINS, DELEGATE, ENDS, GRANT, HEAD, NOMINATION, NOMINEE
from tests.controls import given

Outcome = Literal["cleared", "referred", "refused"]

CLEARED = VettingCleared(nomination_id=NOMINATION)
REFERRED = VettingReferred(nomination_id=NOMINATION)
VETTED_OUT = VettingRefused(nomination_id=NOMINATION, reason_code="watchlist")
REFUSED = AccreditationRefused(
    nomination_id=NOMINATION, person_id=NOMINEE.person_id, delegation_id="fr", reason_code="incomplete"
)
REFUSE = RefuseAccreditation(nominee=NOMINEE, reason_code="incomplete")


def vetting(outcome: Outcome, reason: str | None = None) -> RecordVettingOutcome:
    return RecordVettingOutcome(nominee=NOMINEE, outcome=outcome, reason_code=reason)


def grant(**changed: Any) -> GrantAccreditation:
    usual = {"nominee": NOMINEE, "rules": DELEGATE, "valid_from": BEGINS, "valid_until": ENDS}
    return GrantAccreditation(**{**usual, **changed})


# --- vetting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [[], [REFERRED]], ids=["at once", "after a referral"])
def test_the_authority_clears_somebody(before: list[AccreditationEvent]) -> None:
    given(ACCREDITATION, *before).when(vetting("cleared")).then(CLEARED)


def test_the_authority_refers_somebody() -> None:
    given(ACCREDITATION).when(vetting("referred")).then(REFERRED)


@pytest.mark.parametrize("before", [[], [REFERRED]], ids=["at once", "after a referral"])
def test_the_authority_refuses_somebody_for_a_reason(before: list[AccreditationEvent]) -> None:
    given(ACCREDITATION, *before).when(vetting("refused", "watchlist")).then(VETTED_OUT)


@pytest.mark.parametrize("reason", [None, ""])
def test_a_refusal_without_a_reason_is_none(reason: str | None) -> None:
    given(ACCREDITATION).when(vetting("refused", reason)).then_refused(VettingReasonMissing)


@pytest.mark.parametrize(
    ("so_already", "outcome"), [(CLEARED, "cleared"), (REFERRED, "referred"), (VETTED_OUT, "refused")]
)
def test_an_outcome_that_is_on_record_is_not_recorded_again(so_already: AccreditationEvent, outcome: Outcome) -> None:
    given(ACCREDITATION, so_already).when(vetting(outcome, "watchlist")).then()


@pytest.mark.parametrize(
    ("so_already", "outcome"),
    [(CLEARED, "refused"), (CLEARED, "referred"), (VETTED_OUT, "cleared"), (VETTED_OUT, "referred")],
)
def test_an_outcome_is_not_taken_back(so_already: AccreditationEvent, outcome: Outcome) -> None:
    given(ACCREDITATION, so_already).when(vetting(outcome, "watchlist")).then_refused(AlreadyDecided)


# --- granting -------------------------------------------------------------------------------------------------------


def test_somebody_cleared_may_come() -> None:
    given(ACCREDITATION, CLEARED).when(grant()).then(GRANT)


def test_a_condition_that_is_met_adds_its_area() -> None:
    more = GRANT.model_copy(update={"areas": ("exh", "per", "pln")})

    given(ACCREDITATION, CLEARED).when(grant(extra_areas=("pln",))).then(more)


@pytest.mark.parametrize("before", [[], [REFERRED]], ids=["not vetted", "referred"])
def test_somebody_not_cleared_yet_waits(before: list[AccreditationEvent]) -> None:
    given(ACCREDITATION, *before).when(grant()).then_refused(VettingPending)


def test_somebody_the_authority_refused_may_not_come() -> None:
    given(ACCREDITATION, VETTED_OUT).when(grant()).then_refused(ClearanceRefused)


def test_whom_the_host_does_not_vet_may_come_at_once() -> None:
    head = NOMINEE.model_copy(update={"category": "head"})
    granted = AccreditationGranted(**head.model_dump(), areas=("per", "pln"), valid_from=BEGINS, valid_until=ENDS)

    given(ACCREDITATION).when(grant(nominee=head, rules=HEAD)).then(granted)


def test_whom_the_host_does_not_vet_may_not_come_all_the_same_if_the_authority_refused_them() -> None:
    given(ACCREDITATION, VETTED_OUT).when(grant(rules=HEAD)).then_refused(ClearanceRefused)


def test_a_category_the_matrix_does_not_know_enters_nothing() -> None:
    given(ACCREDITATION, CLEARED).when(grant(rules=None)).then_refused(CategoryUnknown)


def test_an_area_outside_the_matrix_is_not_granted() -> None:
    given(ACCREDITATION, CLEARED).when(grant(extra_areas=("sgn",))).then_refused(AreaNotInMatrix)


def test_what_was_granted_is_not_granted_again() -> None:
    given(ACCREDITATION, CLEARED, GRANT).when(grant()).then()
    given(ACCREDITATION, CLEARED, GRANT).when(grant(extra_areas=("per",))).then()


def test_a_grant_is_not_changed_by_another() -> None:
    given(ACCREDITATION, CLEARED, GRANT).when(grant(extra_areas=("pln",))).then_refused(AlreadyDecided)


@pytest.mark.parametrize(
    "changed", [{"valid_until": ENDS + timedelta(days=1)}, {"valid_from": BEGINS - timedelta(days=1)}]
)
def test_a_grant_for_another_time_is_another_grant(changed: dict[str, Any]) -> None:
    """Whoever asks for a longer stay must not hear that all is well."""
    given(ACCREDITATION, CLEARED, GRANT).when(grant(**changed)).then_refused(AlreadyDecided)


def test_somebody_refused_is_not_granted_anything() -> None:
    given(ACCREDITATION, CLEARED, REFUSED).when(grant()).then_refused(AlreadyDecided)


# --- refusing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [[], [REFERRED], [CLEARED], [VETTED_OUT]])
def test_somebody_is_refused_whatever_the_authority_says(before: list[AccreditationEvent]) -> None:
    given(ACCREDITATION, *before).when(REFUSE).then(REFUSED)


def test_somebody_refused_is_not_refused_again() -> None:
    other = REFUSE.model_copy(update={"reason_code": "other"})

    given(ACCREDITATION, REFUSED).when(REFUSE).then()
    given(ACCREDITATION, REFUSED).when(other).then()


def test_what_was_granted_is_not_refused() -> None:
    given(ACCREDITATION, CLEARED, GRANT).when(REFUSE).then_refused(AlreadyDecided)


@pytest.mark.parametrize("command", [vetting("cleared"), grant(), REFUSE], ids=lambda command: type(command).__name__)
def test_nothing_is_decided_of_whom_nobody_named(command: AccreditationCommand) -> None:
    given(ACCREDITATION).when(command.model_copy(update={"nominee": None})).then_refused(NominationUnknown)
