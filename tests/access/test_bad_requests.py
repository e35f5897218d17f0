"""What is no scan is refused before anything is decided: with a code, and without repeating what was sent."""

import json
from typing import Any
from uuid import uuid4

import pytest

from chassis.edge.bodies import NamesBody
from contracts.words import LANGUAGES
from tests.access.controls import EAST, HALL, MAIN
from tests.access.running import Access, scan_body

SECRET = "Nguyễn Thị Hoa"
GOOD = scan_body("12345678", MAIN)


async def stored(centre: Access) -> int:
    return (await centre.host.log.head()).position


async def answer_to(centre: Access, content: bytes) -> tuple[int, dict[str, Any]]:
    before = await stored(centre)
    headers = {**centre.issuer.headers("supervisor"), "Content-Type": "application/json"}
    response = await centre.client.post("/v1/scans", content=content, headers=headers)
    assert response.headers["content-type"] == "application/problem+json"
    assert await stored(centre) == before
    problem = response.json()
    assert set(problem) >= {"type", "title", "status", "detail", "code"}
    assert problem["status"] == response.status_code
    assert SECRET not in response.text
    return response.status_code, problem


MALFORMED = {
    "nothing": b"",
    "half an object": b'{"scan_id": ',
    "single quotes": b"{'scan_id': 1}",
    "not utf-8": b'{"credential": "\xff\xfe"}',
    "a comma too many": json.dumps(GOOD).encode()[:-1] + b",}",
    "two objects": json.dumps(GOOD).encode() * 2,
    "too deep": b"[" * 5_000 + b"]" * 5_000,
    "half a surrogate": json.dumps({**GOOD, "credential": "\ud800"}).encode(),
    "not a number": json.dumps(GOOD).encode().replace(b'"scanner"', b"NaN"),
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_not_json_is_malformed(centre: Access, content: bytes) -> None:
    status, problem = await answer_to(centre, content)

    assert (status, problem["code"]) in {(400, "malformed_json"), (422, "invalid_request")}


WRONG: dict[str, Any] = {
    "a list": [GOOD],
    "a text": SECRET,
    "null": None,
    "an unknown field": {**GOOD, "name": SECRET},
    "an overlay that is no text": {**GOOD, "overlay": 7},
    "a party without heads": {**GOOD, "party": {"absent": []}},
    **{f"without {field}": {key: value for key, value in GOOD.items() if key != field} for field in GOOD},
    **{f"{field} is null": {**GOOD, field: None} for field in GOOD},
    **{f"{field} is a list": {**GOOD, field: [GOOD[field]]} for field in GOOD},
    **{f"{field} is a number": {**GOOD, field: 7} for field in GOOD if field != "scanned_at"},
    "a scan id that is none": {**GOOD, "scan_id": SECRET},
    "a gate with capitals": {**GOOD, "gate_id": "MAIN"},
    "a gate with a dot": {**GOOD, "gate_id": "main.east"},
    "a gate with a line feed": {**GOOD, "gate_id": "main\n"},
    "a gate with forty-one letters": {**GOOD, "gate_id": "a" * 41},
    "no gate": {**GOOD, "gate_id": ""},
    "sideways": {**GOOD, "direction": "sideways"},
    "IN": {**GOOD, "direction": "IN"},
    "a source nobody knows": {**GOOD, "source": "drone"},
    "a long credential": {**GOOD, "credential": SECRET * 1_000},
    "a time without an offset": {**GOOD, "scanned_at": "2025-10-25T08:30:00"},
    "a day": {**GOOD, "scanned_at": "2025-10-25"},
    "no time": {**GOOD, "scanned_at": SECRET},
    "a time beyond all calendars": {**GOOD, "scanned_at": "99999-10-25T08:30:00Z"},
    "the thirty-first of february": {**GOOD, "scanned_at": "2025-02-31T08:30:00Z"},
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
async def test_what_is_no_scan_is_invalid(centre: Access, body: Any) -> None:
    status, problem = await answer_to(centre, json.dumps(body).encode())

    assert (status, problem["code"]) == (422, "invalid_request")
    assert problem["errors"]
    assert all(set(error) == {"field", "error", "message"} for error in problem["errors"])


async def test_a_body_larger_than_any_scan_is_not_read(centre: Access) -> None:
    status, problem = await answer_to(centre, json.dumps({**GOOD, "credential": "A" * 70_000}).encode())

    assert (status, problem["code"]) == (413, "body_too_large")


async def test_a_large_body_that_says_nothing_of_its_length_is_not_read_either(centre: Access) -> None:
    async def endless() -> Any:
        for _ in range(200):
            yield b" " * 1_024

    headers = centre.issuer.headers("supervisor")
    response = await centre.client.post("/v1/scans", content=endless(), headers=headers)

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "scanned_at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z", "2025-10-25T08:30:00+07:00"],
)
async def test_a_scanner_with_a_mad_clock_is_answered_all_the_same(centre: Access, scanned_at: str) -> None:
    """What its clock says is recorded, never trusted."""
    body = {**GOOD, "scan_id": str(uuid4()), "scanned_at": scanned_at}

    first, again = [await centre.scan_answer(body) for _ in range(2)]

    assert (first.status_code, first.json()["reason"]) == (200, "credential_malformed")
    assert again.json()["replayed"]
    assert (await centre.get(f"/v1/scans/{body['scan_id']}", "auditor")).status_code == 200


