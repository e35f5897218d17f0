"""What is on record of shifts in the operations room: who is on duty, and what went from one officer to the next."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.log.decider import Event, Value

ItemKind = Literal["incident", "lockdown", "evacuation", "gate", "capacity", "badge", "note"]


class Item(Value):
    """One thing that is open, and must be somebody's."""

    item_id: UUID
    kind: ItemKind
    ref: str | None = None
    """Of which incident, zone, gate; None for what the outgoing officer wrote."""
    detail: str | None = None
    """A code: the incident's kind, the order's reason, ``silent``; or how many badges."""
    title: str | None = None
    """As people call it; None: a rule's incident, which is called by its kind and place in the reader's language."""


class ShiftEvent(Event):
    by: str
    at: datetime


class ShiftStarted(ShiftEvent):
    """Nobody was on duty; now ``by`` is."""


class HandoverOffered(ShiftEvent):
    handover_id: UUID
    outgoing: str
    """``by``, unless a commander relieves whoever is on duty."""
    items: tuple[Item, ...]


class ItemAccepted(ShiftEvent):
    """From now on it is ``by``'s. Of an offer the first acceptance says who the incoming officer is."""

    handover_id: UUID
    item_id: UUID


class HandoverWithdrawn(ShiftEvent):
    """Everything is the outgoing officer's as before."""

    handover_id: UUID


class ShiftHandedOver(ShiftEvent):
    """``by`` is on duty; what they did not accept stays with the outgoing officer."""

    handover_id: UUID
    outgoing: str
    accepted: tuple[UUID, ...]
    kept: tuple[UUID, ...]


EVENTS: tuple[type[ShiftEvent], ...] = (
    ShiftStarted,
    HandoverOffered,
    ItemAccepted,
    HandoverWithdrawn,
    ShiftHandedOver,
)
