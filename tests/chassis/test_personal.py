"""Personal data shows itself only when it is asked for by name."""

import copy
import json
import pickle

from pydantic import BaseModel

from chassis.personal import Personal
from tests.controls import CANARY


class Guest(BaseModel):
    name: Personal
    seat: int


def test_whoever_asks_gets_it() -> None:
    assert Personal(CANARY).reveal() == CANARY
    assert Guest.model_validate({"name": CANARY, "seat": 1}).name.reveal() == CANARY


def test_whoever_prints_or_serialises_it_does_not() -> None:
    guest = Guest(name=Personal(CANARY), seat=1)
    for shown in (
        f"{guest}", repr(guest), f"{guest.name}", repr(guest.name), f"{guest.name!s:>40}", str([guest.name]),
        guest.model_dump_json(), json.dumps(guest.model_dump(mode="json")), str(guest.model_dump()),
    ):  # fmt: skip
        assert "Hoa" not in shown
    assert json.loads(guest.model_dump_json())["name"] == "[personal]"


def test_it_stays_itself_when_it_is_copied() -> None:
    guest = Guest(name=Personal(CANARY), seat=1)

    assert copy.deepcopy(guest) == guest
    assert pickle.loads(pickle.dumps(guest)) == guest
    assert guest.name == Personal(CANARY) != Personal("somebody else")
