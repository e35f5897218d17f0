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


class RevocationSpread(Event):
    """How far the devices at the gates had taken in that a badge opens nothing: all, or those that did in time."""

    badge_id: UUID
    venue_id: str
    version: int  # of the list of revocations
    gates: int  # with devices that were heard of
    reached: int
    slowest_ms: int | None  # None: no gate was reached
    silent: tuple[UUID, ...]  # devices that were not heard of


BarredFor = Literal["revoked", "suspended", "held", "lost", "stolen", "superseded"]


class Barred(Value):
    """Why a badge opens nothing, or versions of it do not."""

    version: int  # of the list, since it says this
    reason: BarredFor
    up_to_version: int | None  # None: every version
    since: datetime | None  # by accreditation's clock; None: nobody knows

    def opened_nothing(self, version: int, at: datetime) -> bool:
        """Whether this version of the badge is known to have opened nothing at that time."""
        concerned = self.up_to_version is None or version <= self.up_to_version
        return concerned and self.since is not None and self.since <= at


BadgesEvent = BadgeLearned | IssuerKeyLearned | RevocationSpread
EVENTS = (BadgeLearned, IssuerKeyLearned, RevocationSpread)

_CHANGES_KEPT = 10_000


class RevocationList(NamedTuple):
    """Exactly the badges that open nothing, as a list that devices follow change by change."""

    version: int = 0  # changes so far
    barred: Map[UUID, Barred] = Map()
    changed: Map[int, UUID] = Map()  # version -> the badge it was about; the last ones
    spread: Map[UUID, RevocationSpread] = Map()  # the last of each badge

    def has_changes_after(self, version: int) -> bool:
        """Whether the changes alone lead from ``version`` to this one."""
        return max(0, self.version - _CHANGES_KEPT) <= version <= self.version


class Badges(NamedTuple):
    known: Map[UUID, Badge] = Map()
    issuer_keys: Map[str, str] = Map()
    by_person: Map[UUID, UUID] = Map()  # the badge each person was given last
    revocations: RevocationList = RevocationList()


def evolve(badges: Badges, event: BadgesEvent) -> Badges:
    match event:
        case BadgeLearned(badge=badge):
            by_person = badges.by_person
            if badge.badge_id not in badges.known:
                by_person = by_person.set(badge.person_id, badge.badge_id)
            return badges._replace(
                known=badges.known.set(badge.badge_id, badge),
                by_person=by_person,
                revocations=_listed(badges.revocations, badge),
            )
        case IssuerKeyLearned(key_id=key_id, public_key=public_key):
            return badges._replace(issuer_keys=badges.issuer_keys.set(key_id, public_key))
        case RevocationSpread(badge_id=badge_id):
            revocations = badges.revocations
            return badges._replace(revocations=revocations._replace(spread=revocations.spread.set(badge_id, event)))
        case _:
            assert_never(event)


def _listed(revocations: RevocationList, badge: Badge) -> RevocationList:
    before = revocations.barred.get(badge.badge_id)
    version = revocations.version + 1
    now = _barred(badge, before, version)
    if _facts(now) == _facts(before):
        return revocations
    changed = revocations.changed.set(version, badge.badge_id)
    if version - _CHANGES_KEPT in changed:
        changed = changed.delete(version - _CHANGES_KEPT)
    barred = revocations.barred
    return revocations._replace(
        version=version,
        barred=barred.delete(badge.badge_id) if now is None else barred.set(badge.badge_id, now),
        changed=changed,
    )


def _facts(barred: Barred | None) -> tuple[object, ...] | None:
    return None if barred is None else (barred.reason, barred.up_to_version, barred.since)


def _barred(badge: Badge, before: Barred | None, version: int) -> Barred | None:
    reason, up_to_version = _why(badge)
    if reason is None:
        return None
    since = None if reason == "held" else badge.changed_at
    if before is not None and before.up_to_version == up_to_version and before.since is not None:
        since = before.since  # for as long as these versions opened nothing, whatever the reason was meanwhile
    return Barred(version=version, reason=reason, up_to_version=up_to_version, since=since)


def _why(badge: Badge) -> tuple[BarredFor | None, int | None]:
    """Why a badge opens nothing, and up to which version that goes."""
    match badge:
        case Badge(revoked=True):
            return "revoked", None
        case Badge(suspended=True):
            return "suspended", None
        case Badge(held=True):
            return "held", None
        case Badge(holding=("lost" | "stolen") as reason):
            return reason, badge.version
        case _ if badge.version > 1:
            return "superseded", badge.version - 1
        case _:
            return None, None
