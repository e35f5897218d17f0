"""What a verdict says: to the guard, to the guest, and to other systems. The words are in catalogue/."""

from contracts.words import StandardCodes
from services.access import catalogue

LANGUAGES: tuple[str, ...] = catalogue.LANGUAGES

_WORDS = {language: catalogue.words(language) for language in LANGUAGES}
_FALLBACK = _WORDS["en"]
_NOTES = {
    language: {code: refusal.note for code, refusal in words.refusals.items()} | dict(words.warnings)
    for language, words in _WORDS.items()
}
_CODES = catalogue.standards().codes


def guard(language: str, outcome: str, reason: str | None) -> str:
    """To the guard: a few words that can be read aloud, and what to do next. English where we lack the language."""
    return _said(language, outcome, reason).guard


def guest(language: str, outcome: str, reason: str | None) -> str:
    """To the guest, courteously. English where we lack the language."""
    return _said(language, outcome, reason).guest


def remedy(language: str, code: str) -> str:
    """What would have let somebody in who was refused for ``code``. English where we lack the language."""
    return _WORDS.get(language, _FALLBACK).refusals[code].remedy


def warning(language: str, code: str) -> str:
    """What a warning says: also a check that failed and kept nobody out. English where we lack the language."""
    return _NOTES.get(language, _NOTES["en"])[code]


def standard_codes(code: str) -> StandardCodes:
    """A reason as building systems call it."""
    return _CODES[code]


def _said(language: str, outcome: str, reason: str | None) -> catalogue.Saying:
    words = _WORDS.get(language, _FALLBACK)
    if reason is not None:
        return words.refusals[reason]
    return words.exited if outcome == "exited" else words.admitted
