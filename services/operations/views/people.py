"""Who may come, as rows: delegations, the people they named, nominations, badges. Ids and categories, never a name."""

import json
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from contracts import accreditation
from contracts.event import SharedEvent
from contracts.words import DelegationKind, Names
from services.operations.views.rows import write

_DELEGATIONS = """
    INSERT INTO delegations AS known (delegation_id, kind, names, confirmed)
    SELECT * FROM unnest($1::text[], $2::text[], $3::json[], $4::boolean[])
    ON CONFLICT (delegation_id) DO UPDATE SET
        names = coalesce(excluded.names, known.names), confirmed = known.confirmed OR excluded.confirmed
"""
_PERSONS = """
    INSERT INTO persons (person_id, delegation_id, category) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
    ON CONFLICT (person_id) DO UPDATE SET (delegation_id, category) = (excluded.delegation_id, excluded.category)
"""
_NOMINATIONS = """
    INSERT INTO nominations (nomination_id, person_id, decision)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
    ON CONFLICT (nomination_id) DO UPDATE SET decision = excluded.decision
"""
_BADGES = """
    INSERT INTO badges (badge_id, person_id, version, holding, suspended, revoked)
    SELECT badge_id, change.person_id,
           coalesce(change.version, known.version, 1),
           coalesce(change.holding, known.holding, 'issued'),
           coalesce(change.suspended, known.suspended, false),
           coalesce(change.revoked, known.revoked, false)
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::boolean[], $6::boolean[])
         AS change (badge_id, person_id, version, holding, suspended, revoked)
    LEFT JOIN badges AS known USING (badge_id)
    ON CONFLICT (badge_id) DO UPDATE SET
        (version, holding, suspended, revoked) =
        (excluded.version, excluded.holding, excluded.suspended, excluded.revoked)
"""


@dataclass(slots=True)
class _BadgeChange:
    """What a run says of a badge; None: nothing, it stays as it was."""

    person: UUID
    version: int | None = None
    holding: str | None = None
    suspended: bool | None = None
    revoked: bool | None = None


@dataclass(slots=True)
class _DelegationChange:
    """What a run says of a delegation; no names: it was invited in an earlier one."""

    kind: DelegationKind
    names: Names | None = None
    confirmed: bool = False


@dataclass(slots=True)
class People:
    """A run of what accreditation tells, until it is written: the last word on each thing holds."""

    delegations: dict[str, _DelegationChange] = field(default_factory=dict)
    persons: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    nominations: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    badges: dict[UUID, _BadgeChange] = field(default_factory=dict)

    def take(self, event: SharedEvent) -> None:
        match event:
            case accreditation.DelegationInvited(delegation_id=delegation, kind=kind, names=names):
                self.delegations.setdefault(delegation, _DelegationChange(kind)).names = names
            case accreditation.DelegationConfirmed(delegation_id=delegation, kind=kind):
                self.delegations.setdefault(delegation, _DelegationChange(kind)).confirmed = True
            case accreditation.DelegateNominated(nomination_id=nomination, person_id=person):
                self.persons[person] = event.delegation_id, event.category
                self.nominations[nomination] = person, "pending"
            case accreditation.AccreditationGranted(nomination_id=nomination, person_id=person):
                self.nominations[nomination] = person, "granted"
            case accreditation.AccreditationRefused(nomination_id=nomination, person_id=person):
                self.nominations[nomination] = person, "refused"
            case _:
                self._take_of_a_badge(event)

    def _take_of_a_badge(self, event: SharedEvent) -> None:
        match event:
            case accreditation.BadgeIssued() | accreditation.BadgeReplaced():
                change = self._of(event.badge_id, event.person_id)
                change.version, change.holding = event.version, "issued"
            case accreditation.BadgeActivated():
                self._of(event.badge_id, event.person_id).holding = "active"
            case accreditation.BadgeReportedLost():
                self._of(event.badge_id, event.person_id).holding = "lost"
            case accreditation.BadgeSuspended():
                self._of(event.badge_id, event.person_id).suspended = True
            case accreditation.BadgeReinstated():
                self._of(event.badge_id, event.person_id).suspended = False
            case accreditation.BadgeRevoked():
                self._of(event.badge_id, event.person_id).revoked = True

    def _of(self, badge: UUID, person: UUID) -> _BadgeChange:
        return self.badges.setdefault(badge, _BadgeChange(person))

    async def write(self, connection: asyncpg.Connection) -> None:
        """Folds the run into the tables of the schema the connection stands in."""
        await write(connection, _DELEGATIONS, [_row(key, change) for key, change in self.delegations.items()])
        await write(connection, _PERSONS, [(key, *known) for key, known in self.persons.items()])
        await write(connection, _NOMINATIONS, [(key, *known) for key, known in self.nominations.items()])
        badges = [
            (badge, change.person, change.version, change.holding, change.suspended, change.revoked)
            for badge, change in self.badges.items()
        ]
        await write(connection, _BADGES, badges)


def _row(delegation: str, change: _DelegationChange) -> tuple[object, ...]:
    names = change.names and json.dumps(change.names.model_dump(), ensure_ascii=False)
    return delegation, change.kind, names, change.confirmed
