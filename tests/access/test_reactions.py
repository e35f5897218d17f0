"""What accreditation's events make access do, each; and what the others hear of what access did."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import access as shared
from contracts import accreditation as theirs
from contracts.event import SharedEvent, shared_events
from services.access.domain import venue as ours
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, LearnBadgeIssued, LearnIssuerKey, ReleaseBadge
from services.access.domain.checks import Reading
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.venue import EVENTS, Device, VenueEvent
from services.access.published import publish
from services.access.reactions import on_parked, on_released, react
from tests.access.controls import ANNA, CLOSES, HALL, MAIN, OPENS, VENUE, badge, learned, scan, scanned, venue
from tests.controls import NOW

ID = badge(ANNA).badge_id
WHO: Mapping[str, Any] = {"badge_id": ID, "person_id": ANNA}
ISSUED = theirs.BadgeIssued(
    **WHO, nomination_id=uuid4(), version=1, delegation_id="vn", category="delegate", areas=("per", "pln"),
    valid_from=OPENS, valid_until=CLOSES,
)  # fmt: skip


def changed(change: Any, version: int | None = None) -> LearnBadgeChanged:
    return LearnBadgeChanged(badge_id=ID, change=change, version=version, source_number=7)


REACTIONS: list[tuple[SharedEvent, VenueCommand]] = [
    (
        ISSUED,
        LearnBadgeIssued(
            badge_id=ID, person_id=ANNA, delegation_id="vn", category="delegate", areas=("per", "pln"), version=1,
            valid_from=OPENS, valid_until=CLOSES, source_number=7,
        ),
    ),
    (theirs.BadgeActivated(**WHO, version=2), changed("activated", 2)),
    (theirs.BadgeReportedLost(**WHO, version=2, delegation_id="vn"), changed("lost", 2)),
    (theirs.BadgeReplaced(**WHO, version=3), changed("replaced", 3)),
    (theirs.BadgeSuspended(**WHO, reason="lost_sight"), changed("suspended")),
    (theirs.BadgeReinstated(**WHO), changed("reinstated")),
    (theirs.BadgeRevoked(**WHO, delegation_id="vn", reason="withdrawn"), changed("revoked")),
    (
        theirs.IssuerKeyPublished(key_id="0" * 16, algorithm="Ed25519", public_key="ab" * 32),
        LearnIssuerKey(key_id="0" * 16, public_key="ab" * 32, source_number=7),
    ),
]  # fmt: skip
OF_NO_CONCERN = {
    "DelegationInvited", "DelegationConfirmed", "DelegateNominated", "AccreditationGranted", "AccreditationRefused",
    "PersonalDataErased",  # the cache of holders forgets; nothing is recorded
}  # fmt: skip


@pytest.mark.parametrize(("event", "command"), REACTIONS, ids=lambda one: type(one).__name__)
def test_an_event_becomes_a_command(event: SharedEvent, command: VenueCommand) -> None:
    assert react(event, 7) == command


def test_every_event_of_accreditation_is_reacted_to_or_of_no_concern() -> None:
    published = {event.__name__ for event in shared_events().values() if event.service == "accreditation"}

    assert {type(event).__name__ for event, _ in REACTIONS} | OF_NO_CONCERN == published


def test_an_event_of_no_concern_makes_us_do_nothing() -> None:
    assert react(theirs.PersonalDataErased(person_id=ANNA), 7) is None
    assert react(theirs.DelegationConfirmed(delegation_id="vn", kind="state", note_verbale="NV 1"), 7) is None


def test_a_badge_that_cannot_be_followed_is_held_until_it_can() -> None:
    assert on_parked(f"badge-{ID}") == HoldBadge(badge_id=ID)
    assert on_released(f"badge-{ID}") == ReleaseBadge(badge_id=ID)


@pytest.mark.parametrize(
    "about", ["person-" + str(ANNA), "delegation-vn", "issuer-key-00", "badge-", "badge-nonsense", "badge", "", "-"]
)
def test_nothing_is_held_for_what_is_no_badge(about: str) -> None:
    """Whoever writes a poisoned event may get anything wrong in it."""
    assert on_parked(about) is None
    assert on_released(about) is None


# --- what others hear -----------------------------------------------------------------------------------------------


def entered() -> ours.BadgeScanned:
    anna = badge(ANNA)
    return scanned(venue(*learned(anna)), scan(anna, MAIN, holder_known=True)).record


WHERE: Mapping[str, Any] = {"zone_id": "hall", "venue_id": VENUE, "names": HALL.names}
DEVICE = Device(device_id=uuid4(), gate_id="main", public_key="ab" * 32, token_hash="70ce" * 16, expires_at=NOW)
TOLD: list[tuple[VenueEvent, type[SharedEvent]]] = [
    (ours.ZoneDefined(zone=HALL, venue_id=VENUE), shared.ZoneDefined),
    (ours.GateDefined(gate=MAIN, venue_id=VENUE), shared.GateDefined),
    (ours.DeviceEnrolled(device=DEVICE, code_hash="c0de" * 16), shared.DeviceEnrolled),
    (ours.LockdownDeclared(**WHERE, reason="alarm"), shared.LockdownDeclared),
    (ours.LockdownLifted(**WHERE), shared.LockdownLifted),
    (ours.ZoneCapacityReached(**WHERE, count=3, capacity=3), shared.ZoneCapacityReached),
    (ours.ZoneCapacityRestored(**WHERE, count=2, capacity=3), shared.ZoneCapacityRestored),
    (entered(), shared.BadgeScanned),
]
KEPT: list[VenueEvent] = [
    ours.GatekeeperAppointed(gatekeeper_id=uuid4()),
    ours.BadgeLearned(badge=badge(ANNA), source_number=1),
    ours.IssuerKeyLearned(key_id="0" * 16, public_key="ab" * 32, source_number=1),
    ours.EnrolmentCodeIssued(code_hash="c0de" * 16, gate_id="main", expires_at=NOW),
    ours.DeviceCutOff(device_id=DEVICE.device_id),
    ours.HolderDisplayed(scan_id=uuid4(), person_id=ANNA),
]


@pytest.mark.parametrize(("event", "told_as"), TOLD, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_told_is_what_the_contract_promises(event: VenueEvent, told_as: type[SharedEvent]) -> None:
    told = publish(event)

    assert type(told) is told_as
    assert told_as.model_validate_json(told.model_dump_json()) == told  # nothing was left unchecked in haste
    assert all(len(token) <= 40 for token in told.subject().split("."))


@pytest.mark.parametrize("event", KEPT, ids=lambda one: type(one).__name__)
def test_what_concerns_nobody_else_is_not_told(event: VenueEvent) -> None:
    assert publish(event) is None


def test_every_event_is_told_or_kept_on_purpose() -> None:
    assert {type(event) for event, _ in TOLD} | {type(event) for event in KEPT} == set(EVENTS)
    told = {event for event in shared_events().values() if event.service == "access"}
    assert told == {told_as for _, told_as in TOLD}


def test_no_secret_of_a_device_is_told() -> None:
    told = publish(ours.DeviceEnrolled(device=DEVICE, code_hash="c0de" * 16))

    assert told is not None
    assert told.model_dump() == {"device_id": DEVICE.device_id, "gate_id": "main"}


def test_a_scan_is_told_under_its_zone_its_gate_and_its_outcome() -> None:
    told = publish(entered())

    assert told is not None
    assert told.subject() == "access.BadgeScanned.v1.grounds.main.admitted"
    assert told.about() == f"badge-{ID}"


def test_an_unreadable_scan_is_told_of_its_gate() -> None:
    unreadable = scan(Reading(problem="credential_malformed"), MAIN, now=NOW + timedelta(hours=1))
    told = publish(scanned(venue(), unreadable).record)

    assert isinstance(told, shared.BadgeScanned)
    assert (told.about(), told.reason) == ("gate-main", "credential_malformed")
    assert UUID(str(told.scan_id)) == unreadable.scan_id
