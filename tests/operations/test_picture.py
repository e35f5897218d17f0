"""What the picture says, given what was told; and that it says nothing about anybody."""

import json
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from chassis.log.obey import UnavailableError
from contracts.access import LockdownDeclared, ZoneCapacityReached
from contracts.words import STATE_KINDS, Names
from services.operations.tiers import seen
from tests.controls import CANARY, NOW
from tests.operations.conftest import Folded
from tests.operations.days import a_day
from tests.operations.easel import Easel
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    FULL,
    HALL,
    activated,
    confirmed,
    evacuated,
    failed,
    gate,
    goes_in,
    goes_out,
    granted,
    invited,
    issued,
    lost,
    nominated,
    policy,
    refused,
    revoked,
    scan,
    sent,
    suspended,
    threat,
    turned_away,
    zone,
)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
_DAY = datetime.fromisoformat("2025-10-25T00:00:00+07:00")


async def test_delegations_of_states_are_counted_apart_from_other_bodies(folded: Folded, easel: Easel) -> None:
    await folded.of(*(invited(kind, kind) for kind in STATE_KINDS), invited("press", "media"), invited("host", "host"))
    await folded.of(confirmed("state"), confirmed("press", "media"))

    assert await easel.part("delegations") == {
        "states": {"invited": len(STATE_KINDS), "confirmed": 1},
        "others": {"invited": 2, "confirmed": 1},
    }


async def test_nominations_are_counted_by_what_became_of_them(folded: Folded, easel: Easel) -> None:
    await folded.of(nominated(ANNA), nominated(BORIS), nominated(CHIARA), granted(ANNA), refused(BORIS))

    assert await easel.part("nominations") == {"nominated": 3, "pending": 1, "granted": 1, "refused": 1}


async def test_every_badge_issued_is_counted_as_one_thing_only(folded: Folded, easel: Easel) -> None:
    badges = [uuid4() for _ in range(6)]
    await folded.of(*map(issued, badges), *map(activated, badges[1:]))
    await folded.of(lost(badges[2]), suspended(badges[3]), suspended(badges[4]), revoked(badges[4]))

    found = await easel.part("badges")
    assert found == {"issued": 6, "awaiting": 1, "active": 2, "lost": 1, "suspended": 1, "revoked": 1}
    assert found["issued"] == sum(count for status, count in found.items() if status != "issued")


async def test_a_zone_holds_those_identified_and_those_only_counted(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("per", capacity=200), zone("med", "per"))
    await folded.of(goes_in("per", ANNA), goes_in("per", BORIS), goes_out("per"), goes_in("med"), goes_in("med"))

    assert (await easel.part("zones", "per"))["count"] == 1
    assert (await easel.part("zones", "med"))["count"] == 2


async def test_who_left_unread_is_taken_from_those_who_came_in_by_name(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("per"), *(goes_in("per", uuid4()) for _ in range(3)), goes_out("per"), goes_out("per"))

    assert (await easel.part("zones", "per"))["count"] == 1
    assert await easel.part("people") == {"inside": 1}


async def test_people_are_counted_once_in_however_many_zones_they_are(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("per"), zone("pln", "per"), zone("sgn", "pln"), zone("med", "per"))
    await folded.of(goes_in("per", ANNA), goes_in("pln", ANNA), goes_in("sgn", ANNA), goes_in("per", BORIS))
    assert await easel.part("people") == {"inside": 2}

    await folded.of(goes_in("per"), goes_in("med"))  # the second is one of those who are on the grounds already
    assert await easel.part("people") == {"inside": 3}


async def test_zones_come_in_the_order_of_the_layout_each_behind_its_parent(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("per"), zone("pln", "per"), zone("exh", "per"), zone("sgn", "pln"), zone("annexe"))

    zones = await easel.part("zones")
    assert [(one["zone_id"], one["depth"]) for one in zones] == [
        ("per", 0),
        ("pln", 1),
        ("sgn", 2),
        ("exh", 1),
        ("annexe", 0),
    ]
    assert [one["order"] for one in zones] == [0, 1, 2, 3, 4]


