"""Reading a roster: what a spreadsheet may hold, row by row; what is no roster at all is said in one sentence."""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accreditation.roster import BadRow, RosterUnreadable, Row, parse
from tests.accreditation.controls import HEADER, roster, row

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "-2+3", " =1+1", "\u00a0=1", "  @x")


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def problems(content: bytes) -> list[tuple[int, str, str | None]]:
    return [(one.line, one.code, one.field) for one in parse(content) if isinstance(one, BadRow)]


def people(content: bytes) -> Sequence[Row]:
    rows = parse(content)
    assert all(isinstance(one, Row) for one in rows), rows
    return [one for one in rows if isinstance(one, Row)]


def unreadable(content: bytes) -> RosterUnreadable:
    with pytest.raises(RosterUnreadable) as raised:
        parse(content)
    return raised.value


def test_a_row_is_a_person_of_a_delegation_in_a_category() -> None:
    (one,) = people(roster(row(family_name="Trần", given_name="Bình", email="binh@example.org")))

    assert (one.line, one.delegation_id, one.category) == (2, "fr", "delegate")
    assert (one.person.family_name.reveal(), one.person.given_name.reveal()) == ("Trần", "Bình")
    assert (one.person.email.reveal(), one.person.language) == ("binh@example.org", "vi")


def test_a_name_does_not_show_itself() -> None:
    (one,) = people(roster(row(family_name="Trần")))

    assert "Trần" not in repr(one)
    assert "Trần" not in f"{one.person.family_name} {one.person}"


@pytest.mark.parametrize(
    "content",
    [
        roster(row()).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + roster(row()),
        roster(row()).rstrip(b"\n"),
        roster(row(), "", ""),
        roster(row()).replace(b"delegation,", b"delegation ,"),
    ],
    ids=[
        "from Windows",
        "with a byte order mark",
        "without a last line feed",
        "with empty lines",
        "spaces in the header",
    ],
)
def test_a_roster_is_read_as_spreadsheets_write_it(content: bytes) -> None:
    assert [one.line for one in people(content)] == [2]


def test_quotes_commas_and_spaces_in_a_cell_are_a_names_own() -> None:
    line = ",".join(
        ["fr", quoted("O\u2019Brien, Jr."), quoted('Ann "Nan"'), " Dr ", "delegate", quoted("a, b"), "a@b.org", "en"]
    )
    (one,) = people(roster(line))

    assert one.person.family_name.reveal() == "O\u2019Brien, Jr."
    assert one.person.given_name.reveal() == 'Ann "Nan"'
    assert (one.person.title.reveal(), one.person.function.reveal()) == ("Dr", "a, b")


def test_a_roster_of_nobody_is_one() -> None:
    assert parse(roster()) == []


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        (row(delegation="FR"), "delegation_unknown", "delegation"),
        (row(delegation=""), "delegation_unknown", "delegation"),
        (row(delegation="=1+1"), "delegation_unknown", "delegation"),
        (row(delegation="a" * 41), "delegation_unknown", "delegation"),
        (row(category="Chef d'État"), "category_unknown", "category"),
        (row(category=""), "category_unknown", "category"),
        (row(family_name="", email="a@b.org"), "name_missing", "family_name"),
        (row(given_name="   ", email="a@b.org"), "name_missing", "given_name"),
        (row(given_name="\u00a0", email="a@b.org"), "name_missing", "given_name"),
        (row(email=""), "email_malformed", "email"),
        (row(email="nobody"), "email_malformed", "email"),
        (row(email="a@b"), "email_malformed", "email"),
        (row(email="a@b@c.org"), "email_malformed", "email"),
        (row(email="a b@c.org"), "email_malformed", "email"),
        (row(email='"Ann <a@b.org>"'), "email_malformed", "email"),
        (row(email="a@b..org"), "email_malformed", "email"),
        (row(email='"a@b.org,c@d.org"'), "email_malformed", "email"),
        (row(language="de"), "language_unknown", "language"),
        (row(language=""), "language_unknown", "language"),
        (row(language="EN"), "language_unknown", "language"),
        (row(title="x" * 201), "cell_too_long", "title"),
        (row(email="a" * 200 + "@b.org"), "cell_too_long", "email"),
        (row(function="a\x00b"), "control_character", "function"),
        (row(function="a\x1bb"), "control_character", "function"),
        (row(function="a\x7fb"), "control_character", "function"),
        (row(function="a\u2028b"), "control_character", "function"),
        (row(family_name='"a\nb"', email="a@b.org"), "control_character", "family_name"),
        (row(given_name="Ann\u202eeoD", email="a@b.org"), "control_character", "given_name"),
        (row(given_name="\u2066Ann", email="a@b.org"), "control_character", "given_name"),
        ("fr,Nguyễn,Hoa", "wrong_number_of_cells", None),
        (row() + ",one more", "wrong_number_of_cells", None),
        ("nonsense", "wrong_number_of_cells", None),
    ],
)
def test_a_row_that_cannot_be_used_says_where_and_why(bad: str, code: str, field: str | None) -> None:
    good = row(family_name="Trần", given_name="Bình")

    rows = parse(roster(good, bad, good))

    assert [(type(one), one.line) for one in (rows[0], rows[-1])] == [(Row, 2), (Row, 4 + bad.count("\n"))]
    assert problems(roster(good, bad, good)) == [(3 + bad.count("\n"), code, field)]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("field", ["family_name", "given_name", "title", "function", "email"])
