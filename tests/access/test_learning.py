"""Access learns from accreditation: each fact is on record before it is used; what cannot be followed is held."""

from dataclasses import replace
from uuid import uuid4

import pytest

from chassis.log.obey import UnavailableError
from contracts import accreditation as theirs
from contracts.envelope import Envelope
from services.access.domain.record.badges import Badge
from tests.access.controls import MAIN, badge
from tests.access.running import Access, credential, issued, key_published


async def opened(access: Access) -> Badge:
    """The doors are open and somebody has a badge."""
    await access.lay_out()
    await access.hears(key_published())
    one = badge(uuid4())
    await access.knows(one)
    return one


def suspended(one: Badge) -> theirs.BadgeSuspended:
    return theirs.BadgeSuspended(badge_id=one.badge_id, person_id=one.person_id, reason="lost_sight")


async def outcome(access: Access, one: Badge) -> str:
    verdict = await access.scan(credential(one), MAIN, "in")
    return verdict["reason"] or str(verdict["outcome"])


def garbled(envelope: Envelope, subject: str | None = None) -> Envelope:
    """An event that nobody can read, about the same thing."""
    return replace(envelope, data=b'{"badge_id": "nonsense"}', subject=subject or envelope.subject)


async def test_what_is_learned_is_on_record_with_its_number(access: Access) -> None:
    async with access.leading():
        one = await opened(access)

        facts = await access.recorded("BadgeLearned")

    assert [fact["source_number"] for fact in facts] == [2, 3]
    assert [fact["badge"]["holding"] for fact in facts] == ["issued", "active"]
    assert facts[-1]["badge"]["badge_id"] == str(one.badge_id)


async def test_what_is_told_again_is_learned_once(access: Access) -> None:
    async with access.leading():
        one = await opened(access)
        first = access.reader.number + 1
        again = [access.envelope(event, number) for number, event in enumerate([suspended(one)], first)]
        before = (await access.host.log.head()).position
        for _ in range(3):
            await access.reader.take(again)

        assert (await access.host.log.head()).position == before + 1
        assert await outcome(access, one) == "credential_suspended"


async def test_an_event_that_nobody_can_read_holds_its_badge_and_no_other(access: Access) -> None:
    async with access.leading():
        one, other = await opened(access), badge(uuid4())
        await access.knows(other)
        number = access.reader.number + 1

        await access.reader.take([garbled(access.envelope(suspended(one), number))])

        assert await outcome(access, one) == "credential_suspended"
        assert await outcome(access, other) == "admitted"
        assert access.reader.parked == 1
        assert "accreditation:dead_letters" in access.host.degraded()


async def test_given_up_by_an_operator_it_opens_again(access: Access) -> None:
    async with access.leading():
        one = await opened(access)
        about = f"badge-{one.badge_id}"
        await access.reader.take([garbled(access.envelope(suspended(one), access.reader.number + 1))])

        answer = await access.did("/v1/dead-letters/discard", {"source": "accreditation", "about": about})

        assert answer == {"discarded": 1}
        assert await outcome(access, one) == "admitted"


async def test_a_change_of_a_badge_nobody_told_us_of_is_parked(access: Access) -> None:
    async with access.leading():
        await opened(access)
        stranger = badge(uuid4())

        await access.hears(suspended(stranger))

        assert access.reader.parked == 1
        assert await outcome(access, stranger) == "credential_unknown"


async def test_what_comes_behind_a_parked_event_waits_for_it_in_order(access: Access) -> None:
    async with access.leading():
        one = await opened(access)
        about = f"badge-{one.badge_id}"
        await access.reader.take([garbled(access.envelope(suspended(one), access.reader.number + 1))])
        await access.hears(theirs.BadgeReinstated(badge_id=one.badge_id, person_id=one.person_id))

        assert await outcome(access, one) == "credential_suspended"
        still = await access.post("/v1/dead-letters/retry", {"source": "accreditation", "about": about})
        assert (still.status_code, still.json()["code"]) == (409, "still_poisoned")
        assert await outcome(access, one) == "credential_suspended"


async def test_an_unreadable_event_about_nothing_we_know_is_parked_and_the_rest_goes_on(access: Access) -> None:
    async with access.leading():
        one = await opened(access)
        for subject in ("badge-nonsense", "person-nonsense", "weather"):
            number = access.reader.number + 1
            await access.reader.take([garbled(access.envelope(suspended(one), number), subject)])

        assert access.reader.parked == 3
        assert await outcome(access, one) == "admitted"


async def test_many_events_in_one_batch_are_learned_in_their_order(access: Access) -> None:
    async with access.leading():
        one = await opened(access)
        who = {"badge_id": one.badge_id, "person_id": one.person_id}
        story = [suspended(one), theirs.BadgeReinstated(**who)] * 20

        await access.hears(*story, theirs.BadgeReplaced(**who, version=2), theirs.BadgeActivated(**who, version=2))

        known = access.gatekeeper.venue.badges.known[one.badge_id]
        assert (known.version, known.holding, known.suspended) == (2, "active", False)
        assert len(await access.recorded("BadgeLearned")) == 2 + len(story) + 2


async def test_one_poisoned_event_in_a_batch_changes_nothing_about_the_others(access: Access) -> None:
    async with access.leading():
        one, other = await opened(access), badge(uuid4())
        number = access.reader.number
        events = [*issued(other), suspended(other), suspended(one)]
        batch = [access.envelope(event, number + index) for index, event in enumerate(events, 1)]
        batch.insert(2, garbled(access.envelope(suspended(one), number + 3)))
        batch = [replace(envelope, number=number + index) for index, envelope in enumerate(batch, 1)]

        await access.reader.take(batch)

        assert await outcome(access, other) == "credential_suspended"
        assert [event["badge"]["suspended"] for event in await access.recorded("BadgeLearned")][-3:].count(True) == 1
        assert access.gatekeeper.venue.badges.known[one.badge_id].held


async def test_while_nobody_leads_nothing_is_learned_and_nothing_is_lost(access: Access) -> None:
    async with access.leading():
        one = await opened(access)
    number = access.reader.number
    with pytest.raises(UnavailableError):
        await access.hears(suspended(one))
    assert (access.reader.number, access.reader.parked) == (number, 0)
    async with access.leading():
        await access.hears(suspended(one))
        assert await outcome(access, one) == "credential_suspended"
