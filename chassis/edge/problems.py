"""Errors as problem+json (RFC 9457): a stable ``code`` for programs, a sentence for people, nothing of our inside."""

from collections.abc import Mapping
from typing import Any, TypeVar

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from chassis.log.decider import Refused, Unknown
from chassis.log.obey import UnavailableError
from chassis.run.database import passing
from chassis.run.logging import Logger

T = TypeVar("T")
log = Logger(__name__)

_HTTP_CODES = {400: "malformed_body", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class Problem(Exception):
    """An answer that is not the one asked for. ``more`` adds members to the body."""

    def __init__(
        self, status: int, code: str, title: str, detail: str = "", *, retry_after_s: int | None = None, **more: object
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        self.more: Mapping[str, object] = more

    def response(self) -> Response:
        body = {
            "type": f"urn:placet:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        return JSONResponse(body, self.status, self.headers, media_type="application/problem+json")


def of_refusal(refused: Refused, **more: Any) -> Problem:
    """404 for what does not exist, 409 for everything else a decider refuses."""
    title = (type(refused).__doc__ or refused.code).strip().splitlines()[0]
    return Problem(404 if isinstance(refused, Unknown) else 409, refused.code, title, refused.detail, **more)


def unless_refused(outcome: T | Refused) -> T:
    """Raises the problem a refusal is."""
    if isinstance(outcome, Refused):
        raise of_refusal(outcome)
    return outcome


def unavailable(detail: str = "Nothing is known to have been lost; ask again with the same key.") -> Problem:
    """The work cannot be done right now."""
    return Problem(503, "unavailable", "The service cannot do this at the moment.", detail, retry_after_s=1)


def install(app: FastAPI) -> None:
    """Makes every error of ``app`` a problem."""
    app.add_exception_handler(HTTPException, _http)
    for kind in (
        Problem,
        RequestValidationError,
        UnavailableError,
        ClientDisconnect,
        OSError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        Exception,
    ):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    route = getattr(request.scope.get("route"), "path", "unknown")
    return of_error(error, request.method, route).response()


def of_error(error: Exception, method: str, route: str) -> Problem:
    """What whoever asked is told of an error; one that nobody foresaw is recorded, with where it happened."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, UnavailableError | ClientDisconnect) or passing(error):
        return unavailable()
    log.error("request_failed", exception=error, method=method, route=route)
    return Problem(500, "internal_error", "Something went wrong on our side; it has been recorded.")


def _invalid(error: RequestValidationError) -> Problem:
    errors = [_field_error(one) for one in error.errors()]
    if any(one["error"] == "json_invalid" for one in errors):
        return Problem(400, "malformed_json", "The body is not JSON.")
    return Problem(422, "invalid_request", "The request is not of the form asked for.", errors=errors)


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    """Where and what, without the value that was given."""
    return {"field": ".".join(map(str, error["loc"])), "error": error["type"], "message": error["msg"]}


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "http_error")
    problem = Problem(error.status_code, code, str(error.detail))
    problem.headers.update(error.headers or {})
    return problem.response()
