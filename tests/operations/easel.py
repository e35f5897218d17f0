"""Draws what the view holds, at a time of the test's choosing, without any process at work."""

from collections.abc import Mapping
from typing import Any

from chassis.run.clock import ScenarioClock
from chassis.run.host import Host
from services.operations.asking import Asking
from services.operations.picture import KEYED, Drawing
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources


class Easel:
    """``asking``: what the others would have answered."""

    def __init__(self, host: Host, settings: OperationsSettings, clock: ScenarioClock) -> None:
        self.now = clock.set
        self.asking = Asking(host)
        self._drawing = Drawing(host.pool, host.clock, settings, Sources(host), self.asking)

    async def draw(self) -> Mapping[str, Any]:
        return await self._drawing.draw()

    async def part(self, name: str, entry: str | None = None) -> Any:
        part = (await self.draw())[name]
        if entry is None:
            return part
        (found,) = [one for one in part if one[KEYED[name]] == entry]
        return found
