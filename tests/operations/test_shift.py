"""The decider of shifts: one officer on duty, and each open item somebody's at every moment."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import hypothesis.strategies as some
import pytest
from hypothesis import given as whatever
from hypothesis import settings

from chassis.log.decider import Decision, Refused
from services.operations.domain import shift as deciding
from services.operations.domain.shift import (
    SHIFT,
    AcceptItem,
    AnyCommand,
    CompleteHandover,
    HandedToAnother,
    HandoverOver,
    HandoverUnderWay,
    HandoverUnknown,
    ItemUnknown,
    NotOnDuty,
    OfferHandover,
    OwnHandover,
    SomebodyOnDuty,
    StartShift,
    WithdrawHandover,
)
from services.operations.domain.shift_record import (
    HandoverOffered,
    HandoverWithdrawn,
    Item,
    ItemAccepted,
    ShiftEvent,
    ShiftHandedOver,
    ShiftStarted,
)
from services.operations.domain.shift_state import Handover, Shift
from tests.controls import given

AT = datetime(2025, 10, 25, 6, tzinfo=UTC)
AN, BAO, CHI = "person:an", "person:bao", "person:chi"
ID, OTHER_ID = (UUID(f"018f0000-0000-7000-8000-0000000000b{n}") for n in range(2))


def item(name: str, handover_id: UUID = ID) -> Item:
    return Item(item_id=uuid5(handover_id, name), kind="gate", ref=name, detail="silent", title=name)


NORTH, SOUTH = item("north"), item("south")
BOTH = (NORTH, SOUTH)


def by(officer: str) -> dict[str, object]:
    return {"by": officer, "now": AT}


def said(officer: str) -> dict[str, object]:
    return {"by": officer, "at": AT}


def offer(officer: str, *items: Item, handover_id: UUID = ID, commanding: bool = False) -> OfferHandover:
    return OfferHandover(**by(officer), handover_id=handover_id, items=items, commanding=commanding)


def accept(officer: str, what: Item, handover_id: UUID = ID) -> AcceptItem:
    return AcceptItem(**by(officer), handover_id=handover_id, item_id=what.item_id)


def complete(officer: str, handover_id: UUID = ID) -> CompleteHandover:
    return CompleteHandover(**by(officer), handover_id=handover_id)


def withdraw(officer: str, *, commanding: bool = False) -> WithdrawHandover:
    return WithdrawHandover(**by(officer), handover_id=ID, commanding=commanding)


def offered(*items: Item, outgoing: str = AN, officer: str = "", handover_id: UUID = ID) -> HandoverOffered:
    return HandoverOffered(**said(officer or outgoing), handover_id=handover_id, outgoing=outgoing, items=items)


def accepted(officer: str, what: Item) -> ItemAccepted:
    return ItemAccepted(**said(officer), handover_id=ID, item_id=what.item_id)


def handed_over(
    officer: str, accepted: tuple[Item, ...], kept: tuple[Item, ...], outgoing: str = AN
) -> ShiftHandedOver:
    return ShiftHandedOver(
        **said(officer),
        handover_id=ID,
        outgoing=outgoing,
        accepted=tuple(one.item_id for one in accepted),
        kept=tuple(one.item_id for one in kept),
    )


AN_ON_DUTY = ShiftStarted(**said(AN))
UNDER_WAY = (AN_ON_DUTY, offered(*BOTH))


# --- the beginning --------------------------------------------------------------------------------------------------


def test_somebody_starts_when_nobody_is_on_duty() -> None:
    after = given(SHIFT).when(StartShift(**by(AN))).then(AN_ON_DUTY)
    assert after.on_duty == AN


def test_nobody_starts_while_somebody_is_on_duty() -> None:
    given(SHIFT, AN_ON_DUTY).when(StartShift(**by(BAO))).then_refused(SomebodyOnDuty)


# --- the offer ------------------------------------------------------------------------------------------------------


def test_whoever_is_on_duty_offers_what_is_open() -> None:
    given(SHIFT, AN_ON_DUTY).when(offer(AN, *BOTH)).then(offered(*BOTH))


def test_nobody_else_offers_it() -> None:
    given(SHIFT, AN_ON_DUTY).when(offer(BAO, *BOTH)).then_refused(NotOnDuty)
    given(SHIFT).when(offer(AN, *BOTH)).then_refused(NotOnDuty)


def test_a_commander_relieves_an_officer_who_cannot() -> None:
    given(SHIFT, AN_ON_DUTY).when(offer(CHI, *BOTH, commanding=True)).then(offered(*BOTH, officer=CHI))


def test_there_is_one_hand_over_at_a_time() -> None:
    given(SHIFT, *UNDER_WAY).when(offer(AN, handover_id=OTHER_ID)).then_refused(HandoverUnderWay)


def test_an_offer_is_withdrawn_by_who_hands_over_or_a_commander() -> None:
    withdrawn = HandoverWithdrawn(**said(AN), handover_id=ID)
    after = given(SHIFT, *UNDER_WAY).when(withdraw(AN)).then(withdrawn)
    assert after.on_duty == AN
    given(SHIFT, *UNDER_WAY).when(withdraw(BAO)).then_refused(NotOnDuty)
    given(SHIFT, *UNDER_WAY).when(withdraw(BAO, commanding=True)).then(HandoverWithdrawn(**said(BAO), handover_id=ID))
    given(SHIFT, *UNDER_WAY, withdrawn).when(accept(BAO, NORTH)).then_refused(HandoverOver)
    given(SHIFT, *UNDER_WAY, withdrawn).when(complete(BAO)).then_refused(HandoverOver)


# --- item by item ---------------------------------------------------------------------------------------------------


def test_the_incoming_officer_accepts_each_item_by_itself() -> None:
    after = given(SHIFT, *UNDER_WAY).when(accept(BAO, NORTH)).then(accepted(BAO, NORTH))
    assert after.current is not None
    assert after.current.incoming == BAO
    assert after.current.left == (SOUTH,)
    assert after.on_duty == AN, "until it is completed"


def test_nobody_accepts_their_own_hand_over() -> None:
    given(SHIFT, *UNDER_WAY).when(accept(AN, NORTH)).then_refused(OwnHandover)
    given(SHIFT, *UNDER_WAY).when(complete(AN)).then_refused(OwnHandover)


def test_a_commander_who_relieves_somebody_may_take_over() -> None:
    relieved = (AN_ON_DUTY, offered(*BOTH, officer=CHI))
    given(SHIFT, *relieved).when(accept(CHI, NORTH)).then(accepted(CHI, NORTH))


def test_once_somebody_has_begun_to_accept_nobody_else_does() -> None:
    begun = (*UNDER_WAY, accepted(BAO, NORTH))
    given(SHIFT, *begun).when(accept(CHI, SOUTH)).then_refused(HandedToAnother)
    given(SHIFT, *begun).when(accept(CHI, NORTH)).then_refused(HandedToAnother)
    given(SHIFT, *begun).when(complete(CHI)).then_refused(HandedToAnother)


def test_what_is_not_in_the_hand_over_is_not_accepted() -> None:
    given(SHIFT, *UNDER_WAY).when(accept(BAO, item("west"))).then_refused(ItemUnknown)
    given(SHIFT, *UNDER_WAY).when(accept(BAO, NORTH, OTHER_ID)).then_refused(HandoverUnknown)


# --- the end --------------------------------------------------------------------------------------------------------


def test_completed_the_incoming_officer_is_on_duty_and_what_was_not_accepted_stays_behind() -> None:
    begun = (*UNDER_WAY, accepted(BAO, NORTH))
    after = given(SHIFT, *begun).when(complete(BAO)).then(handed_over(BAO, (NORTH,), (SOUTH,)))
    assert after.on_duty == BAO
    assert [(one.officer, one.item) for one in after.kept] == [(AN, SOUTH)]


def test_a_completed_hand_over_is_over_for_everybody_else() -> None:
    done = (*UNDER_WAY, handed_over(BAO, (), BOTH))
    given(SHIFT, *done).when(complete(CHI)).then_refused(HandoverOver)
    given(SHIFT, *done).when(withdraw(AN)).then_refused(HandoverOver)


def test_what_stayed_behind_is_accepted_later_by_whoever_is_on_duty() -> None:
    done = (*UNDER_WAY, handed_over(BAO, (), BOTH))
    after = given(SHIFT, *done).when(accept(BAO, NORTH)).then(accepted(BAO, NORTH))
    assert [one.item for one in after.kept] == [SOUTH]
    given(SHIFT, *done).when(accept(CHI, NORTH)).then_refused(NotOnDuty)
    given(SHIFT, *done).when(accept(AN, NORTH)).then_refused(OwnHandover)


def test_back_on_duty_an_officer_has_what_they_kept_among_the_rest() -> None:
    again = offered(outgoing=BAO, handover_id=OTHER_ID)
    back = ShiftHandedOver(**said(AN), handover_id=OTHER_ID, outgoing=BAO, accepted=(), kept=())
    after = SHIFT.fold((*UNDER_WAY, handed_over(BAO, (), BOTH), again, back))
    assert after.kept == ()


def test_of_a_thing_handed_over_twice_the_last_time_tells_whose_it_is() -> None:
    again = item("north", OTHER_ID)
    after = SHIFT.fold((
        *UNDER_WAY,
        handed_over(BAO, (), BOTH),
        offered(outgoing=BAO, handover_id=OTHER_ID),
        ShiftHandedOver(**said(AN), handover_id=OTHER_ID, outgoing=BAO, accepted=(), kept=()),
        offered(again, outgoing=AN, handover_id=_third),
        ItemAccepted(**said(CHI), handover_id=_third, item_id=again.item_id),
        ShiftHandedOver(**said(CHI), handover_id=_third, outgoing=AN, accepted=(again.item_id,), kept=()),
    ))  # fmt: skip
    assert [one.item for one in after.kept] == [SOUTH]


_third = UUID("018f0000-0000-7000-8000-0000000000b2")


# --- laws -----------------------------------------------------------------------------------------------------------

_OFFICERS = some.sampled_from([AN, BAO, CHI])
_IDS = some.sampled_from([ID, OTHER_ID, _third])
_ITEMS = some.lists(some.sampled_from(["north", "south", "pln"]), unique=True)


@some.composite
def commands(draw: some.DrawFn) -> AnyCommand:
    who, handover_id, commanding = by(draw(_OFFICERS)), draw(_IDS), draw(some.booleans())
    match draw(some.sampled_from(["start", "offer", "accept", "accept", "accept", "complete", "withdraw"])):
        case "start":
            return StartShift(**who)
        case "offer":
            items = tuple(item(name, handover_id) for name in draw(_ITEMS))
            return OfferHandover(**who, handover_id=handover_id, items=items, commanding=commanding)
        case "accept":
            name = draw(some.sampled_from(["north", "south", "pln"]))
            return AcceptItem(**who, handover_id=handover_id, item_id=item(name, handover_id).item_id)
        case "complete":
            return CompleteHandover(**who, handover_id=handover_id)
        case _:
            return WithdrawHandover(**who, handover_id=handover_id, commanding=commanding)


def happened(given_commands: list[AnyCommand]) -> tuple[Shift, list[ShiftEvent]]:
    """What comes of commands, one after the other."""
    shift, events = SHIFT.initial, list[ShiftEvent]()
    for command in given_commands:
        decision = SHIFT.decide(command, shift)
        if not isinstance(decision, Refused):
            shift, events = SHIFT.fold(decision, shift), [*events, *decision]
            assert SHIFT.decide(command, shift) == [], "asked twice, it did something again"
    return shift, events


@settings(max_examples=150)
@whatever(some.lists(commands(), max_size=25))
def test_laws_of_shifts(given_commands: list[AnyCommand]) -> None:
    laws_hold(*happened(given_commands))


def test_the_laws_notice_an_officer_who_hands_over_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A control."""
    alone: list[AnyCommand] = [StartShift(**by(AN)), offer(AN, *BOTH), complete(AN)]
    laws_hold(*happened(alone))

    def allows(command: CompleteHandover, handover: Handover) -> Decision[ShiftEvent]:
        return [] if handover.ended else [handed_over(command.by, (), BOTH)]

    monkeypatch.setattr(deciding, "_completed", allows)
    with pytest.raises(AssertionError, match="handed over to themselves"):
        laws_hold(*happened(alone))


