"""Care of the record over HTTP: how far it is, what could not be applied, and what to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, unavailable
from chassis.log import views
from chassis.log.log import Log
from chassis.run.logging import Logger
from chassis.stream import deadletters
from chassis.stream.consumer import Consumer
from chassis.stream.reader import Reader, put_off
from chassis.stream.standing import complaint_of, state_of

log = Logger(__name__)


_WHO_MAY_LOOK = ("admin", "operations", "auditor", "commander")


class Which(BaseModel):
    """The parked events of one entity from one source."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,40}$")]
    about: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")]


class Record:
    """One service's record: its log, what it reads, and the views (``views`` names them) it folds.

    ``leads``: whether this process applies the events. Another one's readers would go on parking what was released.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: Log,
        consumers: Sequence[Consumer] = (),
        leads: Callable[[], bool] = lambda: True,
        views: Sequence[str] = (),
    ) -> None:
        self.pool = pool
        self.consumers = consumers
        self.leads = leads
        self._log = log
        self._views = views

    async def shown(self) -> dict[str, Any]:
        """Where all of it stands. Times are real."""
        head = await self._log.head()
        return {
            "log": {"log_id": str(head.log_id), "head": head.number},
            "consumers": [self._consumer(consumer) for consumer in self.consumers],
            "views": [await self._view(name) for name in self._views],
        }

    async def dead_letters(self) -> list[dict[str, Any]]:
        """Parked events, by source and number (at most 1,000)."""
        return [asdict(letter) for letter in await deadletters.listed(self.pool)]

    def _consumer(self, consumer: Consumer) -> dict[str, Any]:
        leads = self.leads()
        return {
            "source": consumer.reader.source,
            "state": state_of(consumer, leads=leads),
            "number": consumer.reader.number,
            "head": consumer.reader.number + consumer.lag if leads else None,
            "lag": consumer.lag if leads else None,
            "complaint": complaint_of(consumer),
        }

    async def _view(self, name: str) -> dict[str, Any]:
        made_at, rebuilding_since = await views.made(self.pool, name)
        return {"view": name, "made_at": made_at, "rebuilding_since": rebuilding_since}


def care(record: Record) -> APIRouter:
    """Shows how a service's record stands; lists, retries and discards the dead letters of its consumers."""
    router = APIRouter(prefix="/v1", tags=["care"])
    consumers, leads = record.consumers, record.leads

    @router.get("/care")
    async def shown(_: Principal = allowed(*_WHO_MAY_LOOK)) -> dict[str, Any]:
        """How far the log is, how far each service that is read was applied, and since when the views stand."""
        return await record.shown()

    @router.get("/dead-letters")
    async def listed(_: Principal = allowed(*_WHO_MAY_LOOK)) -> list[dict[str, Any]]:
        """Parked events, by source and number (at most 1,000)."""
        return await record.dead_letters()

    @router.post("/dead-letters/retry")
    async def retry(which: Which, principal: Principal = allowed("admin")) -> dict[str, int]:
        """Applies an entity's parked events in order, all or none; each reader's own."""
        _only_if(leads())
        readers = _readers(consumers, which.source)
        try:
            count = sum([await reader.retry(which.about) for reader in readers])
        except Exception as error:
            if put_off(error):
                raise unavailable() from error
            detail = f"Applying it still raises {type(error).__name__}."
            raise Problem(409, "still_poisoned", "The event still cannot be applied.", detail) from error
        log.info("dead_letters_retried", source=which.source, about=which.about, count=count, actor=principal.actor)
        return {"applied": count}

    @router.post("/dead-letters/discard")
    async def discard(which: Which, principal: Principal = allowed("admin")) -> dict[str, int]:
        """Gives up an entity's parked events for ever."""
        _only_if(leads())
        count = sum([await reader.discard(which.about) for reader in _readers(consumers, which.source)])
        log.warning(
            "dead_letters_discarded", source=which.source, about=which.about, count=count, actor=principal.actor
        )
        return {"discarded": count}

    return router


def _only_if(leading: bool) -> None:
    if not leading:
        detail = "Only the process at work for the service can do this. Nothing was done; ask again."
        raise Problem(503, "standing_by", "This process stands by.", detail, retry_after_s=1)


def _readers(consumers: Sequence[Consumer], source: str) -> Sequence[Reader]:
    for consumer in consumers:
        if consumer.reader.source == source:
            return [consumer.reader, *consumer.followers]
    raise Problem(404, "source_unknown", "This service does not read that source.", source)
