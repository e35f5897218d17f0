"""Consuming another service's events: the stream is fast, the owner's feed is complete.

Whatever the stream loses, repeats, reorders or never delivers, ``catch_up`` fetches from the owner: at the start, on a
hole, when the heartbeat is ahead for a second, and each second while no heartbeat comes.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import nats.errors
from faststream import AckPolicy
from faststream.nats import JStream, NatsMessage, PullSub
from nats.aio.msg import Msg
from nats.js.errors import ServiceUnavailableError

from chassis.log.cursors import CursorMovedError
from chassis.log.views import Progress
from chassis.run.logging import Logger
from chassis.run.metrics import HOLES
from chassis.run.tasks import beside, still_wanted
from chassis.stream.bus import Bus
from chassis.stream.feed import Feed
from chassis.stream.inboxes import inbox_prefix
from chassis.stream.reader import HoleError, Reader, SourceChangedError, put_off
from chassis.stream.streams import remake_durable
from contracts.envelope import Envelope, MalformedEnvelope
from contracts.subjects import durable_name, head_subject, stream_name

_BATCH = 500
_PAGE = 1_000  # events asked of the owner at once: while they are applied it looks for the next
_SMALL = 100  # events: after a batch as small, the next one may wait for more
_GATHER_S = 0.01  # how long a batch waits for more after its first event
_PATIENCE_S = 1.0  # how long the heartbeat may be ahead, or silent, before we ask the owner
_LOOK_S = 0.1
_PULL_S = 5  # how long the durable is asked for the next event before it is asked again

log = Logger(__name__)


@dataclass(slots=True)
class _Pulse:
    """What the heartbeat tells: how far the owner's log has come, and since when we have been behind that."""

    number: int = 0
    heard_at: float = float("-inf")
    behind_since: float | None = None
    behind_of: int = 0

    def beat(self, number: int, applied: int) -> None:
        self.number, self.heard_at = number, time.monotonic()
        if number > applied and self.behind_since is None:
            self.behind_since, self.behind_of = self.heard_at, number

    def look(self, applied: int) -> None:
        if applied >= self.behind_of:
            self.behind_since = None

    @property
    def silent(self) -> bool:
        return time.monotonic() - self.heard_at > 2 * _PATIENCE_S

    @property
    def starving(self) -> bool:
        return self.behind_since is not None and time.monotonic() - self.behind_since > _PATIENCE_S