async def test_a_lockdown_locks_everything_inside_the_zone_and_nothing_else(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("per"), zone("pln", "per"), zone("sgn", "pln"), zone("exh", "per"))
    await folded.of(LockdownDeclared(**HALL, reason="suspicious_item"))

    assert {one["zone_id"]: (one["lockdown"], one["locked"]) for one in await easel.part("zones")} == {
        "per": (None, False),
        "pln": ("suspicious_item", True),
        "sgn": (None, True),
        "exh": (None, False),
    }


async def test_an_evacuation_holds_in_everything_inside_the_zone_and_nowhere_else(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("per"), zone("pln", "per"), zone("sgn", "pln"), zone("exh", "per"), evacuated("fire_alarm"))

    assert {one["zone_id"]: (one["evacuation"], one["evacuated"]) for one in await easel.part("zones")} == {
        "per": (None, False),
        "pln": ("fire_alarm", True),
        "sgn": (None, True),
        "exh": (None, False),
    }


async def test_a_venue_says_its_threat_level_and_the_policy_applied_last(folded: Folded, easel: Easel) -> None:
    assert await easel.part("venues") == []

    await folded.of(threat(3, "protest_nearby"))
    (venue,) = await easel.part("venues")
    assert venue == {
        "venue_id": "ncc",
        "threat_level": 3,
        "threat_reason": "protest_nearby",
        "policy_version": None,
    }
    await folded.of(policy(41))
    (venue,) = await easel.part("venues")
    assert venue["policy_version"] == 41


async def test_a_zone_that_access_calls_full_is_full_whatever_its_count(folded: Folded, easel: Easel) -> None:
    await folded.of(zone("pln", capacity=60), ZoneCapacityReached(**FULL))

    found = await easel.part("zones", "pln")
    assert (found["full"], found["nearly_full"], found["count"], found["capacity"]) == (True, True, 0, 60)


async def test_nobody_expects_scans_of_a_gate_that_is_closed(folded: Folded, easel: Easel) -> None:
    await folded.of(gate("gate-per", "per"), goes_in("per", ANNA))
    easel.now(NOW + timedelta(minutes=20))
    assert (await easel.part("gates", "gate-per"))["silent"] is True

    await folded.of(gate("gate-per", "per", state="closed"))
    found = await easel.part("gates", "gate-per")
    assert (found["state"], found["silent"]) == ("closed", False)


async def test_the_last_minute_is_sixty_seconds_and_rolls(folded: Folded, easel: Easel) -> None:
    easel.now(NOW + timedelta(seconds=30))
    await folded.of(
        goes_in("per", ANNA, at=NOW - timedelta(seconds=40)),
        goes_in("per", BORIS, at=NOW - timedelta(seconds=20)),
        turned_away("per", "lockdown", at=NOW),
        goes_out("per", person=BORIS, at=NOW + timedelta(seconds=30)),
    )
    assert (await easel.part("scans"))["last_minute"] == {"admitted": 1, "refused": 1, "exited": 1}

    easel.now(NOW + timedelta(seconds=61))
    assert (await easel.part("scans"))["last_minute"] == {"admitted": 0, "refused": 0, "exited": 1}


async def test_the_last_hour_is_sixty_bars_the_current_minute_last(folded: Folded, easel: Easel) -> None:
    easel.now(NOW + timedelta(seconds=30))
    minute = timedelta(minutes=1)
    await folded.of(
        goes_in("per", ANNA, at=NOW),
        goes_in("per", BORIS, at=NOW - 59 * minute),
        goes_in("per", CHIARA, at=NOW - 60 * minute),  # too long ago
        turned_away("per", "lockdown", at=NOW - minute),
    )

    hour = (await easel.part("scans"))["last_hour"]
    assert hour["admitted"] == [1, *[0] * 58, 1]
    assert hour["refused"] == [*[0] * 58, 1, 0]
    assert hour["exited"] == [0] * 60
    assert datetime.fromisoformat(hour["since"]) == NOW - 59 * minute


