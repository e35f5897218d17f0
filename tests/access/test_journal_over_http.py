"""Journals over HTTP: every scan a device decided by itself is on record once, whatever is lost on the way."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.log.log import Append, AppendResult
from services.access.domain.record.badges import Badge
from services.access.gatekeeper import Gatekeeper
from tests.access.controls import ANNA, EAST, EXPO_DOOR, GATES, MAIN, badge
from tests.access.running import Access, credential, issued, scan_body
from tests.controls import NOW

Body = dict[str, Any]


def entry(number: int, shown: Badge | str, direction: str = "in", **changed: Any) -> Body:
    return {
        "sequence": number,
        "scan_id": str(uuid4()),
        "direction": direction,
        "credential": shown if isinstance(shown, str) else credential(shown),
        "decided": "exited" if direction == "out" else "admitted",
        "scanned_at": (NOW - timedelta(seconds=1000 - number)).isoformat(),
        "data_age_s": 60,
        **changed,
    }


async def bring(access: Access, headers: dict[str, str], *entries: Body, key: str | None = None) -> httpx.Response:
    headers = {**headers, "Idempotency-Key": key or str(uuid4())}
    return await access.client.post("/v1/journal", json={"entries": entries}, headers=headers)


async def brought(access: Access, headers: dict[str, str], *entries: Body) -> Body:
    answer = await bring(access, headers, *entries)
    assert answer.status_code == 200, answer.text
    told: Body = answer.json()
    return told


async def on_record(access: Access, device_id: str) -> Counter[str]:
    """How often each scan of a device is on record."""
    scans = await access.recorded("BadgeScanned")
    return Counter(scan["scan_id"] for scan in scans if scan["device_id"] == device_id)


async def somebody(access: Access) -> Badge:
    one = badge(uuid4())
    await access.knows(one)
    return one


async def test_what_a_device_decided_by_itself_is_on_record_and_found(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    one = await somebody(centre)
    scans = entry(1, one), entry(2, "AC1:NONSENSE", decided="refused", reason="credential_malformed")

    assert await brought(centre, headers, *scans) == {"recorded": 2, "conflicts": 0, "expected": 3}

    verdict = (await centre.get(f"/v1/scans/{scans[0]['scan_id']}", "supervisor")).json()
    assert (verdict["outcome"], verdict["zone"]["id"], verdict["replayed"]) == ("admitted", "grounds", True)
    refused = (await centre.get(f"/v1/scans/{scans[1]['scan_id']}", "supervisor")).json()
    assert (refused["outcome"], refused["reason"]) == ("refused", "credential_malformed")
    assert centre.gatekeeper.venue.presence.of(one.person_id) == ("grounds",)
    assert set((await on_record(centre, device_id)).values()) == {1}


async def test_why_it_was_decided_so_only_the_device_knows(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    scan = entry(1, await somebody(centre), decided="refused", reason="zone_full")
    await brought(centre, headers, scan)

    why = (await centre.get(f"/v1/scans/{scan['scan_id']}/explanation", "supervisor")).json()

    assert (why["basis"], why["outcome"], why["reason"], why["decided_again"]) == (
        "journal",
        "refused",
        "zone_full",
        None,
    )


async def test_a_device_that_keeps_no_credentials_says_whose_badge_it_was(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    one = await somebody(centre)
    said = entry(1, one) | {"credential": None, "badge_id": str(one.badge_id), "version": 1}

    await brought(centre, headers, said)

    assert centre.gatekeeper.venue.presence.of(one.person_id) == ("grounds",)


async def test_a_gap_names_the_number_that_is_expected(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    one = await somebody(centre)
    await brought(centre, headers, entry(1, one))

    answer = await bring(centre, headers, entry(3, one), entry(4, one))

    assert (answer.status_code, answer.json()["code"], answer.json()["expected"]) == (409, "journal_gap", 2)
    assert len(await on_record(centre, device_id)) == 1, "all of an upload, or nothing of it"


@pytest.mark.parametrize(
    "wrong",
    [
        {"credential": None},
        {"badge_id": str(ANNA), "version": 1},
        {"credential": None, "badge_id": str(ANNA)},
        {"decided": "exited"},
        {"decided": "refused"},
        {"decided": "refused", "reason": "did_not_like_the_face"},
        {"decided": "refused", "reason": "watchlist_hold"},
        {"reason": "zone_full"},
        {"sequence": 0},
        {"sequence": 2**53},
        {"data_age_s": -1},
        {"scanned_at": "0001-01-01T00:00:00Z"},
        {"scanned_at": "9999-12-31T23:59:59-14:00"},
        {"scanned_at": "2025-10-25T08:30:00"},
        {"outcome": "admitted"},
    ],
    ids=str,
)
async def test_an_entry_that_makes_no_sense_is_not_taken(centre: Access, wrong: Body) -> None:
    _, headers = await centre.enrolled("main")
    before = await centre.host.log.head()

    answer = await bring(centre, headers, entry(1, "12345678") | wrong)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert await centre.host.log.head() == before


async def test_a_thousand_entries_come_at_a_time_and_no_more(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    entries = [entry(number, "x" * 200) for number in range(1, 1_002)]

    assert (await bring(centre, headers)).status_code == 422
    assert (await bring(centre, headers, *entries)).status_code == 422
    assert (await brought(centre, headers, *entries[:1_000]))["expected"] == 1_001


# --- once -----------------------------------------------------------------------------------------------------------


async def test_an_upload_whose_answer_was_lost_is_repeated_to_the_same_end(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    scans, key = [entry(1, await somebody(centre)), entry(2, await somebody(centre))], str(uuid4())

    with_one_key = [(await bring(centre, headers, *scans, key=key)).json() for _ in range(2)]
    with_another = await brought(centre, headers, *scans)

    assert with_one_key == [{"recorded": 2, "conflicts": 0, "expected": 3}] * 2
    assert with_another == {"recorded": 0, "conflicts": 0, "expected": 3}
    assert set((await on_record(centre, device_id)).values()) == {1}


async def test_copies_that_come_at_the_same_time_are_one(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    scans = [entry(number, await somebody(centre)) for number in range(1, 6)]

    answers = await asyncio.gather(*(brought(centre, headers, *scans) for _ in range(6)))

    assert sorted(answer["recorded"] for answer in answers) == [0] * 5 + [5]
    assert set((await on_record(centre, device_id)).values()) == {1}


async def test_a_key_is_for_one_upload(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    first, second, key = entry(1, await somebody(centre)), entry(2, await somebody(centre)), str(uuid4())
    await bring(centre, headers, first, key=key)

    answer = await bring(centre, headers, second, key=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def live(entry_: Body, at: str) -> Body:
    """The same scan, as it is posted for a verdict."""
    return {
        "scan_id": entry_["scan_id"],
        "gate_id": at,
        "direction": entry_["direction"],
        "credential": entry_["credential"],
        "scanned_at": entry_["scanned_at"],
        "source": "scanner",
    }


async def test_a_verdict_that_was_lost_on_the_way_is_not_doubled_by_the_journal(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    scan = entry(1, await somebody(centre))
    verdict = (await centre.client.post("/v1/scans", json=live(scan, "main"), headers=headers)).json()
    assert verdict["outcome"] == "admitted"

    assert await brought(centre, headers, scan) == {"recorded": 0, "conflicts": 0, "expected": 2}

    assert await on_record(centre, device_id) == {scan["scan_id"]: 1}


async def test_a_request_that_comes_after_the_journal_is_given_what_the_device_decided(centre: Access) -> None:
    device_id, headers = await centre.enrolled("main")
    scan = entry(1, await somebody(centre), decided="refused", reason="lockdown")
    await brought(centre, headers, scan)

    late = await centre.client.post("/v1/scans", json=live(scan, "main"), headers=headers)
    other = await centre.client.post("/v1/scans", json=live(scan, "main") | {"direction": "out"}, headers=headers)

    assert (late.json()["outcome"], late.json()["reason"], late.json()["replayed"]) == ("refused", "lockdown", True)
    assert (other.status_code, other.json()["code"]) == (409, "scan_id_reused")
    assert await on_record(centre, device_id) == {scan["scan_id"]: 1}


async def test_a_scan_that_is_decided_while_its_journal_is_on_its_way_is_not_doubled(
    centre: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was on record when the upload looked; then the request came through."""
    device_id, headers = await centre.enrolled("main")
    scans = [entry(1, await somebody(centre)), entry(2, await somebody(centre))]
    look, looked = Gatekeeper.scans, 0

    async def too_early(gatekeeper: Gatekeeper, ids: Any) -> Any:
        nonlocal looked
        looked += 1
        found = await look(gatekeeper, list(ids))
        if looked == 1:
            await centre.client.post("/v1/scans", json=live(scans[0], "main"), headers=headers)
        return found

    monkeypatch.setattr(Gatekeeper, "scans", too_early)

    assert await brought(centre, headers, *scans) == {"recorded": 1, "conflicts": 0, "expected": 3}

    assert looked > 2, "it looked again"
    assert await on_record(centre, device_id) == {scan["scan_id"]: 1 for scan in scans}


