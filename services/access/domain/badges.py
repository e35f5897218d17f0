"""What access learns of badges and of the keys that sign them, recorded before it is used."""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from chassis.log.decider import Command, Decision, Refused, Unknown
from services.access.domain.record.badges import Badge, BadgeLearned, IssuerKeyLearned
from services.access.domain.venue import Venue, VenueEvent

BadgeChange = Literal["activated", "lost", "stolen", "replaced", "suspended", "reinstated", "revoked"]


class LearnBadgeIssued(Command):
    badge_id: UUID
    person_id: UUID
    delegation_id: str
    category: str
    areas: tuple[str, ...]
    version: int
    valid_from: datetime
    valid_until: datetime
    changed_at: datetime | None = None
    source_number: int


class LearnBadgeChanged(Command):
    """``version``: the one activated, lost, or made by a replacement; the others concern the badge as a whole."""

    badge_id: UUID
    change: BadgeChange
    version: int | None = None
    changed_at: datetime | None = None
    """When it happened, by accreditation's clock."""
    source_number: int


class LearnIssuerKey(Command):
    key_id: str
    public_key: str
    source_number: int


class HoldBadge(Command):
    """Something about this badge cannot be applied: until it can, the badge opens nothing."""

    badge_id: UUID


class ReleaseBadge(Command):
    badge_id: UUID


LearningCommand = LearnBadgeIssued | LearnBadgeChanged | LearnIssuerKey | HoldBadge | ReleaseBadge


class BadgeNotLearned(Refused):
    """A change was told of a badge whose issue was not."""

    __slots__ = ()
    code = "badge_not_learned"


class PersonUnknown(Unknown):
    """Nobody with a badge has this id."""

    __slots__ = ()
    code = "person_unknown"


def decide(command: LearningCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, LearnIssuerKey):
        if venue.badges.issuer_keys.get(command.key_id) == command.public_key:
            return []
        return [IssuerKeyLearned(**command.model_dump())]
    known = venue.badges.known.get(command.badge_id)
    match command:
        case LearnBadgeIssued():
            badge = Badge(**command.model_dump(exclude={"source_number"}), holding="issued")
            return _learned(known, badge, command.source_number) if known is None else []
        case LearnBadgeChanged():
            if known is None:
                return BadgeNotLearned(str(command.badge_id))
            return _learned(known, _changed(known, command), command.source_number)
        case HoldBadge() | ReleaseBadge():
            if known is None:
                return []
            held = known.model_copy(update={"held": isinstance(command, HoldBadge)})
            return _learned(known, held, None)
        case _:
            assert_never(command)


def _learned(known: Badge | None, badge: Badge, source_number: int | None) -> Decision[VenueEvent]:
    return [] if badge == known else [BadgeLearned(badge=badge, source_number=source_number)]


def _changed(badge: Badge, command: LearnBadgeChanged) -> Badge:
    changes = _changes(badge, command)
    if all(getattr(badge, name) == value for name, value in changes.items()):
        return badge
    return badge.model_copy(update={**changes, "changed_at": command.changed_at})


def _changes(badge: Badge, command: LearnBadgeChanged) -> dict[str, object]:
    """``version``: what is said of another version than today's says nothing of this badge any more."""
    current = command.version == badge.version
    match command.change:
        case "activated":
            return {"holding": "active"} if current else {}
        case "lost" | "stolen":
            return {"holding": command.change} if current else {}
        case "replaced":
            return {"holding": "issued", "version": command.version}
        case "suspended":
            return {"suspended": True}
        case "reinstated":
            return {"suspended": False}
        case "revoked":
            return {"revoked": True}
