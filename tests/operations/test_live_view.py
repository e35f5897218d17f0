"""What the live view makes of events: events in, rows out."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.log.log import Shared
from chassis.stream.reader import Reader
from contracts.access import LockdownDeclared, LockdownLifted, ZoneCapacityReached, ZoneCapacityRestored
from contracts.event import SharedEvent
from services.operations.views.live import Live
from tests.conftest import Database
from tests.controls import NOW
from tests.operations.conftest import Folded
from tests.operations.days import a_day
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    FULL,
    HALL,
    PLENARY,
    SOURCES,
    Told,
    activated,
    confirmed,
    failed,
    gate,
    goes_in,
    goes_out,
    granted,
    invited,
    issued,
    lost,
    nominated,
    refused,
    reinstated,
    replaced,
    revoked,
    scan,
    sent,
    suspended,
    turned_away,
    zone,
)

# --- who may come ---------------------------------------------------------------------------------------------------


async def test_a_delegation_is_invited_and_then_confirmed(folded: Folded) -> None:
    await folded.of(invited("fr"), invited("vn", "host"), confirmed("fr"))

    assert await folded.rows("SELECT delegation_id, kind, confirmed FROM live.delegations ORDER BY 1") == [
        ("fr", "state", True),
        ("vn", "host", False),
    ]


async def test_an_invitation_repeated_takes_no_confirmation_back(folded: Folded) -> None:
    await folded.one_by_one(invited("fr"), confirmed("fr"), invited("fr"))

    assert await folded.rows("SELECT confirmed FROM live.delegations") == [(True,)]


async def test_a_nomination_is_pending_until_it_is_granted_or_refused(folded: Folded) -> None:
    await folded.of(nominated(ANNA), nominated(BORIS), nominated(CHIARA), granted(ANNA), refused(BORIS))

    assert await folded.rows("SELECT nomination_id, decision FROM live.nominations ORDER BY 1") == [
        (ANNA, "granted"),
        (BORIS, "refused"),
        (CHIARA, "pending"),
    ]


@pytest.mark.parametrize(
    ("life", "as_it_stands"),
    [
        ([issued], ("issued", False, False)),
        ([issued, activated], ("active", False, False)),
        ([issued, activated, lost], ("lost", False, False)),
        ([issued, activated, lost, replaced], ("issued", False, False)),
        ([issued, activated, lost, replaced, activated], ("active", False, False)),
        ([issued, activated, suspended], ("active", True, False)),
        ([issued, suspended, activated, reinstated], ("active", False, False)),
        ([issued, activated, suspended, revoked], ("active", True, True)),
    ],
    ids=lambda value: "-".join(step.__name__ for step in value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("in_one_run", [True, False], ids=["in one run", "one by one"])
async def test_a_badge_stands_as_its_life_has_left_it(
    folded: Folded, life: Sequence[Callable[[UUID], SharedEvent]], as_it_stands: tuple[object, ...], in_one_run: bool
) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    await fold(*(step(ANNA) for step in life))

    assert await folded.rows("SELECT holding, suspended, revoked FROM live.badges") == [as_it_stands]


# --- the venue ------------------------------------------------------------------------------------------------------


async def test_a_zone_is_as_it_was_defined_last_and_stays_where_it_was_laid_out_first(folded: Folded) -> None:
    await folded.of(zone("per"), zone("pln", "per", 60, PLENARY), zone("per", capacity=200))

    assert await folded.rows("SELECT zone_id, parent_id, capacity, defined_by FROM live.zones ORDER BY defined_by") == [
        ("per", None, 200, 1),
        ("pln", "per", 60, 2),
    ]


@pytest.mark.parametrize("in_one_run", [True, False], ids=["in one run", "one by one"])
async def test_a_zone_is_full_until_it_has_room_again(folded: Folded, in_one_run: bool) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    await fold(zone("pln"), ZoneCapacityReached(**FULL))
    assert await folded.rows("SELECT is_full FROM live.zones") == [(True,)]

    await fold(ZoneCapacityRestored(**FULL), ZoneCapacityReached(**FULL), ZoneCapacityRestored(**FULL))
    assert await folded.rows("SELECT is_full FROM live.zones") == [(False,)]


async def test_a_lockdown_holds_until_it_is_lifted_whatever_else_changes(folded: Folded) -> None:
    await folded.of(zone("pln"), LockdownDeclared(**HALL, reason="suspicious_item"), zone("pln", capacity=60))
    assert await folded.rows("SELECT lockdown, capacity FROM live.zones") == [("suspicious_item", 60)]

    await folded.of(LockdownLifted(**HALL))
    assert await folded.rows("SELECT lockdown FROM live.zones") == [(None,)]


async def test_a_gate_was_seen_last_when_its_last_scan_was_decided(folded: Folded) -> None:
    later = NOW + timedelta(minutes=3)
    await folded.of(gate("gate-per", "per"), goes_in("per", ANNA), goes_in("per", BORIS, at=later))
    await folded.of(goes_in("per", CHIARA, at=NOW + timedelta(minutes=1)))

    assert await folded.rows("SELECT gate_id, decided_at FROM live.sightings") == [("gate-per", later)]


# --- scans ----------------------------------------------------------------------------------------------------------


async def test_a_scan_is_a_row_under_its_events_number(folded: Folded) -> None:
    scan_id = uuid4()
    await folded.of(zone("per"), scan("per", ANNA, "refused", reason="zone_not_granted", scan_id=scan_id))

    assert await folded.rows("SELECT number, scan_id FROM live.scans") == [(2, scan_id)]


async def test_a_scan_that_was_recorded_twice_shows_as_two(folded: Folded) -> None:
    scan_id = uuid4()
    await folded.of(*(scan("per", ANNA, scan_id=scan_id) for _ in range(2)))

    assert await folded.rows("SELECT scan_id, count(*) FROM live.scans GROUP BY 1") == [(scan_id, 2)]


async def test_scans_are_summed_by_second_by_minute_and_by_reason(folded: Folded) -> None:
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    for _ in range(2):  # what is there already, and what comes
        await folded.of(
            goes_in("per", ANNA),
            goes_in("per", BORIS, at=NOW + second),
            turned_away("per", "zone_full", at=NOW + second),
            turned_away("per", "lockdown", at=NOW + minute),
            goes_out("per", person=ANNA, at=NOW + minute),
        )

    assert await folded.rows("SELECT * FROM live.seconds ORDER BY 1") == [
        (NOW, 2, 0, 0),
        (NOW + second, 2, 2, 0),
        (NOW + minute, 0, 2, 2),
    ]
    assert await folded.rows("SELECT * FROM live.minutes ORDER BY 1, 2, 3") == [
        (NOW, "admitted", "", 4),
        (NOW, "refused", "zone_full", 2),
        (NOW + minute, "exited", "", 2),
        (NOW + minute, "refused", "lockdown", 2),
    ]
    assert await folded.rows("SELECT * FROM live.outcomes ORDER BY 1, 2") == [
        ("admitted", "", 4),
        ("exited", "", 2),
        ("refused", "lockdown", 2),
        ("refused", "zone_full", 2),
    ]


# --- who is inside --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scans", "inside"),
    [
        pytest.param([goes_in("per", ANNA)], [("per", ANNA)], id="in"),
        pytest.param([goes_in("per", ANNA), goes_in("pln", ANNA)], [("per", ANNA), ("pln", ANNA)], id="deeper"),
        pytest.param([goes_in("per", ANNA), goes_out("per", person=ANNA)], [], id="out"),
        pytest.param(
            [goes_in("per", ANNA), goes_in("pln", ANNA), goes_out("per", "pln", person=ANNA)], [], id="out of both"
        ),
        pytest.param(
            [goes_in("pln", ANNA), scan("exh", ANNA, entered=["exh"], left=["pln"])], [("exh", ANNA)], id="elsewhere"
        ),
        pytest.param(
            [goes_in("per", ANNA), goes_out("per", person=ANNA), goes_in("per", ANNA)], [("per", ANNA)], id="back"
        ),
        pytest.param([goes_in("per", ANNA), goes_in("per", ANNA)], [("per", ANNA)], id="twice in"),
        pytest.param([goes_out("per", person=ANNA)], [], id="out without having come"),
        pytest.param(
            [goes_in("per", ANNA), turned_away("pln", "zone_full", person=ANNA)], [("per", ANNA)], id="refused"
        ),
        pytest.param([goes_in("per", ANNA), goes_in("per", BORIS)], [("per", ANNA), ("per", BORIS)], id="two people"),
    ],
)
@pytest.mark.parametrize("in_one_run", [True, False], ids=["in one run", "one by one"])
async def test_people_are_in_the_zones_they_entered_and_have_not_left(
    folded: Folded, scans: Sequence[SharedEvent], inside: list[tuple[object, ...]], in_one_run: bool
) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    await fold(*scans)

    assert await folded.rows("SELECT zone_id, person_id FROM live.presence ORDER BY 1, 2") == inside


async def test_an_unreadable_exit_is_one_person_fewer_in_each_zone_left(folded: Folded) -> None:
    await folded.of(goes_in("per", ANNA), goes_in("pln", ANNA), goes_out("per", "pln"))

    assert await folded.rows("SELECT * FROM live.unidentified ORDER BY 1") == [("per", -1), ("pln", -1)]
    assert len(await folded.rows("SELECT * FROM live.presence")) == 2, "nobody knows who it was"


async def test_somebody_without_a_name_whom_the_medical_point_takes_in_is_counted(folded: Folded) -> None:
    await folded.of(goes_in("med"), goes_in("med"), goes_out("med"))

    assert await folded.rows("SELECT * FROM live.unidentified") == [("med", 1)]


# --- notices --------------------------------------------------------------------------------------------------------


async def test_notices_sent_and_failed_are_a_row_each(folded: Folded) -> None:
    await folded.of(sent(), sent(), failed())

    assert await folded.rows("SELECT number, outcome FROM live.notices ORDER BY 1") == [
        (1, "sent"),
        (2, "sent"),
        (3, "failed"),
    ]


# --- once, in whatever runs, and again from the beginning -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_a_view_rebuilt_equals_the_live_one_row_for_row(folded: Folded, seed: int) -> None:
    chance = random.Random(seed)
    happened = a_day(seed)
    while happened:  # live, events come in runs of any length
        run, happened = happened[: (cut := chance.randint(1, 40))], happened[cut:]
        await folded.of(*run)
    live = await folded.everything()
    assert all(live.values()), "a table was never written"

    await folded.view.rebuild()
    assert await folded.everything() == live


async def test_events_delivered_twice_change_nothing(folded: Folded, told: Told) -> None:
    await folded.of(*a_day(7))
    before = await folded.everything()

    for feed in folded.view.feeds:
        envelopes = await told.envelopes(feed.name)
        for reader in (folded.view.reader(feed), folded.view.reader(feed)):
            await reader.load()
            await reader.take(envelopes)
    assert await folded.everything() == before


async def test_without_a_cursor_a_second_delivery_would_be_seen(folded: Folded, told: Told) -> None:
    """The rows hide nothing: what the cursor keeps out would show as an error, not as silence."""
    await folded.of(goes_in("per", ANNA))
    (again,) = await told.delivered("access")

    async with folded.pool.acquire() as connection:
        await connection.execute("SET search_path TO live")
        with pytest.raises(asyncpg.UniqueViolationError):
            await Live().project(connection, [again])


async def test_an_event_of_a_type_nobody_knows_is_passed_over(folded: Folded, told: Told) -> None:
    await told.tell_as("access", Shared("access.SeatTaken.v1", "seat-1", "{}"))
    await folded.of(goes_in("per", ANNA))

    assert await folded.rows("SELECT number FROM live.scans") == [(2,)]


async def test_a_poisoned_scan_parks_its_badge_and_nothing_else(folded: Folded, told: Told, database: Database) -> None:
    hers, his = goes_in("per", ANNA), goes_in("per", BORIS)
    await told.tell_as("access", Shared(hers.subject(), hers.about(), '{"scan_id": "?"}'))
    await folded.of(hers, his)

    assert await folded.rows("SELECT person_id FROM live.presence") == [(BORIS,)]
    assert await folded.rows("SELECT reader, source, number, about FROM readers.dead_letters ORDER BY 3") == [
        ("live", "access", 1, hers.about()),
        ("live", "access", 2, hers.about()),
    ]
    reader = Reader("live", "access", database.pool, Live().project, schema="live")
    await database.pool.execute("DELETE FROM readers.dead_letters WHERE number = 1")
    assert await reader.retry(hers.about()) == 1
    assert len(await folded.rows("SELECT * FROM live.presence")) == 2


def test_operations_reads_everybody_who_publishes() -> None:
    assert SOURCES == ("accreditation", "access", "notifications")
