"""One picture for all who watch: drawn once, encoded once, sent as a snapshot first and as changes from then on.

Server-sent events. An id is ``<boot>-<n>``: this process, and its n-th message. Who comes back within the last messages
gets what they missed; anybody else, and who cannot keep up, gets a snapshot. A message comes at least once a second
while the database answers, and says by ``updated_at`` that the numbers still stand.
"""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from prometheus_client import Gauge

from chassis.log.obey import UnavailableError
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.reader import put_off
from services.operations.picture import KEYED, Picture

INTERVAL_S = 0.2  # between pictures: five a second at most
_TICK_S = 1.0
_LOOK_S = 0.05
HEARTBEAT_S = 3.0
_LONGEST_S = 3_600.0  # then a viewer comes again, and shows again who they are
_REMEMBERED = 256  # messages
_WAITING = 32  # messages kept for a viewer who is slow, before it gets a snapshot instead
_PATIENCE_S = 5.0  # of whoever asks for one picture
MOST_VIEWERS = 1_000

_VIEWERS = Gauge("placet_operations_viewers", "Who watch the live picture.")

log = Logger(__name__)

Draw = Callable[[], Awaitable[Picture]]


class Viewer:
    """What waits for one viewer: never more than a few messages, whatever they do."""

    def __init__(self, last_event_id: str | None) -> None:
        self.last_event_id = last_event_id
        self.is_new = True
        self.lost = False
        """Whether messages were dropped, so that only a snapshot can help."""
        self._messages: deque[bytes] = deque()
        self._news = asyncio.Event()

    def offer(self, message: bytes) -> None:
        if len(self._messages) >= _WAITING:
            self._messages.clear()
            self.lost = True
        if not self.lost:
            self._messages.append(message)
        self.wake()

    def wake(self) -> None:
        self._news.set()

    async def news(self, patience_s: float) -> bool:
        """Whether something came before ``patience_s`` were over."""
        try:
            await asyncio.wait_for(self._news.wait(), patience_s)
        except TimeoutError:
            return False
        return True

    def take(self) -> bytes:
        """All that waits, in one piece."""
        self._news.clear()
        taken = b"".join(self._messages)
        self._messages.clear()
        return taken


class Hub:
    """Draws while somebody watches or asks, and tells all of them."""

    def __init__(self, draw: Draw, moved: Callable[[], object]) -> None:
        """``moved``: what it gives is another value once there is news."""
        self._draw = draw
        self._moved = moved
        self._boot = secrets.token_hex(4)
        self._number = 0
        self._picture: Picture | None = None
        self._snapshot: bytes | None = None
        self._sent: deque[tuple[int, bytes]] = deque(maxlen=_REMEMBERED)
        self._viewers: set[Viewer] = set()
        self._asking: list[asyncio.Future[Picture]] = []
        self._wanted = asyncio.Event()
        self._closed = False

    @property
    def crowded(self) -> bool:
        """Whether nobody more can be served."""
        return len(self._viewers) >= MOST_VIEWERS

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
        somebody_waits = self._asking or any(viewer.is_new for viewer in self._viewers)
        return bool(somebody_waits) or self._moved() != stood or time.monotonic() > began + _TICK_S

    async def picture(self) -> Picture:
        """A picture drawn after this was called. Raises UnavailableError."""
        asked: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()
        self._asking.append(asked)
        self._wanted.set()
        try:
            return await asyncio.wait_for(asked, _PATIENCE_S)
        except TimeoutError as error:
            raise UnavailableError("no picture in time") from error

    async def watch(self, last_event_id: str | None) -> AsyncGenerator[bytes, None]:
        """The stream of one viewer, until they go, an hour has passed, or the hub is closed."""
        viewer = Viewer(last_event_id)
        self._viewers.add(viewer)
        _VIEWERS.inc()
        self._wanted.set()
        until = time.monotonic() + _LONGEST_S
        try:
            yield b"retry: 1000\n\n"
            while not self._closed and time.monotonic() < until:
                still_wanted()
                if await viewer.news(HEARTBEAT_S):
                    yield self._for(viewer)
                else:
                    yield b": nothing new\n\n"
        finally:
            self._viewers.discard(viewer)
            _VIEWERS.dec()

    def close(self) -> None:
        """Ends every stream."""
        self._closed = True
        for viewer in self._viewers:
            viewer.wake()

    def _for(self, viewer: Viewer) -> bytes:
        waiting = viewer.take()
        if not viewer.lost:
            return waiting
        viewer.lost = False
        return self._as_snapshot()

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
        self._tell(picture)
        _answer(asking, picture)
        return True

    def _tell(self, picture: Picture) -> None:
        """What is different now, to everybody; what came before it, to those who are new."""
        told, self._picture, self._snapshot = self._picture or {}, picture, None
        self._number += 1
        # What is removed cannot be told as a change: a zone, a gate, all of another log. Then everybody begins anew.
        is_change = _ids(told) <= _ids(picture)
        message = self._encoded("delta", changes(told, picture)) if is_change else self._as_snapshot()
        self._sent.append((self._number, message))
        for viewer in self._viewers:
            if viewer.is_new:
                viewer.is_new = False
                viewer.offer(self._missed(viewer.last_event_id) or self._as_snapshot())
            else:
                viewer.offer(message)

    def _missed(self, last_event_id: str | None) -> bytes | None:
        """Everything since a message of ours that is still remembered; None for any other."""
        boot, _, number = (last_event_id or "").partition("-")
        if boot != self._boot or not number.isdecimal():
            return None
        if not self._sent[0][0] - 1 <= int(number) <= self._number:
            return None
        return b"".join(message for sent, message in self._sent if sent > int(number))

    def _as_snapshot(self) -> bytes:
        """Encoded once a picture, however many ask for it."""
        assert self._picture is not None
        if self._snapshot is None:
            self._snapshot = self._encoded("snapshot", self._picture)
        return self._snapshot

    def _encoded(self, event: str, content: Picture) -> bytes:
        return f"id: {self._boot}-{self._number}\nevent: {event}\ndata: {encoded(content)}\n\n".encode()


def encoded(content: Picture) -> str:
    """JSON on one line."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def changes(before: Picture, after: Picture) -> Picture:
    """The parts of ``after`` that are not as in ``before``, of a keyed part only the entries that are not;
    ``updated_at`` always. What is gone in ``after`` cannot be told this way.
    """
    changed: dict[str, Any] = {"updated_at": after["updated_at"]}
    for part, content in after.items():
        if content == before.get(part):
            continue
        if part in KEYED:
            known = {entry[KEYED[part]]: entry for entry in before.get(part, ())}
            changed[part] = [entry for entry in content if entry != known.get(entry[KEYED[part]])]
        else:
            changed[part] = content
    return changed


def _ids(picture: Picture) -> set[tuple[str, str]]:
    return {(part, entry[field]) for part, field in KEYED.items() for entry in picture.get(part, ())}


def _answer(asking: list["asyncio.Future[Picture]"], answer: Picture | Exception) -> None:
    for asked in asking:
        if asked.done():
            continue
        if isinstance(answer, Exception):
            asked.set_exception(answer)
        else:
            asked.set_result(answer)
