"""A bound on request bodies: nobody fills our memory, whatever length they announce."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.edge.problems import Problem

DEFAULT_LIMIT = 64 * 1024  # bytes


class BodyLimit:
    """Answers 413 to a body over the limit of its path; ``limits`` are bytes by path, the rest has the default."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], DEFAULT_LIMIT)
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > limit:
            await too_large(limit).response()(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, f"At most {limit} bytes.")
            return message

        await self._app(scope, counted, send)


def too_large(limit: int) -> Problem:
    """A body of more than ``limit`` bytes."""
    return Problem(413, "body_too_large", "The body is larger than allowed.", f"At most {limit} bytes.")
