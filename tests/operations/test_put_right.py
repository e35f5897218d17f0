"""Who is inside, once somebody knows better than the scans; and a venue that changes while people are in it."""

from collections.abc import Sequence

import pytest

from contracts.access import (
    GateRetired,
    LockdownDeclared,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    ZoneCapacityWarned,
    ZoneRetired,
)
from contracts.event import SharedEvent
from tests.operations.conftest import Folded
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    FULL,
    HALL,
    all_clear,
    counted,
    evacuated,
    gate,
    goes_in,
    goes_out,
    policy,
    taken_out,
    threat,
    undone,
    zone,
)

PRESENCE = "SELECT zone_id, person_id FROM live.presence ORDER BY 1, 2"
UNIDENTIFIED = "SELECT zone_id, people FROM live.unidentified WHERE people <> 0 ORDER BY 1"
VENUE = [zone("per"), zone("pln", "per", 60), zone("sgn", "pln"), zone("exh", "per")]
ALL_IN = [*VENUE, *(goes_in(place, ANNA) for place in ("per", "pln", "sgn")), goes_in("per", BORIS)]


@pytest.fixture(params=[True, False], ids=["in one run", "one by one"])
def in_one_run(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize(
    ("happened", "inside", "unidentified"),
    [
        pytest.param(
            [taken_out("pln", ANNA)], [("per", ANNA), ("per", BORIS)], [], id="out of a zone is out of all inside it"
        ),
        pytest.param([taken_out("per", ANNA, BORIS, CHIARA)], [], [], id="everybody"),
        pytest.param([taken_out("per", ANNA)], [("per", BORIS)], [], id="only those who are named"),
        pytest.param(
            [taken_out("per", ANNA), goes_in("per", ANNA)], [("per", ANNA), ("per", BORIS)], [], id="back after it"
        ),
        pytest.param(
            [
                goes_out("per", "pln", "sgn", person=ANNA),
                goes_in("per", ANNA),
                taken_out("pln", ANNA),
                goes_out("per", person=BORIS),
            ],
            [("per", ANNA)],
            [],
            id="back before it",
        ),
        pytest.param(
            [goes_in("per"), taken_out("per", unidentified={"per": -1, "pln": 2})],
            [("per", ANNA), ("per", BORIS), ("pln", ANNA), ("sgn", ANNA)],
            [("pln", 2)],
            id="people without a name",
        ),
        pytest.param(
            [zone("bth", "exh"), goes_in("bth", BORIS), taken_out("exh", BORIS)],
            [("per", ANNA), ("per", BORIS), ("pln", ANNA), ("sgn", ANNA)],
            [],
            id="a zone that came in the same run",
        ),
        pytest.param(
            [counted("pln", 3), counted("pln", -1)],
            [("per", ANNA), ("per", BORIS), ("pln", ANNA), ("sgn", ANNA)],
            [("pln", 2)],
            id="heads counted",
        ),
        pytest.param(
            [undone("sgn", ANNA, left=["sgn"])],
            [("per", ANNA), ("per", BORIS), ("pln", ANNA)],
            [],
            id="an entry that was not taken",
        ),
        pytest.param(
            [goes_out("per", person=BORIS), undone("per", BORIS, entered=["per"])],
            [("per", ANNA), ("per", BORIS), ("pln", ANNA), ("sgn", ANNA)],
            [],
            id="an exit that was not taken",
        ),
        pytest.param(
            [goes_out("exh"), undone("exh", unidentified={"exh": 1})],
            [("per", ANNA), ("per", BORIS), ("pln", ANNA), ("sgn", ANNA)],
            [],
            id="an exit that was not taken, of nobody knows whom",
        ),
    ],
)
async def test_who_is_inside_follows_what_puts_it_right(
    folded: Folded,
    happened: Sequence[SharedEvent],
    inside: list[tuple[object, ...]],
    unidentified: list[tuple[object, ...]],
    in_one_run: bool,
) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    await fold(*ALL_IN, *happened)

    assert await folded.rows(PRESENCE) == inside
    assert await folded.rows(UNIDENTIFIED) == unidentified


@pytest.mark.parametrize(
    ("happened", "stands"),
    [
        ([ZoneCapacityWarned(**FULL)], (False, True)),
        ([ZoneCapacityWarned(**FULL), ZoneCapacityEased(**FULL)], (False, False)),
        ([ZoneCapacityReached(**FULL)], (True, True)),
        ([ZoneCapacityReached(**FULL), ZoneCapacityRestored(**FULL)], (False, False)),
        ([ZoneCapacityReached(**FULL), ZoneCapacityRestored(**FULL), ZoneCapacityWarned(**FULL)], (False, True)),
    ],
    ids=lambda value: "-".join(type(one).__name__ for one in value) if isinstance(value, list) else "",
)
async def test_a_zone_is_as_full_as_access_calls_it(
    folded: Folded, happened: Sequence[SharedEvent], stands: tuple[bool, bool], in_one_run: bool
) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    await fold(zone("pln", capacity=60), *happened)

    assert await folded.rows("SELECT is_full, is_nearly_full FROM live.zones") == [stands]


async def test_an_evacuation_is_in_force_until_the_all_clear(folded: Folded) -> None:
    await folded.of(*VENUE, evacuated("fire_alarm"))
    assert await folded.rows("SELECT zone_id, evacuation FROM live.zones WHERE evacuation IS NOT NULL") == [
        ("pln", "fire_alarm")
    ]

    await folded.of(all_clear())
    assert await folded.rows("SELECT zone_id FROM live.zones WHERE evacuation IS NOT NULL") == []


async def test_a_venue_has_the_threat_level_and_the_policy_that_were_set_last(folded: Folded, in_one_run: bool) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    await fold(threat(5), policy(7), threat(3, "exercise"), policy(12))

    found = "SELECT venue_id, threat_level, threat_reason, policy_version FROM live.venues"
    assert await folded.rows(found) == [("ncc", 3, "exercise", 12)]


async def test_a_zone_or_a_gate_that_is_retired_is_gone(folded: Folded, in_one_run: bool) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    retired = ZoneRetired(zone_id="exh", venue_id="ncc"), GateRetired(gate_id="gate-exh", venue_id="ncc")
    await fold(*VENUE, gate("gate-exh", "exh"), gate("gate-per", "per"), *retired)

    assert await folded.rows("SELECT zone_id FROM live.zones ORDER BY 1") == [("per",), ("pln",), ("sgn",)]
    assert await folded.rows("SELECT gate_id FROM live.gates") == [("gate-per",)]


async def test_a_zone_defined_again_after_it_was_retired_is_another(folded: Folded, in_one_run: bool) -> None:
    fold = folded.of if in_one_run else folded.one_by_one
    was = [zone("pln", capacity=60), ZoneCapacityReached(**FULL), LockdownDeclared(**HALL, reason="drill")]
    await fold(*was, ZoneRetired(zone_id="pln", venue_id="ncc"), zone("per"), zone("pln", "per", 80))

    found = "SELECT zone_id, capacity, is_full, lockdown FROM live.zones ORDER BY defined_by"
    assert await folded.rows(found) == [("per", None, False, None), ("pln", 80, False, None)]
