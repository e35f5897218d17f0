"""Closer looks: somebody was screened, or their face compared with their photo; and what came of it.

Whoever does not look like their photo enters nowhere until a supervisor has looked too. A discreet hold outlasts every
look: it stands on the watchlist, and asks for the next one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.log.decider import Decision, Refused
from services.access.domain.badges import PersonUnknown
from services.access.domain.evacuation import told_by
from services.access.domain.layout import GateUnknown
from services.access.domain.record.companions import InspectionFailed, InspectionKind, InspectionPassed
from services.access.domain.record.layout import Inspection
from services.access.domain.rules.entry import Reading
from services.access.domain.venue import Venue, VenueEvent

_USUAL = Inspection()


@dataclass(frozen=True, slots=True)
class RecordInspection:
    """``who``: by the badge they show, or known from a scan. ``supervised``: whether a supervisor looked."""

    who: Reading | UUID
    gate_id: str
    kind: InspectionKind
    passed: bool
    supervised: bool
    now: datetime


class SupervisorNeeded(Refused):
    """Somebody who did not look like their photo is looked at by a supervisor."""

    __slots__ = ()
    code = "supervisor_required"


def decide(command: RecordInspection, venue: Venue) -> Decision[VenueEvent]:
    """What came of it. Each look is on record, also one that finds what the one before found."""
    gate = venue.layout.gates.get(command.gate_id)
    if gate is None:
        return GateUnknown(command.gate_id)
    who, kind = command.who, command.kind
    person_id = told_by(who, venue) if isinstance(who, Reading) else who
    if isinstance(person_id, Refused):
        return person_id
    if venue.badge_of(person_id) is None:
        return PersonUnknown(str(person_id))
    facts = {"person_id": person_id, "venue_id": venue.venue_id, "gate_id": gate.gate_id, "kind": kind}
    if not command.passed:
        return [InspectionFailed(**facts)]
    if kind == "identity" and person_id in venue.companions.unlike_photo and not command.supervised:
        return SupervisorNeeded(str(person_id))
    wanted = (gate.screening if kind == "screening" else gate.identity_check) or _USUAL
    return [InspectionPassed(**facts, valid_until=command.now + timedelta(minutes=wanted.valid_minutes))]
