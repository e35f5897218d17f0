"""A delegation names its people in one file; the answer tells row by row what became of each."""

import asyncio
import csv
import io
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest

import services.accreditation.roster
from services.accreditation.roster import COLUMNS, MAX_BYTES
from tests.accreditation.controls import HEADER, roster, row
from tests.accreditation.running import Desk
from tests.controls import eventually


def newcomer(delegation: str, category: str = "delegate", **fields: str) -> str:
    return row(delegation, category, **{"email": f"{uuid4().hex}@example.org", **fields})


async def imported(desk: Desk, *rows: str, dry_run: bool = False, key: str | None = None) -> dict[str, Any]:
    answer = await desk.ask(f"/v1/rosters?dry_run={str(dry_run).lower()}", roster(*rows), key=key)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def codes(report: dict[str, Any]) -> list[str | None]:
    return [result["code"] for result in report["results"]]


async def test_everybody_in_a_good_file_is_named(desk: Desk) -> None:
    delegation = await desk.welcome()

    report = await imported(desk, *(newcomer(delegation) for _ in range(3)))

    assert (report["rows"], report["accepted"], report["refused"], report["dry_run"]) == (3, 3, 0, False)
    assert [result["line"] for result in report["results"]] == [2, 3, 4]
    named = {one["nomination_id"] for one in (await desk.get(f"/v1/nominations?delegation_id={delegation}")).json()}
    assert {result["nomination_id"] for result in report["results"]} == named


async def every_kind_of_row(desk: Desk) -> list[tuple[str, str | None]]:
    """Rows, and what each is refused for."""
    delegation, other, silent = await desk.welcome(delegate=6, media=1), await desk.welcome(), await desk.invited()
    twin, known = f"{uuid4().hex}@example.org", f"{uuid4().hex}@example.org"
    await desk.nominated(other, email=known, family_name="Đỗ", given_name="Mỹ")
    return [
        (newcomer(delegation, email=twin, family_name="Lê", given_name="Thị Ánh"), None),
        (newcomer("atlantis"), "delegation_unknown"),
        (newcomer(silent), "delegation_not_confirmed"),
        (newcomer(delegation, "juggler"), "category_unknown"),
        (newcomer(delegation, family_name=""), "name_missing"),
        (newcomer(delegation, email="nobody"), "email_malformed"),
        (newcomer(delegation, language="de"), "language_unknown"),
        (newcomer(delegation, title="=1+1"), "formula_cell"),
        (newcomer(delegation, function="x" * 201), "cell_too_long"),
        (newcomer(delegation, function="a\x07b"), "control_character"),
        ("too,few,cells", "wrong_number_of_cells"),
        (newcomer(delegation, email=twin, family_name="LE", given_name="thi anh"), "duplicate_person"),
        (newcomer(other, email=twin, family_name="lê", given_name="Thịánh"), "duplicate_person"),
        (newcomer(delegation, email=known.upper(), family_name="DO", given_name="My"), "duplicate_person"),
        (newcomer(delegation, "media"), None),
        (newcomer(delegation, "media"), "quota_exhausted"),
        (newcomer(delegation, "head"), "quota_exhausted"),
        (newcomer(other), None),
        (newcomer(delegation), None),
    ]


async def test_each_row_is_judged_by_itself(desk: Desk) -> None:
    rows = await every_kind_of_row(desk)

    report = await imported(desk, *(text for text, _ in rows))

    assert codes(report) == [code for _, code in rows]
    assert report["accepted"] == sum(code is None for _, code in rows)
    assert all((result["nomination_id"] is None) == (result["code"] is not None) for result in report["results"])


async def test_a_dry_run_says_what_would_come_and_stores_nothing(desk: Desk) -> None:
    rows = [text for text, _ in await every_kind_of_row(desk)]
    before = await desk.host.log.head(), await desk.kept()

    foreseen = await imported(desk, *rows, dry_run=True)

    assert (await desk.host.log.head(), await desk.kept()) == before
    assert foreseen["dry_run"]
    came = await imported(desk, *rows)
    without_ids = [{**result, "nomination_id": None} for result in came["results"]]
    assert foreseen["results"] == without_ids
    assert (foreseen["accepted"], foreseen["refused"]) == (came["accepted"], came["refused"])


async def test_a_dry_run_counts_the_places_its_own_rows_would_take(desk: Desk) -> None:
    delegation = await desk.welcome(delegate=2)

    report = await imported(desk, *(newcomer(delegation) for _ in range(4)), dry_run=True)

    assert codes(report) == [None, None, "quota_exhausted", "quota_exhausted"]


async def test_a_dry_run_under_a_key_leaves_the_key_for_the_real_one(desk: Desk) -> None:
    delegation, key = await desk.welcome(), str(uuid4())
    rows = [newcomer(delegation) for _ in range(2)]
    await imported(desk, *rows, dry_run=True, key=key)

    assert (await imported(desk, *rows, key=key))["accepted"] == 2


async def test_the_same_file_under_the_same_key_gives_the_same_report(desk: Desk) -> None:
    rows, key = [text for text, _ in await every_kind_of_row(desk)], str(uuid4())

    first = await imported(desk, *rows, key=key)
    before = await desk.host.log.head()
    again = await imported(desk, *rows, key=key)

    assert again == first
    assert await desk.host.log.head() == before


async def test_the_same_file_under_another_key_names_nobody_twice(desk: Desk) -> None:
    delegation = await desk.welcome()
    rows = [newcomer(delegation) for _ in range(3)]
    await imported(desk, *rows)

    assert codes(await imported(desk, *rows)) == ["duplicate_person"] * 3


