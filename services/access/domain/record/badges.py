"""What was learned of badges, and of the keys that sign them."""

from datetime import datetime
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value


class Badge(Value):
    """What is known of a badge. ``held``: an event about it cannot be applied; until it can, it opens nothing."""

    badge_id: UUID
    person_id: UUID
    delegation_id: str
    category: str
    areas: tuple[str, ...]
    version: int
    holding: Literal["issued", "active", "lost", "stolen"]
    suspended: bool = False
    held: bool = False
    revoked: bool = False
    valid_from: datetime
    valid_until: datetime
    changed_at: datetime | None = None  # when it became what it is, by accreditation's clock


class BadgeLearned(Event):
    """A badge as it is known now, in full. ``source_number``: of accreditation's event; None for our own doing."""

    badge: Badge
    source_number: int | None


class IssuerKeyLearned(Event):
    key_id: str
    public_key: str
    source_number: int


BadgesEvent = BadgeLearned | IssuerKeyLearned
EVENTS = (BadgeLearned, IssuerKeyLearned)


class Badges(NamedTuple):
    known: Map[UUID, Badge] = Map()
    issuer_keys: Map[str, str] = Map()
    by_person: Map[UUID, UUID] = Map()  # the badge each person was given last


def evolve(badges: Badges, event: BadgesEvent) -> Badges:
    match event:
        case BadgeLearned(badge=badge):
            by_person = badges.by_person
            if badge.badge_id not in badges.known:
                by_person = by_person.set(badge.person_id, badge.badge_id)
            return badges._replace(known=badges.known.set(badge.badge_id, badge), by_person=by_person)
        case IssuerKeyLearned(key_id=key_id, public_key=public_key):
            return badges._replace(issuer_keys=badges.issuer_keys.set(key_id, public_key))
        case _:
            assert_never(event)
