"""What a shift hands over: everything that is open on the screen, an item each. Pure."""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid5

from services.operations.domain.shift_record import Item, ItemKind
from services.operations.parts.shape import Picture

_MOST_BADGES = 20
"""Suspended badges are handed over one by one up to here; more than that are one item."""


def open_items(
    handover_id: UUID, picture: Picture, suspended: Sequence[UUID], note: str | None = None
) -> tuple[Item, ...]:
    """The gravest first. ``picture``: of the highest tier; ``suspended``: badges that open nothing for now."""
    return tuple(
        Item(item_id=uuid5(handover_id, f"{kind}:{ref}"), kind=kind, ref=ref, detail=detail, title=title)
        for kind, ref, detail, title in (
            *_incidents(picture),
            *_orders(picture),
            *_gates(picture),
            *_capacity(picture),
            *_badges(suspended),
            *_note(note),
        )
    )


_Row = tuple[ItemKind, str | None, str | None, str | None]


def _incidents(picture: Picture) -> Iterator[_Row]:
    opened = [one for one in picture["incidents"] if one["state"] != "closed" and not one["merged_into"]]
    for one in sorted(opened, key=lambda one: (one["severity"], one["number"])):
        yield "incident", one["incident_id"], one["kind"], one["title"]


def _orders(picture: Picture) -> Iterator[_Row]:
    names = {zone["zone_id"]: zone["names"]["en"] for zone in picture["zones"]}
    for one in picture["orders"]["evacuations"]:
        yield "evacuation", one["zone_id"], one["reason"], names.get(one["zone_id"])
    for one in picture["orders"]["lockdowns"]:
        yield "lockdown", one["zone_id"], one["reason"], names.get(one["zone_id"])


def _gates(picture: Picture) -> Iterator[_Row]:
    """Closed ones, and those that nothing is heard of: the door of a room is quiet whenever nothing begins there."""
    for gate in picture["gates"]:
        if gate["state"] != "open":
            yield "gate", gate["gate_id"], gate["state"], gate["name"]
        elif gate["silent_devices"] or (gate["silent"] and gate["from_zone_id"] is None):
            yield "gate", gate["gate_id"], "silent", gate["name"]


def _capacity(picture: Picture) -> Iterator[_Row]:
    for zone in picture["zones"]:
        if zone["full"]:
            yield "capacity", zone["zone_id"], "full", zone["names"]["en"]


def _badges(suspended: Sequence[UUID]) -> Iterator[_Row]:
    if len(suspended) > _MOST_BADGES:
        yield "badge", "suspended", str(len(suspended)), None
        return
    for badge_id in suspended:
        yield "badge", str(badge_id), "suspended", None


def _note(note: str | None) -> Iterator[_Row]:
    if note:
        yield "note", None, None, note
