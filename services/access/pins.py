"""Who passes with a pin, for the screen of the protocol officer, who knows them by name and greets them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

from pydantic import BaseModel

from chassis.log.log import Metadata
from chassis.run.clock import Clock
from services.access.domain.gatekeeping import ListHolders
from services.access.domain.passage import passes_with_pin
from services.access.domain.record.badges import Badge
from services.access.domain.venue import Venue
from services.access.gatekeeper import Gatekeeper
from services.access.holders import Holders

_AT_A_TIME = 1_000  # badges looked at before scans that wait get their turn


class PinHolder(BaseModel):
    """A head of State or of delegation. ``name`` null: not known here yet; ``zones``: believed in, outermost first."""

    person_id: UUID
    delegation_id: str
    category: str
    zones: tuple[str, ...]
    name: str | None


class PinHolders:
    """The list. To be shown names is recorded."""

    def __init__(self, gatekeeper: Gatekeeper, holders: Holders, clock: Clock) -> None:
        self._gatekeeper = gatekeeper
        self._holders = holders
        self._clock = clock

    async def listed(self, actor: str) -> list[PinHolder]:
        """For ``actor``, by delegation. Raises UnavailableError."""
        venue = self._gatekeeper.venue
        listed = [self._holder(badge, venue) async for badge in _entitled(venue)]
        self._holders.want(one.person_id for one in listed if one.name is None)
        named = ListHolders(people=tuple(one.person_id for one in listed if one.name is not None))
        if named.people:
            await self._gatekeeper.obey(named, Metadata(actor, uuid4(), self._clock.now()))
        return sorted(listed, key=lambda one: (one.delegation_id, one.category, one.person_id))

    def _holder(self, badge: Badge, venue: Venue) -> PinHolder:
        known = self._holders.get(badge.person_id)
        return PinHolder(
            person_id=badge.person_id,
            delegation_id=badge.delegation_id,
            category=badge.category,
            zones=venue.presence.of(badge.person_id),
            name=known.name if known else None,
        )


async def _entitled(venue: Venue) -> AsyncIterator[Badge]:
    for number, badge_id in enumerate(venue.badges.by_person.values(), start=1):
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)
        badge = venue.badges.known[badge_id]
        if passes_with_pin(badge, venue):
            yield badge
