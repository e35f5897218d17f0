"""What accreditation's events make access do, each; and what the others hear of what access did."""

import builtins
import collections.abc
import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, get_args, get_origin
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from contracts import access as shared
from contracts import accreditation as theirs
from contracts.event import SharedEvent, shared_events
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, LearnBadgeIssued, LearnIssuerKey, ReleaseBadge
from services.access.domain.checks import CODES
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.record.devices import Device, DeviceEnrolled
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import EVENTS, VenueEvent
from services.access.published import publish
from services.access.reactions import on_parked, on_released, react
from tests.access.controls import ANNA, CLOSES, MAIN, OPENS, badge, learned, scan, scanned, venue
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
    (theirs.BadgeReportedLost(**WHO, version=2, delegation_id="vn", stolen=True), changed("stolen", 2)),
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

KEPT = {
    "GatekeeperAppointed", "HolderDisplayed", "BadgeLearned", "IssuerKeyLearned", "EnrolmentCodeIssued", "RulesSet",
    "PersonWatched", "WatchLifted", "HoldersListed",
}  # fmt: skip
DEVICE = Device(device_id=uuid4(), gate_id="main", public_key="ab" * 32, token_hash="70ce" * 16, expires_at=NOW)
NAMES = {"en": "Hall", "fr": "Salle", "vi": "Hội trường"}


def any_value(kind: Any, chance: random.Random) -> Any:
    """A value of a field's type, as our commands let it come about: ids are tokens, numbers are small."""
    match kind:
        case builtins.str:
            return "".join(chance.choices("abcdefghij0123456789-", k=chance.randint(1, 40)))
        case builtins.int:
            return chance.randint(1, 7)
        case builtins.float:
            return chance.random()
        case builtins.bool:
            return chance.random() < 0.5
    if kind is type(None):
        return None
    if kind is UUID:
        return UUID(int=chance.getrandbits(128), version=4)
    if kind is datetime:
        return NOW + timedelta(seconds=chance.randint(-(10**6), 10**6))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return any_of(kind, chance)
    inner = get_args(kind)
    origin = get_origin(kind)
    if origin is Literal:
        return chance.choice(inner)
    if origin is tuple:
        wanted = inner[:1] * chance.randint(0, 2) if ... in inner else inner
        return tuple(any_value(one, chance) for one in wanted)
    if origin in {dict, collections.abc.Mapping}:
        return {any_value(inner[0], chance): any_value(inner[1], chance) for _ in range(chance.randint(0, 2))}
    return any_value(chance.choice(inner), chance)


def any_of(model: type[BaseModel], chance: random.Random) -> Any:
    """Any value of a model; whoever is refused is so for a reason."""
    fields = {
        name: NAMES if name in {"names", "titles"} else any_value(field.annotation, chance)
        for name, field in model.model_fields.items()
    }
    if "failed" in fields and fields.get("outcome") == "refused":
        fields["failed"] = tuple(chance.choices(CODES, k=2))
    return model(**fields)


@pytest.mark.parametrize("event", EVENTS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_told_is_what_the_contract_promises(event: type[VenueEvent], seed: int) -> None:
    told = publish(any_of(event, random.Random(seed)))

    if event.__name__ in KEPT:
        assert told is None
        return
    assert told is not None
    assert type(told).short_name() == f"access.{event.__name__}.v1"
    assert type(told).model_validate_json(told.model_dump_json()) == told  # nothing was left unchecked in haste
    assert all(re.fullmatch("[A-Za-z0-9-]{1,40}", token) for token in told.subject().split("."))


def test_everything_the_contract_promises_is_told() -> None:
    promised = {event.__name__ for event in shared_events().values() if event.service == "access"}

    assert {event.__name__ for event in EVENTS} - KEPT == promised


def entered() -> BadgeScanned:
    anna = badge(ANNA)
    return scanned(venue(*learned(anna)), scan(anna, MAIN, holder_known=True)).record


def test_no_secret_of_a_device_is_told() -> None:
    told = publish(DeviceEnrolled(device=DEVICE, code_hash="c0de" * 16))

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


def test_who_is_held_discreetly_looks_like_anybody_who_is_checked() -> None:
    anna = badge(ANNA)
    looked_for = PersonWatched(person_id=ANNA, outcome="hold", reason="r1")
    held = publish(scanned(venue(looked_for, *learned(anna)), scan(anna, MAIN)).record)

    assert isinstance(held, shared.BadgeScanned)
    assert held.reason == "identity_check_required"
    assert "watch" not in held.model_dump_json()
