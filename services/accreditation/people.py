"""Commands about people: who they are goes into the vault, that they were named into the log.

Vault and log do not commit together. So a person is kept first and named after it, and what a crash leaves in between
is somebody in the vault whom nobody named: the same request repeated completes it, ``unnamed`` finds the rest.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import asyncpg

from chassis.edge.idempotency import derived
from chassis.log.codec import Codec
from chassis.log.decider import Decision, Event, Refused
from chassis.log.log import Append, Appended, AppendUnknownError, Log, Metadata, event_id
from chassis.log.obey import CommandHandler, CommandIdReused, Obeyed, new_events
from chassis.log.views import OwnView
from services.accreditation.domain import delegation, matrix
from services.accreditation.domain.delegation import DELEGATION, InviteDelegation, NominateDelegate
from services.accreditation.domain.matrix import CategoryRules
from services.accreditation.domain.people import PEOPLE, ErasePersonalData, PersonalDataErased, State
from services.accreditation.metrics import CountingHandler, counted
from services.accreditation.published import publish
from services.accreditation.roster import BadRow, Row
from services.accreditation.vault import Person, Vault
from services.accreditation.views import register

_CODEC = Codec(DELEGATION.events)
_UNNAMED = """
    SELECT person_id FROM vault.people
    WHERE NOT EXISTS (SELECT FROM register.nominations WHERE nominations.person_id = people.person_id)
      AND NOT EXISTS (SELECT FROM register.delegations WHERE focal_point_id = people.person_id)
    ORDER BY person_id LIMIT 1000
"""

Rules = Mapping[str, CategoryRules]


class DuplicatePerson(Refused):
    """The person is nominated already: nobody is accredited twice, in two capacities."""

    __slots__ = ()
    code = "duplicate_person"


class PersonErased(Refused):
    """Whom this request named was erased since: name them anew, under another key."""

    __slots__ = ()
    code = "person_erased"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a roster's row."""

    line: int
    status: Literal["accepted", "refused"]
    code: str | None = None
    field: str | None = None
    nomination_id: UUID | None = None


