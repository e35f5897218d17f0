"""What operations asks the others every few seconds, for no event tells it: are they ready, how quick are their gates.

None of it is on record: what was not answered is not known, and is shown so.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from chassis.run.host import Host
from chassis.stream.peer import Peer, PeerUnreachableError
from contracts.topology import SERVICES
from services.operations.parts.shape import Picture, text

_READY_EVERY_S = 2.0
_GATES_EVERY_S = 5.0


class _Ready(BaseModel):
    degraded: list[str]


class VerdictMs(BaseModel):
    """Of one gate, in milliseconds."""

    p50: float
    p95: float
    scans: int


_VERDICT_TIMES = TypeAdapter(dict[str, VerdictMs])
_HEARD = TypeAdapter(dict[UUID, AwareDatetime])


@dataclass(slots=True)
class _Standing:
    """How a service is, and since when, real time."""

    state: Literal["up", "degraded", "down"]
    degraded: Sequence[str]
    since: datetime = field(default_factory=lambda: datetime.now(UTC))


class Asking:
    """Asks while ``run`` runs. ``degraded``: what this service itself does without."""

    def __init__(self, host: Host, degraded: Callable[[], Sequence[str]] = list) -> None:
        self._host = host
        self._degraded = degraded
        self._standing: dict[str, _Standing] = {}
        self._verdict_ms: Mapping[str, VerdictMs] = {}
        self.heard: Mapping[UUID, datetime] = {}
        """When access heard a scanner's heartbeat last, by the gathering's clock: events tell changes only."""

    def verdict_ms(self, gate_id: str) -> Picture | None:
        """Of the scans of the last five minutes; None: there were none, or access does not answer."""
        times = self._verdict_ms.get(gate_id)
        return None if times is None else times.model_dump()

    def services(self) -> list[Picture]:
        """One entry for each that was asked."""
        return [
            {"service": name, "state": one.state, "degraded": list(one.degraded), "since": text(one.since)}
            for name in SERVICES
            if (one := self._standing.get(name)) is not None
        ]

    async def run(self) -> None:
        """Until cancelled."""
        others = [name for name in SERVICES if name != self._host.service]
        async with asyncio.TaskGroup() as tasks:
            for name in others:
                tasks.create_task(self._ask_whether_ready(name))
            tasks.create_task(self._look_at_ourselves())
            tasks.create_task(self._ask_for_gates())

    async def _ask_whether_ready(self, name: str) -> None:
        async with aclosing(self._peer(name)) as peer:
            while True:
                try:
                    answer = _Ready.model_validate(await peer.get("/ready"))
                except (PeerUnreachableError, ValueError):
                    self._stands(name, able=False, degraded=())
                else:
                    self._stands(name, able=True, degraded=answer.degraded)
                await asyncio.sleep(_READY_EVERY_S)

    async def _look_at_ourselves(self) -> None:
        while True:
            self._stands(self._host.service, able=self._host.ready(), degraded=self._degraded())
            await asyncio.sleep(_READY_EVERY_S)

    def _stands(self, name: str, *, able: bool, degraded: Sequence[str]) -> None:
        known = self._standing.get(name)
        state: Literal["up", "degraded", "down"] = "down" if not able else "degraded" if degraded else "up"
        if known is None or known.state != state:
            self._standing[name] = _Standing(state, degraded)
        else:
            known.degraded = degraded

    async def _ask_for_gates(self) -> None:
        async with aclosing(self._peer("access")) as access:
            while True:
                try:
                    self._verdict_ms = _VERDICT_TIMES.validate_python(await access.get("/v1/gates/verdict-times"))
                except (PeerUnreachableError, ValueError):
                    self._verdict_ms = {}
                with suppress(PeerUnreachableError, ValueError):
                    told = await access.get("/v1/devices/heartbeats")
                    self.heard = {**self.heard, **_HEARD.validate_python(told)}
                await asyncio.sleep(_GATES_EVERY_S)

    def _peer(self, name: str) -> Peer:
        url: str = getattr(self._host.settings, f"{name}_url")
        return Peer(url, self._host.settings.service_token_file)