async def test_another_verdict_than_ours_moves_people_as_it_did_at_the_door(centre: Access) -> None:
    """Refused here, and the answer lost; the device let them in by itself."""
    device_id, headers = await centre.enrolled("hall-east")
    one = await somebody(centre)
    scan = entry(1, one)
    refused = (await centre.client.post("/v1/scans", json=live(scan, "hall-east"), headers=headers)).json()
    assert (refused["outcome"], refused["reason"]) == ("refused", "path_violation")

    assert await brought(centre, headers, scan) == {"recorded": 1, "conflicts": 1, "expected": 2}

    assert centre.gatekeeper.venue.presence.of(one.person_id) == ("grounds", "hall")
    (dispute,) = [each for each in await centre.recorded("JournalEntryDisputed") if each["device_id"] == device_id]
    assert dispute["cause"] == "decided_otherwise"
    again = (await centre.get(f"/v1/scans/{scan['scan_id']}", "supervisor")).json()
    assert again["outcome"] == "refused", "the same scan has the same verdict for ever"


# --- many -----------------------------------------------------------------------------------------------------------


async def an_hour_alone(
    access: Access, devices: int, scans: int, people: Sequence[Badge]
) -> list[tuple[dict[str, str], str, list[Body]]]:
    """What so many devices bring that were on their own: some moved people about, some had it told to nobody."""
    rnd = random.Random(6_000)
    texts = {one.badge_id: credential(one) for one in people}
    journals = []
    for at in (GATES * 2)[:devices]:
        device_id, headers = await access.enrolled(at.gate_id)
        entries = [
            entry(number, texts[rnd.choice(people).badge_id], rnd.choice(("in", "in", "out")))
            for number in range(1, scans + 1)
        ]
        journals.append((headers, device_id, entries))
    return journals


