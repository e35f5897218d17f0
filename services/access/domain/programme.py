"""The programme: sessions are scheduled, moved, cancelled, and the rights to their rooms go with them at once."""

from chassis.log.decider import Command, Decision, Refused
from services.access.domain.layout import ZoneUnknown
from services.access.domain.record.programme import Session, SessionCancelled, SessionScheduled
from services.access.domain.venue import Venue, VenueEvent


class ScheduleSession(Command):
    session: Session


class CancelSession(Command):
    session_id: str


ProgrammeCommand = ScheduleSession | CancelSession


class SessionEndsBeforeItStarts(Refused):
    """A session ends after it starts."""

    __slots__ = ()
    code = "session_ends_before_it_starts"


def decide(command: ProgrammeCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    match command:
        case ScheduleSession(session=session):
            return _schedule(session, venue)
        case CancelSession(session_id=session_id):
            known = venue.programme.sessions.get(session_id)
            if known is None:
                return []
            return [SessionCancelled(session_id=session_id, zone_id=known.zone_id, venue_id=venue.venue_id)]


def _schedule(session: Session, venue: Venue) -> Decision[VenueEvent]:
    if session.zone_id not in venue.layout.zones:
        return ZoneUnknown(session.zone_id)
    if session.ends_at <= session.starts_at:
        return SessionEndsBeforeItStarts(session.session_id)
    known = venue.programme.sessions.get(session.session_id)
    if session == known:
        return []
    moved = known is not None and _where_and_when(session) != _where_and_when(known)
    return [SessionScheduled(session=session, venue_id=venue.venue_id, moved=moved)]


def _where_and_when(session: Session) -> tuple[object, ...]:
    return session.zone_id, session.starts_at, session.ends_at