class People:
    """Everything accreditation can be asked to do about people. Refusals are returned; UnavailableError is raised.

    ``rules`` gives the matrix in force, by category.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: Log,
        vault: Vault,
        registered: OwnView[Event],
        rules: Callable[[], Awaitable[Rules]],
    ) -> None:
        self._pool = pool
        self._log = log
        self._vault = vault
        self._registered = registered
        self._rules = rules
        self._delegations = CommandHandler(log, DELEGATION, publish)
        self._erasures = CountingHandler(log, PEOPLE, publish)
        self._one_at_a_time = asyncio.Lock()  # so that nobody is found un-nominated twice at once

    async def invite(
        self, command: InviteDelegation, focal_point: Person | None, metadata: Metadata
    ) -> Obeyed[delegation.State, delegation.DelegationEvent] | Refused:
        """Invites, and keeps who registers for the delegation in the vault."""
        async with self._one_at_a_time:
            return counted("InviteDelegation", await self._invite(command, focal_point, metadata))

    async def nominate(self, delegation_id: str, category: str, person: Person, metadata: Metadata) -> UUID | Refused:
        """The nomination's id. A person goes into the vault only when the delegation may name them."""
        names = _Delegation(self._log, self._delegations, delegation_id)
        return await self._nominate(names, category, person, await self._rules(), metadata)

    async def import_roster(self, rows: Sequence[Row | BadRow], metadata: Metadata) -> list[RowResult] | Refused:
        """Nominates people row by row; the same roster again, under the same key, gives the same results."""
        before = await self._log.find([event_id(_of_line(row, metadata).command_id) for row in rows])
        if any(recorded.metadata.body_hash != metadata.body_hash for recorded in before):
            return CommandIdReused("used before for another roster")
        named = {recorded.event_id for recorded in before}
        rules = await self._rules()
        delegations: dict[str, _Delegation] = {}
        results = []
        for row in rows:
            if isinstance(row, BadRow):
                results.append(RowResult(row.line, "refused", row.code, row.field))
                continue
            of_line = _of_line(row, metadata)
            outcome: UUID | Refused = _nomination_id(of_line)
            if event_id(of_line.command_id) not in named:
                if row.delegation_id not in delegations:
                    delegations[row.delegation_id] = _Delegation(self._log, self._delegations, row.delegation_id)
                outcome = await self._nominate(delegations[row.delegation_id], row.category, row.person, rules, of_line)
            if isinstance(outcome, Refused):
                results.append(RowResult(row.line, "refused", outcome.code))
            else:
                results.append(RowResult(row.line, "accepted", nomination_id=outcome))
        return results

    async def preview(self, rows: Sequence[Row | BadRow], metadata: Metadata) -> list[RowResult]:
        """What ``import_roster`` would say of each row in turn, with nothing stored."""
        rules = await self._rules()
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
            refused = await self._refusal(command, state, rules, await self._vault.find(row.person))
            if row.person.match_text() in seen:
                refused = refused or DuplicatePerson("named above in this file")
            if refused:
                results.append(RowResult(row.line, "refused", refused.code))
                continue
            seen.add(row.person.match_text())
            states[row.delegation_id] = DELEGATION.fold(_events(DELEGATION.decide(command, state)), state)
            results.append(RowResult(row.line, "accepted"))
        return results

    async def unnamed(self) -> list[UUID]:
        """People in the vault whom no delegation named and who register for none: what crashes left behind."""
        async with self._one_at_a_time:  # whoever is being named at this moment is not among them
            await self._registered.current()
            return [row["person_id"] for row in await self._pool.fetch(_UNNAMED)]

    async def erase(self, person_id: UUID, metadata: Metadata) -> Obeyed[State, PersonalDataErased] | Refused:
        """Deletes what the vault knows of somebody, and tells the others to forget it too."""
        stream = f"person-{person_id}"
        async with self._one_at_a_time:
            known = await self._vault.keeps(person_id) or self._vault.has_erased(person_id)
            command = ErasePersonalData(person_id=person_id, known=known)
            if not isinstance(PEOPLE.decide(command, await self._erasures.load(stream)), Refused):
                await self._vault.erase(person_id)
            return await self._erasures.obey(stream, command, metadata)

    async def erase_again(self, now: datetime) -> int:
        """Erases whom an older database brought back, by the list of erasures; how many they were."""
        back = await self._vault.brought_back()
        for person_id in back:
            # Recorded first: whoever is still kept after a crash in between is found once more.
            command = ErasePersonalData(person_id=person_id, known=True)
            metadata = Metadata("service:accreditation", uuid5(person_id, "erased again"), now)
            await self._erasures.obey(f"person-{person_id}", command, metadata)
            await self._vault.erase(person_id)
        return len(back)

    async def _invite(
        self, command: InviteDelegation, focal_point: Person | None, metadata: Metadata
    ) -> Obeyed[delegation.State, delegation.DelegationEvent] | Refused:
        stream = f"delegation-{command.delegation_id}"
        if focal_point is None:
            return await self._delegations.obey(stream, command, metadata)
        known = await self._vault.find(focal_point)
        contact = known or uuid5(metadata.command_id, "focal-point")
        command = command.model_copy(update={"focal_point_id": contact})
        foreseen = DELEGATION.decide(command, await self._delegations.load(stream))
        will_be_invited = not isinstance(foreseen, Refused) and len(foreseen) > 0
        if known is None and will_be_invited:  # asked again it is not: whoever was erased since is not kept anew
            kept = await self._keep(contact, focal_point)
            if isinstance(kept, Refused):
                return kept
            command = command.model_copy(update={"focal_point_id": kept})
        outcome = await self._delegations.obey(stream, command, metadata)
        if isinstance(outcome, Refused) and known is None and will_be_invited:  # another process invited them first
            await self._vault.remove(contact)
        return outcome

    async def _nominate(
        self, names: "_Delegation", category: str, person: Person, rules: Rules, metadata: Metadata
    ) -> UUID | Refused:
        async with self._one_at_a_time:
            await names.read_on()
            kept = await self._vault.find(person)
            command = NominateDelegate(
                delegation_id=names.delegation_id,
                nomination_id=_nomination_id(metadata),
                person_id=kept or uuid5(metadata.command_id, "person"),
                category=category,
            )
            return counted("NominateDelegate", await self._name(names, command, kept, person, rules, metadata))

    async def _name(
        self,
        names: "_Delegation",
        command: NominateDelegate,
        kept: UUID | None,
        person: Person,
        rules: Rules,
        metadata: Metadata,
    ) -> UUID | Refused:
        if command.nomination_id in names.state.nominated:  # asked again: nobody is kept for it once more
            return await names.obey(command, metadata)
        if refused := await self._refusal(command, names.state, rules, kept):
            return refused
        if kept is None:
            now_kept = await self._keep(command.person_id, person)
            if isinstance(now_kept, Refused):
                return now_kept
            if now_kept != command.person_id:
                return DuplicatePerson("another process is naming them at this moment")
        outcome = await names.obey(command, metadata)
        if isinstance(outcome, Refused) and kept is None:  # another process gave away the last place in between
            await self._vault.remove(command.person_id)
        return outcome

    async def _keep(self, person_id: UUID, person: Person) -> UUID | Refused:
        """Puts somebody into the vault, under an id made from the command; the id under which they are there now."""
        if self._vault.has_erased(person_id):
            return PersonErased(str(person_id))
        kept = await self._vault.put(person_id, person)
        return CommandIdReused("used before for somebody else") if kept is None else kept

    async def _refusal(
        self, command: NominateDelegate, state: delegation.State, rules: Rules, kept: UUID | None
    ) -> Refused | None:
        """Why this nomination would be refused, before anything is written."""
        if command.category not in rules:
            return matrix.CategoryUnknown(command.category)
        foreseen = DELEGATION.decide(command, state)
        if isinstance(foreseen, Refused):
            return foreseen
        if kept is not None:
            await self._registered.current()
            if await register.is_nominated(self._pool, kept):
                return DuplicatePerson("nominated already")
        return None


