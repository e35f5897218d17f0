"""What a running system promises to those who use it."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Span

from placet.letting_in import UnfitNameError, create_subscriber
from tests.controls import eventually
from tests.system.collector import Collector
from tests.system.guests import Desk, Scanner
from tests.system.launcher import Launched, not_started, placet

Dump = dict[str, list[str]]
"""Rows by table."""

CONTROLLERS_PAGE = Path(__file__).parents[2] / "docs/integrating-nats.md"
CANARIES = ("Zyqwanafamily", "Zyqwanagiven", "zyqwana@canary.example")
"""Somebody whose name is like nothing else."""


async def test_a_badge_revoked_while_nats_is_out_of_reach_is_refused_within_three_seconds(
    launched: Launched, desk: Desk, scanner: Scanner
) -> None:
    guest = await desk.welcome()
    await scanner.admits(guest.text)
    nats = launched.children()["nats-server"]
    nats.send_signal(signal.SIGSTOP)
    try:
        await desk.revoke(guest)
        revoked_at = time.monotonic()

        async def refused() -> bool:
            verdict = (await scanner.scan(guest.text)).body
            return bool(verdict["outcome"] == "refused" and verdict["reason"] == "credential_revoked")

        await eventually(refused, 3, every_s=0.05)
        assert time.monotonic() - revoked_at < 3
    finally:
        nats.send_signal(signal.SIGCONT)


async def test_a_scan_sent_three_times_at_once_has_one_verdict(desk: Desk, scanner: Scanner) -> None:
    guest = await desk.welcome()
    await scanner.admits(guest.text)
    scan_id = str(uuid4())

    answers = await asyncio.gather(*(scanner.scan(guest.text, scan_id=scan_id) for _ in range(3)))

    verdicts = [answer.body for answer in answers]
    assert {(one["outcome"], one["position"]) for one in verdicts} == {("admitted", verdicts[0]["position"])}
    assert sorted(one["replayed"] for one in verdicts) == [False, True, True]


async def test_a_verdict_is_explained_at_the_terminal(launched: Launched, scanner: Scanner) -> None:
    verdict = (await scanner.scan("12345678")).body

    told = await placet("explain", verdict["scan_id"], data=launched.data)
    as_json = json.loads(await placet("explain", verdict["scan_id"], "--json", data=launched.data))
    unheard_of = await placet("explain", str(uuid4()), data=launched.data, code=1)

    assert verdict["reason"] == as_json["reason"] == "credential_malformed"
    assert as_json["same_again"]
    assert "it comes out the same" in told
    assert re.search(r"credential_malformed +│ 148", told)
    assert "No scan has this id" in unheard_of


async def test_one_trace_runs_from_the_scan_to_the_notice(launched: Launched, desk: Desk, collector: Collector) -> None:
    """A full zone: the scan that fills it, the log, the stream, and the notice to those on duty."""
    cabin = f"cabin-{uuid4().hex[:6]}"
    names = {"en": "Cabin", "fr": "Cabine", "vi": "Buồng"}
    zone = {"zone_id": cabin, "area": "pln", "names": names, "capacity": 1, "zone_class": "controlled"}
    await desk.post("access", "/v1/zones", **zone)
    await desk.post("access", "/v1/gates", gate_id=f"{cabin}-door", name="Cabin door", to_zone_id=cabin)
    door, guest = await desk.scanner(f"{cabin}-door"), await desk.welcome()

    async def filled() -> bool:
        return bool((await door.scan(guest.text)).body["outcome"] == "admitted")

    await eventually(filled, 10)

    def whole_trace() -> bool:
        scans = {span.trace_id for span in collector.spans if span.attributes.get("placet.gate_id") == door.gate}
        return any(
            {service for service, _ in collector.of_trace(trace)} >= {"placet-access", "placet-notifications"}
            for trace in scans
        )

    await eventually(whole_trace, 15)


async def test_no_name_or_address_is_anywhere_but_in_the_vault_and_in_the_mail(
    launched: Launched, desk: Desk, scanner: Scanner, collector: Collector
) -> None:
    family_name, given_name, email = CANARIES
    guest = await desk.welcome(family_name=family_name, given_name=given_name, email=email)
    await scanner.admits(guest.text)
    verdict = await eventually(lambda: _holder(scanner, guest.text), 10)
    assert verdict == f"{given_name} {family_name}", "the gate itself does show the holder"
    await eventually(lambda: any(email in file.read_text() for file in launched.system.mail.glob("*.eml")), 20)

    assert await _traces(launched, collector) == []


async def test_the_control_finds_a_name_that_was_put_into_an_event(launched: Launched, collector: Collector) -> None:
    connection = await launched.system.postgres.superuser("operations")
    try:
        await connection.execute("CREATE TABLE public.planted AS SELECT $$Zyqwanafamily$$::text AS name")
        assert await _traces(launched, collector) == ["operations public.planted"]
    finally:
        await connection.execute("DROP TABLE public.planted")
        await connection.close()
    assert await _traces(launched, collector) == []


async def test_the_control_finds_a_name_that_was_put_into_a_log_file(launched: Launched, collector: Collector) -> None:
    planted = launched.system.folder.logs / "planted.log"
    try:
        planted.write_text(f'{{"event": "person_named", "person": "{CANARIES[1].upper()}"}}\n')
        assert await _traces(launched, collector) == [str(planted)]
    finally:
        planted.unlink()
    assert await _traces(launched, collector) == []


async def test_the_control_finds_a_name_that_was_published(launched: Launched, collector: Collector) -> None:
    """In the broker's own files, as it writes them."""
    client = await launched.system.broker.connect()
    jetstream = client.jetstream()
    # Its operator publishes nothing, and a message in the stream of a service would be there for good.
    await jetstream.add_stream(name="PLANTED", subjects=["$JS.API.PLANTED"], no_ack=True)
    try:
        await client.publish("$JS.API.PLANTED", f"mailto:{CANARIES[2]}".encode())

        async def found() -> bool:
            places = await _traces(launched, collector)
            return bool(places) and all("/PLANTED/" in place for place in places)

        await eventually(found, says="the broker's files hide it")
    finally:
        await jetstream.delete_stream("PLANTED")
        await client.close()

    streams = launched.system.nats.store / "jetstream" / "$G" / "streams"
    await eventually(lambda: not [one for one in streams.iterdir() if "PLANTED" in one.name])
    assert await _traces(launched, collector) == []


