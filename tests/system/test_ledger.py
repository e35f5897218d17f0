"""The ledger is believed because it was lied to: what is lost, doubled or made up anywhere, it says, and nothing else.

The first hour of the mini scenario is played, and everything is killed once meanwhile. Each test then tampers with one
thing behind everybody's back, and puts it right afterwards.
"""

import gc
import re
import signal
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client
from nats.js.api import RawStreamMsg

from chassis.run.clock import ScenarioClock
from chassis.run.embedded.folder import DataFolder
from chassis.stream.inboxes import inbox_prefix
from chassis.stream.streams import stream_config
from placet.places import ROOT
from placet.plan import plan
from placet.rehearsal import ledger
from placet.rehearsal.conductor import Conductor
from placet.rehearsal.journal import Journal
from placet.rehearsal.layout import lay_out, put_up_scanners
from placet.rehearsal.ledger import Ledger
from placet.rehearsal.outsider import Answer, Outsider
from placet.rehearsal.rehearse import embedded, settle, tokens
from placet.scenario import load
from placet.system import EmbeddedSystem
from tests.system.killer import KILLED, Killer
from tests.system.launcher import data_folder

_FIRST_HOUR = timedelta(hours=1)
"""Of the ceremony: people are inside, some were refused."""

# What the ledger says of a thing, without the numbers behind it.
DIFFER = "acknowledged, stored, published, consumed differ"
NOT_STORED = "1 acknowledged scans are not stored"
DOUBLED = "scans with more than one event or effect"
CONTRADICTED = "gates heard another verdict than the record has"
TOTALS = "totals differ between the log and operations"
OCCUPANCY = "occupancy differs between the log, access and operations"

_SCANS = "SELECT position FROM log.events WHERE type = 'BadgeScanned'"
_A_REFUSAL = f"{_SCANS} AND data->>'outcome' = 'refused' ORDER BY position LIMIT 1"
"""It moved nobody: without it occupancy stays as it is."""
_AN_ENTRY = f"""
    SELECT max(position) FROM log.events AS entry
    WHERE position IN ({_SCANS} AND json_array_length(data->'entered') > 0) AND NOT EXISTS (
        SELECT FROM log.events AS later
        WHERE later.position > entry.position AND later.data->>'person_id' = entry.data->>'person_id'
    )
"""
"""Of somebody who was not seen again, and so is inside."""


@dataclass(frozen=True)
class Played:
    """A system on which a gathering was played and has settled."""

    system: EmbeddedSystem
    journal: Journal
    outsider: Outsider
    messages: Sequence[RawStreamMsg]
    """The stream ACCESS as it is."""
    conductor: Conductor
    killed: tuple[str, ...]

    async def drawn_up(self) -> Ledger:
        return await ledger.draw_up(self.system, self.journal, self.outsider)

    async def failures(self) -> list[str]:
        return said(await self.drawn_up())


def said(drawn_up: Ledger) -> list[str]:
    return [sentence.partition(":")[0] for sentence in drawn_up.failures()]


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[Played]:
    scenario = load(ROOT / "scenarios" / "mini")
    async with data_folder() as root:
        system = embedded(scenario, DataFolder(root))
        outsider, journal = Outsider(system.ports.url, tokens(system)), Journal(root / "journal.sqlite")
        try:
            await system.start()
            await lay_out(scenario, outsider)
            await put_up_scanners(scenario, outsider, journal)
            actions, ends, killer = plan(scenario, seed=1).actions, scenario.ceremony_starts + _FIRST_HOUR, Killer()
            share = sum(action.due < ends for action in actions) / len(actions)

            async def disturb(done: float) -> None:
                await killer.between(system, done / share)

            conductor = Conductor(scenario, actions, outsider, journal, ScenarioClock(system.clock_file))
            await conductor.play_at_full_speed(until=ends, between=disturb)
            await settle(outsider)
            with warnings.catch_warnings(action="ignore", category=ResourceWarning):
                gc.collect()  # nats-py drops a connection that was refused without closing it; better now than later
            yield Played(system, journal, outsider, await all_of_access(system), conductor, tuple(killer.killed))
        finally:
            await outsider.close()
            journal.close()
            await system.stop()


