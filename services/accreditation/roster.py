"""Reading a roster: the CSV by which a delegation names its people. Says what is wrong row by row; stores nothing."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.personal import Personal
from contracts.words import LANGUAGES
from services.accreditation.vault import Person

COLUMNS = ("delegation", "family_name", "given_name", "title", "category", "function", "email", "language")
MAX_BYTES = 5 * 1024 * 1024
_MAX_ROWS = 20_000
_MAX_CELL = 200  # characters
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TURNS_TEXT = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})  # bidirectional classes
_EMAIL = re.compile(r"[^@\s<>\",;:]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TOKEN = re.compile(r"[a-z0-9-]{1,40}")


class RosterUnreadable(ValueError):
    """The file as a whole is not a roster; ``code`` is stable, the text says what to do."""

    def __init__(self, code: str, advice: str) -> None:
        super().__init__(advice)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a roster, checked as far as a row can be checked alone."""

    line: int  # as an editor counts, the header being line 1
    delegation_id: str
    category: str
    person: Person


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used; ``field`` says where, the value itself is not repeated."""

    line: int
    code: str
    field: str | None = None


def parse(content: bytes) -> Sequence[Row | BadRow]:
    """The rows of a roster, good and bad, in order. Raises RosterUnreadable."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(name.strip() for name in header) != COLUMNS:
            raise RosterUnreadable("roster_header_wrong", f"The first line must be: {','.join(COLUMNS)}")
        rows: list[Row | BadRow] = []
        for cells in filter(None, reader):
            if len(rows) == _MAX_ROWS:
                raise RosterUnreadable("roster_too_long", f"At most {_MAX_ROWS} rows a file; split it.")
            rows.append(_row(reader.line_num, cells))
    except csv.Error as error:
        raise RosterUnreadable("roster_not_csv", f"Line {reader.line_num} is not CSV; check its quotes.") from error
    return rows


def person_of(cells: Mapping[str, str]) -> Person | tuple[str, str]:
    """A person from the text of its fields, or (code, field) for the first thing that is wrong."""
    for field in ("family_name", "given_name", "title", "function", "email"):
        if problem := _cell_problem(cells[field]):
            return problem, field
    for field in ("family_name", "given_name"):
        if not cells[field].strip():
            return "name_missing", field
    if not _EMAIL.fullmatch(cells["email"].strip()):
        return "email_malformed", "email"
    if cells["language"] not in LANGUAGES:
        return "language_unknown", "language"
    personal = {
        field: Personal(cells[field].strip()) for field in ("family_name", "given_name", "title", "function", "email")
    }
    return Person(**personal, language=cells["language"])


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RosterUnreadable(
            "roster_not_utf8", f"Byte {error.start} is not UTF-8. Save the file as «CSV UTF-8» and try again."
        ) from error


def _row(line: int, cells: Sequence[str]) -> Row | BadRow:
    if len(cells) != len(COLUMNS):
        return BadRow(line, "wrong_number_of_cells")
    named = dict(zip(COLUMNS, cells, strict=True))
    for field in ("delegation", "category"):
        if not _TOKEN.fullmatch(named[field].strip()):
            return BadRow(line, f"{field}_unknown", field)
    person = person_of(named)
    if isinstance(person, tuple):
        return BadRow(line, *person)
    return Row(line, named["delegation"].strip(), named["category"].strip(), person)


def _cell_problem(cell: str) -> str | None:
    if cell.startswith(_FORMULA) or cell.strip().startswith(_FORMULA):
        return "formula_cell"  # a spreadsheet would run it
    if len(cell) > _MAX_CELL:
        return "cell_too_long"
    if not cell.isprintable() and any(_is_control(char) for char in cell):
        return "control_character"
    return None


def _is_control(char: str) -> bool:
    """Also what turns the direction of text: a guard would read another name than the one that is there."""
    return unicodedata.category(char) in {"Cc", "Zl", "Zp"} or unicodedata.bidirectional(char) in _TURNS_TEXT
