"""Every word of a report, in one catalogue a language: words/<language>.json."""

import json
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fr", "vi")
_CATALOGUES = Path(__file__).parent / "words"


class Words:
    """A language's."""

    def __init__(self, language: str) -> None:
        self._catalogue = catalogue(language)

    def say(self, key: str, **values: object) -> str:
        """``field.severity``; places in it are filled in."""
        found: Any = self._catalogue
        for part in key.split("."):
            found = found[part]
        return str(found).format(**values)

    def code(self, group: str, code: object) -> str:
        """A code of ``group``; of a release that is newer than these words, the code itself."""
        found: str | None = self._catalogue[group].get(str(code))
        return str(code).replace("_", " ") if found is None else found


@cache
def catalogue(language: str) -> dict[str, Any]:
    """As it stands in the file."""
    read: dict[str, Any] = json.loads((_CATALOGUES / f"{language}.json").read_text("utf-8"))
    return read