def laws_hold(shift: Shift, events: list[ShiftEvent]) -> None:
    offers = {event.handover_id: event for event in events if isinstance(event, HandoverOffered)}
    acceptances = [event for event in events if isinstance(event, ItemAccepted)]
    completed = [event for event in events if isinstance(event, ShiftHandedOver)]
    # Nobody takes over from themselves, not even a commander who relieves themselves.
    taken: list[ItemAccepted | ShiftHandedOver] = [*acceptances, *completed]
    assert all(one.by != offers[one.handover_id].outgoing for one in taken), "handed over to themselves"
    # An item is accepted once, and of a hand-over each item is with exactly one of the two.
    assert len({one.item_id for one in acceptances}) == len(acceptances)
    for one in completed:
        items = [each.item_id for each in offers[one.handover_id].items]
        assert sorted((*one.accepted, *one.kept)) == sorted(items)
    # Who is on duty is who started, or who took over last, from whoever was before.
    duties = [event.by for event in events if isinstance(event, ShiftStarted | ShiftHandedOver)]
    assert shift.on_duty == (duties[-1] if duties else None)
    assert [one.outgoing for one in completed] == duties[:-1]
    # What is kept is kept by somebody who is not on duty, and by one only.
    assert all(one.officer != shift.on_duty for one in shift.kept)
    things = [(one.item.kind, one.item.ref) for one in shift.kept]
    assert len(set(things)) == len(things)
