"""Who comes together: parties that one scan of their leader lets in, and who was looked at more closely."""

from datetime import datetime
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value
from services.access.domain.record.scans import BadgeScanned

InspectionKind = Literal["screening", "identity"]
ASKED_FOR_BY: dict[str, InspectionKind] = {
    "screening_required": "screening",
    "identity_check_required": "identity",
    "watchlist_hold": "identity",
}
"""Checks that leave an inspection due. A discreet hold leaves behind what the delay it looks like would."""


class Party(Value):
    """A party or convoy: cleared beforehand, opened by its leader's badge. ``members``: without the leader."""

    party_id: UUID
    leader_id: UUID
    members: tuple[UUID, ...]


class PartyFormed(Event):
    """A party as it is now, in full."""

    party: Party
    venue_id: str


class PartyDissolved(Event):
    party_id: UUID
    venue_id: str


class PartyScanned(Event):
    """A party came to a gate. ``heads``: how many the guard counted, the leader among them."""

    party_id: UUID
    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    expected: int
    heads: int
    admitted: int
    refused: int


class InspectionPassed(Event):
    """Somebody was screened, or their face compared with their photo."""

    person_id: UUID
    venue_id: str
    gate_id: str
    kind: InspectionKind
    valid_until: datetime


class InspectionFailed(Event):
    person_id: UUID
    venue_id: str
    gate_id: str
    kind: InspectionKind


CompanionsEvent = PartyFormed | PartyDissolved | PartyScanned | InspectionPassed | InspectionFailed
EVENTS = (PartyFormed, PartyDissolved, PartyScanned, InspectionPassed, InspectionFailed)


class Companions(NamedTuple):
    parties: Map[UUID, Party] = Map()
    led_by: Map[UUID, UUID] = Map()  # leader -> party
    due: Map[tuple[UUID, str], str] = Map()  # person, kind of inspection -> the gate that asked for it
    passed: Map[tuple[UUID, str], datetime] = Map()  # person, kind -> until when it counts
    unlike_photo: Map[UUID, str] = Map()  # person -> the gate where face and photo differed


def evolve(companions: Companions, event: CompanionsEvent) -> Companions:
    match event:
        case PartyFormed(party=party):
            rest = _dissolved(companions, party.party_id)
            return rest._replace(
                parties=rest.parties.set(party.party_id, party), led_by=rest.led_by.set(party.leader_id, party.party_id)
            )
        case PartyDissolved(party_id=party_id):
            return _dissolved(companions, party_id)
        case PartyScanned():
            return companions
        case InspectionPassed(person_id=person, kind=kind):
            unlike = companions.unlike_photo
            if kind == "identity" and person in unlike:
                unlike = unlike.delete(person)
            return companions._replace(
                due=companions.due.delete((person, kind)) if (person, kind) in companions.due else companions.due,
                passed=companions.passed.set((person, kind), event.valid_until),
                unlike_photo=unlike,
            )
        case InspectionFailed(person_id=person, kind=kind, gate_id=gate_id):
            # Due in any case: of whoever is held discreetly an identity check is asked for as well.
            failed = companions._replace(due=companions.due.set((person, kind), gate_id))
            if kind == "screening":
                return failed
            return failed._replace(unlike_photo=companions.unlike_photo.set(person, gate_id))
        case _:
            assert_never(event)


def asked(companions: Companions, scan: BadgeScanned) -> Companions:
    """After a refusal that asks for an inspection: it stays due, at every gate and for every further scan."""
    due = companions.due
    for code, kind in ASKED_FOR_BY.items():
        if code in scan.failed and scan.person_id is not None:
            due = due.set((scan.person_id, kind), scan.gate_id)
    return companions if due is companions.due else companions._replace(due=due)


def _dissolved(companions: Companions, party_id: UUID) -> Companions:
    known = companions.parties.get(party_id)
    if known is None:
        return companions
    return companions._replace(
        parties=companions.parties.delete(party_id), led_by=companions.led_by.delete(known.leader_id)
    )
