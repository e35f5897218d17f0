"""The real accreditation app in this process, on its own database, and those who speak to it."""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

import services.accreditation.app as accreditation_app
from chassis.run.embedded.postgres import EmbeddedPostgres
from chassis.run.host import Host
from services.accreditation.domain.matrix import CategoryRules
from services.accreditation.settings import AccreditationSettings
from services.accreditation.vault import Vault
from tests.access.running import HandClock
from tests.accreditation.controls import EVENT, FRANCE, RULES, VALIDITY, person
from tests.conftest import ISSUER, Database, Issuer, free_port, fresh_database
from tests.controls import running

MIGRATIONS = Path(accreditation_app.__file__).parent / "migrations"
DESKS = ("desk", "protocol", "vetting", "admin")


@dataclass
class Desk:
    """The service, and those who speak to it."""

    host: Host
    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer
    clock: HandClock
    database: Database
    vault: Vault
    settings: AccreditationSettings

    def headers(self, *roles: str, **claims: str) -> dict[str, str]:
        return self.issuer.headers(*(roles or DESKS), **claims)

    def of(self, delegation: str) -> dict[str, str]:
        """The headers of a delegation's focal point."""
        return self.headers("focal_point", sub=f"dao-{delegation}", delegation=delegation)

    async def ask(
        self, path: str, body: Any = None, headers: dict[str, str] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        sent = {"Idempotency-Key": key or str(uuid4()), **(headers or self.headers())}
        if isinstance(body, bytes):
            return await self.client.post(path, content=body, headers=sent)
        return await self.client.post(path, json=body if body is not None else {}, headers=sent)

    async def did(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The answer to something that is not refused."""
        response = await self.ask(path, body, headers)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=headers or self.headers())

    async def has_rules(self, rules: Sequence[CategoryRules] = RULES) -> None:
        await self.did("/v1/matrix", {"categories": [one.model_dump() for one in rules]})

    async def invited(self, delegation: str | None = None, **changed: Any) -> str:
        """Another delegation, which has not confirmed yet; its id."""
        delegation = delegation or f"d-{uuid4().hex[:12]}"
        body = {"delegation_id": delegation, "kind": "state", "names": FRANCE, "language": "fr", **changed}
        await self.did("/v1/delegations", body)
        return delegation

    async def welcome(self, delegation: str | None = None, **places: int) -> str:
        """Another delegation, confirmed, with so many places by category; its id."""
        delegation = await self.invited(delegation)
        await self.did(f"/v1/delegations/{delegation}/confirmation", {"note_verbale": "NV 2025/114"})
        for category, count in (places or {"delegate": 1_000}).items():
            await self.did(f"/v1/delegations/{delegation}/quotas", {"category": category, "places": count})
        return delegation

    async def nominated(self, delegation: str, category: str = "delegate", **fields: str) -> str:
        """The nomination of somebody new, or of whom ``fields`` tell; its id."""
        who = {**person(), "email": f"{uuid4().hex}@example.org", **fields}
        body = {"delegation_id": delegation, "category": category, **who}
        nomination: str = (await self.did("/v1/nominations", body))["nomination_id"]
        return nomination

    async def granted(self, delegation: str, **fields: str) -> str:
        """The nomination of somebody who may come."""
        nomination = await self.nominated(delegation, **fields)
        await self.did("/v1/vetting", {"nomination_id": nomination, "outcome": "cleared"})
        await self.did("/v1/accreditations", {"nomination_id": nomination, **VALIDITY})
        return nomination

    async def badged(self, delegation: str, **fields: str) -> str:
        """The badge of somebody new, not handed over yet."""
        nomination = await self.granted(delegation, **fields)
        badge: str = (await self.did("/v1/badges", {"nomination_id": nomination}))["badge_id"]
        return badge

    async def person_of(self, nomination: str) -> UUID:
        """Who was named."""
        (named,) = [one for one in await self.events("DelegateNominated") if one["nomination_id"] == nomination]
        return UUID(named["person_id"])

    async def kept(self) -> set[UUID]:
        """Everybody in the vault."""
        return {row["person_id"] for row in await self.database.pool.fetch("SELECT person_id FROM vault.people")}

    async def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the log holds, in order; of one kind."""
        recorded = await self.host.log.read(0, 100_000)
        return [{"type": one.type, **json.loads(one.data)} for one in recorded if kind in {None, one.type}]

    async def told(self) -> list[dict[str, Any]]:
        """What others are told, from the feed."""
        answer = await self.client.get("/v1/log?limit=1000", headers=self.headers("service", sub="access"))
        events: list[dict[str, Any]] = answer.json()["events"]
        return events


@asynccontextmanager
async def accreditation_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    async with fresh_database(postgres) as database:
        await postgres.provide(database.service, [MIGRATIONS])
        yield database


@asynccontextmanager
async def desk_on(
    database: Database, issuer: Issuer, folder: Path, *, leads: bool = True, **changed: Any
) -> AsyncIterator[Desk]:
    """The app on a database, asked in this process, its register kept current while it leads."""
    settings = AccreditationSettings(**{
        "database_url": database.dsn,
        "database_password_file": database.postgres.password_file(database.service),
        "port": free_port(),
        "jwks": str(issuer.jwks),
        "issuer": ISSUER,
        "service_token_file": folder / "no-token",
        "event": EVENT,
        "badge_key_file": _secret(folder / "badge-key"),
        "vault_key_file": _secret(folder / "vault-key"),
        "erasures_file": folder / "erasures",
        **changed,
    })  # fmt: skip
    host = Host("accreditation", settings, database.pool)
    clock = HandClock()
    host.clock = clock
    app = await accreditation_app.build(host)
    vault = Vault(
        database.pool, bytes.fromhex(settings.read_secret(settings.vault_key_file)), settings.erasures_file
    )  # fmt: skip
    relayed = 2  # relay and heartbeat need NATS
    async with (
        running(*(_work(one) for one in host.leading[relayed:] if leads)),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client,
    ):
        yield Desk(host, app, client, issuer, clock, database, vault, settings)


async def _work(work: functools.partial[Any] | Any) -> None:
    await asyncio.ensure_future(work())


def _secret(file: Path) -> Path:
    if not file.exists():
        file.write_text(uuid4().bytes.hex() * 2)
    return file
