"""A second reader of a source in the same process, which is handed what the first one has applied.

So nothing travels twice, and each has its own cursor: what one of them cannot apply does not hold up the other. What it
missed it fetches from the owner, as a consumer does. It takes what gathered in a while in one transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from chassis.log.cursors import CursorMovedError
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.consumer import Consumer, catch_up
from chassis.stream.feed import Feed
from chassis.stream.reader import HoleError, Reader, SourceChangedError, put_off
from contracts.envelope import Envelope

_MOST = 10_000  # events kept until they are taken; more are fetched again
_LOOK_S = 1.0

log = Logger(__name__)

Begin = Callable[[Feed], Awaitable[tuple[UUID, int]]]
"""Makes of a source's past what is worth it to whoever has not read it; gives the log, and how far it looked."""


class Follower:
    """Feeds one reader. Runs in the active process only."""

    def __init__(self, reader: Reader, feed: Feed, ahead: Consumer, begin: Begin, rest_s: float) -> None:
        """``begin`` is asked by a reader that never read the source: what lies before is not applied.

        ``rest_s``: how long it rests after each batch.
        """
        self._reader = reader
        self._feed = feed
        self._ahead = ahead
        self._begin = begin
        self._rest_s = rest_s
        self._heard: list[Envelope] = []
        self._news = asyncio.Event()
        ahead.followers.append(reader)
        ahead.reader.listeners.append(self._hear)

    def _hear(self, envelopes: Sequence[Envelope]) -> None:
        if len(self._heard) > _MOST:
            self._heard.clear()  # a hole from now on, which the owner fills
        self._heard.extend(envelopes)
        self._news.set()

    async def run(self) -> None:
        """Follows until cancelled."""
        while True:
            still_wanted()
            try:
                await self._follow()
            except CursorMovedError:
                log.info("cursor_moved_elsewhere", reader=self._reader.name, source=self._feed.name)
            except SourceChangedError as error:  # the consumer says so, and an operator moves all cursors at once
                log.error("source_not_followed", reader=self._reader.name, source=self._feed.name, reason=str(error))
            except Exception as error:
                if not (put_off(error) or isinstance(error, HoleError)):
                    raise
                log.info("following_put_off", source=self._feed.name, error=type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    async def _follow(self) -> None:
        await self._reader.load()
        if self._reader.cursor is None:
            await self._reader.begin_at(*await self._begin(self._feed))
        await catch_up(self._reader, self._feed)
        while True:
            still_wanted()
            if await self._hears_something():
                heard, self._heard = self._heard, []
                try:
                    await self._reader.take(heard)
                except HoleError:
                    await catch_up(self._reader, self._feed)
                await asyncio.sleep(self._rest_s)
            elif self._ahead.reader.number > self._reader.number:
                await catch_up(self._reader, self._feed)

    async def _hears_something(self) -> bool:
        try:
            await asyncio.wait_for(self._news.wait(), _LOOK_S)
        except TimeoutError:
            return False
        self._news.clear()
        return True
