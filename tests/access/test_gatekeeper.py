"""The gatekeeper on a real log: waiting commands go in one append; each is answered once that is stored."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from chassis.log.codec import UnknownEventError
from chassis.log.decider import Refused
from chassis.log.log import Append, Appended, AppendResult, AppendUnknownError, Head, Log, Metadata, NewEvent, Recorded
from chassis.log.memory import MemoryLog
from chassis.log.obey import UnavailableError
from chassis.log.postgres import PostgresLog
from chassis.run.database import connect
from services.access.domain.badges import LearnBadgeChanged, LearnBadgeIssued
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.layout import DefineGate, DefineZone
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.domain.record.badges import Badge
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import GatekeeperAppointed
from services.access.gatekeeper import Done, Gatekeeper, Outcome, StandingBy
from tests.access.controls import DECIDER, EAST, GATES, HALL, MAIN, STAGE_DOOR, VENUE, ZONES, badge, plan, scan
from tests.access.running import HandClock
from tests.chassis.faults import line_to
from tests.conftest import Database
from tests.controls import NOW, eventually, running

_WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = $1 AND wait_event_type = 'Lock' AND query LIKE '%log.append%'
"""


class WatchedLog(MemoryLog):
    """Notes what is asked of it, and fails as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.read_after: list[int] = []
        """The version each page of a stream was asked for from."""
        self.looked_up: list[int] = []
        """How many ids each look-up named."""
        self.asked_at: list[float] = []
        """When its head was asked for."""
        self.loses: Literal["nothing", "the next append", "the next answer"] = "nothing"
        self.down = False

    async def append(self, append: Append) -> AppendResult:
        loses, self.loses = self.loses, "nothing"
        if loses == "the next append":
            raise AppendUnknownError
        result = await super().append(append)
        if loses == "the next answer":
            raise AppendUnknownError
        return result

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Recorded]:
        self.read_after.append(after)
        return await super().stream(stream, after, limit)

    async def find(self, ids: Sequence[UUID]) -> Sequence[Recorded]:
        self.looked_up.append(len(ids))
        return await super().find(ids)

    async def head(self) -> Head:
        self.asked_at.append(asyncio.get_running_loop().time())
        if self.down:
            raise ConnectionError
        return await super().head()

    def begin_anew(self) -> None:
        """From here on it is another log, and an empty one."""
        super().__init__()

    async def rewind(self, events: int) -> None:
        """Loses its last events, and does not even say that it is another one."""
        kept, log_id = (await self.read(0, 100_000))[:-events], self._log_id
        super().__init__()
        self._log_id = log_id
        for event in kept:
            new = NewEvent(event.event_id, event.type, event.schema_version, event.data, event.metadata_json)
            await super().append(Append(event.stream, None, [new]))


@asynccontextmanager
async def leading(log: Log) -> AsyncIterator[Gatekeeper]:
    """A gatekeeper that decides for as long as the block."""
    gatekeeper = Gatekeeper(log, VENUE, HandClock())
    async with running(gatekeeper.lead()):
        await started(gatekeeper)
        yield gatekeeper


async def started(gatekeeper: Gatekeeper) -> None:
    await eventually(gatekeeper.started.is_set, says="the gatekeeper does not decide")


async def ask(gatekeeper: Gatekeeper, command: VenueCommand, id_: UUID | None = None, content: str = "same") -> Outcome:
    """Scans are known by their scan id, as over HTTP."""
    command_id = id_ or (command.scan_id if isinstance(command, ScanBadge) else uuid4())
    return await gatekeeper.obey(command, Metadata("device:test", command_id, NOW, content))


async def done(gatekeeper: Gatekeeper, command: VenueCommand, id_: UUID | None = None) -> Done:
    outcome = await ask(gatekeeper, command, id_)
    assert not isinstance(outcome, Refused), outcome
    return outcome


async def scanned(gatekeeper: Gatekeeper, command: ScanBadge) -> BadgeScanned:
    record = (await done(gatekeeper, command)).events[0]
    assert isinstance(record, BadgeScanned)
    return record


async def open_the_doors(gatekeeper: Gatekeeper, *people: Badge) -> None:
    """The congress centre, with everybody on the grounds."""
    for zone in ZONES:
        await done(gatekeeper, DefineZone(zone=plan(zone)))
    for gate in GATES:
        await done(gatekeeper, DefineGate(gate=gate))
    for one in people:
        facts = one.model_dump(exclude={"holding", "suspended", "held", "revoked"})
        await done(gatekeeper, LearnBadgeIssued(**facts, source_number=1))
        await done(gatekeeper, activated(one))
        assert (await scanned(gatekeeper, scan(one, MAIN))).outcome == "admitted"


def activated(one: Badge) -> VenueCommand:
    return LearnBadgeChanged(badge_id=one.badge_id, change="activated", version=1, source_number=2)


def crowd(size: int) -> list[Badge]:
    return [badge(uuid4()) for _ in range(size)]


async def stored(log: PostgresLog) -> list[BadgeScanned]:
    """The scans in the log, in order."""
    gatekeeper = Gatekeeper(log, VENUE, HandClock())
    events = [gatekeeper.decode(event) for event in await log.read(0, 100_000)]
    return [event for event in events if isinstance(event, BadgeScanned)]


def failure(outcomes: Sequence[Outcome | BaseException]) -> set[type]:
    return {type(outcome) for outcome in outcomes}


@asynccontextmanager
async def head_held(database: Database) -> AsyncIterator[None]:
    """Nothing can be appended for as long as the block."""
    holder = await database.connect(owner=True)
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM log.head FOR UPDATE")
            yield
    finally:
        await holder.close()


@asynccontextmanager
async def watching(database: Database) -> AsyncIterator[Callable[[], Awaitable[int | None]]]:
    """Tells which backend waits in an append."""
    watcher = await database.postgres.superuser()

    async def waiting() -> int | None:
        pid: int | None = await watcher.fetchval(_WAITING, database.service)
        return pid

    try:
        yield waiting
    finally:
        await watcher.close()


# --- groups ---------------------------------------------------------------------------------------------------------


async def test_many_scans_at_once_are_one_append(log: PostgresLog) -> None:
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        commits, head = log.commits, await log.head()

        answers = await asyncio.gather(*(done(gatekeeper, scan(one, MAIN)) for one in crowd(100)))

        assert log.commits == commits + 1
        assert sorted(answer.position for answer in answers) == list(range(head.position + 1, head.position + 101))


async def test_scans_one_after_the_other_are_an_append_each(log: PostgresLog) -> None:
    """Control: what is counted above."""
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        commits = log.commits

        for one in crowd(5):
            await done(gatekeeper, scan(one, MAIN))

        assert log.commits == commits + 5


async def test_more_than_a_group_are_two_appends_and_none_is_forgotten(log: PostgresLog) -> None:
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        commits, commands = log.commits, [scan(one, MAIN) for one in crowd(300)]

        await asyncio.gather(*(done(gatekeeper, command) for command in commands))

        assert log.commits == commits + 2
        assert {one.scan_id for one in await stored(log)} == {command.scan_id for command in commands}


async def test_scans_that_arrive_while_others_are_stored_go_together_next(database: Database, log: PostgresLog) -> None:
    async with leading(log) as gatekeeper, watching(database) as waiting:
        await open_the_doors(gatekeeper)
        commits = log.commits
        async with head_held(database):
            first = asyncio.create_task(done(gatekeeper, scan(badge(uuid4()), MAIN)))
            await eventually(waiting)
            others = [asyncio.create_task(done(gatekeeper, scan(one, MAIN))) for one in crowd(50)]
            await asyncio.sleep(0)
        await asyncio.gather(first, *others)

        assert log.commits == commits + 2


async def test_of_two_who_come_at_once_for_the_last_place_one_gets_it(log: PostgresLog) -> None:
    first, second = crowd(2)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, first, second)
        for one in (first, second):
            await done(gatekeeper, scan(one, EAST))

        before, after = await asyncio.gather(*(scanned(gatekeeper, scan(one, STAGE_DOOR)) for one in (first, second)))

        assert [before.outcome, after.outcome] == ["admitted", "refused"]
        assert after.reason == "zone_full"
        assert after.decided_on > before.decided_on


async def test_each_is_told_the_place_of_its_own_record(log: PostgresLog) -> None:
    """A scan that fills a zone is two events; whoever comes behind it is told the right place all the same."""
    people = crowd(4)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, *people)

        answers = await asyncio.gather(*(done(gatekeeper, scan(one, EAST)) for one in people))

    events = {event.position: event for event in await log.read(0, 10_000)}
    assert [len(answer.events) for answer in answers] == [1, 1, 2, 1]
    for answer in answers:
        assert events[answer.position].type == "BadgeScanned"
        assert answer.events[0] == Gatekeeper(log, VENUE, HandClock()).decode(events[answer.position])


async def test_nothing_is_believed_before_it_is_stored(database: Database, log: PostgresLog) -> None:
    async with leading(log) as gatekeeper, watching(database) as waiting:
        await open_the_doors(gatekeeper, *crowd(1))
        before = gatekeeper.venue
        async with head_held(database):
            asked = asyncio.create_task(done(gatekeeper, scan(badge(uuid4()), MAIN, "out")))
            await eventually(waiting)
            assert not asked.done()
            assert gatekeeper.venue is before
        await asked
        assert gatekeeper.venue.version == before.version + 1


async def test_a_refused_command_does_not_hold_up_the_others_of_its_group(log: PostgresLog) -> None:
    nowhere = MAIN.model_copy(update={"gate_id": "back-door"})
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)

        refused, answered, nothing_to_do = await asyncio.gather(
            ask(gatekeeper, scan(badge(uuid4()), nowhere)),
            ask(gatekeeper, scan(badge(uuid4()), MAIN)),
            ask(gatekeeper, LiftLockdown(zone_id="hall")),
        )

        assert isinstance(refused, Refused)
        assert refused.code == "gate_unknown"
        assert isinstance(answered, Done)
        assert nothing_to_do == Done([], 0)


# --- asked again ----------------------------------------------------------------------------------------------------


async def test_copies_in_one_group_are_one_scan(log: PostgresLog) -> None:
    (anna,) = crowd(1)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, anna)
        command = scan(anna, EAST)

        answers = await asyncio.gather(*(done(gatekeeper, command) for _ in range(3)))

        assert [answer.replayed for answer in answers] == [False, True, True]
        assert len({answer.position for answer in answers}) == 1
        assert [one.scan_id for one in await stored(log)].count(command.scan_id) == 1


async def test_copies_in_one_group_that_are_not_the_same_are_told_so(log: PostgresLog) -> None:
    (anna,) = crowd(1)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, anna)
        id_ = uuid4()

        first, other = await asyncio.gather(
            ask(gatekeeper, scan(anna, EAST), id_, "one thing"), ask(gatekeeper, scan(anna, EAST), id_, "another")
        )

        assert isinstance(first, Done)
        assert isinstance(other, Refused)
        assert other.code == "idempotency_key_reused"


async def test_a_copy_of_an_old_scan_is_answered_from_the_log_and_the_rest_decided_without_it(
    log: PostgresLog,
) -> None:
    """Decided with the copy, the stage would be taken, and the newcomer refused."""
    anna, boris = crowd(2)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, anna, boris)
        for one in (anna, boris):
            await done(gatekeeper, scan(one, EAST))
        onto_stage = scan(anna, STAGE_DOOR)
        then = await done(gatekeeper, onto_stage)
        await done(gatekeeper, scan(anna, STAGE_DOOR, "out"))

        again, newcomer, twice = await asyncio.gather(
            done(gatekeeper, onto_stage), scanned(gatekeeper, scan(boris, STAGE_DOOR)), done(gatekeeper, onto_stage)
        )

        assert newcomer.outcome == "admitted"
        assert (again.replayed, twice.replayed) == (True, True)
        assert again.position == twice.position == then.position
        assert again.events[0] == then.events[0]
        assert gatekeeper.venue.presence.count("stage") == 1


async def test_all_that_a_gate_repeats_when_it_comes_back_is_looked_up_at_once() -> None:
    log = WatchedLog()
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        commands = [scan(one, MAIN) for one in crowd(100)]
        first = await asyncio.gather(*(done(gatekeeper, command) for command in commands))
        log.looked_up.clear()

        again = await asyncio.gather(
            *(done(gatekeeper, command) for command in [*commands, scan(badge(uuid4()), MAIN)])
        )

    assert log.looked_up == [100]
    assert [answer.replayed for answer in again] == [True] * 100 + [False]
    assert [answer.position for answer in again[:100]] == [answer.position for answer in first]


async def test_a_log_that_knew_nothing_of_copies_would_double_them(database: Database) -> None:
    """Control: a gatekeeper that appends again, under other ids, whatever is not stored."""

    class Stubborn(PostgresLog):
        async def append(self, append: Append) -> AppendResult:
            outcome = await super().append(append)
            if isinstance(outcome, Appended):
                return outcome
            events = [NewEvent(uuid4(), *_rest(event)) for event in append.events]
            return await super().append(Append(append.stream, None, events))

    log = Stubborn(database.pool)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        command = scan(badge(uuid4()), MAIN)
        for _ in range(2):
            await done(gatekeeper, command)

    assert [one.scan_id for one in await stored(log)] == [command.scan_id] * 2


def _rest(event: NewEvent) -> tuple[Any, ...]:
    return event.type, event.schema_version, event.data, event.metadata, event.shared


async def test_a_command_that_changes_nothing_any_more_is_answered_as_it_was_then(log: PostgresLog) -> None:
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        id_ = uuid4()
        declared = await done(gatekeeper, DeclareLockdown(zone_id="hall", reason="alarm"), id_)
        again = await done(gatekeeper, DeclareLockdown(zone_id="hall", reason="alarm"), id_)
        await done(gatekeeper, LiftLockdown(zone_id="hall"))

        after = await done(gatekeeper, DeclareLockdown(zone_id="hall", reason="alarm"), id_)

        assert (again.replayed, after.replayed) == (True, True)
        assert declared.position == again.position == after.position
        assert not gatekeeper.venue.orders.lockdowns  # an order repeated late by a network is not a new order


async def test_a_key_used_for_something_that_is_so_already_is_refused_all_the_same(log: PostgresLog) -> None:
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper)
        id_ = uuid4()
        await ask(gatekeeper, DeclareLockdown(zone_id="hall", reason="alarm"), id_, "hall")
        await ask(gatekeeper, DeclareLockdown(zone_id="expo", reason="alarm"), None, "expo")

        other = await ask(gatekeeper, DeclareLockdown(zone_id="expo", reason="alarm"), id_, "expo")

        assert isinstance(other, Refused)
        assert other.code == "idempotency_key_reused"


async def test_a_refused_command_is_decided_anew(log: PostgresLog) -> None:
    async with leading(log) as gatekeeper:
        id_, declare = uuid4(), DeclareLockdown(zone_id="grounds", reason="alarm")
        assert isinstance(await ask(gatekeeper, declare, id_), Refused)
        await open_the_doors(gatekeeper)

        assert not (await done(gatekeeper, declare, id_)).replayed


async def test_somebody_who_goes_away_is_no_reason_to_forget_what_they_asked(
    database: Database, log: PostgresLog
) -> None:
    async with leading(log) as gatekeeper, watching(database) as waiting:
        await open_the_doors(gatekeeper)
        command = scan(badge(uuid4()), MAIN, "out")
        async with head_held(database):
            asked = asyncio.create_task(done(gatekeeper, command))
            await eventually(waiting)
            asked.cancel()
            await asyncio.wait([asked])

        again = await done(gatekeeper, command)

        assert again.replayed
        assert [one.scan_id for one in await stored(log)] == [command.scan_id]


# --- taking over ----------------------------------------------------------------------------------------------------


async def test_after_a_takeover_the_older_gatekeeper_stores_and_answers_nothing(database: Database) -> None:
    anna, boris = crowd(2)
    async with leading(PostgresLog(database.pool)) as older:
        await open_the_doors(older, anna, boris)
        for one in (anna, boris):
            await done(older, scan(one, EAST))
        async with leading(PostgresLog(database.pool)) as newer:
            assert (await scanned(newer, scan(anna, STAGE_DOOR))).outcome == "admitted"
            for_the_last_place = scan(boris, STAGE_DOOR)

            with pytest.raises(UnavailableError):
                await done(older, for_the_last_place)

            log = PostgresLog(database.pool)
            assert for_the_last_place.scan_id not in {one.scan_id for one in await stored(log)}
        await started(older)
        retried = await scanned(older, for_the_last_place)

    assert (retried.outcome, retried.reason) == ("refused", "zone_full")  # it learned what the other had decided
    scans = await stored(log)
    assert len({one.scan_id for one in scans}) == len(scans)


async def test_gatekeepers_that_believe_both_to_lead_double_nothing(database: Database) -> None:
    """Each knows nothing of the other, and takes over whenever it notices."""
    people = crowd(12)
    log = PostgresLog(database.pool)
    async with leading(log) as one:
        await open_the_doors(one, *people)
        async with leading(PostgresLog(database.pool)) as other:
            commands = [scan(each, EAST) for each in people]

            async def retried(command: ScanBadge, first: Gatekeeper, second: Gatekeeper) -> BadgeScanned:
                asked = itertools.cycle((first, second))

                async def attempt() -> BadgeScanned | None:
                    with suppress(UnavailableError):
                        return await scanned(next(asked), command)
                    return None

                verdict = await eventually(attempt)
                assert verdict is not None
                return verdict

            verdicts = await asyncio.gather(
                *(
                    retried(command, *((one, other) if index % 2 else (other, one)))
                    for index, command in enumerate(commands)
                )
            )

    scans = [each for each in await stored(log) if each.zone_id == "hall"]
    assert sorted(each.scan_id for each in scans) == sorted(command.scan_id for command in commands)
    assert sum(each.outcome == "admitted" for each in scans) == HALL.capacity
    assert {each.scan_id: each for each in verdicts} == {each.scan_id: each for each in scans}


async def test_a_gatekeeper_that_took_no_notice_would_answer_what_is_not_stored(database: Database) -> None:
    """Control: one that believes every append was stored, and so lets a second person onto a stage for one."""

    class Deaf(PostgresLog):
        async def append(self, append: Append) -> AppendResult:
            outcome = await super().append(append)
            return outcome if isinstance(outcome, Appended) else Appended((await self.head()).position)

    anna, boris = crowd(2)
    log = PostgresLog(database.pool)
    async with leading(Deaf(database.pool)) as older:
        await open_the_doors(older, anna, boris)
        for one in (anna, boris):
            await done(older, scan(one, EAST))
        async with leading(log) as newer:
            await done(newer, scan(anna, STAGE_DOOR))
            command = scan(boris, STAGE_DOOR)

            assert (await scanned(older, command)).outcome == "admitted"

            assert command.scan_id not in {one.scan_id for one in await stored(log)}


async def test_a_takeover_is_on_record(log: PostgresLog) -> None:
    for _ in range(2):
        async with leading(log):
            pass

    events = await log.stream(f"venue-{VENUE}")
    assert [event.type for event in events] == ["GatekeeperAppointed"] * 2
    assert all(event.shared is None for event in events)


async def test_a_venue_is_read_page_by_page(log: PostgresLog, monkeypatch: pytest.MonkeyPatch) -> None:
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, *crowd(3))
        before = gatekeeper.venue
    for page in (1, 7, before.version):
        monkeypatch.setattr("services.access.committed._PAGE", page)
        async with leading(log) as gatekeeper:
            assert gatekeeper.venue.presence.whereabouts == before.presence.whereabouts
            assert gatekeeper.venue.version == (await log.head()).position


# --- nobody knows ---------------------------------------------------------------------------------------------------


async def test_when_the_connection_is_killed_nobody_is_answered_and_the_retry_gives_the_one_verdict(
    database: Database, log: PostgresLog
) -> None:
    (anna,) = crowd(1)
    async with leading(log) as gatekeeper, watching(database) as waiting:
        await open_the_doors(gatekeeper, anna)
        command, others = scan(anna, EAST), [scan(one, MAIN) for one in crowd(3)]
        async with head_held(database):
            asked = [asyncio.create_task(done(gatekeeper, one)) for one in (command, *others)]
            pid = await eventually(waiting)
            superuser = await database.postgres.superuser()
            await superuser.execute("SELECT pg_terminate_backend($1)", pid)
            await superuser.close()
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert failure(outcomes) == {StandingBy}
        assert command.scan_id not in {one.scan_id for one in await stored(log)}

        await started(gatekeeper)
        retried = await done(gatekeeper, command)

        assert not retried.replayed
        assert [one.scan_id for one in await stored(log)].count(command.scan_id) == 1


@asynccontextmanager
async def log_over_a_line(database: Database, kind: type[PostgresLog] = PostgresLog) -> AsyncIterator[tuple[Any, Any]]:
    async with line_to(database.dsn) as line:
        pool = await connect(line.through(database.dsn), database.password)
        try:
            yield kind(pool), line
        finally:
            pool.terminate()


async def test_when_the_answer_is_lost_the_retry_gives_the_verdict_that_was_stored(database: Database) -> None:
    (anna,) = crowd(1)
    async with log_over_a_line(database) as (log, line), leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, anna)
        command = scan(anna, EAST)
        line.lose_answer(containing=b"appended")

        with pytest.raises(UnavailableError):
            await done(gatekeeper, command)
        assert line.lost == 1
        await started(gatekeeper)
        retried = await done(gatekeeper, command)

        assert retried.replayed  # it had been stored, and nobody knew
        assert (await scanned(gatekeeper, scan(anna, EAST))).reason == "already_inside"
        assert [one.scan_id for one in await stored(log)].count(command.scan_id) == 1


@pytest.mark.parametrize(("lost", "came_since"), [("the next append", 0), ("the next answer", 1)])
async def test_after_a_hiccup_only_what_came_since_is_read(
    lost: Literal["the next append", "the next answer"], came_since: int
) -> None:
    """However much happened before: every gate is closed until it is read."""
    log, (anna,) = WatchedLog(), crowd(1)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, anna)
        before, command = gatekeeper.venue, scan(anna, EAST)
        log.read_after.clear()
        log.loses = lost

        with pytest.raises(UnavailableError):
            await done(gatekeeper, command)
        await started(gatekeeper)

        assert log.read_after == [before.version]
        assert gatekeeper.venue.version == before.version + came_since + 1  # and the appointment
        async with leading(log) as fresh:
            assert log.read_after[1:] == [0]  # control: a gatekeeper that knows nothing yet
            assert fresh.venue.presence.whereabouts == gatekeeper.venue.presence.whereabouts


async def test_whoever_leads_again_reads_what_the_others_decided_meanwhile_and_no_more() -> None:
    log, (anna,) = WatchedLog(), crowd(1)
    gatekeeper = Gatekeeper(log, VENUE, HandClock())
    async with running(gatekeeper.lead()):
        await started(gatekeeper)
        await open_the_doors(gatekeeper, anna)
        before = gatekeeper.venue.version
    async with leading(log) as other:
        await done(other, scan(anna, EAST))
    log.read_after.clear()

    async with running(gatekeeper.lead()):
        await started(gatekeeper)

        assert log.read_after == [before]
        assert gatekeeper.venue.presence.whereabouts[anna.person_id] == ("grounds", "hall")


async def test_another_log_is_read_from_its_beginning() -> None:
    log = WatchedLog()
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, *crowd(1))
        log.begin_anew()
        log.read_after.clear()

        with pytest.raises(UnavailableError):
            await done(gatekeeper, scan(badge(uuid4()), MAIN))
        await started(gatekeeper)

        assert log.read_after == [0]
        assert gatekeeper.venue == DECIDER.fold([GatekeeperAppointed(gatekeeper_id=uuid4())])


async def test_a_log_that_lost_what_was_stored_in_it_is_read_from_its_beginning() -> None:
    log, (anna,) = WatchedLog(), crowd(1)
    async with leading(log) as gatekeeper:
        await open_the_doors(gatekeeper, anna)
        await log.rewind(events=1)
        log.read_after.clear()

        with pytest.raises(UnavailableError):
            await done(gatekeeper, scan(anna, EAST))
        await started(gatekeeper)

        assert log.read_after[-1] == 0
        assert (await scanned(gatekeeper, scan(anna, EAST))).reason == "path_violation"  # never seen at the entrance


async def test_a_gatekeeper_whose_log_does_not_answer_asks_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.access.gatekeeper._FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("services.access.gatekeeper._LONGEST_PAUSE_S", 0.08)
    log = WatchedLog()
    log.down = True
    gatekeeper = Gatekeeper(log, VENUE, HandClock())
    async with running(gatekeeper.lead()):
        await eventually(lambda: len(log.asked_at) > 5)
        log.down = False
        await started(gatekeeper)

    pauses = [later - earlier for earlier, later in itertools.pairwise(log.asked_at)]
    assert all(paused >= 0.9 * least for paused, least in zip(pauses, (0.01, 0.02, 0.04, 0.08, 0.08), strict=False))


async def test_a_gatekeeper_that_hoped_for_the_best_would_answer_what_is_not_stored(database: Database) -> None:
    """Control: one that takes an append nobody knows of for stored."""

    class Hopeful(PostgresLog):
        async def append(self, append: Append) -> AppendResult:
            try:
                return await super().append(append)
            except AppendUnknownError:
                return Appended(0)

    async with leading(Hopeful(database.pool)) as gatekeeper, watching(database) as waiting:
        await open_the_doors(gatekeeper)
        command = scan(badge(uuid4()), MAIN, "out")
        async with head_held(database):
            asked = asyncio.create_task(done(gatekeeper, command))
            superuser = await database.postgres.superuser()
            await superuser.execute("SELECT pg_terminate_backend($1)", await eventually(waiting))
            await superuser.close()
            await asked

    assert await stored(PostgresLog(database.pool)) == []


async def test_copies_that_are_given_up_together_are_all_told_and_nothing_else_goes_wrong(
    database: Database, log: PostgresLog
) -> None:
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    try:
        async with leading(log) as gatekeeper, watching(database) as waiting:
            await open_the_doors(gatekeeper)
            command = scan(badge(uuid4()), MAIN, "out")
            async with head_held(database):
                asked = [asyncio.create_task(done(gatekeeper, command)) for _ in range(3)]
                pid = await eventually(waiting)
                asked[2].cancel()
                superuser = await database.postgres.superuser()
                await superuser.execute("SELECT pg_terminate_backend($1)", pid)
                await superuser.close()
                outcomes = await asyncio.gather(*asked, return_exceptions=True)
            await started(gatekeeper)
    finally:
        loop.set_exception_handler(None)

    assert failure(outcomes) == {StandingBy, asyncio.CancelledError}
    assert complaints == []


async def test_a_gatekeeper_that_does_not_lead_decides_nothing(log: PostgresLog) -> None:
    standing_by = Gatekeeper(log, VENUE, HandClock())

    with pytest.raises(UnavailableError):
        await ask(standing_by, LiftLockdown(zone_id="hall"))
    with pytest.raises(UnavailableError):
        _ = standing_by.venue
    assert (await log.head()).position == 0


async def test_what_waits_when_a_gatekeeper_stops_is_given_up(database: Database, log: PostgresLog) -> None:
    async with watching(database) as waiting, AsyncExitStack() as reign:
        gatekeeper = await reign.enter_async_context(leading(log))
        await open_the_doors(gatekeeper)
        async with head_held(database):
            first = asyncio.create_task(done(gatekeeper, scan(badge(uuid4()), MAIN)))
            await eventually(waiting)
            second = asyncio.create_task(done(gatekeeper, scan(badge(uuid4()), MAIN)))
            await asyncio.sleep(0)
            await reign.aclose()
        outcomes = await asyncio.wait_for(asyncio.gather(first, second, return_exceptions=True), 5)

    assert isinstance(outcomes[1], StandingBy)


async def test_an_event_this_release_cannot_read_ends_the_work_rather_than_be_passed_over(log: PostgresLog) -> None:
    """A newer release wrote it: without it, people might be believed where they are not."""
    metadata = Metadata("service:access", uuid4(), NOW).to_json()
    newer = NewEvent(uuid4(), "EveryoneEvacuated", 1, "{}", metadata)
    await log.append(Append(f"venue-{VENUE}", None, [newer]))

    with pytest.raises(UnknownEventError):
        await asyncio.wait_for(Gatekeeper(log, VENUE, HandClock()).lead(), 5)
