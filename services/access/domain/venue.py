"""A venue: its facts, its events, how each event changes it. The state is a value: to undo a decision costs nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, assert_never
from uuid import UUID

from immutables import Map

from chassis.log.decider import Event, Value

Direction = Literal["in", "out"]
Outcome = Literal["admitted", "refused", "exited"]


# --- facts ----------------------------------------------------------------------------------------------------------


class Zone(Value):
    """A place with a door. ``path`` leads from the outermost zone to this one, itself included."""

    zone_id: str
    area: str  # what a badge must open
    names: dict[str, str]  # by language
    parent_id: str | None
    capacity: int | None  # people; None: no limit
    zone_class: Literal["open", "controlled", "exclusive", "medical"]
    path: tuple[str, ...]


class Gate(Value):
    """Joins two zones, or a zone and the outside. Going in leads to ``to_zone_id``."""

    gate_id: str
    name: str
    from_zone_id: str | None
    to_zone_id: str


class Badge(Value):
    """What is known of a badge. ``held``: an event about it cannot be applied; until it can, it opens nothing."""

    badge_id: UUID
    person_id: UUID
    delegation_id: str
    category: str
    areas: tuple[str, ...]
    version: int
    holding: Literal["issued", "active", "lost"]
    suspended: bool = False
    held: bool = False
    revoked: bool = False
    valid_from: datetime
    valid_until: datetime


class Device(Value):
    """A scanner bound to a gate. Its token is known by its SHA-256 only."""

    device_id: UUID
    gate_id: str
    public_key: str
    token_hash: str
    expires_at: datetime  # real time
    cut_off: bool = False


# --- events ---------------------------------------------------------------------------------------------------------


class GatekeeperAppointed(Event):
    """From here on one process decides; whoever decided before finds its expected version stale."""

    gatekeeper_id: UUID


class ZoneDefined(Event):
    zone: Zone
    venue_id: str


class GateDefined(Event):
    gate: Gate
    venue_id: str


class BadgeLearned(Event):
    """A badge as it is known now, in full. ``source_number``: of accreditation's event; None for our own doing."""

    badge: Badge
    source_number: int | None


class IssuerKeyLearned(Event):
    key_id: str
    public_key: str
    source_number: int


class EnrolmentCodeIssued(Event):
    code_hash: str
    gate_id: str
    expires_at: datetime  # real time


class DeviceEnrolled(Event):
    device: Device
    code_hash: str


class DeviceCutOff(Event):
    device_id: UUID


class LockdownDeclared(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]
    reason: str


class LockdownLifted(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]


class BadgeScanned(Event):
    """One scan and its verdict. Presence is folded from ``entered``, ``left`` and ``unidentified``."""

    scan_id: UUID
    venue_id: str
    gate_id: str
    zone_id: str  # behind the gate
    direction: Direction
    outcome: Outcome
    failed: tuple[str, ...]  # checks that failed, in their order; the first decided a refusal
    warnings: tuple[str, ...]
    badge_id: UUID | None
    badge_version: int | None
    person_id: UUID | None
    delegation_id: str | None
    category: str | None
    device_id: UUID | None
    source: Literal["scanner", "kiosk", "turnstile", "manual"]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    unidentified: Mapping[str, int]  # how many more people without a name a zone holds, or fewer
    count: int  # people in ``zone_id`` after the scan
    capacity: int | None
    policy_version: int
    decided_on: int  # version of the venue's stream that the decision rests on
    holder_displayed: bool  # whether the screen at the gate was given a name
    scanned_at: datetime
    decided_at: datetime

    @property
    def reason(self) -> str | None:
        """The one code that decided a refusal."""
        return self.failed[0] if self.outcome == "refused" else None


class ZoneCapacityReached(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]
    count: int
    capacity: int


class ZoneCapacityRestored(Event):
    zone_id: str
    venue_id: str
    names: dict[str, str]
    count: int
    capacity: int | None  # None: the limit was taken away


class HolderDisplayed(Event):
    """Somebody looked up whose badge a scan was of; displays at the gate stand in the scan itself."""

    scan_id: UUID
    person_id: UUID


VenueEvent = (
    GatekeeperAppointed
    | ZoneDefined
    | GateDefined
    | BadgeLearned
    | IssuerKeyLearned
    | EnrolmentCodeIssued
    | DeviceEnrolled
    | DeviceCutOff
    | LockdownDeclared
    | LockdownLifted
    | BadgeScanned
    | ZoneCapacityReached
    | ZoneCapacityRestored
    | HolderDisplayed
)
EVENTS: tuple[type[VenueEvent], ...] = (
    GatekeeperAppointed,
    ZoneDefined,
    GateDefined,
    BadgeLearned,
    IssuerKeyLearned,
    EnrolmentCodeIssued,
    DeviceEnrolled,
    DeviceCutOff,
    LockdownDeclared,
    LockdownLifted,
    BadgeScanned,
    ZoneCapacityReached,
    ZoneCapacityRestored,
    HolderDisplayed,
)


