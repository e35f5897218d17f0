"""What rules have found, made into incidents: one while it goes on, repeated at most every ten seconds.

The memory here spares work and decides nothing. What is on record does: each command names what it rests on, what
somebody closed or merged refuses to repeat, and the same command makes the same incident whoever gives it again. What a
crash forgets is ten seconds of a count, never an incident.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import asyncpg

from chassis.log.decider import Refused
from chassis.log.log import Metadata
from chassis.run.clock import Clock
from contracts.envelope import Envelope
from services.operations.domain.incident_commands import (
    EndCause,
    IncidentMergedAway,
    NotInThisState,
    RepeatIncident,
    ReportIncident,
)
from services.operations.domain.incident_record import Cause, Incident, Kind, Seen
from services.operations.incidents import ACTOR, Incidents
from services.operations.ruling.rules import Finding, Over, Wrong
from services.operations.views.incidents import raised_by_rules

REPEATED_EVERY = timedelta(seconds=10)  # of the gathering
_MOST_STANDING = 50  # things that are told apart within one incident


@dataclass(frozen=True, slots=True)
class Source:
    """What a finding rests on: the same one makes the same commands."""

    id: UUID
    seen: Seen | None = None
    traceparent: str | None = None

    @classmethod
    def of(cls, envelope: Envelope) -> "Source":
        return cls(envelope.id, Seen(log_id=envelope.log_id, number=envelope.number), envelope.traceparent)


@dataclass(slots=True)
class _Pending:
    """What was met again and is not on record yet."""

    count: int
    wrong: Wrong
    source: Source
    at: datetime
    people: dict[UUID, None] = field(default_factory=dict)
    badges: dict[UUID, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A cause whose incident is not closed, as far as this process knows."""

    incident_id: UUID
    kind: Kind
    standing: set[str]
    recorded_at: datetime
    seen: Seen | None
    pending: _Pending | None = None

    def has_counted(self, source: Source) -> bool:
        """Events come again when what they did is not known to be on record."""
        seen = self.pending.source.seen if self.pending else self.seen
        return seen is not None and seen.covers(source.seen)


