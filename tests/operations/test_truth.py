"""What the page shows is what access believes: its own decider lives a random day, and operations is told of it."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.run.clock import ScenarioClock
from chassis.run.host import Host
from chassis.stream.feedview import FeedView
from chassis.stream.reader import Delivered
from contracts.access import (
    AllClearGiven,
    EvacuationOrdered,
    ExitsInferred,
    LockdownDeclared,
    LockdownLifted,
    OccupancyCorrected,
    PassageUndone,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    ZoneCapacityWarned,
    ZoneRetired,
)
from contracts.event import SharedEvent
from services.access.domain.venue import Venue
from services.operations.app import build
from services.operations.picture import Drawing, Picture
from services.operations.settings import OperationsSettings
from services.operations.sources import Sources
from services.operations.views.live import Live
from tests.conftest import Database
from tests.operations.conftest import Folded
from tests.operations.histories import History
from tests.operations.told import Told

FOLLOWED: Sequence[type[SharedEvent]] = (
    AllClearGiven, EvacuationOrdered, ExitsInferred, LockdownDeclared, LockdownLifted, OccupancyCorrected,
    PassageUndone, ZoneCapacityEased, ZoneCapacityReached, ZoneCapacityRestored, ZoneCapacityWarned, ZoneRetired,
)  # fmt: skip
"""Beside scans and the layout, which other tests would miss at once."""


@pytest.fixture
async def drawing(configured: OperationsSettings, database: Database, clock: ScenarioClock) -> Drawing:
    host = Host("operations", configured, database.pool)
    await build(host)
    return Drawing(host.pool, host.clock, configured, Sources(host))


def believed(venue: Venue) -> Mapping[str, Any]:
    """What access has of its zones and of who is inside, in the words of the picture."""
    layout, presence, orders = venue.layout, venue.presence, venue.orders
    roots = [zone_id for zone_id, zone in layout.zones.items() if zone.parent_id is None]
    nameless = sum(presence.unidentified.get(zone_id, 0) for zone_id in roots)
    zones = {
        zone_id: {
            "count": presence.count(zone_id),
            "capacity": zone.capacity,
            "full": zone_id in presence.full,
            "nearly_full": zone_id in presence.nearly_full,
            "locked": any(around in orders.lockdowns for around in zone.path),
            "evacuated": any(around in orders.evacuated for around in zone.path),
        }
        for zone_id, zone in layout.zones.items()
    }
    return {"inside": len(presence.whereabouts) + nameless, "zones": zones, "gates": set(layout.gates)}


def shown(picture: Picture) -> Mapping[str, Any]:
    """The same, as the page has it."""
    of_zones = ("count", "capacity", "full", "nearly_full", "locked", "evacuated")
    return {
        "inside": picture["people"]["inside"],
        "zones": {zone["zone_id"]: {name: zone[name] for name in of_zones} for zone in picture["zones"]},
        "gates": {gate["gate_id"] for gate in picture["gates"]},
    }


async def whereabouts(folded: Folded) -> set[tuple[str, UUID]]:
    return {(zone_id, person) for zone_id, person in await folded.rows("SELECT zone_id, person_id FROM live.presence")}


def people_inside(venue: Venue) -> set[tuple[str, UUID]]:
    return {(zone_id, person) for zone_id, people in venue.presence.inside.items() for person in people}


@pytest.mark.parametrize("seed", range(4))
async def test_every_number_is_access_own_all_day_long(folded: Folded, drawing: Drawing, seed: int) -> None:
    history, chance = History(seed), Random(seed)
    await folded.of(*history.told)
    for _ in range(12):
        happened = list(history.go_on(40))
        while happened:  # they come in runs of any length
            run, happened = happened[: (cut := chance.randint(1, 60))], happened[cut:]
            await folded.of(*run)
        assert shown(await drawing.draw()) == believed(history.venue)
        assert await whereabouts(folded) == people_inside(history.venue)


@pytest.mark.parametrize("missed", FOLLOWED, ids=lambda kind: kind.__name__)
async def test_a_page_that_does_not_follow_one_of_them_is_noticed(
    database: Database, told: Told, drawing: Drawing, missed: type[SharedEvent]
) -> None:
    """Control: the day holds enough of each for it to show."""

    class Deaf(Live):
        async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
            await super().project(connection, [one for one in events if not isinstance(one.event, missed)])

    view = FeedView(database.pool, Deaf(), told.feeds())
    await view.ensure()
    folded, history = Folded(view, database, told), History(0)
    await folded.of(*history.told)
    for _ in range(24):
        await folded.of(*history.go_on(25))
        if shown(await drawing.draw()) != believed(history.venue):
            return
    pytest.fail("the page tells the truth all the same")
