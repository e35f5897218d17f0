"""The watchlist: whom it stops, whom it delays without a word, whom it notices; and that no gate can tell a hold."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.access.domain import checks
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import InspectionPassed
from services.access.domain.record.layout import Gate, Inspection
from services.access.domain.record.watchlist import PersonWatched, WatchedPersonSeen, WatchLifted, WatchOutcome
from services.access.domain.watchlist import LiftWatch, WatchPerson
from tests.access.controls import (
    ANNA,
    BORIS,
    CLINIC_DOOR,
    DECIDER,
    EAST,
    EXPO_DOOR,
    LAYOUT,
    MAIN,
    STAGE_DOOR,
    VENUE,
    after,
    badge,
    learned,
    scan,
    scanned,
    served,
    venue,
    went_in,
)
from tests.access.running import Access, credential, scan_body
from tests.controls import NOW, given

HOLD = WatchPerson(person_id=ANNA, outcome="hold", reason="case_7")
ON_HOLD = PersonWatched(person_id=ANNA, outcome="hold", reason="case_7")
LOOKED_AT = Inspection(share=1.0)
"""Everybody's face is compared with their photo."""


def test_somebody_is_put_on_the_list_and_taken_off() -> None:
    given(DECIDER, *LAYOUT).when(HOLD).then(ON_HOLD)
    given(DECIDER, *LAYOUT, ON_HOLD).when(LiftWatch(person_id=ANNA)).then(WatchLifted(person_id=ANNA))
    given(DECIDER, *LAYOUT).when(LiftWatch(person_id=ANNA)).then()


def test_what_the_list_says_of_them_changes() -> None:
    blocked = ON_HOLD.model_copy(update={"outcome": "block"})

    given(DECIDER, *LAYOUT, ON_HOLD).when(WatchPerson(**blocked.model_dump())).then(blocked)
    assert DECIDER.fold([ON_HOLD, blocked]).watchlist.people[ANNA] == blocked


@pytest.mark.parametrize(
    ("outcome", "verdict", "reason"),
    [("block", "refused", "watchlist_block"), ("hold", "refused", "watchlist_hold"), ("notice", "admitted", None)],
)
def test_operations_are_told_of_whoever_is_on_it(outcome: WatchOutcome, verdict: str, reason: str | None) -> None:
    anna = badge(ANNA)
    seen = scanned(venue(*learned(anna), ON_HOLD.model_copy(update={"outcome": outcome})), scan(anna, MAIN))

    assert (seen.record.outcome, seen.record.reason) == (verdict, reason)
    assert [event for event in seen.others if isinstance(event, WatchedPersonSeen)] == [
        WatchedPersonSeen(
            scan_id=seen.record.scan_id,
            venue_id=VENUE,
            gate_id="main",
            zone_id="grounds",
            person_id=ANNA,
            outcome=outcome,
        )
    ]


def test_of_nobody_else_they_are_told_nothing() -> None:
    boris = badge(BORIS)

    assert scanned(venue(*learned(boris), ON_HOLD), scan(boris, MAIN)).others == []


def test_whoever_is_held_may_leave_and_be_ill() -> None:
    anna = badge(ANNA)
    inside = DECIDER.fold([ON_HOLD], went_in(venue(*learned(anna)), anna, MAIN, EAST))

    left = scanned(inside, scan(anna, EAST, "out"))
    assert (left.record.outcome, left.record.warnings) == ("exited", ())
    assert any(isinstance(event, WatchedPersonSeen) for event in left.others)
    ill = scanned(inside, scan(anna, CLINIC_DOOR)).record
    assert ill.outcome == "admitted"
    assert checks.shown(ill.warnings) == ("zone_not_granted", "inside_elsewhere", "identity_check_required")


