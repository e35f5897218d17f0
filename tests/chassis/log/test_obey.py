"""A command has its effect once, however often it is asked, whoever else is appending."""

import asyncio
from collections.abc import Sequence
from typing import assert_never
from uuid import uuid4

import pytest

from chassis.log import obey as obeying
from chassis.log.codec import Codec
from chassis.log.decider import Command, Decider, Decision, Event, Refused
from chassis.log.log import Append, Appended, AppendResult, AppendUnknownError, Log, Recorded
from chassis.log.memory import MemoryLog
from chassis.log.obey import CommandHandler, CommandIdReused, Obeyed, UnavailableError, new_events
from chassis.log.postgres import PostgresLog
from contracts.accreditation import BadgeSuspended
from tests.controls import BADGE, PERSON, metadata, new_event, to

_SEATS = 5


class TakeSeat(Command):
    guest: str


class SeatTaken(Event):
    guest: str


class HallFilled(Event):
    """The last seat went."""


class SoldOut(Refused):
    """Every seat is taken."""

    __slots__ = ()
    code = "sold_out"


Guests = frozenset[str]


def decide(command: TakeSeat, guests: Guests) -> Decision[SeatTaken | HallFilled]:
    if command.guest in guests:
        return []
    if len(guests) == _SEATS:
        return SoldOut(f"{_SEATS} seats")
    taken = SeatTaken(guest=command.guest)
    return [taken, HallFilled()] if len(guests) == _SEATS - 1 else [taken]


def evolve(guests: Guests, event: SeatTaken | HallFilled) -> Guests:
    match event:
        case SeatTaken(guest=guest):
            return guests | {guest}
        case HallFilled():
            return guests
        case _:
            assert_never(event)


HALL: Decider[TakeSeat, Guests, SeatTaken | HallFilled] = Decider(decide, evolve, frozenset(), (SeatTaken, HallFilled))
Hall = CommandHandler[TakeSeat, Guests, SeatTaken | HallFilled]


def publish(event: SeatTaken | HallFilled) -> BadgeSuspended | None:
    return BadgeSuspended(badge_id=BADGE, person_id=PERSON, reason="full") if isinstance(event, HallFilled) else None


def hall(log: Log) -> Hall:
    return CommandHandler(log, HALL, publish)


def obeyed(outcome: Obeyed[Guests, SeatTaken | HallFilled] | Refused) -> Obeyed[Guests, SeatTaken | HallFilled]:
    assert isinstance(outcome, Obeyed), outcome
    return outcome


async def test_it_tells_what_happened_and_how_things_stand() -> None:
    log = MemoryLog()

    outcome = obeyed(await hall(log).obey("hall", TakeSeat(guest="a"), metadata()))

    assert list(outcome.events) == [SeatTaken(guest="a")]
    assert outcome.state == {"a"}
    assert await hall(log).load("hall") == {"a"}


async def test_the_same_command_again_gets_its_first_answer_and_has_no_second_effect() -> None:
    log = MemoryLog()
    first = metadata()
    await hall(log).obey("hall", TakeSeat(guest="a"), first)
    await hall(log).obey("hall", TakeSeat(guest="b"), metadata())

    again = obeyed(await hall(log).obey("hall", TakeSeat(guest="a"), first))

    assert list(again.events) == [SeatTaken(guest="a")]
    assert again.state == {"a", "b"}
    assert (await log.head()).position == 2


async def test_what_is_already_so_is_no_event() -> None:
    log = MemoryLog()
    await hall(log).obey("hall", TakeSeat(guest="a"), metadata())

    outcome = obeyed(await hall(log).obey("hall", TakeSeat(guest="a"), metadata()))

    assert list(outcome.events) == []
    assert (await log.head()).position == 1


async def test_the_same_id_with_another_content_is_refused() -> None:
    log = MemoryLog()
    first = metadata(body_hash="one")
    await hall(log).obey("hall", TakeSeat(guest="a"), first)

    outcome = await hall(log).obey("hall", TakeSeat(guest="b"), metadata(first.command_id, body_hash="another"))

    assert isinstance(outcome, CommandIdReused)
    assert outcome.code == "idempotency_key_reused"
    assert "a" not in outcome.detail.split(), "a refusal names types, not what was said"
    assert (await log.head()).position == 1


async def test_the_same_id_for_another_stream_is_refused() -> None:
    log = MemoryLog()
    first = metadata()
    await hall(log).obey("hall", TakeSeat(guest="a"), first)

    assert isinstance(await hall(log).obey("balcony", TakeSeat(guest="a"), first), CommandIdReused)
    assert await log.stream("balcony") == []


async def test_a_refusal_is_given_back_and_leaves_nothing() -> None:
    log = MemoryLog()
    for guest in "abcde":
        await hall(log).obey("hall", TakeSeat(guest=guest), metadata())

    outcome = await hall(log).obey("hall", TakeSeat(guest="f"), metadata())

    assert outcome == SoldOut("5 seats")
    assert (await log.head()).position == 6  # five guests, and the hall filled