async def test_another_file_under_the_same_key_is_refused_as_a_whole(desk: Desk) -> None:
    delegation, key = await desk.welcome(), str(uuid4())
    first = [newcomer(delegation) for _ in range(2)]
    await imported(desk, *first, key=key)
    before = await desk.host.log.head(), await desk.kept()

    answer = await desk.ask("/v1/rosters", roster(*first, newcomer(delegation)), key=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert (await desk.host.log.head(), await desk.kept()) == before


async def test_rows_refused_before_are_decided_anew_and_those_named_stay_named(desk: Desk) -> None:
    delegation, key = await desk.welcome(delegate=1), str(uuid4())
    rows = [newcomer(delegation) for _ in range(2)]
    first = await imported(desk, *rows, key=key)
    await desk.did(f"/v1/delegations/{delegation}/quotas", {"category": "delegate", "places": 2})

    again = await imported(desk, *rows, key=key)

    assert codes(first) == [None, "quota_exhausted"]
    assert codes(again) == [None, None]
    assert again["results"][0] == first["results"][0]


async def test_a_delegation_is_read_once_a_roster_and_not_once_a_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegation, stream = await desk.welcome(), desk.host.log.stream
    read: list[UUID] = []

    async def counting(name: str, *where: Any, **which: Any) -> Any:
        recorded = await stream(name, *where, **which)
        read.extend(one.event_id for one in recorded if name == f"delegation-{delegation}")
        return recorded

    monkeypatch.setattr(desk.host.log, "stream", counting)
    rows, key = [newcomer(delegation) for _ in range(20)], str(uuid4())
    reports = [await imported(desk, *rows, key=key) for _ in range(2)]  # the second finds all of them named

    assert [report["accepted"] for report in reports] == [20, 20]
    assert len(read) == 3  # it was invited, confirmed, given places; what the rows add is known


async def test_others_are_answered_while_a_roster_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    delegation, at_it, go_on = await desk.welcome(), threading.Event(), threading.Event()
    parse = services.accreditation.roster.parse

    def slow(content: bytes) -> Any:
        at_it.set()
        assert go_on.wait(10), "nobody else was answered"
        return parse(content)

    monkeypatch.setattr(services.accreditation.roster, "parse", slow)
    importing = asyncio.create_task(imported(desk, newcomer(delegation)))
    await eventually(at_it.is_set)
    assert (await desk.get("/v1/delegations")).status_code == 200
    go_on.set()

    assert (await importing)["accepted"] == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster_header_wrong"),
        (b"name,email\nHoa,hoa@example.org\n", "roster_header_wrong"),
        (HEADER.encode() + b"\nfr,Nguy\xe9n\n", "roster_not_utf8"),
        ((HEADER + '\nfr,"Nguyễn').encode(), "roster_not_csv"),
        (b"\x00" * 1_000, "roster_header_wrong"),
        (b"PK\x03\x04" + b"\xff" * 1_000, "roster_not_utf8"),
    ],
)
async def test_what_is_no_roster_is_refused_with_advice(desk: Desk, content: bytes, code: str) -> None:
    answer = await desk.ask("/v1/rosters", content)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"]
    assert "Nguy" not in answer.text


async def test_a_file_as_a_foreign_office_saves_it_is_read(desk: Desk) -> None:
    delegation = await desk.welcome()
    content = b"\xef\xbb\xbf" + roster(newcomer(delegation), newcomer(delegation)).replace(b"\n", b"\r\n")

    assert (await desk.ask("/v1/rosters", content)).json()["accepted"] == 2


async def test_ten_megabytes_of_junk_are_not_read(desk: Desk) -> None:
    before = await desk.host.log.head()

    answer = await desk.ask("/v1/rosters", b"x" * (10 * 1024 * 1024))

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert await desk.host.log.head() == before


async def test_ten_megabytes_of_junk_whose_length_is_not_told_are_not_read_either(desk: Desk) -> None:
    sent = 0

    async def junk() -> Any:
        nonlocal sent
        for _ in range(160):
            sent += 65_536
            yield b"x" * 65_536

    headers = {"Idempotency-Key": str(uuid4()), **desk.headers()}
    answer = await desk.client.post("/v1/rosters", content=junk(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert sent > MAX_BYTES


async def test_a_file_just_within_the_limit_is_looked_at(desk: Desk) -> None:
    """Control: it is the size that was refused above."""
    content = HEADER.encode() + b"\n" * (MAX_BYTES - len(HEADER))

    answer = await desk.ask("/v1/rosters", content)

    assert (answer.status_code, answer.json()["rows"]) == (200, 0)


async def test_a_report_repeats_nothing_of_what_it_refuses(desk: Desk) -> None:
    delegation = await desk.welcome()

    report = await desk.ask("/v1/rosters", roster(newcomer(delegation, family_name="=Nguyễn", function="Cố vấn")))

    assert "Nguyễn" not in report.text
    assert "Cố vấn" not in report.text


async def test_nothing_a_spreadsheet_would_run_is_ever_given_back(desk: Desk) -> None:
    """Whatever comes out of the vault may go into a spreadsheet again."""
    delegation = await desk.welcome()
    cells = [" =1+1", "=1+1", "\t=1", "+1", "-1", "@a", "\u00a0=1"]
    rows = [newcomer(delegation, function=f'"{cell}"') for cell in cells]

    report = await imported(desk, *rows, newcomer(delegation))

    assert codes(report) == ["formula_cell"] * len(cells) + [None]
    people = [await desk.person_of(result["nomination_id"]) for result in report["results"] if result["nomination_id"]]
    known = (await desk.get(f"/v1/people?purpose=desk&ids={people[0]}", desk.headers("desk"))).json()
    written = io.StringIO()
    csv.writer(written).writerow(known[0].values())
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in next(csv.reader([written.getvalue()])))
    assert tuple(HEADER.split(",")) == COLUMNS