def test_a_face_that_was_compared_does_not_let_a_held_person_in() -> None:
    anna = badge(ANNA)
    passed = InspectionPassed(
        person_id=ANNA, venue_id=VENUE, gate_id="main", kind="identity", valid_until=NOW + timedelta(hours=9)
    )
    asked_at_main = served(MAIN, identity_check=LOOKED_AT)
    ordinary = after(venue(asked_at_main, *learned(anna)), scan(anna, MAIN))
    held = after(venue(asked_at_main, *learned(anna), ON_HOLD), scan(anna, MAIN))

    assert scanned(DECIDER.fold([passed], ordinary), scan(anna, MAIN)).record.outcome == "admitted"
    again = scanned(DECIDER.fold([passed], held), scan(anna, MAIN)).record
    assert (again.outcome, checks.shown(again.failed)) == ("refused", ("identity_check_required",))


def test_once_lifted_what_the_gate_asked_for_is_still_due() -> None:
    """A delay that ended by itself would have been no ordinary one."""
    anna = badge(ANNA)
    lifted = after(venue(*learned(anna), ON_HOLD), scan(anna, MAIN), LiftWatch(person_id=ANNA))

    assert scanned(lifted, scan(anna, EAST)).record.failed == ("path_violation", "identity_check_required")
    never_held = after(venue(*learned(anna), ON_HOLD), LiftWatch(person_id=ANNA))
    assert scanned(never_held, scan(anna, MAIN)).record.outcome == "admitted"


@pytest.mark.parametrize(
    "others", [(), ("zone_not_granted",), ("screening_required",), ("lockdown", "zone_full")], ids=str
)
def test_beside_whatever_else_fails_a_hold_is_shown_where_the_ordinary_check_is(others: tuple[str, ...]) -> None:
    """The order would tell the two apart: the check comes last, whichever of the two it is."""
    in_order = [code for code in checks.CODES if code in (*others, "watchlist_hold")]
    ordinary = [code for code in checks.CODES if code in (*others, "identity_check_required")]

    assert checks.shown(tuple(in_order)) == tuple(ordinary)
    assert checks.shown((*ordinary, "watchlist_hold")) == tuple(ordinary)


async def newcomers(centre: Access, number: int, **facts: Any) -> list[Badge]:
    new = [badge(uuid4(), **facts) for _ in range(number)]
    await centre.knows(*new)
    return new


async def asked_elsewhere(centre: Access, one: Badge) -> None:
    """A gate has asked for an ordinary comparison of their face, which is due everywhere from then on."""
    await centre.did("/v1/gates", EXPO_DOOR.model_copy(update={"identity_check": LOOKED_AT}).model_dump(), "admin")
    assert "identity_check_required" in str(await centre.scan(credential(one), EXPO_DOOR))
    await centre.did("/v1/gates", EXPO_DOOR.model_dump(), "admin")


async def held(centre: Access, one: Badge) -> None:
    body = {"person_id": str(one.person_id), "outcome": "hold", "reason": "case_7"}
    await centre.did("/v1/watchlist", body, "vetting")


async def seen_at_the_gate(centre: Access, one: Badge, at: Gate, device: dict[str, str]) -> list[str]:
    """All that the scanner gets to see of a scan, byte for byte, but for what names scan and person."""
    body = scan_body(credential(one), at)
    headers = {"Content-Type": "application/json", **device}
    answers = [await centre.client.post("/v1/scans", json=body, headers=headers) for _ in range(2)]
    answers.append(await centre.client.get(f"/v1/scans/{body['scan_id']}", headers=headers))
    answers.append(await centre.get(f"/v1/scans/{body['scan_id']}", "auditor"))
    return [nameless(answer.text, one, body["scan_id"]) + str(answer.status_code) for answer in answers]


def nameless(text: str, one: Badge, scan_id: str) -> str:
    for identifier in (scan_id, str(one.badge_id), str(one.person_id)):
        text = text.replace(identifier, "…")
    return re.sub(r'"position":\d+', '"position":0', text)


async def told_to_outsiders(centre: Access, one: Badge) -> list[str]:
    """What the feed tells of somebody's scans at the main gate."""
    page = (await centre.client.get(
        "/v1/log", params={"limit": 1_000, "types": "BadgeScanned,WatchedPersonSeen"},
        headers=centre.issuer.headers("subscriber"),
    )).json()  # fmt: skip
    about = [event for event in page["events"] if event["data"]["person_id"] == str(one.person_id)]
    return [
        nameless(str({key: event[key] for key in ("type", "subject", "data")}), one, event["data"]["scan_id"])
        for event in about
        if event["data"]["gate_id"] != "expo-door"
    ]


