"""Sessions of the programme: each gives rights to a room for a time."""

from datetime import datetime
from typing import NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value


class Session(Value):
    """Who may enter ``zone_id`` while it is on: categories, delegations, or people by name; any of them is enough.

    Doors open ``doors_minutes`` before it starts. With no list at all it is open to whoever the zone's area lets in.
    """

    session_id: str
    zone_id: str
    titles: dict[str, str]  # by language
    starts_at: datetime
    ends_at: datetime
    doors_minutes: int = 15
    categories: tuple[str, ...] = ()
    delegations: tuple[str, ...] = ()
    people: tuple[UUID, ...] = ()


class SessionScheduled(Event):
    """A session as it is planned now, in full: it is new, or was moved, or admits others."""

    session: Session
    venue_id: str
    moved: bool  # whether room or time changed


class SessionCancelled(Event):
    session_id: str
    zone_id: str
    venue_id: str


ProgrammeEvent = SessionScheduled | SessionCancelled
EVENTS = (SessionScheduled, SessionCancelled)


class Programme(NamedTuple):
    sessions: Map[str, Session] = Map()
    by_zone: Map[str, tuple[str, ...]] = Map()  # zone -> its sessions, in no order

    def of_zone(self, zone_id: str) -> tuple[Session, ...]:
        return tuple(self.sessions[session_id] for session_id in self.by_zone.get(zone_id, ()))


def evolve(programme: Programme, event: ProgrammeEvent) -> Programme:
    match event:
        case SessionScheduled(session=session):
            rest = _without(programme, session.session_id)
            there = (*rest.by_zone.get(session.zone_id, ()), session.session_id)
            return Programme(rest.sessions.set(session.session_id, session), rest.by_zone.set(session.zone_id, there))
        case SessionCancelled(session_id=session_id):
            return _without(programme, session_id)
        case _:
            assert_never(event)


def _without(programme: Programme, session_id: str) -> Programme:
    known = programme.sessions.get(session_id)
    if known is None:
        return programme
    there = tuple(other for other in programme.by_zone[known.zone_id] if other != session_id)
    return Programme(programme.sessions.delete(session_id), programme.by_zone.set(known.zone_id, there))
