"""The whole road of a notice: the true accreditation on its own database, an access that says what a test wants,
notifications on its own database, and a mail server that can be told how to behave.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

import services.accreditation.app as accreditation_app
import services.notifications.app as notifications_app
from chassis.log import cursors
from chassis.log.log import Append, Metadata, NewEvent, Shared
from chassis.log.memory import MemoryLog
from chassis.log.source import Page
from chassis.personal import Personal
from chassis.run.embedded.postgres import EmbeddedPostgres
from chassis.run.host import Host
from chassis.run.settings import Settings
from chassis.stream.consumer import catch_up
from chassis.stream.feed import Feed
from contracts.envelope import Envelope
from contracts.event import SharedEvent
from services.accreditation.settings import AccreditationSettings
from services.accreditation.vault import Person, Vault
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.conftest import Database, Issuer, free_port, fresh_database, served
from tests.controls import NOW, eventually, running
from tests.notifications.post_office import PostOffice

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
DUTY = [
    {"duty": "operations", "email": "operations@host.example", "language": "vi"},
    {"duty": "liaison", "email": "liaison@un.example", "language": "en"},
]
AREAS = {"per": "Y", "pln": "Y"}
_ACCREDITATION = Path(accreditation_app.__file__).parent / "migrations"


@dataclass
class Accreditation:
    """The true service; a test speaks to it as its desks do."""

    url: str
    client: httpx.AsyncClient
    vault: Vault
    settings: Settings

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        response = await self.client.post(path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def invite(self, delegation: str = "fr", language: str = "fr", **focal_point: str) -> None:
        contact = {"family_name": "Martin", "given_name": "Anne", "email": f"dao@{delegation}.example", **focal_point}
        names = {"en": "France", "fr": "France", "vi": "Pháp"}
        body = {"delegation_id": delegation, "kind": "state", "names": names, "language": language}
        await self.post("/v1/delegations", {**body, "focal_point": contact})

    async def confirm(self, delegation: str = "fr") -> None:
        await self.post(f"/v1/delegations/{delegation}/confirmation", {"note_verbale": "NV-2025/114"})
        await self.post(f"/v1/delegations/{delegation}/quotas", {"category": "delegate", "places": 1000})

    async def nominate(
        self, delegation: str = "fr", *, email: str = "hoa@fr.example", language: str = "fr", **fields: str
    ) -> str:
        """The nomination's id."""
        person = {"family_name": "Nguyễn", "given_name": "Hoa", "email": email, "language": language, **fields}
        body = {"delegation_id": delegation, "category": "delegate", **person}
        nomination: str = (await self.post("/v1/nominations", body))["nomination_id"]
        return nomination

    async def clear_and_grant(self, nomination: str) -> None:
        await self.post("/v1/vetting", {"nomination_id": nomination, "outcome": "cleared"})
        validity = {"valid_from": "2025-10-24T00:00:00+07:00", "valid_until": "2025-10-27T00:00:00+07:00"}
        await self.post("/v1/accreditations", {"nomination_id": nomination, **validity})

    async def grant(self, delegation: str = "fr", **person: str) -> str:
        """Somebody new is nominated and accredited; the nomination's id."""
        nomination = await self.nominate(delegation, **person)
        await self.clear_and_grant(nomination)
        return nomination

    async def person_of(self, nomination: str) -> UUID:
        (found,) = [
            one for one in (await self.client.get("/v1/nominations")).json() if one["nomination_id"] == nomination
        ]
        return UUID(found["person_id"])

    async def erase(self, person: UUID) -> None:
        response = await self.client.delete(f"/v1/people/{person}", headers={"Idempotency-Key": str(uuid4())})
        assert response.is_success, response.text

    async def keep(self, nomination: str, **fields: str) -> None:
        """Puts into the vault what the desk would never have let in."""
        person_id = await self.person_of(nomination)
        plain = {"family_name": "Hoa", "given_name": "N", "title": "", "function": "", "email": "hoa@fr.example"}
        await self.vault.remove(person_id)
        personal = {field: Personal(text) for field, text in {**plain, **fields}.items()}
        await self.vault.put(person_id, Person(**personal, language="en"))


class Told:
    """What a service would tell, without the service. A feed as readers know it, without the HTTP between."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._log = MemoryLog()

    async def says(self, event: SharedEvent, trace: str | None = None) -> UUID:
        """Publishes; the event's id."""
        id_ = uuid4()
        shared = Shared(event.subject(), event.about(), event.model_dump_json())
        metadata = Metadata(f"service:{self.name}", id_, NOW, traceparent=trace).to_json()
        await self._log.append(Append(f"s-{id_}", None, [NewEvent(id_, "Told", 1, "{}", metadata, shared)]))
        return id_

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        head = await self._log.head()
        recorded = await self._log.read_shared(after, limit)
        events = [event.envelope(self.name, head.log_id) for event in recorded]
        return Page(head.log_id, events, after + len(events), head.number)


