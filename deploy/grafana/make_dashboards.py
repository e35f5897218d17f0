#!/usr/bin/env python3
"""Makes the dashboards that Grafana is provisioned with: ``python deploy/grafana/make_dashboards.py write|check``.

Here a panel is a line or two, with what it asks of Prometheus; as Grafana keeps it, it is sixty.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "placet-prometheus"}
_WIDTH = 24  # of Grafana's grid


@dataclass(frozen=True)
class Panel:
    """``asks``: PromQL by legend. ``description``: what is normal, and what it means where it is not."""

    title: str
    description: str
    asks: Mapping[str, str]
    unit: str = "short"
    kind: str = "timeseries"  # stat: one number; table: the labels of what is there now
    width: int = 8
    height: int = 7
    worst: float | None = None
    """From here on a stat is red."""


def _quantiles(metric: str, by: str = "") -> dict[str, str]:
    labels = f"le{', ' + by if by else ''}"
    of = f"sum by ({labels}) (rate({metric}_bucket[$__rate_interval]))"
    return {name: f"histogram_quantile({share}, {of})" for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}


def _stat(title: str, description: str, ask: str, unit: str = "short", worst: float | None = 1) -> Panel:
    return Panel(title, description, {"": ask}, unit, "stat", width=4, height=4, worst=worst)


OVERVIEW = (
    _stat("Pages", "Alerts that wake somebody and fire now. 0 is normal.",
          'count(ALERTS{alertstate="firing", severity="page"}) or vector(0)'),
    _stat("Warnings", "Alerts that somebody looks at within the hour.",
          'count(ALERTS{alertstate="firing", severity="warning"}) or vector(0)'),
    _stat("Scans in 4 h", "Verdicts put on record within the last four hours.",
          "sum(increase(placet_verdicts_total[4h]))", worst=None),
    _stat("Refused in 4 h", "Share of entries refused within the last four hours.",
          'sum(increase(placet_verdicts_total{outcome="refused"}[4h]))'
          ' / sum(increase(placet_verdicts_total{outcome!="exited"}[4h]))', "percentunit", worst=None),
    _stat("Admitted after revocation", "Within four hours; each is somebody who ought not to be inside. 0 is normal.",
          'sum(increase(placet_journal_conflicts_total{kind="admitted_after_revocation"}[4h]))'),
    _stat("Silent devices", "Scanners that were heard of once, and not for a minute. 0 is normal.",
          "sum(placet_devices_silent)"),
    Panel("Scans", "A second, by outcome.",
          {"{{outcome}}": "sum by (outcome) (rate(placet_verdicts_total[$__rate_interval]))"}, "ops", width=12),
    Panel("How long verdicts take", "From a scan's arrival to its verdict on record. The goal is a p99 of 80 ms.",
          _quantiles("placet_verdict_seconds"), "s", width=12),
    Panel("Refusals by reason", "A minute. One reason that rises alone is mostly data: a roster, a policy, a clock.",
          {"{{reason}}": 'sum by (reason) (rate(placet_verdicts_total{outcome="refused"}[5m])) * 60'}, "cpm", width=16),
    Panel("What fires", "Alerts by name; docs/runbooks.md has a section on each.",
          {"": 'ALERTS{alertstate="firing"}'}, kind="table"),
    Panel("Services", "1: does its job. 0: runs and cannot, or does not answer.",
          {"{{service}}": 'min by (service) (placet_ready or up{job="placet"} == 0)'}),
    Panel("What services do without", "As /ready says; standing_by is normal in a second process.",
          {"": "placet_degraded"}, kind="table"),
    Panel("Incidents", "An hour, by severity: 1 is the gravest.",
          {"severity {{severity}}": "sum by (severity) (increase(placet_incidents_reported_total[1h]))"}, width=12),
    Panel("Incidents that nobody took", "An hour: moved up by the clock; level 2 is the commander.",
          {"level {{level}}": 'sum by (level) (increase(placet_incidents_escalated_total{on_time="true"}[1h]))'},
          width=12),
    Panel("Viewers", "Who watch the live picture; 1,000 at most a process.",
          {"{{instance}}": "placet_operations_viewers"}),
)  # fmt: skip

RECORD = (
    _stat("Dead letters", "Entities whose events could not be applied, and wait. In access their badges are refused.",
          "sum(placet_consumer_parked_entities)"),
    _stat("Holes in 4 h", "Messages that NATS lost, and readers fetched from the log. More than 0: republish.",
          "sum(increase(placet_consumer_holes_total[4h]))"),
    _stat("Not in the streams", "Events recorded, and not known to be in their stream. A handful is normal.",
          "sum(clamp_min((placet_log_shared_number - placet_relay_published_number)"
          " and placet_relay_running == 1, 0))", worst=500),
    _stat("Not applied", "Events known to exist, and not applied by all who read them.",
          "sum(placet_consumer_lag_events)", worst=500),
    _stat("Disk full in 4 h", "Appends refused for want of room. 0 is normal.",
          'sum(increase(placet_log_failed_appends_total{cause="storage_full"}[4h]))'),
    _stat("Who leads", "Processes that hold a lease: one a service, and one a venue of access.",
          "sum(placet_leading)", worst=None),
    Panel("Recorded", "Shared events a second, by log.",
          {"{{service}}": "max by (service) (rate(placet_log_shared_number[$__rate_interval]))"}, "ops"),
    Panel("Published", "A second, by stream: as fast as recorded, a moment later.",
          {"{{service}}": "max by (service) (rate(placet_relay_published_number[$__rate_interval]))"}, "ops"),
    Panel("Backlog of the relays", "Events recorded, and not known to be in the stream.",
          {"{{service}}": "clamp_min((placet_log_shared_number - placet_relay_published_number)"
                          " and placet_relay_running == 1, 0)"}),
    Panel("Lag of readers", "Events known to exist and not applied; a few while there is traffic.",
          {"{{service}} of {{source}}": "placet_consumer_lag_events and on (instance) placet_leading == 1"}, width=12),
    Panel("Applied", "Events a second, by reader and source.",
          {"{{service}} of {{source}}": "rate(placet_consumer_applied_number[$__rate_interval])"}, "ops", width=12),
    Panel("Silence", "Since a source was last heard of. Up to 2 s is normal; without NATS, too.",
          {"{{service}} of {{source}}": "placet_consumer_silent_seconds and on (instance) placet_leading == 1"}, "s"),
    Panel("Dead letters by reader", "Entities whose events wait.",
          {"{{service}} of {{source}}": "placet_consumer_parked_entities"}),
    Panel("Appends that failed", "A minute. A restart of PostgreSQL leaves some unanswered.",
          {"{{service}} {{cause}}": "sum by (service, cause) (rate(placet_log_failed_appends_total[5m])) * 60"}, "cpm"),
    Panel("NATS", "1: connected. At 0 services ask each other over HTTP.",
          {"{{service}}": "placet_nats_connected"}, width=12),
    Panel("Leases", "1: holds the lease of its work. One process of each service does.",
          {"{{instance}}": "placet_leading"}, width=12),
)  # fmt: skip

FLEET = (
    _stat("Devices", "Scanners that may scan.", "sum(placet_devices)", worst=None),
    _stat("Silent", "Heard of once, and not for a minute. The page Gates says which.", "sum(placet_devices_silent)"),
    _stat("Wrong clocks", "More than 30 s off.", "sum(placet_devices_skewed)"),
    _stat("Without newest revocations", "For a moment after each revocation; longer is a fault.",
          'sum(placet_devices_behind{list="revocations"})'),
    _stat("Without newest policy", "For a moment after each change; longer is a fault.",
          'sum(placet_devices_behind{list="policy"})'),
    _stat("Oldest queue", "For how long a device that is online has had scans of its own to bring.",
          "max(placet_devices_oldest_queue_seconds)", "s", worst=300),
    Panel("Silent devices", "Many at once is the network, one is its battery.",
          {"silent": "sum(placet_devices_silent)", "all": "sum(placet_devices)"}, width=12),
    Panel("Scans to be brought", "Decided by devices that are online, and not on record yet.",
          {"scans": "sum(placet_devices_queued_scans)"}, width=12),
    Panel("Behind", "Devices that are online and lack the newest of a list.",
          {"{{list}}": "sum by (list) (placet_devices_behind)"}, width=12),
    Panel("Odd journals", "Within an hour: what did not fit the record of what devices brought.",
          {"{{kind}}": "sum by (kind) (increase(placet_journal_conflicts_total[1h]))"}, width=12),
)  # fmt: skip

SERVICES = (
    Panel("Requests", "A second.",
          {"{{service}}": "sum by (service) (rate(placet_http_requests_total[$__rate_interval]))"}, "reqps"),
    Panel("Errors", "Share of requests answered 5xx. A take-over is a peak of 3 s.",
          {"{{service}}": 'sum by (service) (rate(placet_http_requests_total{status="5xx"}[$__rate_interval]))'
                          " / sum by (service) (rate(placet_http_requests_total[$__rate_interval]))"}, "percentunit"),
    Panel("Duration", "p95, by service, to the beginning of the answer. What is asked to wait for news waits.",
          {"{{service}}": "histogram_quantile(0.95, sum by (service, le)"
                          " (rate(placet_http_request_seconds_bucket[$__rate_interval])))"}, "s"),
    Panel("Routes that fail", "5xx a minute.",
          {"{{service}} {{method}} {{route}}": "topk(10, sum by (service, method, route)"
           ' (rate(placet_http_requests_total{status="5xx"}[5m]))) * 60'}, "cpm", width=12),
    Panel("Routes that are refused", "4xx a minute; 401 and 403 in numbers are somebody who tries doors.",
          {"{{service}} {{method}} {{route}}": "topk(10, sum by (service, method, route)"
           ' (rate(placet_http_requests_total{status="4xx"}[5m]))) * 60'}, "cpm", width=12),
    Panel("Slowest routes", "p95.",
          {"{{service}} {{method}} {{route}}": "topk(10, histogram_quantile(0.95, sum by (service, method, route, le)"
           " (rate(placet_http_request_seconds_bucket[5m]))))"}, "s", width=12),
    Panel("Commands refused", "A minute, by accreditation: what desks and focal points run into.",
          {"{{command}} {{outcome}}": "topk(10, sum by (command, outcome)"
           ' (rate(placet_accreditation_commands_total{outcome!="accepted"}[5m]))) * 60'}, "cpm", width=12),
    Panel("Notices", "A minute: sent, put off, given up.",
          {"sent": "sum(rate(placet_notices_sent_total[5m])) * 60",
           "put off: {{reason}}": "sum by (reason) (rate(placet_notices_deferred_total[5m])) * 60",
           "given up: {{reason}}": "sum by (reason) (rate(placet_notices_failed_total[5m])) * 60"}, "cpm"),
    Panel("Notices that wait", "Queued and not settled.", {"waiting": "sum(placet_notices_waiting)"}),
    Panel("Life left of service tokens", "Renew below a tenth.",
          {"{{service}}": "(placet_service_token_expiry_timestamp_seconds - time())"
                          " / placet_service_token_lifetime_seconds"}, "percentunit"),
    Panel("CPU", "Cores, by process.",
          {"{{instance}}": 'rate(process_cpu_seconds_total{job="placet"}[$__rate_interval])'}),
    Panel("Memory", "Resident; access holds the venue in memory.",
          {"{{instance}}": 'process_resident_memory_bytes{job="placet"}'}, "bytes"),
    Panel("Starts", "When each process began: a step is a restart.",
          {"{{instance}}": 'process_start_time_seconds{job="placet"} * 1000'}, "dateTimeFromNow"),
)  # fmt: skip

DASHBOARDS = {"Overview": OVERVIEW, "Record": RECORD, "Fleet": FLEET, "Services": SERVICES}


def dashboard(name: str, panels: Sequence[Panel]) -> dict[str, Any]:
    """As Grafana keeps it."""
    return {
        "uid": f"placet-{name.lower()}",
        "title": f"Placet: {name}",
        "tags": ["placet"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-4h", "to": "now"},
        "timezone": "browser",
        "links": [{"type": "dashboards", "tags": ["placet"], "title": "Placet", "asDropdown": False}],
        "annotations": {"list": []},
        "templating": {"list": []},
        "panels": list(_laid_out(panels)),
    }


def _laid_out(panels: Sequence[Panel]) -> Iterator[dict[str, Any]]:
    """From left to right, a new row where a panel does not fit any more."""
    x = y = row = 0
    for number, panel in enumerate(panels, start=1):
        if x + panel.width > _WIDTH:
            x, y, row = 0, y + row, 0
        yield {
            "id": number,
            "type": panel.kind,
            "title": panel.title,
            "description": panel.description,
            "datasource": DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
            "targets": [_target(index, panel.kind, *ask) for index, ask in enumerate(panel.asks.items())],
            "fieldConfig": {"defaults": {"unit": panel.unit, **_colours(panel)}, "overrides": []},
            **({"options": {"graphMode": "area", "reduceOptions": {"calcs": ["lastNotNull"]}}}
               if panel.kind == "stat" else {}),
        }  # fmt: skip
        x, row = x + panel.width, max(row, panel.height)


def _target(index: int, kind: str, legend: str, ask: str) -> dict[str, Any]:
    target = {"refId": chr(ord("A") + index), "datasource": DATASOURCE, "expr": ask, "legendFormat": legend or "__auto"}
    return {**target, "format": "table", "instant": True} if kind == "table" else target


def _colours(panel: Panel) -> dict[str, Any]:
    if panel.worst is None:
        return {}
    steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.worst}]
    return {"thresholds": {"mode": "absolute", "steps": steps}}


def files() -> dict[Path, str]:
    """What ``dashboards/`` is to hold."""
    return {
        FOLDER / f"{name.lower()}.json": json.dumps(dashboard(name, panels), indent=1) + "\n"
        for name, panels in DASHBOARDS.items()
    }


def main() -> None:
    made = files()
    if sys.argv[1:] == ["write"]:
        for file, text in made.items():
            file.write_text(text, "utf-8")
    elif sys.argv[1:] == ["check"]:
        old = [file.name for file, text in made.items() if not file.exists() or file.read_text("utf-8") != text]
        if old or {*FOLDER.glob("*.json")} - made.keys():
            sys.exit(f"deploy/grafana/dashboards is not what make_dashboards.py makes ({old}). Run: make schemas")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
