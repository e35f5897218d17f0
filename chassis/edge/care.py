"""Care of the record over HTTP: what could not be applied, and what to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, unavailable
from chassis.run.logging import Logger
from chassis.stream import deadletters
from chassis.stream.consumer import Consumer
from chassis.stream.reader import put_off

log = Logger(__name__)


class Which(BaseModel):
    """The parked events of one entity from one source."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,40}$")]
    about: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")]


def care(pool: asyncpg.Pool, consumers: Sequence[Consumer], leads: Callable[[], bool]) -> APIRouter:
    """Lists, retries and discards the dead letters of a service's consumers.

    ``leads``: whether this process applies the events. Another one's readers would go on parking what was released.
    """
    router = APIRouter(prefix="/v1/dead-letters", tags=["care"])

    @router.get("")
    async def listed(_: Principal = allowed("admin", "operations", "auditor")) -> list[dict[str, Any]]:
        """Parked events, by source and number (at most 1,000)."""
        return [asdict(letter) for letter in await deadletters.listed(pool)]

    @router.post("/retry")
    async def retry(which: Which, principal: Principal = allowed("admin")) -> dict[str, int]:
        """Applies an entity's parked events in order, all or none."""
        _only_if(leads())
        consumer = _consumer(consumers, which.source)
        try:
            count = await consumer.reader.retry(which.about)
        except Exception as error:
            if put_off(error):
                raise unavailable() from error
            detail = f"Applying it still raises {type(error).__name__}."
            raise Problem(409, "still_poisoned", "The event still cannot be applied.", detail) from error
        log.info("dead_letters_retried", source=which.source, about=which.about, count=count, actor=principal.actor)
        return {"applied": count}

    @router.post("/discard")
    async def discard(which: Which, principal: Principal = allowed("admin")) -> dict[str, int]:
        """Gives up an entity's parked events for ever."""
        _only_if(leads())
        count = await _consumer(consumers, which.source).reader.discard(which.about)
        log.warning(
            "dead_letters_discarded", source=which.source, about=which.about, count=count, actor=principal.actor
        )
        return {"discarded": count}

    return router


def _only_if(leading: bool) -> None:
    if not leading:
        detail = "Only the process at work for the service can do this. Nothing was done; ask again."
        raise Problem(503, "standing_by", "This process stands by.", detail, retry_after_s=1)


def _consumer(consumers: Sequence[Consumer], source: str) -> Consumer:
    for consumer in consumers:
        if consumer.reader.source == source:
            return consumer
    raise Problem(404, "source_unknown", "This service does not read that source.", source)
