"""What goes wrong on the days, woven into the outings of the people it happens to.

Nobody has two troubles, and signatories have none: they keep their appointment.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from placet.plan.actions import (
    Action,
    ActivateBadge,
    BringGateBack,
    Cause,
    DeclareLockdown,
    LiftLockdown,
    LiftWatch,
    Name,
    ReinstateBadge,
    ReplaceBadge,
    ReportBadgeLost,
    RevokeBadge,
    Scan,
    SuspendBadge,
    WatchPerson,
)
from placet.plan.attendance import AT_THE_DOOR, CHANGE, Outing, Visit
from placet.plan.cut_off import CutOffScanners
from placet.plan.preparation import Guest
from placet.plan.venue import Seats, Venue
from placet.plan.walking import Walker
from placet.scenario.gathering import Scenario, Zone

A_MOMENT = timedelta(minutes=1)
A_WHILE = timedelta(minutes=30)


class Troubles:
    """Changes the outings it is given; what is no part of an outing comes out as actions."""

    def __init__(
        self,
        scenario: Scenario,
        venue: Venue,
        seats: Seats,
        outings: list[Outing],
        walker: Walker,
        rng: Random,
        name: Name,
    ) -> None:
        self._scenario = scenario
        self._mishaps = scenario.mishaps
        self._venue = venue
        self._seats = seats
        self._outings = outings
        self._walker = walker
        self._rng = rng
        self._name = name
        self._troubled: set[str] = set()
        self._cut_off = CutOffScanners(name)

    def happen(self) -> Iterator[Action]:
        """Everything ``mishaps.yaml`` asks for on the days, except double taps and duress."""
        self._full_room()
        yield from self._lockdown()
        yield self._gate_is_back()
        for n, reported in enumerate(self._mishaps.lost_badges.reported):
            yield from self._lost_badge(reported.astimezone(UTC), stolen=n < self._mishaps.stolen_badges)
        for n, at in enumerate(self._mishaps.revoked.at):
            yield from self._revoked(at.astimezone(UTC), comes_back_in=n < self._mishaps.offline.revoked)
        for at in self._mishaps.suspended.at:
            yield from self._suspended(at.astimezone(UTC))
        yield from self._not_activated()
        self._lent_badges()
        yield from self._unreadable("garbled", self._mishaps.credentials.garbled)
        yield from self._unreadable("truncated", self._mishaps.credentials.truncated)
        yield from self._forged()
        yield from self._expired()
        yield from self._perimeter_skipped()
        self._wrong_zones()
        for at in self._mishaps.watched.at:
            yield from self._watched(at.astimezone(UTC))
        yield from self._copied()

    def _full_room(self) -> None:
        """A session fills to the last seat; whoever comes then is turned away."""
        order = self._mishaps.full_room
        session = next(session for session in self._scenario.programme if session.session == order.session)
        starts, ends = session.starts.astimezone(UTC), session.ends.astimezone(UTC)
        hopeful = [
            outing
            for outing in self._untroubled(lambda outing: outing.free(starts - AT_THE_DOOR, ends + CHANGE))
            if session.welcomes(outing.guest.category) and self._venue.opens_to(session.zone, outing.guest.areas)
        ]
        self._rng.shuffle(hopeful)
        turned_away = 0
        for outing in hopeful:
            if self._seats.free(session.zone, starts - AT_THE_DOOR, ends + CHANGE) != 0:
                self._seats.take(session.zone, starts - AT_THE_DOOR, ends + CHANGE)
                outing.add(Visit(session.zone, starts - self._minutes(1, 9), ends + self._minutes(0, 4)))
            elif turned_away < order.turned_away:
                turned_away += 1
                tries = starts + self._minutes(3, 8)
                outing.add(Visit(session.zone, tries, tries + A_MOMENT, cause="full_room"))
        # nobody in that room is to be called away, or the last seat would not be taken
        self._troubled |= {
            outing.guest.person for outing in self._outings if _is_in(outing, session.zone, starts, ends)
        }

    def _lockdown(self) -> Iterator[Action]:
        order, name = self._mishaps.lockdown, self._name
        at, lifted = order.at.astimezone(UTC), (order.at + timedelta(minutes=order.minutes)).astimezone(UTC)
        yield DeclareLockdown(at=at, id=name("DeclareLockdown", order.zone), zone=order.zone, reason=order.reason)
        yield LiftLockdown(at=lifted, id=name("LiftLockdown", order.zone), zone=order.zone)

    def _gate_is_back(self) -> Action:
        order = self._mishaps.silent_gate
        back = (order.at + timedelta(minutes=order.minutes)).astimezone(UTC)
        return BringGateBack(at=back, id=self._name("BringGateBack", order.gate), gate=order.gate)

    def _lost_badge(self, reported: datetime, *, stolen: bool) -> Iterator[Action]:
        """A finder tries the badge; its owner gets a new one, finds the old one again and shows that first."""
        order, name = self._mishaps.lost_badges, self._name
        tried, replaced = (reported + timedelta(minutes=n) for n in (order.finder_tries_after, order.replaced_after))
        active = replaced + timedelta(minutes=4)
        for outing in self._pick(
            1,
            lambda outing: (
                _is_around(outing, reported - A_WHILE, active + 2 * A_WHILE) and self._has_room(outing.guest)
            ),
        ):
            person, room = outing.guest.person, self._roomiest(outing.guest)
            outing.clear(reported - CHANGE, active + A_WHILE)
            shown = active + CHANGE
            outing.add(Visit(room, shown, shown + A_MOMENT, cause="superseded", presents="superseded"))
            outing.add(Visit(room, shown + 2 * A_MOMENT, active + A_WHILE))
            lost = name("ReportBadgeLost", person)
            yield ReportBadgeLost(at=reported, id=lost, person=person, stolen=stolen)
            yield self._walker.stray(tried, self._venue.grounds, None, person, "lost")
            yield ReplaceBadge(at=replaced, id=name("ReplaceBadge", person), person=person)
            yield ActivateBadge(at=active, id=name("ActivateBadge", person, "replaced"), person=person)

    def _revoked(self, at: datetime, *, comes_back_in: bool) -> Iterator[Action]:
        """Escorted out; tries to come back, finds a scanner that has not heard of it, and does not come another day."""
        reason = self._mishaps.revoked.reason
        for outing in self._pick(1, lambda outing: _is_around(outing, at - A_WHILE, at + A_WHILE)):
            guest = outing.guest
            outing.clear(at - CHANGE, outing.leaves)
            outing.leaves = at + CHANGE
            self._outings[:] = [other for other in self._outings if other.guest is not guest or other.arrives < at]
            yield RevokeBadge(at=at, id=self._name("RevokeBadge", guest.person), person=guest.person, reason=reason)
            yield self._at_the_perimeter(guest, at + A_WHILE, "revoked")
            if comes_back_in:
                yield from self._let_in_and_out(guest, at + A_WHILE + 2 * CHANGE)

    def _let_in_and_out(self, guest: Guest, enters: datetime) -> Iterator[Scan]:
        """In through a scanner without a connection, found, and out through the same one; its journal comes then."""
        grounds = self._venue.grounds
        door = self._venue.gate(grounds, guest.category, "in", enters, self._rng)
        leaves = enters + 3 * CHANGE
        brought = leaves + timedelta(minutes=self._mishaps.offline.brought_after)
        yield self._cut_off.passes(door, enters, "in", guest.person, guest.person, brought)
        yield self._cut_off.passes(door, leaves, "out", guest.person, guest.person, brought)

    def _copied(self) -> Iterator[Action]:
        """While the owner sits in a controlled room, its scanner is cut off, and lets a stranger in with the badge."""
        copied = 0
        for owner, visit in self._long_stays():
            if owner.guest.person in self._troubled:
                continue
            if copied == self._mishaps.offline.lent:
                return
            copied += 1
            self._troubled.add(owner.guest.person)
            at = _middle(visit)
            door = self._venue.gate(visit.zone, owner.guest.category, "in", at, self._rng)
            brought = at + timedelta(minutes=self._mishaps.offline.brought_after)
            yield self._cut_off.passes(door, at, "in", owner.guest.person, None, brought)

    def _watched(self, at: datetime) -> Iterator[Action]:
        """Goes about as always, and into a room; nobody at a gate notices."""
        order, name = self._mishaps.watched, self._name
        lifted = at + timedelta(minutes=order.minutes)
        for outing in self._pick(
            1, lambda outing: _is_around(outing, at - A_WHILE, lifted + A_WHILE) and self._has_room(outing.guest)
        ):
            person, enters = outing.guest.person, at + CHANGE
            outing.clear(at - CHANGE, enters + A_WHILE)
            outing.add(Visit(self._roomiest(outing.guest), enters, enters + A_WHILE - CHANGE))
            yield WatchPerson(at=at, id=name("WatchPerson", person), person=person, reason=order.reason)
            yield LiftWatch(at=lifted, id=name("LiftWatch", person), person=person)

    def _suspended(self, at: datetime) -> Iterator[Action]:
        """A door stays shut until the question is settled, then opens."""
        order, name = self._mishaps.suspended, self._name
        settled = at + timedelta(minutes=order.minutes)
        for outing in self._pick(
            1, lambda outing: _is_around(outing, at - A_WHILE, settled + 2 * A_WHILE) and self._has_room(outing.guest)
        ):
            person, room = outing.guest.person, self._roomiest(outing.guest)
            outing.clear(at - CHANGE, settled + A_WHILE)
            outing.add(Visit(room, at + CHANGE, at + CHANGE + A_MOMENT, cause="suspended"))
            outing.add(Visit(room, settled + CHANGE, settled + A_WHILE))
            yield SuspendBadge(at=at, id=name("SuspendBadge", person), person=person, reason=order.reason)
            yield ReinstateBadge(at=settled, id=name("ReinstateBadge", person), person=person)

    def _not_activated(self) -> Iterator[Action]:
        """Handed over but not activated: refused at the gate, put right at the desk beside it."""
        first_day = self._scenario.days[0]
        for outing in self._pick(
            self._mishaps.credentials.not_activated,
            lambda outing: outing.guest.active_at < first_day.opens and outing.arrives < first_day.closes,
        ):
            yield self._at_the_perimeter(outing.guest, outing.arrives, "not_activated")
            outing.guest.active_at = outing.arrives + timedelta(minutes=6)
            outing.clear(outing.arrives, outing.arrives + A_WHILE)
            outing.arrives += timedelta(minutes=15)

    def _lent_badges(self) -> None:
        """While the owner sits in a controlled room, somebody else shows the badge at its door."""
        for owner, visit in self._long_stays():
            borrower = self._borrower(owner, _middle(visit), self._venue.zone(visit.zone).parent)
            if borrower:
                tries = _middle(visit)
                badge_of = owner.guest.person
                borrower.add(Visit(visit.zone, tries, tries + A_MOMENT, cause="lent", badge_of=badge_of))
                self._troubled |= {badge_of, borrower.guest.person}
                lent = sum(visit.cause == "lent" for outing in self._outings for visit in outing.visits)
                if lent == self._mishaps.lent_badges:
                    return

    def _long_stays(self) -> list[tuple[Outing, Visit]]:
        """Visits of half an hour and more to rooms that notice it and are never locked down, in random order."""
        safe = [
            zone.zone
            for zone in self._scenario.zones
            if zone.keeps_badges_once and self._mishaps.lockdown.zone not in self._venue.path(zone.zone)
        ]
        stays = [
            (outing, visit)
            for outing in self._untroubled()
            for visit in outing.visits
            if visit.zone in safe and visit.leaves - visit.enters >= A_WHILE
        ]
        self._rng.shuffle(stays)
        return stays

    def _borrower(self, owner: Outing, at: datetime, before: str | None) -> Outing | None:
        """Somebody on the grounds then who may come up to the door, of the owner's delegation if possible."""
        if owner.guest.person in self._troubled:
            return None
        idle = [
            outing
            for outing in self._untroubled()
            if outing.free(at - CHANGE, at + CHANGE)
            and (not before or self._venue.opens_to(before, outing.guest.areas))
        ]
        colleagues = [outing for outing in idle if outing.guest.delegation == owner.guest.delegation]
        return self._rng.choice(colleagues or idle) if idle else None

    def _unreadable(self, kind: Literal["garbled", "truncated"], count: int) -> Iterator[Action]:
        """The scanner reads badly; the second try works."""
        for outing in self._pick(count):
            at = outing.arrives - timedelta(seconds=12)
            person, category = outing.guest.person, outing.guest.category
            yield self._walker.stray(at, self._venue.grounds, person, person, kind, kind, category)

    def _forged(self) -> Iterator[Action]:
        """Strangers with somebody's claims under a false signature, or with the badge of another gathering."""
        credentials, grounds = self._mishaps.credentials, self._venue.grounds
        for outing in self._pick(credentials.resigned):
            at = outing.arrives + self._minutes(2, 30)
            yield self._walker.stray(at, grounds, None, outing.guest.person, "resigned", "resigned")
        for outing in self._pick(credentials.foreign):
            at = outing.arrives + self._minutes(2, 30)
            yield self._walker.stray(at, grounds, None, None, "foreign", "foreign")

    def _expired(self) -> Iterator[Action]:
        """Back for a forgotten bag after the badges' last hour."""
        last_day, last_hour = self._scenario.days[-1], self._scenario.badges.valid_until.astimezone(UTC)
        for outing in self._pick(
            self._mishaps.credentials.expired,
            lambda outing: last_day.opens <= outing.arrives and outing.leaves < last_hour - A_WHILE,
        ):
            yield self._at_the_perimeter(outing.guest, last_hour + self._minutes(2, 20), "expired")

    def _perimeter_skipped(self) -> Iterator[Action]:
        """Straight to the door of a room, past the perimeter scan; sent back, then in properly."""
        for outing in self._pick(
            self._mishaps.perimeter_skipped,
            lambda outing: (
                outing.guest.active_at + CHANGE < outing.arrives and bool(self._controlled_rooms(outing.guest))
            ),
        ):
            person, room = outing.guest.person, self._rng.choice(self._controlled_rooms(outing.guest))
            yield self._walker.stray(outing.arrives - 3 * A_MOMENT, room, person, person, "perimeter_skipped")

    def _wrong_zones(self) -> None:
        """Tries at doors of rooms that are not on the badge, between two visits."""
        for outing in self._pick(
            self._mishaps.wrong_zone, lambda outing: bool(outing.gaps() and self._closed_rooms(outing.guest))
        ):
            start, end = max(outing.gaps(), key=lambda gap: gap[1] - gap[0])
            tries = start + timedelta(seconds=self._rng.randrange(int((end - start).total_seconds())))
            room = self._rng.choice(self._closed_rooms(outing.guest))
            outing.add(Visit(room, tries, tries + A_MOMENT, cause="wrong_zone"))

    def _at_the_perimeter(self, guest: Guest, at: datetime, cause: Cause) -> Scan:
        return self._walker.stray(at, self._venue.grounds, guest.person, guest.person, cause, category=guest.category)

    def _pick(self, count: int, suits: Callable[[Outing], bool] = lambda _: True) -> list[Outing]:
        """At most ``count`` outings that suit, of as many people who had no trouble yet; now they have."""
        candidates = self._untroubled(suits)
        self._rng.shuffle(candidates)
        picked: list[Outing] = []
        for outing in candidates:
            if len(picked) < count and outing.guest.person not in self._troubled:
                self._troubled.add(outing.guest.person)
                picked.append(outing)
        return picked

    def _untroubled(self, suits: Callable[[Outing], bool] = lambda _: True) -> list[Outing]:
        return [
            outing
            for outing in self._outings
            if outing.guest.person not in self._troubled and outing.guest.category != "signatory" and suits(outing)
        ]

    def _has_room(self, guest: Guest) -> bool:
        return bool(self._rooms(guest))

    def _roomiest(self, guest: Guest) -> str:
        """The largest room off the grounds that the guest may enter."""
        return max(self._rooms(guest), key=lambda zone: zone.capacity or 0).zone

    def _rooms(self, guest: Guest) -> list[Zone]:
        """Rooms off the grounds that the guest may enter and that are not open to all."""
        rooms = [zone for zone in self._venue.rooms_off_the_grounds if zone.zone_class != "medical"]
        return [zone for zone in rooms if self._venue.opens_to(zone.zone, guest.areas)]

    def _controlled_rooms(self, guest: Guest) -> list[str]:
        return [zone.zone for zone in self._rooms(guest) if zone.zone_class == "controlled"]

    def _closed_rooms(self, guest: Guest) -> list[str]:
        """Rooms off the grounds that the guest may not enter."""
        rooms = [zone.zone for zone in self._venue.rooms_off_the_grounds if zone.zone_class != "medical"]
        return [room for room in rooms if not self._venue.opens_to(room, guest.areas)]

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(seconds=self._rng.randint(60 * least, 60 * most))


def _is_around(outing: Outing, since: datetime, until: datetime) -> bool:
    return outing.arrives < since and until < outing.leaves


def _is_in(outing: Outing, zone: str, since: datetime, until: datetime) -> bool:
    return any(visit.zone == zone and visit.enters < until and since < visit.leaves for visit in outing.visits)


def _middle(visit: Visit) -> datetime:
    return visit.enters + timedelta(seconds=(visit.leaves - visit.enters).total_seconds() // 2)