def failed_about(span: Span, whom: str) -> Span:
    span.record_exception(ValueError(whom))
    return span


async def test_the_control_finds_a_name_that_was_put_into_a_span(launched: Launched, collector: Collector) -> None:
    """Sent as services send theirs."""
    tracing = TracerProvider(resource=Resource.create({"service.name": "planted"}))
    tracing.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{collector.url}/v1/traces")))
    tracer = tracing.get_tracer("planted")
    try:
        for span in (
            tracer.start_span("scan", attributes={"placet.holder": CANARIES[0]}),
            tracer.start_span(f"scan of {CANARIES[1]}"),
            failed_about(tracer.start_span("scan"), CANARIES[2]),
        ):
            await asyncio.to_thread(span.end)  # by then the collector has it
            (place,) = await _traces(launched, collector)
            assert place.startswith("span of planted: scan")
            collector.spans[:] = [one for one in collector.spans if one.service != "planted"]
    finally:
        tracing.shutdown()
    assert await _traces(launched, collector) == []


@pytest.mark.parametrize(("service", "view"), [("accreditation", "register"), ("operations", "live")])
async def test_rebuilt_views_equal_the_live_ones(launched: Launched, desk: Desk, service: str, view: str) -> None:
    async def rebuilt_while_nothing_happened() -> tuple[Dump, Dump]:
        """What stood before, and what stands now."""
        read = await _numbers(desk)
        before = await _dump(launched, service, view)
        assert view in await placet("views", "rebuild", service, data=launched.data)
        after = await _dump(launched, service, view)
        assert await _numbers(desk) == read
        return before, after

    before, after = await eventually(rebuilt_while_nothing_happened, 60)

    assert any(before.values())
    assert after == before


async def _numbers(desk: Desk) -> dict[str, int]:
    """The last number that each service told."""
    services = ("accreditation", "access", "notifications", "operations")
    heads = [await desk.outsider.get(one, "/v1/log", "auditor", after=2**40, limit=1) for one in services]
    return dict(zip(services, (head.body["head"] for head in heads), strict=True))


