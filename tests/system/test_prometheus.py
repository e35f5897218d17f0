"""A real Prometheus beside a running system: it sees all there is, is quiet while all is well, says what is not."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from chassis.run.embedded.process import start
from contracts.topology import SERVICES
from tests.conftest import free_port
from tests.controls import eventually
from tests.deploy.conftest import DEPLOY
from tests.deploy.promql import OF_PROMETHEUS, metrics, program
from tests.deploy.test_alerts import ALL
from tests.deploy.test_dashboards import PANELS
from tests.system.guests import Desk
from tests.system.launcher import Launched, data_folder, until_up, up

pytestmark = pytest.mark.soak

_QUIET_S = 60


@dataclass(frozen=True)
class Prometheus:
    url: str
    client: httpx.AsyncClient

    async def ask(self, path: str, **params: str) -> Any:
        answer = await self.client.get(f"{self.url}/api/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def up(self) -> dict[str, str]:
        """How each service looks, by name."""
        active = (await self.ask("targets", state="active"))["activeTargets"]
        return {one["labels"]["service"]: one["health"] for one in active if one["labels"]["job"] == "placet"}

    async def firing(self) -> dict[str, str]:
        """What services are said to suffer from, by alert."""
        alerts = (await self.ask("alerts"))["alerts"]
        return {one["labels"]["alertname"]: one["annotations"]["summary"] for one in alerts if one["state"] == "firing"}


@asynccontextmanager
async def prometheus(run: Launched, at: Path) -> AsyncIterator[Prometheus]:
    """As it is deployed, but for where services listen, and that it looks each second."""
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / "prometheus/rules/*.yml")]
    config["scrape_configs"] = config["scrape_configs"][:1]
    for one in config["scrape_configs"][0]["static_configs"]:
        one["targets"] = [run.system.ports.url(one["labels"]["service"]).removeprefix("http://")]
    file, port = at / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(config))
    child = await start(
        "prometheus",
        [
            program("prometheus"),
            f"--config.file={file}",
            f"--storage.tsdb.path={at / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ],
        log=at / "prometheus.log",
    )
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            yield Prometheus(f"http://127.0.0.1:{port}", client)
    finally:
        await child.stop()


async def _sees(watched: Prometheus, health: dict[str, str]) -> bool:
    try:
        return await watched.up() == health
    except httpx.HTTPError:
        return False


async def _fires(watched: Prometheus, alert: str) -> bool:
    return alert in await watched.firing()


async def test_it_is_quiet_while_all_is_well_and_says_what_is_not(tmp_path: Path) -> None:
    async with data_folder() as data, up(data, "--no-simulate") as run:
        await until_up(run)
        async with prometheus(run, tmp_path) as watched:
            await eventually(partial(_sees, watched, dict.fromkeys(SERVICES, "up")), 30, every_s=0.2)
            outsider = run.outsider()
            desk = Desk(outsider)
            scanner, guest = await desk.scanner("gate-south"), await desk.welcome()
            quiet_until = time.monotonic() + _QUIET_S
            while time.monotonic() < quiet_until:
                await scanner.scan(guest.text)
                assert await watched.firing() == {}
                await asyncio.sleep(0.2)  # as people come
            await outsider.close()

            told = await _told(watched.client, run)
            named = {name for rule in ALL.values() for name in metrics(rule["expr"])} - OF_PROMETHEUS
            assert named - told == set(), "no service gives these"
            for _, panel in PANELS:
                for target in panel["targets"]:
                    await watched.ask("query", query=target["expr"].replace("$__rate_interval", "10s"))
            (verdicts,) = (await watched.ask("query", query="sum(increase(placet_verdicts_total[30s]))"))["result"]
            assert float(verdicts["value"][1]) > 10

            await _suffers(watched, run, "access", "PlacetServiceDown")
            await _suffers(watched, run, "nats-server", "PlacetBrokerUnreachable")


async def _suffers(watched: Prometheus, run: Launched, process: str, alert: str) -> None:
    """Paused, as killed it would be started again before anybody was woken. Then it goes on, and all is well again."""
    child = run.children()[process]
    child.send_signal(signal.SIGSTOP)
    try:
        await eventually(partial(_fires, watched, alert), 120, every_s=0.5, says=f"{alert} does not fire")
        summary = (await watched.firing())[alert]
        assert "<no value>" not in summary
        assert "%!" not in summary
    finally:
        child.send_signal(signal.SIGCONT)
    # What counts the last minutes falls quiet after them.
    await eventually(partial(_fires_no_more, watched, alert), 60, every_s=0.5, says=f"{alert} fires on")


async def _fires_no_more(watched: Prometheus, alert: str) -> bool:
    return alert not in await watched.firing()


async def _told(client: httpx.AsyncClient, run: Launched) -> set[str]:
    """The metrics of all services, as they say them, with the names of the samples."""
    found: set[str] = set()
    for service in SERVICES:
        text = (await client.get(f"{run.system.ports.url(service)}/metrics")).text
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
            found |= {name, *(f"{name}_{part}" for part in ("bucket", "sum", "count") if kind == "histogram")}
    return found
