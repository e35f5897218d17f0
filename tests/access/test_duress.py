"""A guard who is forced to scan: the screen shows an ordinary welcome, operations are told, and who went in counts."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts import accreditation as theirs
from services.access.domain.record.badges import Badge
from services.access.domain.record.companions import Party, PartyFormed
from services.access.domain.record.watchlist import DuressSignalled
from services.access.domain.rules.entry import Reading
from tests.access.controls import (
    ANNA,
    BORIS,
    EAST,
    EVERYWHERE,
    HALL,
    MAIN,
    VENUE,
    badge,
    learned,
    locked,
    scan,
    scanned,
    venue,
)
from tests.access.running import Access, credential, scan_body
from tests.controls import NOW


def signals(others: Any) -> list[DuressSignalled]:
    return [event for event in others if isinstance(event, DuressSignalled)]


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (badge(ANNA, revoked=True), []),
        (badge(ANNA, areas=()), []),
        (badge(ANNA), locked(HALL)),
        (badge(ANNA, category="nobody", valid_until=NOW - timedelta(hours=1)), []),
    ],
    ids=["revoked", "no right", "lockdown", "expired"],
)
def test_whoever_is_forced_in_is_let_in_counted_and_reported(shown: Badge, before: list[Any]) -> None:
    by_the_rules = scanned(venue(*learned(shown), *before), scan(shown, EAST))
    forced = scanned(venue(*learned(shown), *before), scan(shown, EAST, duress=True))

    assert by_the_rules.record.outcome == "refused"
    assert (forced.record.outcome, forced.record.failed, forced.record.count) == ("admitted", (), 1)
    assert forced.venue.presence.of(ANNA) == ("hall",)
    assert set(forced.record.warnings) >= set(by_the_rules.record.failed), "the record has what was wrong"
    assert signals(forced.others) == [
        DuressSignalled(
            scan_id=forced.record.scan_id,
            venue_id=VENUE,
            gate_id="hall-east",
            zone_id="hall",
            person_id=ANNA,
            device_id=None,
        )
    ]


def test_somebody_without_a_badge_is_counted_too() -> None:
    forced = scanned(venue(), scan(Reading(problem="credential_malformed"), MAIN, duress=True))

    assert (forced.record.outcome, forced.venue.presence.count("grounds")) == ("admitted", 1)
    assert [signal.person_id for signal in signals(forced.others)] == [None]


def test_on_the_way_out_it_is_told_as_well() -> None:
    anna = badge(ANNA)
    inside = scanned(venue(*learned(anna)), scan(anna, MAIN)).venue

    assert len(signals(scanned(inside, scan(anna, MAIN, "out", duress=True)).others)) == 1


def test_without_the_alarm_nobody_is_told() -> None:
    anna = badge(ANNA)

    assert signals(scanned(venue(*learned(anna)), scan(anna, MAIN)).others) == []


def test_a_party_is_one_signal() -> None:
    anna, boris = badge(ANNA), badge(BORIS)
    party = Party(party_id=UUID(int=9), leader_id=ANNA, members=(BORIS,))
    house = venue(*learned(anna, boris), PartyFormed(party=party, venue_id=VENUE))
    forced = scanned(house, scan(anna, MAIN, heads=2, duress=True))

    assert (forced.venue.presence.count("grounds"), len(signals(forced.others))) == (2, 1)


async def newcomer(centre: Access, **facts: Any) -> Badge:
    new = badge(uuid4(), **facts)
    await centre.knows(new)
    return new


async def seen_at_the_gate(centre: Access, one: Badge, **more: Any) -> tuple[dict[str, str], list[str]]:
    """The scan, and all that the screen shows of it, but for what names scan and person; then they leave again."""
    body = scan_body(credential(one), MAIN, **more)
    answers = [await centre.scan_answer(body) for _ in range(2)]
    answers.append(await centre.get(f"/v1/scans/{body['scan_id']}", "supervisor"))
    answers.append(await centre.get(f"/v1/scans/{body['scan_id']}", "auditor"))
    await centre.scan(credential(one), MAIN, "out")
    return body, [nameless(answer.text, one, body["scan_id"]) for answer in answers]


def nameless(text: str, one: Badge, scan_id: str) -> str:
    for identifier in (scan_id, str(one.badge_id), str(one.person_id)):
        text = text.replace(identifier, "…")
    return re.sub(r'"position":\d+', '"position":0', text)


async def told(centre: Access, role: str, scan_id: str) -> list[dict[str, Any]]:
    page = await centre.client.get("/v1/log", params={"limit": 1_000}, headers=centre.issuer.headers(role))
    return [event for event in page.json()["events"] if event["data"].get("scan_id") == scan_id]


async def test_the_screen_and_the_stream_show_an_ordinary_welcome(centre: Access) -> None:
    guest, forced = await newcomer(centre), await newcomer(centre)
    who = {"badge_id": forced.badge_id, "person_id": forced.person_id}
    await centre.hears(theirs.BadgeRevoked(**who, delegation_id="vn", reason="withdrawn"))

    welcome, at_the_gate = await seen_at_the_gate(centre, guest)
    alarm, under_duress = await seen_at_the_gate(centre, forced, duress=True)

    assert under_duress == at_the_gate
    assert '"outcome":"admitted"' in under_duress[0]
    assert "Welcome" in under_duress[0]
    outside = [
        [nameless(str((event["type"], event["subject"], event["data"])), one, body["scan_id"])]
        for one, body in ((guest, welcome), (forced, alarm))
        for event in await told(centre, "subscriber", body["scan_id"])
    ]
    assert len(outside) == 2
    assert outside[0] == outside[1]


async def test_operations_are_told_through_what_only_the_house_hears(centre: Access) -> None:
    forced = await newcomer(centre, areas=EVERYWHERE[:1])
    alarm, _ = await seen_at_the_gate(centre, forced, duress=True)

    house = [event["type"] for event in await told(centre, "service", alarm["scan_id"])]
    assert house == ["placet.access.BadgeScanned.v1", "placet.access.DuressSignalled.v1"]
    assert len(await told(centre, "subscriber", alarm["scan_id"])) == 1


async def test_without_the_alarm_the_same_scan_is_refused(centre: Access) -> None:
    """Control."""
    stranger = await newcomer(centre, areas=())
    _, seen = await seen_at_the_gate(centre, stranger)

    assert '"reason":"zone_not_granted"' in seen[0]
