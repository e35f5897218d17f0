"""An embedded system under measurement: as users start it, with the venue laid out and a scanner at the gate."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.js import JetStreamContext

from chassis.log.log import Log
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from chassis.run.embedded.folder import DataFolder, temporary_folder
from contracts.subjects import stream_name
from contracts.topology import SERVICES
from contracts.words import ServiceName
from placet.installation import Run
from placet.places import migrations_of
from placet.ports import free_ports
from placet.rehearsal.outsider import Outsider
from placet.rehearsal.rehearse import tokens
from placet.system import EmbeddedSystem
from services.accreditation.credential import Issuer
from tests.benchmarks import processes, venue
from tests.benchmarks.generator import Generator
from tests.benchmarks.venue import Walk

_CALM = 0.15  # cores
_CALM_WITHIN_S = 60.0
_NAMES_WITHIN_S = 600.0
_CAUGHT_UP_WITHIN_S = 60.0


@dataclass
class Measured:
    """The system, and those who ask it."""

    system: EmbeddedSystem
    outsider: Outsider

    @property
    def pids(self) -> dict[str, int]:
        """Processes of ours that run, by name."""
        return {name: child.pid for name, child in self.system.children.items()}

    @property
    def access_port(self) -> int:
        return self.system.ports.of("access")

    def cpu_seconds(self) -> dict[str, float]:
        return processes.cpu_seconds(self.pids)

    @asynccontextmanager
    async def log(self, service: ServiceName = "access") -> AsyncIterator[Log]:
        """The log of a service, as the service reaches it."""
        postgres = self.system.postgres
        pool = await connect(postgres.dsn(service, service), postgres.password_file(service).read_text())
        try:
            yield PostgresLog(pool)
        finally:
            await pool.close()

    @asynccontextmanager
    async def at_rest(self) -> AsyncIterator[None]:
        """Only the servers run: what is put into the logs then is there before the services start."""
        await self.system.start_postgres()
        for service in SERVICES:
            await self.system.postgres.provide(service, [migrations_of(service)])
        await self.system.start_nats()
        yield
        await self.system.stop()

    async def start(self, *services: ServiceName) -> None:
        """Returns when these services are ready, or all."""
        if not services:
            await self.system.start()
            return
        await self.system.start_postgres()
        await self.system.start_nats()
        for service in services:
            await self.system.postgres.provide(service, [migrations_of(service)])
            await self.system.start_service(service)
        for service in services:
            await self.outsider.get(service, "/ready", "auditor")  # 503 until it is: asked again

    async def generator(self, badges: int) -> Generator:
        """A load for this system, from a device that is enrolled now. Raises NoCompilerError."""
        key_file = Path(self.system.environment("accreditation")["PLACET_BADGE_KEY_FILE"])
        walk = Walk.of(badges, Issuer(venue.EVENT, bytes.fromhex(key_file.read_text())))
        token = await venue.enrol(self.outsider)
        return Generator.compiled(self.system.folder.root, walk, token)

    async def caught_up(self) -> float:
        """Seconds until everybody had applied, and the streams had, all there is; or until that took too long."""
        started = time.monotonic()
        client = await self.system.broker.connect()
        try:
            while await self._behind(client.jetstream(timeout=5)) and time.monotonic() < started + _CAUGHT_UP_WITHIN_S:
                await asyncio.sleep(0.02)
        finally:
            await client.close()
        return time.monotonic() - started

    async def knows_names(self, holders: int) -> None:
        """Returns when access has been told who so many badges are of, as it asks after a start."""
        told, last = 0, 0
        deadline = time.monotonic() + _NAMES_WITHIN_S
        while told < holders and time.monotonic() < deadline:
            looks = (await self.outsider.get("accreditation", "/v1/people/reads", "auditor", after=last)).body
            told += sum(look["count"] for look in looks if look["purpose"] == "gate_display")
            last = looks[-1]["read_id"] if looks else last
            if not looks:
                await asyncio.sleep(0.5)

    async def calm(self) -> None:
        """Returns when nothing is done in the background any more."""
        deadline = time.monotonic() + _CALM_WITHIN_S
        before = sum(self.cpu_seconds().values())
        while time.monotonic() < deadline:
            await asyncio.sleep(1)
            now = sum(self.cpu_seconds().values())
            if now - before < _CALM:
                return
            before = now

    async def _behind(self, jetstream: JetStreamContext) -> bool:
        running = [service for service in SERVICES.values() if service.name in self.system.children]
        heads = {service.name: await self.head(service.name) for service in running}
        for service in running:
            reads = (await self.outsider.get(service.name, "/ready", "auditor")).body["reads"]
            if any(reads.get(source, 0) < heads[source] for source in service.consumes if source in heads):
                return True
        ends = [(await jetstream.stream_info(stream_name(name))).state.last_seq for name, head in heads.items() if head]
        return any(end < head for end, head in zip(ends, filter(None, heads.values()), strict=True))

    async def head(self, service: str = "access") -> int:
        """Shared events of a service so far."""
        number: int = (await self.outsider.get(service, "/v1/log", "auditor", after=2**40, limit=1)).body["head"]
        return number


@asynccontextmanager
async def embedded() -> AsyncIterator[Measured]:
    """A fresh system, not started yet; nothing of it is left at the end."""
    root = temporary_folder("bench")
    try:
        folder = DataFolder(root)
        folder.lock()
        ports = free_ports()
        Run(ports.base, venue.EVENT, venue.VENUE, "bench").write(folder)
        system = EmbeddedSystem(folder, ports, venue.EVENT, venue.VENUE)
        outsider = Outsider(system.ports.url, tokens(system))
        try:
            yield Measured(system, outsider)
        finally:
            await outsider.close()
            await system.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)