class _Delegation:
    """A delegation that names people, as far as it was read: for a roster's next row only what came since is read."""

    def __init__(
        self,
        log: Log,
        handler: CommandHandler[delegation.DelegationCommand, delegation.State, delegation.DelegationEvent],
        delegation_id: str,
    ) -> None:
        self._log = log
        self._handler = handler
        self._stream = f"delegation-{delegation_id}"
        self._version = 0
        self.delegation_id = delegation_id
        self.state = DELEGATION.initial

    async def read_on(self) -> None:
        """Up to what has happened by now."""
        recorded = await self._log.stream(self._stream, after=self._version)
        self._take([_CODEC.decode(one.type, one.schema_version, one.data) for one in recorded])

    async def obey(self, command: NominateDelegate, metadata: Metadata) -> UUID | Refused:
        """The nomination's id."""
        decision = _events(DELEGATION.decide(command, self.state))
        if decision:
            append = Append(self._stream, self._version, new_events(decision, metadata, publish, _CODEC))
            with suppress(AppendUnknownError):
                if isinstance(await self._log.append(append), Appended):
                    self._take(decision)
                    return command.nomination_id
        # Refused, obeyed before, overtaken, or nobody knows: the handler reads everything again, and tells which.
        outcome = await self._handler.obey(self._stream, command, metadata)
        return outcome if isinstance(outcome, Refused) else command.nomination_id

    def _take(self, events: Sequence[delegation.DelegationEvent]) -> None:
        self.state = DELEGATION.fold(events, self.state)
        self._version += len(events)


def _of_line(row: Row | BadRow, metadata: Metadata) -> Metadata:
    return derived(metadata, f"line-{row.line}")


def _nomination_id(metadata: Metadata) -> UUID:
    return uuid5(metadata.command_id, "nomination")


def _events(decision: Decision[delegation.DelegationEvent]) -> Sequence[delegation.DelegationEvent]:
    return [] if isinstance(decision, Refused) else decision
