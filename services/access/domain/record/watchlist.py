"""People who are looked for: whom to stop, whom to delay without a word, whom to notice."""

from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event

WatchOutcome = Literal["block", "hold", "notice"]
"""``block``: refused. ``hold``: to a gate, an ordinary delay. ``notice``: admitted. Operations are told of all."""


class PersonWatched(Event):
    person_id: UUID
    outcome: WatchOutcome
    reason: str  # a code from the authority's list


class WatchLifted(Event):
    person_id: UUID


class WatchedPersonSeen(Event):
    """A person on the list was scanned."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    person_id: UUID
    outcome: WatchOutcome


class DuressSignalled(Event):
    """Whoever scanned was forced to. The gate showed an ordinary welcome."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str
    person_id: UUID | None
    device_id: UUID | None


WatchlistEvent = PersonWatched | WatchLifted | WatchedPersonSeen | DuressSignalled
EVENTS = (PersonWatched, WatchLifted, WatchedPersonSeen, DuressSignalled)


class Watchlist(NamedTuple):
    people: Map[UUID, PersonWatched] = Map()


def evolve(watchlist: Watchlist, event: WatchlistEvent) -> Watchlist:
    match event:
        case PersonWatched(person_id=person_id):
            return Watchlist(watchlist.people.set(person_id, event))
        case WatchLifted(person_id=person_id):
            return Watchlist(watchlist.people.delete(person_id))
        case WatchedPersonSeen() | DuressSignalled():
            return watchlist
        case _:
            assert_never(event)
