"""The watchlist: whom the authority wants stopped, delayed without a word, or noticed. No gate can read it."""

from typing import assert_never
from uuid import UUID

from chassis.log.decider import Command, Decision
from services.access.domain.record.watchlist import PersonWatched, WatchLifted, WatchOutcome
from services.access.domain.venue import Venue, VenueEvent


class WatchPerson(Command):
    """Somebody may be on the list before they have a badge."""

    person_id: UUID
    outcome: WatchOutcome
    reason: str  # a code from the authority's list


class LiftWatch(Command):
    person_id: UUID


WatchlistCommand = WatchPerson | LiftWatch


def decide(command: WatchlistCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    known = venue.watchlist.people.get(command.person_id)
    match command:
        case WatchPerson():
            watched = PersonWatched(**command.model_dump())
            return [] if watched == known else [watched]
        case LiftWatch(person_id=person_id):
            return [] if known is None else [WatchLifted(person_id=person_id)]
        case _:
            assert_never(command)
