"""The catalogue of what a gate says: a file a language, and standards.toml for what is the same in all of them.

``python -m services.access.catalogue write`` makes the pages of it under docs/.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.words import StandardCodes
from services.access.domain.checks import DISCREET

LANGUAGES: tuple[str, ...] = ("en", "fr", "es", "ru", "zh", "ar", "vi")
"""The six of the United Nations, and the host's."""


@dataclass(frozen=True, slots=True)
class Saying:
    """To the guard, in a few words that can be read aloud; to the guest, courteously."""

    guard: str
    guest: str


@dataclass(frozen=True, slots=True)
class Refusal(Saying):
    """What is said of one reason to refuse."""

    remedy: str
    """What would have let them in."""
    note: str
    """What the check found, in a few words: a warning where somebody passes all the same."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a gate says in one language."""

    name: str
    page: Mapping[str, str]
    admitted: Saying
    exited: Saying
    refusals: Mapping[str, Refusal]
    warnings: Mapping[str, str]
    """Those that are not a failed check."""


@dataclass(frozen=True, slots=True)
class Standards:
    """What other systems call our codes, and what the people at a gate do about them."""

    codes: Mapping[str, StandardCodes]
    do: Mapping[str, str]
    warnings: Mapping[str, str]
    elsewhere: Mapping[str, str]
    """Codes that other systems have, and why no gate of ours says them."""


def words(language: str) -> Words:
    """Reads the file of one language. What is discreet reads as the ordinary reason that it looks like."""
    file = _read(language)
    refusals = {code: Refusal(**texts) for code, texts in file["refusals"].items()}
    return Words(
        name=file["name"],
        page=file["page"],
        admitted=Saying(**file["admitted"]),
        exited=Saying(**file["exited"]),
        refusals=refusals | {code: refusals[looks_like] for code, looks_like in DISCREET.items()},
        warnings=file["warnings"],
    )


def standards() -> Standards:
    """Reads standards.toml."""
    file = _read("standards")
    return Standards(
        codes={code: StandardCodes.model_validate(row) for code, row in file["refusals"].items()},
        do={code: row["do"] for code, row in file["refusals"].items()},
        warnings=file["warnings"],
        elsewhere=file["elsewhere"],
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