class Consumer:
    """Feeds one reader. Runs in the active process only."""

    def __init__(
        self,
        consumer: str,
        reader: Reader,
        feed: Feed,
        bus: Bus,
        reads_as: str | None = None,
        rest_s: float = 0.0,
    ) -> None:
        """``consumer``: the service that reads. Its durable is named after it, or after ``reads_as``.

        ``rest_s``: how long it rests after a small batch, so that the next one is larger. The first event after a
        pause is applied at once; each transaction spared is a millisecond for others.
        """
        self.reader = reader
        self.followers: list[Reader] = []
        """Further readers of this source, which are handed what this one applied."""
        self._rest_s = rest_s
        self.complaint: str | None = None
        """Why this source is not read, or None."""
        self._source = feed.name
        self._stream = stream_name(feed.name)
        self._feed = feed
        self._bus = bus
        self._pulse = _Pulse()
        self._in_doubt = False
        """The heartbeat was another log's, or behind us: only the owner can tell whether this is still our source."""
        self._caught_up_at = float("-inf")
        self._subscribe = asyncio.Event()
        self._durable = durable_name(reads_as or consumer, feed.name)
        self._inbox = f"{inbox_prefix(consumer)}.".encode()

    @property
    def lag(self) -> int:
        """Events known to exist and not applied yet."""
        return max(0, self._pulse.number - self.reader.number)

    @property
    def parked(self) -> int:
        """Entities whose events wait among the dead letters, of any reader."""
        return sum(reader.parked for reader in (self.reader, *self.followers))

    @property
    def silent_s(self) -> float:
        """Seconds since the owner was last heard of, by heartbeat or feed; infinite before the first time."""
        return time.monotonic() - max(self._pulse.heard_at, self._caught_up_at)

    async def run(self) -> None:
        """Consumes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            tasks.create_task(self._keep_subscribed())
            tasks.create_task(self._hear())

    async def _catch_up(self) -> None:
        await catch_up(self.reader, self._feed)
        self._caught_up_at = time.monotonic()

    async def _watch(self) -> None:
        """Notices what the stream does not bring, and fetches it."""
        await self._until_loaded()
        while True:
            still_wanted()
            try:
                await self._look()
            except CursorMovedError:
                log.info("cursor_moved_elsewhere", reader=self.reader.name, source=self._source)
            except HoleError:  # nobody else to ask: the owner's own feed passed over an event
                log.error("hole_in_feed", source=self._source, number=self.reader.number + 1)
                await asyncio.sleep(_PATIENCE_S)
            except SourceChangedError as error:
                await self._stop_for(str(error))
            except Exception as error:
                if not put_off(error):
                    raise
                log.info("catch_up_put_off", source=self._source, error=type(error).__name__)
                await asyncio.sleep(_PATIENCE_S)
            await asyncio.sleep(_LOOK_S)

    async def _look(self) -> None:
        self._pulse.look(self.reader.number)
        since = time.monotonic() - self._caught_up_at
        if since == float("inf"):
            await self._catch_up()
            self._subscribe.set()
        elif self._in_doubt:
            self._in_doubt = False
            await self._catch_up()
        elif self._pulse.starving:
            # The heartbeat moves and the messages do not: the durable is lost, or has gone astray.
            await self._catch_up()
            log.warning("stream_brought_nothing", source=self._source, number=self.reader.number)
            self._subscribe.set()
        elif self._pulse.silent and since > _PATIENCE_S:
            await self._catch_up()

    async def _stop_for(self, reason: str) -> None:
        """Says why, and waits until an operator has moved the cursor."""
        self.complaint = reason
        log.error("source_stopped", source=self._source, reader=self.reader.name, reason=reason)
        stood = self.reader.cursor
        while self.reader.cursor == stood:
            await asyncio.sleep(_PATIENCE_S)
            await self._until_loaded()
        self.complaint = None
        self._caught_up_at = float("-inf")
        log.info("source_resumed", source=self._source, reader=self.reader.name)

    async def _until_loaded(self) -> None:
        while True:
            try:
                return await self.reader.load()
            except Exception as error:
                if not put_off(error):
                    raise
                await asyncio.sleep(_PATIENCE_S)

    async def _hear(self) -> None:
        """Listens to the owner's heartbeat."""

        async def beat(message: Msg) -> None:
            heard = json.loads(message.data)
            self._pulse.beat(heard["number"], self.reader.number)
            stands = self.reader.cursor
            if stands and (heard["log_id"] != str(stands.log_id) or heard["number"] < stands.number):
                self._in_doubt = True

        await self._bus.connected.wait()
        subscription = await self._bus.client.subscribe(head_subject(self._source), cb=beat)
        try:
            await asyncio.Event().wait()
        finally:
            await _quietly(subscription.unsubscribe())

    async def _keep_subscribed(self) -> None:
        """A pull subscription on our durable, made anew at the cursor whenever that is asked for."""
        # FastStream starts what is registered when it connects, and dies of a stream that is not there yet.
        await self._bus.connected.wait()
        subscriber: Any = self._bus.broker.subscriber(
            f"{self._source}.>",
            stream=JStream(self._stream, declare=False),
            durable=self._durable,
            inbox_prefix=self._inbox,
            pull_sub=PullSub(batch_size=1, timeout=_PULL_S, batch=True),
            ack_policy=AckPolicy.MANUAL,
            decoder=_left_encoded,
            persistent=False,
        )

        @subscriber  # type: ignore[untyped-decorator]
        async def receive(message: NatsMessage) -> None:
            """The first message wakes us; those that wait behind it come along in one batch."""
            messages: list[Msg] = list(message.raw_message)  # type: ignore[call-overload]
            with suppress(TimeoutError):  # it was alone
                messages += await subscriber.subscription.fetch(_BATCH, timeout=_GATHER_S)
            await self._receive(messages)
            if len(messages) < _SMALL:
                await asyncio.sleep(self._rest_s)

        try:
            while True:
                still_wanted()
                await self._subscribe.wait()
                await self._bus.connected.wait()
                self._subscribe.clear()
                try:
                    await subscriber.stop()
                    await remake_durable(self._bus.jetstream, self._stream, self._durable, self.reader.number)
                    await subscriber.start()
                    self._mind(subscriber.subscription)
                except (nats.errors.Error, OSError) as error:
                    log.info("durable_not_made", stream=self._stream, error=type(error).__name__)
                    self._subscribe.set()
                    await asyncio.sleep(_PATIENCE_S)
        finally:
            await _quietly(subscriber.stop())

    def _mind(self, subscription: Any) -> None:
        """Has the durable made anew when it is gone. FastStream would ask for it again at once, and tell nobody."""
        fetch = subscription.fetch

        async def fetch_or_mind(*arguments: Any, **options: Any) -> list[Msg]:
            try:
                messages: list[Msg] = await fetch(*arguments, **options)
            except ServiceUnavailableError:
                self._subscribe.set()
                await asyncio.sleep(_PATIENCE_S)
                raise
            return messages

        subscription.fetch = fetch_or_mind

    async def _receive(self, messages: Sequence[Msg]) -> None:
        if self.complaint is not None:
            return  # what comes may be of the log we were, or of the one it has become: an operator decides first
        envelopes = [envelope for message in messages if (envelope := _opened(message)) is not None]
        try:
            await self.reader.take(envelopes)
        except HoleError:
            log.warning("hole_in_stream", source=self._source, number=self.reader.number + 1)
            HOLES.labels(self._source).inc()
            self._caught_up_at = float("-inf")
        except (CursorMovedError, SourceChangedError):
            return  # the watch meets it too, and says so
        except Exception as error:  # noqa: BLE001
            # Not acknowledged, so it comes again; if the watch meets the same error from the feed, it is raised there.
            log.warning("batch_put_off", exception=error, source=self._source)
            self._caught_up_at = float("-inf")
            return
        await messages[-1].ack()


async def catch_up(reader: Reader, feed: Feed, progress: Progress = lambda _source, _done, _total: None) -> None:
    """Applies everything the owner has and ``reader`` has not.

    Raises SourceChangedError, and errors that ``put_off`` knows.
    """
    page = await feed.read(reader.number, _PAGE)
    while True:
        await reader.begin(page.log_id)
        if page.head < reader.number:
            raise SourceChangedError("source_is_behind_its_reader")
        if page.reached >= page.head:
            await reader.take(page.events)
            progress(feed.name, reader.number, page.head)
            return
        async with beside(feed.read(page.reached, _PAGE)) as following:
            await reader.take(page.events)
            progress(feed.name, reader.number, page.head)
            page = await following


def _opened(message: Msg) -> Envelope | None:
    """The event in a message; None for one that is not ours, which then is a hole that the owner fills."""
    try:
        return Envelope.from_headers(message.headers or {}, message.data)
    except MalformedEnvelope:
        return None


async def _left_encoded(_message: Any) -> bytes:
    """FastStream would parse every body only for us to parse it again."""
    return b""


async def _quietly(stopping: Any) -> None:
    """The connection may be gone, and with it what we would stop."""
    try:
        await stopping
    except (nats.errors.Error, OSError):
        return
