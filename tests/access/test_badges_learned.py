"""What access learns of badges: a fact at a time, in the order accreditation told it, recorded before it is used."""

from typing import Any, Literal

import pytest

from services.access.domain.badges import (
    BadgeNotLearned,
    HoldBadge,
    LearnBadgeChanged,
    LearnBadgeIssued,
    LearnIssuerKey,
    ReleaseBadge,
)
from services.access.domain.record.badges import Badge, BadgeLearned, IssuerKeyLearned
from services.access.domain.venue import VenueEvent
from tests.access.controls import ANNA, DECIDER, SIGNER, badge
from tests.controls import given

ISSUED = badge(ANNA, holding="issued")
ACTIVE = badge(ANNA)
LOST = badge(ANNA, holding="lost")

Change = Literal["activated", "lost", "replaced", "suspended", "reinstated", "revoked"]


def known(as_it_is: Badge) -> VenueEvent:
    return BadgeLearned(badge=as_it_is, source_number=1)


def told(change: Change, version: int | None = None) -> LearnBadgeChanged:
    return LearnBadgeChanged(badge_id=ISSUED.badge_id, change=change, version=version, source_number=7)


def issue(**changed: Any) -> LearnBadgeIssued:
    facts = ISSUED.model_dump(exclude={"holding", "suspended", "held", "revoked"})
    return LearnBadgeIssued(**{**facts, "source_number": 7, **changed})


def test_a_badge_is_learned_as_it_was_issued() -> None:
    given(DECIDER).when(issue()).then(BadgeLearned(badge=ISSUED, source_number=7))


def test_an_issue_told_again_does_not_undo_what_was_learned_since() -> None:
    for since in (ISSUED, ACTIVE, LOST, badge(ANNA, revoked=True), badge(ANNA, version=3)):
        given(DECIDER, known(since)).when(issue()).then()


CHANGES: list[tuple[Badge, Change, int | None, Badge]] = [
    (ISSUED, "activated", 1, ACTIVE),
    (ACTIVE, "lost", 1, LOST),
    (ISSUED, "lost", 1, LOST),
    (LOST, "replaced", 2, badge(ANNA, holding="issued", version=2)),
    (ACTIVE, "replaced", 2, badge(ANNA, holding="issued", version=2)),
    (badge(ANNA, holding="issued", version=2), "activated", 2, badge(ANNA, version=2)),
    (ACTIVE, "suspended", None, badge(ANNA, suspended=True)),
    (badge(ANNA, suspended=True), "reinstated", None, ACTIVE),
    (ACTIVE, "revoked", None, badge(ANNA, revoked=True)),
    (badge(ANNA, suspended=True), "revoked", None, badge(ANNA, suspended=True, revoked=True)),
]


@pytest.mark.parametrize(("before", "change", "version", "after"), CHANGES)
def test_a_change_is_learned(before: Badge, change: Change, version: int | None, after: Badge) -> None:
    given(DECIDER, known(before)).when(told(change, version)).then(BadgeLearned(badge=after, source_number=7))


@pytest.mark.parametrize(("before", "change", "version", "after"), CHANGES)
def test_a_change_that_is_known_is_not_learned_again(
    before: Badge, change: Change, version: int | None, after: Badge
) -> None:
    given(DECIDER, known(before), known(after)).when(told(change, version)).then()


@pytest.mark.parametrize("change", ["activated", "lost"])
def test_what_befalls_an_old_version_does_not_touch_the_new_one(change: Change) -> None:
    given(DECIDER, known(badge(ANNA, holding="issued", version=2))).when(told(change, 1)).then()


@pytest.mark.parametrize("change", ["activated", "lost", "replaced", "suspended", "reinstated", "revoked"])
def test_a_change_of_a_badge_nobody_told_us_of_is_refused(change: Change) -> None:
    given(DECIDER).when(told(change, 1)).then_refused(BadgeNotLearned)


def test_a_badge_about_which_something_cannot_be_applied_is_held_until_it_is_released() -> None:
    held = BadgeLearned(badge=badge(ANNA, held=True), source_number=None)

    given(DECIDER, known(ACTIVE)).when(HoldBadge(badge_id=ACTIVE.badge_id)).then(held)
    given(DECIDER, known(ACTIVE), held).when(ReleaseBadge(badge_id=ACTIVE.badge_id)).then(
        BadgeLearned(badge=ACTIVE, source_number=None)
    )


def test_a_badge_that_is_not_held_needs_no_release() -> None:
    given(DECIDER, known(ACTIVE)).when(ReleaseBadge(badge_id=ACTIVE.badge_id)).then()


def test_a_badge_nobody_told_us_of_is_neither_held_nor_released() -> None:
    """It opens nothing anyhow."""
    given(DECIDER).when(HoldBadge(badge_id=ACTIVE.badge_id)).then()
    given(DECIDER).when(ReleaseBadge(badge_id=ACTIVE.badge_id)).then()


def test_a_held_badge_is_held_through_whatever_is_learned_of_it() -> None:
    held = badge(ANNA, held=True)

    after = given(DECIDER, known(held)).when(told("suspended")).then(
        BadgeLearned(badge=badge(ANNA, held=True, suspended=True), source_number=7)
    )  # fmt: skip

    assert after.badges.known[held.badge_id].held


def test_a_key_that_signs_badges_is_learned() -> None:
    key = LearnIssuerKey(key_id=SIGNER.key_id, public_key=SIGNER.public_key, source_number=1)
    fact = IssuerKeyLearned(key_id=SIGNER.key_id, public_key=SIGNER.public_key, source_number=1)

    after = given(DECIDER).when(key).then(fact)

    assert dict(after.badges.issuer_keys) == {SIGNER.key_id: SIGNER.public_key}


def test_a_key_that_is_known_is_not_learned_again() -> None:
    fact = IssuerKeyLearned(key_id=SIGNER.key_id, public_key=SIGNER.public_key, source_number=1)
    again = LearnIssuerKey(key_id=SIGNER.key_id, public_key=SIGNER.public_key, source_number=9)

    given(DECIDER, fact).when(again).then()
