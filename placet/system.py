"""An embedded system: PostgreSQL, NATS, a mailbox, the four services; a supervised process each, in one data folder."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import nats.errors

from chassis.run.embedded.folder import DataFolder
from chassis.run.embedded.nats import EmbeddedNats
from chassis.run.embedded.postgres import EmbeddedPostgres
from chassis.run.embedded.process import Child, start
from chassis.stream.permissions import User, admin_user, service_user
from contracts.topology import SERVICES
from contracts.words import ServiceName
from placet.broker import OPERATOR, Broker, see_to_durables
from placet.issuer import AUDIENCE, ISSUER, LocalIssuer
from placet.outsiders import Controllers, Subscribers
from placet.places import ROOT, migrations_of
from placet.ports import Ports

_READY_WITHIN_S = 60.0
_RESTART_AFTER_S = 0.5
_RESTART_AT_LEAST_EVERY_S = 10.0
_LOOK_FOR_STREAMS_EVERY_S = 1.0


@dataclass
class EmbeddedSystem:
    """Everything of an embedded run. ``event`` and ``venue`` are the gathering's ids, ``time_zone`` its IANA name."""

    folder: DataFolder
    ports: Ports
    event: str
    venue: str
    time_zone: str = "UTC"
    contacts: Sequence[Mapping[str, str]] = ()
    """Whom notices reach on duty: ``{duty, email, language}`` each."""
    otlp_endpoint: str | None = None
    silent_after_s: float = 60
    """Of a scanner without a sign of life: a rehearsal that plays a day in a minute has none to spare."""
    log_level: str = "INFO"
    say: Callable[[str], None] = lambda _sentence: None
    """Hears what the operator ought to know: what ended, what does not start."""
    children: dict[str, Child] = field(default_factory=dict)
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.postgres = EmbeddedPostgres(self.folder)
        self.nats = EmbeddedNats(self.folder, self.ports.of("nats"))
        self.issuer = LocalIssuer(self.folder)
        self.subscribers = Subscribers(self.folder)
        self.controllers = Controllers(self.folder)
        self.mail = self.folder.root / "mail"
        self.clock_file = self.folder.root / "clock"

    async def start(self, progress: Callable[[str], None] = lambda _step: None) -> None:
        """Returns when every service is ready. Raises FolderError or ChildFailedError with what to do."""
        self.ports.require_free()
        progress("PostgreSQL")
        await self.start_postgres()
        for service in SERVICES:
            await self.postgres.provide(service, [migrations_of(service)])
        progress("NATS")
        await self.start_nats()
        self._write_contacts()
        progress("mailbox and services")
        await self.start_mailbox()
        for service in SERVICES:
            await self.start_service(service)
        await self.ready()

    async def stop(self) -> None:
        """In order: services first, what they stand on last."""
        for task in self._tasks:
            task.cancel()
        services = [self.children.pop(name) for name in SERVICES if name in self.children]
        await asyncio.gather(*(child.stop() for child in services))
        for name in ("mailbox", "nats", "postgres"):
            if name in self.children:
                await self.children.pop(name).stop(grace_s=30)

    async def ready(self) -> None:
        """Returns when every service says it does its job. Raises ChildFailedError."""
        deadline = time.monotonic() + _READY_WITHIN_S
        async with httpx.AsyncClient(timeout=2, trust_env=False, verify=False) as client:  # noqa: S501 - plain HTTP
            for service in SERVICES:
                while not await _is_ready(client, self.ports.url(service)):
                    child = self.children[service]
                    if not child.running or time.monotonic() > deadline:
                        raise child.failed()
                    await asyncio.sleep(0.05)

    async def start_postgres(self) -> None:
        await self.postgres.start()
        self._supervise("postgres", self.postgres.child, self.start_postgres)

    async def start_nats(self) -> None:
        await self.nats.start(self.nats_users())
        self._supervise("nats", self.nats.child, self.start_nats)
        self._tasks.append(asyncio.create_task(self._keep_durables()))

    async def _keep_durables(self) -> None:
        """Makes the durables of outside systems again where a broker that lost its folder lost them."""
        awaited = True
        while awaited:
            await asyncio.sleep(_LOOK_FOR_STREAMS_EVERY_S)
            with suppress(nats.errors.Error, OSError):
                client = await self.broker.connect()
                try:
                    wanted = self.subscribers.streams()
                    awaited = bool(await see_to_durables(client.jetstream(timeout=5), wanted))
                finally:
                    await client.close()

    async def start_mailbox(self) -> None:
        argv = [
            sys.executable,
            "-m",
            "chassis.run.embedded.mailbox",
            "127.0.0.1",
            str(self.ports.of("mailbox")),
            str(self.mail),
        ]
        child = await start("mailbox", argv, log=self.folder.logs / "mailbox.log", env=_environment())
        self._supervise("mailbox", child, self.start_mailbox)

    async def start_service(self, service: ServiceName) -> None:
        child = await start(
            service,
            [sys.executable, "-m", "placet", "serve", service],
            log=self.folder.logs / f"{service}.log",
            env={**_environment(), **self.environment(service)},
        )

        async def again() -> None:
            await self.start_service(service)

        self._supervise(service, child, again)

    @property
    def broker(self) -> Broker:
        """NATS as its operator reaches it."""
        return Broker(self.nats.url, self.nats.seed_file(OPERATOR))

    def nats_users(self) -> Iterable[User]:
        """Everybody NATS knows: the services, the operator, outside systems."""
        for contract in SERVICES.values():
            yield service_user(
                contract.name, self.nats.public_key(contract.name), contract.consumes, contract.listens_to
            )
        yield admin_user(self.nats.public_key(OPERATOR))
        yield from self.subscribers.users()
        yield from self.controllers.users()

    def environment(self, service: ServiceName) -> dict[str, str]:
        """The ``PLACET_*`` variables of a service."""
        folder = self.folder
        common = {
            "DATABASE_URL": self.postgres.dsn(service, service),
            "DATABASE_PASSWORD_FILE": self.postgres.password_file(service),
            "NATS_URL": self.nats.url,
            "NATS_SEED_FILE": self.nats.seed_file(service),
            "PORT": self.ports.of(service),
            "JWKS": self.issuer.jwks,
            "ISSUER": ISSUER,
            "AUDIENCE": AUDIENCE,
            "SERVICE_TOKEN_FILE": self.issuer.service_token_file(service, folder),
            "ACCREDITATION_URL": self.ports.url("accreditation"),
            "ACCESS_URL": self.ports.url("access"),
            "NOTIFICATIONS_URL": self.ports.url("notifications"),
            "OPERATIONS_URL": self.ports.url("operations"),
            "TIME_ZONE": self.time_zone,
            "CLOCK_FILE": self.clock_file,
            "EMBEDDED": "true",
            "LOG_LEVEL": self.log_level,
            **({"OTLP_ENDPOINT": self.otlp_endpoint} if self.otlp_endpoint else {}),
        }
        own: dict[ServiceName, dict[str, object]] = {
            "accreditation": {
                "EVENT": self.event,
                "BADGE_KEY_FILE": folder.secret_file("badge-key", _key),
                "VAULT_KEY_FILE": folder.secret_file("vault-key", _key),
                "ERASURES_FILE": folder.secrets / "erasures",
            },
            "access": {"EVENT": self.event, "VENUE": self.venue, "SILENT_AFTER_S": self.silent_after_s},
            "notifications": {
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": self.ports.of("mailbox"),
                "MAIL_FROM": f"no-reply@{self.event}.example",
                "DUTY_CONTACTS_FILE": self._contacts_file,
            },
            "operations": {"EVENT": self.event},
        }
        return {f"PLACET_{name}": str(value) for name, value in {**common, **own[service]}.items()}

    @property
    def _contacts_file(self) -> Path:
        return self.folder.root / "duty-contacts.json"

    def _write_contacts(self) -> None:
        """Once: from then on the file is the operator's to change."""
        if not self._contacts_file.exists():
            self._contacts_file.write_text(json.dumps(list(self.contacts), indent=2), encoding="utf-8")

    def _supervise(self, name: str, child: Child | None, again: Callable[[], Awaitable[None]]) -> None:
        """Starts a child again when it ends by itself, and says so."""
        assert child is not None
        self.children[name] = child

        async def watch() -> None:
            code = await child.process.wait()
            self.say(f"{name} ended with code {code}; starting it again. Its log: {child.log}")
            wait_s = _RESTART_AFTER_S
            while True:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _RESTART_AT_LEAST_EVERY_S)
                try:
                    return await again()
                except Exception as error:  # noqa: BLE001 - whatever it is: this watcher is all that brings it back
                    self.say(f"{name} does not start: {error}")

        self._tasks.append(asyncio.create_task(watch()))


def _key() -> bytes:
    return os.urandom(32).hex().encode()


def _environment() -> dict[str, str]:
    """Ours without settings meant for other runs; programs find our packages wherever they are started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLACET_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    with suppress(httpx.HTTPError):
        return (await client.get(f"{url}/ready")).status_code == httpx.codes.OK
    return False
