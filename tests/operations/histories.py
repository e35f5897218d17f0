"""What happens at a venue, decided by access itself: people who pass and who do not, and all that puts it right."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from chassis.log.decider import Refused
from contracts.event import SharedEvent
from services.access.domain.devices import CutOffDevice, MoveDevice, ReportDevice, ReportSilence
from services.access.domain.evacuation import GiveAllClear, MusterPerson, OrderEvacuation
from services.access.domain.gatekeeping import VenueCommand
from services.access.domain.layout import DefineGate, DefineZone, RetireGate, RetireZone
from services.access.domain.orders import DeclareLockdown, LiftLockdown
from services.access.domain.presence import CorrectOccupancy, InferExits
from services.access.domain.programme import CancelSession, ScheduleSession
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Direction, Gate
from services.access.domain.record.programme import Session
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.domain.undoing import UndoPassage
from services.access.domain.venue import Venue
from services.access.published import publish
from tests.access.bringing import ENROLLED, device_at, entry, upload
from tests.access.controls import (
    DECIDER,
    EAST,
    EASY_ROOMS,
    GATES,
    GROUNDS,
    LAYOUT,
    MAIN,
    STAGE_DOOR,
    ZONES,
    badge,
    gate,
    learned,
    plan,
    scan,
    zone,
)
from tests.controls import NOW

ANNEXE = zone("annexe", "per", within=GROUNDS, zone_class="open")
ANNEXE_DOOR = gate("annexe-door", ANNEXE)
_UNREADABLE = Reading(problem="credential_malformed")
_WAYS: Sequence[Sequence[Gate]] = ((MAIN,), (MAIN, EAST), (MAIN, EAST, STAGE_DOOR), *((MAIN, at) for at in GATES[4:]))


class History:
    """Grows step by step, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = chance = Random(seed)
        people = [UUID(int=chance.getrandbits(128), version=4) for _ in range(9)]
        self._badges = [badge(person) for person in people]
        self.now = NOW
        self._passed: list[BadgeScanned] = []
        self._brought = dict.fromkeys((one.gate_id for one in GATES), 0)
        beginning = (*LAYOUT, *EASY_ROOMS, *ENROLLED, *learned(*self._badges))
        self.venue: Venue = DECIDER.fold(beginning)
        self.told: list[SharedEvent] = [told for event in beginning if (told := publish(event))]

    def go_on(self, steps: int) -> Sequence[SharedEvent]:
        """What others are told of the next steps; what a command was refused for is nothing."""
        known = len(self.told)
        for _ in range(steps):
            self.now += timedelta(seconds=self._chance.randrange(90))
            for command in self._step():
                self._obey(command)
        return self.told[known:]

    def _obey(self, command: VenueCommand) -> None:
        decision = DECIDER.decide(command, self.venue)
        if isinstance(decision, Refused):
            return
        self.venue = DECIDER.fold(decision, self.venue)
        self._passed += [one for one in decision if isinstance(one, BadgeScanned)]
        self.told += [told for event in decision if (told := publish(event))]

    def _step(self) -> Iterator[VenueCommand]:
        kinds: list[tuple[int, Callable[[], Iterator[VenueCommand]]]] = [
            (12, self._somebody_goes_in),
            (8, self._somebody_goes_out),
            (2, self._somebody_unreadable_passes),
            (3, self._a_passage_is_not_taken),
            (3, self._heads_are_counted),
            (1, self._exits_are_inferred),
            (2, self._a_device_brings_its_journal),
            (3, self._a_device_says_something),
            (2, self._a_device_is_looked_after),
            (2, self._the_programme_changes),
            (2, self._somebody_turns_up),
            (1, self._a_zone_changes),
            (1, self._an_order_is_given),
        ]
        (kind,) = self._chance.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        yield from kind()

    def _somebody_goes_in(self) -> Iterator[VenueCommand]:
        shown = self._chance.choice(self._badges)
        for at in self._chance.choice(_WAYS):
            yield scan(shown, at, now=self.now)

    def _somebody_goes_out(self) -> Iterator[VenueCommand]:
        yield scan(self._chance.choice(self._badges), self._chance.choice(GATES), "out", now=self.now)

    def _somebody_unreadable_passes(self) -> Iterator[VenueCommand]:
        direction: Direction = "out" if self._chance.random() < 0.6 else "in"
        yield scan(_UNREADABLE, self._chance.choice(GATES), direction, now=self.now)

    def _a_passage_is_not_taken(self) -> Iterator[VenueCommand]:
        if self._passed:
            yield UndoPassage(self._chance.choice(self._passed[-4:]), (), "turned_back", self.now)

    def _heads_are_counted(self) -> Iterator[VenueCommand]:
        heads = self._chance.randrange(7)
        yield CorrectOccupancy(zone_id=self._chance.choice(ZONES).zone_id, counted=heads, reason="hand_count")

    def _exits_are_inferred(self) -> Iterator[VenueCommand]:
        place = self._chance.choice([None, *(one.zone_id for one in ZONES)])
        yield InferExits(zone_id=place, cause="by_hand", reason="swept")

    def _a_device_brings_its_journal(self) -> Iterator[VenueCommand]:
        at = self._chance.choice(GATES)
        number = self._brought[at.gate_id] = self._brought[at.gate_id] + 1
        ago_s = (NOW - self.now).total_seconds() + self._chance.randrange(300)
        badges_and_none: Sequence[Badge | Reading] = (*self._badges, _UNREADABLE)
        shown = self._chance.choice(badges_and_none)
        direction: Direction = "out" if self._chance.random() < 0.5 else "in"
        yield upload(at, [entry(number, shown, at, direction, ago_s=ago_s)], now=self.now)

    def _a_device_says_something(self) -> Iterator[VenueCommand]:
        device_id, chance = device_at(self._chance.choice(GATES[:4])).device_id, self._chance
        if chance.random() < 0.3:
            yield ReportSilence(device_id=device_id, heard_at=self.now - timedelta(seconds=60))
        else:
            yield ReportDevice(
                device_id=device_id,
                battery=chance.choice([None, 9, 55]),
                queue=chance.randrange(30),
                skew_s=chance.choice([None, 0, 90]),
                policy_version=chance.randrange(60),
                revocation_version=chance.randrange(3),
                software="1.0",
                heard_at=self.now,
            )

    def _a_device_is_looked_after(self) -> Iterator[VenueCommand]:
        device_id = device_at(self._chance.choice(GATES[:4])).device_id
        if self._chance.random() < 0.2:
            yield CutOffDevice(device_id=device_id)
        else:
            yield MoveDevice(device_id=device_id, gate_id=self._chance.choice(GATES).gate_id)

    def _the_programme_changes(self) -> Iterator[VenueCommand]:
        session_id = self._chance.choice(["opening", "round-table-04", "signing"])
        if self._chance.random() < 0.3:
            yield CancelSession(session_id=session_id)
        else:
            starts_at = NOW + timedelta(minutes=self._chance.randrange(-90, 400))
            yield ScheduleSession(
                session=Session(
                    session_id=session_id,
                    zone_id=self._chance.choice(ZONES).zone_id,
                    titles={"en": "A", "fr": "B", "vi": "C"},
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=60),
                )
            )

    def _somebody_turns_up(self) -> Iterator[VenueCommand]:
        for evacuation_id in self.venue.orders.evacuations:
            who = self._chance.choice([None, *(one.person_id for one in self._badges)])
            yield MusterPerson(evacuation_id, "car-park", who)

    def _a_zone_changes(self) -> Iterator[VenueCommand]:
        if self._chance.random() < 0.5:
            resized = self.venue.layout.zones[self._chance.choice(ZONES).zone_id]
            capacity, soft_capacity = self._chance.choice([(None, None), (None, 4), (1, None), (3, 2), (6, 4)])
            yield DefineZone(zone=plan(resized, capacity=capacity, soft_capacity=soft_capacity))
        elif ANNEXE.zone_id in self.venue.layout.zones:
            yield RetireGate(gate_id=ANNEXE_DOOR.gate_id)
            yield RetireZone(zone_id=ANNEXE.zone_id)
        else:
            yield DefineZone(zone=plan(ANNEXE))
            yield DefineGate(gate=ANNEXE_DOOR)

    def _an_order_is_given(self) -> Iterator[VenueCommand]:
        place = self._chance.choice(ZONES).zone_id
        orders = self.venue.orders
        if orders.evacuations and self._chance.random() < 0.8:
            yield GiveAllClear(evacuation_id=next(iter(orders.evacuations)))
        elif orders.lockdowns:
            yield LiftLockdown(zone_id=next(iter(orders.lockdowns)))
        elif self._chance.random() < 0.5:
            yield DeclareLockdown(zone_id=place, reason="suspect_parcel")
        else:
            evacuation_id = UUID(int=self._chance.getrandbits(128), version=4)
            yield OrderEvacuation(evacuation_id=evacuation_id, zone_id=place, reason="fire_alarm", now=self.now)