async def test_of_a_decisions_events_those_published_have_a_shared_face_fixed_at_once() -> None:
    log = MemoryLog()
    for guest in "abcde":
        await hall(log).obey("hall", TakeSeat(guest=guest), metadata())

    (event,) = await log.read_shared(0, 10)

    assert event.type == "HallFilled"
    assert event.shared is not None
    assert event.shared.subject == "accreditation.BadgeSuspended.v1"
    assert event.shared.about == f"badge-{BADGE}"
    assert BadgeSuspended.model_validate_json(event.shared.body).reason == "full"


class Interrupted:
    """A log in which somebody else is faster, once."""

    def __init__(self, log: Log, other: Append) -> None:
        self._log = log
        self._other: Append | None = other

    async def append(self, append: Append) -> AppendResult:
        if self._other is not None:
            other, self._other = self._other, None
            assert isinstance(await self._log.append(other), Appended)
        return await self._log.append(append)

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


def _taken(guest: str) -> Append:
    (event,) = new_events([SeatTaken(guest=guest)], metadata(), lambda _event: None, Codec([SeatTaken]))
    return to("hall", event)


async def test_somebody_faster_makes_it_decide_again() -> None:
    log = MemoryLog()
    for guest in "abcd":
        await hall(log).obey("hall", TakeSeat(guest=guest), metadata())

    interrupted: Log = Interrupted(log, _taken("faster"))  # type: ignore[assignment]  # hands on what it lacks
    outcome = await hall(interrupted).obey("hall", TakeSeat(guest="e"), metadata())

    assert isinstance(outcome, SoldOut), "the last seat had gone"


async def test_somebody_faster_with_the_same_command_has_done_it_for_us() -> None:
    log = MemoryLog()
    mine = metadata()
    (event,) = new_events([SeatTaken(guest="a")], mine, lambda _event: None, Codec([SeatTaken]))

    interrupted: Log = Interrupted(log, to("hall", event))  # type: ignore[assignment]  # hands on what it lacks
    outcome = obeyed(await hall(interrupted).obey("hall", TakeSeat(guest="a"), mine))

    assert list(outcome.events) == [SeatTaken(guest="a")]
    assert (await log.head()).position == 1


async def test_more_guests_than_seats_at_once_fill_every_seat_and_no_more(log: PostgresLog) -> None:
    outcomes = await asyncio.gather(
        *(hall(log).obey("hall", TakeSeat(guest=str(i)), metadata()) for i in range(_SEATS + 5))
    )

    assert sum(isinstance(outcome, Obeyed) for outcome in outcomes) == _SEATS
    assert sum(isinstance(outcome, SoldOut) for outcome in outcomes) == 5
    assert len(await hall(log).load("hall")) == _SEATS


async def test_without_an_expected_version_the_hall_would_be_overbooked(log: PostgresLog) -> None:
    """Control: everybody reads the empty hall, then everybody appends to whatever is there."""

    async def careless(guest: str) -> None:
        guests = await hall(log).load("hall")
        events = decide(TakeSeat(guest=guest), guests)
        assert not isinstance(events, Refused)
        await log.append(to("hall", *new_events(events, metadata(), publish, Codec(HALL.events))))

    await asyncio.gather(*(careless(str(i)) for i in range(_SEATS + 5)))

    assert len(await hall(log).load("hall")) > _SEATS


async def test_one_command_asked_ten_times_at_once_has_one_effect(log: PostgresLog) -> None:
    same = metadata()
    outcomes = await asyncio.gather(*(hall(log).obey("hall", TakeSeat(guest="a"), same) for _ in range(10)))

    assert {tuple(obeyed(outcome).events) for outcome in outcomes} == {(SeatTaken(guest="a"),)}
    assert (await log.head()).position == 1


class Broken(MemoryLog):
    """A log whose appends nobody can tell the outcome of."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error
        self.asked = 0

    async def append(self, append: Append) -> AppendResult:
        self.asked += 1
        raise self._error

    async def stream(self, stream: str, after: int = 0, limit: int | None = None) -> Sequence[Recorded]:
        return []


async def test_when_nobody_can_tell_it_asks_until_its_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obeying, "_PATIENCE_S", 0.2)
    log = Broken(AppendUnknownError("cut"))

    with pytest.raises(UnavailableError):
        await hall(log).obey("hall", TakeSeat(guest="a"), metadata())
    assert log.asked >= 2


async def test_a_mistake_is_not_asked_again() -> None:
    log = Broken(TypeError("a mistake"))

    with pytest.raises(TypeError):
        await hall(log).obey("hall", TakeSeat(guest="a"), metadata())
    assert log.asked == 1


async def test_a_command_id_is_not_taken_for_used_because_a_strangers_event_is_near() -> None:
    log = MemoryLog()
    await log.append(to("balcony", new_event(id_=uuid4())))

    assert isinstance(await hall(log).obey("hall", TakeSeat(guest="a"), metadata()), Obeyed)
