"""The real access app in this process, on its own database, with an accreditation that says what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

import services.access.app as access_app
from chassis.run.host import Host
from chassis.stream.reader import Reader
from contracts import accreditation as theirs
from contracts.envelope import Envelope
from contracts.event import SharedEvent
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Gate, Zone
from services.access.gatekeeper import Gatekeeper
from services.access.holders import Holders
from services.access.settings import AccessSettings
from tests.access.controls import CLOSES, EVENT, GATES, OPENS, SIGNER, VENUE, ZONES
from tests.conftest import ISSUER, Database, Issuer, free_port
from tests.controls import NOW, eventually, running

MIGRATIONS = Path(access_app.__file__).parent / "migrations"
NOBODY_THERE = "http://127.0.0.1:9"


@dataclass
class HandClock:
    """The time of the gathering, as a test sets it."""

    time: datetime = NOW
    simulated: bool = True

    def now(self) -> datetime:
        return self.time

    def passes(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Access:
    """The service, and those who speak to it."""

    host: Host
    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer
    clock: HandClock
    gatekeeper: Gatekeeper
    holders: Holders
    reader: Reader
    _log_id: UUID = field(default_factory=uuid4)

    async def hears(self, *events: SharedEvent) -> None:
        """What accreditation tells next."""
        await self.reader.begin(self._log_id)
        first = self.reader.number + 1
        await self.reader.take([self.envelope(event, number) for number, event in enumerate(events, first)])

    def envelope(self, event: SharedEvent, number: int) -> Envelope:
        return Envelope(
            id=uuid4(),
            type=event.type_name(),
            source="/placet/accreditation",
            subject=event.about(),
            time=self.clock.now(),
            number=number,
            log_id=self._log_id,
            data=event.model_dump_json().encode(),
        )

    async def knows(self, *badges: Badge) -> None:
        """Badges are issued and handed over, as accreditation tells it."""
        for one in badges:
            await self.hears(*issued(one))

    async def get(self, path: str, *roles: str) -> httpx.Response:
        return await self.client.get(path, headers=self.issuer.headers(*(roles or ("auditor",))))

    async def post(self, path: str, body: Any, *roles: str, key: str | None = None) -> httpx.Response:
        headers = self.issuer.headers(*(roles or ("admin",)))
        return await self.client.post(path, json=body, headers={**headers, "Idempotency-Key": key or str(uuid4())})

    async def did(self, path: str, body: Any, *roles: str) -> dict[str, Any]:
        """The answer to something that is not refused."""
        response = await self.post(path, body, *roles)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def lay_out(self, zones: Sequence[Zone] = ZONES, gates: Sequence[Gate] = GATES) -> None:
        for one in zones:
            await self.did("/v1/zones", one.model_dump(exclude={"path"}))
        for each in gates:
            await self.did("/v1/gates", each.model_dump())

    async def scan_answer(self, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.client.post("/v1/scans", json=body, headers={**self.issuer.headers("supervisor"), **headers})

    async def scan(
        self, credential: str, at: Gate | str, direction: str = "in", scan_id: UUID | None = None, **changed: Any
    ) -> dict[str, Any]:
        """The verdict."""
        response = await self.scan_answer(scan_body(credential, at, direction, scan_id, **changed))
        assert response.status_code == 200, response.text
        verdict: dict[str, Any] = response.json()
        return verdict

    async def recorded(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the log holds, in order; of one kind."""
        found = await self.host.log.read(0, 100_000)
        return [
            {"type": event.type, **self.gatekeeper.decode(event).model_dump(mode="json")}
            for event in found
            if kind in {None, event.type}
        ]

    async def enrolled(self, gate_id: str) -> tuple[str, dict[str, str]]:
        """A device's id, and the headers it shows."""
        code = (await self.did("/v1/devices/codes", {"gate_id": gate_id}, "supervisor"))["code"]
        device = await self.did("/v1/devices/enrol", {"code": code, "public_key": "ab" * 32})
        return device["device_id"], {"Authorization": f"Bearer {device['token']}"}

    @asynccontextmanager
    async def leading(self) -> AsyncIterator[None]:
        """The gatekeeper decides for as long as the block; what it knows it reads from the log."""
        relayed, consumed = 1, -1  # relay and consumer need NATS
        self.leases_the_venue(until=float("inf"))
        work = [asyncio.ensure_future(one()) for one in self.host.leading[relayed:consumed]]
        async with running(*(_done(one) for one in work)):
            await eventually(self.gatekeeper.started.is_set, says="the gatekeeper did not start")
            try:
                yield
            finally:
                self.leases_the_venue(until=float("-inf"))
                for one in work:
                    one.cancel()

    def leases_the_venue(self, until: float) -> None:
        """Nobody else holds the lease until that moment of the monotonic clock."""
        lease = self.host.lease
        lease._renewed_at = until
        (lease.held.set if lease.certain else lease.held.clear)()


