"""The category x zone matrix: what each category may enter, and which categories the host does not vet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from chassis.log.decider import Command, Decider, Decision, Event, Refused, Unknown, Value

Letter = Literal["Y", "S", "E", "P", "L", "-"]
"""Y: yes. S: with a secondary card or session list. E: escorted. P: pool card. L: on a named list. -: no."""


class CategoryRules(Value):
    """What one category is entitled to."""

    category: str
    names: Mapping[str, str]  # by language
    vetted: bool  # False: courtesy; the host does not vet heads of state and of delegation
    areas: Mapping[str, Letter]  # by area code


class SetMatrix(Command):
    categories: tuple[CategoryRules, ...]


class MatrixSet(Event):
    categories: tuple[CategoryRules, ...]


class CategoryUnknown(Unknown):
    """The matrix has no such category."""

    __slots__ = ()
    code = "category_unknown"


class AreaNotInMatrix(Refused):
    """The category is never entitled to this area, on any condition."""

    __slots__ = ()
    code = "area_not_in_matrix"


@dataclass(frozen=True)
class State:
    """The rules in force, by category."""

    rules: Mapping[str, CategoryRules] = field(default_factory=dict)


def decide(command: SetMatrix, state: State) -> Decision[MatrixSet]:
    """Events that make ``command`` true; none if it already is."""
    if {rules.category: rules for rules in command.categories} == dict(state.rules):
        return []
    return [MatrixSet(categories=command.categories)]


def evolve(_state: State, event: MatrixSet) -> State:
    """State after ``event``."""
    return State({rules.category: rules for rules in event.categories})


def entitled_areas(rules: CategoryRules, extra: Collection[str]) -> tuple[str, ...] | AreaNotInMatrix:
    """The areas of an accreditation, sorted: those of the category, and ``extra`` ones whose condition somebody
    with authority saw met (a secondary card, a pool card, an escort, the named list).
    """
    unconditional = {area for area, letter in rules.areas.items() if letter == "Y"}
    never = sorted(area for area in extra if rules.areas.get(area, "-") == "-")
    if never:
        return AreaNotInMatrix(f"{rules.category} never enters {', '.join(never)}")
    return tuple(sorted(unconditional | set(extra)))


MATRIX: Decider[SetMatrix, State, MatrixSet] = Decider(decide, evolve, State(), (MatrixSet,))
