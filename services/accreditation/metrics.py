"""What Prometheus sees of accreditation: which commands came, and what became of them. Never an id."""

from typing import TypeVar

from prometheus_client import Counter

from chassis.log.decider import C, E, Refused, S
from chassis.log.log import Metadata
from chassis.log.obey import CommandHandler, Obeyed

COMMANDS = Counter(
    "placet_accreditation_commands", "Commands: accepted, or the code of the refusal.", ["command", "outcome"]
)

T = TypeVar("T")


def counted(command: str, outcome: T) -> T:
    """``outcome``, counted."""
    COMMANDS.labels(command, outcome.code if isinstance(outcome, Refused) else "accepted").inc()
    return outcome


class CountingHandler(CommandHandler[C, S, E]):
    """A decider at work on a log, its outcomes counted under the names of its commands."""

    async def obey(self, stream: str, command: C, metadata: Metadata) -> Obeyed[S, E] | Refused:
        return counted(type(command).__name__, await super().obey(stream, command, metadata))