# --- ways to tamper -------------------------------------------------------------------------------------------------


@contextmanager
def journal_altered(played: Played, change: str, *values: object) -> Iterator[None]:
    """One row of the driver's journal changed; ours alone, so it has no other door."""
    database = played.journal._db
    database.execute("CREATE TEMP TABLE kept AS SELECT * FROM scans")
    try:
        assert database.execute(change, values).rowcount == 1
        yield
    finally:
        database.executescript("DELETE FROM scans; INSERT INTO scans SELECT * FROM kept; DROP TABLE kept")


@asynccontextmanager
async def table_altered(played: Played, service: str, table: str, change: str) -> AsyncIterator[None]:
    """One row changed as only the server's owner can."""
    connection = await played.system.postgres.superuser(service)
    try:
        await connection.execute(f"CREATE TEMP TABLE kept AS TABLE {table}")
        assert (await connection.execute(change)).endswith(" 1")
        yield
    finally:
        await connection.execute(f"BEGIN; DELETE FROM {table}; INSERT INTO {table} TABLE kept; COMMIT")
        await connection.close()


@asynccontextmanager
async def stream_altered(played: Played, messages: Sequence[RawStreamMsg]) -> AsyncIterator[None]:
    """The stream ACCESS made of other messages. The relay sees it as another log's, and leaves it alone."""
    await _refill(played.system, messages)
    try:
        yield
    finally:
        await _refill(played.system, played.messages)


async def _refill(system: EmbeddedSystem, messages: Sequence[RawStreamMsg]) -> None:
    """Nobody may take a message out of the stream, so it is made anew; its relay sleeps meanwhile, or it would help."""
    relay = system.children["access"].process
    relay.send_signal(signal.SIGSTOP)
    try:
        async with connected(system, "admin") as admin, connected(system, "access") as access:
            await admin.jetstream().delete_stream("ACCESS")
            await admin.jetstream().add_stream(stream_config("access"))
            for message in messages:
                headers = dict(message.headers or {})
                del headers["Nats-Msg-Id"], headers["Nats-Expected-Last-Sequence"]  # they keep out what is doubled
                await access.jetstream().publish(message.subject or "", message.data or b"", headers=headers)
    finally:
        relay.send_signal(signal.SIGCONT)


async def all_of_access(system: EmbeddedSystem) -> list[RawStreamMsg]:
    async with connected(system, "admin") as admin:
        jetstream = admin.jetstream()
        last = (await jetstream.stream_info("ACCESS")).state.last_seq
        return [await jetstream.get_msg("ACCESS", seq=number) for number in range(1, last + 1)]


@asynccontextmanager
async def connected(system: EmbeddedSystem, user: str) -> AsyncIterator[Client]:
    seed = str(system.nats.seed_file(user))
    client = await nats.connect(system.nats.url, nkeys_seed=seed, inbox_prefix=inbox_prefix(user).encode())
    try:
        yield client
    finally:
        await client.close()


def scan_among(messages: Sequence[RawStreamMsg]) -> int:
    """Where a scan stands that is not the last message: a relay brings a lost last one back."""
    return next(index for index, message in enumerate(messages) if ".BadgeScanned." in (message.subject or ""))


@contextmanager
def mail_added(played: Played, content: bytes) -> Iterator[None]:
    file = played.system.mail / f"0-{uuid4()}.eml"
    file.write_bytes(content)
    try:
        yield
    finally:
        file.unlink()


@contextmanager
def mail_removed(file: Path) -> Iterator[None]:
    kept = file.rename(file.with_suffix(".kept"))
    try:
        yield
    finally:
        kept.rename(file)


def mails(played: Played) -> list[Path]:
    return sorted(played.system.mail.glob("*.eml"))


def of_another_notice(mail: bytes) -> bytes:
    there = str(message_from_bytes(mail, policy=policy.default)["Message-ID"]).strip("<>").partition("@")[0]
    return mail.replace(there.encode(), str(uuid4()).encode())


