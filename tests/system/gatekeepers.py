"""Two real processes of access for one venue, scanners that ask either, and what the log says of their answers."""

import asyncio
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from chassis.log.codec import Codec
from chassis.log.log import Append, Metadata
from chassis.log.obey import new_events
from chassis.log.postgres import PostgresLog
from chassis.run.embedded.process import Child, start
from services.access.domain.record.badges import Badge, IssuerKeyLearned
from services.access.domain.venue import EVENTS
from services.access.published import publish
from services.access.upcasts import UPCASTS
from tests.access.controls import EVENT, LAYOUT, MAIN, SIGNER, VENUE, badge, learned
from tests.chassis.faults import Line, line_to
from tests.conftest import ISSUER, Broker, Database, Issuer, free_port
from tests.controls import NOW, eventually

_ROOT = Path(__file__).parents[2]
_BROKEN = "from chassis.log.lease import Lease; Lease.certain = property(lambda _: True); "
_SERVE = "from placet.cli.main import main; main()"
_SCANS = """
    SELECT data->>'scan_id' AS scan_id, position, data->>'outcome' AS outcome, data->'failed'->>0 AS failed
    FROM log.events WHERE type = 'BadgeScanned'
"""
_STARTS_WITHIN_S = 20.0
_PATIENCE_S = 0.5  # of a scanner with one process, before it asks the other
_PAUSE_S = 0.1


@dataclass
class Gatekeeper:
    """A process of access, and its own line to PostgreSQL."""

    url: str
    child: Child
    line: Line


@dataclass
class Ack:
    """A verdict that a scanner was given."""

    at: float
    scan_id: str
    outcome: str
    reason: str | None
    position: int


@dataclass
class Findings:
    """What is wrong with answers; all is well when nothing is listed."""

    lost: list[str]
    """Acknowledged, and not in the log."""
    doubled: list[str]
    """Recorded more than once."""
    otherwise: list[str]
    """Recorded otherwise than it was answered."""


@dataclass
class House:
    """The database of one venue, its people, and those who decide."""

    database: Database
    broker: Broker
    issuer: Issuer
    folder: Path
    people: Sequence[Badge]
    stack: AsyncExitStack
    gatekeepers: list[Gatekeeper] = field(default_factory=list)

    async def start(self, *, broken: bool = False) -> Gatekeeper:
        """``placet serve access``. ``broken``: one that never asks whether its lease is over."""
        port = free_port()
        line = await self.stack.enter_async_context(line_to(self.database.dsn))
        argv = [sys.executable, "-c", (_BROKEN if broken else "") + _SERVE, "serve", "access"]
        child = await start("access", argv, log=self.folder / f"access-{port}.log", env=self._environment(port, line))
        self.stack.push_async_callback(child.kill)
        one = Gatekeeper(f"http://127.0.0.1:{port}", child, line)
        self.gatekeepers.append(one)
        await eventually(lambda: self.ready(one), _STARTS_WITHIN_S, every_s=0.05)
        return one

    async def end(self, one: Gatekeeper) -> None:
        """At once, whatever it is doing."""
        self.gatekeepers.remove(one)
        await one.child.kill()

    async def ready(self, one: Gatekeeper) -> bool:
        if not one.child.running:
            raise one.child.failed()
        with suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(1)) as session,
                session.get(f"{one.url}/ready") as answer,
            ):
                return answer.status == 200
        return False

    async def leader(self, within_s: float = 5.0) -> Gatekeeper:
        """Whoever holds the lease of the venue."""

        async def held() -> Gatekeeper | None:
            lease = "SELECT address FROM run.lease WHERE name = $1 AND until > clock_timestamp()"
            address = await self.database.pool.fetchval(lease, f"venue-{VENUE}")
            return next((one for one in self.gatekeepers if one.url == address), None)

        found = await eventually(held, within_s, says="nobody leads")
        assert found is not None
        return found

    def headers(self, *roles: str) -> dict[str, str]:
        return {**self.issuer.headers(*roles, ttl_s=600), "Idempotency-Key": str(uuid4())}

    def body(self, number: int) -> dict[str, Any]:
        """A scan of somebody at the entrance, on their way in and out in turn."""
        who = self.people[number % len(self.people)]
        return {
            "scan_id": str(uuid4()),
            "gate_id": MAIN.gate_id,
            "direction": "in" if number // len(self.people) % 2 == 0 else "out",
            "credential": SIGNER.credential(who.badge_id, who.version, who.valid_from, who.valid_until),
            "scanned_at": NOW.isoformat(),
            "source": "scanner",
        }

    async def findings(self, acks: Sequence[Ack]) -> Findings:
        """Compares what was answered with what is recorded."""
        recorded = await self.database.pool.fetch(_SCANS)
        counted = Counter(row["scan_id"] for row in recorded)
        stored = {row["scan_id"]: row for row in recorded}
        return Findings(
            lost=[ack.scan_id for ack in acks if ack.scan_id not in stored],
            doubled=[scan_id for scan_id, count in counted.items() if count > 1],
            otherwise=[ack.scan_id for ack in acks if ack.scan_id in stored and not _same(ack, stored[ack.scan_id])],
        )

    def _environment(self, port: int, line: Line) -> dict[str, str]:
        token = self.folder / "token"
        token.write_text(self.issuer.token("service", sub="access", ttl_s=600))
        variables = {
            "DATABASE_URL": line.through(self.database.dsn),
            "DATABASE_PASSWORD_FILE": self.database.postgres.password_file(self.database.service),
            "NATS_URL": self.broker.url,
            "NATS_SEED_FILE": self.broker.seed_file("access"),
            "PORT": port,
            "JWKS": self.issuer.jwks,
            "ISSUER": ISSUER,
            "SERVICE_TOKEN_FILE": token,
            "ACCREDITATION_URL": "http://127.0.0.1:9",
            "EVENT": EVENT,
            "VENUE": VENUE,
        }
        named = {f"PLACET_{name}": str(value) for name, value in variables.items()}
        return {**os.environ, **named, "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1"}


