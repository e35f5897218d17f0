"""What tests share: waiting for a condition, given/when/then, work in the background, and example data, named once."""

import asyncio
import inspect
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, overload
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.edge.identity import RoleCheck
from chassis.log.decider import C, Decider, E, Refused, S
from chassis.log.log import Append, Metadata, NewEvent, Shared
from contracts.accreditation import BadgeReinstated, BadgeSuspended

T = TypeVar("T")

NOW = datetime(2025, 10, 25, 8, 30, tzinfo=UTC)
PERSON = UUID("018f0000-0000-7000-8000-000000000002")
BADGE = UUID("018f0000-0000-7000-8000-000000000003")
OTHER_BADGE = UUID("018f0000-0000-7000-8000-000000000013")
DESK = "person:desk-1"
CANARY = "Nguyễn Thị Hoa <hoa@example.org>"
"""A name and an address that must never turn up where they do not belong."""


@overload
async def eventually(
    check: Callable[[], Awaitable[T]], within_s: float = ..., *, every_s: float = ..., says: str = ...
) -> T: ...
@overload
async def eventually(check: Callable[[], T], within_s: float = ..., *, every_s: float = ..., says: str = ...) -> T: ...
async def eventually(check: Callable[[], Any], within_s: float = 5.0, *, every_s: float = 0.01, says: str = "") -> Any:
    """The first true answer of ``check``; fails when there is none in time. An AssertionError in it counts as no."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            answer = check()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return answer
            why = f"still {answer!r}"
        except AssertionError as error:
            why = str(error)
        if time.monotonic() > deadline:
            raise AssertionError(f"{says or 'nothing'} within {within_s} s: {why}")
        await asyncio.sleep(every_s)


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, object]) -> AsyncIterator[tuple["asyncio.Task[object]", ...]]:
    """Runs ``works`` beside the block and ends them with it. What one of them died of is raised, before all else."""
    tasks = tuple(asyncio.create_task(work) for work in works)
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


@dataclass(frozen=True)
class When(Generic[C, S, E]):
    """A command that meets a state."""

    decider: Decider[C, S, E]
    state: S
    command: C

    def then(self, *expected: E) -> S:
        """Exactly these events; and asked again, with them in force, none. Gives the state they lead to."""
        decision = self.decider.decide(self.command, self.state)
        assert not isinstance(decision, Refused), f"refused: {decision.code}, {decision.detail}"
        assert list(decision) == list(expected)
        after = self.decider.fold(decision, self.state)
        again = self.decider.decide(self.command, after)
        assert not isinstance(again, Refused), f"asked twice, it was refused: {again.code}, {again.detail}"
        assert list(again) == [], "asked twice, it did something again"
        return after

    def then_refused(self, refusal: type[Refused]) -> Refused:
        """This refusal and no other. Gives it, for those who want to read its detail."""
        decision = self.decider.decide(self.command, self.state)
        assert type(decision) is refusal, f"not refused as {refusal.__name__}: {decision!r}"
        return decision


@dataclass(frozen=True)
class Given(Generic[C, S, E]):
    """A decider after what has happened."""

    decider: Decider[C, S, E]
    state: S

    def when(self, command: C) -> When[C, S, E]:
        return When(self.decider, self.state, command)


def given(decider: Decider[C, S, E], *events: E) -> Given[C, S, E]:
    """``given(decider, *events).when(command).then(*events)`` or ``.then_refused(Refusal)``."""
    return Given(decider, decider.fold(events))


def metadata(command_id: UUID | None = None, *, body_hash: str = "same") -> Metadata:
    return Metadata(actor=DESK, command_id=command_id or uuid4(), occurred_at=NOW, body_hash=body_hash)


def new_event(
    text: str = "",
    *,
    id_: UUID | None = None,
    data: str | None = None,
    shared: Shared | None = None,
) -> NewEvent:
    """An event on its way into a log; private unless ``shared``."""
    event_id = id_ or uuid4()
    return NewEvent(event_id, "Noted", 1, data or f'{{"text": "{text}"}}', metadata(event_id).to_json(), shared)


def face(event: BadgeSuspended | BadgeReinstated) -> Shared:
    return Shared(event.subject(), event.about(), event.model_dump_json())


def suspended(reason: str = "lost-sight", badge: UUID = BADGE) -> NewEvent:
    """A shared event of accreditation, told apart by its reason."""
    return new_event(shared=face(BadgeSuspended(badge_id=badge, person_id=PERSON, reason=reason)))


def to(stream: str, *events: NewEvent, expected: int | None = None) -> Append:
    return Append(stream, expected, events)


async def pause(up_to_s: float) -> None:
    """A random moment: it shapes a race, it waits for nothing."""
    await asyncio.sleep(random.uniform(0, up_to_s))


def routes_without_roles(app: FastAPI) -> list[str]:
    """The app's routes that do not say who may use them."""
    return [
        f"{sorted(route.methods or ())} {route.path}"
        for route in walked(app.router.routes)
        if not any(isinstance(part.call, RoleCheck) for part in route.dependant.dependencies)
    ]


def walked(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """Every API route among ``routes``, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            included = getattr(route, "original_router", route)
            yield from walked(getattr(included, "routes", ()))