class Causes:
    """All that goes on. Belongs to the process that leads."""

    def __init__(self, incidents: Incidents, pool: asyncpg.Pool, clock: Clock) -> None:
        self._incidents = incidents
        self._pool = pool
        self._clock = clock
        self._open: dict[str, _Open] = {}
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        """What is on record. A merged one is known by what it was merged into, once it is met again."""
        self._open = {
            incident.cause.key: _of(incident)
            for incident in await raised_by_rules(self._pool)
            if incident.cause is not None
        }

    async def take(self, finding: Finding, source: Source) -> None:
        """Raises UnavailableError, and errors that only put it off."""
        async with self._one_at_a_time:
            if isinstance(finding, Over):
                await self._end(finding, source)
            else:
                await self._meet(finding, source)

    async def record_repeats(self) -> None:
        """Puts on record what has waited long enough."""
        async with self._one_at_a_time:
            for cause, known in list(self._open.items()):
                if known.pending is not None and self._is_due(known):
                    await self._repeat(cause, known)

    def stands(self, wrong: Wrong) -> bool:
        """Whether an open incident tells of exactly this."""
        known = self._open.get(wrong.cause)
        return known is not None and wrong.about in known.standing

    def standing(self, kinds: Collection[Kind]) -> list[Over]:
        """What would end the causes of these kinds that stand."""
        return [
            Over(known.kind, about) for known in self._open.values() if known.kind in kinds for about in known.standing
        ]

    async def _meet(self, wrong: Wrong, source: Source) -> None:
        known = self._open.get(wrong.cause)
        if known is None:
            await self._raise(wrong, source)
        elif not known.has_counted(source):
            self._add(known, wrong, source)
            if self._is_due(known) or self._is_news(known, wrong):
                await self._repeat(wrong.cause, known)

    def _is_due(self, known: _Open) -> bool:
        return self._clock.now() - known.recorded_at >= REPEATED_EVERY

    def _is_news(self, known: _Open, wrong: Wrong) -> bool:
        """What goes on until it is over is on record at once, or its end would not be known for one."""
        return wrong.rule.stands and wrong.about not in known.standing and len(known.standing) < _MOST_STANDING

    def _add(self, known: _Open, wrong: Wrong, source: Source) -> None:
        now = self._clock.now()
        if known.pending is None:
            known.pending = _Pending(0, wrong, source, now)
        pending = known.pending
        pending.count += 1
        pending.wrong, pending.source, pending.at = wrong, source, now
        pending.people |= dict.fromkeys(wrong.people)
        pending.badges |= dict.fromkeys(wrong.badges)

    async def _raise(self, wrong: Wrong, source: Source) -> None:
        standing = (wrong.about,) if wrong.rule.stands else ()
        metadata = self._metadata(source, wrong.kind)
        command = ReportIncident(
            incident_id=source.id,
            number=1,
            by=ACTOR,
            now=metadata.occurred_at,
            kind=wrong.kind,
            severity=wrong.rule.severity,
            zone_id=wrong.zone_id,
            gate_id=wrong.gate_id,
            about=wrong.about,
            people=wrong.people,
            badges=wrong.badges,
            discreet=wrong.discreet,
            cause=Cause(key=wrong.cause, standing=standing, resolves=wrong.rule.resolves, seen=source.seen),
        )
        outcome = await self._incidents.report(command, metadata)
        if isinstance(outcome, Refused):
            raise RuleRefusedError(outcome.code)
        assert outcome.state is not None
        if outcome.state.is_open:  # one that was raised before may be closed by now: it is not raised again
            self._open[wrong.cause] = _of(outcome.state, self._clock.now())

    async def _repeat(self, cause: str, known: _Open) -> None:
        pending, known.pending = known.pending, None
        assert pending is not None
        wrong = pending.wrong
        metadata = self._metadata(pending.source, wrong.kind)
        command = RepeatIncident(
            by=ACTOR,
            now=metadata.occurred_at,
            count=pending.count,
            about=wrong.about if wrong.rule.stands else None,
            at_gate=wrong.gate_id,
            people=tuple(pending.people),
            badges=tuple(pending.badges),
            seen=pending.source.seen,
        )
        try:
            outcome = await self._incidents.obey(known.incident_id, command, metadata)
            while isinstance(outcome, IncidentMergedAway):
                known.incident_id = outcome.into
                outcome = await self._incidents.obey(known.incident_id, command, metadata)
        except BaseException:
            known.pending = pending
            raise
        if isinstance(outcome, NotInThisState):
            await self._begin_anew(cause, known, pending)
            return
        if isinstance(outcome, Refused):
            raise RuleRefusedError(outcome.code)
        assert outcome.state is not None
        after = self._open[cause] = _of(outcome.state, self._clock.now(), wrong.kind)
        if wrong.rule.stands:
            after.standing.add(wrong.about)  # also of one that was reported by hand, into which ours was merged

    async def _begin_anew(self, cause: str, known: _Open, pending: _Pending) -> None:
        """Somebody closed the incident: what was met after that is another one."""
        del self._open[cause]
        closed = await self._incidents.load(known.incident_id)
        if closed is None or pending.at >= closed.changed_at:
            await self._raise(pending.wrong, pending.source)

    async def _end(self, over: Over, source: Source) -> None:
        for known in list(self._open.values()):
            if known.kind != over.kind or over.about not in known.standing:
                continue
            metadata = self._metadata(source, f"{over.kind}-over-{known.incident_id}")  # one event may end several
            command = EndCause(by=ACTOR, now=metadata.occurred_at, about=over.about)
            outcome = await self._incidents.obey(known.incident_id, command, metadata)
            if isinstance(outcome, Refused):
                raise RuleRefusedError(outcome.code)
            known.standing.discard(over.about)

    def _metadata(self, source: Source, reaction: str) -> Metadata:
        return Metadata(
            ACTOR,
            uuid5(source.id, reaction),
            self._clock.now(),
            causation_id=source.id,
            traceparent=source.traceparent,
        )


class RuleRefusedError(Exception):
    """A command that follows from an event was refused: the event cannot be applied as it is."""


def _of(incident: Incident, recorded_at: datetime | None = None, kind: Kind | None = None) -> _Open:
    cause = incident.cause
    return _Open(
        incident.incident_id,
        kind or incident.kind,
        set(cause.standing) if cause else set(),
        recorded_at or incident.opened_at,
        cause.seen if cause else None,
    )
