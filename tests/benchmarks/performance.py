"""Writes figures into docs/performance.md: each stands behind a comment that says how it is told.

``<!-- {verdicts_per_s_c32:,}/s -->1,242/s``: what follows the comment, up to the end of the cell or line, is ours.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.findings import Figure

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
_PLACE = re.compile(r"<!-- (.*?) -->[^|\n]*?(?= \||$)", re.MULTILINE)


def update(text: str, figures: Mapping[str, Figure]) -> str:
    """The document with these figures in their places; a place of which a figure is missing says so."""
    return _PLACE.sub(lambda place: f"<!-- {place[1]} -->{_told(place[1], figures)}", text)


def _told(how: str, figures: Mapping[str, Figure]) -> str:
    try:
        return how.format_map(figures)
    except KeyError:
        return "not measured"
