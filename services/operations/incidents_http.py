"""Incidents over HTTP: reported, moved by who has seen how they stand, and read with their logs."""

from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from chassis.edge.bodies import ON_ONE_LINE, Because, Body, Prose
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import of_refusal
from chassis.log.decider import Refused
from chassis.log.views import OwnView
from contracts.ids import BadgeId, GateId, PersonId, ZoneId
from contracts.operations import IncidentKind, Severity
from services.operations.domain import incident_commands as domain
from services.operations.domain.incident_record import DISCREET_KINDS, Incident, IncidentEvent
from services.operations.incidents import Incidents, Outcome
from services.operations.tiers import tier_of
from services.operations.views import incidents as view
from services.operations.views.incidents import Which

HANDLERS = ("operations", "commander", "supervisor", "admin")
LEADERS = ("operations", "commander", "admin")
READERS = (*HANDLERS, "auditor", "protocol")
_PREFIX = "/v1/incidents"

Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=ON_ONE_LINE)]
Assignee = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_-]{0,99}$")]
"""A principal (``person:3f2a``) or a team (``stewards-north``), by its id."""


class ReportBody(Body):
    kind: IncidentKind
    severity: Severity
    title: Title
    zone_id: ZoneId | None = None
    gate_id: GateId | None = None
    person_ids: Annotated[tuple[PersonId, ...], Field(max_length=50)] = ()
    badge_ids: Annotated[tuple[BadgeId, ...], Field(max_length=50)] = ()
    note: Prose | None = None
    discreet: bool = False


class MoveBody(Body):
    """``version``: of the incident as you saw it."""

    version: Annotated[int, Field(ge=1)]


class TriageBody(MoveBody):
    """``reason``: required where the severity becomes another."""

    severity: Severity
    reason: Prose | None = None


class AssignmentBody(MoveBody):
    assignee: Assignee


class ReasonBody(MoveBody):
    reason: Prose


class NotedBody(MoveBody):
    note: Prose | None = None


class ResolutionBody(MoveBody):
    resolution: Prose


class MergeBody(MoveBody):
    into: UUID


class NoteBody(Body):
    """``rationale``: why something was decided so."""

    text: Prose
    rationale: Prose | None = None


def routes(incidents: Incidents, listed: OwnView[IncidentEvent], pool: asyncpg.Pool) -> APIRouter:
    """All of them."""
    router = APIRouter(tags=["incidents"])
    router.include_router(_reading(listed, pool))
    router.include_router(_reporting(incidents))
    router.include_router(_handling(_Desk(incidents)))
    router.include_router(_leading(_Desk(incidents)))
    return router


class _Desk:
    """Who may move which incident, and how it is told what came of it."""

    def __init__(self, incidents: Incidents) -> None:
        self.incidents = incidents

    async def move(
        self,
        incident_id: UUID,
        command: type[domain.Move | domain.AddNote],
        principal: Principal,
        because: Because,
        **fields: Any,
    ) -> dict[str, Any]:
        """Raises the problem a refusal is; what is discreet is not there for those who may not know of it."""
        if tier_of(principal) != "command":
            known = await self.incidents.load(incident_id)
            if known is None or known.discreet:
                raise of_refusal(domain.IncidentUnknown("nothing was reported under this id"))
        metadata = because.metadata(principal)
        asked = command(by=principal.actor, now=metadata.occurred_at, **fields)
        incident = _standing(await self.incidents.obey(incident_id, asked, metadata))
        return {"version": incident.version, "state": incident.state}


def _reporting(incidents: Incidents) -> APIRouter:
    router = APIRouter(prefix=_PREFIX)

    @router.post("", status_code=201)
    async def report(body: ReportBody, because: Because, principal: Principal = allowed(*HANDLERS)) -> dict[str, Any]:
        """Something is wrong. ``number`` is what the incident is called on the radio."""
        metadata = because.metadata(principal)
        command = domain.ReportIncident(
            incident_id=metadata.command_id,
            number=1,
            by=principal.actor,
            now=metadata.occurred_at,
            people=body.person_ids,
            badges=body.badge_ids,
            discreet=body.discreet or body.kind in DISCREET_KINDS,
            **body.model_dump(include={"kind", "severity", "title", "note", "zone_id", "gate_id"}),
        )
        incident = _standing(await incidents.report(command, metadata))
        return {"incident_id": incident.incident_id, "number": incident.number, "version": incident.version}

    return router


