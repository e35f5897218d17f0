"""What the page shows is what access believes: its own decider lives a random day, and operations is told of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.stream.feedview import FeedView
from chassis.stream.reader import Delivered
from contracts.access import (
    AllClearGiven,
    DeviceCutOff,
    DeviceFellSilent,
    DeviceMoved,
    DeviceReported,
    EvacuationOrdered,
    ExitsInferred,
    LockdownDeclared,
    LockdownLifted,
    OccupancyCorrected,
    PassageUndone,
    PersonMustered,
    SessionCancelled,
    SessionScheduled,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    ZoneCapacityWarned,
    ZoneRetired,
)
from contracts.event import SharedEvent
from services.access.domain.muster import muster, people_within
from services.access.domain.venue import Venue
from services.operations.parts.shape import Picture
from services.operations.views.live import Live
from tests.conftest import Database
from tests.controls import NOW
from tests.operations.conftest import Folded
from tests.operations.easel import Easel
from tests.operations.histories import History
from tests.operations.told import Told

FOLLOWED: Sequence[type[SharedEvent]] = (
    AllClearGiven, DeviceCutOff, DeviceFellSilent, DeviceMoved, DeviceReported, EvacuationOrdered, ExitsInferred,
    LockdownDeclared, LockdownLifted, OccupancyCorrected, PassageUndone, PersonMustered, SessionCancelled,
    SessionScheduled, ZoneCapacityEased, ZoneCapacityReached, ZoneCapacityRestored, ZoneCapacityWarned, ZoneRetired,
)  # fmt: skip
"""Beside scans and the layout, which other tests would miss at once."""


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
    return {
        "inside": len(presence.whereabouts) + nameless,
        "zones": zones,
        "gates": set(layout.gates),
        "devices": {str(device_id): _scanner(device_id, venue) for device_id in venue.devices.known},
        "sessions": {
            one.session_id: one.zone_id
            for one in venue.programme.sessions.values()
            if one.ends_at > NOW and one.starts_at <= NOW + timedelta(hours=6)
        },
        "lockdowns": set(orders.lockdowns),
        "evacuations": {
            (str(evacuation_id), zone_id): _mustering(evacuation_id, zone_id, venue)
            for evacuation_id, evacuation in orders.evacuations.items()
            for zone_id in evacuation.zones
        },
    }


def _scanner(device_id: UUID, venue: Venue) -> Mapping[str, Any]:
    device, report = venue.devices.known[device_id], venue.devices.reports.get(device_id)
    return {
        "gate_id": device.gate_id,
        "cut_off": device.cut_off,
        "silent": device_id in venue.devices.silent and not device.cut_off,
        "queue": report.queue if report else 0,
        "skew_s": report.skew_s if report else None,
        "policy_version": report.policy_version if report else None,
        "revocation_version": report.revocation_version if report else None,
    }


def _mustering(evacuation_id: UUID, zone_id: str, venue: Venue) -> Mapping[str, Any]:
    evacuation = venue.orders.evacuations[evacuation_id]
    missing = {one.person_id for one in muster(evacuation, venue).missing()}
    return {
        "mustered": len(evacuation.mustered) + evacuation.nameless,
        "missing": len(missing & people_within(zone_id, venue)),
    }


def shown(picture: Picture) -> Mapping[str, Any]:
    """The same, as the page has it."""
    of_zones = ("count", "capacity", "full", "nearly_full", "locked", "evacuated")
    of_devices = ("gate_id", "cut_off", "silent", "queue", "skew_s", "policy_version", "revocation_version")
    return {
        "inside": picture["people"]["inside"],
        "zones": {zone["zone_id"]: {name: zone[name] for name in of_zones} for zone in picture["zones"]},
        "gates": {gate["gate_id"] for gate in picture["gates"]},
        "devices": {one["device_id"]: {name: one[name] for name in of_devices} for one in picture["devices"]},
        "sessions": {one["session_id"]: one["zone_id"] for one in picture["sessions"]},
        "lockdowns": {one["zone_id"] for one in picture["orders"]["lockdowns"]},
        "evacuations": {
            (one["evacuation_id"], one["zone_id"]): {name: one[name] for name in ("mustered", "missing")}
            for one in picture["orders"]["evacuations"]
        },
    }


async def whereabouts(folded: Folded) -> set[tuple[str, UUID]]:
    return {(zone_id, person) for zone_id, person in await folded.rows("SELECT zone_id, person_id FROM live.presence")}


def people_inside(venue: Venue) -> set[tuple[str, UUID]]:
    return {(zone_id, person) for zone_id, people in venue.presence.inside.items() for person in people}


@pytest.mark.parametrize("seed", range(4))
async def test_every_number_is_access_own_all_day_long(folded: Folded, easel: Easel, seed: int) -> None:
    history, chance = History(seed), Random(seed)
    await folded.of(*history.told)
    for _ in range(12):
        happened = list(history.go_on(40))
        while happened:  # they come in runs of any length
            run, happened = happened[: (cut := chance.randint(1, 60))], happened[cut:]
            await folded.of(*run)
        assert shown(await easel.draw()) == believed(history.venue)
        assert await whereabouts(folded) == people_inside(history.venue)


@pytest.mark.parametrize("missed", FOLLOWED, ids=lambda kind: kind.__name__)
async def test_a_page_that_does_not_follow_one_of_them_is_noticed(
    database: Database, told: Told, easel: Easel, missed: type[SharedEvent]
) -> None:
    """Control: the day holds enough of each for it to show."""

    class Deaf(Live):
        async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
            await super().project(connection, [one for one in events if not isinstance(one.event, missed)])

    view = FeedView(database.pool, Deaf(), told.feeds())
    await view.ensure()
    folded, history = Folded(view, database, told), History(0)
    await folded.of(*history.told)
    for _ in range(60):
        await folded.of(*history.go_on(25))
        if shown(await easel.draw()) != believed(history.venue):
            return
    pytest.fail("the page tells the truth all the same")
