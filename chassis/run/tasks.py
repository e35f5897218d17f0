"""Tasks that end when they are told to."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


def still_wanted() -> None:
    """Raises CancelledError in a task that was cancelled and did not notice: every endless loop asks in each round.

    Before Python 3.12 ``asyncio.wait_for`` swallows a cancellation that comes at the moment its result does
    (python/cpython#86296), and libraries wait with it everywhere. A loop that went on would hang its service's end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Does ``work`` while the block runs. What is not done by the end of the block is given up."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
