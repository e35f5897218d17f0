"""The programme opens rooms: for a time, to those whom a session admits. Moved or cancelled, its rights go with it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.access.domain.layout import ZoneUnknown
from services.access.domain.programme import CancelSession, ScheduleSession, SessionEndsBeforeItStarts
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Gate
from services.access.domain.record.programme import Session, SessionCancelled, SessionScheduled
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    DECIDER,
    EAST,
    EVERYWHERE,
    EXPO,
    EXPO_DOOR,
    HALL,
    LAYOUT,
    MAIN,
    VENUE,
    after,
    badge,
    learned,
    scan,
    scanned,
    venue,
    went_in,
    zone_defined,
)
from tests.access.running import Access, credential
from tests.controls import NOW, given

NINE = datetime(2025, 10, 25, 9, 0, tzinfo=NOW.tzinfo)
TEN = NINE + timedelta(hours=1)
ELEVEN = NINE + timedelta(hours=2)
TITLES = {"en": "Round table", "fr": "Table ronde", "vi": "Bàn tròn"}
ROUND_TABLE = Session(
    session_id="round-table-04",
    zone_id="hall",
    titles=TITLES,
    starts_at=NINE,
    ends_at=TEN,
    categories=("adviser",),
)
NO_AREA = ("per",)
ADVISER = badge(ANNA, category="adviser", areas=NO_AREA)
EXPERT = badge(BORIS, category="expert", areas=NO_AREA)
BY_SESSION = zone_defined(HALL.model_copy(update={"by_session": True}))


def planned(session: Session = ROUND_TABLE, **changed: Any) -> Session:
    return session.model_copy(update=changed)


def scheduled(session: Session, *, moved: bool = False) -> SessionScheduled:
    return SessionScheduled(session=session, venue_id=VENUE, moved=moved)


def test_a_session_is_planned() -> None:
    given(DECIDER, *LAYOUT).when(ScheduleSession(session=ROUND_TABLE)).then(scheduled(ROUND_TABLE))


def test_a_session_is_not_planned_for_a_room_that_is_not_there() -> None:
    given(DECIDER, *LAYOUT).when(ScheduleSession(session=planned(zone_id="cellar"))).then_refused(ZoneUnknown)


@pytest.mark.parametrize("ends_at", [NINE, NINE - timedelta(minutes=1)])
def test_a_session_lasts(ends_at: datetime) -> None:
    command = ScheduleSession(session=planned(ends_at=ends_at))

    given(DECIDER, *LAYOUT).when(command).then_refused(SessionEndsBeforeItStarts)


@pytest.mark.parametrize("to", [{"zone_id": "expo"}, {"ends_at": ELEVEN}, {"starts_at": NINE - timedelta(minutes=5)}])
def test_a_session_is_moved_to_another_room_or_time(to: dict[str, Any]) -> None:
    before = given(DECIDER, *LAYOUT, scheduled(ROUND_TABLE))

    before.when(ScheduleSession(session=planned(**to))).then(scheduled(planned(**to), moved=True))


@pytest.mark.parametrize("to", [{"delegations": ("fr",)}, {"doors_minutes": 30}, {"titles": {**TITLES, "en": "Table"}}])
def test_a_session_that_admits_others_stays_where_it_is(to: dict[str, Any]) -> None:
    before = given(DECIDER, *LAYOUT, scheduled(ROUND_TABLE))

    before.when(ScheduleSession(session=planned(**to))).then(scheduled(planned(**to), moved=False))


def test_a_session_is_cancelled() -> None:
    cancelled = SessionCancelled(session_id="round-table-04", zone_id="hall", venue_id=VENUE)

    given(DECIDER, *LAYOUT, scheduled(ROUND_TABLE)).when(CancelSession(session_id="round-table-04")).then(cancelled)
    given(DECIDER, *LAYOUT).when(CancelSession(session_id="round-table-04")).then()


def test_each_change_of_the_programme_is_a_new_policy() -> None:
    before = venue()
    once = after(before, ScheduleSession(session=ROUND_TABLE))
    twice = after(once, CancelSession(session_id="round-table-04"))

    assert [one.policy_version - before.policy_version for one in (once, twice)] == [1, 2]


def at_the_hall(before: Venue, shown: Badge, now: datetime, at: Gate = EAST) -> str | None:
    """Why somebody on the grounds is refused at that time, or None."""
    inside = went_in(before, shown, MAIN)
    return scanned(inside, scan(shown, at, now=now)).record.reason


def centre(*sessions: Session, also: tuple[VenueEvent, ...] = ()) -> Venue:
    return venue(*learned(ADVISER, EXPERT), *also, *map(scheduled, sessions))


DOORS = NINE - timedelta(minutes=15)
BEFORE_THE_DOORS = DOORS - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (BEFORE_THE_DOORS, "session_not_open"),
        (DOORS, None),
        (NINE, None),
        (TEN - timedelta(seconds=1), None),
        (TEN, "session_not_open"),
    ],
)
def test_it_opens_its_room_to_those_it_admits_from_the_doors_to_its_end(now: datetime, reason: str | None) -> None:
    assert at_the_hall(centre(ROUND_TABLE), ADVISER, now) == reason


def test_it_admits_nobody_else() -> None:
    assert at_the_hall(centre(ROUND_TABLE), EXPERT, NINE) == "session_not_granted"
    assert at_the_hall(centre(), ADVISER, NINE) == "zone_not_granted"


@pytest.mark.parametrize(
    "admits",
    [{"categories": ("expert",)}, {"delegations": ("vn",)}, {"people": (BORIS,)}],
    ids=lambda one: next(iter(one)),
)
def test_it_admits_categories_delegations_or_people(admits: dict[str, Any]) -> None:
    nobody: dict[str, Any] = {"categories": (), "delegations": ("fr",), "people": (CHAU,)}

    assert at_the_hall(centre(planned(**nobody)), EXPERT, NINE) == "session_not_granted"
    assert at_the_hall(centre(planned(**nobody | admits)), EXPERT, NINE) is None


def test_a_session_without_a_list_is_for_everybody_whom_the_area_lets_in() -> None:
    entitled = badge(CHAU, areas=EVERYWHERE)
    before = venue(*learned(EXPERT, entitled), BY_SESSION, scheduled(planned(categories=())))

    assert at_the_hall(before, entitled, NINE) is None
    assert at_the_hall(before, entitled, ELEVEN) == "session_not_open"
    assert at_the_hall(before, EXPERT, NINE) == "session_not_granted"


def test_when_it_moves_its_rights_do_at_once() -> None:
    before = centre(ROUND_TABLE)

    later = after(before, ScheduleSession(session=planned(starts_at=TEN, ends_at=ELEVEN)))
    elsewhere = after(before, ScheduleSession(session=planned(zone_id="expo")))

    assert at_the_hall(before, ADVISER, NINE) is None
    assert at_the_hall(later, ADVISER, NINE) == "session_not_open"
    assert at_the_hall(later, ADVISER, TEN) is None
    assert at_the_hall(elsewhere, ADVISER, NINE) == "zone_not_granted"
    assert at_the_hall(elsewhere, ADVISER, NINE, EXPO_DOOR) is None
    assert EXPO.area not in ADVISER.areas


def test_when_it_is_cancelled_its_rights_are_gone_at_once() -> None:
    after_all = after(centre(ROUND_TABLE), CancelSession(session_id="round-table-04"))

    assert at_the_hall(after_all, ADVISER, NINE) == "zone_not_granted"


def test_whoever_is_inside_leaves_as_they_please() -> None:
    inside = went_in(centre(planned(starts_at=NOW, ends_at=TEN)), ADVISER, MAIN, EAST)
    over = after(inside, CancelSession(session_id="round-table-04"))

    assert scanned(over, scan(ADVISER, EAST, "out", now=ELEVEN)).record.outcome == "exited"


def body(**changed: Any) -> dict[str, Any]:
    return {**ROUND_TABLE.model_dump(mode="json"), **changed}


async def test_protocol_plans_moves_and_cancels_over_http(centre: Access) -> None:
    guest = badge(UUID(int=0xA0), badge_id=UUID(int=0xA1), category="adviser", areas=NO_AREA)
    await centre.knows(guest)
    await centre.scan(credential(guest), MAIN)

    async def verdict() -> str | None:
        answer = await centre.scan(credential(guest), EAST)
        reason: str | None = answer["reason"]
        if reason is None:
            await centre.scan(credential(guest), EAST, "out")
        return reason

    assert await verdict() == "zone_not_granted"
    await centre.did("/v1/sessions", body(starts_at="2025-10-25T15:20:00+07:00"), "protocol")
    assert await verdict() is None
    await centre.did("/v1/sessions", body(starts_at="2025-10-25T16:00:00+07:00"), "protocol")
    assert await verdict() == "session_not_open"
    planned = {one["session_id"]: one for one in (await centre.get("/v1/sessions")).json()}
    assert planned["round-table-04"]["starts_at"] == "2025-10-25T16:00:00+07:00"
    await centre.did("/v1/sessions/round-table-04/cancellation", {}, "protocol")
    assert await verdict() == "zone_not_granted"
    assert (await centre.get("/v1/sessions")).json() == []


async def test_what_is_no_session_is_refused_over_http(centre: Access) -> None:
    async def answer(**changed: Any) -> tuple[int, str]:
        response = await centre.post("/v1/sessions", body(**changed), "protocol")
        return response.status_code, response.json()["code"]

    assert await answer(zone_id="cellar") == (404, "zone_unknown")
    assert await answer(ends_at=body()["starts_at"]) == (409, "session_ends_before_it_starts")
    assert await answer(starts_at="2025-10-25T15:20:00") == (422, "invalid_request")
    assert await answer(titles={"en": "Round table"}) == (422, "invalid_request")
    assert await answer(doors_minutes=-1) == (422, "invalid_request")
    assert await answer(people=[str(UUID(int=number)) for number in range(2_001)]) == (422, "invalid_request")
    assert await answer(people=[str(UUID(int=1))] * 8_000) == (413, "body_too_large")
    assert (await centre.get("/v1/sessions")).json() == []
