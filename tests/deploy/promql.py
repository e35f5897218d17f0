"""Prometheus' programs, and which metrics an expression names."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from prometheus_client import REGISTRY

from contracts.topology import SERVICES
from tests.deploy.conftest import DEPLOY

RULES = DEPLOY / "prometheus/rules"
OF_PROMETHEUS = {"up", "ALERTS"}
OF_THE_SCRAPE = {"job", "instance", "service", "venue", "le", "alertstate", "alertname", "severity"}
"""Labels that no service gives."""
_WORDS = {"and", "or", "unless", "on", "by", "without", "offset", "ignoring", "bool", "group_left", "group_right"}


def program(name: str) -> str:
    """``promtool`` or ``prometheus``, from the system or from where ``make promtool`` puts them."""
    beside = Path(sys.executable).parent / name
    found = shutil.which(name) or (str(beside) if beside.exists() else None)
    assert found, f"No {name} here. Run: make promtool"
    return found


def promtool(*arguments: str | Path) -> tuple[bool, str]:
    """Whether it found nothing wrong, and what it said."""
    done = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


@cache
def exported() -> dict[str, set[str]]:
    """The labels of every metric that a service gives, by the metric's name as Prometheus stores it."""
    for service in SERVICES:
        import_module(f"services.{service}.app")
    import_module("chassis.run.host")
    found: dict[str, set[str]] = {}
    for names, labels in _collectors():
        for name in names:
            found.setdefault(name, set()).update(labels)
    return found


def _collectors() -> Iterator[tuple[list[str], set[str]]]:
    for collector, names in REGISTRY._collector_to_names.items():
        yield list(names), set(getattr(collector, "_labelnames", ()))


def metrics(expression: str) -> set[str]:
    """The metrics that an expression names."""
    bare = re.sub(r'"[^"]*"|\$\w+', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return {
        name
        for name, called in re.findall(r"(?<![\w.])([a-zA-Z_:][\w:]*)(\s*\()?", re.sub(r"\b\d+[smhdwy]?\b", " ", bare))
        if not called and name not in _WORDS
    }


def labels(expression: str) -> set[str]:
    """The labels that an expression selects or groups by."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    matched = {name for part in re.findall(r"\{([^}]*)\}", bare) for name in re.findall(r"(\w+)\s*[=!]", part)}
    grouped = {
        name for part in re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", bare) for name in re.findall(r"\w+", part)
    }
    return matched | grouped


def misread(expression: str) -> set[str]:
    """What an expression names that no service gives."""
    known = exported()
    unknown = metrics(expression) - known.keys() - OF_PROMETHEUS
    of_metrics = {label for name in metrics(expression) & known.keys() for label in known[name]}
    return unknown | (labels(expression) - of_metrics - OF_THE_SCRAPE)
