"""What routes have in common: obey, and turn a refusal into a problem."""

from typing import Any

from chassis.edge.bodies import Body, Code
from chassis.edge.problems import Problem, of_refusal
from chassis.log.decider import E, Refused, S
from chassis.log.obey import Obeyed
from services.accreditation import roster
from services.accreditation.vault import Person


class Reason(Body):
    reason: Code


def obeyed(outcome: Obeyed[S, E] | Refused) -> Obeyed[S, E]:
    if isinstance(outcome, Refused):
        raise of_refusal(outcome)
    return outcome


def person_of(fields: dict[str, Any]) -> Person:
    person = roster.person_of(fields)
    if isinstance(person, tuple):
        code, field = person
        raise Problem(422, code, "The person's data cannot be used.", errors=[{"field": field, "error": code}])
    return person
