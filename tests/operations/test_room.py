"""What the room is shown beyond totals: scanners, sessions, orders, the way into a badge by delegation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import AllClearGiven, LockdownDeclared, LockdownLifted
from contracts.event import SharedEvent
from services.operations.tiers import TIERS, seen
from tests.controls import NOW
from tests.operations.conftest import Folded
from tests.operations.days import a_day
from tests.operations.easel import Easel
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    HALL,
    activated,
    all_clear,
    cancelled,
    clock_suspected,
    confirmed,
    cut_off,
    device_id,
    enrolled,
    evacuated,
    fell_silent,
    gate,
    goes_in,
    goes_out,
    granted,
    invited,
    issued,
    moved,
    mustered,
    nominated,
    policy,
    refused,
    reported,
    revoked,
    scan,
    scheduled,
    spread,
    threat,
    turned_away,
    zone,
)

MINUTE = timedelta(minutes=1)
SITE = [zone("per", capacity=200), zone("pln", "per", 60), gate("gate-per", "per"), gate("gate-pln", "pln")]


def iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds")


# --- scanners -------------------------------------------------------------------------------------------------------


async def _device(easel: Easel, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = await easel.part("devices", str(device_id(name)))
    return found


async def test_a_scanner_is_as_it_said_last(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, enrolled("a"), reported("a", NOW - MINUTE), reported("a", battery=41, queue=7, skew_s=-3))

    assert await _device(easel, "a") == {
        "device_id": str(device_id("a")), "order": 0, "gate_id": "gate-per", "heard_at": iso(NOW), "battery": 0.41,
        "queue": 7, "skew_s": -3, "policy_version": 1, "revocation_version": 1, "software": "1.0", "silent": False,
        "clock_suspected": False, "cut_off": False, "behind": [],
    }  # fmt: skip


async def test_of_a_scanner_that_never_spoke_nothing_is_known(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, policy(9), spread(4, "a", reached=0), enrolled("a"))

    found = await _device(easel, "a")
    unknown = ("heard_at", "battery", "skew_s", "policy_version", "revocation_version", "software")
    assert [found[name] for name in unknown] == [None] * len(unknown)
    assert (found["queue"], found["behind"]) == (0, [])


@pytest.mark.parametrize(
    ("happened", "field", "expected"),
    [
        ([moved("a", "gate-pln")], "gate_id", "gate-pln"),
        ([cut_off("a")], "cut_off", True),
        ([fell_silent("a")], "silent", True),
        ([fell_silent("a"), reported("a")], "silent", False),
        ([fell_silent("a"), cut_off("a")], "silent", False),
        ([clock_suspected("a")], "clock_suspected", True),
        ([clock_suspected("a"), reported("a", skew_s=31)], "clock_suspected", True),
        ([clock_suspected("a"), reported("a", skew_s=None)], "clock_suspected", True),
        ([clock_suspected("a"), reported("a", skew_s=-30)], "clock_suspected", False),
        ([reported("a"), fell_silent("a", NOW - MINUTE)], "heard_at", iso(NOW)),
        ([scan("per", ANNA, device="a", at=NOW + MINUTE * 1.1), reported("a")], "heard_at", iso(NOW + MINUTE)),
        ([reported("a"), reported("a", battery=None)], "battery", None),
        ([policy(2), reported("a", policy_version=1)], "behind", ["policy"]),
        ([policy(2), reported("a", policy_version=2)], "behind", []),
        ([policy(2), reported("a", policy_version=None)], "behind", []),
        ([scan("per", ANNA).model_copy(update={"policy_version": 3}), reported("a")], "behind", ["policy"]),
        (
            [scan("per", ANNA).model_copy(update={"policy_version": 3, "basis": "journal"}), reported("a")],
            "behind",
            [],
        ),
        ([reported("a"), spread(2)], "behind", []),
        ([reported("a"), spread(2, "a")], "behind", ["revocations"]),
        ([reported("a"), spread(2, reached=1)], "behind", ["revocations"]),
        ([reported("a"), spread(2, reached=1), reported("a", revocation_version=2)], "behind", []),
        ([spread(2), reported("a", revocation_version=0)], "behind", ["revocations"]),
    ],
)
async def test_what_is_told_of_a_scanner_shows(
    folded: Folded, easel: Easel, happened: list[SharedEvent], field: str, expected: object
) -> None:
    await folded.of(*SITE, enrolled("a"), *happened)

    assert (await _device(easel, "a"))[field] == expected


async def test_a_heartbeat_that_no_event_tells_of_is_heard_all_the_same(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, enrolled("a"), enrolled("b"), reported("a"), reported("b"))
    easel.asking.heard = {device_id("a"): NOW + MINUTE, device_id("b"): NOW - MINUTE}

    assert (await _device(easel, "a"))["heard_at"] == iso(NOW + MINUTE)
    assert (await _device(easel, "b"))["heard_at"] == iso(NOW)


async def test_a_gate_counts_the_scanners_that_may_scan_there(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, *map(enrolled, "abcd"), fell_silent("b"), cut_off("c"), moved("d", "gate-pln"))

    found = await easel.part("gates", "gate-per")
    assert (found["devices"], found["silent_devices"]) == (2, 1)


# --- gates ----------------------------------------------------------------------------------------------------------


async def test_a_gate_shows_its_last_hour_minute_by_minute(folded: Folded, easel: Easel) -> None:
    await folded.of(
        *SITE,
        goes_in("per", ANNA, at=NOW - 60 * MINUTE),  # too long ago
        goes_in("per", BORIS, at=NOW - 59 * MINUTE),
        turned_away("per", "lockdown", at=NOW - MINUTE),
        goes_in("per", CHIARA),
        goes_out("per", person=CHIARA),
        goes_in("pln", ANNA),
    )
    found = await easel.part("gates", "gate-per")
    assert found["minutes"] == [1, *[0] * 57, 1, 2]
    assert (found["admitted_hour"], found["refused_hour"]) == (2, 1)


async def test_the_hour_goes_on_from_picture_to_picture(folded: Folded, easel: Easel) -> None:
    """Only what was touched is read again: what came later for an earlier minute is, too."""
    await folded.of(*SITE, goes_in("per", ANNA))
    assert (await easel.part("gates", "gate-per"))["minutes"][-3:] == [0, 0, 1]

    await folded.of(goes_in("per", BORIS), goes_in("per", CHIARA, at=NOW - 2 * MINUTE))
    assert (await easel.part("gates", "gate-per"))["minutes"][-3:] == [1, 0, 2]

    easel.now(NOW + MINUTE)
    assert (await easel.part("gates", "gate-per"))["minutes"][-4:] == [1, 0, 2, 0]


# --- how sure a number is -------------------------------------------------------------------------------------------


BUSY = [goes_in("per", at=NOW - second * timedelta(seconds=15)) for second in range(1, 121)]
"""Two scans a minute in the mean of the hour: 120, all within half of it."""


async def _uncertain(easel: Easel, zone_id: str) -> Any:
    return (await easel.part("zones", zone_id))["uncertain"]


async def test_while_a_scanner_is_silent_the_count_beside_its_gate_is_a_range(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, enrolled("a"), *BUSY, reported("a", queue=3))
    easel.now(NOW + 5 * MINUTE)
    assert await _uncertain(easel, "per") is None

    await folded.of(fell_silent("a"))
    assert await _uncertain(easel, "per") == {"low": 120 - 13, "high": 120 + 13, "gates": ["gate-per"]}
    assert await _uncertain(easel, "pln") is None

    easel.now(NOW + 6.1 * MINUTE)
    assert (await _uncertain(easel, "per"))["high"] == 120 + 16, "rounded up"

    await folded.of(reported("a", NOW + 6 * MINUTE))
    assert await _uncertain(easel, "per") is None


@pytest.mark.parametrize(
    ("happened", "pending"),
    [
        ([enrolled("b")], 5),  # which did half of the work
        ([enrolled("b"), fell_silent("b")], 10),
        ([enrolled("b"), cut_off("b")], 10),
        ([cut_off("a")], None),
        ([moved("a", "gate-pln")], None),  # where nothing was scanned
        ([gate("gate-per", "per", state="closed")], None),
    ],
)
async def test_what_may_be_pending_is_the_part_of_the_silent_ones(
    folded: Folded, easel: Easel, happened: list[SharedEvent], pending: int | None
) -> None:
    await folded.of(*SITE, enrolled("a"), *BUSY, fell_silent("a"), *happened)
    easel.now(NOW + 5 * MINUTE)

    found = await _uncertain(easel, "per")
    assert (None if found is None else found["high"] - 120) == pending


async def test_nobody_is_fewer_than_none(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, enrolled("a"), goes_in("per", ANNA), reported("a", queue=5), fell_silent("a"))

    assert await _uncertain(easel, "per") == {"low": 0, "high": 6, "gates": ["gate-per"]}


# --- sessions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_in", "state"),
    [
        (361, None), (360, "upcoming"), (31, "upcoming"), (30, "doors"), (1, "doors"), (0, "running"), (-59, "running"),
        (-60, None),
    ],
)  # fmt: skip
async def test_a_session_is_upcoming_then_its_doors_open_then_it_runs(
    folded: Folded, easel: Easel, starts_in: int, state: str | None
) -> None:
    await folded.of(zone("pln"), scheduled("opening", NOW + starts_in * MINUTE))

    assert [one["state"] for one in await easel.part("sessions")] == ([] if state is None else [state])


async def test_sessions_are_those_of_the_next_hours_as_they_are_planned_now(folded: Folded, easel: Easel) -> None:
    await folded.of(*(scheduled(f"round-table-{n:02}", NOW + (20 - n) * MINUTE) for n in range(14)))
    await folded.of(scheduled("round-table-13", NOW + MINUTE, zone_id="exh"), cancelled("round-table-12"))

    shown = await easel.part("sessions")
    assert [one["session_id"] for one in shown] == [
        "round-table-13", *(f"round-table-{n:02}" for n in range(11, 0, -1))
    ]  # fmt: skip
    assert shown[0] == {
        "session_id": "round-table-13", "titles": HALL["names"].model_dump(), "zone_id": "exh",
        "starts_at": iso(NOW + MINUTE), "ends_at": iso(NOW + 61 * MINUTE), "doors_minutes": 30, "state": "doors",
    }  # fmt: skip


# --- orders ---------------------------------------------------------------------------------------------------------


async def test_an_order_is_acknowledged_by_the_scanners_heard_of_after_it(folded: Folded, easel: Easel) -> None:
    """Those at the gates into the zone and into what lies in it: nobody else has to know."""
    await folded.of(*SITE, zone("sgn", "pln"), gate("gate-sgn", "sgn"))
    await folded.of(*(enrolled(name, "gate-pln") for name in "abc"), enrolled("d", "gate-sgn"), enrolled("e"))
    await folded.of(cut_off("c"), LockdownDeclared(**HALL, reason="suspect_parcel"))
    (lockdown,) = (await easel.part("orders"))["lockdowns"]
    assert lockdown == {
        "zone_id": "pln", "reason": "suspect_parcel", "since": iso(NOW), "acknowledged": 0, "of": 3,
        "waiting": ["gate-pln", "gate-sgn"],
    }  # fmt: skip

    await folded.of(reported("a", NOW + MINUTE), reported("b", NOW - MINUTE), scan("sgn", ANNA, device="d"))
    (lockdown,) = (await easel.part("orders"))["lockdowns"]
    assert (lockdown["acknowledged"], lockdown["of"], lockdown["waiting"]) == (2, 3, ["gate-pln"])

    await folded.of(LockdownLifted(**HALL))
    assert (await easel.part("orders"))["lockdowns"] == []


async def test_an_evacuation_says_who_is_missing_still(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, zone("sgn", "pln"))
    await folded.of(goes_in("per", CHIARA), goes_in("pln", ANNA), goes_in("sgn", BORIS), goes_in("pln", BORIS))
    await folded.of(evacuated(), mustered(ANNA), mustered(None), mustered(CHIARA))

    (evacuation,) = (await easel.part("orders"))["evacuations"]
    told = {name: evacuation[name] for name in ("zone_id", "reason", "expected", "unidentified", "mustered", "missing")}
    assert told == {
        "zone_id": "pln", "reason": "fire_alarm", "expected": 2, "unidentified": 0, "mustered": 3, "missing": 1,
    }  # fmt: skip

    await folded.of(goes_out("pln", "sgn", person=BORIS))
    (evacuation,) = (await easel.part("orders"))["evacuations"]
    assert evacuation["missing"] == 0

    await folded.of(all_clear())
    assert (await easel.part("orders"))["evacuations"] == []


async def test_of_two_zones_evacuated_at_once_one_may_be_clear_before_the_other(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, zone("exh", "per"), evacuated(), evacuated().model_copy(update={"zone_id": "exh"}))
    clear = AllClearGiven(**{**HALL, "zone_id": "exh"}, evacuation_id=evacuated().evacuation_id, missing=0)
    await folded.of(clear)

    assert [one["zone_id"] for one in (await easel.part("orders"))["evacuations"]] == ["pln"]


async def test_a_threat_is_shown_while_there_is_one(folded: Folded, easel: Easel) -> None:
    await folded.of(threat(3, "protest_nearby"))
    shown = {"ncc": {"level": 3, "reason": "protest_nearby", "since": iso(NOW)}}
    assert (await easel.part("orders"))["threat"] == shown

    await folded.of(threat(0, "over"))
    assert (await easel.part("orders"))["threat"] == {}


# --- delegations ----------------------------------------------------------------------------------------------------


async def test_each_delegation_shows_how_far_its_people_came(folded: Folded, easel: Easel) -> None:
    await folded.of(*SITE, invited("fr"), confirmed("fr"), invited("vn", "host"))
    await folded.of(*map(nominated, (ANNA, BORIS, CHIARA)), granted(ANNA), granted(BORIS), refused(CHIARA))
    await folded.of(issued(ANNA), issued(BORIS), activated(ANNA), activated(BORIS), revoked(BORIS))
    await folded.of(goes_in("per", ANNA), goes_in("pln", ANNA), goes_in("per", uuid4()))

    names = {"en": "A", "fr": "A", "vi": "A"}
    assert await easel.part("funnel") == [
        {
            "delegation_id": "fr", "kind": "state", "names": names, "confirmed": True, "nominated": 3, "granted": 2,
            "refused": 1, "issued": 2, "active": 1, "inside": 1,
        },
        {
            "delegation_id": "vn", "kind": "host", "names": names, "confirmed": False, "nominated": 0, "granted": 0,
            "refused": 0, "issued": 0, "active": 0, "inside": 0,
        },
    ]  # fmt: skip
    assert await easel.part("people") == {"inside": 2}


# --- for whom -------------------------------------------------------------------------------------------------------


async def test_everything_that_is_drawn_is_shown_to_a_tier_that_somebody_chose(folded: Folded, easel: Easel) -> None:
    await folded.of(*a_day(5))
    picture = await easel.draw()

    parts = {tier: set(seen(picture, tier)) for tier in TIERS}
    assert parts["room"] - parts["totals"] == {"devices", "funnel"}
    assert parts["command"] == parts["room"]
