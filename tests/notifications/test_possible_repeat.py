"""The honest exception: an answer that never came, or a process that died before it, leaves it unknown whether the
server has the message. It goes out again with the same Message-ID, and says that it may be a repeat.
"""

import json
from collections.abc import Callable

import pytest

from tests.notifications.conftest import DUTY, Station
from tests.notifications.post_office import ACCEPTED, HANG_UP
from tests.notifications.test_sending import a_lockdown, answers, flags


@pytest.fixture
def alone(station: Station) -> Station:
    """One is on duty, so that every notice makes one message."""
    assert station.settings.duty_contacts_file is not None
    station.settings.duty_contacts_file.write_text(json.dumps(DUTY[:1]))
    return station


async def test_a_message_whose_answer_was_lost_is_sent_again_and_says_so(
    alone: Station, impatient: Callable[..., None]
) -> None:
    impatient()
    alone.post_office.to_message = answers(HANG_UP, ACCEPTED)
    async with alone.notifications() as notifications:
        await a_lockdown(alone)
        await notifications.hear_and_send()

        (deferred,) = await notifications.events("NoticeDeferred")
        assert (deferred["reason"], deferred["maybe_delivered"]) == ("unanswered", True)
        (sent,) = await notifications.events("NoticeSent")
        assert sent["attempts"] == 2
    first, second = alone.post_office.mail
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()
    assert flags(alone) == [None, "yes"]


async def test_once_unknown_every_later_message_says_so(alone: Station, impatient: Callable[..., None]) -> None:
    impatient()
    alone.post_office.to_message = answers(HANG_UP, "451 later", ACCEPTED)
    async with alone.notifications() as notifications:
        await a_lockdown(alone)
        await notifications.hear_and_send()

    assert flags(alone) == [None, "yes"]


async def test_a_connection_that_broke_before_the_message_left_makes_no_repeat(
    alone: Station, impatient: Callable[..., None]
) -> None:
    impatient()
    alone.post_office.to_recipient = answers(HANG_UP, ACCEPTED)
    async with alone.notifications() as notifications:
        await a_lockdown(alone)
        await notifications.hear_and_send()

        (deferred,) = await notifications.events("NoticeDeferred")
        assert (deferred["reason"], deferred["maybe_delivered"]) == ("connection_lost", False)
    assert flags(alone) == [None]


async def test_a_process_that_dies_in_mid_dialogue_sends_again_and_says_so(
    alone: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.sender._LAST_WORDS_S", 0)  # as good as killed
    alone.post_office.answering.clear()
    async with alone.notifications() as notifications:
        await a_lockdown(alone)
        await notifications.hear()
        await alone.post_office.thinking.wait()
    alone.post_office.answering.set()  # the server has it, and nobody is there to hear so
    async with alone.notifications() as restarted:
        await restarted.settled()
        attempts = await restarted.events("NoticeAttempted")
        assert [one["possible_repeat"] for one in attempts] == [False, True]

    first, second = alone.post_office.mail
    assert first["Message-ID"] == second["Message-ID"]
    assert flags(alone) == [None, "yes"]


async def test_an_attempt_is_on_record_before_its_message_leaves(alone: Station) -> None:
    alone.post_office.answering.clear()
    async with alone.notifications() as notifications:
        await a_lockdown(alone)
        await notifications.hear()
        await alone.post_office.thinking.wait()
        assert [one["attempt"] for one in await notifications.events("NoticeAttempted")] == [1]
        assert await notifications.events("NoticeSent") == []
        alone.post_office.answering.set()
        await notifications.settled()
