"""Supervisors who admit against a refusal: asked for, confirmed by a second person, reviewed afterwards."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value

Finding = Literal["justified", "unjustified"]
BUDGET_OVER = timedelta(hours=24)
"""The time in which a supervisor has so many overrides."""


class Override(Value):
    """``state``: ``waiting`` for a second person, or ``admitted``.

    That it lapsed is no event, and no state: it has where ``confirm_by`` is over and it still waits.
    """

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
    confirm_by: datetime | None  # None: no second person is needed
    confirmed_by: str | None = None
    admission_id: UUID | None = None  # the scan that admitted them
    state: Literal["waiting", "admitted"] = "waiting"
    finding: Finding | None = None
    reviewed_by: str | None = None


class OverrideRequested(Event):
    override: Override
    venue_id: str


class EntryOverridden(Event):
    """Somebody was admitted against a refusal; the passage itself stands in ``admission_id``, which comes with this."""

    override_id: UUID
    scan_id: UUID  # the refused one
    admission_id: UUID
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
            facts = {"state": "admitted", "confirmed_by": confirmed_by, "admission_id": event.admission_id}
            since = known.asked_at - BUDGET_OVER
            recent = (at for at in overrides.spent.get(by, ()) if at > since)
            return Overrides(
                overrides.known.set(override_id, known.model_copy(update=facts)),
                overrides.spent.set(by, (*recent, known.asked_at)),
            )
        case OverrideReviewed(override_id=override_id, finding=finding, by=by):
            reviewed = overrides.known[override_id].model_copy(update={"finding": finding, "reviewed_by": by})
            return overrides._replace(known=overrides.known.set(override_id, reviewed))
        case _:
            assert_never(event)
