"""The scanners' signs of life, in seconds of ours: silence is measured so, however fast a gathering is played."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from uuid import uuid4

from chassis.run.clock import ScenarioClock
from placet.rehearsal.outsider import Outsider
from placet.scenario.gathering import Scenario

Lane = tuple[str, int]
"""A gate and one of its lanes, from 1."""
_LOOK_S = 0.1


class Beating:
    """Every scanner of ``tokens`` says each ``every_s`` seconds that it is there, unless its gate has fallen silent.

    ``noticed_within_s``: for so long the silence is kept up until the gates have noticed it; 0: it lasts as planned.
    """

    def __init__(
        self,
        scenario: Scenario,
        outsider: Outsider,
        tokens: Mapping[Lane, str],
        clock: ScenarioClock,
        every_s: float,
        noticed_within_s: float = 0,
    ) -> None:
        self._silence = scenario.mishaps.silent_gate
        self._outsider = outsider
        self._tokens = tokens
        self._clock = clock
        self._every_s = every_s
        self._noticed_within_s = noticed_within_s
        self.is_back = False
        """Whether the silence is over."""
        self._knows: dict[Lane, dict[str, int]] = {}

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        """As long as this is entered."""
        beats = asyncio.create_task(self._run())
        try:
            yield
        finally:
            beats.cancel()
            with suppress(asyncio.CancelledError):
                await beats

    async def _run(self) -> None:
        while True:
            for lane in self._tokens:
                if not self._is_silent(lane):
                    await self._beat(lane)
                await asyncio.sleep(self._every_s / len(self._tokens))

    async def bring_back(self, gate: str) -> None:
        """Returns when its scanners may be heard again."""
        deadline = time.monotonic() + self._noticed_within_s
        while time.monotonic() < deadline and not await self._is_noticed(gate):
            await asyncio.sleep(_LOOK_S)
        self.is_back = True
        for lane in self._tokens:
            if lane[0] == gate:
                await self._beat(lane)

    def _is_silent(self, lane: Lane) -> bool:
        return lane[0] == self._silence.gate and self._silence.at <= self._clock.now() and not self.is_back

    async def _is_noticed(self, gate: str) -> bool:
        known = (await self._outsider.get("access", "/v1/devices", "supervisor")).body
        return all(one["silent"] for one in known if one["gate_id"] == gate)

    async def _beat(self, lane: Lane) -> None:
        """As any scanner: with what it was told last time."""
        body = {"time": self._clock.now().astimezone(UTC).isoformat(), "queue": 0, **self._knows.get(lane, {})}
        answer = await self._outsider.as_device(self._tokens[lane], "/v1/devices/heartbeat", str(uuid4()), body)
        if answer.ok:
            self._knows[lane] = {name: answer.body[name] for name in ("policy_version", "revocation_version")}
