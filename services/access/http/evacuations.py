"""Evacuations: ordered, people checked in at assembly points, the list and the points compared, the all-clear."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from fastapi import APIRouter
from pydantic import model_validator

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import of_refusal
from contracts.ids import PersonId, Token, ZoneId
from services.access.domain.evacuation import (
    EvacuationUnknown,
    GiveAllClear,
    MusterPerson,
    OrderEvacuation,
    ReconcileMuster,
)
from services.access.domain.muster import Listed, muster
from services.access.domain.record.orders import Evacuation, MusterReconciled, PersonMustered
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.scanning import Scanning
from services.access.verdict import Credential

SEE_PEOPLE = ("supervisor", "operations", "commander", "auditor")
"""Roles; the others are shown numbers."""


class EvacuationBody(Body):
    zone_id: ZoneId | None
    """null: every outermost zone, and so the whole venue."""
    reason: Code


class MusterBody(Body):
    """Somebody at an assembly point: by the badge they show, by sight, or without a name."""

    point: Token
    credential: Credential | None = None
    person_id: PersonId | None = None
    nameless: bool = False

    @model_validator(mode="after")
    def _says_who(self) -> "MusterBody":
        if (self.credential is not None) + (self.person_id is not None) + self.nameless != 1:
            raise ValueError("credential, person_id or nameless: one of them")
        return self


def evacuations(gatekeeper: Gatekeeper, scanning: Scanning) -> APIRouter:
    router = APIRouter(prefix="/v1/evacuations", tags=["orders"])

    @router.post("", status_code=201)
    async def order(
        body: EvacuationBody, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Nobody enters the zone any more, everybody may leave. A zone that is being evacuated keeps its list."""
        metadata = because.metadata(principal)
        evacuation_id = uuid5(metadata.command_id, "evacuation")
        command = OrderEvacuation(
            evacuation_id=evacuation_id, zone_id=body.zone_id, reason=body.reason, now=metadata.occurred_at
        )
        done = await obeyed(gatekeeper, command, metadata)
        return {"evacuation_id": evacuation_id if done.events else _in_force(gatekeeper.venue, body.zone_id)}

    @router.post("/{evacuation_id}/musters", status_code=201)
    async def check_in(
        evacuation_id: UUID,
        body: MusterBody,
        because: Because,
        principal: Principal = allowed("device", "supervisor"),
    ) -> dict[str, Any]:
        """``expected``: whether they were believed inside; null if they had checked in before."""
        who: Reading | UUID | None = body.person_id
        if body.credential is not None:
            who = scanning.read(body.credential)
        command = MusterPerson(evacuation_id, body.point, who)
        done = await obeyed(gatekeeper, command, because.metadata(principal))
        expected = None
        if done.events:
            mustered = done.events[0]
            assert isinstance(mustered, PersonMustered)
            expected = mustered.expected
        return {"evacuation_id": evacuation_id, "expected": expected}

    @router.get("/{evacuation_id}")
    async def list_people(
        evacuation_id: UUID,
        principal: Principal = allowed(*SEE_PEOPLE, "protocol", "device", "admin", "service"),
    ) -> dict[str, Any]:
        """The muster list: in numbers by zone and by delegation, and person by person for those who look for them."""
        venue = gatekeeper.venue
        evacuation = venue.orders.evacuations.get(evacuation_id)
        if evacuation is None:
            raise of_refusal(EvacuationUnknown(str(evacuation_id)))
        return {
            "evacuation_id": evacuation_id,
            **_list(evacuation, venue, with_people=bool(principal.roles & set(SEE_PEOPLE))),
        }

    @router.post("/{evacuation_id}/reconciliation")
    async def reconcile(
        evacuation_id: UUID,
        because: Because,
        principal: Principal = allowed("supervisor", "operations", "commander"),
    ) -> dict[str, Any]:
        """Puts on record how the list and the assembly points compare at this moment."""
        command = ReconcileMuster(evacuation_id=evacuation_id)
        done = await obeyed(gatekeeper, command, because.metadata(principal))
        numbers = done.events[0]
        assert isinstance(numbers, MusterReconciled)
        return numbers.model_dump(exclude={"venue_id"})

    @router.post("/{evacuation_id}/all-clear")
    async def give_all_clear(
        evacuation_id: UUID, because: Because, principal: Principal = allowed("commander", "admin")
    ) -> dict[str, Any]:
        """Ends it. The zone is believed empty, so that whoever comes back is counted afresh."""
        await obeyed(gatekeeper, GiveAllClear(evacuation_id=evacuation_id), because.metadata(principal))
        return {"evacuation_id": evacuation_id, "all_clear": True}

    return router


def _in_force(venue: Venue, zone_id: str | None) -> UUID | None:
    """The evacuation that a zone, or some of the venue, is under already; None for a venue without zones."""
    evacuated = venue.orders.evacuated
    around = evacuated if zone_id is None else venue.layout.zones[zone_id].path
    return next((evacuated[one] for one in around if one in evacuated), None)


def _list(evacuation: Evacuation, venue: Venue, *, with_people: bool) -> dict[str, Any]:
    now = muster(evacuation, venue)
    shown: dict[str, Any] = {
        "zones": evacuation.zones,
        "reason": evacuation.orders[0].reason,
        "ordered_at": evacuation.orders[0].ordered_at,
        **_numbers(now.listed),
        "unexpected": len(now.unexpected),
        "nameless": now.nameless,
        "unknown": now.unknown,
        "by_zone": _by(now.listed, "zone_id"),
        "by_delegation": _by(now.listed, "delegation_id"),
    }
    if with_people:
        shown["people"] = [one._asdict() for one in now.listed]
        shown["unexpected_people"] = now.unexpected
    return shown


def _by(listed: Iterable[Listed], field: str) -> list[dict[str, Any]]:
    groups: dict[Any, list[Listed]] = {}
    for one in listed:
        groups.setdefault(getattr(one, field), []).append(one)
    return [{field: key, **_numbers(group)} for key, group in sorted(groups.items(), key=lambda one: str(one[0]))]


def _numbers(listed: Iterable[Listed]) -> dict[str, int]:
    standing = Counter(one.standing for one in listed)
    return {
        "expected": standing.total(),
        "mustered": standing["mustered"],
        "left": standing["left"],
        "missing": standing["missing"],
    }
