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
    cancelled,
    clock_suspected,
    confirmed,
    counted,
    cut_off,
    enrolled,
    evacuated,
    failed,
    fell_silent,
    gate,
    goes_in,
    goes_out,
    granted,
    invited,
    issued,
    lost,
    moved,
    mustered,
    nominated,
    overridden,
    policy,
    reinstated,
    reported,
    revoked,
    scan,
    scheduled,
    sent,
    spread,
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
    happened += [enrolled(name) for name in ("a", "b", "c", "d")] + [scheduled("closing", NOW), mustered(None)]
    happened += [evacuated(), evacuated().model_copy(update={"zone_id": "med"})]  # all will never be clear there
    happened += overrides()
    for person in people:
        happened += [nominated(person), granted(person), issued(person), activated(person)]
    happened += [goes_in("per", people[0], at=NOW - timedelta(minutes=3))]  # a scanner brings it late
    return happened + [_a_step(chance, people, NOW + timedelta(seconds=2 * step)) for step in range(steps)]


def _a_step(chance: Random, people: Sequence[UUID], at: datetime) -> SharedEvent:
    person, place = chance.choice([*people, None]), chance.choice(["per", "pln", "med"])
    match chance.randrange(12):
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
        case 9:
            return chance.choice(_of_a_device(chance, person, place, at))
        case 10:
            return chance.choice(_planned_and_ordered(chance, people, at))
        case _:
            return chance.choice([sent(), failed()])


def _of_a_device(chance: Random, person: UUID | None, place: str, at: datetime) -> list[SharedEvent]:
    """What may be told of a scanner; one is never heard of by anybody."""
    one = chance.choice(["a", "b", "c"])
    earlier = at - timedelta(seconds=chance.randrange(90))
    return [
        reported(one, earlier, queue=chance.randrange(40), skew_s=chance.choice([None, 0, 45]), battery=None),
        reported(one, at, revocation_version=chance.randrange(9), policy_version=chance.randrange(100)),
        fell_silent(one, earlier),
        clock_suspected(one),
        moved(one, chance.choice(["gate-per", "gate-annexe"])),
        spread(chance.randrange(1, 9), chance.choice(["a", "b"]), reached=chance.choice([1, 2])),
        scan(place, person, entered=[place], at=at, device=one),
        enrolled(f"later-{chance.randrange(2)}"),
        cut_off("later-0"),
    ]


def _planned_and_ordered(chance: Random, people: Sequence[UUID], at: datetime) -> list[SharedEvent]:
    one = chance.choice(["opening", "round-table-04"])
    return [
        scheduled(one, at + timedelta(minutes=chance.randrange(99))),
        cancelled(one),
        mustered(chance.choice(people)),
    ]


def overrides() -> list[SharedEvent]:
    """Three that were asked for: one is reviewed, one admitted, one confirmed by nobody."""
    asked = [overridden(number) for number in range(3)]
    return [one[0] for one in asked] + [one[1] for one in asked[:2]] + [asked[0][2]]


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
