"""Who comes on which day, and what they go to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from random import Random

from placet.plan.actions import Cause, Reading
from placet.plan.preparation import Guest
from placet.plan.venue import Seats, Venue
from placet.scenario.gathering import Day, Scenario, Session

AT_THE_DOOR = timedelta(minutes=10)  # people come to a session this early at most
CHANGE = timedelta(minutes=5)  # between two places that follow one another
WALK = timedelta(minutes=1)  # from one room to the next
PAUSE = timedelta(minutes=45)  # a gap that is long enough to go somewhere
LONGEST_PAUSE = timedelta(minutes=60)
SIGNATURE = timedelta(minutes=2)
UNCOUNTED = ("stand", "reception")  # sessions without seats


@dataclass(slots=True)
class Visit:
    """A stay in a room, or a try to enter it that is refused for ``cause``."""

    zone: str
    enters: datetime
    leaves: datetime
    cause: Cause | None = None
    presents: Reading = "current"
    badge_of: str | None = None  # whose badge is shown; None: one's own
    forgets_exit: bool = False


@dataclass(slots=True)
class Outing:
    """One person's day at the venue."""

    guest: Guest
    arrives: datetime
    leaves: datetime
    visits: list[Visit] = field(default_factory=list)

    @property
    def free_from(self) -> datetime:
        """When the last visit so far is over."""
        return max((visit.leaves + WALK for visit in self.visits), default=self.arrives + CHANGE)

    def free(self, since: datetime, until: datetime) -> bool:
        """On the grounds and in no room, all that time."""
        on_the_grounds = self.arrives + CHANGE <= since and until <= self.leaves
        return on_the_grounds and all(visit.leaves < since or until < visit.enters for visit in self.visits)

    def add(self, visit: Visit) -> None:
        self.visits.append(visit)
        self.visits.sort(key=attrgetter("enters"))

    def clear(self, since: datetime, until: datetime) -> None:
        """Whatever was meant for that time does not happen."""
        self.visits = [visit for visit in self.visits if visit.leaves < since or until < visit.enters]

    def gaps(self) -> list[tuple[datetime, datetime]]:
        """The times on the grounds before, between and after the visits."""
        starts = [self.arrives + CHANGE, *(visit.leaves + CHANGE for visit in self.visits)]
        ends = [*(visit.enters - CHANGE for visit in self.visits), self.leaves - CHANGE]
        return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