def _reading(listed: OwnView[IncidentEvent], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(prefix=_PREFIX)

    @router.get("")
    async def all_incidents(
        state: Annotated[Which, Query()] = "open",
        limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
        principal: Principal = allowed(*READERS),
    ) -> list[dict[str, Any]]:
        """The latest first. ``due_at``: when the escalation clock moves it, if nobody does."""
        await listed.current()
        return await view.listed(pool, state, limit, discreet=tier_of(principal) == "command")

    @router.get("/{incident_id:uuid}")
    async def one_incident(incident_id: UUID, principal: Principal = allowed(*READERS)) -> dict[str, Any]:
        """With its log, the first entry first."""
        await listed.current()
        found = await view.one(pool, incident_id)
        if found is None or (found["discreet"] and tier_of(principal) != "command"):
            raise of_refusal(domain.IncidentUnknown("nothing was reported under this id"))
        return found

    return router


def _handling(desk: _Desk) -> APIRouter:
    """What everybody who deals with an incident does."""
    router = APIRouter(prefix=f"{_PREFIX}/{{incident_id:uuid}}")

    @router.post("/acknowledgement")
    async def acknowledge(
        incident_id: UUID, body: MoveBody, because: Because, principal: Principal = allowed(*HANDLERS)
    ) -> dict[str, Any]:
        """You have seen it; nobody's yet, it is yours."""
        return await desk.move(incident_id, domain.AcknowledgeIncident, principal, because, version=body.version)

    @router.post("/start")
    async def start(
        incident_id: UUID, body: MoveBody, because: Because, principal: Principal = allowed(*HANDLERS)
    ) -> dict[str, Any]:
        """Somebody works on it: the escalation clock stops."""
        return await desk.move(incident_id, domain.StartWork, principal, because, version=body.version)

    @router.post("/escalation")
    async def escalate(
        incident_id: UUID, body: ReasonBody, because: Because, principal: Principal = allowed(*HANDLERS)
    ) -> dict[str, Any]:
        """Somebody higher must know, before the clock says so."""
        return await desk.move(incident_id, domain.EscalateIncident, principal, because, **body.model_dump())

    @router.post("/containment")
    async def contain(
        incident_id: UUID, body: NotedBody, because: Because, principal: Principal = allowed(*HANDLERS)
    ) -> dict[str, Any]:
        """It spreads no further."""
        return await desk.move(incident_id, domain.ContainIncident, principal, because, **body.model_dump())

    @router.post("/resolution")
    async def resolve(
        incident_id: UUID, body: ResolutionBody, because: Because, principal: Principal = allowed(*HANDLERS)
    ) -> dict[str, Any]:
        """What was done about it."""
        return await desk.move(incident_id, domain.ResolveIncident, principal, because, **body.model_dump())

    @router.post("/notes")
    async def note(
        incident_id: UUID, body: NoteBody, because: Because, principal: Principal = allowed(*HANDLERS)
    ) -> dict[str, Any]:
        """An entry in its log; it makes nothing out of date that others have seen."""
        return await desk.move(incident_id, domain.AddNote, principal, because, **body.model_dump())

    return router


def _leading(desk: _Desk) -> APIRouter:
    """What only whoever leads the room decides."""
    router = APIRouter(prefix=f"{_PREFIX}/{{incident_id:uuid}}")

    @router.post("/triage")
    async def triage(
        incident_id: UUID, body: TriageBody, because: Because, principal: Principal = allowed(*LEADERS)
    ) -> dict[str, Any]:
        """How bad it is."""
        return await desk.move(incident_id, domain.TriageIncident, principal, because, **body.model_dump())

    @router.post("/assignment")
    async def assign(
        incident_id: UUID, body: AssignmentBody, because: Because, principal: Principal = allowed(*LEADERS)
    ) -> dict[str, Any]:
        """Whose it is to deal with."""
        return await desk.move(incident_id, domain.AssignIncident, principal, because, **body.model_dump())

    @router.post("/verification")
    async def verify(
        incident_id: UUID, body: NotedBody, because: Because, principal: Principal = allowed(*LEADERS)
    ) -> dict[str, Any]:
        """It is as the resolution says; of severity 1 never by whoever resolved it."""
        return await desk.move(incident_id, domain.VerifyIncident, principal, because, **body.model_dump())

    @router.post("/closure")
    async def close(
        incident_id: UUID, body: NotedBody, because: Because, principal: Principal = allowed(*LEADERS)
    ) -> dict[str, Any]:
        """Nothing is left to do."""
        return await desk.move(incident_id, domain.CloseIncident, principal, because, **body.model_dump())

    @router.post("/reopening")
    async def reopen(
        incident_id: UUID, body: ReasonBody, because: Because, principal: Principal = allowed(*LEADERS)
    ) -> dict[str, Any]:
        """It was not over after all; its log goes on."""
        return await desk.move(incident_id, domain.ReopenIncident, principal, because, **body.model_dump())

    @router.post("/merge")
    async def merge(
        incident_id: UUID, body: MergeBody, because: Because, principal: Principal = allowed(*LEADERS)
    ) -> dict[str, Any]:
        """It is part of an earlier one, and moves no more."""
        into = await desk.incidents.load(body.into)
        return await desk.move(incident_id, domain.MergeIncident, principal, because, version=body.version, into=into)

    return router


def _standing(outcome: Outcome) -> Incident:
    if isinstance(outcome, domain.IncidentChanged):
        raise of_refusal(
            outcome,
            version=outcome.version,
            state=outcome.state,
            changed_by=outcome.changed_by,
            what=outcome.change,
        )
    if isinstance(outcome, Refused):
        raise of_refusal(outcome)
    assert outcome.state is not None
    return outcome.state