def test_what_a_spreadsheet_would_run_is_not_taken(formula: str, field: str) -> None:
    usual = {"family_name": "Trần", "given_name": "Bình", "email": "binh@example.org"}

    assert [found[1:] for found in problems(roster(row(**{**usual, field: quoted(formula)})))] == [
        ("formula_cell", field)
    ]


@pytest.mark.parametrize("name", ["Jean-Luc", "O'Brien", "M+M", "a=b", "x@y", "Nguyễn Văn A", "李", "محمد", "x" * 200])
def test_names_are_as_people_write_them(name: str) -> None:
    (one,) = people(roster(row(family_name=name, given_name="A", email="a@b.org")))

    assert one.person.family_name.reveal() == name


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster_header_wrong"),
        (b"\n", "roster_header_wrong"),
        (row().encode(), "roster_header_wrong"),
        (HEADER.replace("email", "e-mail").encode(), "roster_header_wrong"),
        (HEADER.replace(",", ";").encode(), "roster_header_wrong"),
        (HEADER.upper().encode(), "roster_header_wrong"),
        (HEADER.replace("title,category", "category,title").encode(), "roster_header_wrong"),
        ((HEADER + ",passport").encode(), "roster_header_wrong"),
        (b"PK\x03\x04 an archive", "roster_header_wrong"),
        (roster("fr,Nguy\u1ec5n").decode().encode("utf-16"), "roster_not_utf8"),
        (roster(row()) + b"fr,Nguy\xe9n\n", "roster_not_utf8"),
        (roster('fr,"Nguyễn,Hoa'), "roster_not_csv"),
        (roster('fr,"Nguyễn"x,Hoa'), "roster_not_csv"),
        (roster("fr," + "x" * 140_000), "roster_not_csv"),
    ],
)
def test_what_is_no_roster_is_said_as_a_whole(content: bytes, code: str) -> None:
    problem = unreadable(content)

    assert problem.code == code
    assert str(problem)
    assert "Nguy" not in str(problem)


def test_a_roster_has_no_more_rows_than_somebody_can_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accreditation.roster._MAX_ROWS", 20)
    assert len(people(roster(*[row()] * 20))) == 20
    assert unreadable(roster(*[row()] * 21)).code == "roster_too_long"


def test_a_roster_that_is_too_long_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accreditation.roster._MAX_ROWS", 20)

    assert unreadable(roster(*[row()] * 21, 'fr,"no end of it')).code == "roster_too_long"


@given(st.binary(max_size=300))
def test_no_file_at_all_raises_anything_else(content: bytes) -> None:
    for one in (content, HEADER.encode() + b"\n" + content):
        with suppress(RosterUnreadable):
            parse(one)


@given(st.lists(st.text(max_size=40), min_size=8, max_size=8))
def test_no_row_at_all_puts_a_formula_or_a_control_character_into_the_vault(cells: list[str]) -> None:
    try:
        rows = parse(roster(",".join(quoted(cell) for cell in cells)))
    except UnicodeEncodeError:
        return
    for one in rows:
        if isinstance(one, Row):
            kept = [one.person.family_name, one.person.given_name, one.person.title, one.person.function]
            for cell in (text.reveal() for text in [*kept, one.person.email]):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
                assert "\x00" not in cell
