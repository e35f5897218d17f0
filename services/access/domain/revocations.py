"""How fast the gates take in that a badge opens nothing."""

from uuid import UUID

from chassis.log.decider import Command, Decision, Unknown
from services.access.domain.record.badges import RevocationSpread
from services.access.domain.venue import Venue, VenueEvent


class RecordSpread(Command):
    """How far one change of the list of revocations has come; RevocationSpread describes the fields."""

    badge_id: UUID
    version: int
    gates: int
    reached: int
    slowest_ms: int | None
    silent: tuple[UUID, ...]


class RevocationUnknown(Unknown):
    """As far as is known here the badge was never revoked, suspended, reported lost or replaced."""

    __slots__ = ()
    code = "revocation_unknown"


def decide(command: RecordSpread, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    if command.badge_id not in venue.badges.known:
        return RevocationUnknown(str(command.badge_id))
    before = venue.badges.revocations.spread.get(command.badge_id)
    if before is not None and before.version >= command.version:
        return []
    return [RevocationSpread(**command.model_dump(), venue_id=venue.venue_id)]