# --- nothing was tampered with --------------------------------------------------------------------------------------


async def test_a_gathering_that_nobody_tampered_with_balances_though_everything_was_killed_once(played: Played) -> None:
    drawn = await played.drawn_up()

    assert played.killed == KILLED
    assert played.conductor.complaints == []
    outcomes = played.journal.outcomes()
    assert [cause for outcome, _, cause, _ in outcomes if (outcome == "refused") != (cause is not None)] == []
    assert played.journal.unanswered() == 0
    assert drawn.failures() == []
    assert drawn.acknowledged == drawn.stored == drawn.published == drawn.consumed > 50
    zones = (await played.outsider.get("access", "/v1/zones", "operations")).body
    assert max(zone["occupancy"] for zone in zones) > 10, "an empty house would match whatever is wrong"
    assert len(mails(played)) > 50


# --- scans ----------------------------------------------------------------------------------------------------------


async def test_a_scan_that_was_acknowledged_and_is_not_stored_is_missing(played: Played) -> None:
    with journal_altered(
        played, "INSERT INTO scans (scan_id, outcome, latency_ms) VALUES (?, 'admitted', 5)", str(uuid4())
    ):
        drawn = await played.drawn_up()

    assert said(drawn) == [DIFFER, NOT_STORED]
    assert (drawn.acknowledged, drawn.missing) == (drawn.stored + 1, 1)


async def test_a_scan_that_was_sent_and_never_answered_is_not_acknowledged(played: Played) -> None:
    with journal_altered(played, "INSERT INTO scans (scan_id) VALUES (?)", str(uuid4())):
        assert await played.failures() == []
        assert played.journal.unanswered() == 1, "which a rehearsal does complain of"


async def test_a_stored_scan_that_nobody_was_told_of_is_noticed(played: Played) -> None:
    with journal_altered(played, "DELETE FROM scans WHERE scan_id = (SELECT min(scan_id) FROM scans)"):
        drawn = await played.drawn_up()

    assert said(drawn) == [DIFFER]
    assert (drawn.acknowledged, drawn.missing) == (drawn.stored - 1, 0)


async def test_a_scan_that_is_gone_from_the_log_is_missing(played: Played) -> None:
    gone = f"DELETE FROM log.events WHERE position = ({_A_REFUSAL})"
    async with table_altered(played, "access", "log.events", gone):
        drawn = await played.drawn_up()

    assert said(drawn) == [DIFFER, NOT_STORED, TOTALS]
    assert drawn.stored == drawn.acknowledged - 1


async def test_a_scan_with_two_verdicts_in_the_log_is_doubled(played: Played) -> None:
    doubled = f"""
        INSERT INTO log.events
        SELECT (jsonb_populate_record(event, jsonb_build_object(
            'position', -1, 'version', -1, 'number', -1, 'event_id', gen_random_uuid()
        ))).* FROM log.events AS event WHERE position = ({_A_REFUSAL})
    """
    async with table_altered(played, "access", "log.events", doubled):
        drawn = await played.drawn_up()

    assert said(drawn) == [DOUBLED]
    assert drawn.stored == drawn.acknowledged, "scans are counted, not rows"


async def test_a_scan_that_operations_did_not_apply_is_noticed(played: Played) -> None:
    lost = "DELETE FROM live.scans WHERE number = (SELECT min(number) FROM live.scans)"
    async with table_altered(played, "operations", "live.scans", lost):
        drawn = await played.drawn_up()

    assert said(drawn) == [DIFFER]
    assert drawn.consumed == drawn.acknowledged - 1


async def test_a_scan_that_operations_applied_twice_is_doubled(played: Played) -> None:
    twice = """
        INSERT INTO live.scans
        SELECT (jsonb_populate_record(scan, '{"number": -1}')).* FROM live.scans AS scan
        WHERE number = (SELECT min(number) FROM live.scans)
    """
    async with table_altered(played, "operations", "live.scans", twice):
        drawn = await played.drawn_up()

    assert said(drawn) == [DOUBLED]
    assert drawn.consumed == drawn.acknowledged