@pytest.mark.parametrize("at", [MAIN, EAST, STAGE_DOOR], ids=lambda at: at.gate_id)
@pytest.mark.parametrize("areas", [("per", "pln", "sgn", "exh"), ("exh",)], ids=["with a right", "without"])
async def test_a_hold_and_an_ordinary_identity_check_are_alike_to_the_byte(
    centre: Access, at: Gate, areas: tuple[str, ...]
) -> None:
    ordinary, on_list = await newcomers(centre, 2, areas=areas)
    await asked_elsewhere(centre, ordinary)
    await held(centre, on_list)
    _, device = await centre.enrolled(at.gate_id)

    at_the_gate = [await seen_at_the_gate(centre, one, at, device) for one in (ordinary, on_list)]

    assert at_the_gate[0] == at_the_gate[1]
    assert "identity_check_required" in at_the_gate[0][0]
    told = [await told_to_outsiders(centre, one) for one in (ordinary, on_list)]
    assert told[0] == told[1]
    assert len(told[0]) == 1


async def test_a_hold_that_were_looked_at_first_would_give_itself_away(
    centre: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: its place in the order, and its name, are what hides it."""
    ordinary, on_list = await newcomers(centre, 2, areas=("exh",))
    await asked_elsewhere(centre, ordinary)
    await held(centre, on_list)
    _, device = await centre.enrolled("main")
    family = checks.FAMILIES
    monkeypatch.setattr(checks, "FAMILIES", (family[-1], *family[:-1]))

    first, second = [await seen_at_the_gate(centre, one, MAIN, device) for one in (ordinary, on_list)]
    assert first != second


async def test_only_the_discreet_event_tells_them_apart(centre: Access) -> None:
    ordinary, on_list = await newcomers(centre, 2)
    await asked_elsewhere(centre, ordinary)
    await held(centre, on_list)
    for one in (ordinary, on_list):
        await centre.scan(credential(one), MAIN)

    told = (await centre.client.get(
        "/v1/log", params={"limit": 1_000, "types": "WatchedPersonSeen"}, headers=centre.issuer.headers("service")
    )).json()["events"]  # fmt: skip
    people = [event["data"]["person_id"] for event in told]
    assert (people.count(str(on_list.person_id)), people.count(str(ordinary.person_id))) == (1, 0)


async def test_what_everybody_may_read_does_not_name_the_list(centre: Access) -> None:
    (on_list,) = await newcomers(centre, 1)
    await held(centre, on_list)
    await centre.scan(credential(on_list), MAIN)

    metrics = (await centre.client.get("/metrics")).text
    assert 'placet_verdicts_total{outcome="refused",reason="identity_check_required"}' in metrics
    assert "watchlist_hold" not in metrics
    for event in (await centre.get("/v1/log?limit=1000", "auditor")).json()["events"]:
        assert "case_7" not in str(event)
        assert "watchlist" not in str(event)


async def test_the_list_is_kept_by_those_who_keep_it(centre: Access) -> None:
    (anna,) = await newcomers(centre, 1)
    await held(centre, anna)
    entry = {"person_id": str(anna.person_id), "outcome": "hold", "reason": "case_7"}

    for role in ("vetting", "commander", "admin"):
        assert entry in (await centre.get("/v1/watchlist", role)).json()
    await centre.did("/v1/watchlist/lifting", {"person_id": str(anna.person_id)}, "commander")
    assert entry not in (await centre.get("/v1/watchlist", "vetting")).json()
    assert (await centre.scan(credential(anna), MAIN))["outcome"] == "admitted"


@pytest.mark.parametrize(
    "changed", [{"outcome": "arrest"}, {"reason": "He robbed a bank"}, {"person_id": "anna"}, {"name": "Anna"}], ids=str
)
async def test_what_is_no_entry_is_not_put_on_it(centre: Access, changed: dict[str, str]) -> None:
    body = {"person_id": str(UUID(int=1)), "outcome": "hold", "reason": "case_7", **changed}
    answer = await centre.post("/v1/watchlist", body, "vetting")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
