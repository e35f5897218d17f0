"""Sending, with a mail server that behaves as mail servers do."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import REGISTRY

from tests.controls import eventually
from tests.notifications.conftest import House, Notifications, Station
from tests.notifications.post_office import ACCEPTED
from tests.notifications.test_audiences import sample

OPERATIONS, LIAISON = "operations@host.example", "liaison@un.example"
LATER = f"451 4.7.1 try again later, dear {OPERATIONS}"
NEVER = f"550 5.1.1 {OPERATIONS} is unknown here"


async def a_lockdown(station: Station) -> None:
    """Two notices: operations and the liaison must know."""
    await station.access.says(sample("access.LockdownDeclared.v1"))


async def outcome_for(notifications: Notifications, recipient: str) -> dict[str, Any]:
    """How the one notice to this person, delegation or duty ended."""
    (queued,) = [one for one in await notifications.events("NoticeQueued") if one["recipient"]["id"] == recipient]
    (outcome,) = [
        event
        for kind in ("NoticeSent", "NoticeFailed")
        for event in await notifications.events(kind)
        if event["notice_id"] == queued["notice_id"]
    ]
    return outcome


def answers(*said: str) -> Callable[[object], str]:
    """One after the other, then the last one again and again."""
    left: Iterator[str] = iter(said)
    last = [ACCEPTED]

    def answer(_to: object) -> str:
        last[0] = next(left, last[0])
        return last[0]

    return answer


def to_operations(*said: str) -> Callable[[str], str]:
    """These answers to one recipient; the other is always welcome."""
    theirs = answers(*said)
    return lambda address: theirs(address) if address == OPERATIONS else ACCEPTED


def flags(station: Station) -> list[str | None]:
    """Of each message, whether it says that it may be a repeat."""
    return [message["Placet-Possible-Repeat"] for message in station.post_office.mail]


async def test_messages_go_out_in_three_languages(house: House) -> None:
    async with house.notifications() as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        for language in ("en", "fr", "vi"):
            await house.accreditation.grant(email=f"{language}@fr.example", language=language)
        await notifications.hear_and_send()

    subjects = {message["To"].addresses[0].username: message["Subject"] for message in house.post_office.mail}
    assert subjects == {
        "dao": "Participation confirmée\u00a0: France",
        "en": "Your accreditation has been granted",
        "fr": "Votre accréditation a été accordée",
        "vi": "Việc đăng ký tham dự của Ông/Bà đã được chấp thuận",
    }


async def test_many_messages_share_a_few_connections(station: Station) -> None:
    async with station.notifications(smtp_connections=3) as notifications:
        for _ in range(20):
            await a_lockdown(station)
        await notifications.hear_and_send()

    assert len(station.post_office.mail) == 40
    assert station.post_office.dialogues <= 3


async def test_notices_are_sent_in_the_order_of_queueing_and_to_those_on_duty_first(house: House) -> None:
    await house.post_office.close()
    async with house.notifications() as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        await house.accreditation.grant()
        await notifications.hear()
        await a_lockdown(house)
        await notifications.hear()
        places = {one["notice_id"]: at for at, one in enumerate(await notifications.events("NoticeQueued"))}
    await house.post_office.open()
    async with house.notifications(smtp_connections=1) as restarted:
        await restarted.settled()

    sent = [message["Message-ID"].strip("<>").split("@")[0] for message in house.post_office.mail]
    assert set(house.post_office.recipients[:2]) == {OPERATIONS, LIAISON}
    assert [places[notice] for notice in sent] == [2, 3, 0, 1]


async def test_a_server_that_is_down_burns_no_attempt(station: Station, impatient: Callable[..., None]) -> None:
    impatient()
    await station.post_office.close()
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear()
        sender = notifications.sender
        await eventually(lambda: sender._server_away >= 3, says="the sender did not notice that nobody answers")
        assert "mail_server" in sender.lacks
        assert await notifications.events("NoticeAttempted") == []

        await station.post_office.open()
        await notifications.settled()
        assert sender.lacks == []
        assert [one["attempts"] for one in await notifications.events("NoticeSent")] == [1, 1]


async def test_a_server_that_takes_nothing_from_us_burns_no_attempt(
    station: Station, impatient: Callable[..., None]
) -> None:
    impatient()
    station.post_office.to_sender = "530 5.7.0 authentication required"
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear()
        await eventually(lambda: notifications.sender._server_away >= 3)
        assert await notifications.events("NoticeAttempted") == []

        station.post_office.to_sender = "250 OK"
        await notifications.settled()
    assert len(station.post_office.mail) == 2


async def test_a_connection_that_died_while_idle_costs_neither_an_attempt_nor_a_wait(
    station: Station, impatient: Callable[..., None]
) -> None:
    impatient(SERVER_AWAY_S=(3600,))
    async with station.notifications(smtp_connections=1) as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()
        station.post_office.hang_up()
        await a_lockdown(station)
        await notifications.hear_and_send()

        assert [one["attempts"] for one in await notifications.events("NoticeSent")] == [1, 1, 1, 1]
    assert station.post_office.dialogues == 2


async def test_a_recipient_that_is_put_off_is_tried_again_and_holds_up_nobody(
    station: Station, impatient: Callable[..., None]
) -> None:
    impatient()
    station.post_office.to_recipient = to_operations(LATER, LATER, ACCEPTED)
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()

        assert (await outcome_for(notifications, "operations"))["attempts"] == 3
        assert (await outcome_for(notifications, "liaison"))["attempts"] == 1
        deferred = await notifications.events("NoticeDeferred")
        assert [(one["reason"], one["maybe_delivered"]) for one in deferred] == [("recipient_refused", False)] * 2
    assert station.post_office.recipients == [LIAISON, OPERATIONS]
    assert flags(station) == [None, None]


async def test_a_notice_waits_a_second_of_real_time_after_its_first_attempt(station: Station) -> None:
    station.post_office.to_recipient = to_operations(LATER, ACCEPTED)
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()
        recorded = await notifications.host.log.read(0, 100)

    (deferred,) = [event for event in recorded if event.type == "NoticeDeferred"]
    again = [event for event in recorded if event.type == "NoticeAttempted"][-1]
    until = datetime.fromisoformat(json.loads(deferred.data)["until"])
    assert 0.5 < (until - deferred.recorded_at).total_seconds() <= 1.0
    assert again.recorded_at >= until


async def test_a_recipient_that_is_refused_for_good_fails_at_once(station: Station) -> None:
    station.post_office.to_recipient = to_operations(NEVER)
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()

        outcome = await outcome_for(notifications, "operations")
        assert (outcome["reason"], outcome["attempts"], outcome["language"]) == ("recipient_refused", 1, "vi")
    assert station.post_office.recipients == [LIAISON]


async def test_a_message_that_is_refused_for_good_fails_at_once(station: Station) -> None:
    station.post_office.to_message = answers("554 5.7.1 we do not like your words")
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()

        assert [one["reason"] for one in await notifications.events("NoticeFailed")] == ["message_refused"] * 2


async def test_after_eight_attempts_a_notice_fails(station: Station, impatient: Callable[..., None]) -> None:
    impatient()
    station.post_office.to_recipient = to_operations(LATER)
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()

        outcome = await outcome_for(notifications, "operations")
        assert (outcome["reason"], outcome["attempts"]) == ("recipient_refused", 8)
    assert station.post_office.recipients == [LIAISON]


async def test_somebody_who_was_erased_gets_no_message(house: House) -> None:
    async with house.notifications() as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        nomination = await house.accreditation.nominate()
        person = await house.accreditation.person_of(nomination)
        await house.accreditation.clear_and_grant(nomination)
        await house.accreditation.erase(person)
        await notifications.hear_and_send()

        outcome = await outcome_for(notifications, str(person))
        assert (outcome["reason"], outcome["attempts"], outcome["language"]) == ("no_address", 1, "en")
    assert house.post_office.recipients == ["dao@fr.example"]


async def test_a_delegation_without_a_focal_point_fails_so_that_somebody_sees_it(house: House) -> None:
    names = {"en": "France", "fr": "France", "vi": "Pháp"}
    body = {"delegation_id": "fr", "kind": "state", "names": names, "language": "fr"}
    async with house.notifications() as notifications:
        await house.accreditation.post("/v1/delegations", body)
        await house.accreditation.confirm()
        await notifications.hear_and_send()

        assert (await outcome_for(notifications, "fr"))["reason"] == "no_address"


async def test_while_accreditation_is_away_those_on_duty_hear_and_the_others_wait(house: House) -> None:
    async with house.notifications(accreditation_url="http://127.0.0.1:1") as notifications:
        await house.accreditation.invite()
        await house.accreditation.confirm()
        await a_lockdown(house)
        await notifications.hear()
        await eventually(lambda: len(house.post_office.mail) == 2, says="those on duty were not told")
        await eventually(lambda: "addresses" in notifications.sender.lacks)
        assert set(house.post_office.recipients) == {OPERATIONS, LIAISON}
        assert len(await notifications.events("NoticeAttempted")) == 2, "the others were tried without an address"
    async with house.notifications() as restarted:
        await restarted.settled()
    assert house.post_office.recipients[2:] == ["dao@fr.example"]


async def test_a_queue_goes_on_where_it_was_after_a_restart(station: Station) -> None:
    await station.post_office.close()
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await a_lockdown(station)
        await notifications.hear()
    await station.post_office.open()
    async with station.notifications() as restarted:
        await restarted.settled()

    assert len(station.post_office.mail) == 4
    assert set(station.post_office.copies().values()) == {1}


async def answer_once_told_to_stop(station: Station, notifications: Notifications) -> None:
    await eventually(notifications.sending.cancelling)
    station.post_office.answering.set()


async def test_told_to_stop_it_finishes_the_message_it_began(station: Station) -> None:
    station.post_office.answering.clear()
    async with station.notifications(smtp_connections=1) as notifications:
        await a_lockdown(station)
        await notifications.hear()
        await station.post_office.thinking.wait()
        answering = asyncio.create_task(answer_once_told_to_stop(station, notifications))
    await answering
    async with station.notifications() as restarted:
        await restarted.settled()
        assert [one["attempts"] for one in await restarted.events("NoticeSent")] == [1, 1]

    assert set(station.post_office.copies().values()) == {1}
    assert flags(station) == [None, None]


async def test_what_was_sent_put_off_and_given_up_is_counted(station: Station, impatient: Callable[..., None]) -> None:
    impatient()

    def now() -> list[float]:
        template, reason = "lockdown_declared", "recipient_refused"
        samples: list[tuple[str, dict[str, str]]] = [
            ("placet_notices_sent_total", {"template": template, "language": "en"}),
            ("placet_notices_failed_total", {"template": template, "reason": reason}),
            ("placet_notices_deferred_total", {"reason": reason}),
        ]
        return [REGISTRY.get_sample_value(name, labels) or 0.0 for name, labels in samples]

    before = now()
    station.post_office.to_recipient = to_operations(LATER, NEVER)
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear_and_send()

    assert [after - was for after, was in zip(now(), before, strict=True)] == [1, 1, 1]


async def test_the_length_of_the_queue_is_shown_by_whoever_leads(
    station: Station, impatient: Callable[..., None]
) -> None:
    impatient()
    await station.post_office.close()
    async with station.notifications() as notifications:
        await a_lockdown(station)
        await notifications.hear()
        await eventually(lambda: REGISTRY.get_sample_value("placet_notices_waiting") == 2)
    assert REGISTRY.get_sample_value("placet_notices_waiting") == 0
