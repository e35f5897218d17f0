"""What images are built from is pinned, with hashes, and is what pyproject.toml asks for."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.deploy.conftest import DEPLOY, ROOT

LOCKS = ("requirements.lock", "build.lock", "mailbox.lock")


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (DEPLOY / lock).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (DEPLOY / lock).read_text("utf-8").strip())

    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(pinned(lock))
    assert "//" not in "".join(entries), "a lock names no index"


def test_runtime_dependencies_are_locked_as_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [Requirement(one) for one in project["dependencies"]]
    versions = pinned("requirements.lock")

    assert [str(one) for one in wanted if versions.get(one.name, "none") not in one.specifier] == []


def test_what_only_rehearsals_and_tests_need_is_not_in_an_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    main = {Requirement(one).name for one in project["dependencies"]}
    extras = {Requirement(one).name for group in ("embedded", "dev") for one in project["optional-dependencies"][group]}

    assert pinned("requirements.lock").keys() & (extras - main - {"placet"}) == set()
