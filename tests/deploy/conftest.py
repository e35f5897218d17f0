"""What a compose installation is made of: the two files that describe it, and the secrets an operator makes for it."""

import io
import os
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.run.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"

Compose = dict[str, Any]


@pytest.fixture
def compose() -> Compose:
    """docker-compose.yml, anchors resolved."""
    content: Compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return content


@dataclass(frozen=True)
class Done:
    """How a run of make_secrets.py ended. ``refusal``: what it said instead of doing what it was asked for."""

    said: str
    refusal: str | None


def make_secrets(*arguments: object) -> Done:
    """Runs it beside us: a process of its own takes a second."""
    said, umask = io.StringIO(), os.umask(0o022)
    refusal = None
    try:
        with redirect_stdout(said):
            _program().main([str(one) for one in arguments])
    except SystemExit as stopped:
        refusal = str(stopped.code)
    finally:
        os.umask(umask)
    return Done(said.getvalue(), refusal)


@cache
def _program() -> Any:
    spec = spec_from_file_location("make_secrets", DEPLOY / "make_secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of secrets."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    assert make_secrets(folder).refusal is None
    return folder


def settings_class(service: str) -> type[Settings]:
    found: type[Settings] = getattr(import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings")
    return found
