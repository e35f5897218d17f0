"""A delegation is invited, confirms by note verbale, and names people within its quota."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.accreditation.domain.delegation import (
    DELEGATION,
    ConfirmDelegation,
    DelegateNominated,
    DelegationAlreadyConfirmed,
    DelegationAlreadyInvited,
    DelegationCommand,
    DelegationConfirmed,
    DelegationInvited,
    DelegationNotConfirmed,
    DelegationUnknown,
    InviteDelegation,
    NominateDelegate,
    QuotaExhausted,
    QuotaSet,
    SetQuota,
)
from tests.accreditation.controls import FRANCE, NOMINATION, PERSON
from tests.controls import given

INVITED = DelegationInvited(delegation_id="fr", kind="state", names=FRANCE, language="fr", focal_point_id=UUID(int=7))
CONFIRMED = DelegationConfirmed(delegation_id="fr", kind="state", note_verbale="NV 2025/114")
TWO_PLACES = QuotaSet(delegation_id="fr", category="delegate", places=2)
NOMINATED = DelegateNominated(delegation_id="fr", nomination_id=NOMINATION, person_id=PERSON, category="delegate")

INVITE = InviteDelegation(**INVITED.model_dump())
CONFIRM = ConfirmDelegation(delegation_id="fr", note_verbale="NV 2025/114")
NOMINATE = NominateDelegate(**NOMINATED.model_dump())


def quota(places: int, category: str = "delegate") -> SetQuota:
    return SetQuota(delegation_id="fr", category=category, places=places)


def somebody_else(**changed: Any) -> NominateDelegate:
    return NOMINATE.model_copy(update={"nomination_id": uuid4(), "person_id": uuid4(), **changed})


def test_a_delegation_is_invited() -> None:
    given(DELEGATION).when(INVITE).then(INVITED)


def test_a_delegation_invited_alike_is_invited_once() -> None:
    given(DELEGATION, INVITED).when(INVITE).then()


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "observer"},
        {"language": "en"},
        {"names": {**FRANCE, "en": "French Republic"}},
        {"focal_point_id": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_delegation_is_not_invited_again_with_other_facts(changed: dict[str, Any]) -> None:
    given(DELEGATION, INVITED).when(INVITE.model_copy(update=changed)).then_refused(DelegationAlreadyInvited)


def test_a_delegation_confirms() -> None:
    given(DELEGATION, INVITED).when(CONFIRM).then(CONFIRMED)


def test_a_delegation_that_confirmed_by_this_note_has_confirmed() -> None:
    given(DELEGATION, INVITED, CONFIRMED).when(CONFIRM).then()


def test_a_delegation_does_not_confirm_by_a_second_note() -> None:
    other = CONFIRM.model_copy(update={"note_verbale": "NV 2025/115"})

    given(DELEGATION, INVITED, CONFIRMED).when(other).then_refused(DelegationAlreadyConfirmed)


def test_a_quota_is_set_before_or_after_a_delegation_confirms() -> None:
    given(DELEGATION, INVITED).when(quota(2)).then(TWO_PLACES)
    given(DELEGATION, INVITED, CONFIRMED).when(quota(2)).then(TWO_PLACES)


def test_a_quota_that_is_so_already_is_not_set() -> None:
    given(DELEGATION, INVITED, TWO_PLACES).when(quota(2)).then()
    given(DELEGATION, INVITED).when(quota(0)).then()  # nothing was allowed before either


def test_a_quota_is_changed_in_both_directions_and_the_last_one_holds() -> None:
    before = given(DELEGATION, INVITED, TWO_PLACES)

    more = before.when(quota(9)).then(QuotaSet(delegation_id="fr", category="delegate", places=9))
    closed = before.when(quota(0)).then(QuotaSet(delegation_id="fr", category="delegate", places=0))

    assert (more.places["delegate"], closed.places["delegate"]) == (9, 0)


def test_somebody_is_nominated_within_the_quota() -> None:
    given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES).when(NOMINATE).then(NOMINATED)


def test_the_same_nomination_is_one() -> None:
    given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES, NOMINATED).when(NOMINATE).then()


def test_a_nomination_that_was_made_stands_when_the_category_is_closed() -> None:
    closed = QuotaSet(delegation_id="fr", category="delegate", places=0)

    given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES, NOMINATED, closed).when(NOMINATE).then()


def test_the_last_place_is_given_and_then_no_more() -> None:
    one = somebody_else()
    taken = DelegateNominated(**one.model_dump())

    given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES, NOMINATED).when(one).then(taken)
    refused = (
        given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES, NOMINATED, taken)
        .when(somebody_else())
        .then_refused(QuotaExhausted)
    )

    assert refused.detail == "fr has 2 places for delegate"


def test_a_quota_lowered_below_those_named_names_nobody_more() -> None:
    one = QuotaSet(delegation_id="fr", category="delegate", places=1)

    given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES, NOMINATED, one).when(somebody_else()).then_refused(QuotaExhausted)


def test_each_category_has_a_quota_of_its_own_and_none_means_nobody() -> None:
    before = given(DELEGATION, INVITED, CONFIRMED, TWO_PLACES)

    before.when(somebody_else(category="media")).then_refused(QuotaExhausted)


def test_a_delegation_that_has_not_confirmed_names_nobody() -> None:
    given(DELEGATION, INVITED, TWO_PLACES).when(NOMINATE).then_refused(DelegationNotConfirmed)


@pytest.mark.parametrize("command", [CONFIRM, quota(2), NOMINATE], ids=lambda one: type(one).__name__)
def test_a_delegation_nobody_invited_does_nothing(command: DelegationCommand) -> None:
    given(DELEGATION).when(command).then_refused(DelegationUnknown)
