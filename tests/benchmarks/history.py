"""What a long history costs: CPU a scan in interleaved runs, and the time to start again.

Each history has a system of its own, with accreditation and access; its stream begins where its history ends, so that
nothing is left to relay.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import uuid4

import httpx
import psutil

from chassis.log.log import NewEvent
from chassis.run.embedded.process import Child
from chassis.stream.streams import stream_config
from contracts.subjects import stream_name
from contracts.words import ServiceName
from services.access.committed import Committed
from tests.benchmarks import figures, venue
from tests.benchmarks.findings import Findings
from tests.benchmarks.generator import Generator
from tests.benchmarks.measured import Measured

_BADGES = 1_000
_CLIENTS = 8
_SERVICES: tuple[ServiceName, ...] = ("accreditation", "access")
_STARTS_WITHIN_S = 300.0


@dataclass
class Aged:
    """A system with a history of so many scans, or one that will have it."""

    scans: int
    measured: Measured
    generator: Generator | None = None


async def seed(one: Aged) -> None:
    """Laid out by the running services, grown while they are stopped.

    A round of scans is decided, and repeated with ids of its own: to decide a million would take as long as the bench.
    """
    measured = one.measured
    await measured.start(*_SERVICES)
    await venue.lay_out(measured.outsider)
    await measured.system.stop()
    async with measured.at_rest(), measured.log() as log:
        committed = Committed(log, venue.VENUE)
        await committed.catch_up()
        await venue.grow(log, committed, venue.learning(_BADGES))
        begins = committed.venue.version
        round_ = venue.decided(committed, [venue.scan(step, _BADGES) for step in range(2 * _BADGES)])
        for version in range(begins, begins + one.scans, len(round_)):
            new = round_ if version == begins else [_again(event, version - begins) for event in round_]
            await venue.store(log, committed, version, new)
        await _begin_stream(measured, after=(await log.head()).number)


async def growth(systems: Sequence[Aged], rounds: int, seconds: int, findings: Findings) -> None:
    """CPU of all processes a scan, the systems in turn. Before that each starts without a snapshot: cold."""
    for one in systems:
        findings.step(f"access starts with {one.scans:,} scans and no snapshot")
        await one.measured.start(*_SERVICES)
        findings.found({f"restart_{_named(one.scans)}_cold_s": _age_s(one.measured.system.children["access"])})
        one.generator = await one.measured.generator(_BADGES)
    for one in systems:
        await one.measured.calm()
    costs: dict[int, list[float]] = {one.scans: [] for one in systems}
    findings.step(f"a load for each in turn, {rounds} rounds of {seconds} s")
    for turn in range(rounds + 1):
        for one in systems:
            cost = await _cost(one, seconds)
            if turn > 0:  # the first round warms up
                costs[one.scans].append(cost)
    longest = max(costs)
    findings.found(
        {
            **{f"cpu_ms_per_scan_{_named(n)}": round(statistics.median(each), 3) for n, each in costs.items()},
            f"scan_cost_growth_{_named(longest)}": round(figures.growth(costs), 3),
        }
    )


async def restarts(one: Aged, findings: Findings) -> None:
    """From the start of access's process to its first verdict: after it was stopped, and after it was killed."""
    access = one.measured.system.children["access"]
    findings.step(f"access is stopped and starts again with {one.scans:,} scans")
    await access.stop()  # whoever supervises it starts it again
    findings.found({f"restart_{_named(one.scans)}_s": await _first_verdict_after_s(one, access)})
    access = one.measured.system.children["access"]
    findings.step("access is killed and starts again")
    await access.kill()
    findings.found({f"restart_{_named(one.scans)}_killed_s": await _first_verdict_after_s(one, access)})


async def _first_verdict_after_s(one: Aged, former: Child) -> float:
    """Of the process that comes after ``former``. Raises TimeoutError."""
    assert one.generator is not None
    system = one.measured.system
    url, headers = f"{system.ports.url('access')}/v1/scans", {"Authorization": f"Bearer {one.generator.token}"}
    async with asyncio.timeout(_STARTS_WITHIN_S), httpx.AsyncClient(trust_env=False, timeout=60) as client:
        while True:
            with suppress(httpx.TransportError):
                body = venue.scan_body(one.generator.walk.texts[0])
                answer = await client.post(url, headers=headers, json=body)
                if answer.status_code == httpx.codes.OK and system.children["access"] is not former:
                    return _age_s(system.children["access"])
            await asyncio.sleep(0.02)


def _age_s(child: Child) -> float:
    return round(time.time() - float(psutil.Process(child.pid).create_time()), 1)


def _again(event: NewEvent, later: int) -> NewEvent:
    """The same scan, so many events later: after a round everybody is where they were before it."""
    old = json.loads(event.data)
    new_id = str(uuid4())

    def of_now(text: str) -> str:
        return text.replace(old["scan_id"], new_id).replace(
            f'"decided_on":{old["decided_on"]}', f'"decided_on":{old["decided_on"] + later}'
        )

    assert event.shared is not None
    shared = replace(event.shared, body=of_now(event.shared.body))
    return replace(event, id=uuid4(), data=of_now(event.data), shared=shared)


async def _begin_stream(measured: Measured, after: int) -> None:
    client = await measured.system.broker.connect()
    try:
        jetstream = client.jetstream(timeout=5)
        await jetstream.delete_stream(stream_name("access"))
        await jetstream.add_stream(stream_config("access"), first_seq=after + 1)
    finally:
        await client.close()


async def _cost(one: Aged, seconds: int) -> float:
    assert one.generator is not None
    before = one.measured.cpu_seconds()
    load = await one.generator.load(one.measured.access_port, "closed", _CLIENTS, seconds)
    return sum(figures.a_scan(before, one.measured.cpu_seconds(), load.scans).values())


def _named(scans: int) -> str:
    """1e6"""
    return f"{scans:.0e}".replace("e+0", "e")
