"""Which language somebody reads: ``Accept-Language``, without its finer points."""

from collections.abc import Collection
from functools import lru_cache


@lru_cache(maxsize=1_000)  # few devices are set to many languages, and each asks with every scan
def preferred(header: str | None, offered: Collection[str]) -> str:
    """The one liked best of those ``offered``; the first of them where none is. ``fr-CH`` is French."""
    wanted = [_weighed(part) for part in (header or "").split(",")]
    for _, tag in sorted(wanted, key=lambda one: -one[0]):
        language = tag.partition("-")[0]
        if language in offered:
            return language
    return next(iter(offered))


def _weighed(part: str) -> tuple[float, str]:
    tag, _, parameter = part.strip().lower().partition(";")
    name, _, weight = parameter.strip().partition("=")
    try:
        return (float(weight) if name == "q" else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()
