"""Obeying accreditation's commands: which stream each is for, and which facts of other streams it needs.

What says who somebody is has a file of its own: people.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import asyncpg

from chassis.log.decider import Event, Refused
from chassis.log.log import Log, Metadata
from chassis.log.obey import Obeyed
from chassis.log.views import OwnView
from services.accreditation.credential import Issuer
from services.accreditation.domain import accreditation, badge, delegation, issuer_keys, matrix
from services.accreditation.domain.accreditation import ACCREDITATION, GrantAccreditation, RecordVettingOutcome
from services.accreditation.domain.badge import BADGE, BadgeCommand, IssueBadge
from services.accreditation.domain.delegation import DELEGATION
from services.accreditation.domain.issuer_keys import ISSUER_KEYS
from services.accreditation.domain.matrix import MATRIX
from services.accreditation.metrics import CountingHandler
from services.accreditation.published import publish
from services.accreditation.views import register

_MATRIX = "matrix"
_ISSUER_KEYS = "issuer-keys"


class Accreditation:
    """Everything accreditation can be asked to do with delegations, accreditations and badges.

    Refusals are returned; UnavailableError is raised.
    """

    def __init__(self, pool: asyncpg.Pool, log: Log, issuer: Issuer, registered: OwnView[Event]) -> None:
        self._pool = pool
        self._issuer = issuer
        self._registered = registered
        self._delegations = CountingHandler(log, DELEGATION, publish)
        self._accreditations = CountingHandler(log, ACCREDITATION, publish)
        self._badges = CountingHandler(log, BADGE, publish)
        self._matrix = CountingHandler(log, MATRIX, publish)
        self._keys = CountingHandler(log, ISSUER_KEYS, publish)

    async def for_delegation(
        self, command: delegation.ConfirmDelegation | delegation.SetQuota, metadata: Metadata
    ) -> Obeyed[delegation.State, delegation.DelegationEvent] | Refused:
        """Confirms, sets a quota."""
        return await self._delegations.obey(f"delegation-{command.delegation_id}", command, metadata)

    async def set_matrix(
        self, categories: Sequence[matrix.CategoryRules], metadata: Metadata
    ) -> Obeyed[matrix.State, matrix.MatrixSet] | Refused:
        """Replaces the rules in force."""
        return await self._matrix.obey(_MATRIX, matrix.SetMatrix(categories=tuple(categories)), metadata)

    async def rules(self) -> Mapping[str, matrix.CategoryRules]:
        """The rules in force, by category."""
        return (await self._matrix.load(_MATRIX)).rules

    async def record_vetting(
        self,
        nomination_id: UUID,
        outcome: Literal["cleared", "referred", "refused"],
        reason: str | None,
        metadata: Metadata,
    ) -> Obeyed[accreditation.State, accreditation.AccreditationEvent] | Refused:
        """What the vetting authority says of a nominee."""
        command = RecordVettingOutcome(nominee=await self._nominee(nomination_id), outcome=outcome, reason_code=reason)
        return await self._accreditations.obey(f"accreditation-{nomination_id}", command, metadata)

    async def grant(
        self,
        nomination_id: UUID,
        extra_areas: Sequence[str],
        valid_from: datetime,
        valid_until: datetime,
        metadata: Metadata,
    ) -> Obeyed[accreditation.State, accreditation.AccreditationEvent] | Refused:
        """Grants the areas of the nominee's category, and ``extra_areas`` whose condition is met."""
        nominee = await self._nominee(nomination_id)
        rules = await self.rules()
        command = GrantAccreditation(
            nominee=nominee,
            rules=None if nominee is None else rules.get(nominee.category),
            extra_areas=tuple(extra_areas),
            valid_from=valid_from,
            valid_until=valid_until,
        )
        return await self._accreditations.obey(f"accreditation-{nomination_id}", command, metadata)

    async def refuse(
        self, nomination_id: UUID, reason: str, metadata: Metadata
    ) -> Obeyed[accreditation.State, accreditation.AccreditationEvent] | Refused:
        """Refuses an accreditation."""
        command = accreditation.RefuseAccreditation(nominee=await self._nominee(nomination_id), reason_code=reason)
        return await self._accreditations.obey(f"accreditation-{nomination_id}", command, metadata)

    async def issue_badge(
        self, nomination_id: UUID, metadata: Metadata
    ) -> Obeyed[badge.State, badge.BadgeEvent] | Refused:
        """Makes the one badge of an accreditation."""
        granted = await self._accreditations.load(f"accreditation-{nomination_id}")
        badge_id = uuid5(nomination_id, "badge")
        return await self.for_badge(IssueBadge(badge_id=badge_id, grant=granted.grant), metadata)

    async def for_badge(
        self, command: BadgeCommand, metadata: Metadata
    ) -> Obeyed[badge.State, badge.BadgeEvent] | Refused:
        """Activates, reports lost, replaces, suspends, reinstates, revokes."""
        return await self._badges.obey(f"badge-{command.badge_id}", command, metadata)

    async def credential(self, badge_id: UUID) -> str | Refused:
        """The text of the badge's current version."""
        state = await self._badges.load(f"badge-{badge_id}")
        if state.issued is None:
            return badge.BadgeUnknown(str(badge_id))
        return self._issuer.credential(badge_id, state.version, state.issued.valid_from, state.issued.valid_until)

    async def publish_key(self, metadata: Metadata) -> None:
        """Tells the gates which key signs."""
        command = issuer_keys.PublishIssuerKey(key_id=self._issuer.key_id, public_key=self._issuer.public_key)
        await self._keys.obey(_ISSUER_KEYS, command, metadata)

    async def _nominee(self, nomination_id: UUID) -> accreditation.Nominee | None:
        await self._registered.current()
        return await register.nominee(self._pool, nomination_id)
