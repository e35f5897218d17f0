"""Accreditation over HTTP: parse, obey, answer. Every route names the roles it admits."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from chassis.edge.bodies import Because, Body, Code, NamesBody
from chassis.edge.identity import Principal, allowed, bound
from chassis.edge.problems import Problem, of_refusal
from chassis.log.decider import E, Event, Refused, S
from chassis.log.obey import Obeyed
from chassis.log.views import OwnView
from contracts.ids import AreaCode, BadgeId, Category, DelegationId, NominationId, PersonId
from contracts.words import DelegationKind, Language
from services.accreditation import roster
from services.accreditation.commands import Accreditation
from services.accreditation.domain import badge, delegation
from services.accreditation.domain.matrix import CategoryRules, Letter
from services.accreditation.people import People
from services.accreditation.roster import RosterUnreadable
from services.accreditation.vault import Person, Purpose, Vault
from services.accreditation.views import register


class FocalPoint(Body):
    family_name: str
    given_name: str
    email: str


class Invitation(Body):
    delegation_id: DelegationId
    kind: DelegationKind
    names: NamesBody
    language: Language
    focal_point: FocalPoint | None = None


class Confirmation(Body):
    note_verbale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./ -]{1,60}$")]


class Quota(Body):
    category: Category
    places: int = Field(ge=0, le=10_000)


class Nomination(Body):
    delegation_id: DelegationId
    category: Category
    family_name: str
    given_name: str
    email: str
    language: Language
    title: str = ""
    function: str = ""


class VettingOutcome(Body):
    nomination_id: NominationId
    outcome: Literal["cleared", "referred", "refused"]
    reason_code: Code | None = None


Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]
"""Far from the ends of all calendars, where an offset leads to no day that a database knows."""


class Grant(Body):
    nomination_id: NominationId
    extra_areas: tuple[AreaCode, ...] = ()
    valid_from: Moment
    valid_until: Moment

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_until <= self.valid_from:
            raise ValueError("valid_until must be after valid_from")
        return self


class Reason(Body):
    reason: Code


class BadgeRequest(Body):
    nomination_id: NominationId


class Replacement(Body):
    version: int = Field(ge=1, description="The version to be replaced, as its holder has it.")


class Loss(Body):
    stolen: bool = Field(default=False, description="Whether somebody took it, as far as is known.")


class CategoryBody(Body):
    category: Category
    names: NamesBody
    vetted: bool
    areas: dict[AreaCode, Letter]


class Matrix(Body):
    categories: tuple[CategoryBody, ...]


_SERVICE_READS_FOR: Mapping[str, Purpose] = {"access": "gate_display", "notifications": "notice"}
"""What each service looks into the vault for, by the name in its token."""


def routes(
    desk: Accreditation, people: People, vault: Vault, registered: OwnView[Event], pool: asyncpg.Pool
) -> Sequence[APIRouter]:
    """All routes, by what they are about."""
    return [
        _delegations(desk, people, registered, pool),
        _nominations(people, registered, pool),
        _accreditations(desk, registered, pool),
        _badges(desk, registered, pool),
        _people(people, vault),
    ]


def _delegations(desk: Accreditation, people: People, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(prefix="/v1/delegations", tags=["delegations"])

    @router.post("", status_code=201)
    async def invite(
        body: Invitation, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Invites a delegation, or another body that is accredited with them."""
        command = delegation.InviteDelegation(
            delegation_id=body.delegation_id,
            kind=body.kind,
            names=body.names.model_dump(),
            language=body.language,
            focal_point_id=None,
        )
        contact = None
        if body.focal_point is not None:
            contact = _person({**body.focal_point.model_dump(), "title": "", "function": "", "language": body.language})
        outcome = _obeyed(await people.invite(command, contact, because.metadata(principal)))
        return {"delegation_id": body.delegation_id, "status": _status(outcome.state)}

    @router.post("/{delegation_id}/confirmation")
    async def confirm(
        delegation_id: DelegationId,
        body: Confirmation,
        because: Because,
        principal: Principal = allowed("protocol", "admin"),
    ) -> dict[str, Any]:
        """Records the note verbale by which the delegation says that it comes."""
        command = delegation.ConfirmDelegation(delegation_id=delegation_id, note_verbale=body.note_verbale)
        outcome = _obeyed(await desk.for_delegation(command, because.metadata(principal)))
        return {"delegation_id": delegation_id, "status": _status(outcome.state)}

    @router.post("/{delegation_id}/quotas")
    async def set_quota(
        delegation_id: DelegationId, body: Quota, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Sets how many people of a category the delegation may name."""
        command = delegation.SetQuota(delegation_id=delegation_id, category=body.category, places=body.places)
        outcome = _obeyed(await desk.for_delegation(command, because.metadata(principal)))
        return {"delegation_id": delegation_id, "quotas": dict(outcome.state.places)}

    @router.get("")
    async def delegations(
        principal: Principal = allowed("desk", "protocol", "focal_point", "operations", "auditor", "admin", "service"),
    ) -> list[dict[str, Any]]:
        """All delegations; a focal point sees its own."""
        await registered.current()
        return await register.delegations(pool, principal.bound_to.get("delegation"))

    @router.get("/{delegation_id}")
    async def one(
        delegation_id: DelegationId,
        principal: Principal = allowed("desk", "protocol", "focal_point", "operations", "auditor", "admin", "service"),
    ) -> dict[str, Any]:
        bound(principal, "delegation", delegation_id)
        await registered.current()
        found = await register.delegations(pool, delegation_id)
        if not found:
            raise of_refusal(delegation.DelegationUnknown(delegation_id))
        return found[0]

    return router


def _nominations(people: People, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(tags=["nominations"])

    @router.post("/v1/nominations", status_code=201)
    async def nominate(
        body: Nomination, because: Because, principal: Principal = allowed("desk", "protocol", "focal_point", "admin")
    ) -> dict[str, Any]:
        """Names one person of a delegation."""
        bound(principal, "delegation", body.delegation_id)
        person = _person(body.model_dump())
        nomination_id = await people.nominate(body.delegation_id, body.category, person, because.metadata(principal))
        if isinstance(nomination_id, Refused):
            raise of_refusal(nomination_id)
        return {"nomination_id": nomination_id}

    @router.get("/v1/nominations")
    async def nominations(
        delegation_id: DelegationId | None = None,
        vetting: Literal["none", "referred", "cleared", "refused"] | None = None,
        decision: Literal["pending", "granted", "refused"] | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        principal: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """Nominations as they stand; a focal point sees its own delegation's."""
        mine = principal.bound_to.get("delegation", delegation_id)
        await registered.current()
        return await register.nominations(pool, mine, vetting, decision, after, limit)

    @router.post("/v1/rosters")
    async def import_roster(
        request: Request,
        because: Because,
        dry_run: bool = False,
        principal: Principal = allowed("desk", "protocol", "focal_point", "admin"),
    ) -> dict[str, Any]:
        """Names many people at once. The body is CSV (UTF-8); the answer tells row by row what became of it."""
        try:
            rows = await asyncio.to_thread(roster.parse, await request.body())
        except RosterUnreadable as error:
            raise Problem(422, error.code, "The file is not a roster.", str(error)) from error
        for row in rows:
            if isinstance(row, roster.Row):
                bound(principal, "delegation", row.delegation_id)
        metadata = because.metadata(principal)
        results = await (people.preview(rows, metadata) if dry_run else people.import_roster(rows, metadata))
        if isinstance(results, Refused):
            raise of_refusal(results)
        accepted = sum(result.status == "accepted" for result in results)
        return {
            "rows": len(results),
            "accepted": accepted,
            "refused": len(results) - accepted,
            "dry_run": dry_run,
            "results": [asdict(result) for result in results],
        }

    return router


def _accreditations(desk: Accreditation, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(tags=["accreditations"])

    @router.post("/v1/vetting")
    async def record_vetting(
        body: VettingOutcome, because: Because, principal: Principal = allowed("vetting")
    ) -> dict[str, Any]:
        """What the vetting authority says of a nominee. To refuse takes a reason code, which stays here."""
        outcome = _obeyed(
            await desk.record_vetting(body.nomination_id, body.outcome, body.reason_code, because.metadata(principal))
        )
        return {"nomination_id": body.nomination_id, "vetting": outcome.state.vetting}

    @router.get("/v1/vetting")
    async def vetting_queue(
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("vetting", "desk", "admin"),
    ) -> list[dict[str, Any]]:
        """Nominations that wait for the vetting authority."""
        await registered.current()
        return await register.nominations(pool, vetting="none", after=after, limit=limit)

    @router.post("/v1/accreditations", status_code=201)
    async def grant(
        body: Grant, because: Because, principal: Principal = allowed("desk", "protocol", "admin")
    ) -> dict[str, Any]:
        """Grants the areas of the nominee's category, and extra ones whose condition is met."""
        outcome = _obeyed(
            await desk.grant(
                body.nomination_id, body.extra_areas, body.valid_from, body.valid_until, because.metadata(principal)
            )
        )
        assert outcome.state.grant is not None
        return {"nomination_id": body.nomination_id, "areas": outcome.state.grant.areas}

    @router.post("/v1/accreditations/{nomination_id}/refusal")
    async def refuse(
        nomination_id: NominationId,
        body: Reason,
        because: Because,
        principal: Principal = allowed("desk", "protocol", "admin"),
    ) -> dict[str, Any]:
        """Refuses an accreditation; the ground stays here."""
        _obeyed(await desk.refuse(nomination_id, body.reason, because.metadata(principal)))
        return {"nomination_id": nomination_id, "decision": "refused"}

    @router.post("/v1/matrix")
    async def set_matrix(
        body: Matrix, because: Because, principal: Principal = allowed("protocol", "admin")
    ) -> dict[str, Any]:
        """Replaces the category x zone matrix."""
        categories = [CategoryRules(**category.model_dump()) for category in body.categories]
        _obeyed(await desk.set_matrix(categories, because.metadata(principal)))
        return {"categories": len(categories)}

    @router.get("/v1/matrix")
    async def matrix(
        _: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin", "service"),
    ) -> dict[str, Any]:
        """The category x zone matrix in force."""
        return {"categories": [rules.model_dump() for rules in (await desk.rules()).values()]}

    return router


def _badges(desk: Accreditation, registered: OwnView[Event], pool: asyncpg.Pool) -> APIRouter:
    router = APIRouter(prefix="/v1/badges", tags=["badges"])

    @router.post("", status_code=201)
    async def issue(
        body: BadgeRequest, because: Because, principal: Principal = allowed("desk", "admin")
    ) -> dict[str, Any]:
        """Makes the badge of an accreditation. It opens nothing until it is activated at hand-over."""
        return _badge(_obeyed(await desk.issue_badge(body.nomination_id, because.metadata(principal))))

    @router.post("/{badge_id}/activation")
    async def activate(
        badge_id: BadgeId, because: Because, principal: Principal = allowed("desk", "admin")
    ) -> dict[str, Any]:
        """The holder showed who they are and took the badge."""
        command = badge.ActivateBadge(badge_id=badge_id)
        return _badge(_obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/loss")
    async def report_lost(
        badge_id: BadgeId,
        because: Because,
        body: Loss | None = None,
        principal: Principal = allowed("desk", "supervisor", "admin"),
    ) -> dict[str, Any]:
        """The badge is not with its holder; no gate opens to it from now on."""
        command = badge.ReportBadgeLost(badge_id=badge_id, stolen=body is not None and body.stolen)
        return _badge(_obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/replacement")
    async def replace(
        badge_id: BadgeId, body: Replacement, because: Because, principal: Principal = allowed("desk", "admin")
    ) -> dict[str, Any]:
        """Makes the next version; earlier ones are superseded. It awaits activation."""
        command = badge.ReplaceBadge(badge_id=badge_id, version=body.version)
        return _badge(_obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/suspension")
    async def suspend(
        badge_id: BadgeId,
        body: Reason,
        because: Because,
        principal: Principal = allowed("desk", "supervisor", "admin"),
    ) -> dict[str, Any]:
        """The badge opens nothing until it is reinstated."""
        command = badge.SuspendBadge(badge_id=badge_id, reason=body.reason)
        return _badge(_obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/reinstatement")
    async def reinstate(
        badge_id: BadgeId, because: Because, principal: Principal = allowed("desk", "supervisor", "admin")
    ) -> dict[str, Any]:
        """Ends a suspension."""
        command = badge.ReinstateBadge(badge_id=badge_id)
        return _badge(_obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.post("/{badge_id}/revocation")
    async def revoke(
        badge_id: BadgeId,
        body: Reason,
        because: Because,
        principal: Principal = allowed("desk", "protocol", "commander", "admin"),
    ) -> dict[str, Any]:
        """The badge is dead for good, every version of it."""
        command = badge.RevokeBadge(badge_id=badge_id, reason=body.reason)
        return _badge(_obeyed(await desk.for_badge(command, because.metadata(principal))))

    @router.get("")
    async def badges(
        delegation_id: DelegationId | None = None,
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        principal: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin"),
    ) -> list[dict[str, Any]]:
        """Badges as they stand; a focal point sees its own delegation's."""
        mine = principal.bound_to.get("delegation", delegation_id)
        await registered.current()
        return await register.badges(pool, delegation_id=mine, after=after, limit=limit)

    @router.get("/{badge_id}")
    async def one(
        badge_id: BadgeId, principal: Principal = allowed("desk", "protocol", "focal_point", "auditor", "admin")
    ) -> dict[str, Any]:
        await registered.current()
        found = await register.badges(pool, badge_id=badge_id)
        if not found:
            raise of_refusal(badge.BadgeUnknown(str(badge_id)))
        bound(principal, "delegation", found[0]["delegation_id"])
        return found[0]

    @router.get("/{badge_id}/credential")
    async def credential(badge_id: BadgeId, _: Principal = allowed("desk", "admin")) -> dict[str, str]:
        """The text of the badge's QR code."""
        text = await desk.credential(badge_id)
        if isinstance(text, Refused):
            raise of_refusal(text)
        return {"text": text}

    return router


def _people(people: People, vault: Vault) -> APIRouter:
    router = APIRouter(prefix="/v1/people", tags=["people"])

    @router.get("")
    async def read(
        ids: Annotated[str, Query(max_length=4_000, description="Up to 100 ids with commas between.")],
        purpose: Purpose,
        principal: Principal = allowed("service", "desk"),
    ) -> list[dict[str, str]]:
        """What ``purpose`` may see of these people; recorded. Those unknown or erased are left out.

        ``desk`` is a desk's, ``gate_display`` the service access's, ``notice`` the service notifications's.
        """
        mine = _SERVICE_READS_FOR.get(principal.id) if principal.kind == "service" else "desk"
        if purpose != mine:
            raise Problem(403, "purpose_not_yours", "Your role does not read for this purpose.")
        try:
            wanted = [UUID(one) for one in ids.split(",")]
        except ValueError as error:
            raise Problem(422, "invalid_request", "ids are UUIDs with commas between.") from error
        found = await vault.read(wanted, purpose, principal.actor)
        return [{"person_id": str(person_id), **fields} for person_id, fields in found.items()]

    @router.get("/reads")
    async def reads(
        after: Annotated[int, Query(ge=0, lt=2**63, description="The last read_id you have.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
        _: Principal = allowed("auditor"),
    ) -> list[dict[str, Any]]:
        """Who looked into the vault, when, what for and at whom (by id), in order."""
        return await vault.looks(after, limit)

    @router.get("/unnamed")
    async def unnamed(_: Principal = allowed("admin")) -> list[dict[str, UUID]]:
        """People whose data are kept though nobody named them: a crash came in between. At most 1,000; erase them."""
        return [{"person_id": person_id} for person_id in await people.unnamed()]

    @router.delete("/{person_id}", status_code=204)
    async def erase(person_id: PersonId, because: Because, principal: Principal = allowed("admin")) -> None:
        """Forgets who a person is. What they did stays on record, without a name."""
        _obeyed(await people.erase(person_id, because.metadata(principal)))

    return router


def _obeyed(outcome: Obeyed[S, E] | Refused) -> Obeyed[S, E]:
    if isinstance(outcome, Refused):
        raise of_refusal(outcome)
    return outcome


def _person(fields: dict[str, Any]) -> Person:
    person = roster.person_of(fields)
    if isinstance(person, tuple):
        code, field = person
        raise Problem(422, code, "The person's data cannot be used.", errors=[{"field": field, "error": code}])
    return person


def _status(state: delegation.State) -> str:
    return "confirmed" if state.note_verbale else "invited"


def _badge(outcome: Obeyed[badge.State, badge.BadgeEvent]) -> dict[str, Any]:
    state = outcome.state
    assert state.issued is not None
    validity: dict[str, datetime] = {"valid_from": state.issued.valid_from, "valid_until": state.issued.valid_until}
    return {
        "badge_id": state.issued.badge_id,
        "version": state.version,
        "holding": state.holding,
        "suspended": state.suspended,
        "revoked": state.revoked,
        "areas": state.issued.areas,
        **validity,
    }
