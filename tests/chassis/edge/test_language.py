"""Which language somebody reads."""

import pytest

from chassis.edge.language import preferred

OFFERED = ("en", "fr", "vi")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("vi", "vi"),
        ("fr-CH", "fr"),
        ("FR-ch, en;q=0.5", "fr"),
        ("en;q=0.3, vi;q=0.9", "vi"),
        ("de, vi;q=0.2", "vi"),
        ("de", "en"),
        (None, "en"),
        ("", "en"),
        (";;;,q=,fr;q=nonsense,*", "fr"),
        ("vi;q=0, fr;q=0.1", "fr"),
    ],
)
def test_the_language_liked_best_of_those_offered(header: str | None, language: str) -> None:
    assert preferred(header, OFFERED) == language
