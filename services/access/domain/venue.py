"""A venue: all that a decision may need, chapter by chapter. The state is a value: to undo a decision costs nothing."""

from typing import Any, NamedTuple
from uuid import UUID

from chassis.log.decider import Event
from services.access.domain.record import (
    badges,
    companions,
    devices,
    journal,
    layout,
    movement,
    orders,
    overlays,
    overrides,
    presence,
    programme,
    watchlist,
)
from services.access.domain.record.badges import Badge, Badges
from services.access.domain.record.companions import Companions
from services.access.domain.record.devices import Devices
from services.access.domain.record.journal import Journal
from services.access.domain.record.layout import Gate, Layout, Zone
from services.access.domain.record.movement import Movement
from services.access.domain.record.orders import Orders
from services.access.domain.record.overlays import Overlays
from services.access.domain.record.overrides import Overrides
from services.access.domain.record.presence import Presence
from services.access.domain.record.programme import Programme
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.record.watchlist import Watchlist


class GatekeeperAppointed(Event):
    """From here on one process decides; whoever decided before finds its expected version stale."""

    gatekeeper_id: UUID


class HolderDisplayed(Event):
    """Somebody looked up whose badge a scan was of; displays at the gate stand in the scan itself."""

    scan_id: UUID
    person_id: UUID


class HoldersListed(Event):
    """Somebody was shown the names of these people, who pass with a pin."""

    people: tuple[UUID, ...]


VenueEvent = (
    GatekeeperAppointed
    | HolderDisplayed
    | HoldersListed
    | layout.LayoutEvent
    | programme.ProgrammeEvent
    | badges.BadgesEvent
    | devices.DevicesEvent
    | presence.PresenceEvent
    | movement.MovementEvent
    | orders.OrdersEvent
    | watchlist.WatchlistEvent
    | overlays.OverlaysEvent
    | companions.CompanionsEvent
    | overrides.OverridesEvent
    | journal.JournalEvent
)
_BY_ITSELF = (layout, programme, badges, devices, presence, watchlist, overlays, companions, overrides, journal)
"""The chapters that need no other to fold their events."""

_CHAPTER_OF: dict[type[Event], tuple[str, Any]] = {
    event: (chapter.__name__.rpartition(".")[2], chapter.evolve) for chapter in _BY_ITSELF for event in chapter.EVENTS
}
EVENTS: tuple[type[VenueEvent], ...] = (
    GatekeeperAppointed,
    HolderDisplayed,
    HoldersListed,
    *(event for chapter in (*_BY_ITSELF, movement, orders) for event in chapter.EVENTS),
)
POLICY: tuple[type[Event], ...] = (
    *(event for event in layout.EVENTS if event is not layout.PolicyApplied),
    *programme.EVENTS,
    overlays.SeatsAllocated,
)
"""What changes who is admitted where: each is a new version of the policy."""


class Venue(NamedTuple):
    """Everything a decision may need. Tuples: they are made anew for each event, and nothing is made faster."""

    venue_id: str
    version: int = 0  # of the stream: events folded so far
    policy_version: int = 0  # changes of policy so far
    layout: Layout = Layout()
    programme: Programme = Programme()
    badges: Badges = Badges()
    devices: Devices = Devices()
    presence: Presence = Presence()
    movement: Movement = Movement()
    orders: Orders = Orders()
    watchlist: Watchlist = Watchlist()
    overlays: Overlays = Overlays()
    companions: Companions = Companions()
    overrides: Overrides = Overrides()
    journal: Journal = Journal()

    def badge_of(self, person_id: UUID) -> Badge | None:
        """The badge somebody was given last."""
        badge_id = self.badges.by_person.get(person_id)
        return None if badge_id is None else self.badges.known[badge_id]

    def zone_behind(self, gate: Gate) -> Zone:
        return self.layout.zones[gate.to_zone_id]


def evolve(venue: Venue, event: VenueEvent) -> Venue:
    """The venue after ``event``. Never refuses: it has already happened."""
    version = venue.version + 1
    if isinstance(event, BadgeScanned):
        return _scanned(venue, event, version)
    chapter = _CHAPTER_OF.get(type(event))
    if chapter is not None:
        name, fold = chapter
        changed = {name: fold(getattr(venue, name), event)}
        if isinstance(event, presence.ExitsInferred):
            changed["movement"] = movement.gone(venue.movement, event)
        if isinstance(event, presence.PassageUndone):
            changed["movement"] = movement.put_back(venue.movement, event)
            changed["overlays"] = overlays.put_back(venue.overlays, event)
    elif isinstance(event, orders.EVENTS):
        changed = {"orders": orders.evolve(venue.orders, event, venue.presence.whereabouts, venue.layout)}
        if isinstance(event, orders.AllClearGiven):
            changed["movement"] = movement.begun_anew(venue.movement, event.zone_id, venue.layout)
    elif isinstance(event, movement.PassbackForgiven):
        changed = {"movement": movement.evolve(venue.movement, event, forgiven_by(event, venue))}
    else:
        changed = {}
    if isinstance(event, POLICY):
        changed["policy_version"] = venue.policy_version + 1
    return venue._replace(version=version, **changed)


def _scanned(venue: Venue, scan: BadgeScanned, version: int) -> Venue:
    """A scan is what most chapters hear of."""
    carried = venue.overlays
    if carried.known:
        believed = venue.presence.of(scan.person_id) if scan.person_id else ()
        carried = overlays.carried(carried, scan, venue.layout.zones[scan.zone_id], believed)
    return venue._replace(
        version=version,
        presence=presence.evolve(venue.presence, scan),
        movement=movement.moved(venue.movement, scan, venue.layout),
        overlays=carried,
        companions=companions.asked(venue.companions, scan) if scan.failed else venue.companions,
    )


def forgiven_by(event: movement.PassbackForgiven, venue: Venue) -> set[UUID]:
    """Whom it concerns: of a zone, those who are believed inside and those whose entries are remembered."""
    if event.person_id is not None:
        return {event.person_id}
    entered = {person for person, zone_id in venue.movement.entries if event.zone_id in {None, zone_id}}
    inside = venue.presence.whereabouts if event.zone_id is None else venue.presence.inside.get(event.zone_id, ())
    return {*entered, *inside}
