"""Obeying accreditation's commands: which stream each is for, and which facts of other streams it needs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import asyncpg

from chassis.edge.idempotency import derived
from chassis.log.decider import Decision, Event, Refused
from chassis.log.log import Metadata, event_id
from chassis.log.obey import CommandHandler, CommandIdReused, Obeyed
from chassis.log.postgres import PostgresLog
from chassis.log.views import OwnView
from services.accreditation.credential import Issuer
from services.accreditation.domain import accreditation, badge, delegation, issuer_keys, matrix, people
from services.accreditation.domain.accreditation import ACCREDITATION, GrantAccreditation, RecordVettingOutcome
from services.accreditation.domain.badge import BADGE, BadgeCommand, IssueBadge
from services.accreditation.domain.delegation import DELEGATION, NominateDelegate
from services.accreditation.domain.issuer_keys import ISSUER_KEYS
from services.accreditation.domain.matrix import MATRIX
from services.accreditation.domain.people import PEOPLE
from services.accreditation.published import publish
from services.accreditation.roster import BadRow, Row
from services.accreditation.vault import Person, Vault
from services.accreditation.views import register

_MATRIX = "matrix"
_ISSUER_KEYS = "issuer-keys"


class DuplicatePerson(Refused):
    """The person is nominated already: nobody is accredited twice, in two capacities."""

    __slots__ = ()
    code = "duplicate_person"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a roster's row."""

    line: int
    status: Literal["accepted", "refused"]
    code: str | None = None
    field: str | None = None
    nomination_id: UUID | None = None


