"""The record of a scan says all that was asked: decided again where it was decided, it is the same to the letter."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.log.codec import Codec
from chassis.log.decider import Refused
from services.access.domain import passage
from services.access.domain.passage import PassPinHolder
from services.access.domain.record.companions import Party, PartyFormed
from services.access.domain.record.layout import Inspection, Lane, Rules, RulesSet
from services.access.domain.record.overlays import Overlay, OverlayAllocated
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import PersonWatched
from services.access.domain.replay import command_of, is_decided
from services.access.domain.rules.entry import Reading
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import EVENTS, Venue, VenueEvent
from services.access.upcasts import UPCASTS
from tests.access import conforming
from tests.access.conforming import Case, cases_in
from tests.access.controls import (
    ANNA,
    BORIS,
    CHAU,
    CLOSES,
    DECIDER,
    DINH,
    EAST,
    GATES,
    HALL,
    MAIN,
    OPENS,
    STAGE,
    VENUE,
    badge,
    gate_defined,
    learned,
    read_from,
    scan,
    venue,
    zone_defined,
)

CODEC: Codec[VenueEvent] = Codec(EVENTS, UPCASTS)


def as_stored(event: VenueEvent) -> VenueEvent:
    """``event`` as it comes back from the database."""
    return CODEC.decode(type(event).__name__, event.schema_version, CODEC.encode(event))


def is_said_again(decision: Sequence[VenueEvent], before: Venue) -> None:
    """What was decided follows from its first event, as it was stored, and the venue it was decided on."""
    record = as_stored(decision[0])
    assert is_decided(record)
    assert passage.decide(command_of(record, before), before) == list(decision)


def test_every_case_of_the_conformance_set_is_said_again() -> None:
    cases: list[Case] = [*cases_in("by-hand.json"), *cases_in("generated.json")]
    for case in cases:
        before = conforming.venue_of(case)
        decision = passage.decide(conforming._scan(case), before)
        assert not isinstance(decision, Refused)
        is_said_again(decision, before)


PEOPLE = (ANNA, BORIS, CHAU, DINH)
CATEGORIES = {ANNA: "head-of-delegation", BORIS: "delegate", CHAU: "protocol", DINH: "contractor"}
BADGES = {person: badge(person, category=CATEGORIES[person], version=2) for person in PEOPLE}
PARTY = Party(party_id=UUID(int=77), leader_id=ANNA, members=(BORIS, DINH))
PASSES = {
    text: Overlay(overlay_id=UUID(int=number), delegation_id=delegation, kind="d", number=number, text_hash=text)
    for number, (text, delegation) in enumerate({"ours": "vn", "theirs": "fr"}.items(), start=1)
}
LANES = (Lane(lane_id="vip", kind="vip", categories=("head-of-delegation",)), Lane(lane_id="way-out", direction="out"))
STRICT = (
    zone_defined(HALL.model_copy(update={"escorted": ("contractor",), "escorts": ("protocol",), "seats": 1})),
    zone_defined(STAGE.model_copy(update={"overlays": {"delegate": "d"}, "minimum": 2, "capacity": 3})),
    gate_defined(EAST.model_copy(update={"lanes": LANES, "screening": Inspection(share=0.5)})),
    RulesSet(rules=Rules(attempt_limit=3)),
    PartyFormed(party=PARTY, venue_id=VENUE),
    PersonWatched(person_id=CHAU, outcome="notice", reason="listed"),
    *(OverlayAllocated(overlay=one, venue_id=VENUE) for one in PASSES.values()),
    *learned(*BADGES.values()),
)
"""A congress centre with all that can be shown at a gate beside a badge."""

readings = st.builds(
    lambda person, changed: read_from(BADGES[person], **changed),
    st.sampled_from(PEOPLE),
    st.sampled_from(
        [
            {},
            {},
            {"version": 1},
            {"version": 3},
            {"badge_id": UUID(int=9)},
            {"not_before": OPENS + timedelta(days=9)},
            {"not_before": None, "expires": None},
            {"expires": CLOSES - timedelta(hours=1)},
        ]
    ),
) | st.sampled_from([Reading(problem="credential_malformed"), Reading(problem="signature_invalid")])
asked = st.builds(
    lambda shown, at, **asked: replace(scan(shown, at), **asked),
    readings,
    st.sampled_from([*GATES, EAST, EAST]),
    scan_id=st.uuids(),
    direction=st.sampled_from(["in", "in", "in", "out"]),
    device_id=st.none() | st.uuids(),
    source=st.sampled_from(["scanner", "kiosk"]),
    holder_known=st.booleans(),
    overlay_hash=st.sampled_from([None, None, "ours", "theirs", "nobody's"]),
    companion=st.none() | readings,
    heads=st.sampled_from([None, None, 1, 2, 3, 5]),
    absent=st.sampled_from([(), (), (BORIS,), (CHAU,)]),
    duress=st.sampled_from([False, False, False, True]),
    clock_skewed=st.booleans(),
    lane_id=st.sampled_from([None, None, None, "vip", "way-out"]),
) | st.builds(
    PassPinHolder,
    scan_id=st.uuids(),
    gate_id=st.sampled_from([gate.gate_id for gate in GATES]),
    direction=st.sampled_from(["in", "out"]),
    person_id=st.sampled_from([ANNA, ANNA, BORIS]),
    device_id=st.none() | st.uuids(),
    now=st.just(OPENS + timedelta(hours=2)),
)


def moments(commands: Sequence[ScanBadge | PassPinHolder]) -> list[tuple[Venue, Sequence[VenueEvent]]]:
    """The venue each command met, and what came of it; those that are no scans at all are left out."""
    before, met = venue(*STRICT), []
    for command in commands:
        decision = DECIDER.decide(command, before)
        if not isinstance(decision, Refused):
            met.append((before, decision))
            before = DECIDER.fold(decision, before)
    return met


@given(st.lists(asked, max_size=8))
def test_whatever_is_shown_at_a_gate_is_said_again(commands: list[ScanBadge | PassPinHolder]) -> None:
    for before, decision in moments(commands):
        is_said_again(decision, before)


@given(st.lists(asked, max_size=8))
def test_the_log_alone_gives_each_verdict_again(commands: list[ScanBadge | PassPinHolder]) -> None:
    """Even of the whole day at its end: ``decided_on`` says what each rests on."""
    met = moments(commands)
    log = [as_stored(event) for event in (*STRICT, *(event for _, decision in met for event in decision))]
    beginning = venue().version

    for number, event in enumerate(log):
        if is_decided(event):
            then = venue(*log[: event.decided_on - beginning])
            again = passage.decide(command_of(event, then), then)
            assert not isinstance(again, Refused)
            assert list(again) == log[number : number + len(again)]


def test_such_scans_come_to_everything() -> None:
    """Control: what is drawn above is admitted, refused and comes with others."""
    lead = replace(scan(BADGES[ANNA], MAIN), heads=3)
    ((_, decision),) = moments([lead])

    assert [type(event).__name__ for event in decision].count("BadgeScanned") == 3


FORGETFUL: dict[str, Callable[[BadgeScanned], BadgeScanned]] = {
    "whose badge it was": lambda record: record.model_copy(update={"badge_version": None}),
    "until when it said it was valid": lambda record: record.model_copy(update={"expires": None}),
    "that an overlay was shown": lambda record: record.model_copy(update={"overlay_id": None}),
    "what the companion's badge said": lambda record: record.model_copy(update={"companion_reading": None}),
    "how many came": lambda record: record.model_copy(update={"heads": None}),
    "which lane it was": lambda record: record.model_copy(update={"lane_id": None}),
    "that it was under duress": lambda record: record.model_copy(update={"duress": False}),
    "when it was": lambda record: record.model_copy(update={"decided_at": record.decided_at + timedelta(days=30)}),
}
SHOWN: dict[str, ScanBadge] = {
    "whose badge it was": scan(BADGES[BORIS], MAIN),
    "until when it said it was valid": scan(read_from(BADGES[BORIS], expires=OPENS), MAIN),
    "that an overlay was shown": replace(scan(BADGES[BORIS], MAIN), overlay_hash="ours"),
    "what the companion's badge said": replace(scan(BADGES[DINH], EAST), companion=read_from(BADGES[CHAU], version=1)),
    "how many came": replace(scan(BADGES[ANNA], MAIN), heads=4),
    "which lane it was": replace(scan(BADGES[BORIS], EAST), lane_id="vip"),
    "that it was under duress": replace(scan(BADGES[BORIS], EAST), duress=True),
    "when it was": scan(BADGES[BORIS], MAIN),
}


@pytest.mark.parametrize("forgotten", FORGETFUL)
def test_a_record_that_forgets_something_is_noticed(forgotten: str) -> None:
    """Control: each of these is needed."""
    before = venue(*STRICT)
    decision = passage.decide(SHOWN[forgotten], before)
    assert not isinstance(decision, Refused)
    is_said_again(decision, before)
    record = decision[0]
    assert isinstance(record, BadgeScanned)

    with pytest.raises(AssertionError):
        assert passage.decide(command_of(FORGETFUL[forgotten](record), before), before) == list(decision)


def test_scans_that_somebody_else_decided_are_no_commands() -> None:
    before = venue(*STRICT)
    decision = passage.decide(replace(scan(BADGES[ANNA], MAIN), heads=3), before)
    assert not isinstance(decision, Refused)

    scans = [event for event in decision if isinstance(event, BadgeScanned)]

    assert [(one.basis, is_decided(one)) for one in scans] == [("badge", True), ("party", False), ("party", False)]
