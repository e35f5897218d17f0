"""From the bytes of a scan to the bytes of its verdict: the same whichever way they come, HTTP or NATS."""

from collections.abc import Mapping
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from chassis.edge.identity import Principal, RoleCheck, bound
from chassis.edge.language import preferred
from chassis.edge.problems import unless_refused
from chassis.run import telemetry
from services.access.messages import LANGUAGES
from services.access.scanning import Scanning
from services.access.verdict import ScanRequest

MAY_SCAN = ("device", "supervisor")
"""Roles."""
ADMITTED = RoleCheck(frozenset(MAY_SCAN))
"""The same, for ways that are no routes."""


def language_of(headers: Mapping[str, str]) -> str:
    """The language in which the guard reads."""
    return preferred(headers.get("accept-language"), LANGUAGES)


def parse(content: bytes) -> ScanRequest:
    """Raises RequestValidationError, which says what is wrong and nothing of what was sent."""
    try:
        return ScanRequest.model_validate_json(content)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error


async def verdict_on(scan: ScanRequest, scanning: Scanning, principal: Principal, headers: Mapping[str, str]) -> bytes:
    """The verdict as JSON. ``headers``: by names in lower case. Raises Problem and UnavailableError."""
    bound(principal, "gate", scan.gate_id)
    device_id = UUID(principal.id) if principal.kind == "device" else None
    parent = telemetry.valid(headers.get("traceparent"))
    with telemetry.span("scan", parent, "server", scan_id=scan.scan_id, gate_id=scan.gate_id) as trace:
        language = language_of(headers)
        verdict = unless_refused(await scanning.scan(scan, principal.actor, device_id, trace, language))
    return verdict.__pydantic_serializer__.to_json(verdict)
