"""Orders for all of the venue: a threat level that asks for more clearance, a lockdown everywhere; what is in force."""

from uuid import uuid4

import pytest

from services.access.domain.layout import SetRules
from services.access.domain.orders import DeclareLockdown, LiftLockdown, SetThreatLevel
from services.access.domain.record.layout import Rules, RulesSet
from services.access.domain.record.orders import LockdownLifted, ThreatLevelSet
from services.access.domain.venue import Venue
from tests.access.controls import (
    ANNA,
    CLINIC_DOOR,
    DECIDER,
    EAST,
    GROUNDS,
    HALL,
    LAYOUT,
    MAIN,
    VENUE,
    after,
    badge,
    learned,
    locked,
    scan,
    scanned,
    venue,
    went_in,
    zone,
    zone_defined,
)
from tests.access.running import Access, credential
from tests.controls import given, metadata

LEVEL_3 = SetThreatLevel(level=3, reason="credible_threat")
CLEARED = Rules(clearances={"host-security": 7, "delegate": 3, "media": 2})


def at_level(level: int) -> ThreatLevelSet:
    return ThreatLevelSet(venue_id=VENUE, level=level, reason="credible_threat")


def test_a_level_is_set_with_its_reason_and_taken_back() -> None:
    given(DECIDER, *LAYOUT).when(LEVEL_3).then(at_level(3))
    given(DECIDER, *LAYOUT, at_level(3)).when(LEVEL_3.model_copy(update={"level": 0})).then(at_level(0))


def test_a_level_in_force_is_not_set_again_whatever_the_reason() -> None:
    given(DECIDER, *LAYOUT, at_level(3)).when(LEVEL_3.model_copy(update={"reason": "drill"})).then()


@pytest.mark.parametrize(
    ("category", "enters"), [("host-security", True), ("delegate", True), ("media", False), ("volunteer", False)]
)
def test_whoever_has_less_clearance_stays_outside(category: str, enters: bool) -> None:
    anna = badge(ANNA, category=category)
    before = venue(RulesSet(rules=CLEARED), *learned(anna))

    assert scanned(before, scan(anna, MAIN)).record.outcome == "admitted"
    record = scanned(after(before, LEVEL_3), scan(anna, MAIN)).record
    assert (record.outcome, record.reason) == (("admitted", None) if enters else ("refused", "threat_level"))
    calm = after(before, LEVEL_3, SetThreatLevel(level=0, reason="stand_down"))
    assert scanned(calm, scan(anna, MAIN)).record.outcome == "admitted"


def test_whoever_is_inside_may_leave_and_be_ill() -> None:
    anna = badge(ANNA, category="volunteer")
    before = after(went_in(venue(*learned(anna)), anna, MAIN, EAST), SetThreatLevel(level=7, reason="attack"))

    assert scanned(before, scan(anna, EAST, "out")).record.outcome == "exited"
    assert scanned(before, scan(anna, CLINIC_DOOR)).record.outcome == "admitted"


ANNEX = zone("annex", "ann")


def test_a_lockdown_of_the_whole_venue_is_one_of_each_outermost_zone() -> None:
    everywhere = DeclareLockdown(zone_id=None, reason="suspect_parcel")

    given(DECIDER, *LAYOUT, zone_defined(ANNEX)).when(everywhere).then(*locked(ANNEX, GROUNDS))
    given(DECIDER, *LAYOUT, zone_defined(ANNEX), *locked(ANNEX)).when(everywhere).then(*locked(GROUNDS))


def test_lifted_it_leaves_a_room_locked_that_was_locked_by_itself() -> None:
    before = (*LAYOUT, *locked(HALL), *locked(GROUNDS))
    lifted = LockdownLifted(zone_id="grounds", venue_id=VENUE, names=GROUNDS.names)

    after_it: Venue = given(DECIDER, *before).when(LiftLockdown(zone_id=None)).then(lifted)
    assert dict(after_it.orders.lockdowns) == {"hall": "suspect_parcel"}


async def test_over_http_orders_take_effect_are_listed_and_end(centre: Access) -> None:
    anna = badge(uuid4())
    await centre.knows(anna)
    set_rules = SetRules(rules=CLEARED)
    await centre.gatekeeper.obey(set_rules, metadata())
    try:
        await centre.did("/v1/threat-level", {"level": 4, "reason": "credible_threat"}, "commander")
        await centre.did("/v1/lockdowns", {"zone_id": None, "reason": "suspect_parcel"}, "commander")

        in_force = (await centre.get("/v1/orders", "operations")).json()
        verdict = await centre.scan(credential(anna), MAIN)
    finally:
        await centre.did("/v1/lockdowns/lifting", {"zone_id": None}, "commander")
        await centre.did("/v1/threat-level", {"level": 0, "reason": "stand_down"}, "commander")

    assert in_force == {
        "lockdowns": [{"zone_id": "grounds", "reason": "suspect_parcel"}],
        "threat_level": {"level": 4, "reason": "credible_threat"},
        "evacuations": [],
    }
    assert verdict["reason"] == "lockdown"
    assert [check["code"] for check in verdict["checks"] if not check["ok"]] == ["lockdown", "threat_level"]
    calm = (await centre.get("/v1/orders", "operations")).json()
    assert (calm["lockdowns"], calm["threat_level"]["level"]) == ([], 0)
    assert (await centre.scan(credential(anna), MAIN))["outcome"] == "admitted"


@pytest.mark.parametrize(
    "body", [{"level": 8, "reason": "r"}, {"level": -1, "reason": "r"}, {"level": 3}, {"level": "3x", "reason": "r"}]
)
async def test_a_level_that_is_none_and_an_order_without_a_reason_are_refused(
    centre: Access, body: dict[str, object]
) -> None:
    answer = await centre.post("/v1/threat-level", body, "commander")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("path", ["/v1/lockdowns", "/v1/evacuations"])
async def test_what_stops_a_venue_takes_a_place_and_a_reason(centre: Access, path: str) -> None:
    """Neither is guessed: whoever forgets the zone does not lock the whole venue."""
    for body in ({"zone_id": None}, {"reason": "fire"}, {"zone_id": "hall", "reason": "a man with a bag"}):
        answer = await centre.post(path, body, "commander")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
