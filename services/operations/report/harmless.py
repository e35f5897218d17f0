"""Text that people typed, on its way onto paper."""

import re
import unicodedata

_MOST_MARKS = 4
"""Marks that stand on one letter; more than any language has would be drawn over the lines around."""
_TURNS_TEXT = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*")


def printable(text: str) -> str:
    """Composed where that is possible, without what steers instead of being shown; at most one empty line in a row."""
    kept, marks = [], 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char in _TURNS_TEXT or category in {"Cs", "Co", "Cn"}:
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MOST_MARKS:
            continue
        kept.append(" " if category in {"Cc", "Zl", "Zp"} and char != "\n" else char)
    return _EMPTY_LINES.sub("\n\n", "".join(kept)).strip()


def needs_shaping(text: str) -> bool:
    """Whether letters join, stand on one another, or run from right to left."""
    return any(
        unicodedata.category(char) in {"Mn", "Mc", "Me"} or unicodedata.bidirectional(char) in {"R", "AL", "AN"}
        for char in text
    )
