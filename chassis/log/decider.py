"""Deciding: a command and the state it meets give events, or a refusal. Pure and total: nothing is raised, no clock,
no randomness; time and ids come in with the command.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """An intention, in the imperative. Refuses fields it does not know: a typo must not pass silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(BaseModel):
    """A part of commands and events that has no life of its own. Reads tolerantly, as events do."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(BaseModel):
    """A fact of this service's own log, in the past tense. Reads tolerantly: old events lack new fields.

    The class name is stored; a new shape under the same name raises ``schema_version`` and adds an upcast.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a command was not obeyed, as a fact. The class docstring says it in general, ``detail`` in this case.

    ``detail`` names ids, codes and numbers, never a person.
    """

    detail: str
    code: ClassVar[str] = "refused"


class Unknown(Refused):
    """There is no such thing."""

    __slots__ = ()
    code = "unknown"


C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)

Decision = Sequence[E] | Refused


@dataclass(frozen=True)
class Decider(Generic[C, S, E]):
    """One decision maker: how it decides, how a fact changes its state, where it starts, which facts it knows.

    ``decide`` gives no events for what is already true; ``evolve`` never refuses, for it has already happened.
    """

    decide: Callable[[C, S], Decision[E]]
    evolve: Callable[[S, E], S]
    initial: S
    events: tuple[type[E], ...]

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """The state after ``events``, starting from ``state`` or from nothing."""
        folded = self.initial if state is None else state
        for event in events:
            folded = self.evolve(folded, event)
        return folded
