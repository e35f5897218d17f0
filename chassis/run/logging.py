"""Logging that cannot leak personal data: one JSON object a line, constant messages, and an allow-list of fields.

``log.info("badge_revoked", badge_id=...)`` writes ids, codes, counts and times. Fields outside the list are only named,
in ``withheld``; a string that does not look like an id or a code becomes ``[withheld]``. An exception is written as its
type and the lines it passed, never as its text, which may quote what somebody typed.
"""

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from enum import Enum
from types import TracebackType
from typing import Any, cast
from uuid import UUID

ALLOWED = frozenset({
    "about", "actor", "attempt", "code", "count", "error", "event_id", "gate_id", "lease", "method", "notice_id",
    "number", "port", "reader", "reason", "retry_in_s", "route", "scan_id", "source", "stream", "version", "view",
})  # fmt: skip
"""Fields that hold ids, codes, counts and times by construction: those that something logs, and no other."""

_CODE = re.compile(r"[A-Za-z0-9_.:/{}-]{1,80}")
_PATHS = re.compile(r".*/(?=(?:site-packages|contracts|chassis|services|placet|python3\.\d+)/)")


class Logger:
    """Writes events about the running of a service. The message is a constant name, the facts are fields."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, message: str, **fields: object) -> None:
        self._write(logging.INFO, message, fields, None)

    def warning(self, message: str, *, exception: BaseException | None = None, **fields: object) -> None:
        self._write(logging.WARNING, message, fields, exception)

    def error(self, message: str, *, exception: BaseException | None = None, **fields: object) -> None:
        self._write(logging.ERROR, message, fields, exception)

    def _write(self, level: int, message: str, fields: dict[str, object], error: BaseException | None) -> None:
        if self._logger.isEnabledFor(level):
            exc_info = None if error is None else (type(error), error, error.__traceback__)
            self._logger.log(level, message, extra={"placet": fields}, exc_info=exc_info)


def configure(service: str, level: str = "INFO") -> None:
    """Sends every record of this process to stderr through the safe formatter; what it dies of, too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # Python's own words would quote the exception's text.
    sys.excepthook = lambda _type, error, _trace: _uncaught(error)
    threading.excepthook = lambda hook: _uncaught(hook.exc_value)
    sys.unraisablehook = lambda hook: _uncaught(hook.exc_value)
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _uncaught(error: BaseException | None) -> None:
    Logger("placet").error("uncaught", exception=error)


class SafeFormatter(logging.Formatter):
    """A record as one line of JSON with nothing in it that could name a person."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        ours = cast("dict[str, object] | None", getattr(record, "placet", None))
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            # A library may have put anything into its message; where it was said tells enough.
            "message": record.msg if ours is not None else f"{record.module}:{record.lineno}",
        }
        for name, value in (ours or {}).items():
            if name in ALLOWED:
                line[name] = _safe(value)
            else:
                line.setdefault("withheld", []).append(name)
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _describe(record.exc_info[1], record.exc_info[2])
        return json.dumps(line)


def _safe(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case UUID() | datetime():
            return str(value)
        case Enum():
            return value.name
        case str() if _CODE.fullmatch(value):
            return value
        case _:
            return "[withheld]"


def _describe(error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    frames = [
        f"{_PATHS.sub('', frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]
    ]
    described: dict[str, object] = {
        "type": type(error).__qualname__,
        "cause": type(error.__cause__).__qualname__,
        "frames": frames,
    }
    if isinstance(error, BaseExceptionGroup):
        return {**described, "group": [_describe(one, one.__traceback__) for one in error.exceptions]}
    return described
