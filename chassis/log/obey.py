"""Obeying a command: read its stream, decide, append; again when somebody else was faster, or nobody knows."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from chassis.log.codec import Codec
from chassis.log.decider import C, Decider, E, Refused, S
from chassis.log.log import (
    Append,
    Appended,
    AppendUnknownError,
    Conflict,
    Log,
    Metadata,
    NewEvent,
    Recorded,
    Repeated,
    Shared,
    event_id,
)
from chassis.run.database import passing
from contracts.event import SharedEvent

_PATIENCE_S = 10.0

Publish = Callable[[E], SharedEvent | None]
"""A private event to the shared one that tells the others, or None. Pure."""


class UnavailableError(Exception):
    """The log could not be reached in time; whether the command was obeyed is not known. Asking again is safe."""


class CommandIdReused(Refused):
    """The idempotency key was used for something else."""

    __slots__ = ()
    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Obeyed(Generic[S, E]):
    """What came of a command: its events (none if all was so already) and the state of its stream now.

    Asked again, these are the events of the first time.
    """

    events: Sequence[E]
    state: S


class CommandHandler(Generic[C, S, E]):
    """A decider at work on a log."""

    def __init__(self, log: Log, decider: Decider[C, S, E], publish: Publish[E], codec: Codec[E] | None = None) -> None:
        self._log = log
        self._decider = decider
        self._publish = publish
        self._codec = codec or Codec(decider.events)

    async def load(self, stream: str) -> S:
        """The state of a stream; the decider's initial one where nothing happened yet."""
        return self._decider.fold(map(self._decode, await self._log.stream(stream)))

    async def obey(self, stream: str, command: C, metadata: Metadata) -> Obeyed[S, E] | Refused:
        """Its effect, once, however often it is asked. Raises UnavailableError."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                outcome = await self._attempt(stream, command, metadata)
            except Exception as error:
                if not (isinstance(error, AppendUnknownError) or passing(error)):
                    raise
                if time.monotonic() > deadline:
                    raise UnavailableError from error
                await asyncio.sleep(0.1)
            else:
                if outcome is not None:
                    return outcome

    async def _attempt(self, stream: str, command: C, metadata: Metadata) -> Obeyed[S, E] | Refused | None:
        """None: somebody else appended in between, decide again."""
        recorded = await self._log.stream(stream)
        state = self._decider.fold(map(self._decode, recorded))
        before = self._of_command(recorded, metadata)
        if before:
            return self._as_before(before, state, metadata)
        decision = self._decider.decide(command, state)
        if isinstance(decision, Refused):
            return decision
        if not decision:
            return Obeyed((), state)
        append = Append(stream, len(recorded), new_events(decision, metadata, self._publish, self._codec))
        match await self._log.append(append):
            case Appended():
                return Obeyed(decision, self._decider.fold(decision, state))
            case Conflict():
                return None
            case Repeated(known):
                stored = await self._log.find(sorted(known))
                if stored[0].stream == stream:
                    return None  # the first copy of this command was faster: its events are in the stream now
                return CommandIdReused(f"used before for {stored[0].type}")

    def _of_command(self, recorded: Sequence[Recorded], metadata: Metadata) -> list[Recorded]:
        first = event_id(metadata.command_id)
        if not any(event.event_id == first for event in recorded):
            return []
        return [event for event in recorded if event.metadata.command_id == metadata.command_id]

    def _as_before(self, before: Sequence[Recorded], state: S, metadata: Metadata) -> Obeyed[S, E] | Refused:
        if before[0].metadata.body_hash != metadata.body_hash:
            return CommandIdReused(f"used before for {before[0].type}")
        return Obeyed([self._decode(event) for event in before], state)

    def _decode(self, recorded: Recorded) -> E:
        return self._codec.decode(recorded.type, recorded.schema_version, recorded.data)


def new_events(events: Sequence[E], metadata: Metadata, publish: Publish[E], codec: Codec[E]) -> list[NewEvent]:
    """Decided events as they are appended: ids derived from the command, shared faces fixed now and for ever."""
    metadata_json = metadata.to_json()
    return [
        NewEvent(
            id=event_id(metadata.command_id, index),
            type=type(event).__name__,
            schema_version=event.schema_version,
            data=codec.encode(event),
            metadata=metadata_json,
            shared=_face(publish(event)),
        )
        for index, event in enumerate(events)
    ]


def _face(shared: SharedEvent | None) -> Shared | None:
    return None if shared is None else Shared(shared.subject(), shared.about(), shared.model_dump_json())
