"""So many of a delegation in a room at a time, however many are nominated: whatever people do at its doors."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.log.decider import Refused
from services.access.domain import checks
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.handover import HandOverOverlay
from services.access.domain.passage import PassPinHolder
from services.access.domain.record.companions import Party, PartyFormed
from services.access.domain.record.layout import Direction
from services.access.domain.record.overlays import OverlayHandedOver, SeatsAllocated
from services.access.domain.record.presence import PassageUndone
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules import room
from services.access.domain.undoing import UndoPassage
from services.access.domain.venue import Venue, VenueEvent
from tests.access.controls import (
    DECIDER,
    EAST,
    HALL,
    MAIN,
    STAGE_DOOR,
    VENUE,
    badge,
    learned,
    read_from,
    scan,
    venue,
    went_in,
    with_rules,
)
from tests.access.test_overlays import allocated
from tests.controls import NOW

SEATS = {"vn": 2, "fr": 1}
"""Two is what the zone says; one delegation agreed to one."""
CATEGORIES = ("delegate", "delegate", "delegate", "adviser", "adviser", "head-of-state")
BADGES = [
    badge(UUID(int=number), delegation_id=delegation, category=category)
    for number, (delegation, category) in enumerate(
        [(delegation, category) for delegation in SEATS for category in CATEGORIES], start=1
    )
]
EXEMPT = "head-of-state"
RULES = {"passback": "soft", "capacity": None, "seats": 2, "seats_exempt": (EXEMPT,)}
GATES = (MAIN, EAST, STAGE_DOOR)
PASSES = {"vn": (1, 2, 3), "fr": (4, 5, 6)}


class Step(NamedTuple):
    what: str
    who: int
    gate: int
    direction: Direction
    overlay: int
    heads: int | None


steps = st.builds(
    Step,
    st.sampled_from(["scan", "scan", "scan", "scan", "tap", "undo", "hand over"]),
    st.integers(0, len(BADGES) - 1),
    st.sampled_from([1, 1, 1, 0, 2]),
    st.sampled_from(["in", "in", "in", "out"]),
    st.integers(1, 6),
    st.sampled_from([None, None, 3]),
)


def grounds() -> Venue:
    """Everybody is on the grounds. Advisers need a pass, heads of State no seat; a delegation comes as a party."""
    leader, *members = (one.person_id for one in BADGES if (one.delegation_id, one.category) == ("vn", "delegate"))
    before = venue(
        *learned(*BADGES),
        with_rules(HALL, overlays={"adviser": "secondary"}, **RULES),
        SeatsAllocated(zone_id="hall", venue_id=VENUE, delegation_id="fr", seats=1),
        PartyFormed(party=Party(party_id=UUID(int=99), leader_id=leader, members=tuple(members)), venue_id=VENUE),
        *(allocated(UUID(int=number), number, of) for of, numbers in PASSES.items() for number in numbers),
    )
    for one in BADGES:
        before = went_in(before, one, MAIN)
    return before


def command(step: Step, number: int, entered: Sequence[BadgeScanned]) -> VenueCommand | None:
    shown, at = BADGES[step.who], GATES[step.gate]
    text = f"text {step.overlay}"
    match step.what:
        case "scan":
            overlay = text if shown.category == "adviser" else None
            heads = step.heads if overlay is None else None
            return scan(shown, at, step.direction, scan_id=UUID(int=number), overlay_hash=overlay, heads=heads)
        case "tap":
            return PassPinHolder(UUID(int=number), at.gate_id, step.direction, shown.person_id, None, NOW)
        case "hand over":
            return HandOverOverlay(UUID(int=number), EAST.gate_id, text, read_from(shown), None, NOW)
        case _:  # of an entry: whoever did not leave after all is inside, seat or no seat
            return UndoPassage(entered[step.who % len(entered)], (), None, NOW) if entered else None


def lived(day: Sequence[Step]) -> tuple[list[Venue], list[VenueEvent]]:
    """The venue after each step, and all that happened."""
    venues, happened = [grounds()], list[VenueEvent]()
    for number, step in enumerate(day, start=1_000):
        entered = [one for one in happened if isinstance(one, BadgeScanned) and one.outcome == "admitted"]
        asked = command(step, number, entered)
        decision = () if asked is None else DECIDER.decide(asked, venues[-1])
        events = [] if isinstance(decision, Refused) else list(decision)
        happened += events
        venues.append(DECIDER.fold(events, venues[-1]))
    return venues, happened


def taken(at: Venue) -> Counter[str]:
    """Seats, counted afresh: people in the hall who need one."""
    known = {one.person_id: one for one in BADGES}
    inside = (known[person] for person in at.presence.inside.get("hall", {}))
    return Counter(one.delegation_id for one in inside if one.category != EXEMPT)


@given(st.lists(steps, max_size=30))
def test_a_delegation_never_takes_more_seats_than_it_has(day: list[Step]) -> None:
    venues, _ = lived(day)

    for at in venues:
        assert taken(at) == {of: len(at.presence.seated.get(("hall", of), {})) for of in SEATS if taken(at)[of]}
        assert all(taken(at)[of] <= seats for of, seats in SEATS.items())


def enter(who: int, what: str = "scan", overlay: int = 1, heads: int | None = None) -> Step:
    return Step(what, who, 1, "in", overlay, heads)


def test_a_hall_that_forgets_to_look_for_a_seat_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: as many go in as there are, and the days above reach every way in."""
    day = [enter(0), enter(1), enter(2), enter(5, "tap")]
    assert taken(lived(day)[0][-1]) == {"vn": 2}

    monkeypatch.setattr(checks, "FAMILIES", tuple(one for one in checks.FAMILIES if one is not room.FAMILY))

    assert taken(lived(day)[0][-1]) == {"vn": 3}


def test_the_days_above_come_to_every_way_into_the_hall() -> None:
    """Control: a party, a pass handed over, an entry undone."""
    day = [enter(0, heads=3), enter(0, "undo"), enter(3, overlay=1), enter(4, "hand over", overlay=1)]

    venues, happened = lived(day)

    kinds = {type(one) for one in happened}
    assert {OverlayHandedOver, PassageUndone} <= kinds
    assert {one.basis for one in happened if isinstance(one, BadgeScanned)} == {"badge", "party", "handover"}
    assert taken(venues[-1]) == {"vn": 2}
