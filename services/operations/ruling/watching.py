"""What no event tells: services that are down or behind, events that were not applied, overrides that wait too long.

Looked at every second, raised once it has been so for a while: what passes by itself is nobody's work.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4, uuid5

import asyncpg

from chassis.run.host import Host
from chassis.run.logging import Logger
from chassis.run.tasks import still_wanted
from chassis.stream.reader import put_off
from chassis.stream.standing import state_of
from services.operations.domain.incident_record import Kind
from services.operations.parts.shape import Picture
from services.operations.ruling.causes import Causes, Source
from services.operations.ruling.rules import Wrong

_LOOK_S = 1.0
_GRACE_S = 10.0
_START_S = 60.0  # a service that was never up is given this long to start
_SYSTEM: frozenset[Kind] = frozenset({"service_down", "relay_lag", "dead_letter"})

# To be confirmed by a second person in time; once they are in, to be reviewed within the hour.
_OVERRIDES = """
    SELECT override_id, gate_id, zone_id, person_id FROM live.overrides
    WHERE coalesce(admitted_at + interval '1 hour', confirm_by) <= $1
"""

log = Logger(__name__)


class Watch:
    """Belongs to the process that leads. ``services``: as the picture shows them."""

    def __init__(
        self, host: Host, causes: Causes, services: Callable[[], Sequence[Picture]], grace_s: float = _GRACE_S
    ) -> None:
        self._host = host
        self._causes = causes
        self._services = services
        self._grace_s = grace_s
        self._began = time.monotonic()
        self._seen_up: set[str] = set()
        self._since: dict[Wrong, float] = {}
        self._told: set[Wrong] = set()

    async def run(self) -> None:
        """Looks until cancelled."""
        self._began = time.monotonic()
        while True:
            still_wanted()
            try:
                await self.look()
            except Exception as error:
                if not (put_off(error) or isinstance(error, asyncpg.UndefinedTableError)):
                    raise
                log.info("watch_put_off", error=type(error).__name__)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Raises what has been wrong long enough, and ends what is not wrong any more."""
        now = time.monotonic()
        wrong = set(self._wrong())
        self._since = {one: self._since.get(one, now) for one in wrong}
        self._told = {one for one in self._told if one in wrong or one.kind not in _SYSTEM}
        for one in wrong - self._told:
            if now - self._since[one] >= self._grace_s:
                if not self._causes.stands(one):
                    await self._causes.take(one, Source(uuid4()))
                self._told.add(one)
        if now - self._began >= self._grace_s:
            about = {(one.kind, one.about) for one in wrong}
            for over in self._causes.standing(_SYSTEM):
                if (over.kind, over.about) not in about:
                    await self._causes.take(over, Source(uuid4()))
        for row in await self._host.pool.fetch(_OVERRIDES, self._host.clock.now()):
            await self._unreviewed(row)

    def _wrong(self) -> Iterator[Wrong]:
        if not self._host.bus.connected.is_set():
            yield Wrong("relay_lag", "nats", "nats")
        for consumer in self._host.consumers:
            if state_of(consumer, leads=True) == "behind":
                source = consumer.reader.source
                yield Wrong("relay_lag", f"operations-{source}", f"source-{source}")
        for service in self._services():
            yield from self._of_service(service)

    def _of_service(self, service: Picture) -> Iterator[Wrong]:
        name = service["service"]
        down = Wrong("service_down", name, f"service-{name}")
        if service["state"] != "down":
            self._seen_up.add(name)
        elif name in self._seen_up or time.monotonic() - self._began > _START_S or self._causes.stands(down):
            yield down
        for code in service["degraded"]:
            part, _, complaint = code.partition(":")
            if complaint == "dead_letters":
                yield Wrong("dead_letter", f"{name}-{part}", f"dead-letters-{name}-{part}")
            elif part == "relay":
                yield Wrong("relay_lag", name, f"relay-{name}")
            elif complaint.startswith("source_"):
                yield Wrong("relay_lag", f"{name}-{part}", f"stopped-{name}-{part}")

    async def _unreviewed(self, row: Mapping[str, Any]) -> None:
        override, gate = row["override_id"], row["gate_id"]
        about, people = f"override-{override}", (row["person_id"],)
        wrong = Wrong("override_unreviewed", gate, about, row["zone_id"], gate, people=people)
        if wrong not in self._told and not self._causes.stands(wrong):
            await self._causes.take(wrong, Source(uuid5(override, "overdue")))
        self._told.add(wrong)
