"""A change that breaks a reader of yesterday or of tomorrow is noticed; prose and new optional fields are not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contracts.access import BadgeScanned
from contracts.compatibility import breaking_changes
from contracts.schema import schema_of

OLD = schema_of(BadgeScanned)
Edit = Callable[[dict[str, Any]], object]


def _edited(edit: Edit) -> list[str]:
    new = copy.deepcopy(OLD)
    edit(new)
    assert new != OLD, "the edit changed nothing"
    return breaking_changes(OLD, new)


def _put(where: dict[str, Any], **values: Any) -> None:
    where.update(values)


BREAKING: dict[str, tuple[Edit, str]] = {
    "a field is removed": (lambda s: (s["properties"].pop("reason"), s["required"].remove("reason")), "reason"),
    "a field is renamed": (
        lambda s: s["properties"].update(gateway_id=s["properties"].pop("gate_id")), "gate_id",
    ),
    "a type changes": (lambda s: _put(s["properties"]["policy_version"], type="string"), "policy_version"),
    "a required field becomes optional": (lambda s: s["required"].remove("outcome"), "outcome"),
    "an optional one becomes required": (
        lambda s: (s["$defs"]["Occupancy"]["required"].append("capacity")), "capacity",
    ),
    "a new field is required": (
        lambda s: (s["properties"].update(mood={"type": "string"}), s["required"].append("mood")), "mood",
    ),
    "a value is added to an enumeration": (
        lambda s: s["properties"]["outcome"]["enum"].append("postponed"), "outcome",
    ),
    "a value of an enumeration changes": (
        lambda s: s["properties"]["direction"].update(enum=["in", "exit"]), "direction",
    ),
    "null is not allowed any more": (lambda s: s["properties"]["badge_id"]["anyOf"].pop(), "badge_id"),
    "a pattern gets narrower": (lambda s: _put(s["properties"]["zone_id"], pattern="^[a-z]{1,3}$"), "zone_id"),
    "a bound appears": (lambda s: _put(s["properties"]["entered"], maxItems=1), "entered"),
    "a nested type changes": (
        lambda s: _put(s["$defs"]["Occupancy"]["properties"]["count"], type="number"), "count",
    ),
    "the items of a list change": (lambda s: _put(s["properties"]["warnings"]["items"], type="integer"), "warnings"),
    "the subject changes": (lambda s: _put(s, **{"x-subject": "access.BadgeScanned.v1.{gate_id}"}), "x-subject"),
    "unknown fields are refused": (lambda s: _put(s, additionalProperties=False), "additionalProperties"),
}  # fmt: skip

HARMLESS: dict[str, Edit] = {
    "a description": (lambda s: _put(s["properties"]["outcome"], description="What came of it.")),
    "a title": (lambda s: _put(s, title="Scan")),
    "an example": (lambda s: _put(s["properties"]["reason"], examples=["zone_not_granted"])),
    "a new optional field": (lambda s: s["properties"].update(mood={"type": "string", "default": "calm"})),
    "a new optional field inside": (lambda s: s["$defs"]["Occupancy"]["properties"].update(peak={"type": "integer"})),
    "another order of fields": (
        lambda s: _put(s, properties=dict(reversed(s["properties"].items())), required=s["required"][::-1])
    ),
    "a definition under another name": (
        lambda s: (
            s["$defs"].update(Count=s["$defs"].pop("Occupancy")),
            s["properties"]["occupancy"]["anyOf"].__setitem__(0, {"$ref": "#/$defs/Count"}),
        )
    ),
}


@pytest.mark.parametrize("what", BREAKING)
def test_it_is_noticed_when(what: str) -> None:
    edit, where = BREAKING[what]

    changes = _edited(edit)

    assert changes
    assert any(where in change for change in changes), changes


@pytest.mark.parametrize("what", HARMLESS)
def test_nobody_is_harmed_by(what: str) -> None:
    new = copy.deepcopy(OLD)
    HARMLESS[what](new)

    assert breaking_changes(OLD, new) == []
    assert breaking_changes(OLD, OLD) == []
