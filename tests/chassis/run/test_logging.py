"""Nothing that could name a person gets into the log, wherever it was put."""

import ast
import gc
import io
import json
import logging
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from chassis.personal import Personal
from chassis.run.logging import ALLOWED, Logger, SafeFormatter
from tests.controls import CANARY

_ROOT = Path(__file__).parents[3]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a service's log would hold."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeFormatter("access"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def _lines(written: io.StringIO) -> list[dict[str, Any]]:
    assert "Hoa" not in written.getvalue()
    assert "hoa@" not in written.getvalue()
    assert "Nguy" not in written.getvalue()
    return [json.loads(line) for line in written.getvalue().splitlines()]


class Guest(Enum):
    HOST = CANARY


class Odd:
    def __repr__(self) -> str:
        return CANARY

    __str__ = __repr__


def test_ids_codes_and_numbers_are_written(written: io.StringIO) -> None:
    scan = UUID(int=7)
    Logger("placet.test").warning("scan_refused", scan_id=scan, reason="zone_not_granted", count=3, code=None)

    (line,) = _lines(written)
    assert (line["level"], line["service"], line["logger"]) == ("warning", "access", "placet.test")
    assert line["message"] == "scan_refused"
    assert (line["scan_id"], line["reason"], line["count"], line["code"]) == (
        str(scan),
        "zone_not_granted",
        3,
        None,
    )


@pytest.mark.parametrize(
    "value",
    [CANARY, CANARY.encode(), [CANARY], {"name": CANARY}, Odd(), Guest.HOST, ValueError(CANARY), "x" * 81,
     Personal(CANARY)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_values_are_withheld(written: io.StringIO, value: object) -> None:
    Logger("placet.test").warning("something", reason=value, actor=value)

    (line,) = _lines(written)
    assert line["reason"] in {"[withheld]", "HOST"}


def test_fields_outside_of_the_list_are_only_named(written: io.StringIO) -> None:
    Logger("placet.test").warning("something", name="Hoa", email="hoa@example.org", count=1)

    (line,) = _lines(written)
    assert line["withheld"] == ["name", "email"]
    assert not ALLOWED & {"name", "email", "detail", "text", "body", "holder", "title"}


def test_the_list_holds_what_is_logged_and_traced_and_no_more() -> None:
    gc.collect()  # CPython 3.11 miscounts where garbage that complains is collected meanwhile (python/cpython#106905)
    named = {
        keyword.arg
        for folder in ("chassis", "services", "placet")
        for file in (_ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _says(call.func)
        for keyword in call.keywords
    }

    assert None not in named, "fields are named where they are logged, never handed on as a whole"
    assert named - {"exception"} == ALLOWED


def _says(function: ast.Attribute) -> bool:
    of = function.value.id if isinstance(function.value, ast.Name) else None
    return (of, function.attr) in {*(("log", level) for level in ("info", "warning", "error")), ("telemetry", "span")}


def test_what_a_library_says_is_where_it_said_it(written: io.StringIO) -> None:
    logging.getLogger("a.library").warning(f"Request of %s failed: {CANARY}", CANARY)  # noqa: G004  (as libraries do)

    (line,) = _lines(written)
    assert line["message"].startswith("test_logging:")


def test_an_exception_is_its_type_and_its_way_not_its_text(written: io.StringIO) -> None:
    class Body(BaseModel):
        seats: int

    def fails() -> None:
        try:
            Body.model_validate({"seats": CANARY})
        except ValidationError as error:
            error.add_note(CANARY)
            raise LookupError(CANARY) from error

    try:
        fails()
    except LookupError as error:
        Logger("placet.test").error("failed", exception=error)
        logging.getLogger("asyncio").exception("Task failed: %s", error)  # noqa: TRY401  (as asyncio does)
        Logger("placet.test").error("failed", exception=ExceptionGroup(CANARY, [error]))

    ours, foreign, group = _lines(written)
    assert ours["exception"]["type"] == "LookupError"
    assert ours["exception"]["cause"] == "ValidationError"
    assert any("fails" in frame for frame in ours["exception"]["frames"])
    assert foreign["exception"]["type"] == "LookupError"
    assert group["exception"]["type"] == "ExceptionGroup"


def test_an_ordinary_formatter_would_write_it_all() -> None:
    """Control: the canary does sing."""
    stream = io.StringIO()
    logger = logging.Logger("plain")  # noqa: LOG001  (outside of the tree, for a moment)
    logger.addHandler(logging.StreamHandler(stream))
    logger.error("Request of %s", CANARY, exc_info=LookupError(CANARY))

    assert stream.getvalue().count("Hoa") == 2


_FORGOTTEN_TASK = """
import asyncio
async def f(): asyncio.get_running_loop().create_task(g()); await asyncio.sleep(0.01)
async def g(): raise LookupError(CANARY)
asyncio.run(f())
"""


@pytest.mark.parametrize(
    "end",
    [
        "raise LookupError(CANARY)",
        "import threading; t = threading.Thread(target=lambda: 1 / int(CANARY)); t.start(); t.join()",
        "import warnings; warnings.warn(CANARY)",
        _FORGOTTEN_TASK,
        "class D:\n    def __del__(self): raise LookupError(CANARY)\nD()",
    ],
    ids=["uncaught", "thread", "warning", "task", "destructor"],
)
def test_what_a_process_dies_of_is_written_as_safely(end: str) -> None:
    script = (
        f"from chassis.run.logging import configure\nconfigure('access')\nCANARY = {CANARY!r}\n{textwrap.dedent(end)}"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=_ROOT, capture_output=True, text=True, check=False)

    assert done.stderr
    assert "Hoa" not in done.stderr
    assert "hoa@" not in done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert lines[0]["service"] == "access"
    assert (done.returncode != 0) == end.startswith("raise")
