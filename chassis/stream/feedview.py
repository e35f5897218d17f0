"""Views folded from other services' events: a schema, a reader a source in it, and how both are made anew.

The sister of ``chassis.log.views.OwnView``, with the same promise: queries see the old rows until the new ones stand.
Sources meet in one view in any order of arrival, so a fold must not let one source's rows depend on another's.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

import asyncpg

from chassis.log import views
from chassis.log.views import Progress, View
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.consumer import Consumer, catch_up
from chassis.stream.feed import Feed
from chassis.stream.reader import Delivered, Reader, put_off

_ASK_AGAIN_S = 1.0

log = Logger(__name__)


class FeedView:
    """Keeps a view of other services' events. ``run`` belongs to the active process, ``rebuild`` to any."""

    def __init__(self, pool: asyncpg.Pool, view: View[Delivered], feeds: Sequence[Feed]) -> None:
        self.view = view
        self.feeds = feeds
        self.standing = False
        """Whether this process has seen to it that the tables are those of today's definition."""
        self._pool = pool

    def reader(self, feed: Feed) -> Reader:
        """Who applies the events of ``feed`` to the live tables."""
        return self._reader(self.view.name, feed)

    async def run(self, consumers: Sequence[Consumer]) -> None:
        """Makes the tables stand, then lets ``consumers`` (of ``reader``) fill them, until cancelled."""
        await self.ensure()
        async with asyncio.TaskGroup() as tasks:
            for consumer in consumers:
                tasks.create_task(consumer.run())

    async def ensure(self) -> None:
        """Returns once the tables are there, as they are defined now; waits for sources that are needed and away."""
        while not self.standing:
            still_wanted()
            try:
                await views.ensure(self._pool, self.view, self.fold)
                self.standing = True
            except Exception as error:
                if not put_off(error):
                    raise
                log.info("view_put_off", view=self.view.name, error=type(error).__name__)
                await asyncio.sleep(_ASK_AGAIN_S)

    async def rebuild(self, progress: Progress = lambda _source, _done, _total: None) -> None:
        """Folds everything anew beside the live view, then swaps. Raises errors that ``put_off`` knows."""
        await views.rebuild(self._pool, self.view, partial(self.fold, progress=progress))

    async def fold(self, schema: str, progress: Progress = lambda _source, _done, _total: None) -> None:
        """Folds everything the sources have, or the rest of it, into the tables in ``schema``, as its readers."""
        for feed in self.feeds:
            reader = self._reader(schema, feed)
            await reader.load()
            await catch_up(reader, feed, progress)

    def _reader(self, schema: str, feed: Feed) -> Reader:
        return Reader(schema, feed.name, self._pool, self.view.project, schema=schema)
