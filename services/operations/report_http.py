"""Incident reports over HTTP: one incident with its log of decisions, or all that were open in a period."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Header, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from chassis.edge.identity import Principal, allowed
from chassis.edge.language import preferred
from chassis.edge.problems import Problem, of_refusal
from chassis.log.views import OwnView
from services.operations.domain.incident_commands import IncidentUnknown
from services.operations.domain.incident_record import IncidentEvent
from services.operations.incidents_http import READERS
from services.operations.printing import MOST_INCIDENTS, Language, Period, Printer, TooManyIncidentsError
from services.operations.report.words import LANGUAGES
from services.operations.tiers import tier_of

_LONGEST = timedelta(days=62)

_PDF: dict[str, Any] = {"response_class": Response, "responses": {200: {"content": {"application/pdf": {}}}}}
_Language = Annotated[str | None, Header(alias="Accept-Language", description="en, fr or vi.")]


def routes(printer: Printer, listed: OwnView[IncidentEvent]) -> APIRouter:
    """Both of them."""
    router = APIRouter(prefix="/v1/incidents", tags=["incidents"])

    @router.get("/report.pdf", **_PDF)
    async def report(
        since: Annotated[AwareDatetime, Query()],
        until: Annotated[AwareDatetime, Query()],
        accept_language: _Language = None,
        principal: Principal = allowed(*READERS),
    ) -> Response:
        """Every incident that was open at any time from ``since`` until ``until``, for paper."""
        if not since < until <= since + _LONGEST:
            raise Problem(422, "period_unusable", "A period ends after it began.", f"At most {_LONGEST.days} days.")
        await listed.current()
        period = Period(since.astimezone(UTC), until.astimezone(UTC))
        try:
            incidents = await printer.open_in(period, discreet=tier_of(principal) == "command")
        except TooManyIncidentsError:
            raise Problem(
                422, "too_many_incidents", "One report cannot hold so many.", f"At most {MOST_INCIDENTS}."
            ) from None
        language = _language(accept_language)
        pdf = await printer.pdf(incidents, language, principal.actor, period)
        return _sent(pdf, language, f"incidents-{_day(since)}-{_day(until)}")

    @router.get("/{incident_id:uuid}.pdf", **_PDF)
    async def one(
        incident_id: UUID,
        accept_language: _Language = None,
        principal: Principal = allowed(*READERS),
    ) -> Response:
        """An incident with its log of decisions, for paper."""
        await listed.current()
        found = await printer.incident(incident_id)
        if found is None or (found["discreet"] and tier_of(principal) != "command"):
            raise of_refusal(IncidentUnknown("nothing was reported under this id"))
        language = _language(accept_language)
        pdf = await printer.pdf([found], language, principal.actor)
        return _sent(pdf, language, f"incident-{found['number']}")

    return router


def _language(accepted: str | None) -> Language:
    return cast("Language", preferred(accepted, LANGUAGES))


def _day(time: datetime) -> str:
    return f"{time:%Y%m%d}"


def _sent(pdf: bytes, language: Language, name: str) -> Response:
    headers = {
        "Content-Disposition": f'inline; filename="{name}.pdf"',
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)
