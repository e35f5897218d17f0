"""What accreditation's events make access do: their event to our command. Pure."""

from datetime import datetime
from uuid import UUID

from contracts import accreditation as theirs
from contracts.event import SharedEvent
from services.access.domain.badges import (
    BadgeChange,
    HoldBadge,
    LearnBadgeChanged,
    LearnBadgeIssued,
    LearnIssuerKey,
    ReleaseBadge,
)
from services.access.domain.gatekeeping import VenueCommand


def react(event: SharedEvent, number: int, at: datetime | None = None) -> VenueCommand | None:
    """The command that records what ``event`` (number ``number`` of accreditation, ``at`` that time) tells, or None."""

    def changed(badge: UUID, change: BadgeChange, version: int | None = None) -> LearnBadgeChanged:
        return LearnBadgeChanged(badge_id=badge, change=change, version=version, changed_at=at, source_number=number)

    match event:
        case theirs.BadgeIssued():
            return LearnBadgeIssued(**event.model_dump(exclude={"nomination_id"}), source_number=number)
        case theirs.BadgeActivated(badge_id=badge, version=version):
            return changed(badge, "activated", version)
        case theirs.BadgeReportedLost(badge_id=badge, version=version, stolen=stolen):
            return changed(badge, "stolen" if stolen else "lost", version)
        case theirs.BadgeReplaced(badge_id=badge, version=version):
            return changed(badge, "replaced", version)
        case theirs.BadgeSuspended(badge_id=badge):
            return changed(badge, "suspended")
        case theirs.BadgeReinstated(badge_id=badge):
            return changed(badge, "reinstated")
        case theirs.BadgeRevoked(badge_id=badge):
            return changed(badge, "revoked")
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
