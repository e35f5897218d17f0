"""A person's data are erased: recorded once, so that whoever copied any of it forgets it too."""

from dataclasses import dataclass
from uuid import UUID

from chassis.log.decider import Command, Decider, Decision, Event, Unknown


class ErasePersonalData(Command):
    person_id: UUID
    known: bool  # there are data, or there were: their erasure was begun before


class PersonalDataErased(Event):
    person_id: UUID


class PersonUnknown(Unknown):
    """Nothing is kept of such a person, and nothing was."""

    __slots__ = ()
    code = "person_unknown"


@dataclass(frozen=True)
class State:
    """Whether it was done."""

    erased: bool = False


def decide(command: ErasePersonalData, state: State) -> Decision[PersonalDataErased]:
    """Events that make ``command`` true; none if it already is."""
    if state.erased:
        return []
    if not command.known:
        return PersonUnknown(str(command.person_id))
    return [PersonalDataErased(person_id=command.person_id)]


def evolve(_state: State, _event: PersonalDataErased) -> State:
    """State after the event."""
    return State(erased=True)


PEOPLE: Decider[ErasePersonalData, State, PersonalDataErased] = Decider(decide, evolve, State(), (PersonalDataErased,))
