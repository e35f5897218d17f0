"""The list of badges that open nothing: exact, followed change by change, and known how far each change has come."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from contracts import accreditation as theirs
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, LearnBadgeIssued, ReleaseBadge
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.record import badges as record
from services.access.domain.record.badges import Badge, BadgeLearned, RevocationSpread
from services.access.domain.revocations import RecordSpread, RevocationUnknown
from services.access.domain.venue import Venue
from services.access.revocations import Revocations, _changes
from tests.access.beating import HandMonotonic, beat, part_of, timed
from tests.access.controls import ANNA, BORIS, CHAU, DECIDER, VENUE, after, badge, learned, venue
from tests.access.running import Access, access_on, key_published
from tests.conftest import Database, Issuer
from tests.controls import NOW, eventually, given

A_BADGE, B_BADGE = badge(ANNA), badge(BORIS)


def changed(one: Badge, change: str, at_s: float = 0, **more: Any) -> LearnBadgeChanged:
    changed_at = NOW + timedelta(seconds=at_s)
    return LearnBadgeChanged(badge_id=one.badge_id, change=change, changed_at=changed_at, source_number=9, **more)


def listed(of: Venue) -> dict[UUID, tuple[str, int | None]]:
    barred = of.badges.revocations.barred
    return {badge_id: (one.reason, one.up_to_version) for badge_id, one in barred.items()}


# --- what is on it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commands", "entry"),
    [
        ([changed(A_BADGE, "revoked")], ("revoked", None)),
        ([changed(A_BADGE, "suspended")], ("suspended", None)),
        ([HoldBadge(badge_id=A_BADGE.badge_id)], ("held", None)),
        ([changed(A_BADGE, "lost", version=1)], ("lost", 1)),
        ([changed(A_BADGE, "stolen", version=1)], ("stolen", 1)),
        ([changed(A_BADGE, "replaced", version=2)], ("superseded", 1)),
        ([changed(A_BADGE, "stolen", version=1), changed(A_BADGE, "replaced", version=2)], ("superseded", 1)),
        ([changed(A_BADGE, "suspended"), changed(A_BADGE, "reinstated")], None),
        ([HoldBadge(badge_id=A_BADGE.badge_id), ReleaseBadge(badge_id=A_BADGE.badge_id)], None),
        ([changed(A_BADGE, "activated", version=1)], None),
    ],
)
def test_a_badge_is_on_it_while_it_opens_nothing(
    commands: list[VenueCommand], entry: tuple[str, int | None] | None
) -> None:
    of = after(venue(*learned(A_BADGE, B_BADGE)), *commands)

    assert listed(of) == ({} if entry is None else {A_BADGE.badge_id: entry})


def test_each_change_of_it_is_a_version_and_nothing_else_is() -> None:
    of = venue(*learned(A_BADGE, B_BADGE))
    assert of.badges.revocations.version == 0, "people with a badge are no change"

    versions = []
    for command in (
        changed(A_BADGE, "suspended"),
        changed(B_BADGE, "activated", version=1),
        changed(A_BADGE, "revoked"),
        changed(A_BADGE, "lost", version=1),  # it is revoked already
        HoldBadge(badge_id=B_BADGE.badge_id),
        ReleaseBadge(badge_id=B_BADGE.badge_id),
    ):
        of = after(of, command)
        versions.append(of.badges.revocations.version)

    assert versions == [1, 1, 2, 2, 3, 4]


happenings = st.lists(
    st.tuples(
        st.sampled_from((ANNA, BORIS, CHAU)),
        st.sampled_from(("suspended", "reinstated", "revoked", "lost", "replaced", "activated", "held", "released")),
    ),
    max_size=20,
)


@given_any(happenings, st.integers(0, 20))
def test_the_changes_after_any_version_lead_to_the_whole_list(
    happened: list[tuple[UUID, Any]], from_version: int
) -> None:
    """What a device has after it followed them is what it would be sent at once."""
    of = venue(*learned(*(badge(person) for person in (ANNA, BORIS, CHAU))))
    lists = [of.badges.revocations]
    for person, what in happened:
        one = of.badge_of(person)
        assert one is not None
        if what in {"held", "released"}:
            command: VenueCommand = (HoldBadge if what == "held" else ReleaseBadge)(badge_id=one.badge_id)
        else:
            version = one.version + 1 if what == "replaced" else one.version
            command = changed(one, what, version=version)
        of = after(of, command)
        if of.badges.revocations.version > lists[-1].version:
            lists.append(of.badges.revocations)
    start, end = lists[min(from_version, len(lists) - 1)], lists[-1]

    changes = _changes(end, start.version)

    followed = {badge_id: one for badge_id, one in start.barred.items() if badge_id not in changes.restored}
    assert {**followed, **changes.barred} == dict(end.barred)
    assert not changes.complete


def test_whoever_is_too_far_behind_is_sent_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_CHANGES_KEPT", 3)
    people = [badge(uuid4()) for _ in range(5)]
    of = venue(*learned(*people))
    for one in people:
        of = after(of, changed(one, "revoked"))
    list_ = of.badges.revocations

    assert [_changes(list_, version).complete for version in (None, 0, 1, 2, 5, 6)] == [
        True,
        True,
        True,
        False,
        False,
        True,  # of a log that there is no more
    ]
    assert len(_changes(list_, 1).barred) == 5
    assert len(_changes(list_, 2).barred) == len(list_.changed) == 3


def test_a_spread_is_on_record_once_a_change() -> None:
    revoked = BadgeLearned(badge=A_BADGE.model_copy(update={"revoked": True}), source_number=2)
    facts: dict[str, Any] = {
        "badge_id": A_BADGE.badge_id, "version": 1, "gates": 3, "reached": 3, "slowest_ms": 412, "silent": ()
    }  # fmt: skip

    given(DECIDER, *learned(A_BADGE), revoked).when(RecordSpread(**facts)).then(
        RevocationSpread(**facts, venue_id=VENUE)
    )
    given(DECIDER).when(RecordSpread(**facts)).then_refused(RevocationUnknown)


# --- followed -------------------------------------------------------------------------------------------------------

Alone = tuple[Access, HandMonotonic]


@pytest.fixture(scope="module")
async def alone(
    module_database: Database, people_issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Alone]:
    """The congress centre, with the seconds that a revocation takes in the hands of the tests."""
    async with access_on(module_database, people_issuer, tmp_path_factory.mktemp("access")) as access:
        clock = timed(access)
        async with access.leading():
            await access.lay_out()
            await access.hears(key_published())
            yield access, clock


async def revoked(access: Access) -> UUID:
    """A badge that has just been revoked."""
    one = badge(uuid4())
    await access.knows(one)
    await access.hears(
        theirs.BadgeRevoked(badge_id=one.badge_id, person_id=one.person_id, delegation_id="vn", reason="returned")
    )
    return one.badge_id


def version_of(access: Access) -> int:
    return access.gatekeeper.venue.badges.revocations.version


async def followed(access: Access, headers: dict[str, str], **asked: Any) -> httpx.Response:
    return await access.client.get("/v1/revocations", params=asked, headers=headers)


async def test_a_device_is_sent_the_whole_list_and_then_what_changes(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    first = await revoked(access)

    whole = (await followed(access, headers)).json()
    second = await revoked(access)
    change = (await followed(access, headers, after=whole["version"])).json()

    assert (whole["complete"], whole["version"] + 1) == (True, change["version"])
    assert {"badge_id": str(first), "reason": "revoked", "up_to_version": None} in whole["barred"]
    assert change == {
        "version": version_of(access),
        "complete": False,
        "barred": [{"badge_id": str(second), "reason": "revoked", "up_to_version": None}],
        "restored": [],
    }


async def test_a_badge_that_opens_something_again_is_taken_off(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    one = badge(uuid4())
    await access.knows(one)
    about = {"badge_id": one.badge_id, "person_id": one.person_id}
    await access.hears(theirs.BadgeSuspended(**about, reason="lost_sight"))
    before = version_of(access)
    await access.hears(theirs.BadgeReinstated(**about))

    change = (await followed(access, headers, after=before)).json()

    assert (change["barred"], change["restored"]) == ([], [str(one.badge_id)])


async def somebody_waits(access: Access) -> None:
    await eventually(lambda: part_of(access, Revocations)._changed._waiters)


async def test_a_device_that_waits_is_told_at_once(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    waiting = asyncio.create_task(followed(access, headers, after=version_of(access), wait=25))
    await somebody_waits(access)
    begun = time.monotonic()

    one = await revoked(access)
    answer = (await waiting).json()

    assert [barred["badge_id"] for barred in answer["barred"]] == [str(one)]
    assert time.monotonic() - begun < 5, "long before its time was up"


async def test_a_device_that_waits_for_nothing_is_answered_when_its_time_is_up(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    begun = time.monotonic()

    answer = (await followed(access, headers, after=version_of(access), wait=0.2)).json()

    assert time.monotonic() - begun >= 0.2
    assert (answer["complete"], answer["barred"], answer["version"]) == (False, [], version_of(access))


async def test_a_process_that_is_to_stop_lets_nobody_wait(alone: Alone) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")
    access.host.stopping.set()
    try:
        assert (await asyncio.wait_for(followed(access, headers, after=version_of(access), wait=25), 5)).is_success
    finally:
        access.host.stopping.clear()


async def test_a_device_that_is_cut_off_while_it_waits_is_told_nothing(alone: Alone) -> None:
    access, _ = alone
    device_id, headers = await access.enrolled("main")
    waiting = asyncio.create_task(followed(access, headers, after=version_of(access), wait=25))
    await somebody_waits(access)

    await access.did(f"/v1/devices/{device_id}/cut-off", {}, "supervisor")
    await revoked(access)

    assert (await waiting).json()["code"] == "token_invalid"


@pytest.mark.parametrize("asked", [{"wait": 26}, {"wait": -1}, {"after": -1}, {"after": "x"}], ids=str)
async def test_what_cannot_be_waited_for_is_not(alone: Alone, asked: dict[str, Any]) -> None:
    access, _ = alone
    _, headers = await access.enrolled("main")

    assert (await followed(access, headers, **asked)).status_code == 422


# --- how far it has come --------------------------------------------------------------------------------------------


async def spread(access: Access, badge_id: UUID) -> dict[str, Any]:
    answer: dict[str, Any] = (await access.get(f"/v1/revocations/{badge_id}", "operations")).json()
    return answer


async def recorded(access: Access, badge_id: UUID) -> list[dict[str, Any]]:
    return [one for one in await access.recorded("RevocationSpread") if one["badge_id"] == str(badge_id)]


async def under_way(access: Access, badge_id: UUID) -> None:
    """Until it is measured how long it takes."""
    await eventually(lambda: badge_id in part_of(access, Revocations)._ways)


async def test_how_far_a_revocation_has_come(alone: Alone) -> None:
    """Three gates, one of them with two devices; a fourth whose device is silent."""
    access, clock = alone
    clock.passes(100)  # whoever was heard of by other tests is silent now
    one, two, three, four = [await access.enrolled(gate) for gate in ("main", "hall-east", "hall-east", "expo-door")]
    silent, _ = await access.enrolled("stage-door")
    for _, headers in (one, two, three, four):
        await beat(access, headers)
    before = version_of(access)
    badge_id = await revoked(access)
    await under_way(access, badge_id)

    for (_, headers), after_s in ((one, 0.1), (two, 0.1), (four, 0.2)):
        clock.passes(after_s)
        await beat(access, headers)
    clock.passes(0.1)
    await beat(access, three[1], revocation_version=before)  # it has not taken it in yet
    now = (await spread(access, badge_id))["now"]

    assert now["summary"] == "2 of 3 gates have it, slowest 0.4 s"
    assert {device["device_id"]: device["has_it"] for device in now["devices"]} == {
        one[0]: True, two[0]: True, three[0]: False, four[0]: True
    }  # fmt: skip
    assert silent in {device["device_id"] for device in now["silent"]}
    assert await recorded(access, badge_id) == []

    clock.passes(0.3)
    await beat(access, three[1])
    (told,) = await eventually(lambda: recorded(access, badge_id))

    assert (told["gates"], told["reached"], told["slowest_ms"]) == (3, 3, 800)
    assert silent in told["silent"]
    assert (await spread(access, badge_id))["recorded"]["slowest_ms"] == 800


async def test_after_half_a_minute_it_is_on_record_who_has_it(alone: Alone) -> None:
    access, clock = alone
    clock.passes(100)
    one, two = await access.enrolled("main"), await access.enrolled("hall-east")
    for _, headers in (one, two):
        await beat(access, headers)
    before = version_of(access)
    badge_id = await revoked(access)
    await under_way(access, badge_id)
    clock.passes(2)
    await beat(access, one[1])

    clock.passes(27)
    await beat(access, two[1], revocation_version=before)
    assert await recorded(access, badge_id) == []
    clock.passes(2)
    (told,) = await eventually(lambda: recorded(access, badge_id))

    assert (told["gates"], told["reached"], told["slowest_ms"]) == (2, 1, 2000)


async def test_a_version_that_there_is_not_yet_is_acknowledged_by_nobody(alone: Alone) -> None:
    """A device that followed a log which was restored since."""
    access, clock = alone
    clock.passes(100)
    _, headers = await access.enrolled("main")
    await beat(access, headers, revocation_version=10**6)
    badge_id = await revoked(access)
    await under_way(access, badge_id)

    await beat(access, headers, revocation_version=10**6)

    assert (await spread(access, badge_id))["now"]["summary"] == "0 of 1 gates have it"


async def test_of_a_badge_that_was_never_revoked_there_is_nothing_to_tell(alone: Alone) -> None:
    access, _ = alone

    answer = await access.get(f"/v1/revocations/{uuid4()}", "operations")

    assert (answer.status_code, answer.json()["code"]) == (404, "revocation_unknown")


async def test_who_begins_to_lead_measures_nothing_that_was_on_record(access: Access) -> None:
    async with access.leading():
        await access.lay_out()
        await access.hears(key_published())
        await access.enrolled("main")
        badge_id = await revoked(access)

    async with access.leading():
        await eventually(lambda: part_of(access, Revocations)._started is not None)
        other = await revoked(access)
        await under_way(access, other)

        assert badge_id not in part_of(access, Revocations)._ways


def test_a_badge_issued_again_is_no_change() -> None:
    """Control for the versions: learning is idempotent."""
    of = venue(*learned(A_BADGE))
    issue = LearnBadgeIssued(
        **A_BADGE.model_dump(include=set(LearnBadgeIssued.model_fields) - {"source_number"}), source_number=3
    )

    assert after(of, issue).badges.revocations == of.badges.revocations