async def test_refusals_are_counted_by_reason_the_most_frequent_first(folded: Folded, easel: Easel) -> None:
    yesterday = NOW - timedelta(days=1)
    await folded.of(*(turned_away("per", "zone_full", at=yesterday) for _ in range(3)))
    await folded.of(turned_away("per", "lockdown"), turned_away("per", "zone_full"), goes_in("per", ANNA))

    assert await easel.part("refusals") == [
        {"reason": "zone_full", "total": 4, "last_hour": 1},
        {"reason": "lockdown", "total": 1, "last_hour": 1},
    ]
    scans = await easel.part("scans")
    assert (scans["total"], scans["admitted"], scans["refused"], scans["exited"]) == (6, 1, 5, 0)


@pytest.mark.parametrize(
    ("last_scan", "now", "is_silent"),
    [
        pytest.param(9 * 60, 9 * 60 + 10, False, id="ten minutes"),
        pytest.param(9 * 60, 9 * 60 + 11, True, id="more than ten minutes"),
        pytest.param(23 * 60, 24 * 60 + 1, False, id="yesterday, where the venue is"),
        pytest.param(1 * 60, 8 * 60, True, id="yesterday in UTC, today where the venue is"),
    ],
)
async def test_a_gate_is_silent_when_it_has_scanned_today_and_not_for_ten_minutes(
    folded: Folded, easel: Easel, last_scan: int, now: int, is_silent: bool
) -> None:
    day = _DAY + timedelta(days=1)  # the clock stands in the middle of the day before
    await folded.of(gate("gate-per", "per"), goes_in("per", ANNA, at=day + timedelta(minutes=last_scan)))
    easel.now(day + timedelta(minutes=now))

    assert (await easel.part("gates", "gate-per"))["silent"] is is_silent


async def test_a_gate_that_has_never_scanned_is_not_silent(folded: Folded, easel: Easel) -> None:
    await folded.of(gate("gate-per", "per"))

    found = await easel.part("gates", "gate-per")
    assert (found["last_scan_at"], found["heard_at"], found["silent"]) == (None, None, False)


async def test_notices_are_counted(folded: Folded, easel: Easel) -> None:
    await folded.of(sent(), sent(), failed())

    assert await easel.part("notices") == {"sent": 2, "failed": 1}


async def test_what_is_kept_from_picture_to_picture_is_drawn_anew_when_its_source_moves(
    folded: Folded, easel: Easel
) -> None:
    assert (await easel.part("notices"))["sent"] == 0
    assert (await easel.part("badges"))["issued"] == 0

    await folded.of(sent(), issued(ANNA))
    assert (await easel.part("notices"))["sent"] == 1
    assert (await easel.part("badges"))["issued"] == 1


async def test_the_clock_is_the_gatherings_and_says_that_it_is_simulated(folded: Folded, easel: Easel) -> None:
    assert await easel.part("clock") == {
        "now": "2025-10-25T08:30:00+00:00",
        "simulated": True,
        "time_zone": "Asia/Ho_Chi_Minh",
    }


async def test_no_person_no_badge_and_no_scan_can_be_told_from_the_picture(folded: Folded, easel: Easel) -> None:
    await folded.of(*a_day(5), scan("per", ANNA, entered=("per",)))

    picture = seen(await easel.draw(), "totals")
    text = json.dumps(picture, ensure_ascii=False)
    for evacuation in picture["orders"]["evacuations"]:
        text = text.replace(evacuation["evacuation_id"], "of nobody")
    assert not _UUID.search(text)
    assert "fr" not in json.loads(text)["delegations"]["states"], "totals, not delegations"
    assert CANARY not in text


async def test_names_arrive_as_they_were_given(folded: Folded, easel: Easel) -> None:
    names = Names(en="<b>\u0000 & \u202e", fr="é" * 300, vi="ạ̈̄")
    await folded.of(zone("pln", names=names))

    assert (await easel.part("zones", "pln"))["names"] == names.model_dump()


async def test_without_its_view_there_is_no_picture_for_the_moment(easel: Easel) -> None:
    with pytest.raises(UnavailableError):
        await easel.draw()


async def test_before_anything_was_told_everything_is_nought(folded: Folded, easel: Easel) -> None:
    picture = await easel.draw()

    assert picture["zones"] == picture["gates"] == picture["refusals"] == []
    assert picture["people"] == {"inside": 0}
    assert picture["scans"]["total"] == 0
    assert {one["source"]: one["number"] for one in picture["sources"]} == {
        "accreditation": 0,
        "access": 0,
        "notifications": 0,
    }
