"""How the shifts of the operations room stand: who is on duty, what is being handed over, what stayed behind."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.operations.domain.shift_record import (
    HandoverOffered,
    HandoverWithdrawn,
    Item,
    ItemAccepted,
    ShiftEvent,
    ShiftHandedOver,
    ShiftStarted,
)

_REMEMBERED = 10
"""Hand-overs."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Whose an item is, and since when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """An offer, and what came of it."""

    offered: HandoverOffered
    acceptances: dict[UUID, Acceptance] = field(default_factory=dict)
    incoming: str | None = None
    ended: Literal["completed", "withdrawn"] | None = None
    ended_at: datetime | None = None

    @property
    def left(self) -> tuple[Item, ...]:
        """Items that nobody accepted: they are the outgoing officer's."""
        return tuple(item for item in self.offered.items if item.item_id not in self.acceptances)


@dataclass(frozen=True, slots=True)
class Kept:
    """An item that stayed with an officer who is not on duty any more."""

    officer: str
    handover_id: UUID
    item: Item


@dataclass(frozen=True, slots=True)
class Shift:
    """The room's: who is on duty, and its hand-overs, the last one last."""

    on_duty: str | None = None
    since: datetime | None = None
    handovers: tuple[Handover, ...] = ()

    @property
    def current(self) -> Handover | None:
        """The hand-over that is under way."""
        last = self.handovers[-1] if self.handovers else None
        return last if last is not None and last.ended is None else None

    @property
    def kept(self) -> tuple[Kept, ...]:
        """What others than the officer on duty still have; the last hand-over a thing was in tells whose it is.

        What has been with somebody for more hand-overs than are remembered is the duty officer's again.
        """
        kept: dict[object, Kept | None] = {}
        for handover in self.handovers:
            if handover.ended != "completed":
                continue
            offered, left = handover.offered, handover.left
            for item in offered.items:
                thing = (item.kind, item.ref) if item.ref else item.item_id
                kept[thing] = Kept(offered.outgoing, offered.handover_id, item) if item in left else None
        return tuple(one for one in kept.values() if one is not None and one.officer != self.on_duty)

    def find(self, handover_id: UUID) -> Handover | None:
        """One of those remembered."""
        return next((one for one in self.handovers if one.offered.handover_id == handover_id), None)


def evolve(shift: Shift, event: ShiftEvent) -> Shift:
    """The shift after ``event``. Never refuses: it has already happened."""
    match event:
        case ShiftStarted():
            return replace(shift, on_duty=event.by, since=event.at)
        case HandoverOffered():
            return replace(shift, handovers=(*shift.handovers, Handover(event))[-_REMEMBERED:])
        case ItemAccepted(handover_id=handover_id, item_id=item_id):

            def accepted(handover: Handover) -> Handover:
                acceptances = {**handover.acceptances, item_id: Acceptance(event.by, event.at)}
                return replace(handover, acceptances=acceptances, incoming=handover.incoming or event.by)

            return _with(shift, handover_id, accepted)
        case HandoverWithdrawn(handover_id=handover_id):
            return _with(shift, handover_id, lambda one: replace(one, ended="withdrawn", ended_at=event.at))
        case ShiftHandedOver(handover_id=handover_id):

            def completed(handover: Handover) -> Handover:
                return replace(handover, incoming=event.by, ended="completed", ended_at=event.at)

            return replace(_with(shift, handover_id, completed), on_duty=event.by, since=event.at)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a shift")


def _with(shift: Shift, handover_id: UUID, change: Callable[[Handover], Handover]) -> Shift:
    handovers = (change(one) if one.offered.handover_id == handover_id else one for one in shift.handovers)
    return replace(shift, handovers=tuple(handovers))
