"""Who hears of what, and which notices that makes."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import topology  # noqa: F401  (registers the shared events)
from contracts.access import LockdownDeclared
from contracts.accreditation import BadgeRevoked
from contracts.event import SharedEvent, shared_events
from contracts.schema import SAMPLES
from services.notifications.audiences import AUDIENCES
from services.notifications.domain.notice import NoticeFailed, NoticeSent, QueueNotice
from services.notifications.published import publish
from services.notifications.reactions import react
from tests.controls import NOW

CAUSE = UUID("018f0000-0000-7000-8000-000000000007")
PERSON = "018f0000-0000-7000-8000-000000000002"
DUTIES = ("operations-room", "liaison")


_GRAVE: dict[str, dict[str, object]] = {
    "operations.IncidentReported.v1": {"severity": 1},
    "operations.DiscreetIncidentChanged.v1": {"change": "escalated", "escalated": 1},
}
"""What makes an incident somebody's mail."""


def sample(name: str) -> SharedEvent:
    event = shared_events()[name].model_validate_json((Path(SAMPLES) / f"{name}.json").read_bytes())
    return event.model_copy(update=_GRAVE.get(name, {}))


def reaction(name: str, cause: UUID = CAUSE, at: datetime = NOW) -> list[QueueNotice]:
    return react(sample(name), cause, at, DUTIES)


@pytest.mark.parametrize(
    ("event", "template", "recipients"),
    [
        ("accreditation.DelegationConfirmed.v1", "delegation_confirmed", ["focal_point:fr"]),
        ("accreditation.AccreditationGranted.v1", "accreditation_granted", [f"person:{PERSON}"]),
        ("accreditation.BadgeIssued.v1", "badge_issued", [f"person:{PERSON}"]),
        (
            "accreditation.BadgeRevoked.v1",
            "badge_revoked",
            ["focal_point:fr", "duty:operations-room", "duty:liaison"],
        ),
        ("access.ZoneCapacityReached.v1", "zone_capacity_reached", ["duty:operations-room", "duty:liaison"]),
        ("access.LockdownDeclared.v1", "lockdown_declared", ["duty:operations-room", "duty:liaison"]),
        ("access.EvacuationOrdered.v1", "evacuation_ordered", ["duty:operations-room", "duty:liaison"]),
        ("access.DuressSignalled.v1", "duress_signalled", ["duty:operations-room"]),
        ("access.WatchedPersonSeen.v1", "watched_person_seen", ["duty:operations-room"]),
        ("operations.IncidentReported.v1", "incident_reported", ["duty:operations-room"]),
        ("operations.IncidentEscalated.v1", "incident_escalated", ["duty:operations-room"]),
        ("operations.DiscreetIncidentChanged.v1", "discreet_incident_escalated", ["duty:operations-room"]),
        ("operations.ShiftHandedOver.v1", "shift_handed_over", ["duty:operations-room"]),
    ],
)
def test_each_who_must_know_is_told(event: str, template: str, recipients: list[str]) -> None:
    commands = reaction(event)

    assert [f"{one.recipient.kind}:{one.recipient.id}" for one in commands] == recipients
    assert {one.template for one in commands} == {template}


def test_what_is_nobodys_news_is_told_to_nobody() -> None:
    told = {event.short_name() for event in AUDIENCES}

    for name in shared_events().keys() - told:
        assert reaction(name) == []


def test_the_same_event_gives_the_same_notices_for_ever() -> None:
    assert reaction("accreditation.BadgeRevoked.v1") == reaction("accreditation.BadgeRevoked.v1")


def test_every_event_and_recipient_has_a_notice_of_its_own() -> None:
    commands = [one for _ in range(3) for one in reaction("accreditation.BadgeRevoked.v1", uuid4())]

    assert len({one.notice_id for one in commands}) == len(commands) == 9


def test_a_revocation_says_no_more_of_its_ground_than_the_code() -> None:
    facts = reaction("accreditation.BadgeRevoked.v1")[0].facts

    assert facts.keys() == {"badge", "delegation", "reason", "happened_at"}
    revoked = sample("accreditation.BadgeRevoked.v1")
    assert isinstance(revoked, BadgeRevoked)
    assert facts["reason"] == revoked.reason == "misuse"


@pytest.mark.parametrize("name", [event.short_name() for event in AUDIENCES if event.discreet])
def test_what_is_discreet_is_told_to_the_operations_room_and_nowhere_else(name: str) -> None:
    assert react(sample(name), CAUSE, NOW, ("liaison", "gate-chief")) == []

    (alert,) = reaction(name)
    ended: Any = {"notice_id": alert.notice_id, "source_event_id": CAUSE, "channel": "email", "attempts": 1}
    for template, is_told in ((alert.template, False), ("lockdown_declared", True)):
        for event in (
            NoticeSent(**ended, template=template, language="en"),
            NoticeFailed(**ended, template=template, language="en", reason="recipient_refused"),
        ):
            assert (publish(event) is not None) == is_told, "others would see it go out as somebody stands at the gate"


COMMAND = ("operations-room", "commander", "liaison")


def told(event: SharedEvent) -> list[str]:
    return [one.recipient.id for one in react(event, CAUSE, NOW, COMMAND)]


def test_of_incidents_only_the_gravest_is_mail_when_it_is_reported() -> None:
    reported = sample("operations.IncidentReported.v1")
    assert told(reported) == ["operations-room", "commander"]
    for severity in (2, 3, 4):
        assert told(reported.model_copy(update={"severity": severity})) == []


@pytest.mark.parametrize("name", ["operations.IncidentEscalated.v1", "operations.DiscreetIncidentChanged.v1"])
def test_the_first_level_asks_the_room_to_look_and_the_second_the_commander(name: str) -> None:
    assert told(sample(name).model_copy(update={"escalated": 1})) == ["operations-room"]
    assert told(sample(name).model_copy(update={"escalated": 2})) == ["operations-room", "commander"]


def test_of_what_is_discreet_a_message_says_neither_what_it_is_nor_where() -> None:
    (alert,) = reaction("operations.DiscreetIncidentChanged.v1")
    assert alert.facts.keys() == {"number", "severity", "level", "happened_at"}
    quiet = sample("operations.DiscreetIncidentChanged.v1").model_copy(update={"change": "closed"})
    assert told(quiet) == []


def test_who_takes_over_a_shift_is_told_to_the_room_and_the_commander() -> None:
    assert told(sample("operations.ShiftHandedOver.v1")) == ["operations-room", "commander"]


def test_with_nobody_on_duty_a_lockdown_is_nobodys_mail() -> None:
    lockdown = sample("access.LockdownDeclared.v1")
    assert isinstance(lockdown, LockdownDeclared)
    assert react(lockdown, CAUSE, NOW, ()) == []
