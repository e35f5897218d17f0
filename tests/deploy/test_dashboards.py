"""The dashboards ask for what services tell, and say what one sees. Grafana itself does not run here."""

import json
import re
import subprocess
import sys
from configparser import ConfigParser
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import DEPLOY, Compose
from tests.deploy.promql import misread, promtool

GRAFANA = DEPLOY / "grafana"
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))
ALL: dict[str, Any] = {file.stem: json.loads(file.read_text("utf-8")) for file in FILES}
PANELS = [(name, panel) for name, one in ALL.items() for panel in one["panels"]]
each_panel = pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}-{panel['id']}" for name, panel in PANELS])


def test_they_are_what_the_script_makes() -> None:
    done = subprocess.run([sys.executable, GRAFANA / "make_dashboards.py", "check"], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_there_are_four_and_each_has_a_name_of_its_own() -> None:
    assert ALL.keys() == {"overview", "record", "fleet", "services"}
    for name, one in ALL.items():
        assert one["uid"] == f"placet-{name}"
        assert len({panel["id"] for panel in one["panels"]}) == len({panel["title"] for panel in one["panels"]})
        assert len({panel["title"] for panel in one["panels"]}) == len(one["panels"])


@each_panel
def test_a_panel_says_what_one_sees(name: str, panel: dict[str, Any]) -> None:
    assert panel["type"] in {"timeseries", "stat", "table"}
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]


@each_panel
def test_a_panel_asks_for_what_services_tell(name: str, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        assert misread(target["expr"]) == set()
        assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "placet-prometheus"}
        told = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        if grouped := re.search(r"by \(([^)]*)\)", target["expr"]):
            assert told <= set(re.findall(r"\w+", grouped[1])), "a label that is summed away is told as nothing"


def test_prometheus_understands_what_they_ask(tmp_path: Any) -> None:
    asked = [target["expr"].replace("$__rate_interval", "1m") for _, panel in PANELS for target in panel["targets"]]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(asked)]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    right, said = promtool("check", "rules", file)

    assert right, said


@pytest.mark.parametrize("name", ALL)
def test_no_panel_lies_on_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in ALL[name]["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_grafana_is_provisioned_with_them(compose: Compose) -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/placet.yml").read_text())["providers"]
    mounted = dict(volume.split(":")[:2] for volume in compose["services"]["grafana"]["volumes"])

    assert source["uid"] == "placet-prometheus"
    assert source["url"] == "http://prometheus:9090"
    assert mounted["./deploy/grafana/dashboards"] == provider["options"]["path"]
    assert mounted["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"


def test_grafana_lets_in_its_administrator_and_tells_nobody_anything(compose: Compose) -> None:
    settings = ConfigParser(interpolation=None)
    settings.read(GRAFANA / "grafana.ini")

    assert settings["security"]["admin_password"] == "$__file{/run/secrets/grafana-admin}"
    assert compose["services"]["grafana"]["secrets"] == ["grafana-admin"]
    assert not settings.getboolean("auth.anonymous", "enabled")
    assert not settings.getboolean("users", "allow_sign_up")
    for told in ("reporting_enabled", "check_for_updates", "check_for_plugin_updates"):
        assert not settings.getboolean("analytics", told)


def test_prometheus_asks_the_services_where_they_are(compose: Compose) -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    targets = {one["labels"]["service"]: one["targets"] for one in jobs[0]["static_configs"]}

    assert targets == {
        service: [f"{service}:8080"] for service in ("accreditation", "access", "notifications", "operations")
    }
    for name in (*targets, "prometheus", "collector"):
        assert "placet" in compose["services"][name]["networks"]


def test_the_collector_is_told_all_it_asks_for(compose: Compose) -> None:
    text = (DEPLOY / "otel/collector.yaml").read_text("utf-8")
    content = yaml.safe_load(text)
    (pipeline,) = content["service"]["pipelines"].values()

    assert set(re.findall(r"\$\{env:(\w+)\}", text)) == compose["services"]["collector"]["environment"].keys() - {
        "GOMEMLIMIT"
    }
    assert pipeline["receivers"] == list(content["receivers"])
    assert pipeline["processors"] == list(content["processors"]) == ["memory_limiter", "batch"]
    assert set(re.findall(r"[a-z]{5,}", compose["services"]["collector"]["environment"]["EXPORTERS"])) == set(
        content["exporters"]
    )
    assert content["processors"]["memory_limiter"]["limit_mib"] < 256
