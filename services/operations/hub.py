"""One picture for all who watch: drawn once, encoded once a tier, a snapshot first and changes from then on.

Server-sent events. A message comes at least once a second while the database answers, and says by ``updated_at`` that
the numbers still stand.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from prometheus_client import Gauge

from chassis.log.obey import UnavailableError
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.reader import put_off
from services.operations.channel import Channel, Viewer
from services.operations.parts.shape import Picture
from services.operations.tiers import TIERS, Tier

INTERVAL_S = 0.2  # between pictures: five a second at most
_TICK_S = 1.0
_LOOK_S = 0.05
HEARTBEAT_S = 3.0
_LONGEST_S = 3_600.0  # then a viewer comes again, and shows again who they are
_PATIENCE_S = 5.0  # of whoever asks for one picture
MOST_VIEWERS = 1_000

_VIEWERS = Gauge("placet_operations_viewers", "Who watch the live picture.")

log = Logger(__name__)

Draw = Callable[[], Awaitable[Picture]]


class Hub:
    """Draws while somebody watches or asks, and tells all of them what their tier is shown."""

    def __init__(self, draw: Draw, moved: Callable[[], object]) -> None:
        """``moved``: what it gives is another value once there is news."""
        self._draw = draw
        self._moved = moved
        self._channels = {tier: Channel(tier) for tier in TIERS}
        self._asking: list[asyncio.Future[Picture]] = []
        self._wanted = asyncio.Event()
        self._closed = False

    @property
    def crowded(self) -> bool:
        """Whether nobody more can be served."""
        return self._viewers >= MOST_VIEWERS

    @property
    def _viewers(self) -> int:
        return sum(len(channel.viewers) for channel in self._channels.values())

    async def run(self) -> None:
        """Draws when there is reason to, until cancelled; nothing while nobody looks."""
        while True:
            still_wanted()
            await self._wanted.wait()
            began = time.monotonic()
            stood = self._moved()
            drawn = await self._draw_for_all()
            await asyncio.sleep(began + (INTERVAL_S if drawn else _TICK_S) - time.monotonic())
            while self._viewers and not self._is_due(stood, began):
                await asyncio.sleep(_LOOK_S)
            if not self._viewers and not self._asking:
                self._wanted.clear()

    def _is_due(self, stood: object, began: float) -> bool:
        """Whether a picture drawn at ``began`` of what ``stood`` then will not do any more."""
        somebody_waits = self._asking or any(channel.somebody_is_new for channel in self._channels.values())
        return bool(somebody_waits) or self._moved() != stood or time.monotonic() > began + _TICK_S

    async def picture(self) -> Picture:
        """All of a picture drawn after this was called. Raises UnavailableError."""
        asked: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()
        self._asking.append(asked)
        self._wanted.set()
        try:
            return await asyncio.wait_for(asked, _PATIENCE_S)
        except TimeoutError as error:
            raise UnavailableError("no picture in time") from error

    async def watch(self, last_event_id: str | None, tier: Tier) -> AsyncGenerator[bytes, None]:
        """The stream of one viewer, until they go, an hour has passed, or the hub is closed."""
        channel, viewer = self._channels[tier], Viewer(last_event_id)
        channel.viewers.add(viewer)
        _VIEWERS.inc()
        self._wanted.set()
        until = time.monotonic() + _LONGEST_S
        try:
            yield b"retry: 1000\n\n"
            while not self._closed and time.monotonic() < until:
                still_wanted()
                if await viewer.news(HEARTBEAT_S):
                    yield channel.waiting_for(viewer)
                else:
                    yield b": nothing new\n\n"
        finally:
            channel.viewers.discard(viewer)
            _VIEWERS.dec()

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        for channel in self._channels.values():
            for viewer in channel.viewers:
                viewer.wake()

    async def _draw_for_all(self) -> bool:
        """Whether there is a picture."""
        asking, self._asking = self._asking, []
        try:
            picture = await self._draw()
        except Exception as error:
            if not put_off(error):
                raise
            log.info("picture_put_off", error=type(error).__name__)
            _answer(asking, UnavailableError("no picture at the moment"))
            return False
        for channel in self._channels.values():
            channel.tell(picture)
        _answer(asking, picture)
        return True


def _answer(asking: list["asyncio.Future[Picture]"], answer: Picture | Exception) -> None:
    for asked in asking:
        if asked.done():
            continue
        if isinstance(answer, Exception):
            asked.set_exception(answer)
        else:
            asked.set_result(answer)
