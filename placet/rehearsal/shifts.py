"""Who is on duty in the room: an officer before noon, another after; every item handed over is accepted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from placet.rehearsal.outsider import Outsider
from placet.scenario.gathering import Scenario

_EARLY, _LATE = "operations.early", "operations.late"
_BEFORE_THE_GATES_OPEN = timedelta(minutes=30)
_TAKES = timedelta(minutes=10)  # from the offer to the last item


class Shifts:
    """Begins the first shift, and hands over in the middle of each day and before the gates open again."""

    def __init__(self, scenario: Scenario, outsider: Outsider, complaints: list[str]) -> None:
        self._outsider = outsider
        self._complaints = complaints
        self._changes = [
            (at.astimezone(UTC), officer)
            for day in scenario.days
            for at, officer in (
                (day.opens - _BEFORE_THE_GATES_OPEN, _EARLY),
                (day.opens + (day.closes - day.opens) / 2, _LATE),
            )
        ]
        self._planned = len(self._changes)
        self._offered: dict[str, Any] | None = None
        self.on_duty = _EARLY
        self.handovers = 0
        self.accepted_items = 0

    @property
    def has_begun(self) -> bool:
        """Whether somebody is on duty."""
        return len(self._changes) < self._planned

    @property
    def next_at(self) -> datetime | None:
        """When the next step is due; None: the last shift goes on to the end."""
        if not self._changes:
            return None
        at, _ = self._changes[0]
        return at if self._offered is None else at + _TAKES

    async def change(self, now: datetime) -> bool:
        """Does what is due: begins, offers, or accepts; whether anything was."""
        if self.next_at is None or self.next_at > now:
            return False
        _, officer = self._changes[0]
        if self._offered is not None:
            await self._take_over(officer, self._offered)
            self._offered = None
        elif officer == self.on_duty:
            await self._post("/v1/shift/start", officer, f"shift-{now.isoformat()}")
        else:
            note = {"note": "Nothing else to tell."}
            offered = await self._post("/v1/shift/handover", self.on_duty, f"handover-{now.isoformat()}", note)
            self._offered = offered["handover"] if offered else None
            if self._offered is not None:
                return True
        self._changes.pop(0)
        return True

    async def _take_over(self, officer: str, handover: dict[str, Any]) -> None:
        path = f"/v1/shift/handover/{handover['handover_id']}"
        for item in handover["items"]:
            accepted = f"{path}/items/{item['item_id']}/acceptance"
            self.accepted_items += await self._post(accepted, officer, f"{item['item_id']}-accepted") is not None
        if await self._post(f"{path}/completion", officer, f"{handover['handover_id']}-completed") is not None:
            self.on_duty = officer
            self.handovers += 1

    async def _post(self, path: str, officer: str, key: str, body: dict[str, str] | None = None) -> Any:
        answer = await self._outsider.post("operations", path, officer, key, body)
        if answer.ok:
            return answer.body
        self._complaints.append(f"shift {path.rpartition('/')[2]}: {answer.status} {answer.body.get('code')}")
        return None
