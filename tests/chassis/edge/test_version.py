"""One release, one version: what an app answers, what is distributed and what an image is labelled with."""

import re
import tomllib
from pathlib import Path

from chassis.edge.app import VERSION

_ROOT = Path(__file__).parents[3]


def test_the_version_is_the_same_wherever_it_stands() -> None:
    """It stands in the code too because an image holds the code alone, and no distribution that could be asked."""
    distributed = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    labelled = re.findall(r"^ARG VERSION=(.+)$", (_ROOT / "deploy" / "Dockerfile").read_text("utf-8"), re.MULTILINE)

    assert [distributed, *labelled] == [VERSION] * 2
