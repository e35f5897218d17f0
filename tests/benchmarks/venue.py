"""The venue that is measured: its layout, its badges, and who walks through which gate in which order.

Zones and gates are defined over HTTP. Badges are learned as access learns them: accreditation's events become commands,
the decider decides them, and what it decides goes through the real append; in batches, and before access starts.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from chassis.log.decider import Refused
from chassis.log.log import Append, Appended, Log, Metadata, NewEvent
from chassis.log.obey import new_events
from contracts import accreditation as theirs
from placet.rehearsal.outsider import Outsider
from services.access.committed import Committed
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.rules.entry import Reading
from services.access.domain.scan import ScanBadge
from services.access.published import publish
from services.access.reactions import react
from services.accreditation.credential import Issuer

EVENT, VENUE, GATE = "bench-2025", "bench", "gate-0-0"
_AREA = "per"
_NAMESPACE = UUID("7b0b3f6e-57a5-5b8e-a9f3-3e1f2f4c9d10")
_BEGINS = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
_ENDS = _BEGINS + timedelta(days=30)
_BATCH = 500
_BLOCK = 500
"""Badges that are scanned in turn, then in turn again."""
_SCANS_OF_A_BADGE = ("in", "out", "in", "out")


async def lay_out(outsider: Outsider) -> None:
    """40 zones and 160 gates: the grounds, whose gates are measured, and rooms inside them."""
    zones: list[dict[str, object]] = [
        {"zone_id": "grounds", "area": _AREA, "parent_id": None, "capacity": None, "zone_class": "open"}
    ]
    rooms: dict[str, object] = {"area": "pln", "parent_id": "grounds", "capacity": 2_000, "zone_class": "controlled"}
    zones += [{"zone_id": f"room-{number}", **rooms} for number in range(1, 40)]
    for number, zone in enumerate(zones):
        names = dict.fromkeys(("en", "fr", "vi"), str(zone["zone_id"]).capitalize())
        await _did(outsider, "/v1/zones", {**zone, "names": names})
        for lane in range(4):
            gate = {"gate_id": f"gate-{number}-{lane}", "name": f"Gate {number}.{lane}"}
            ends = {"from_zone_id": zone["parent_id"], "to_zone_id": zone["zone_id"]}
            await _did(outsider, "/v1/gates", {**gate, **ends})


async def enrol(outsider: Outsider) -> str:
    """The token of a device at the gate."""
    code = (await _did(outsider, "/v1/devices/codes", {"gate_id": GATE}))["code"]
    token: str = (await _did(outsider, "/v1/devices/enrol", {"code": code, "public_key": "00" * 32}))["token"]
    return token


def learning(badges: int) -> list[VenueCommand]:
    """What access does when badges are issued and handed over."""
    events = (event for number in range(badges) for event in (_issued(number), _activated(number)))
    return [command for event in events if (command := react(event, number=0)) is not None]


async def grow(log: Log, committed: Committed, commands: Sequence[VenueCommand]) -> None:
    """Decides and appends commands in batches."""
    for start in range(0, len(commands), _BATCH):
        version = committed.venue.version
        await store(log, committed, version, decided(committed, commands[start : start + _BATCH]))


def decided(committed: Committed, commands: Sequence[VenueCommand]) -> list[NewEvent]:
    """What the decider makes of commands, as the gatekeeper appends it; folded into ``committed``."""
    new: list[NewEvent] = []
    for command in commands:
        events = committed.decider.decide(command, committed.venue)
        assert not isinstance(events, Refused), events
        committed.venue = committed.decider.fold(events, committed.venue)
        metadata = Metadata("service:benchmark", uuid4(), datetime.now(UTC))
        new += new_events(events, metadata, publish, committed.codec)
    return new


async def store(log: Log, committed: Committed, version: int, new: Sequence[NewEvent]) -> None:
    """Appends events to the venue's stream, which has ``version``, in batches."""
    for start in range(0, len(new), _BATCH):
        result = await log.append(Append(committed.stream, version + start, new[start : start + _BATCH]))
        assert isinstance(result, Appended), result


def scan_body(text: str) -> dict[str, str]:
    """A scan of a badge, as the device at the gate posts it."""
    now = datetime.now(UTC).isoformat()
    scan = {"scan_id": str(uuid4()), "gate_id": GATE, "direction": "in", "credential": text}
    return {**scan, "scanned_at": now, "source": "scanner"}


def scan(step: int, badges: int) -> ScanBadge:
    """The ``step``-th scan of a history in which everybody of ``badges`` comes and goes in turn."""
    now = datetime.now(UTC)
    number = step % badges
    return ScanBadge(
        scan_id=uuid4(),
        gate_id=GATE,
        direction="out" if step // badges % 2 else "in",
        reading=Reading(badge_id=_badge_id(number), version=1, not_before=_BEGINS, expires=_ENDS),
        device_id=None,
        source="turnstile",
        holder_known=True,
        scanned_at=now,
        now=now,
    )


def person_id(number: int) -> UUID:
    return uuid5(_NAMESPACE, f"person {number}")


@dataclass
class Walk:
    """Who shows their badge next: each comes, goes, comes again and goes. A quarter are first scans of a badge."""

    texts: Sequence[str]
    _block: int = 0
    """Where the next load begins."""

    @classmethod
    def of(cls, badges: int, issuer: Issuer) -> "Walk":
        return cls([issuer.credential(_badge_id(number), 1, _BEGINS, _ENDS) for number in range(badges)])

    def write(self, file: Path, scans: int) -> list[bool]:
        """At least ``scans`` lines for the generator; whether each is the first scan of its badge."""
        first: list[bool] = []
        with file.open("w", encoding="ascii") as out:
            for block in itertools.count(self._block):
                for text, direction, is_first in self._scans_of(block):
                    out.write(f"{direction} {text}\n")
                    first.append(is_first)
                if len(first) >= scans:
                    return first
        raise AssertionError

    def went(self, scans: int) -> None:
        """So many of them were made; the next load begins with people who were not at the gate yet."""
        self._block += -(-scans // (_BLOCK * len(_SCANS_OF_A_BADGE)))

    def _scans_of(self, block: int) -> Iterator[tuple[str, str, bool]]:
        begins = block * _BLOCK
        for turn, direction in enumerate(_SCANS_OF_A_BADGE):
            for number in range(begins, begins + _BLOCK):
                yield self.texts[number % len(self.texts)], direction, turn == 0 and number < len(self.texts)


@cache
def _badge_id(number: int) -> UUID:
    return uuid5(_NAMESPACE, f"badge {number}")


def _issued(number: int) -> theirs.BadgeIssued:
    return theirs.BadgeIssued(
        badge_id=_badge_id(number),
        version=1,
        nomination_id=uuid5(_NAMESPACE, f"nomination {number}"),
        person_id=person_id(number),
        delegation_id=f"d{number % 100}",
        category="delegate",
        areas=(_AREA, "pln"),
        valid_from=_BEGINS,
        valid_until=_ENDS,
    )


def _activated(number: int) -> theirs.BadgeActivated:
    return theirs.BadgeActivated(badge_id=_badge_id(number), version=1, person_id=person_id(number))


async def _did(outsider: Outsider, path: str, body: dict[str, object]) -> dict[str, str]:
    answer = await outsider.post("access", path, "admin", uuid4().hex, body)
    assert answer.ok, (path, answer.status, answer.body)
    did: dict[str, str] = answer.body
    return did