async def _done(work: "asyncio.Future[None]") -> None:
    await work


def issued(one: Badge) -> list[SharedEvent]:
    """What accreditation tells of a badge up to its hand-over."""
    facts = one.model_dump(exclude={"holding", "suspended", "held", "revoked"})
    made = theirs.BadgeIssued(nomination_id=uuid4(), **facts)
    return [made, theirs.BadgeActivated(badge_id=one.badge_id, version=one.version, person_id=one.person_id)]


def credential(one: Badge, version: int | None = None) -> str:
    """The text on a badge."""
    return SIGNER.credential(one.badge_id, version or one.version, one.valid_from, one.valid_until)


def scan_body(
    text: str, at: Gate | str, direction: str = "in", scan_id: UUID | None = None, **changed: Any
) -> dict[str, Any]:
    return {
        "scan_id": str(scan_id or uuid4()),
        "gate_id": at if isinstance(at, str) else at.gate_id,
        "direction": direction,
        "credential": text,
        "scanned_at": (NOW - timedelta(seconds=1)).isoformat(),
        "source": "scanner",
        **changed,
    }


def key_published(issuer: Any = SIGNER) -> theirs.IssuerKeyPublished:
    return theirs.IssuerKeyPublished(key_id=issuer.key_id, algorithm="Ed25519", public_key=issuer.public_key)


@asynccontextmanager
async def access_on(database: Database, issuer: Issuer, folder: Path, **changed: Any) -> AsyncIterator[Access]:
    """The app on a database, asked in this process. Its gatekeeper stands by until told to lead."""
    token = folder / "service-token"
    token.write_text(issuer.token("service", sub="access", ttl_s=600))
    settings = AccessSettings(**{
        "database_url": database.dsn,
        "database_password_file": database.postgres.password_file(database.service),
        "port": free_port(),
        "jwks": str(issuer.jwks),
        "issuer": ISSUER,
        "service_token_file": token,
        "accreditation_url": NOBODY_THERE,
        "event": EVENT,
        "venue": VENUE,
        **changed,
    })  # fmt: skip
    await database.postgres.provide(database.service, [MIGRATIONS])
    host = Host("access", settings, database.pool)
    clock = HandClock()
    host.clock = clock
    app = await access_app.build(host)
    transport = httpx.ASGITransport(app)
    (consumer,) = host.consumers
    await consumer.reader.load()
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield Access(
            host, app, client, issuer, clock, _part(host, Gatekeeper), _part(host, Holders), consumer.reader
        )  # fmt: skip


def _part(host: Host, kind: type[Any]) -> Any:
    owners = (getattr(work, "__self__", None) for work in host.leading)
    return next(owner for owner in owners if isinstance(owner, kind))


__all__ = ["CLOSES", "OPENS", "Access", "HandClock", "access_on", "credential", "issued", "key_published", "scan_body"]