class Attendance:
    """Plans the outings of all days; rooms are never planned fuller than they are large."""

    def __init__(self, scenario: Scenario, venue: Venue, guests: Sequence[Guest], rng: Random) -> None:
        self._scenario = scenario
        self._venue = venue
        self._guests = guests
        self._rng = rng
        self.seats = Seats(venue)

    def outings(self) -> list[Outing]:
        """Every outing of the gathering, by day and then in the order in which people were named."""
        return [outing for day in self._scenario.days for outing in self._day(day)]

    def _day(self, day: Day) -> list[Outing]:
        ceremony = next((s for s in self._scenario.programme if s.kind == "signing" and _on(s, day)), None)
        signing = self._called(day, ceremony) if ceremony else {}
        outings = [outing for guest in self._guests if (outing := self._outing(guest, day, guest.person in signing))]
        working = [outing for outing in outings if outing.guest.category in self._scenario.workplaces]
        invited = [outing for outing in outings if outing.guest.category not in self._scenario.workplaces]
        for outing in working:
            self._work(outing)
        sessions = [session for session in self._scenario.programme if _on(session, day)]
        for _, at_once in groupby(sorted(sessions, key=attrgetter("starts")), key=attrgetter("starts")):
            self._attend(list(at_once), invited, signing)
        for outing in invited:
            if ceremony and outing.guest.person in signing:
                self._sign(outing, ceremony, signing[outing.guest.person])
            self._pause(outing)
        return outings

    def _called(self, day: Day, ceremony: Session) -> dict[str, datetime]:
        """The moment at which each signatory of the day is called, in the order of the delegations."""
        signatories = {guest.delegation: guest.person for guest in self._guests if guest.category == "signatory"}
        called = [
            signatories[row.delegation]
            for row in self._scenario.delegations
            if row.signs_on == day.opens.date() and row.delegation in signatories
        ]
        starts, length = ceremony.starts.astimezone(UTC), ceremony.ends - ceremony.starts
        return {person: starts + _whole(length * n / len(called)) for n, person in enumerate(called)}

    def _outing(self, guest: Guest, day: Day, signs: bool) -> Outing | None:
        """When the guest comes and goes that day; None: not at all."""
        rng, opens, closes = self._rng, day.opens.astimezone(UTC), day.closes.astimezone(UTC)
        comes, delay, stays = rng.random(), timedelta(seconds=rng.randrange(300)), rng.uniform(0.5, 0.93)
        step = self._arrival_step(in_good_time=signs)
        badge_in_hand = guest.active_at + timedelta(minutes=rng.randint(4, 20))
        if badge_in_hand > opens + (closes - opens) * 0.6 or not (signs or comes < day.attendance):
            return None
        arrives = max(opens + timedelta(minutes=step) + delay, badge_in_hand)
        leaves = opens + _whole((closes - opens) * stays)
        return Outing(guest, arrives, max(leaves, arrives + timedelta(hours=1)))

    def _arrival_step(self, *, in_good_time: bool) -> int:
        """Minutes after the gates open; in good time is no later than most."""
        steps = self._scenario.arrivals
        if in_good_time:
            busiest = max(steps, key=attrgetter("share"))
            steps = tuple(step for step in steps if step.minutes <= busiest.minutes)
        return self._rng.choices([step.minutes for step in steps], [step.share for step in steps])[0]

    def _work(self, outing: Outing) -> None:
        """At one's workplace all day, half of the people with a break."""
        zone = self._choose(outing.guest, self._scenario.workplaces[outing.guest.category])
        begins, ends = outing.arrives + self._minutes(3, 9), outing.leaves - self._minutes(3, 9)
        if self._rng.random() < 0.5:
            middle = begins + _whole((ends - begins) * self._rng.uniform(0.4, 0.6))
            self._stay(outing, zone, begins, middle)
            begins = middle + self._minutes(25, 50)
        self._stay(outing, zone, begins, ends)

    def _attend(self, at_once: list[Session], outings: Iterable[Outing], signing: Mapping[str, datetime]) -> None:
        """Of the sessions that begin together, everybody who wants to goes to one they may enter."""
        for outing in outings:
            open_to = [session for session in at_once if self._can_attend(outing, session)]
            if not open_to:
                continue
            session = self._rng.choice(open_to)
            expected = outing.guest.person in signing and session.kind in ("opening", "plenary")
            if expected or self._rng.random() < self._scenario.interest[session.kind]:
                self._take_seat(outing, session)

    def _can_attend(self, outing: Outing, session: Session) -> bool:
        if session.kind in ("signing", "stand") or not session.welcomes(outing.guest.category):
            return False
        starts, ends = session.starts.astimezone(UTC), session.ends.astimezone(UTC)
        in_time = outing.free_from <= starts and starts + CHANGE <= outing.leaves
        open_to = self._venue.opens_to(session.zone, outing.guest.areas)
        return in_time and open_to and self.seats.free(session.zone, starts - AT_THE_DOOR, ends + CHANGE) != 0

    def _take_seat(self, outing: Outing, session: Session) -> None:
        starts, ends = session.starts.astimezone(UTC), session.ends.astimezone(UTC)
        self.seats.take(session.zone, starts - AT_THE_DOOR, ends + CHANGE)
        leaves = ends + self._minutes(0, 4)
        last = outing.visits[-1] if outing.visits else None
        if last and last.zone == session.zone and starts - last.leaves <= AT_THE_DOOR:
            last.leaves = leaves  # stays in the seat
        else:
            outing.add(Visit(session.zone, max(starts - self._minutes(1, 9), outing.free_from), leaves))
        outing.leaves = max(outing.leaves, leaves + self._minutes(2, 12))

    def _sign(self, outing: Outing, session: Session, called: datetime) -> None:
        """Goes up to the stage when called, from the seat if there is one on the way, and back."""
        done = called + SIGNATURE
        seat = next((visit for visit in outing.visits if visit.enters + CHANGE < called and done < visit.leaves), None)
        self.seats.take(session.zone, called, done)
        if seat and seat.zone in self._venue.path(session.zone):
            outing.add(Visit(seat.zone, done, seat.leaves))
            seat.leaves = called
        else:
            outing.clear(called - CHANGE, done + CHANGE)
        outing.add(Visit(session.zone, called, done))

    def _pause(self, outing: Outing) -> None:
        """Some of the longer gaps are spent in a room."""
        areas = self._scenario.pauses.areas
        wanted = areas.get(outing.guest.category, areas.get("default", ()))
        for start, end in outing.gaps():
            if end - start < PAUSE or self._rng.random() >= self._scenario.pauses.share:
                continue
            zone = self._choose(outing.guest, wanted)
            stay = self._minutes(20, int(min(end - start, LONGEST_PAUSE).total_seconds()) // 60)
            enters = start + _whole((end - start - stay) * self._rng.random())
            self._stay(outing, zone, enters, enters + stay)

    def _choose(self, guest: Guest, areas: Sequence[str]) -> str:
        """A room of one of these areas that the guest may enter; else the grounds."""
        by_area = [[room.zone for room in self._scenario.zones if room.area == area] for area in areas]
        reachable = [
            rooms for zones in by_area if (rooms := [zone for zone in zones if self._venue.opens_to(zone, guest.areas)])
        ]
        return self._rng.choice(self._rng.choice(reachable)) if reachable else self._venue.grounds

    def _stay(self, outing: Outing, zone: str, enters: datetime, leaves: datetime) -> None:
        """Goes in if there is time and room."""
        if zone == self._venue.grounds or enters + CHANGE > leaves or self.seats.free(zone, enters, leaves) == 0:
            return
        self.seats.take(zone, enters, leaves)
        outing.add(Visit(zone, enters, leaves, forgets_exit=self._forgets(zone)))

    def _forgets(self, zone: str) -> bool:
        """Only where nobody counts seats: a forgotten exit must not fill the room of a session."""
        seated = any(session.zone == zone and session.kind not in UNCOUNTED for session in self._scenario.programme)
        careless = self._rng.random() < self._scenario.mishaps.forgotten_exits
        return careless and not seated and self._venue.zone(zone).zone_class == "open"

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(seconds=self._rng.randint(60 * least, 60 * most))


def _on(session: Session, day: Day) -> bool:
    return day.opens <= session.starts < day.closes


def _whole(span: timedelta) -> timedelta:
    return timedelta(seconds=round(span.total_seconds()))
