"""The relay: the stream mirrors the log. Message n of the stream is shared event n.

It keeps no checkpoint: it asks the stream for its last sequence and publishes what the log holds after that, each
message naming the sequence it follows. One rule cures a lost tail, an older copy, a wiped stream and two relays at
once. A stream that the log does not know as its own is left alone, and said to be so.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

import nats.errors
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from chassis.log.log import Head, Recorded
from chassis.log.postgres import PostgresLog
from chassis.run.database import passing
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.bus import Bus
from chassis.stream.streams import stream_config
from contracts.subjects import head_subject, stream_name, stream_subjects

_GROUP = 500
_SMALL = 100  # events: after a group as small, what comes next may wait a moment for more,
_REST_S = 0.02  # so that a busy log is not told one event at a time; the first after a pause goes at once
_PATIENCE_S = 5.0  # for all acknowledgements of a group
_ASK_AGAIN_S = 1.0
_POLL_S = 0.25  # for what other processes appended; our own appends wake us at once
_COMPLAIN_AFTER_S = 3.0  # of nothing but failures: a restart of the broker is no reason yet
_MOST_PAUSE_S = 5.0  # between tries, when they fail again and again
_BEAT_EVERY_S = 1.0

log = Logger(__name__)


class RefusedByStreamError(Exception):
    """The stream did not take a message: another relay was there, or a message before it is missing."""


class ConnectionBrokenError(OSError):
    """The connection broke before everything was acknowledged: only the stream can tell what it took."""


class ForeignStreamError(Exception):
    """The stream does not mirror this log: it is ahead of it, its last message is another event, or it captures other
    subjects. Whether it may be made anew is for an operator to say.
    """


class Relay:
    """Copies one service's shared events from its log to its stream, in order, for ever."""

    def __init__(self, events: PostgresLog, bus: Bus, service: str) -> None:
        self._log = events
        self._bus = bus
        self._service = service
        self._stream = stream_name(service)
        self.published = 0
        """The last number known to be in the stream."""
        self.complaint: str | None = None
        """Why nothing is relayed, or None."""
        self.running = False
        self._failing_over: asyncio.Event | None = None
        """The connection (by its ``broken``) over which nothing has worked since ``_failing_since``, or None."""
        self._failing_since = 0.0
        self._pause_s = _POLL_S

    async def run(self) -> None:
        """Relays until cancelled."""
        self.running = True
        try:
            await self._relay()
        finally:
            self.running = False

    async def _relay(self) -> None:
        while True:
            still_wanted()
            await self._bus.connected.wait()
            try:
                await self._follow()
            except ForeignStreamError as error:
                if self.complaint != str(error):
                    log.error("stream_is_not_of_this_log", stream=self._stream, code=str(error))
                self.complaint = str(error)
                await asyncio.sleep(_ASK_AGAIN_S)
            except Exception as error:
                if not (passing(error) or isinstance(error, nats.errors.Error | RefusedByStreamError)):
                    raise
                self._failed(error)
                await asyncio.sleep(self._pause_s)

    def _failed(self, error: Exception) -> None:
        """Tries less and less often, and complains when nothing but failures came for a while."""
        now = time.monotonic()
        code = str(error) if isinstance(error, RefusedByStreamError) else None
        log.info("relay_asks_again", error=type(error).__name__, code=code)
        if self._failing_over is not self._bus.broken:  # a broker that was away has not refused anything
            self._failing_over, self._failing_since, self._pause_s = self._bus.broken, now, _POLL_S
            return
        self._pause_s = min(2 * self._pause_s, _MOST_PAUSE_S)
        if now - self._failing_since > _COMPLAIN_AFTER_S and self.complaint is None:
            self.complaint = "stream_refuses" if isinstance(error, RefusedByStreamError) else "stalled"
            log.warning("nothing_is_relayed", stream=self._stream, error=type(error).__name__, code=code)

    def _works(self) -> None:
        """All that the log holds is in the stream, or a part of it just got there."""
        self.complaint = None
        self._failing_over = None

    async def _follow(self) -> None:
        """Publishes from where the stream ends; returns when it is time to ask the stream again."""
        broken = self._bus.broken
        head = await self._log.head()
        self.published = await self._stream_end(head)
        asked_at = time.monotonic()
        inbox = self._bus.client.new_inbox()
        acknowledgements = _Acknowledgements()
        subscription = await self._bus.client.subscribe(f"{inbox}.*", cb=acknowledgements.take)
        try:
            while time.monotonic() - asked_at < _ASK_AGAIN_S:
                still_wanted()
                commits = self._log.commits
                events = await self._log.read_shared(self.published, _GROUP)
                if events:
                    await self._publish(events, head, inbox, acknowledgements, broken)
                    if len(events) < _SMALL:
                        await asyncio.sleep(_REST_S)
                    asked_at = time.monotonic()
                self._works()
                if not events:
                    await self._log.more(commits, _POLL_S)
        finally:
            await subscription.unsubscribe()

    async def _stream_end(self, head: Head) -> int:
        """The stream's last sequence, once it is sure that the stream is ours. Makes it where there is none."""
        jetstream = self._bus.jetstream
        try:
            info = await jetstream.stream_info(self._stream)
        except NotFoundError:
            await jetstream.add_stream(stream_config(self._service))
            log.info("stream_made", stream=self._stream)
            return 0
        last = info.state.last_seq
        if set(info.config.subjects or ()) != set(stream_subjects(self._service)):
            raise ForeignStreamError("stream_of_other_subjects")
        if last > head.number:
            raise ForeignStreamError("stream_ahead_of_log")
        if last == 0:
            return 0
        try:
            message = await jetstream.get_msg(self._stream, seq=last)
        except NotFoundError:
            return last  # lost by the broker; whoever reads finds the hole and asks us
        headers = message.headers or {}
        if headers.get("ce-placetlog") != str(head.log_id):
            raise ForeignStreamError("stream_of_another_log")
        ours = await self._log.read_shared(last - 1, 1)
        if headers.get("ce-placetnumber") != str(last) or headers.get("ce-id") != str(ours[0].event_id):
            raise ForeignStreamError("stream_holds_other_events")
        return last

    async def _publish(
        self,
        events: Sequence[Recorded],
        head: Head,
        inbox: str,
        acknowledgements: "_Acknowledgements",
        broken: asyncio.Event,
    ) -> None:
        done = acknowledgements.expect(len(events))
        breaking = asyncio.create_task(broken.wait())
        try:
            for event in events:
                envelope = event.envelope(self._service, head.log_id)
                assert event.shared is not None
                await self._bus.client.publish(
                    event.shared.subject,
                    envelope.data,
                    reply=f"{inbox}.{envelope.number}",
                    headers={**envelope.headers(), "Nats-Expected-Last-Sequence": str(envelope.number - 1)},
                )
            await asyncio.wait((done, breaking), timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                # No answer comes over a connection that broke. What the client still sends of these over the next one
                # does no harm: each names the sequence it follows.
                raise ConnectionBrokenError if broken.is_set() else TimeoutError
            done.result()
        finally:
            done.cancel()
            breaking.cancel()
        self.published += len(events)


class _Acknowledgements:
    """Counts the answers to a group: a future a message would cost more than the message."""

    def __init__(self) -> None:
        self._missing = 0
        self._done: asyncio.Future[None] | None = None

    def expect(self, count: int) -> "asyncio.Future[None]":
        self._missing = count
        self._done = asyncio.get_running_loop().create_future()
        return self._done

    async def take(self, message: Msg) -> None:
        if self._done is None or self._done.done():
            return
        answer: dict[str, Any] = json.loads(message.data) if message.data else {"error": {"err_code": 503}}
        if "error" in answer:
            self._done.set_exception(RefusedByStreamError(str(answer["error"].get("err_code"))))
            return
        self._missing -= 1
        if self._missing == 0:
            self._done.set_result(None)


async def heartbeat(events: PostgresLog, bus: Bus, service: str) -> None:
    """Says each second how far the log has come, so that readers notice what they missed."""
    beats = True
    while True:
        still_wanted()
        try:
            head = await events.head()  # without a bus too: so is known how much there is to relay
            beat = {"log_id": str(head.log_id), "number": head.number}
            if bus.connected.is_set():
                await bus.client.publish(head_subject(service), json.dumps(beat).encode())
            beats = True
        except Exception as error:
            if not (passing(error) or isinstance(error, nats.errors.Error)):
                raise
            if beats:  # said once, not each second
                log.warning("heart_does_not_beat", error=type(error).__name__)
            beats = False
        await asyncio.sleep(_BEAT_EVERY_S)
