"""A badge rests on an accreditation: made, handed over, lost, replaced by its next version, suspended, revoked."""

from uuid import UUID

import pytest

from services.accreditation.domain.badge import (
    BADGE as DECIDER,
)
from services.accreditation.domain.badge import (
    ActivateBadge,
    BadgeActivated,
    BadgeCommand,
    BadgeEvent,
    BadgeLost,
    BadgeReinstated,
    BadgeReplaced,
    BadgeReportedLost,
    BadgeRevoked,
    BadgeRevokedForGood,
    BadgeSuspended,
    BadgeUnknown,
    IssueBadge,
    NotAccredited,
    ReinstateBadge,
    ReplaceBadge,
    ReportBadgeLost,
    RevokeBadge,
    SuspendBadge,
)
from tests.accreditation.controls import BADGE, GRANT, ISSUED, PERSON
from tests.controls import given

WHO: dict[str, UUID] = {"badge_id": BADGE, "person_id": PERSON}
ACTIVATED = BadgeActivated(**WHO, version=1)
LOST = BadgeReportedLost(**WHO, version=1, delegation_id="fr")
REPLACED = BadgeReplaced(**WHO, version=2)
SUSPENDED = BadgeSuspended(**WHO, reason="lost_sight")
REINSTATED = BadgeReinstated(**WHO)
REVOKED = BadgeRevoked(**WHO, delegation_id="fr", reason="withdrawn")

ISSUE = IssueBadge(badge_id=BADGE, grant=GRANT)
ACTIVATE = ActivateBadge(badge_id=BADGE)
REPORT = ReportBadgeLost(badge_id=BADGE)
SUSPEND = SuspendBadge(badge_id=BADGE, reason="lost_sight")
REINSTATE = ReinstateBadge(badge_id=BADGE)
REVOKE = RevokeBadge(badge_id=BADGE, reason="withdrawn")


def replace(version: int) -> ReplaceBadge:
    return ReplaceBadge(badge_id=BADGE, version=version)


ONCE_ISSUED = (ACTIVATE, REPORT, replace(1), SUSPEND, REINSTATE, REVOKE)


def test_a_badge_is_made_of_what_was_granted() -> None:
    given(DECIDER).when(ISSUE).then(ISSUED)


def test_an_accreditation_has_one_badge() -> None:
    given(DECIDER, ISSUED).when(ISSUE).then()
    given(DECIDER, ISSUED, ACTIVATED, REVOKED).when(ISSUE).then()


def test_nothing_granted_no_badge() -> None:
    given(DECIDER).when(IssueBadge(badge_id=BADGE, grant=None)).then_refused(NotAccredited)


def test_a_badge_is_handed_over() -> None:
    given(DECIDER, ISSUED).when(ACTIVATE).then(ACTIVATED)


def test_a_badge_in_hand_is_not_handed_over_again() -> None:
    given(DECIDER, ISSUED, ACTIVATED).when(ACTIVATE).then()


@pytest.mark.parametrize("before", [[ISSUED], [ISSUED, ACTIVATED]], ids=["before it was handed over", "after"])
def test_a_badge_is_reported_lost(before: list[BadgeEvent]) -> None:
    given(DECIDER, *before).when(REPORT).then(LOST)


def test_a_lost_badge_is_not_lost_again() -> None:
    given(DECIDER, ISSUED, ACTIVATED, LOST).when(REPORT).then()


def test_a_badge_that_was_only_lost_may_turn_out_to_be_stolen() -> None:
    stolen = LOST.model_copy(update={"stolen": True})

    given(DECIDER, ISSUED, ACTIVATED, LOST).when(ReportBadgeLost(badge_id=BADGE, stolen=True)).then(stolen)
    given(DECIDER, ISSUED, ACTIVATED, stolen).when(ReportBadgeLost(badge_id=BADGE)).then()


def test_a_lost_badge_is_not_handed_over() -> None:
    given(DECIDER, ISSUED, ACTIVATED, LOST).when(ACTIVATE).then_refused(BadgeLost)


@pytest.mark.parametrize("before", [[ISSUED], [ISSUED, ACTIVATED], [ISSUED, ACTIVATED, LOST]])
def test_a_badge_is_replaced_by_its_next_version_which_waits_to_be_handed_over(before: list[BadgeEvent]) -> None:
    after = given(DECIDER, *before).when(replace(1)).then(REPLACED)

    assert (after.version, after.holding) == (2, "issued")


def test_a_version_is_replaced_once() -> None:
    given(DECIDER, ISSUED, ACTIVATED, LOST, REPLACED).when(replace(1)).then()


def test_a_version_that_was_never_made_is_not_replaced() -> None:
    given(DECIDER, ISSUED).when(replace(2)).then_refused(BadgeUnknown)


def test_the_new_version_is_handed_over_lost_and_replaced_in_its_turn() -> None:
    second = given(DECIDER, ISSUED, LOST, REPLACED)

    second.when(ACTIVATE).then(BadgeActivated(**WHO, version=2))
    second.when(REPORT).then(BadgeReportedLost(**WHO, version=2, delegation_id="fr"))
    second.when(replace(2)).then(BadgeReplaced(**WHO, version=3))


def test_a_badge_is_suspended_and_reinstated() -> None:
    given(DECIDER, ISSUED, ACTIVATED).when(SUSPEND).then(SUSPENDED)
    given(DECIDER, ISSUED, ACTIVATED, SUSPENDED).when(REINSTATE).then(REINSTATED)


def test_a_suspended_badge_is_not_suspended_again_whatever_the_reason() -> None:
    other = SuspendBadge(badge_id=BADGE, reason="other")

    given(DECIDER, ISSUED, SUSPENDED).when(other).then()


def test_a_badge_that_is_not_suspended_needs_no_reinstatement() -> None:
    given(DECIDER, ISSUED).when(REINSTATE).then()
    given(DECIDER, ISSUED, SUSPENDED, REINSTATED).when(REINSTATE).then()


def test_a_suspension_outlasts_a_replacement_and_a_hand_over() -> None:
    after = given(DECIDER, ISSUED, SUSPENDED, REPLACED).when(ACTIVATE).then(BadgeActivated(**WHO, version=2))

    assert after.suspended


@pytest.mark.parametrize("before", [[], [ACTIVATED], [ACTIVATED, LOST], [LOST, REPLACED], [SUSPENDED]])
def test_a_badge_is_revoked_whatever_became_of_it(before: list[BadgeEvent]) -> None:
    given(DECIDER, ISSUED, *before).when(REVOKE).then(REVOKED)


def test_a_revoked_badge_is_not_revoked_again() -> None:
    given(DECIDER, ISSUED, REVOKED).when(REVOKE).then()


@pytest.mark.parametrize(
    "command", [one for one in ONCE_ISSUED if one is not REVOKE], ids=lambda one: type(one).__name__
)
def test_a_revocation_is_for_good(command: BadgeCommand) -> None:
    given(DECIDER, ISSUED, ACTIVATED, REVOKED).when(command).then_refused(BadgeRevokedForGood)


@pytest.mark.parametrize("command", ONCE_ISSUED, ids=lambda one: type(one).__name__)
def test_nothing_is_done_to_a_badge_nobody_made(command: BadgeCommand) -> None:
    given(DECIDER).when(command).then_refused(BadgeUnknown)
