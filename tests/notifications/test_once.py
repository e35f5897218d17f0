"""One notice and one message an event and recipient: however often the event arrives, whatever starts again."""

import asyncio
from uuid import UUID, uuid4

import pytest

from chassis.log.postgres import PostgresLog
from chassis.run.clock import RealClock
from services.notifications import reactions
from services.notifications.commands import Notices
from services.notifications.domain.notice import NoticeQueued, Recipient
from tests.notifications.conftest import House, Notifications, Station
from tests.notifications.test_audiences import sample


async def something_happens(house: House) -> None:
    """Six notices, to four addresses."""
    await house.accreditation.invite()
    await house.accreditation.confirm()
    nomination = await house.accreditation.grant()
    badge = (await house.accreditation.post("/v1/badges", {"nomination_id": nomination}))["badge_id"]
    await house.accreditation.post(f"/v1/badges/{badge}/revocation", {"reason": "misuse"})


EXPECTED = [
    "dao@fr.example",
    "dao@fr.example",
    "hoa@fr.example",
    "hoa@fr.example",
    "liaison@un.example",
    "operations@host.example",
]


async def everything_is_heard_again(house: House) -> None:
    async with house.notifications() as notifications:
        await something_happens(house)
        await notifications.hear_and_send()
        await notifications.hear()
        await notifications.forget_what_it_heard()
        await notifications.hear_and_send()
    async with house.notifications() as restarted:
        await restarted.hear()
        await restarted.forget_what_it_heard()
        await restarted.hear_and_send()


async def test_an_event_heard_again_and_a_reader_that_starts_again_send_nothing_twice(house: House) -> None:
    await everything_is_heard_again(house)

    assert sorted(house.post_office.recipients) == EXPECTED
    assert set(house.post_office.copies().values()) == {1}


async def test_with_random_notice_ids_that_would_be_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: the same road, with the one thing taken away that keeps it from sending twice."""

    def random_id(_source_event_id: UUID, _recipient: Recipient) -> UUID:
        return uuid4()

    monkeypatch.setattr(reactions, "notice_id", random_id)

    await everything_is_heard_again(house)

    assert sorted(house.post_office.recipients) == sorted(EXPECTED * 3)


async def test_of_two_processes_that_begin_an_attempt_one_does(station: Station) -> None:
    await station.post_office.close()
    async with station.notifications() as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear()
        notice = await the_first_notice(notifications)
        processes = [Notices(PostgresLog(station.database.pool), RealClock()) for _ in range(5)]

        begun = await asyncio.gather(*(process.begin(notice, 1, "en", None) for process in processes))

    assert len([attempt for attempt in begun if attempt is not None]) == 1


async def test_an_attempt_that_another_process_began_is_not_ours_to_send(station: Station) -> None:
    async with station.notifications(smtp_connections=1) as notifications:
        other = Notices(PostgresLog(station.database.pool), RealClock())

        async def is_faster() -> None:
            station.post_office.before_sender = None
            assert await other.begin(await the_first_notice(notifications), 1, "en", None)

        station.post_office.before_sender = is_faster
        await station.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear_and_send()

        attempts = {one["notice_id"]: one["attempts"] for one in await notifications.events("NoticeSent")}
        first = await the_first_notice(notifications)
        assert attempts[str(first.notice_id)] == 2, "the other's attempt, of which nobody heard, and ours after it"
    flags = {message["Message-ID"]: message["Placet-Possible-Repeat"] for message in station.post_office.mail}
    assert sorted(flags.values(), key=str) == [None, "yes"]
    assert set(station.post_office.copies().values()) == {1}


async def the_first_notice(notifications: Notifications) -> NoticeQueued:
    return NoticeQueued.model_validate((await notifications.events("NoticeQueued"))[0])


async def test_somebody_put_on_duty_later_is_not_told_what_was_told_before(station: Station) -> None:
    async with station.notifications() as notifications:
        await station.access.says(sample("access.LockdownDeclared.v1"))
        await notifications.hear_and_send()
        duty_file = station.settings.duty_contacts_file
        assert duty_file is not None
        duty_file.write_text('[{"duty": "gate-chief", "email": "gates@host.example", "language": "vi"}]')
        await station.access.says(sample("access.ZoneCapacityReached.v1"))
        await notifications.hear_and_send()

    assert station.post_office.recipients[2:] == ["gates@host.example"]
