"""How near each source is: whether the numbers can be believed, and if not, why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.run.host import Host
from chassis.stream.consumer import Consumer
from chassis.stream.standing import State, complaint_of, state_of


@dataclass(frozen=True, slots=True)
class Sources:
    """The three services that operations reads, as this process knows them."""

    host: Host

    def numbers(self) -> Sequence[int]:
        """The last number applied of each, as far as this process applies them: changes when there is news."""
        return [consumer.reader.number for consumer in self.host.consumers]

    def shown(self, applied: Mapping[str, int]) -> list[dict[str, Any]]:
        """One entry a source; ``applied``: the numbers the picture is drawn from."""
        return [self._shown(consumer, applied) for consumer in self.host.consumers]

    def degraded(self) -> list[str]:
        """``access:silent`` for each source that nothing is heard of."""
        return [
            f"{consumer.reader.source}:silent" for consumer in self.host.consumers if self._state(consumer) == "silent"
        ]

    def _shown(self, consumer: Consumer, applied: Mapping[str, int]) -> dict[str, Any]:
        source = consumer.reader.source
        return {
            "source": source,
            "state": self._state(consumer),
            "number": applied.get(source, 0),
            "lag": consumer.lag if self.host.lease.held.is_set() else None,
            "complaint": complaint_of(consumer),
        }

    def _state(self, consumer: Consumer) -> State:
        return state_of(consumer, leads=self.host.lease.held.is_set())