@dataclass
class Notifications:
    """The true service, without NATS: it hears from the feeds, when it is told to."""

    host: Host
    app: FastAPI
    sender: Sender
    sending: "asyncio.Task[object]"
    feeds: Sequence[Feed]

    async def hear(self) -> None:
        """Applies everything that the services it reads have published."""
        for consumer, feed in zip(self.host.consumers, self.feeds, strict=True):
            await consumer.reader.load()
            await catch_up(consumer.reader, feed)

    async def forget_what_it_heard(self) -> None:
        """As an operator's reset does: every reader stands at the beginning again."""
        async with self.host.pool.acquire() as connection:
            for consumer in self.host.consumers:
                stood = consumer.reader.cursor
                assert stood is not None
                await cursors.reset(connection, consumer.reader.name, consumer.reader.source, stood.log_id)

    async def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What its log holds, in order; of one kind."""
        recorded = await self.host.log.read(0, 10_000)
        return [json.loads(event.data) for event in recorded if kind in {None, event.type}]

    async def settled(self) -> None:
        """Returns when nothing waits any more."""

        async def nothing_waits() -> bool:
            queued, ended = await self.events("NoticeQueued"), [*await self.events("NoticeSent")]
            return len(queued) == len([*ended, *await self.events("NoticeFailed")])

        await eventually(nothing_waits, says="notices still wait")

    async def hear_and_send(self) -> None:
        await self.hear()
        await self.settled()


@dataclass
class Station:
    """Notifications, what it hears of, and the mail server. Nobody has an address except those on duty."""

    access: Told
    operations: Told
    post_office: PostOffice
    settings: NotificationsSettings
    database: Database
    accreditation_feed: Feed

    @asynccontextmanager
    async def notifications(self, **changed: Any) -> AsyncIterator[Notifications]:
        """The service for as long as the block; again on the same log each time."""
        host = Host("notifications", self.settings.model_copy(update=changed), self.database.pool)
        app = await notifications_app.build(host)
        relayed = 2  # relay and heartbeat need NATS; the consumers are read by ``hear``
        view, send = host.leading[relayed : relayed + 2]
        sender = send.__self__  # type: ignore[attr-defined]  # a method of it, as it is wired
        async with running(view(), send()) as (_, sending):  # type: ignore[arg-type]  # coroutines, as written
            feeds = (self.accreditation_feed, cast("Feed", self.access), cast("Feed", self.operations))
            yield Notifications(host, app, sender, sending, feeds)


@dataclass
class House(Station):
    """A station with the true accreditation."""

    accreditation: Accreditation


@pytest.fixture(scope="session", autouse=True)
def one_list_of_authorities() -> Iterator[None]:
    """A client of httpx reads all authorities of the web, longer than most tests take; nobody here speaks TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture
async def accreditation(postgres: EmbeddedPostgres, issuer: Issuer, tmp_path: Path) -> AsyncIterator[Accreditation]:
    async with fresh_database(postgres) as database:
        await postgres.provide(database.service, [_ACCREDITATION])
        settings = AccreditationSettings(
            **_common(database, issuer, tmp_path),
            event="hanoi-2025",
            badge_key_file=_secret(tmp_path / "badge-key"),
            vault_key_file=_secret(tmp_path / "vault-key"),
            erasures_file=tmp_path / "erasures",
        )
        host = Host("accreditation", settings, database.pool)
        app = await accreditation_app.build(host)
        vault = Vault(
            database.pool,
            bytes.fromhex(settings.read_secret(settings.vault_key_file)),
            settings.erasures_file,
        )
        headers = issuer.headers("desk", "protocol", "vetting", "admin")
        register = host.leading[2]
        async with (
            running(register()),  # type: ignore[arg-type]
            served(app, settings.port) as url,
            httpx.AsyncClient(base_url=url, headers=headers) as client,
        ):
            desk = Accreditation(url, client, vault, settings)
            names = {"en": "Delegate", "fr": "Délégué", "vi": "Đại biểu"}
            rules = {"category": "delegate", "names": names, "vetted": True, "areas": AREAS}
            await desk.post("/v1/matrix", {"categories": [rules]})
            yield desk


@pytest.fixture
async def post_office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    await office.open()
    yield office
    await office.close()


@pytest.fixture
async def station(
    post_office: PostOffice, postgres: EmbeddedPostgres, issuer: Issuer, tmp_path: Path
) -> AsyncIterator[Station]:
    (tmp_path / "duty.json").write_text(json.dumps(DUTY))
    async with fresh_database(postgres) as database:
        settings = NotificationsSettings(
            **_common(database, issuer, tmp_path),
            accreditation_url="http://127.0.0.1:1",
            smtp_host="127.0.0.1",
            smtp_port=post_office.port,
            mail_from="Hanoi 2025 <no-reply@hanoi-2025.example>",
            duty_contacts_file=tmp_path / "duty.json",
        )
        accreditation = cast("Feed", Told("accreditation"))
        yield Station(Told("access"), Told("operations"), post_office, settings, database, accreditation)


@pytest.fixture
async def house(station: Station, accreditation: Accreditation) -> AsyncIterator[House]:
    settings = station.settings.model_copy(update={"accreditation_url": accreditation.url})
    feed = Feed("accreditation", accreditation.url, settings.service_token_file)
    told = station.access, station.operations
    yield House(*told, station.post_office, settings, station.database, feed, accreditation)
    await feed.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Shortens what the sender waits: nothing is gained by waiting a second in a test."""

    def shorten(**seconds: object) -> None:
        for name, value in {"RETRY_AFTER_S": (0.02,), "SERVER_AWAY_S": (0.02,), **seconds}.items():
            monkeypatch.setattr(f"services.notifications.sender.{name}", value)

    return shorten


def _common(database: Database, issuer: Issuer, tmp_path: Path) -> dict[str, Any]:
    token = tmp_path / "service-token"
    token.write_text(issuer.token("service", sub="notifications", ttl_s=600))
    return {
        "database_url": database.dsn,
        "database_password_file": database.postgres.password_file(database.service),
        "port": free_port(),
        "jwks": str(issuer.jwks),
        "issuer": "https://id.test",
        "service_token_file": token,
    }


def _secret(file: Path) -> Path:
    file.write_text(uuid4().bytes.hex() * 2)
    return file
