"""A venue as its log has it: a snapshot, and every event since.

Whoever stands by reads on, so that taking over is a matter of the last few events; whoever leads carries on from there.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from uuid import UUID

from chassis.log.codec import Codec, UnknownEventError
from chassis.log.log import Head, Log, Recorded
from chassis.run import garbage
from chassis.run.database import passing
from chassis.run.logging import Logger
from services.access.domain.gatekeeping import of_venue
from services.access.domain.venue import Venue, VenueEvent
from services.access.snapshots import Snapshots
from services.access.upcasts import UPCASTS

_PAGE = 5_000  # events
_SMALL_PAGE = 100  # of what is read for somebody's question: scans do not wait for it
_POLL_S = 0.2
_FRESH_S = 1.0
_PATIENCE_S = 5.0  # with a page
_LARGE = 10_000  # events
_EVERY = 50_000  # events: a snapshot; reading so many takes less than a second
_WORTH_ONE = 1_000  # events, when the process ends
_LOOK_S = 30.0

log = Logger(__name__)


class Committed:
    """What one venue's stream comes to. ``snapshots``: where to begin, instead of with nothing."""

    def __init__(self, events: Log, venue_id: str, snapshots: Snapshots | None = None) -> None:
        self.stream = f"venue-{venue_id}"
        self.decider = of_venue(venue_id)
        self.codec = Codec(self.decider.events, UPCASTS)
        self.venue = self.decider.initial
        self.following = asyncio.Lock()
        """Held by whoever changes it: one that leads holds it for as long as it does."""
        self._log = events
        self._snapshots = snapshots
        self._log_id: UUID | None = None  # of the log that was folded into it
        self._position = -1  # of that log, when its stream was read to the end
        self._read_at = float("-inf")

    @property
    def complete(self) -> bool:
        """Whether the stream was read to its end once: it is not much that is missing."""
        return self._position >= 0

    @property
    def fresh(self) -> bool:
        """Whether it holds all that was stored a second ago."""
        return time.monotonic() - self._read_at < _FRESH_S

    async def follow(self) -> None:
        """Reads on while nobody leads here, until cancelled."""
        reads_on = True
        while True:
            try:
                async with self.following:
                    await self.catch_up()
                reads_on = True
            except UnknownEventError as error:
                # A newer release leads. This one can still hand commands on; should it come to lead, it ends there.
                log.error("stream_not_readable", exception=error, stream=self.stream)
                return
            except Exception as error:
                if not passing(error):
                    raise
                if reads_on:  # said once, not each time
                    log.warning("following_put_off", stream=self.stream, error=type(error).__name__)
                reads_on = False
            await asyncio.sleep(_POLL_S)

    async def catch_up(self) -> None:
        """Reads the stream to its end.

        It only grows: what was folded before still holds, and only what came since is read, unless the log is another
        one now, or lost what it had stored.
        """
        asked_at = time.monotonic()
        async with asyncio.timeout(_PATIENCE_S):
            head = await self._log.head()
        if head.log_id != self._log_id or head.position < self.venue.version:
            with garbage.building() if head.position > _LARGE else nullcontext():
                self.venue = await self._nearest(head, head.position)
                self._log_id, self._position, self._read_at = head.log_id, -1, float("-inf")
                await self._read_on()
        elif head.position != self._position:
            await self._read_on()
        self._position, self._read_at = head.position, asked_at

    async def keep(self, leads: Callable[[], bool]) -> None:
        """Stores a snapshot now and then while this process leads, and a last one when it ends in order."""
        try:
            while True:
                await asyncio.sleep(_LOOK_S)
                if leads() and await self._snapshot(_EVERY):
                    garbage.settle()
        finally:
            await self._snapshot(_WORTH_ONE)

    async def at(self, version: int) -> Venue:
        """The venue as it was when its stream had this version."""
        venue = await self._nearest(await self._log.head(), version)
        while page := await self._log.stream(self.stream, venue.version, min(_SMALL_PAGE, version - venue.version)):
            venue = self._fold(page, venue)
        return venue

    def decode(self, recorded: Recorded) -> VenueEvent:
        """A stored event as it was."""
        return self.codec.decode(recorded.type, recorded.schema_version, recorded.data)

    def _fold(self, recorded: Iterable[Recorded], venue: Venue) -> Venue:
        return self.decider.fold(map(self.decode, recorded), venue)

    async def _snapshot(self, since: int) -> bool:
        """Stores one if so many events came since the last; whether it did."""
        if self._snapshots is None or not self.complete or self.venue.version - self._snapshots.newest < since:
            return False
        try:
            await self._snapshots.take(self.venue)
        except Exception as error:
            if not passing(error):
                raise
            log.warning("snapshot_not_taken", stream=self.stream, error=type(error).__name__)
            return False
        return True

    async def _nearest(self, head: Head, version: int) -> Venue:
        snapshot = None if self._snapshots is None else await self._snapshots.nearest(head.log_id, version)
        return snapshot or self.decider.initial

    async def _read_on(self) -> None:
        while True:
            async with asyncio.timeout(_PATIENCE_S):
                page = await self._log.stream(self.stream, self.venue.version, _PAGE)
            self.venue = self._fold(page, self.venue)
            if len(page) < _PAGE:
                return