def _same(ack: Ack, row: Mapping[str, Any]) -> bool:
    reason = row["failed"] if row["outcome"] == "refused" else None
    return (ack.outcome, ack.reason, ack.position) == (row["outcome"], reason, row["position"])


async def furnish(database: Database, people: int) -> list[Badge]:
    """The congress centre, and badges that are valid today, as after years of use."""
    guests = [
        badge(uuid4(), valid_from=NOW.replace(year=2020), valid_until=NOW.replace(year=2040)) for _ in range(people)
    ]
    key = IssuerKeyLearned(key_id=SIGNER.key_id, public_key=SIGNER.public_key, source_number=0)
    new = new_events(
        [*LAYOUT, key, *learned(*guests)], Metadata("service:test", uuid4(), NOW), publish, Codec(EVENTS, UPCASTS)
    )
    await PostgresLog(database.pool).append(Append(f"venue-{VENUE}", 0, new))
    return guests


@dataclass
class Scanners:
    """Gates at work: each asks one process, and the other when there is no answer, until there is one."""

    house: House
    acks: list[Ack] = field(default_factory=list)

    def silence(self, since: float) -> float:
        """The longest time without any answer, in seconds."""
        times = [since, *(ack.at for ack in self.acks if ack.at > since), time.monotonic()]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    async def answered(self, count: int) -> None:
        """Returns when so many more verdicts were given."""
        wanted = len(self.acks) + count
        await eventually(lambda: len(self.acks) >= wanted, 15, says="the gates got no answers")

    @asynccontextmanager
    async def at_work(self, gates: int, a_second: int) -> AsyncIterator[None]:
        """``a_second``: scans, of all gates together, while each is answered at once."""
        headers = {**self.house.headers("supervisor")}
        timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            works = [asyncio.create_task(self._gate(session, number, gates, a_second)) for number in range(gates)]
            try:
                yield
            finally:
                for work in works:
                    work.cancel()
                for outcome in await asyncio.gather(*works, return_exceptions=True):
                    if isinstance(outcome, Exception):
                        raise outcome

    async def _gate(self, session: aiohttp.ClientSession, gate: int, gates: int, a_second: int) -> None:
        due = time.monotonic() + gate / a_second
        for number in itertools.count(gate, gates):
            await asyncio.sleep(due - time.monotonic())
            self.acks.append(await self._scanned(session, self.house.body(number), first=number))
            due = max(due + gates / a_second, time.monotonic())

    async def _scanned(self, session: aiohttp.ClientSession, body: dict[str, Any], first: int) -> Ack:
        for turn in itertools.count(first):
            urls = [one.url for one in self.house.gatekeepers]
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.post(f"{urls[turn % len(urls)]}/v1/scans", json=body) as answer:
                    if answer.status == 200:
                        verdict = await answer.json()
                        return Ack(
                            time.monotonic(),
                            body["scan_id"],
                            verdict["outcome"],
                            verdict["reason"],
                            verdict["position"],
                        )
                    assert answer.status == 503, await answer.text()
            await asyncio.sleep(_PAUSE_S)
        raise AssertionError
