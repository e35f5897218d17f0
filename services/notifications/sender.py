"""The sender: takes what waits, in pages; asks for addresses once a page; sends over a few connections at a time.

An attempt is on record before its message leaves. So if the dialogue breaks between message and answer, or this process
dies there, the next attempt knows that it may be a repeat, and says so in the message. What cannot go wrong that way
counts as no attempt: a server that is down, an accreditation that does not answer.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from chassis.log.postgres import PostgresLog
from chassis.log.views import OwnView
from chassis.run import telemetry
from chassis.run.logging import Logger
from chassis.stream.reader import put_off
from services.notifications.commands import Notices, Queued
from services.notifications.directory import Contact, Directory, DirectoryUnreachableError, Names
from services.notifications.domain.notice import (
    DeferNotice,
    FailNotice,
    NoticeAttempted,
    NoticeEvent,
    RecordSent,
)
from services.notifications.duty import DutyContacts
from services.notifications.metrics import WAITING
from services.notifications.smtp import Connection
from services.notifications.views import notices as view
from services.notifications.writing import UnwritableError, Writer, language_of

RETRY_AFTER_S = (1, 5, 30, 120, 300, 600, 1800)
"""What a notice waits after its first, second, ... attempt, in seconds of real time."""
SERVER_AWAY_S = (1, 5, 30, 60)
"""What everybody waits while the mail server takes nothing; then the last of these again and again."""

_PAGE = 100  # notices
_PAGE_S = 5.0  # after that the rest is picked, and its addresses are asked for, anew
_DIRECTORY_AWAY_S = 1.0
_ASK_AGAIN_S = 1.0
_IDLE_S = 5.0  # after that the connections are closed
_LAST_WORDS_S = 1.0  # for dialogues under way when we stop: they end before the lease does

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class _Errand:
    """A notice to be sent, and where to. No contact: there is nowhere to send it."""

    queued: Queued
    attempt: int
    contact: Contact | None
    names: Names


class Sender:
    """Sends while this process leads."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        events: PostgresLog,
        listed: OwnView[NoticeEvent],
        notices: Notices,
        directory: Directory,
        duty: DutyContacts,
        writer: Writer,
        connections: Sequence[Connection],
    ) -> None:
        self._pool = pool
        self._log = events
        self._listed = listed
        self._notices = notices
        self._directory = directory
        self._duty = duty
        self._writer = writer
        self._connections = connections
        self._server_away = 0  # how often in a row
        self._directory_away_until = float("-inf")

    @property
    def lacks(self) -> list[str]:
        """What it does without at the moment, a code each."""
        found = ["mail_server"] if self._server_away else []
        return [*found, "addresses"] if self._directory_is_away else found

    async def run(self) -> None:
        """Sends until cancelled; dialogues under way come to their end first."""
        try:
            while True:
                try:
                    await self._round()
                except Exception as error:
                    if not put_off(error):
                        raise
                    log.info("sending_put_off", error=type(error).__name__)
                    await asyncio.sleep(_ASK_AGAIN_S)
        finally:
            self._hang_up()
            WAITING.set(0)

    @property
    def _directory_is_away(self) -> bool:
        return time.monotonic() < self._directory_away_until

    async def _round(self) -> None:
        commits = self._log.commits
        await self._listed.current()
        queue = await view.queue(self._pool)
        WAITING.set(queue.length)
        page = await view.waiting(self._pool, datetime.now(UTC), _PAGE, only_duty=self._directory_is_away)
        if not page:
            await self._rest(commits, queue)
        elif await self._connections[0].ready():
            self._server_away = 0
            await self._send_all(await self._errands(page))
        else:
            patience = SERVER_AWAY_S[min(self._server_away, len(SERVER_AWAY_S) - 1)]
            self._server_away += 1
            await asyncio.sleep(patience)

    async def _rest(self, commits: int, queue: view.Queue) -> None:
        """Until something is queued or due. Only this process appends to the log, so its own appends tell."""
        patience = _IDLE_S
        if queue.next_due is not None:
            patience = min(patience, (queue.next_due - datetime.now(UTC)).total_seconds())
        if self._directory_is_away:
            patience = min(patience, self._directory_away_until - time.monotonic())
        await self._log.more(commits, max(0.0, patience))
        if patience == _IDLE_S and self._log.commits == commits:
            self._hang_up()

    async def _errands(self, page: Sequence[view.Waiting]) -> list[_Errand]:
        """Those of the page that can be sent now. Whoever is on duty hears even if accreditation does not answer."""
        queued = await self._notices.queued([waiting.notice_id for waiting in page])
        asked = [one.notice for one in queued.values() if one.notice.recipient.kind != "duty"]
        try:
            found = await self._directory.find(asked)
        except DirectoryUnreachableError as error:
            log.info("addresses_not_fetched", error=str(error), count=len(asked), retry_in_s=_DIRECTORY_AWAY_S)
            self._directory_away_until = time.monotonic() + _DIRECTORY_AWAY_S
            found = None
        errands = []
        for waiting in page:
            one, attempt = queued[waiting.notice_id], waiting.attempts + 1
            if one.notice.recipient.kind == "duty":
                errands.append(_Errand(one, attempt, self._duty.contact(one.notice.recipient.id), Names()))
            elif found is not None:
                errands.append(_Errand(one, attempt, found.contacts.get(waiting.notice_id), found.names))
        return errands

    async def _send_all(self, errands: Sequence[_Errand]) -> None:
        waiting, until = deque(errands), time.monotonic() + _PAGE_S
        async with asyncio.TaskGroup() as carriers:
            for connection in self._connections[: len(waiting)]:
                carriers.create_task(self._carry(connection, waiting, until))

    async def _carry(self, connection: Connection, waiting: deque[_Errand], until: float) -> None:
        """One errand after the other; what is left when this returns is picked again."""
        while waiting and time.monotonic() < until:
            try:
                if not await connection.ready():
                    return
                if waiting:
                    await _to_the_end(self._send(connection, waiting.popleft()))
            except Exception as error:
                if not put_off(error):
                    raise
                log.info("sending_put_off", error=type(error).__name__)
                return

    async def _send(self, connection: Connection, errand: _Errand) -> None:
        notice = errand.queued.notice
        parent, number = errand.queued.traceparent, errand.attempt
        with telemetry.span("send_notice", parent, "client", notice_id=notice.notice_id, attempt=number) as trace:
            attempt = await self._notices.begin(notice, errand.attempt, language_of(errand.contact), trace)
            if attempt is not None:
                outcome = await self._try(connection, errand, attempt)
                await self._notices.settle(notice, outcome, trace)

    async def _try(
        self, connection: Connection, errand: _Errand, begun: NoticeAttempted
    ) -> RecordSent | DeferNotice | FailNotice:
        this = {"notice_id": begun.notice_id, "attempt": begun.attempt}
        if errand.contact is None:
            return FailNotice(**this, reason="no_address")
        try:
            letter = self._writer.write(errand.queued.notice, errand.contact, errand.names)
        except UnwritableError as error:
            return FailNotice(**this, reason=error.code)
        answer = await connection.hand_over(letter.address, letter.content(possible_repeat=begun.possible_repeat))
        match answer.verdict:
            case "accepted":
                return RecordSent(**this)
            case "refused":
                return FailNotice(**this, reason=answer.reason)
            case "deferred" | "unknown":
                return DeferNotice(
                    **this,
                    reason=answer.reason,
                    until=_retry_at(begun.attempt),
                    maybe_delivered=answer.verdict == "unknown",
                )

    def _hang_up(self) -> None:
        for connection in self._connections:
            connection.close()


def _retry_at(attempt: int) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=RETRY_AFTER_S[min(attempt, len(RETRY_AFTER_S)) - 1])


async def _to_the_end(dialogue: Coroutine[Any, Any, None]) -> None:
    """Whoever stops us stops us between messages: a dialogue broken off is one of which nobody knows the outcome."""
    task = asyncio.create_task(dialogue)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=_LAST_WORDS_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