# --- state ----------------------------------------------------------------------------------------------------------

People = Map[UUID, None]  # a set that shares its unchanged parts with its older selves
NOBODY: People = Map()


class Venue(NamedTuple):
    """Everything a decision may need. A tuple: it is made anew for each event, and nothing is made faster."""

    venue_id: str
    version: int = 0  # of the stream: events folded so far
    policy_version: int = 0  # changes of layout so far
    zones: Map[str, Zone] = Map()
    gates: Map[str, Gate] = Map()
    badges: Map[UUID, Badge] = Map()
    issuer_keys: Map[str, str] = Map()
    codes: Map[str, EnrolmentCodeIssued] = Map()  # not used yet, by hash
    devices: Map[UUID, Device] = Map()
    tokens: Map[str, UUID] = Map()  # token hash -> device
    lockdowns: Map[str, str] = Map()  # zone -> reason
    inside: Map[str, People] = Map()  # zone -> identified people in it or deeper
    whereabouts: Map[UUID, tuple[str, ...]] = Map()  # person -> zones, outermost first
    unidentified: Map[str, int] = Map()  # zone -> people counted without a name; may be negative
    full: frozenset[str] = frozenset()

    def count(self, zone_id: str, moving: int = 0) -> int:
        """People believed in a zone, those identified and those only counted, once ``moving`` more are in it."""
        return len(self.inside.get(zone_id, NOBODY)) + self.unidentified.get(zone_id, 0) + moving


def evolve(venue: Venue, event: VenueEvent) -> Venue:
    """The venue after ``event``. Never refuses: it has already happened."""
    return _evolve(venue, event)._replace(version=venue.version + 1)


def _evolve(venue: Venue, event: VenueEvent) -> Venue:
    match event:
        case BadgeScanned():
            return _moved(venue, event) if event.entered or event.left or event.unidentified else venue
        case BadgeLearned(badge=badge):
            return venue._replace(badges=venue.badges.set(badge.badge_id, badge))
        case ZoneCapacityReached(zone_id=zone_id):
            return venue._replace(full=venue.full | {zone_id})
        case ZoneCapacityRestored(zone_id=zone_id):
            return venue._replace(full=venue.full - {zone_id})
        case IssuerKeyLearned(key_id=key_id, public_key=public_key):
            return venue._replace(issuer_keys=venue.issuer_keys.set(key_id, public_key))
        case ZoneDefined(zone=zone):
            zones = venue.zones.set(zone.zone_id, zone)
            return venue._replace(zones=zones, policy_version=venue.policy_version + 1)
        case GateDefined(gate=gate):
            gates = venue.gates.set(gate.gate_id, gate)
            return venue._replace(gates=gates, policy_version=venue.policy_version + 1)
        case EnrolmentCodeIssued(code_hash=code_hash):
            return venue._replace(codes=venue.codes.set(code_hash, event))
        case DeviceEnrolled(device=device, code_hash=code_hash):
            return venue._replace(
                codes=venue.codes.delete(code_hash),
                devices=venue.devices.set(device.device_id, device),
                tokens=venue.tokens.set(device.token_hash, device.device_id),
            )
        case DeviceCutOff(device_id=device_id):
            device = venue.devices[device_id].model_copy(update={"cut_off": True})
            return venue._replace(devices=venue.devices.set(device_id, device))
        case LockdownDeclared(zone_id=zone_id, reason=reason):
            return venue._replace(lockdowns=venue.lockdowns.set(zone_id, reason))
        case LockdownLifted(zone_id=zone_id):
            return venue._replace(lockdowns=venue.lockdowns.delete(zone_id))
        case GatekeeperAppointed() | HolderDisplayed():
            return venue
        case _:
            assert_never(event)


def _moved(venue: Venue, scan: BadgeScanned) -> Venue:
    person, unidentified = scan.person_id, venue.unidentified
    for zone_id, step in scan.unidentified.items():
        unidentified = unidentified.set(zone_id, unidentified.get(zone_id, 0) + step)
    if person is None:
        return venue._replace(unidentified=unidentified)
    inside = venue.inside
    for zone_id in scan.left:
        people = inside.get(zone_id, NOBODY)
        if person in people:
            inside = inside.set(zone_id, people.delete(person))
    for zone_id in scan.entered:
        inside = inside.set(zone_id, inside.get(zone_id, NOBODY).set(person, None))
    path = tuple(zone for zone in venue.whereabouts.get(person, ()) if zone not in scan.left) + scan.entered
    whereabouts = venue.whereabouts.set(person, path) if path else venue.whereabouts.delete(person)
    return venue._replace(inside=inside, whereabouts=whereabouts, unidentified=unidentified)
