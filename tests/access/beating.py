"""Heartbeats of devices, and the clock that silence is measured by."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from services.access.fleet import Fleet
from services.access.revocations import Revocations
from tests.access.running import Access
from tests.controls import NOW

T = TypeVar("T")


@dataclass
class HandMonotonic:
    """Seconds, as a test lets them pass."""

    time: float = 1_000.0

    def __call__(self) -> float:
        return self.time

    def passes(self, seconds: float) -> None:
        self.time += seconds


def part_of(access: Access, kind: type[T]) -> T:
    """The one of this kind that works while the process leads."""
    owners = (getattr(work, "__self__", None) for work in access.host.leading)
    return next(owner for owner in owners if isinstance(owner, kind))


def timed(access: Access) -> HandMonotonic:
    """From now on silence, and how long a revocation takes, is as long as the test says."""
    clock = HandMonotonic()
    for part in (part_of(access, Fleet), part_of(access, Revocations)):
        part._monotonic = clock
    part_of(access, Fleet)._since = clock()
    return clock


async def beat(access: Access, headers: dict[str, str], **changed: Any) -> dict[str, Any]:
    """A heartbeat, and what the device is told."""
    usual = {
        "time": NOW.isoformat(),
        "battery": 87,
        "queue": 0,
        "policy_version": access.gatekeeper.venue.policy_version,
        "revocation_version": access.gatekeeper.venue.badges.revocations.version,
        "software": "placet-gate-1.4.2",
    }
    headers = {**headers, "Idempotency-Key": str(uuid4())}
    answer = await access.client.post("/v1/devices/heartbeat", json={**usual, **changed}, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told
