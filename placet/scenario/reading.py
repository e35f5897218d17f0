"""CSV and YAML read strictly: every complaint names the file, the line and what to do."""

import csv
import io
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from chassis.run.foreseen import ForeseenError
from placet.yaml_lines import line_of

Row = TypeVar("Row")
Model = TypeVar("Model", bound=BaseModel)


class ScenarioError(ForeseenError, ValueError):
    """A scenario cannot be read; the text names the file, the line and what to do."""


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """The rows of a CSV file, each with its line."""

    file: str
    rows: tuple[tuple[int, Row], ...]

    @property
    def values(self) -> tuple[Row, ...]:
        return tuple(row for _, row in self.rows)

    def require(self, holds: Callable[[Row], bool], otherwise: Callable[[Row], str]) -> None:
        """Raises ``ScenarioError`` at the first row for which ``holds`` is false."""
        for line, row in self.rows:
            if not holds(row):
                raise wrong(self.file, line, otherwise(row))

    def require_known(self, used: Callable[[Row], Iterable[str]], known: Collection[str], home: str) -> None:
        """Raises ``ScenarioError`` at the first word ``used`` finds in a row that is not ``known`` from ``home``."""
        for line, row in self.rows:
            for word in used(row):
                if word not in known:
                    raise wrong(self.file, line, unknown(word, home))

    def require_unique(self, key: Callable[[Row], Hashable]) -> None:
        first: dict[Hashable, int] = {}
        for line, row in self.rows:
            earlier = first.setdefault(key(row), line)
            if earlier != line:
                raise wrong(self.file, line, f"repeats {key(row)} of line {earlier}: remove one of them")


class YamlFile:
    """A YAML file whose values can be traced to their lines."""

    def __init__(self, folder: Path, file: str) -> None:
        self.file = file
        text = read_text(folder, file)
        try:
            self._value = yaml.safe_load(text)
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise wrong(file, line, f"not YAML: mend it: {error.problem}") from None

    def read_as(self, model: type[Model]) -> Model:
        try:
            return model.model_validate(self._value)
        except ValidationError as error:
            raise wrong(self.file, self._line(error.errors()[0]["loc"]), complaint(error)) from None

    def require(self, holds: bool, where: tuple[str | int, ...], otherwise: str) -> None:
        """Raises ``ScenarioError`` at the value at ``where`` unless it ``holds``."""
        if not holds:
            raise wrong(self.file, self._line(where), otherwise)

    def require_known(
        self, words: Iterable[str], known: Collection[str], where: tuple[str | int, ...], home: str
    ) -> None:
        for word in words:
            self.require(word in known, where, unknown(word, home))

    def _line(self, where: tuple[str | int, ...]) -> int:
        return line_of(self._root, where)


def wrong(file: str, line: int, what: str) -> ScenarioError:
    return ScenarioError(f"{file}, line {line}: {what}")


def unknown(word: str, home: str) -> str:
    return f"{word!r} is not in {home}: add it there or correct it here"


def complaint(error: ValidationError) -> str:
    """The first complaint as a sentence: where, what was found, what is wanted."""
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "missing":
        return f"{where} is missing: add it"
    if first["type"] == "extra_forbidden":
        return f"{where} is not known here: remove or correct it"
    return f"{where} is {first['input']!r}: correct it: {first['msg'][:1].lower()}{first['msg'][1:]}"


def read_bytes(folder: Path, file: str) -> bytes:
    try:
        return (folder / file).read_bytes()
    except FileNotFoundError:
        raise wrong(file, 1, f"not in {folder}: write it as scenarios/README.md describes") from None


def read_text(folder: Path, file: str) -> str:
    try:
        return read_bytes(folder, file).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise wrong(file, line, "not UTF-8: save the file as UTF-8") from None


def read_lines(folder: Path, file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and line and cells of every row after it that is not empty; there is at least one."""
    reader = csv.reader(io.StringIO(read_text(folder, file), newline=""))
    header, *lines = [(reader.line_num, cells) for cells in reader if cells] or [(1, [])]
    if not lines:
        raise wrong(file, 1, "no rows: write the header that scenarios/README.md describes and at least one row")
    return header[1], lines


def require_header(file: str, found: list[str], columns: tuple[str, ...]) -> None:
    if tuple(found) != columns:
        raise wrong(file, 1, f"the header is {','.join(found)!r}: make it {','.join(columns)!r}")


def read_table(folder: Path, file: str, model: type[Model]) -> Table[Model]:
    """The rows of ``file`` as ``model``, whose fields are the columns, in order."""
    columns = tuple(field.alias or name for name, field in model.model_fields.items())
    header, lines = read_lines(folder, file)
    require_header(file, header, columns)
    rows: list[tuple[int, Model]] = []
    for line, cells in lines:
        if len(cells) != len(columns):
            raise wrong(file, line, f"{len(cells)} cells: write {len(columns)}, one a column")
        try:
            rows.append((line, model.model_validate(dict(zip(columns, cells, strict=True)))))
        except ValidationError as error:
            raise wrong(file, line, complaint(error)) from None
    return Table(file, tuple(rows))