async def test_a_scan_that_operations_took_for_another_is_noticed_though_the_counts_agree(played: Played) -> None:
    mistaken = "UPDATE live.scans SET scan_id = gen_random_uuid() WHERE number = (SELECT min(number) FROM live.scans)"
    async with table_altered(played, "operations", "live.scans", mistaken):
        drawn = await played.drawn_up()

    assert drawn.consumed == drawn.acknowledged
    assert said(drawn) == [DIFFER]


async def test_a_verdict_that_is_not_the_one_on_record_is_noticed(played: Played) -> None:
    with journal_altered(
        played,
        "UPDATE scans SET outcome = 'admitted' WHERE scan_id = (SELECT min(scan_id) FROM scans WHERE reason > '')",
    ):
        assert await played.failures() == [CONTRADICTED]


async def test_totals_on_the_dashboard_that_are_not_those_of_the_log_are_noticed(played: Played) -> None:
    more = "UPDATE live.outcomes SET scans = scans + 1 WHERE outcome = 'admitted'"
    async with table_altered(played, "operations", "live.outcomes", more):
        assert await played.failures() == [TOTALS]


async def test_a_message_that_is_gone_from_the_stream_is_noticed(played: Played) -> None:
    lost = scan_among(played.messages)
    async with stream_altered(played, [*played.messages[:lost], *played.messages[lost + 1 :]]):
        drawn = await played.drawn_up()

    assert said(drawn) == [DIFFER]
    assert drawn.published == drawn.acknowledged - 1


async def test_a_message_that_is_twice_in_the_stream_is_doubled(played: Played) -> None:
    async with stream_altered(played, [*played.messages, played.messages[scan_among(played.messages)]]):
        drawn = await played.drawn_up()

    assert said(drawn) == [DOUBLED]
    assert drawn.published == drawn.acknowledged


async def test_a_message_of_a_scan_that_never_was_is_noticed(played: Played) -> None:
    real = played.messages[scan_among(played.messages)]
    body = re.sub(rb'"scan_id":"[^"]+"', b'"scan_id":"%s"' % str(uuid4()).encode(), real.data or b"")
    made_up = RawStreamMsg(subject=real.subject, data=body, headers=real.headers)
    async with stream_altered(played, [*played.messages, made_up]):
        drawn = await played.drawn_up()

    assert said(drawn) == [DIFFER]
    assert drawn.published == drawn.acknowledged + 1


# --- occupancy ------------------------------------------------------------------------------------------------------


async def test_somebody_who_is_not_on_the_dashboard_is_noticed(played: Played) -> None:
    forgotten = "DELETE FROM live.presence WHERE ctid = (SELECT min(ctid) FROM live.presence)"
    async with table_altered(played, "operations", "live.presence", forgotten):
        assert await played.failures() == [OCCUPANCY]


async def test_somebody_who_is_on_the_dashboard_and_never_came_is_noticed(played: Played) -> None:
    made_up = "INSERT INTO live.presence SELECT zone_id, gen_random_uuid(), since FROM live.presence LIMIT 1"
    async with table_altered(played, "operations", "live.presence", made_up):
        assert await played.failures() == [OCCUPANCY]


async def test_an_entry_of_which_the_log_tells_nothing_is_noticed(played: Played) -> None:
    untold = f"""
        UPDATE log.events SET shared = regexp_replace(shared, '"entered":[^]]*', '"entered":[')
        WHERE position = ({_AN_ENTRY})
    """
    async with table_altered(played, "access", "log.events", untold):
        assert await played.failures() == [OCCUPANCY]


async def test_an_entry_into_a_zone_that_nobody_shows_is_noticed(played: Played) -> None:
    nowhere = f"""
        UPDATE log.events SET shared = replace(shared, '"entered":[]', '"entered":["nowhere"]')
        WHERE position = ({_A_REFUSAL})
    """
    async with table_altered(played, "access", "log.events", nowhere):
        assert await played.failures() == [OCCUPANCY]