@pytest.mark.parametrize(("service", "view"), [("accreditation", "register"), ("operations", "live")])
async def test_a_row_changed_in_a_view_is_noticed_and_put_right_by_rebuilding(
    launched: Launched, desk: Desk, service: str, view: str
) -> None:
    """Control: the comparison of a view with what is rebuilt sees one row that differs."""
    guest = await desk.welcome()

    async def known() -> dict[str, list[str]]:
        dump = await _dump(launched, service, view)
        return dump if any(guest.badge_id in row and '"active"' in row for row in dump["badges"]) else {}

    before = await eventually(known, 10)
    connection = await launched.system.postgres.superuser(service)
    try:
        await connection.execute(
            f"UPDATE {view}.badges SET suspended = NOT suspended WHERE badge_id = $1", guest.badge_id
        )
    finally:
        await connection.close()
    changed = await _dump(launched, service, view)
    assert changed != before
    (row,) = set(changed["badges"]) - set(before["badges"])
    assert guest.badge_id in row

    await placet("views", "rebuild", service, data=launched.data)

    # Of this table: notices about the guest may be on their way to others.
    assert (await _dump(launched, service, view))["badges"] == before["badges"]


async def test_a_stream_is_made_anew_from_its_log(launched: Launched, desk: Desk, scanner: Scanner) -> None:
    said = await placet("log", "republish", "accreditation", data=launched.data)

    assert "holds all" in said
    guest = await desk.welcome()
    await scanner.admits(guest.text)
    await eventually(lambda: _doctor(launched), 15)


async def test_an_installation_of_another_kind_is_named_by_the_environment(launched: Launched, tmp_path: Path) -> None:
    system = launched.system
    named = {
        "PLACET_TOKEN": system.issuer.token(["auditor"], timedelta(minutes=5)),
        "PLACET_NOTIFICATIONS_URL": system.ports.url("notifications"),
        "PLACET_NATS_URL": system.nats.url,
        "PLACET_NATS_ADMIN_SEED_FILE": str(system.nats.seed_file("admin")),
    }

    assert "holds all" in await placet("log", "republish", "notifications", data=tmp_path, variables=named)
    assert "There is no Placet data" in await placet(
        "log", "republish", "access", data=tmp_path, code=1, variables=named
    )
    assert "notifications" in await placet("doctor", data=tmp_path, variables=named)


async def test_a_subscriber_finds_its_durable_again_when_the_broker_has_lost_it(launched: Launched) -> None:
    made = json.loads(await placet("subscriber", "create", "archive", "--json", data=launched.data))
    client = await launched.system.broker.connect()
    await client.jetstream().delete_consumer("ACCESS", "archive")
    await client.close()
    launched.children()["nats-server"].kill()

    async def can_pull() -> bool:
        inbox = made["inbox_prefix"]
        reader = Client()
        try:
            with suppress(nats.errors.Error, OSError):  # the broker is away, or has not got it yet
                await reader.connect(
                    made["url"], nkeys_seed=made["seed_file"], allow_reconnect=False, inbox_prefix=inbox.encode()
                )
                events = await reader.jetstream().pull_subscribe_bind(
                    "archive", stream="ACCESS", inbox_prefix=f"{inbox}.".encode()
                )
                return bool(await events.fetch(1, timeout=1))
        finally:
            await reader.close()
        return False

    await eventually(can_pull, 20)


@pytest.mark.parametrize("name", ["admin", "access", "access-from-accreditation", "../up"])
async def test_a_subscriber_is_never_somebody_of_the_house(launched: Launched, name: str) -> None:
    secrets = {file.name: file.read_bytes() for file in (launched.data / "secrets").iterdir() if file.is_file()}

    with pytest.raises(UnfitNameError, match="cannot be a subscriber's name"):
        await create_subscriber(launched.system, name, ["ACCESS"])

    assert {file.name: file.read_bytes() for file in (launched.data / "secrets").iterdir()} == secrets


async def test_a_stream_that_does_not_exist_is_named(launched: Launched) -> None:
    said = await placet("subscriber", "create", "archive", "--stream", "GOSSIP", data=launched.data, code=1)

    assert "There is no stream GOSSIP." in said


