"""The service itself against the doorkeeper with a book: thousands of steps over HTTP, on a real database.

In between the gatekeeper is replaced, scans are asked again, and a stand-by's memory is compared with the leader's.
"""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar
from uuid import UUID

import pytest

from contracts import accreditation as theirs
from services.access.domain.record.badges import Badge
from services.access.domain.venue import VenueEvent
from tests.access.controls import CLOSES, GATES, OPENS, SIGNER, ZONES
from tests.access.happenings import (
    BADGES,
    PEOPLE,
    Befalls,
    Happening,
    Holds,
    Locks,
    Passes,
    Resizes,
    Scan,
    Shown,
)
from tests.access.refused import forged
from tests.access.running import Access, key_published, scan_body
from tests.access.test_against_a_book import LEADS_TO, Book, Doors

T = TypeVar("T")


class Service:
    """The service, with steps that can be waited for by somebody who is no coroutine."""

    def __init__(self, access: Access, loop: asyncio.AbstractEventLoop) -> None:
        self.access = access
        self._loop = loop
        self._reign = AsyncExitStack()
        self._read = 0  # of the log
        self.scans: list[tuple[dict[str, Any], dict[str, Any]]] = []
        """Those that were answered, with their answers."""

    def wait(self, for_it: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(for_it, self._loop).result(60)

    async def begins(self) -> None:
        await self._reign.enter_async_context(self.access.leading())

    async def ends(self) -> None:
        await self._reign.aclose()
        self._reign = AsyncExitStack()

    async def news(self) -> list[VenueEvent]:
        """What was recorded since this was asked last."""
        found = await self.access.host.log.read(self._read, 100_000)
        self._read += len(found)
        return [self.access.gatekeeper.decode(event) for event in found]

    async def does(self, happening: Happening) -> list[VenueEvent]:
        match happening:
            case Scan():
                await self._scan(happening)
            case Befalls(person, change):
                known = self.access.gatekeeper.venue.badges.known[BADGES[person].badge_id]
                await self.access.hears(*_told(known, change))
            case Holds(person, held):
                reader, about = self.access.reader, f"badge-{BADGES[person].badge_id}"
                await (reader._on_parked if held else reader._on_released)(about)
            case Locks(zone, locked):
                order = {"zone_id": ZONES[zone].zone_id}
                if locked:
                    await self.access.did("/v1/lockdowns", {**order, "reason": "alarm"}, "commander")
                else:
                    await self.access.did("/v1/lockdowns/lifting", order, "commander")
            case Resizes(zone, capacity):
                facts = self.access.gatekeeper.venue.layout.zones[ZONES[zone].zone_id].model_dump(exclude={"path"})
                await self.access.did("/v1/zones", {**facts, "capacity": capacity})
            case Passes(minutes):
                self.access.clock.passes(minutes=minutes)
        return await self.news()

    async def _scan(self, scan: Scan) -> None:
        known = self.access.gatekeeper.venue.badges.known[BADGES[scan.person].badge_id]
        scanned_at = self.access.clock.now().isoformat()
        body = scan_body(_text(known, scan.shown), GATES[scan.gate], scan.direction, scanned_at=scanned_at)
        answer = await self.access.scan_answer(body)
        assert answer.status_code == 200, answer.text
        self.scans.append((body, answer.json()))

    async def asked_again(self, chance: random.Random) -> None:
        """The same scan, the same verdict, and nothing more on record."""
        body, verdict = chance.choice(self.scans)
        answer = await self.access.scan_answer(body)
        assert answer.json() == {**verdict, "replayed": True}
        assert await self.news() == []


def _told(known: Badge, change: str) -> list[Any]:
    who = {"badge_id": known.badge_id, "person_id": known.person_id}
    match change:
        case "activated":
            return [theirs.BadgeActivated(**who, version=known.version)]
        case "lost":
            return [theirs.BadgeReportedLost(**who, version=known.version, delegation_id=known.delegation_id)]
        case "replaced":
            return [theirs.BadgeReplaced(**who, version=known.version + 1)]
        case "suspended":
            return [theirs.BadgeSuspended(**who, reason="lost_sight")]
        case "reinstated":
            return [theirs.BadgeReinstated(**who)]
        case _:
            return [theirs.BadgeRevoked(**who, delegation_id=known.delegation_id, reason="withdrawn")]


def _text(known: Badge, shown: Shown) -> str:
    version = {"old": max(1, known.version - 1), "ahead": known.version + 1}.get(shown, known.version)
    match shown:
        case "unknown":
            return SIGNER.credential(UUID(int=known.badge_id.int ^ 0xFF), 1, OPENS, CLOSES)
        case "credential_malformed":
            return "12345678"
        case "signature_invalid":
            return forged(known)
        case _:
            return SIGNER.credential(known.badge_id, version, OPENS, CLOSES)


class ServiceDoors(Doors):
    """The doors, kept by the service."""

    service: Service

    def ask(self, happening: Happening) -> list[VenueEvent]:
        self.scans += 1
        return self.service.wait(self.service.does(happening))

    def time_passes(self, minutes: int) -> None:
        super().time_passes(minutes)
        self.ask(Passes(minutes))

    def opens_once(self, service: Service) -> None:
        self.service = service
        self.book, self.scans = Book(), 0
        self.now = service.access.clock.now()
        service.wait(service.news())

    def a_step(self, chance: random.Random) -> None:
        match chance.randrange(14):
            case 0 if self.service.scans:
                self.service.wait(self.service.asked_again(chance))
            case 1:
                self.time_passes(1)
            case _:
                super().a_step(chance)

    def the_book_agrees(self) -> None:
        venue = self.service.access.gatekeeper.venue
        rooms = sorted(set(LEADS_TO.values()))
        assert {room: venue.presence.count(room) for room in rooms} == {room: self.book.count(room) for room in rooms}
        assert {person: set(venue.presence.of(person)) for person in PEOPLE} == self.book.rooms

    def the_gatekeeper_is_replaced(self) -> None:
        """What the next one knows, it has from the log."""
        before = self.service.access.gatekeeper.venue
        self.service.wait(self.service.ends())
        self.service.access.gatekeeper.committed.venue = before._replace(
            **{name: getattr(type(before)(before.venue_id), name) for name in before._fields}
        )
        self.service.access.gatekeeper.committed._log_id = None  # it knows of no log, and reads from the beginning
        self.service.wait(self.service.begins())
        after = self.service.access.gatekeeper.venue
        assert after._replace(version=before.version) == before
        self.service.wait(self.service.news())


def keeps(service: Service, seed: int, steps: int) -> None:
    chance = random.Random(seed)
    doors = ServiceDoors()
    doors.opens_once(service)
    for step in range(steps):
        doors.a_step(chance)
        if step % 50 == 0:
            doors.the_book_agrees()
        if step % (steps // 3) == steps // 4:
            doors.the_gatekeeper_is_replaced()
    doors.the_book_agrees()


async def _driven(access: Access, steps: int) -> None:
    service = Service(access, asyncio.get_running_loop())
    await service.begins()
    try:
        await access.lay_out()
        await access.hears(key_published())
        await access.knows(*BADGES.values())
        await asyncio.to_thread(keeps, service, random.randrange(2**32), steps)
    finally:
        await service.ends()


async def test_the_service_does_what_the_doorkeeper_does(access: Access) -> None:
    await _driven(access, steps=600)


@pytest.mark.soak
async def test_the_service_does_what_the_doorkeeper_does_for_days(access: Access) -> None:
    await _driven(access, steps=15_000)


async def test_a_service_that_forgets_somebody_is_noticed(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: whoever leaves stays in its memory."""
    obey = access.gatekeeper.obey

    async def forgets(command: Any, metadata: Any) -> Any:
        before = access.gatekeeper.committed.venue.presence
        outcome = await obey(command, metadata)
        if getattr(command, "direction", "") == "out":
            venue = access.gatekeeper.committed.venue
            access.gatekeeper.committed.venue = venue._replace(presence=before)
        return outcome

    monkeypatch.setattr(access.gatekeeper, "obey", forgets)

    with pytest.raises(AssertionError):
        await _driven(access, steps=200)
