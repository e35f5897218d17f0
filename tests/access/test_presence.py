"""Who is inside: one place a person, as many people as entered and did not leave, told to outsiders and to nobody else.

The fold of presence is written here a second time, over the events that others receive.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.log.decider import Decider, Decision, Refused
from contracts import access as shared
from contracts.event import SharedEvent
from services.access.domain import gatekeeping
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.venue import Venue, VenueEvent
from services.access.published import publish
from tests.access.controls import DECIDER
from tests.access.happenings import PEOPLE, Happening, Scan, command, days, events_of, lived, scans_of


def counted(told: Iterable[SharedEvent | None]) -> Counter[str]:
    """People in each zone, by what outsiders are told of it (contracts/access.py)."""
    people: defaultdict[str, set[UUID]] = defaultdict(set)
    without_a_name: Counter[str] = Counter()
    for scan in told:
        if not isinstance(scan, shared.BadgeScanned):
            continue
        without_a_name.update(scan.unidentified)
        if scan.person_id is None:
            continue
        for zone_id in scan.left:
            people[zone_id].discard(scan.person_id)
        for zone_id in scan.entered:
            people[zone_id].add(scan.person_id)
    zones = people.keys() | without_a_name.keys()
    return Counter({zone_id: len(people[zone_id]) + without_a_name[zone_id] for zone_id in zones})


def as_told(events: Iterable[VenueEvent]) -> list[SharedEvent]:
    """What outsiders receive, after it travelled."""
    faces = [publish(event) for event in events]
    return [type(face).model_validate_json(face.model_dump_json()) for face in faces if face is not None]


def occupancy_is_what_was_told(
    day: Sequence[Happening], decider: Decider[VenueCommand, Venue, VenueEvent] = DECIDER
) -> None:
    moments, venue, _ = lived(day, decider)
    told = counted(as_told(events_of(moments)))

    assert {zone_id: venue.presence.count(zone_id) for zone_id in venue.layout.zones} == {
        zone_id: told[zone_id] for zone_id in venue.layout.zones
    }


@given(days)
def test_occupancy_is_a_fold_of_what_others_are_told(day: list[Happening]) -> None:
    occupancy_is_what_was_told(day)


@given(days)
def test_each_scan_tells_the_occupancy_that_a_fold_up_to_it_gives(day: list[Happening]) -> None:
    moments, _, _ = lived(day)
    told = as_told(events_of(moments))

    for index, event in enumerate(told):
        if isinstance(event, shared.BadgeScanned):
            assert event.occupancy is not None
            assert event.occupancy.count == counted(told[: index + 1])[event.zone_id]
            assert event.occupancy.count >= 0


HALL_DOOR, EXPO_DOOR = 1, 5
ROOM = {HALL_DOOR: "hall", EXPO_DOOR: "expo"}
walks = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(sorted(ROOM)), st.booleans()), max_size=30)
"""Who goes through which door if they are in no room, or out of the one they are in; and whether their badge is read
when they leave."""


def believed_is_true(
    walk: Sequence[tuple[UUID, int, bool]], decider: Decider[VenueCommand, Venue, VenueEvent] = DECIDER
) -> None:
    """Follows people who always use the doors, beside what access believes."""
    _, venue, now = lived([Scan(person, 0, "in", "as it is") for person in PEOPLE], decider)
    behind: dict[UUID, int] = {}  # the door of the room somebody is in
    for number, (person, door, is_read) in enumerate(walk, start=100):
        if person in behind:
            shows = Scan(person, behind.pop(person), "out", "as it is" if is_read else "credential_malformed")
        else:
            shows = Scan(person, door, "in", "as it is")
        asked = command(shows, venue, now, number)
        assert asked is not None
        decision = decider.decide(asked, venue)
        assert not isinstance(decision, Refused)
        venue = decider.fold(decision, venue)
        if isinstance(decision[0], BadgeScanned) and decision[0].outcome == "admitted":
            behind[person] = door
        inside = Counter(ROOM[door] for door in behind.values())
        assert {room: venue.presence.count(room) for room in ROOM.values()} == {
            room: inside[room] for room in ROOM.values()
        }


@given(walks)
def test_as_many_are_believed_inside_as_are_though_some_leave_unread(walk: list[tuple[UUID, int, bool]]) -> None:
    believed_is_true(walk)


def test_a_state_that_does_not_find_out_who_left_unread_is_noticed() -> None:
    """Control: somebody leaves unread, and turns up elsewhere."""

    def forgets(venue: Venue, event: VenueEvent) -> Venue:
        if isinstance(event, BadgeScanned) and event.person_id is not None:
            return DECIDER.evolve(venue, event.model_copy(update={"unidentified": {}}))
        return DECIDER.evolve(venue, event)

    walk = [(PEOPLE[0], HALL_DOOR, True), (PEOPLE[0], HALL_DOOR, False), (PEOPLE[0], EXPO_DOOR, True)]
    believed_is_true(walk)
    with pytest.raises(AssertionError):
        believed_is_true(walk, replace(DECIDER, evolve=forgets))


@given(days)
def test_a_person_is_in_one_chain_of_zones_at_most(day: list[Happening]) -> None:
    for moment in lived(day)[0]:
        venue = DECIDER.fold(moment.events, moment.before)
        for zone_ids in venue.presence.whereabouts.values():
            deepest = venue.layout.zones[zone_ids[-1]].path
            assert [zone_id for zone_id in deepest if zone_id in zone_ids] == list(zone_ids)


@given(days)
def test_the_two_ways_to_know_where_people_are_agree(day: list[Happening]) -> None:
    _, venue, _ = lived(day)

    for zone_id in venue.layout.zones:
        here = set(venue.presence.inside.get(zone_id, ()))
        assert here == {person for person in PEOPLE if zone_id in venue.presence.whereabouts.get(person, ())}


@given(days)
def test_nobody_moves_but_those_who_are_let_in_or_leave(day: list[Happening]) -> None:
    for moment, _ in scans_of(lived(day)[0]):
        record = moment.events[0]
        assert isinstance(record, BadgeScanned)
        if record.outcome == "refused":
            assert (record.entered, record.left) == ((), ())
        if record.outcome == "exited":
            assert record.entered == ()
        assert not set(record.entered) & set(record.left)


def miscounting(command: VenueCommand, venue: Venue) -> Decision[VenueEvent]:
    """A decider that counts whoever it lets in twice."""
    decision = gatekeeping.decide(command, venue)
    return (
        decision
        if isinstance(decision, Refused)
        else [
            event.model_copy(update={"count": event.count + 1})
            if isinstance(event, BadgeScanned) and event.outcome == "admitted"
            else event
            for event in decision
        ]
    )


def test_a_decider_that_miscounts_is_noticed() -> None:
    """Control: the fold above."""
    day: list[Happening] = [Scan(PEOPLE[0], 0, "in", "as it is")]
    moments, _, _ = lived(day, replace(DECIDER, decide=miscounting))
    told = as_told(events_of(moments))

    assert isinstance(told[-1], shared.BadgeScanned)
    assert told[-1].occupancy is not None
    assert told[-1].occupancy.count != counted(told)["grounds"]


def test_a_state_that_loses_somebody_is_noticed() -> None:
    """Control: the same, of the state."""

    def loses(venue: Venue, event: VenueEvent) -> Venue:
        if isinstance(event, BadgeScanned) and event.left:
            return DECIDER.evolve(venue, event.model_copy(update={"left": event.left[1:]}))
        return DECIDER.evolve(venue, event)

    day: list[Happening] = [Scan(PEOPLE[0], 0, "in", "as it is"), Scan(PEOPLE[0], 0, "out", "as it is")]
    occupancy_is_what_was_told(day)
    with pytest.raises(AssertionError):
        occupancy_is_what_was_told(day, replace(DECIDER, evolve=loses))
