"""Supervisors who admit against a refusal: asked for, confirmed by a second person, reviewed afterwards."""

from datetime import datetime
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value

Finding = Literal["justified", "unjustified"]


class Override(Value):
    """``state``: ``waiting`` for a second person until ``confirm_by``, ``admitted`` or ``lapsed``."""

    override_id: UUID
    scan_id: UUID  # the refused one
    gate_id: str
    zone_id: str
    person_id: UUID
    refused_for: tuple[str, ...]
    reason: str
    by: str
    device_id: UUID | None
    asked_at: datetime
    confirm_by: datetime | None
    confirmed_by: str | None = None
    state: Literal["waiting", "admitted"] = "waiting"
    finding: Finding | None = None
    reviewed_by: str | None = None


class OverrideRequested(Event):
    override: Override
    venue_id: str


class EntryOverridden(Event):
    """Somebody was admitted against a refusal; the passage itself stands in the scan that comes with this."""

    override_id: UUID
    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    refused_for: tuple[str, ...]
    reason: str
    by: str
    confirmed_by: str | None


class OverrideReviewed(Event):
    override_id: UUID
    venue_id: str
    finding: Finding
    by: str


OverridesEvent = OverrideRequested | EntryOverridden | OverrideReviewed
EVENTS = (OverrideRequested, EntryOverridden, OverrideReviewed)


class Overrides(NamedTuple):
    known: Map[UUID, Override] = Map()
    spent: Map[str, tuple[datetime, ...]] = Map()  # supervisor -> when they admitted somebody, oldest first


def evolve(overrides: Overrides, event: OverridesEvent) -> Overrides:
    match event:
        case OverrideRequested(override=override):
            return overrides._replace(known=overrides.known.set(override.override_id, override))
        case EntryOverridden(override_id=override_id, confirmed_by=confirmed_by, by=by):
            known = overrides.known[override_id]
            admitted = known.model_copy(update={"state": "admitted", "confirmed_by": confirmed_by})
            return Overrides(
                overrides.known.set(override_id, admitted),
                overrides.spent.set(by, (*overrides.spent.get(by, ()), known.asked_at)),
            )
        case OverrideReviewed(override_id=override_id, finding=finding, by=by):
            reviewed = overrides.known[override_id].model_copy(update={"finding": finding, "reviewed_by": by})
            return overrides._replace(known=overrides.known.set(override_id, reviewed))
        case _:
            assert_never(event)
