"""A name goes into the vault and onto the screen before a guard, and nowhere else: not into a log of events, not into a
message, not into a line of a program's log. Both services run with everything on; people with unheard-of names pass.
"""

import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from nats.aio.client import Client

from chassis.log.log import Append, Metadata, NewEvent, Shared
from chassis.run.embedded.postgres import EmbeddedPostgres
from chassis.run.host import Host
from chassis.run.logging import Logger, SafeFormatter
from tests.access.running import Access, access_on, scan_body
from tests.accreditation.controls import FRANCE, VALIDITY, roster, row
from tests.accreditation.running import Desk, accreditation_database, desk_on
from tests.conftest import Broker, Database, Issuer, fresh_database, served
from tests.controls import eventually, running

_TABLES = """
    SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""


class Canaries:
    """Words nobody else says. Whichever of them turns up somewhere was somebody's name, address or office."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def word(self) -> str:
        made = f"Qẫyx{uuid4().hex[:10]}"
        self.words.append(made)
        return made

    def person(self, **fields: str) -> dict[str, str]:
        address = f"{self.word()}".replace("ẫ", "a") + "@example.org"
        self.words.append(address)
        usual = {name: self.word() for name in ("family_name", "given_name", "title", "function")}
        return {**usual, "email": address, "language": "vi", **fields}

    def found_in(self, text: str) -> set[str]:
        """Those that stand in ``text``, however they are written."""
        return {
            word
            for word in self.words
            for form in (word, word.lower(), word.upper(), json.dumps(word)[1:-1], word.encode().hex())
            if form in text
        }


@dataclass
class Run:
    desk: Desk
    access: Access
    logged: io.StringIO
    client: Client
    canaries: Canaries = field(default_factory=Canaries)


@asynccontextmanager
async def everything_logged() -> AsyncIterator[io.StringIO]:
    """Every line that the programs would write, at the most talkative level."""
    lines, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(SafeFormatter("test"))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@asynccontextmanager
async def at_work(host: Host) -> AsyncIterator[None]:
    """Everything a service does while it leads."""
    async with running(*(_run(work) for work in host.always)):
        await eventually(host.bus.connected.is_set, 10)
        async with running(*(_run(work) for work in host.leading)):
            yield


async def _run(work: Callable[[], Any]) -> None:
    await work()


@pytest.fixture
async def run(
    postgres: EmbeddedPostgres, broker: Broker, admin: Client, people_issuer: Issuer, tmp_path: Path
) -> AsyncIterator[Run]:
    async with AsyncExitStack() as stack:
        lines = await stack.enter_async_context(everything_logged())
        for service in ("accreditation", "access"):
            (tmp_path / service).mkdir()
        desk_database = await stack.enter_async_context(accreditation_database(postgres))
        nats = {"nats_url": broker.url}
        desk = await stack.enter_async_context(
            desk_on(
                desk_database,
                people_issuer,
                tmp_path / "accreditation",
                nats_seed_file=broker.seed_file("accreditation"),
                leads=False,
                **nats,
            )
        )
        url = await stack.enter_async_context(served(desk.app, desk.settings.port))
        database = await stack.enter_async_context(fresh_database(postgres))
        access = await stack.enter_async_context(
            access_on(
                database,
                people_issuer,
                tmp_path / "access",
                accreditation_url=url,
                nats_seed_file=broker.seed_file("access"),
                **nats,
            )
        )
        await stack.enter_async_context(at_work(desk.host))
        access.leases_the_venue(until=float("inf"))
        await stack.enter_async_context(at_work(access.host))
        await eventually(access.gatekeeper.started.is_set, 10)
        await access.lay_out()
        await desk.has_rules()
        yield Run(desk, access, lines, admin)


async def everything_in(database: Database, *, apart_from: Iterable[str] = ()) -> str:
    """All that a service has written down, as text."""
    connection: asyncpg.Connection = await database.postgres.superuser(database.service)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        dumps = [
            await connection.fetchval(f"SELECT string_agg(to_json(t)::text, E'\\n') FROM {table} AS t")
            for table in tables
            if table not in apart_from
        ]
        assert "log.events" in tables
        return "\n".join(dump for dump in dumps if dump)
    finally:
        await connection.close()


