"""Alerts of what nobody at a gate may notice: to the operations room at once, in ids, and to nobody else in any way."""

import json
import logging

import pytest

from services.notifications.duty import DutyContacts
from tests.notifications.conftest import DUTY, Station
from tests.notifications.test_audiences import PERSON, sample

ROOM = {"duty": "operations-room", "email": "room@host.example", "language": "en"}
SCAN = "018f0000-0000-7000-8000-000000000005"


@pytest.fixture
def manned(station: Station) -> Station:
    """With somebody in the operations room, beside the others on duty."""
    assert station.settings.duty_contacts_file is not None
    station.settings.duty_contacts_file.write_text(json.dumps([*DUTY, ROOM]))
    return station


async def test_the_operations_room_gets_an_alert_and_nobody_else_hears_of_it(manned: Station) -> None:
    async with manned.notifications() as notifications:
        for name in ("access.DuressSignalled.v1", "access.WatchedPersonSeen.v1"):
            await manned.access.says(sample(name))
        await notifications.hear_and_send()

        assert len(await notifications.events("NoticeSent")) == 2
        assert await notifications.host.log.read_shared(0, 10) == []
    assert {message["To"] for message in manned.post_office.mail} == {ROOM["email"]}
    assert {message["Subject"] for message in manned.post_office.mail} == {"Operations alert: gate pln-east"}
    duress, watched = sorted(
        (message.get_content() for message in manned.post_office.mail), key=lambda text: PERSON in text
    )
    assert f"Scan: {SCAN}" in duress
    assert f"Scan: {SCAN}" in watched
    assert f"Person: {PERSON}" in watched


async def test_what_everybody_may_know_is_told(manned: Station) -> None:
    """Control."""
    async with manned.notifications() as notifications:
        await manned.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear_and_send()

        assert len(await notifications.host.log.read_shared(0, 10)) == len(manned.post_office.mail) == 3


def test_a_file_with_nobody_in_the_operations_room_is_complained_of(
    manned: Station, caplog: pytest.LogCaptureFixture
) -> None:
    file = manned.settings.duty_contacts_file
    assert file is not None
    complaint = "nobody_is_on_duty_in_the_operations_room"
    with caplog.at_level(logging.WARNING):
        DutyContacts(file)
        assert complaint not in caplog.messages
        file.write_text(json.dumps(DUTY))
        DutyContacts(file)
    assert complaint in caplog.messages
