"""The list of people erased. It lies outside the database, so that restoring an older one brings nobody back."""

import os
import re
from pathlib import Path
from uuid import UUID

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Erasures:
    """Ids in a file, one a line. The first erasure makes it, for its owner alone."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, person_id: UUID) -> None:
        """Lists somebody, once; on disk when it returns. Raises OSError."""
        known = self._text()
        # A full disk may have cut the last line short: what follows it stands on a line of its own.
        line = f"{person_id}\n" if not known or known.endswith("\n") else f"\n{person_id}\n"
        with os.fdopen(
            os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="ascii"
        ) as out:
            out.write("" if str(person_id) in known else line)
            out.flush()
            os.fsync(out.fileno())

    def __contains__(self, person_id: UUID) -> bool:
        return str(person_id) in self._text()

    def listed(self) -> list[UUID]:
        """Everybody on the list. A line that was cut short is nobody: that erasure went no further."""
        return [UUID(line) for line in self._text().splitlines() if _ID.fullmatch(line)]

    def _text(self) -> str:
        return self._file.read_text("ascii") if self._file.exists() else ""
