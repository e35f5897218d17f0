"""Shifts over HTTP: who is on duty, and the hand-over, accepted item by item."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from fastapi import APIRouter

from chassis.edge.bodies import Because, Body, Prose
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import of_refusal
from chassis.log.decider import Refused
from services.operations.domain import shift as domain
from services.operations.domain.shift_record import Item
from services.operations.domain.shift_state import Acceptance, Handover, Shift
from services.operations.open_items import open_items
from services.operations.parts.shape import Picture, text
from services.operations.shift import Shifts

_OFFICERS = ("operations", "commander")
_READERS = (*_OFFICERS, "auditor", "admin")

_SUSPENDED = "SELECT badge_id FROM live.badges WHERE suspended AND NOT revoked ORDER BY badge_id"


class HandoverBody(Body):
    """``note``: what the incoming officer must know besides; it is an item like the others."""

    note: Prose | None = None


class Room:
    """What is open in the room, as the officers see it on the screen."""

    def __init__(self, draw: Callable[[], Awaitable[Picture]], pool: asyncpg.Pool) -> None:
        self._draw = draw
        self._pool = pool

    async def items(self, handover_id: UUID, note: str | None = None) -> tuple[Item, ...]:
        """Of a hand-over that begins now. Raises UnavailableError while there is no picture."""
        picture = await self._draw()
        suspended = [badge_id for (badge_id,) in await self._pool.fetch(_SUSPENDED)]
        return open_items(handover_id, picture, suspended, note)


def routes(shifts: Shifts, room: Room) -> APIRouter:
    """All of them. Each answers how the shift stands then."""
    router = APIRouter(prefix="/v1/shift", tags=["shift"])

    async def obeyed(command: domain.AnyCommand, because: Because, principal: Principal) -> dict[str, Any]:
        outcome = await shifts.obey(command, because.metadata(principal))
        if isinstance(outcome, Refused):
            raise of_refusal(outcome)
        return await shown(outcome.state)

    async def shown(shift: Shift) -> dict[str, Any]:
        is_open = {_thing(item) for item in await room.items(_NOBODY)} if shift.kept else set()
        return _shown(shift, is_open)

    @router.get("")
    async def shift(principal: Principal = allowed(*_READERS)) -> dict[str, Any]:
        """Who is on duty, the hand-over under way, and the last ones.

        ``kept``: what is still open and stayed with officers who are not on duty any more.
        """
        return await shown(await shifts.now())

    @router.post("/start")
    async def start(because: Because, principal: Principal = allowed(*_OFFICERS)) -> dict[str, Any]:
        """Nobody was on duty; from now on you are."""
        command = domain.StartShift(**_who(because, principal))
        return await obeyed(command, because, principal)

    @router.post("/handover", status_code=201)
    async def offer(body: HandoverBody, because: Because, principal: Principal = allowed(*_OFFICERS)) -> dict[str, Any]:
        """Everything that is open now is offered to whoever comes. A commander may relieve the officer on duty."""
        metadata = because.metadata(principal)
        kept = {_thing(one.item) for one in (await shifts.now()).kept}
        items = await room.items(handover_id := uuid5(metadata.command_id, "handover"), body.note)
        command = domain.OfferHandover(
            **_who(because, principal),
            handover_id=handover_id,
            items=tuple(item for item in items if _thing(item) not in kept),
            commanding="commander" in principal.roles,
        )
        return await obeyed(command, because, principal)

    @router.post("/handover/{handover_id}/items/{item_id}/acceptance")
    async def accept(
        handover_id: UUID, item_id: UUID, because: Because, principal: Principal = allowed(*_OFFICERS)
    ) -> dict[str, Any]:
        """The item is yours. What stayed behind at an earlier hand-over is accepted by whoever is on duty."""
        command = domain.AcceptItem(**_who(because, principal), handover_id=handover_id, item_id=item_id)
        return await obeyed(command, because, principal)

    @router.post("/handover/{handover_id}/completion")
    async def complete(
        handover_id: UUID, because: Because, principal: Principal = allowed(*_OFFICERS)
    ) -> dict[str, Any]:
        """You are on duty. What you did not accept stays with the outgoing officer."""
        command = domain.CompleteHandover(**_who(because, principal), handover_id=handover_id)
        return await obeyed(command, because, principal)

    @router.post("/handover/{handover_id}/withdrawal")
    async def withdraw(
        handover_id: UUID, because: Because, principal: Principal = allowed(*_OFFICERS)
    ) -> dict[str, Any]:
        """The officer on duty goes on; nothing was handed over."""
        commanding = "commander" in principal.roles
        command = domain.WithdrawHandover(**_who(because, principal), handover_id=handover_id, commanding=commanding)
        return await obeyed(command, because, principal)

    return router


_NOBODY = UUID(int=0)
"""Of a hand-over that is not one: only what is open counts."""


def _who(because: Because, principal: Principal) -> dict[str, Any]:
    return {"by": principal.actor, "now": because.clock.now()}


def _thing(item: Item) -> object:
    """What an item is about, in whichever hand-over. What somebody wrote is always open."""
    return (item.kind, item.ref) if item.ref else item.item_id


def _shown(shift: Shift, is_open: set[object]) -> dict[str, Any]:
    kept = [one for one in shift.kept if one.item.ref is None or _thing(one.item) in is_open]
    over = [one for one in reversed(shift.handovers) if one.ended == "completed"]
    return {
        "on_duty": shift.on_duty,
        "since": text(shift.since),
        "handover": shift.current and _handover(shift.current),
        "kept": [{"officer": one.officer, "handover_id": one.handover_id, **_item(one.item, {})} for one in kept],
        "past": [{**_handover(one), "ended_at": text(one.ended_at)} for one in over],
    }


def _handover(handover: Handover) -> dict[str, Any]:
    offered = handover.offered
    return {
        "handover_id": offered.handover_id,
        "from": offered.outgoing,
        "to": handover.incoming,
        "offered_by": offered.by,
        "offered_at": text(offered.at),
        "note": next((item.title for item in offered.items if item.kind == "note"), None),
        "items": [_item(item, handover.acceptances) for item in offered.items],
    }


def _item(item: Item, acceptances: Mapping[UUID, Acceptance]) -> dict[str, Any]:
    accepted = acceptances.get(item.item_id)
    return {
        **item.model_dump(),
        "accepted_by": accepted and accepted.by,
        "accepted_at": text(accepted.at if accepted else None),
    }