async def test_a_controller_scans_over_nats_as_the_documentation_shows(
    launched: Launched, desk: Desk, tmp_path: Path
) -> None:
    """Its credentials outlive the broker's process."""
    (program,) = re.findall(r"```python\n(.*?)```", CONTROLLERS_PAGE.read_text("utf-8"), re.DOTALL)
    scanner, guest = await desk.scanner("gate-south"), await desk.welcome()
    await scanner.admits(guest.text)
    created = await placet("controller", "create", "lane-1", "--gate", "gate-south", "--json", data=launched.data)
    (tmp_path / "controller.json").write_text(created)
    body = scanner.body(guest.text)

    async def answer() -> tuple[str, dict[str, Any]]:
        controller = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=tmp_path, env={**os.environ, "DEVICE": scanner.token},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(controller.communicate(json.dumps(body).encode()), 30)
        assert controller.returncode == 0, err.decode()
        status, _, document = out.decode().partition(" ")
        return status, json.loads(document)

    status, first = await answer()
    launched.children()["nats-server"].kill()
    _, again = await eventually(answer, 20)

    assert (status, first["outcome"], first["replayed"]) == ("200", "admitted", False)
    assert again == {**first, "replayed": True}
    assert (await scanner.outsider.scan(scanner.token, body)).body == again


async def test_a_controller_is_of_gates_that_exist_and_has_a_fit_name(launched: Launched) -> None:
    secrets = sorted(file.name for file in (launched.data / "secrets").iterdir())

    nowhere = await placet("controller", "create", "lane-9", "--gate", "nowhere", data=launched.data, code=1)
    unfit = await placet("controller", "create", "../up", "--gate", "gate-south", data=launched.data, code=1)

    assert "There is no gate nowhere." in nowhere
    assert "cannot be a controller's name" in " ".join(unfit.split())
    assert sorted(file.name for file in (launched.data / "secrets").iterdir()) == secrets


async def test_a_second_run_on_the_same_data_is_told_who_has_it(launched: Launched) -> None:
    said = await not_started("--data", launched.data, "--port-base", "45000")

    assert f"is in use by process {launched.process.pid}" in said
    assert "--data" in said


async def test_the_log_is_read_in_order_by_anybody_entitled(launched: Launched) -> None:
    lines = (await placet("log", "read", "access", "--types", "GateDefined", data=launched.data)).splitlines()

    numbers = [int(re.findall(r'"placetnumber": (\d+)', line)[0]) for line in lines]
    assert len(numbers) > 40
    assert numbers == sorted(numbers)


async def _holder(scanner: Scanner, text: str) -> str | None:
    verdict = (await scanner.scan(text, "out")).body
    return verdict["holder"]["name"] if verdict["holder"] else None


async def _doctor(launched: Launched) -> bool:
    return "All is well" in await placet("doctor", data=launched.data)


async def _traces(launched: Launched, collector: Collector) -> list[str]:
    """Where a name or an address of the canary is, of all places where none may be."""
    traces = re.compile("|".join(CANARIES), re.IGNORECASE)
    system = launched.system
    files = (*system.folder.logs.iterdir(), *(one for one in system.nats.store.rglob("*") if one.is_file()))
    found = [str(file) for file in files if traces.search(file.read_bytes().decode("utf-8", "replace"))]
    for service in ("accreditation", "access", "notifications", "operations"):
        found += [f"{service} {table}" for table in await _rows_with(launched, service, traces.pattern)]
    found += [f"span of {span.service}: {span.name}" for span in collector.spans if traces.search(repr(span))]
    return found


async def _rows_with(launched: Launched, service: str, pattern: str) -> list[str]:
    """Tables of a service that have the pattern somewhere in a row."""
    connection = await launched.system.postgres.superuser(service)
    try:
        tables = await connection.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = []
        for (name,) in tables:
            if await connection.fetchval(f"SELECT count(*) FROM {name} AS t WHERE t::text ~* $1", pattern):
                found.append(name)
        return found
    finally:
        await connection.close()


async def _dump(launched: Launched, service: str, schema: str) -> dict[str, list[str]]:
    """Every table of a view as sorted rows, without what is real time."""
    connection = await launched.system.postgres.superuser(service)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
        rows = "SELECT (to_jsonb(t) - 'arrived_at')::text FROM {}.{} AS t"
        return {name: sorted(row[0] for row in await connection.fetch(rows.format(schema, name))) for (name,) in tables}
    finally:
        await connection.close()
