"""Rules at work: what other services tell becomes incidents, committed before the cursor moves.

Rules read each source with a cursor of their own (``rules``) beside the live view's: a view may be folded anew and must
raise nothing again; and they are handed what it has applied, so that nothing travels twice (chassis.stream.follower).
Of what happened before they first looked, only what still stands at the end is raised: nobody wants to hear today of
every door that was silent last week. As little is said of it when a source was restored and is read again.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from chassis.run.host import Host
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.consumer import Consumer
from chassis.stream.feed import Feed
from chassis.stream.follower import Follower
from chassis.stream.reader import Delivered, Reader, put_off
from contracts import access
from contracts.envelope import Envelope
from services.operations.ruling.causes import Causes, Source
from services.operations.ruling.rules import EVENTS, LASTING, Over, Wrong, findings

_TYPES = {event.type_name(): event for event in EVENTS}
_PAGE = 1_000
_REST_S = 0.1
_LOOK_S = 0.5

log = Logger(__name__)


class Reacting:
    """Belongs to the process that leads. ``consumers``: of the live view."""

    def __init__(self, host: Host, causes: Causes, consumers: Sequence[Consumer], feeds: Sequence[Feed]) -> None:
        self._causes = causes
        self._followers = [
            Follower(
                Reader("rules", feed.name, host.pool, self.apply, types=_TYPES),
                feed,
                consumer,
                self.look_back,
                rest_s=_REST_S,
            )
            for consumer, feed in zip(consumers, feeds, strict=True)
        ]

    async def run(self) -> None:
        """Until cancelled; ``causes`` are loaded before."""
        async with asyncio.TaskGroup() as tasks:
            for follower in self._followers:
                tasks.create_task(follower.run())
            tasks.create_task(self._record_repeats())

    async def apply(self, _connection: asyncpg.Connection, delivered: Sequence[Delivered]) -> None:
        """Each finding's command is committed before this returns."""
        for one in delivered:
            for finding in findings(one.event):
                await self._causes.take(finding, Source.of(one.envelope))

    async def look_back(self, feed: Feed) -> tuple[UUID, int]:
        """Raises what stands at the end of a source's past; the log, and how far it was looked at."""
        standing: dict[tuple[str, str], tuple[Wrong, Source]] = {}
        number = 0
        while True:
            page = await feed.read(number, _PAGE)
            for envelope in page.events:
                _note(envelope, standing)
            number = page.reached
            if number >= page.head:
                break
        for wrong, source in standing.values():
            await self._causes.take(wrong, source)
        log.info("rules_begin", source=feed.name, number=number, count=len(standing))
        return page.log_id, number

    async def _record_repeats(self) -> None:
        while True:
            still_wanted()
            try:
                await self._causes.record_repeats()
            except Exception as error:
                if not put_off(error):
                    raise
                log.info("repeats_put_off", error=type(error).__name__)
            await asyncio.sleep(_LOOK_S)


def _note(envelope: Envelope, standing: dict[tuple[str, str], tuple[Wrong, Source]]) -> None:
    known = _TYPES.get(envelope.type)
    if known is None or known is access.BadgeScanned:  # nearly all there is, and nothing that lasts
        return
    try:
        event = known.model_validate_json(envelope.data)
    except ValueError:  # poison: the live view parks it
        return
    for finding in findings(event):
        match finding:
            case Wrong(kind=kind, about=about) if kind in LASTING:
                standing.setdefault((kind, about), (finding, Source.of(envelope)))
            case Over(kind=kind, about=about):
                standing.pop((kind, about), None)
            case _:
                pass
