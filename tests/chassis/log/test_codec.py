"""Yesterday's events are read as today's: what is stored is never rewritten."""

from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from chassis.log.codec import Codec, UnknownEventError
from chassis.log.decider import Event


class RoomBooked(Event):
    """Version 1 said ``{"room": "hlr 3"}``, version 2 ``{"hall": "hlr", "number": "3"}``."""

    schema_version: ClassVar[int] = 3

    hall: str
    number: int
    confirmed: bool = False


def _split(data: dict[str, Any]) -> dict[str, Any]:
    hall, number = data["room"].split()
    return {"hall": hall, "number": number}


def _counted(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "number": int(data["number"])}


CODEC = Codec([RoomBooked], {("RoomBooked", 1): _split, ("RoomBooked", 2): _counted})


def test_every_old_shape_is_lifted_to_todays() -> None:
    today = RoomBooked(hall="hlr", number=3)

    assert CODEC.decode("RoomBooked", 1, '{"room": "hlr 3"}') == today
    assert CODEC.decode("RoomBooked", 2, '{"hall": "hlr", "number": "3"}') == today
    assert CODEC.decode("RoomBooked", 3, '{"hall": "hlr", "number": 3}') == today


def test_what_is_encoded_is_decoded() -> None:
    event = RoomBooked(hall="pln", number=1, confirmed=True)

    assert CODEC.decode("RoomBooked", 3, CODEC.encode(event)) == event


def test_fields_of_a_newer_release_are_passed_over() -> None:
    assert CODEC.decode("RoomBooked", 3, '{"hall": "a", "number": 1, "new": [1]}') == RoomBooked(hall="a", number=1)


def test_a_version_of_a_newer_release_is_unknown() -> None:
    with pytest.raises(UnknownEventError):
        CODEC.decode("RoomBooked", 4, '{"hall": "a", "number": 1}')


def test_an_event_of_a_newer_release_is_unknown() -> None:
    assert not CODEC.knows("RoomCancelled")
    with pytest.raises(UnknownEventError):
        CODEC.decode("RoomCancelled", 1, "{}")


def test_data_that_was_never_ours_is_refused() -> None:
    with pytest.raises(ValidationError):
        CODEC.decode("RoomBooked", 3, '{"hall": 1}')


def test_a_forgotten_upcast_is_noticed_at_the_start() -> None:
    with pytest.raises(TypeError, match=r"\[2\]"):
        Codec([RoomBooked], {("RoomBooked", 1): _split})
