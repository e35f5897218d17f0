"""Every fault has its alert, which fires in time and at nothing else, and says what to do next."""

import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from tests.deploy.conftest import DEPLOY, ROOT
from tests.deploy.promql import RULES, labels, metrics, misread, promtool

TESTS = DEPLOY / "prometheus/tests"
RUNBOOKS = (ROOT / "docs/runbooks.md").read_text("utf-8")
FAULT_AT_S, WITHIN_S = 300, 120

Rule = dict[str, Any]


def rules() -> Iterator[Rule]:
    for file in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(file.read_text("utf-8"))["groups"]:
            yield from group["rules"]


ALL = {rule["alert"]: rule for rule in rules()}


def in_minutes(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)([smh])", text).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1 / 60, "m": 1, "h": 60}[unit]


def expected() -> Iterator[tuple[str, float]]:
    """Which alert is expected to fire, and how many minutes after the test began."""
    for file in sorted(TESTS.glob("*.yml")):
        for test in yaml.safe_load(file.read_text("utf-8"))["tests"]:
            for asked in test["promql_expr_test"]:
                for sample in asked["exp_samples"]:
                    yield re.search(r'alertname="(\w+)"', sample["labels"])[1], in_minutes(asked["eval_time"])  # type: ignore[index]


def test_prometheus_understands_its_configuration() -> None:
    right, said = promtool("check", "config", DEPLOY / "prometheus/prometheus.yml")

    assert right, said


@pytest.mark.parametrize("file", sorted(TESTS.glob("*.yml")), ids=lambda file: str(file.stem))
def test_alerts_fire_at_their_faults_and_at_nothing_else(file: Path) -> None:
    right, said = promtool("test", "rules", file)

    assert right, said


@pytest.mark.parametrize(
    ("rules", "there", "broken"),
    [
        ("people", "placet_operations_viewers > 900", "placet_operations_viewers > 9000"),
        ("record", "for: 30s", "for: 5m"),
        ("gates", "placet_devices_oldest_queue_seconds > 300", "placet_devices_oldest_queue_seconds > 60"),
    ],
    ids=["never", "too late", "too early"],
)
def test_a_rule_that_is_wrong_would_be_found(rules: str, there: str, broken: str, tmp_path: Path) -> None:
    """Control."""
    shutil.copytree(DEPLOY / "prometheus", tmp_path, dirs_exist_ok=True)
    file = tmp_path / f"rules/{rules}.yml"
    text = file.read_text("utf-8")
    assert there in text
    file.write_text(text.replace(there, broken), "utf-8")

    assert not promtool("test", "rules", tmp_path / f"tests/{rules}.yml")[0]


def test_each_alert_has_a_fault_at_which_it_fires_within_two_minutes() -> None:
    in_time = {name for name, minutes in expected() if minutes * 60 <= FAULT_AT_S + WITHIN_S}

    assert in_time == ALL.keys()


def test_the_clean_hour_has_every_metric_that_an_alert_looks_at() -> None:
    """An alert on a metric that is not there is quiet for the wrong reason."""
    clean = (TESTS / "clean.yml").read_text("utf-8")
    named = {name for rule in ALL.values() for name in metrics(rule["expr"])}

    assert {name for name in named if f"'{name}{{" not in clean} == set()


@pytest.mark.parametrize("name", ALL)
def test_an_alert_looks_at_what_services_tell(name: str) -> None:
    assert misread(ALL[name]["expr"]) == set()


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("placet_relay_backlog > 0", {"placet_relay_backlog"}),
        ('sum by (services) (rate(placet_verdicts_total{outcom="refused"}[1m]))', {"services", "outcom"}),
        ("histogram_quantile(0.99, rate(placet_verdict_bucket[1m])) > 1e3 and on (instance) up == 1",
         {"placet_verdict_bucket"}),
    ],
)  # fmt: skip
def test_a_metric_or_label_that_does_not_exist_would_be_found(expression: str, wrong: set[str]) -> None:
    """Control."""
    assert misread(expression) == wrong


@pytest.mark.parametrize("name", ALL)
def test_an_alert_says_what_is_wrong_and_what_to_do(name: str) -> None:
    rule = ALL[name]

    assert rule["labels"]["severity"] in {"page", "warning"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook"}
    assert rule["annotations"]["runbook"] == f"docs/runbooks.md#{name.lower()}"
    assert len(rule["annotations"]["summary"]) <= 100
    told = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    if grouped := re.match(r"(?:sum|changes|count) by \(([^)]*)\)", rule["expr"]):
        assert told <= set(re.findall(r"\w+", grouped[1])), "a label that the alert has lost is told as nothing"
    assert "group" not in labels(rule["expr"])


def test_each_alert_has_a_section_in_the_runbooks_and_each_section_an_alert() -> None:
    sections = re.findall(r"^### (.+)$", RUNBOOKS, re.MULTILINE)

    assert sorted(sections) == sorted(ALL)
    for name, text in zip(sections, re.split(r"^### .+$", RUNBOOKS, flags=re.MULTILINE)[1:], strict=True):
        severity = ALL[name]["labels"]["severity"].capitalize()
        assert text.strip().startswith(f"{severity}. "), name


def test_the_runbooks_name_commands_that_exist() -> None:
    commands: dict[str, Any] = vars(typer.main.get_command(import_module("placet.cli.main").app))["commands"]
    named = set(re.findall(r"(?:`|run --rm \S+ \S+ )placet ([a-z-]+)(?: ([a-z-]+))?", RUNBOOKS))

    assert ("dead-letters", "retry") in named
    for first, second in named:
        group = vars(commands[first]).get("commands")
        assert group is None or second in group, (first, second)


def test_the_runbooks_name_metrics_logs_and_routes_as_they_are() -> None:
    """Codes in the log and routes are found in the code by their words."""
    code = "\n".join(
        file.read_text("utf-8") for folder in ("chassis", "services") for file in (ROOT / folder).rglob("*.py")
    )
    words = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", RUNBOOKS)) - {"mem_limit"}

    assert {word for word in words if f'"{word}"' not in code} == set()
