"""Parties: who passes a gate with one scan of a leader. passage.py lets them in."""

from uuid import UUID

from chassis.log.decider import Command, Decision, Refused
from services.access.domain.badges import PersonUnknown
from services.access.domain.record.companions import Party, PartyDissolved, PartyFormed
from services.access.domain.venue import Venue, VenueEvent


class FormParty(Command):
    """A new party, or a known one with other people."""

    party: Party


class DissolveParty(Command):
    party_id: UUID


PartyCommand = FormParty | DissolveParty


class LeadsAnotherParty(Refused):
    """A person leads one party: their scan could not tell which one comes."""

    __slots__ = ()
    code = "leads_another_party"


def decide(command: PartyCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    if isinstance(command, FormParty):
        return _formed(command.party, venue)
    if command.party_id not in venue.companions.parties:
        return []
    return [PartyDissolved(party_id=command.party_id, venue_id=venue.venue_id)]


def _formed(party: Party, venue: Venue) -> Decision[VenueEvent]:
    for person_id in (party.leader_id, *party.members):
        if venue.badge_of(person_id) is None:
            return PersonUnknown(str(person_id))
    leads = venue.companions.led_by.get(party.leader_id)
    if leads not in {None, party.party_id}:
        return LeadsAnotherParty(f"{leads}")
    if venue.companions.parties.get(party.party_id) == party:
        return []
    return [PartyFormed(party=party, venue_id=venue.venue_id)]
