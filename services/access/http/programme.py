"""Sessions of the programme, and the rights to rooms that go with them."""

from typing import Any

from fastapi import APIRouter

from chassis.edge.bodies import Because
from chassis.edge.identity import Principal, allowed
from contracts.ids import SessionId
from services.access.domain.programme import CancelSession, ScheduleSession
from services.access.domain.record.programme import Session
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.http.plans import SessionBody


def programme(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(prefix="/v1/sessions", tags=["programme"])

    @router.post("", status_code=201)
    async def schedule(
        body: SessionBody, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Plans a session; moves it, or changes whom it admits, if it is planned already. The rights go with it."""
        await obeyed(gatekeeper, ScheduleSession(session=body.plan()), because.metadata(principal))
        return {"session_id": body.session_id}

    @router.post("/{session_id}/cancellation")
    async def cancel(
        session_id: SessionId, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """The session does not take place, and gives no rights any more."""
        await obeyed(gatekeeper, CancelSession(session_id=session_id), because.metadata(principal))
        return {"session_id": session_id, "cancelled": True}

    @router.get("")
    async def sessions(
        _: Principal = allowed("device", "protocol", "supervisor", "operations", "commander", "auditor", "admin"),
    ) -> list[Session]:
        """The programme in order of time, with whom each session admits: ids, no names."""
        planned = gatekeeper.venue.programme.sessions.values()
        return sorted(planned, key=lambda session: (session.starts_at, session.session_id))

    return router
