"""What a log is: the words for appending to it and reading from it, whichever way it is kept.

``PostgresLog`` is the real one; ``MemoryLog`` is its twin for tests. One contract suite holds both
(tests/chassis/log/test_log_contract.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from typing import Protocol
from uuid import UUID

from contracts.envelope import Envelope


def derived_id(namespace: UUID, name: str) -> UUID:
    """``uuid.uuid5``, in a third of its time: it is made for every scan."""
    digest = sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


def event_id(command_id: UUID, index: int = 0) -> UUID:
    """The id of the command's ``index``-th event: the same command repeated makes the same ids."""
    return derived_id(command_id, str(index))


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where an event came from: who, by which command, because of what, when."""

    actor: str
    """``desk:3f2a``, ``device:018f…``, ``service:access``: a principal, never a name."""
    command_id: UUID
    occurred_at: datetime
    """By the clock of the gathering."""
    body_hash: str = ""
    """SHA-256 of the command's content, so that a key used again for something else is noticed."""
    correlation_id: str | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None

    def to_json(self) -> str:
        fields = {
            "actor": self.actor,
            "command_id": str(self.command_id),
            "occurred_at": self.occurred_at.isoformat(),
            "body_hash": self.body_hash,
        }
        if self.correlation_id:
            fields["correlation_id"] = self.correlation_id
        if self.causation_id:
            fields["causation_id"] = str(self.causation_id)
        if self.traceparent:
            fields["traceparent"] = self.traceparent
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> "Metadata":
        fields = json.loads(text)
        causation_id = fields.get("causation_id")
        return cls(
            actor=fields["actor"],
            command_id=UUID(fields["command_id"]),
            occurred_at=datetime.fromisoformat(fields["occurred_at"]),
            body_hash=fields.get("body_hash", ""),
            correlation_id=fields.get("correlation_id"),
            causation_id=UUID(causation_id) if causation_id else None,
            traceparent=fields.get("traceparent"),
        )


@dataclass(frozen=True, slots=True)
class Shared:
    """The public face of an event, fixed when it is appended and never recomputed."""

    subject: str
    """Where it is published: ``access.BadgeScanned.v1.pln.pln-1.refused``."""
    about: str
    """The entity it is about; one poisoned event parks the later ones about the same entity."""
    body: str
    """The JSON that stream and feed carry for ever."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event on its way into the log."""

    id: UUID
    type: str
    schema_version: int
    data: str
    metadata: str
    shared: Shared | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """Events for one stream, stored together or not at all.

    ``expected`` is the version the stream must have (0: it must not exist yet); None appends to whatever is there.
    """

    stream: str
    expected: int | None
    events: Sequence[NewEvent]

    def __post_init__(self) -> None:
        if not self.events:
            raise ValueError("an append holds at least one event")


@dataclass(frozen=True, slots=True)
class Appended:
    """Stored."""

    position: int
    """Of the last event."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Not stored: the stream has another version than was expected."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """Not stored again: these event ids are in the log already."""

    known: frozenset[UUID]


AppendResult = Appended | Conflict | Repeated


class AppendUnknownError(Exception):
    """The connection went while the append was under way: it may or may not be stored. Asking again is safe."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the log holds it."""

    position: int
    stream: str
    version: int
    event_id: UUID
    type: str
    schema_version: int
    data: str
    metadata_json: str
    recorded_at: datetime
    number: int | None = None
    shared: Shared | None = None

    @property
    def metadata(self) -> Metadata:
        return Metadata.from_json(self.metadata_json)

    def envelope(self, service: str, log_id: UUID) -> Envelope:
        """Its shared face as it travels; only for events that have one."""
        assert self.number is not None
        assert self.shared is not None
        metadata = self.metadata
        return Envelope(
            id=self.event_id,
            type="placet." + ".".join(self.shared.subject.split(".")[:3]),
            source=f"/placet/{service}",
            subject=self.shared.about,
            time=metadata.occurred_at,
            number=self.number,
            log_id=log_id,
            data=self.shared.body.encode(),
            traceparent=metadata.traceparent,
        )


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log has come. ``log_id`` names its incarnation: a restored log gets a new one."""

    log_id: UUID
    position: int
    number: int


class Log(Protocol):
    """One service's record of everything that happened.

    Positions are dense and in commit order, so a reader by position never skips; numbers are the same over shared
    events only.
    """

    async def append(self, append: Append) -> AppendResult:
        """Stores, or says why not. Raises AppendUnknownError when nobody can tell."""
        ...

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Recorded]:
        """The stream's events after version ``after``, in order, at most ``limit``."""
        ...

    async def read(self, after: int, limit: int) -> Sequence[Recorded]:
        """Events after position ``after``, in order, at most ``limit``."""
        ...

    async def read_shared(self, after: int, limit: int) -> Sequence[Recorded]:
        """Shared events after number ``after``, in order, at most ``limit``."""
        ...

    async def find(self, ids: Sequence[UUID]) -> Sequence[Recorded]:
        """Those events of ``ids`` that are stored, by position."""
        ...

    async def head(self) -> Head: ...
