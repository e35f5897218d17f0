"""What accreditation's events make access do: their event to our command. Pure."""

from uuid import UUID

from contracts import accreditation as theirs
from contracts.event import SharedEvent
from services.access.domain.badges import HoldBadge, LearnBadgeChanged, LearnBadgeIssued, LearnIssuerKey, ReleaseBadge
from services.access.domain.gatekeeping import VenueCommand


def react(event: SharedEvent, number: int) -> VenueCommand | None:
    """The command that records what ``event`` (number ``number`` of accreditation) tells, or None."""
    match event:
        case theirs.BadgeIssued():
            return LearnBadgeIssued(**event.model_dump(exclude={"nomination_id"}), source_number=number)
        case theirs.BadgeActivated(badge_id=badge, version=version):
            return LearnBadgeChanged(badge_id=badge, change="activated", version=version, source_number=number)
        case theirs.BadgeReportedLost(badge_id=badge, version=version):
            return LearnBadgeChanged(badge_id=badge, change="lost", version=version, source_number=number)
        case theirs.BadgeReplaced(badge_id=badge, version=version):
            return LearnBadgeChanged(badge_id=badge, change="replaced", version=version, source_number=number)
        case theirs.BadgeSuspended(badge_id=badge):
            return LearnBadgeChanged(badge_id=badge, change="suspended", source_number=number)
        case theirs.BadgeReinstated(badge_id=badge):
            return LearnBadgeChanged(badge_id=badge, change="reinstated", source_number=number)
        case theirs.BadgeRevoked(badge_id=badge):
            return LearnBadgeChanged(badge_id=badge, change="revoked", source_number=number)
        case theirs.IssuerKeyPublished(key_id=key_id, public_key=public_key):
            return LearnIssuerKey(key_id=key_id, public_key=public_key, source_number=number)
        case _:
            return None


def on_parked(about: str) -> VenueCommand | None:
    """A badge of which something cannot be applied opens nothing."""
    badge = _badge(about)
    return None if badge is None else HoldBadge(badge_id=badge)


def on_released(about: str) -> VenueCommand | None:
    """Until it can, or is given up."""
    badge = _badge(about)
    return None if badge is None else ReleaseBadge(badge_id=badge)


def _badge(about: str) -> UUID | None:
    kind, _, identifier = about.partition("-")
    try:
        return UUID(identifier) if kind == "badge" else None
    except ValueError:  # what is parked may be malformed in any way
        return None