async def test_gates_that_count_one_too_many_are_noticed(played: Played) -> None:
    """Access counts in memory, where nobody can reach: its answer is changed on the way."""

    class Miscounted(Outsider):
        async def get(self, service: str, path: str, role: str, **params: str | int) -> Answer:
            answer = await super().get(service, path, role, **params)
            if service == "access":
                answer.body[0]["occupancy"] += 1
            return answer

    outsider = Miscounted(played.system.ports.url, tokens(played.system))
    try:
        drawn = await ledger.draw_up(played.system, played.journal, outsider)
    finally:
        await outsider.close()

    assert said(drawn) == [OCCUPANCY]


# --- mail -----------------------------------------------------------------------------------------------------------


async def test_a_mail_that_did_not_arrive_is_noticed(played: Played) -> None:
    with mail_removed(mails(played)[0]):
        drawn = await played.drawn_up()

    assert len(drawn.failures()) == 1
    assert drawn.mail_per_notice < 1


async def test_a_mail_that_arrived_twice_is_noticed(played: Played) -> None:
    with mail_added(played, mails(played)[0].read_bytes()):
        drawn = await played.drawn_up()

    assert len(drawn.failures()) == 1
    assert drawn.mail_per_notice > 1


async def test_a_mail_about_nothing_that_was_sent_is_noticed(played: Played) -> None:
    with mail_added(played, of_another_notice(mails(played)[0].read_bytes())):
        drawn = await played.drawn_up()

    assert len(drawn.failures()) == 1
    assert drawn.mail_per_notice > 1


async def test_a_mail_lost_and_another_doubled_do_not_make_up_for_each_other(played: Played) -> None:
    first, second, *_ = mails(played)
    with mail_removed(first), mail_added(played, second.read_bytes()):
        drawn = await played.drawn_up()

    assert len(drawn.failures()) == 1
    assert drawn.mail_per_notice != 1


async def test_a_second_mail_that_says_it_may_be_a_repeat_is_counted_and_no_failure(played: Played) -> None:
    """The one honest exception: a dialogue with the mail server that was cut before its answer."""
    before = (await played.drawn_up()).mail_repeats  # a kill may have left one
    with mail_added(played, b"Placet-Possible-Repeat: yes\r\n" + mails(played)[0].read_bytes()):
        drawn = await played.drawn_up()

    assert drawn.failures() == []
    assert (drawn.mail_per_notice, drawn.mail_repeats) == (1, before + 1)


async def test_a_mail_that_says_it_may_be_a_repeat_of_nothing_is_noticed(played: Played) -> None:
    mail = of_another_notice(mails(played)[0].read_bytes())
    with mail_added(played, b"Placet-Possible-Repeat: yes\r\n" + mail):
        drawn = await played.drawn_up()

    assert len(drawn.failures()) == 1


async def test_every_tampering_was_undone(played: Played) -> None:
    assert await played.failures() == []


# --- somebody knows better than the gates -----------------------------------------------------------------------------


async def test_heads_counted_and_exits_inferred_change_the_log_access_and_the_dashboard_alike(played: Played) -> None:
    """The last one: the stream goes on from here."""

    async def occupancies() -> dict[str, int]:
        zones = (await played.outsider.get("access", "/v1/zones", "operations")).body
        return {zone["zone_id"]: zone["occupancy"] for zone in zones}

    before = await occupancies()
    assert 0 < before["pln"] < before["per"]
    for path, body in (
        ("/v1/zones/per/count", {"counted": before["per"] + 7, "reason": "hand_count"}),
        ("/v1/presence/inference", {"zone_id": "pln", "reason": "swept"}),
    ):
        answer = await played.outsider.post("access", path, "supervisor", str(uuid4()), body)
        assert answer.ok, answer.body
    await settle(played.outsider)

    assert await played.failures() == []
    assert await occupancies() == {**before, "per": before["per"] + 7, "pln": 0, "sgn": 0, "prs": 0}
