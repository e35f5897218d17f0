"""Incidents that nobody takes on: those who must decide are told by mail, in ids and codes."""

import json

import pytest

from tests.notifications.conftest import Station
from tests.notifications.test_audiences import sample

ROOM = {"duty": "operations-room", "email": "room@host.example", "language": "fr"}
COMMANDER = {"duty": "commander", "email": "commander@host.example", "language": "vi"}
GATES = {"duty": "gate-chief", "email": "gates@host.example", "language": "en"}


@pytest.fixture
def commanded(station: Station) -> Station:
    assert station.settings.duty_contacts_file is not None
    station.settings.duty_contacts_file.write_text(json.dumps([ROOM, COMMANDER, GATES]))
    return station


async def test_what_reaches_the_commander_reaches_the_room_too_and_nobody_else(commanded: Station) -> None:
    async with commanded.notifications() as notifications:
        escalated = sample("operations.IncidentEscalated.v1")
        for level in (1, 2):
            await commanded.operations.says(escalated.model_copy(update={"escalated": level}))
        await commanded.operations.says(sample("operations.IncidentAcknowledged.v1"))
        await notifications.hear_and_send()
    subjects = sorted((message["To"], message["Subject"]) for message in commanded.post_office.mail)
    assert subjects == [
        (COMMANDER["email"], "Chuyển cấp 2: sự cố số 17"),
        (ROOM["email"], "Escalade, niveau 1 : incident n° 17"),
        (ROOM["email"], "Escalade, niveau 2 : incident n° 17"),
    ]


async def test_that_something_discreet_was_escalated_is_not_published(commanded: Station) -> None:
    async with commanded.notifications() as notifications:
        await commanded.operations.says(sample("operations.DiscreetIncidentChanged.v1"))
        await notifications.hear_and_send()

        assert len(await notifications.events("NoticeSent")) == 1
        assert await notifications.host.log.read_shared(0, 10) == []
    (message,) = commanded.post_office.mail
    assert message["To"] == ROOM["email"]
    assert "duress" not in message.get_content()
    assert "pln" not in message.get_content()