class Accreditation:
    """Everything accreditation can be asked to do. Refusals are returned; UnavailableError is raised."""

    def __init__(
        self, pool: asyncpg.Pool, log: PostgresLog, vault: Vault, issuer: Issuer, registered: OwnView[Event]
    ) -> None:
        self._pool = pool
        self._log = log
        self._vault = vault
        self._issuer = issuer
        self._registered = registered
        self._delegations = CommandHandler(log, DELEGATION, publish)
        self._accreditations = CommandHandler(log, ACCREDITATION, publish)
        self._badges = CommandHandler(log, BADGE, publish)
        self._matrix = CommandHandler(log, MATRIX, publish)
        self._keys = CommandHandler(log, ISSUER_KEYS, publish)
        self._people = CommandHandler(log, PEOPLE, publish)
        self._one_at_a_time = asyncio.Lock()  # so that nobody is found un-nominated twice at once

    async def for_delegation(
        self, command: delegation.DelegationCommand, metadata: Metadata
    ) -> Obeyed[delegation.State, delegation.DelegationEvent] | Refused:
        """Invites, confirms, sets a quota."""
        return await self._delegations.obey(f"delegation-{command.delegation_id}", command, metadata)

    async def invite(
        self, command: delegation.InviteDelegation, focal_point: Person | None, metadata: Metadata
    ) -> Obeyed[delegation.State, delegation.DelegationEvent] | Refused:
        """Invites, and keeps who registers for the delegation in the vault."""
        if focal_point is None:
            return await self.for_delegation(command, metadata)
        async with self._one_at_a_time:
            made = uuid5(metadata.command_id, "focal-point")
            known = await self._vault.find(focal_point)
            kept = known or await self._vault.put(made, focal_point)
            outcome = await self.for_delegation(command.model_copy(update={"focal_point_id": kept}), metadata)
            if isinstance(outcome, Refused) and known is None and kept == made:
                await self._vault.remove(made)
            return outcome

    async def nominate(self, delegation_id: str, category: str, person: Person, metadata: Metadata) -> UUID | Refused:
        """The nomination's id. A person goes into the vault only when the delegation may name them."""
        nomination_id = uuid5(metadata.command_id, "nomination")
        stream = f"delegation-{delegation_id}"
        async with self._one_at_a_time:
            state = await self._delegations.load(stream)
            kept = await self._vault.find(person)
            command = NominateDelegate(
                delegation_id=delegation_id,
                nomination_id=nomination_id,
                person_id=kept or uuid5(metadata.command_id, "person"),
                category=category,
            )
            newly_kept = False
            if nomination_id not in state.nominated:
                if refused := await self._refusal(command, state, kept):
                    return refused
                newly_kept = kept is None and await self._vault.put(command.person_id, person) == command.person_id
            outcome = await self._delegations.obey(stream, command, metadata)
            if isinstance(outcome, Refused):
                if newly_kept:  # another process gave away the last place in between
                    await self._vault.remove(command.person_id)
                return outcome
            return nomination_id

    async def import_roster(self, rows: Sequence[Row | BadRow], metadata: Metadata) -> list[RowResult] | Refused:
        """Nominates people row by row; the same roster again, under the same key, gives the same results."""
        ids = [event_id(_of_line(row, metadata).command_id) for row in rows]
        if any(before.metadata.body_hash != metadata.body_hash for before in await self._log.find(ids)):
            return CommandIdReused("used before for another roster")
        return [await self._import_row(row, metadata) for row in rows]

    async def _import_row(self, row: Row | BadRow, metadata: Metadata) -> RowResult:
        if isinstance(row, BadRow):
            return RowResult(row.line, "refused", row.code, row.field)
        outcome = await self.nominate(row.delegation_id, row.category, row.person, _of_line(row, metadata))
        if isinstance(outcome, Refused):
            return RowResult(row.line, "refused", outcome.code)
        return RowResult(row.line, "accepted", nomination_id=outcome)

    async def preview(self, rows: Sequence[Row | BadRow], metadata: Metadata) -> list[RowResult]:
        """What ``import_roster`` would say of each row in turn, with nothing stored."""
        states: dict[str, delegation.State] = {}
        seen: set[str] = set()
        results = []
        for row in rows:
            if isinstance(row, BadRow):
                results.append(RowResult(row.line, "refused", row.code, row.field))
                continue
            if row.delegation_id not in states:
                states[row.delegation_id] = await self._delegations.load(f"delegation-{row.delegation_id}")
            state = states[row.delegation_id]
            command = NominateDelegate(
                delegation_id=row.delegation_id,
                nomination_id=uuid5(metadata.command_id, f"line-{row.line}"),
                person_id=metadata.command_id,
                category=row.category,
            )
            refused = await self._refusal(command, state, await self._vault.find(row.person))
            if row.person.match_text() in seen:
                refused = refused or DuplicatePerson("named above in this file")
            if refused:
                results.append(RowResult(row.line, "refused", refused.code))
                continue
            seen.add(row.person.match_text())
            states[row.delegation_id] = DELEGATION.fold(_events(DELEGATION.decide(command, state)), state)
            results.append(RowResult(row.line, "accepted"))
        return results

    async def set_matrix(
        self, categories: Sequence[matrix.CategoryRules], metadata: Metadata
    ) -> Obeyed[matrix.State, matrix.MatrixSet] | Refused:
        """Replaces the rules in force."""
        return await self._matrix.obey(_MATRIX, matrix.SetMatrix(categories=tuple(categories)), metadata)

    async def matrix(self) -> matrix.State:
        """The rules in force."""
        return await self._matrix.load(_MATRIX)

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
        rules = (await self.matrix()).rules
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

    async def erase(
        self, person_id: UUID, metadata: Metadata
    ) -> Obeyed[people.State, people.PersonalDataErased] | Refused:
        """Forgets who a person is; what they did stays, without a name."""
        await self._vault.erase(person_id)
        return await self._people.obey(f"person-{person_id}", people.ErasePersonalData(person_id=person_id), metadata)

    async def _refusal(self, command: NominateDelegate, state: delegation.State, kept: UUID | None) -> Refused | None:
        """Why this nomination would be refused, before anything is written."""
        if command.category not in (await self.matrix()).rules:
            return matrix.CategoryUnknown(command.category)
        foreseen = DELEGATION.decide(command, state)
        if isinstance(foreseen, Refused):
            return foreseen
        if kept is not None:
            await self._registered.current()
            if await register.is_nominated(self._pool, kept):
                return DuplicatePerson("nominated already")
        return None

    async def _nominee(self, nomination_id: UUID) -> accreditation.Nominee | None:
        await self._registered.current()
        return await register.nominee(self._pool, nomination_id)


def _of_line(row: Row | BadRow, metadata: Metadata) -> Metadata:
    return derived(metadata, f"line-{row.line}")


def _events(decision: Decision[delegation.DelegationEvent]) -> Sequence[delegation.DelegationEvent]:
    return [] if isinstance(decision, Refused) else decision