async def the_gathering(run: Run) -> list[dict[str, Any]]:
    """People with canaries for names are invited, named, vetted, badged, let in, sent away, erased. Their verdicts."""
    desk, access, canaries = run.desk, run.access, run.canaries
    focal_point = canaries.person()
    body = {"delegation_id": "fr", "kind": "state", "names": FRANCE, "language": "fr"}
    await desk.did(
        "/v1/delegations", {**body, "focal_point": {k: focal_point[k] for k in ("family_name", "given_name", "email")}}
    )
    await desk.ask(
        "/v1/delegations", {**body, "focal_point": {k: focal_point[k] for k in ("family_name", "given_name", "email")},
                            "language": "en"},
    )  # fmt: skip
    await desk.did("/v1/delegations/fr/confirmation", {"note_verbale": "NV 1"})
    await desk.did("/v1/delegations/fr/quotas", {"category": "delegate", "places": 5})

    people = [canaries.person() for _ in range(4)]
    rows = [row(**one) for one in people[:3]]
    bad = [row(**canaries.person(email="nobody")), row("atlantis", **canaries.person()), f"{canaries.word()},x"]
    for path in ("/v1/rosters?dry_run=true", "/v1/rosters", "/v1/rosters"):
        await desk.ask(path, roster(*rows, *bad))
    await desk.ask("/v1/rosters", f"{canaries.word()},{canaries.word()}\n".encode())
    await desk.ask("/v1/rosters", roster(f'"{canaries.word()}'))
    await desk.did("/v1/nominations", {"delegation_id": "fr", "category": "delegate", **people[3]})
    await desk.ask("/v1/nominations", {"delegation_id": "fr", "category": "delegate", **people[3]})
    await desk.ask("/v1/nominations", {"delegation_id": "fr", **canaries.person(), "passport": canaries.word()})
    await desk.ask("/v1/nominations", f'{{"family_name": "{canaries.word()}"'.encode())
    await desk.ask("/v1/vetting", {"nomination_id": str(uuid4()), "outcome": "refused", "reason_code": canaries.word()})
    await desk.get(f"/v1/{canaries.word()}?{canaries.word()}={canaries.word()}")

    verdicts = []
    for nomination in [one["nomination_id"] for one in (await desk.get("/v1/nominations")).json()]:
        await desk.did("/v1/vetting", {"nomination_id": nomination, "outcome": "cleared"})
        await desk.did("/v1/accreditations", {"nomination_id": nomination, **VALIDITY})
        badge = (await desk.did("/v1/badges", {"nomination_id": nomination}))["badge_id"]
        await desk.did(f"/v1/badges/{badge}/activation")
        text = (await desk.get(f"/v1/badges/{badge}/credential")).json()["text"]
        person = await desk.person_of(nomination)
        await desk.get(f"/v1/people?purpose=desk&ids={person}", desk.headers("desk"))
        await eventually(partial(access.holders.get, person), 10)
        verdict = await access.scan(text, "main")
        verdicts.append(verdict)
        await access.get(f"/v1/scans/{verdict['scan_id']}", "supervisor")

    found = await desk.ask("/v1/people/search", {"text": people[0]["family_name"], "purpose": "people"})
    assert found.json()[0]["function"] == people[0]["function"]
    await desk.ask("/v1/people/search", {"text": canaries.word(), "purpose": canaries.word()})
    await desk.ask("/v1/people/search", {"text": canaries.word() * 9, "purpose": "people"})
    await access.scan(canaries.word(), "main")
    await access.scan_answer(scan_body(canaries.word(), "main", source=canaries.word()))
    await access.scan_answer({**scan_body("x", "main"), "name": canaries.word()})
    await access.post("/v1/lockdowns", {"zone_id": "hall", "reason": canaries.word()}, "commander")
    erased = await desk.person_of(nomination)
    headers = {**desk.headers("admin"), "Idempotency-Key": str(uuid4())}
    await desk.client.delete(f"/v1/people/{erased}", headers=headers)
    await eventually(lambda: access.holders.get(erased) is None)
    return verdicts


async def all_is_published(run: Run) -> None:
    for host, stream in ((run.desk.host, "ACCREDITATION"), (run.access.host, "ACCESS")):

        async def caught_up(host: Host = host, stream: str = stream) -> bool:
            state = (await run.client.jetstream().stream_info(stream)).state
            return state.last_seq == (await host.log.head()).number > 0

        await eventually(caught_up, 10, says=f"{stream} lags behind its log")


async def all_messages(client: Client) -> str:
    """Everything that both streams hold: subjects, headers, bodies."""
    stored = []
    for stream in ("ACCREDITATION", "ACCESS"):
        for sequence in range(1, (await client.jetstream().stream_info(stream)).state.last_seq + 1):
            message = await client.jetstream().get_msg(stream, sequence)
            body = (message.data or b"").decode("utf-8", "replace")
            stored.append(f"{message.subject} {message.headers} {message.data!r} {body}")
    return "\n".join(stored)


async def feed_of(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    return (await client.get("/v1/log?limit=1000", headers=headers)).text


async def test_a_name_is_in_the_vault_and_before_the_guard_and_nowhere_else(run: Run) -> None:
    verdicts = await the_gathering(run)
    await all_is_published(run)
    canaries = run.canaries
    assert len(canaries.words) > 40
    assert len(verdicts) == 4
    for verdict in verdicts:
        assert len(canaries.found_in(verdict["holder"]["name"])) == 2  # control: they did pass

    places = {
        "the database of accreditation": await everything_in(run.desk.database),
        "the database of access": await everything_in(_database(run.access, run.desk)),
        "the feed of accreditation": await feed_of(run.desk.client, run.desk.headers("service")),
        "the feed of access": await feed_of(run.access.client, run.desk.headers("service")),
        "the messages": await all_messages(run.client),
        "the log lines": run.logged.getvalue(),
        "the metrics": (await run.desk.client.get("/metrics")).text + (await run.access.client.get("/metrics")).text,
        "the list of erasures": run.desk.settings.erasures_file.read_text(),
    }
    for place, content in places.items():
        assert canaries.found_in(content) == set(), place
        assert len(content) > 30, place  # control: there was something to look at


def _database(access: Access, desk: Desk) -> Database:
    dsn = access.host.settings.database_url
    service = dsn.partition("@/")[2].partition("?")[0]
    return Database(service, desk.database.postgres, access.host.pool)


async def test_a_canary_that_escaped_would_be_found(run: Run) -> None:
    """Control: one let loose in each place that is looked at."""
    word = run.canaries.word()
    Logger("escaped").info(word)
    metadata = Metadata("person:careless", uuid4(), run.desk.clock.now()).to_json()
    face = Shared("accreditation.Escaped.v1", "canary-1", json.dumps({"name": word}))
    escaped = NewEvent(uuid4(), "Escaped", 1, json.dumps({"name": word}), metadata, face)
    await run.desk.host.log.append(Append("canary-1", None, [escaped]))
    await all_is_published(run)

    for place in (
        await everything_in(run.desk.database),
        await feed_of(run.desk.client, run.desk.headers("service")),
        await all_messages(run.client),
        run.logged.getvalue(),
    ):
        assert run.canaries.found_in(place) == {word}
