"""Every override is looked at afterwards, by somebody who had no part in it."""

from uuid import UUID

from chassis.log.decider import Command, Decision, Refused
from services.access.domain.overrides import OverrideUnknown
from services.access.domain.record.overrides import Finding, OverrideReviewed
from services.access.domain.venue import Venue, VenueEvent


class ReviewOverride(Command):
    override_id: UUID
    finding: Finding
    by: str  # as events name them


class OverrideNotAdmitted(Refused):
    """Nobody was admitted by this override: there is nothing to review."""

    __slots__ = ()
    code = "override_not_admitted"


class ReviewerInvolved(Refused):
    """Whoever asked for an override or confirmed it does not review it."""

    __slots__ = ()
    code = "reviewer_involved"


class AlreadyReviewed(Refused):
    """An override is reviewed once."""

    __slots__ = ()
    code = "already_reviewed"


def decide(command: ReviewOverride, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    override = venue.overrides.known.get(command.override_id)
    if override is None:
        return OverrideUnknown(str(command.override_id))
    if override.state != "admitted":
        return OverrideNotAdmitted(str(command.override_id))
    if command.by in {override.by, override.confirmed_by}:
        return ReviewerInvolved(str(command.override_id))
    if override.finding is None:
        return [OverrideReviewed(**command.model_dump(), venue_id=venue.venue_id)]
    same = (override.finding, override.reviewed_by) == (command.finding, command.by)
    return [] if same else AlreadyReviewed(f"as {override.finding}")