@pytest.mark.parametrize(
    "credential",
    ["", " ", "\x00", "\n", "'; DROP TABLE log.events; --", "\U0001d56c\U0001d56e1:", "\u202eAC1:", "AC1:" + "é" * 400],
)
async def test_whatever_a_scanner_reads_is_a_scan(centre: Access, credential: str) -> None:
    verdict = await centre.scan(credential, MAIN)

    assert verdict["reason"] == "credential_malformed"


async def test_what_a_scanner_read_is_not_kept(centre: Access) -> None:
    """Somebody's passport, held to the wrong window."""
    await centre.scan(SECRET, MAIN)

    for event in await centre.host.log.read(0, 100_000):
        assert SECRET not in event.data
        assert event.shared is None or SECRET not in event.shared.body


STEERING = {
    "nothing": "",
    "a blank": " ",
    "NUL, which no database keeps in a text": "Hall\x00",
    "a line feed": "Hall\nEast",
    "an escape": "\x1b[2JHall",
    "a line separator": "Hall\u2028East",
    "what turns text round": "Hall \u202etsaE",
    "a byte order mark": "\ufeffHall",
    "a joiner that joins nothing": "\u200d",
    "a novel": "H" * 201,
}


@pytest.mark.parametrize("name", STEERING.values(), ids=STEERING)
async def test_what_steers_a_screen_rather_than_be_shown_is_no_name(centre: Access, name: str) -> None:
    before = await stored(centre)
    names = {"en": "Hall", "fr": "Salle", "vi": "Hội trường"}
    zone = HALL.model_dump(exclude={"path"})

    answers = [await centre.post("/v1/gates", {**EAST.model_dump(), "name": name})]
    answers += [await centre.post("/v1/zones", {**zone, "names": {**names, language: name}}) for language in names]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "invalid_request")] * 4
    assert await stored(centre) == before


@pytest.mark.parametrize("names", [{}, {"en": "Hall", "fr": "Salle"}, {"en": "Hall", "fr": "Salle", "vi": None}])
async def test_a_zone_has_a_name_in_each_language_of_the_house(centre: Access, names: dict[str, str]) -> None:
    answer = await centre.post("/v1/zones", {**HALL.model_dump(exclude={"path"}), "names": names})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert set(NamesBody.model_fields) == set(LANGUAGES)


@pytest.mark.parametrize(
    "name", ["Cổng Đông", "Porte n°\u00a03 (côté jardin)", "بوابة ٣", "می\u200cشود", "会议厅", "G" * 200]
)
async def test_what_people_read_is_a_name(centre: Access, name: str) -> None:
    """Control: in any script, and in the spelling it needs."""
    gate = {**EAST.model_dump(), "gate_id": "side-door", "name": f" {name} "}

    await centre.did("/v1/gates", gate)

    (known,) = [one for one in (await centre.get("/v1/gates")).json() if one["gate_id"] == "side-door"]
    assert known["name"] == name


@pytest.mark.parametrize("path", ["/v1/scans/not-a-uuid", "/v1/nothing", "/v1/scans/" + "a" * 5_000])
async def test_what_is_not_there_is_a_problem_too(centre: Access, path: str) -> None:
    response = await centre.get(path, "auditor")

    assert response.status_code in {404, 422}
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_good_scan_is_stored(centre: Access) -> None:
    """Control: what ``answer_to`` looks at moves when something is stored."""
    before = await stored(centre)

    await centre.scan("12345678", MAIN)

    assert await stored(centre) == before + 1