async def merged(access: Access, devices: int, scans: int, at_once: int) -> float:
    """Seconds it takes. Every tenth answer is lost and its upload repeated; nothing is lost, nothing doubled."""
    people = [badge(uuid4()) for _ in range(200)]
    await access.hears(*(event for one in people for event in issued(one)))
    journals = await an_hour_alone(access, devices, scans, people)

    async def bring_all(headers: dict[str, str], entries: list[Body]) -> None:
        for start in range(0, len(entries), at_once):
            for _ in range(2 if start // at_once % 10 == 0 else 1):
                await brought(access, headers, *entries[start : start + at_once])

    begun = time.perf_counter()
    await asyncio.gather(*(bring_all(headers, entries) for headers, _, entries in journals))
    took_s = time.perf_counter() - begun
    records = await access.recorded("BadgeScanned")
    for _, device_id, entries in journals:
        order = [scan["scan_id"] for scan in records if scan["device_id"] == device_id]
        assert order == [each["scan_id"] for each in entries], "each once, in the order of the device"
    return took_s


async def test_the_journals_of_many_devices_merge(centre: Access) -> None:
    await merged(centre, devices=3, scans=100, at_once=50)


@pytest.mark.soak
async def test_six_thousand_scans_of_ten_devices_merge_within_ten_seconds(centre: Access) -> None:
    assert await merged(centre, devices=10, scans=600, at_once=100) < 10


async def test_if_an_upload_were_stored_by_halves_that_would_be_noticed(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a log that keeps only the first half of what it acknowledges."""
    append = access.host.log.append

    async def by_halves(one: Append) -> AppendResult:
        return await append(Append(one.stream, one.expected, one.events[: (len(one.events) + 1) // 2]))

    async with access.leading():
        await access.lay_out()
        device_id, headers = await access.enrolled("main")
        scans = [entry(number, "nobody's") for number in range(1, 5)]
        monkeypatch.setattr(access.host.log, "append", by_halves)
        await brought(access, headers, *scans)

    assert set(await on_record(access, device_id)) < {scan["scan_id"] for scan in scans}


async def test_if_records_were_not_stored_by_their_own_ids_they_would_be_doubled(
    centre: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the log takes an id once; give it others, and it takes the scan twice."""
    device_id, headers = await centre.enrolled("main")
    scan = entry(1, await somebody(centre))
    await centre.client.post("/v1/scans", json=live(scan, "main"), headers=headers)

    async def nothing(_gatekeeper: Gatekeeper, _ids: Any) -> Any:
        return {}

    monkeypatch.setattr(Gatekeeper, "scans", nothing)
    monkeypatch.setattr("services.access.gatekeeper.scan_command_id", lambda _scan_id: uuid4())
    await brought(centre, headers, scan)
    monkeypatch.undo()

    assert await on_record(centre, device_id) == {scan["scan_id"]: 2}


# --- batches --------------------------------------------------------------------------------------------------------


async def test_a_batch_is_decided_in_its_order(centre: Access) -> None:
    one = await somebody(centre)
    text = credential(one)
    scans = [
        scan_body(text, EAST),
        scan_body(text, MAIN),
        scan_body(text, EXPO_DOOR),
        scan_body(text, MAIN, "out"),
        scan_body(text, "nowhere"),
    ]
    answer = await centre.client.post(
        "/v1/scans/batch", json={"scans": scans}, headers=centre.issuer.headers("supervisor")
    )

    answers = answer.json()["answers"]
    assert [each.get("outcome", each.get("code")) for each in answers] == [
        "refused",
        "admitted",
        "admitted",
        "exited",
        "gate_unknown",
    ]
    assert [each["scan_id"] for each in answers[:4]] == [each["scan_id"] for each in scans[:4]]


async def test_a_device_has_only_its_own_gates_scans_decided(centre: Access) -> None:
    _, headers = await centre.enrolled("main")
    scans = [scan_body("12345678", MAIN), scan_body("12345678", EAST)]

    answer = await centre.client.post("/v1/scans/batch", json={"scans": scans}, headers=headers)

    assert [each.get("outcome", each.get("code")) for each in answer.json()["answers"]] == ["refused", "not_yours"]
    assert UUID(answer.json()["answers"][0]["scan_id"]) == UUID(scans[0]["scan_id"])
