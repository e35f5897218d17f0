"""Scanners without a connection: each lets people pass by itself, numbers what it did, and brings it later."""

from collections import Counter
from datetime import datetime

from contracts.words import Direction
from placet.plan.actions import Name, Scan

Door = tuple[str, int]
"""A gate and one of its lanes, from 1."""


class CutOffScanners:
    """Their journals, as they grow."""

    def __init__(self, name: Name) -> None:
        self._name = name
        self._entries: Counter[Door] = Counter()

    def passes(
        self, door: Door, at: datetime, direction: Direction, badge_of: str, person: str | None, brought: datetime
    ) -> Scan:
        """``person`` (None: a stranger) passes with somebody's badge, whatever has become of it."""
        gate, lane = door
        self._entries[door] += 1
        return Scan(
            at=at,
            id=self._name("Scan", "cut off", badge_of, gate, direction, at),
            person=person,
            gate=gate,
            lane=lane,
            direction=direction,
            presents="current",
            badge_of=badge_of,
            delivered_at=brought,
            sequence=self._entries[door],
        )
