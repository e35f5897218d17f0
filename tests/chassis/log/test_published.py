"""A private event is told in the same words, with what its shared event has a field for."""

from chassis.log.decider import Event
from chassis.log.published import in_same_words
from contracts.accreditation import BadgeReinstated
from tests.controls import BADGE, PERSON


class Reinstated(Event):
    badge_id: str
    person_id: str
    ground: str


class Noted(Event):
    text: str


def test_it_is_told_without_what_is_private_to_us() -> None:
    publish = in_same_words({Reinstated: BadgeReinstated})
    event = Reinstated(badge_id=str(BADGE), person_id=str(PERSON), ground="found")

    assert publish(event) == BadgeReinstated(badge_id=BADGE, person_id=PERSON)


def test_what_is_not_listed_stays_here() -> None:
    assert in_same_words({Reinstated: BadgeReinstated})(Noted(text="x")) is None
