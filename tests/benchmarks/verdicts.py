"""Verdicts over HTTP with everything running: how many a second, how long each takes, what it costs in CPU."""

import asyncio
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from chassis.run.embedded.folder import DataFolder, temporary_folder
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.rehearse import tokens
from placet.serving import migrations_of
from placet.system import EmbeddedSystem, free_ports
from tests.benchmarks import badges, processes

_SCRIPT = Path(__file__).with_name("scans.lua")
_CAUGHT_UP_WITHIN_S = 5.0


class NoLoadGeneratorError(Exception):
    """wrk is not installed."""


async def measure(badge_count: int, clients: Sequence[int], seconds: int) -> dict[str, Any]:
    """Flat figures. Raises NoLoadGeneratorError."""
    if shutil.which("wrk") is None:
        raise NoLoadGeneratorError("Install wrk, a compiled load generator (Debian: apt-get install wrk).")
    root = temporary_folder("bench")
    try:
        folder = DataFolder(root)
        folder.lock()
        system = EmbeddedSystem(folder, free_ports(), "bench", "bench", log_level="WARNING")
        try:
            venue = await _seeded(system, badge_count)
            await system.start()
            return await _measured(system, venue, clients, seconds)
        finally:
            await system.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _seeded(system: EmbeddedSystem, badge_count: int) -> badges.SeededVenue:
    """The venue is there before access starts, as after years of use."""
    await system.postgres.start()
    await system.postgres.provide("access", [migrations_of("access")])
    pool = await connect(system.postgres.dsn("access", "access"), system.postgres.password_file("access").read_text())
    try:
        return await badges.seed(PostgresLog(pool), system.event, system.venue, badge_count)
    finally:
        await pool.close()
        await system.postgres.stop()


async def _measured(
    system: EmbeddedSystem, venue: badges.SeededVenue, clients: Sequence[int], seconds: int
) -> dict[str, Any]:
    texts = system.folder.root / "badges.txt"
    texts.write_text("\n".join(venue.texts) + "\n")
    outsider = Outsider(system.ports.url, tokens(system))
    try:
        token = await _scanner(outsider, venue.gate)
        figures: dict[str, Any] = {}
        await _load(system, token, venue.gate, texts, 8, 3, run=1)  # a warm-up, not counted
        for run, count in enumerate(clients, start=2):
            before = processes.cpu_seconds(_pids(system))
            load = await _load(system, token, venue.gate, texts, count, seconds, run)
            behind_s = await _caught_up(outsider)
            cpu = processes.cpu_seconds(_pids(system)) - before
            figures |= {
                f"verdicts_per_s_c{count}": round(load["requests"] / load["seconds"]),
                f"verdict_p50_ms_c{count}": load["p50_ms"],
                f"verdict_p99_ms_c{count}": load["p99_ms"],
                f"cpu_ms_per_scan_c{count}": round(1_000 * cpu / load["requests"], 2),
                f"failed_c{count}": load["failed"],
                f"caught_up_after_s_c{count}": round(behind_s, 2),
            }
        figures["cpu_ms_per_scan"] = figures[f"cpu_ms_per_scan_c{clients[-1]}"]
        figures["memory_mb"] = round(processes.memory_mb(_pids(system)))
        return figures
    finally:
        await outsider.close()


async def _scanner(outsider: Outsider, gate: str) -> str:
    code = (await outsider.post("access", "/v1/devices/codes", "supervisor", "code", {"gate_id": gate})).body["code"]
    body = {"code": code, "public_key": "00" * 32}
    return str((await outsider.post("access", "/v1/devices/enrol", "supervisor", "enrol", body)).body["token"])


async def _load(
    system: EmbeddedSystem, token: str, gate: str, texts: Path, clients: int, seconds: int, run: int
) -> dict[str, Any]:
    threads = min(2, clients)
    generator = await asyncio.create_subprocess_exec(
        "wrk", f"-t{threads}", f"-c{clients}", f"-d{seconds}s", "-s", _SCRIPT, system.ports.url("access"),
        "--", token, gate, texts, str(run),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await generator.communicate()
    result: dict[str, Any] = json.loads(printed.decode().strip().splitlines()[-1])
    return result


async def _caught_up(outsider: Outsider) -> float:
    """Seconds until operations had applied every scan."""
    started = time.monotonic()
    head = (await outsider.get("access", "/v1/log", "auditor", after=2**40, limit=1)).body["head"]
    while (await outsider.get("operations", "/ready", "auditor")).body["reads"].get("access", 0) < head:
        await asyncio.sleep(0.02)
    behind_s = time.monotonic() - started
    if behind_s > _CAUGHT_UP_WITHIN_S:
        print(f"  operations took {behind_s:.1f} s to catch up: the figure before does not count")
    return behind_s


def _pids(system: EmbeddedSystem) -> list[int]:
    return [child.pid for child in system.children.values()]
