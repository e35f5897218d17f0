"""A day as three services tell it: some of everything, in a random order, whether it could have happened or not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from contracts.access import (
    GateRetired,
    LockdownDeclared,
    LockdownLifted,
    ZoneCapacityEased,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    ZoneCapacityWarned,
    ZoneRetired,
)
from contracts.event import SharedEvent
from tests.controls import NOW
from tests.operations.told import (
    FULL,
    HALL,
    activated,
    all_clear,
    confirmed,
    counted,
    evacuated,
    failed,
    gate,
    goes_in,
    goes_out,
    granted,
    invited,
    issued,
    lost,
    nominated,
    policy,
    reinstated,
    revoked,
    sent,
    suspended,
    taken_out,
    threat,
    turned_away,
    undone,
    zone,
)


def a_day(seed: int, steps: int = 160) -> list[SharedEvent]:
    """The same for the same seed."""
    chance = Random(seed)
    people = [UUID(int=chance.getrandbits(128), version=4) for _ in range(12)]
    happened: list[SharedEvent] = [zone("per", capacity=200), zone("pln", "per", 60), zone("med", "per")]
    happened += [gate("gate-per", "per"), invited("fr"), invited("vn", "host"), confirmed("fr"), threat(2), policy(7)]
    for person in people:
        happened += [nominated(person), granted(person), issued(person), activated(person)]
    return happened + [_a_step(chance, people, NOW + timedelta(seconds=2 * step)) for step in range(steps)]


def _a_step(chance: Random, people: Sequence[UUID], at: datetime) -> SharedEvent:
    person, place = chance.choice([*people, None]), chance.choice(["per", "pln", "med"])
    match chance.randrange(10):
        case 0 | 1 | 2:
            return goes_in(place, person, at=at)
        case 3 | 4:
            return goes_out(place, person=person, at=at)
        case 5:
            return turned_away(place, chance.choice(["zone_full", "lockdown"]), person=person, at=at)
        case 6:
            return chance.choice([lost, suspended, reinstated, revoked])(chance.choice(people))
        case 7:
            return chance.choice(_befallen(chance))
        case 8:
            return chance.choice(_put_right(chance, people, place))
        case _:
            return chance.choice([sent(), failed()])


def _befallen(chance: Random) -> list[SharedEvent]:
    """What may befall the hall, the venue, and a room that is there now and then."""
    return [
        ZoneCapacityWarned(**FULL),
        ZoneCapacityEased(**FULL),
        ZoneCapacityReached(**FULL),
        ZoneCapacityRestored(**FULL),
        LockdownDeclared(**HALL, reason="drill"),
        LockdownLifted(**HALL),
        evacuated(),
        all_clear(),
        threat(chance.randrange(8)),
        policy(chance.randrange(100)),
        zone("annexe", "per", capacity=chance.randrange(1, 9)),
        ZoneRetired(zone_id="annexe", venue_id="ncc"),
        gate("gate-annexe", "annexe", state=chance.choice(["open", "closed"])),
        GateRetired(gate_id="gate-annexe", venue_id="ncc"),
    ]


def _put_right(chance: Random, people: Sequence[UUID], place: str) -> list[SharedEvent]:
    """What corrects the belief of who is inside."""
    return [
        counted(place, chance.randrange(-3, 4)),
        taken_out(place, *chance.sample(people, 3), unidentified={place: chance.randrange(-1, 2)}),
        undone(place, chance.choice(people), left=[place]),
        undone(place, chance.choice(people), entered=[place]),
        undone(place, unidentified={place: chance.choice([-1, 1])}),
    ]
