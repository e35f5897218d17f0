"""Zones in a tree, gates between them, and the rules of the house."""

from collections.abc import Mapping
from datetime import datetime
from math import inf
from typing import Literal, NamedTuple, assert_never

from immutables import Map

from chassis.log.decider import Event, Value

Direction = Literal["in", "out"]
ZoneClass = Literal["open", "controlled", "exclusive", "medical"]
Passback = Literal["none", "soft", "hard", "timed"]
GateDirection = Literal["both", "in", "out"]
GateKind = Literal["standard", "vip", "media", "accessible", "staff"]
GateState = Literal["open", "closed", "out_of_service"]

SOFT = 0.9  # of the capacity: from here on a zone is nearly full, unless it says otherwise


def usual_passback(zone_class: ZoneClass) -> Passback:
    """What a zone of this class does about people who enter twice, where nothing else is said."""
    usual: Mapping[ZoneClass, Passback] = {"open": "soft", "medical": "none"}
    return usual.get(zone_class, "hard")


class Hours(Value):
    """A time in which a zone may be entered."""

    opens: datetime
    closes: datetime


class ZonePlan(Value):
    """A place with a door, as it is planned."""

    zone_id: str
    area: str  # what a badge must open
    names: dict[str, str]  # by language
    parent_id: str | None
    capacity: int | None  # people; None: no limit
    zone_class: ZoneClass
    soft_capacity: int | None = None  # people; None: nine tenths of the capacity
    passback: Passback
    passback_minutes: int = 0  # of ``timed``: how long after an entry the same person may not enter again
    by_session: bool = False  # whether only a session of the programme opens it, and an area alone does not
    hours: tuple[Hours, ...] = ()  # none: always
    seats: int | None = None  # people of one delegation at a time; None: no limit
    seats_exempt: tuple[str, ...] = ()  # categories that take no seat
    overlays: Mapping[str, str] = {}  # category -> the kind of overlay pass it has to show beside the badge
    escorted: tuple[str, ...] = ()  # categories that enter only with an escort
    escorts: tuple[str, ...] = ()  # categories that may escort them
    minimum: int = 0  # people who have to be inside while anybody is; 2: nobody is alone
    entry_limit: int | None = None  # times one person may enter

    @property
    def nearly_full_at(self) -> float:
        """People from which on it is nearly full."""
        if self.soft_capacity is not None:
            return self.soft_capacity
        return inf if self.capacity is None else self.capacity * SOFT

    def is_nearly_full_with(self, count: int) -> bool:
        """Whether so many people leave little room, but some."""
        return self.nearly_full_at <= count < (inf if self.capacity is None else self.capacity)


class Zone(ZonePlan):
    """A place as it stands. ``path`` leads from the outermost zone to this one, itself included."""

    path: tuple[str, ...]


class Lane(Value):
    """One of the ways through a gate."""

    lane_id: str
    direction: GateDirection = "both"
    kind: GateKind = "standard"
    categories: tuple[str, ...] = ()  # none: everybody


class Inspection(Value):
    """Who is looked at more closely at a gate: some categories always, a random share of the others."""

    share: float = 0.0  # of entries, 0 to 1
    categories: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    valid_minutes: int = 720  # how long a passed inspection counts


class GatePlan(Value):
    """Joins two zones, or a zone and the outside, as it is planned. Going in leads to ``to_zone_id``."""

    gate_id: str
    name: str
    from_zone_id: str | None
    to_zone_id: str
    direction: GateDirection = "both"
    kind: GateKind = "standard"
    categories: tuple[str, ...] = ()  # it serves; none: everybody
    lanes: tuple[Lane, ...] = ()
    position: tuple[float, float] | None = None  # metres on the venue's plan
    screening: Inspection | None = None
    identity_check: Inspection | None = None


class Gate(GatePlan):
    """A gate as it stands: whether it is open is for those on duty, not for the plan."""

    state: GateState = "open"

    def way(self, lane_id: str | None) -> "Gate | Lane | None":
        """What decides who may pass: the lane if one is named, else the gate; None: there is no such lane."""
        if lane_id is None:
            return self
        return next((lane for lane in self.lanes if lane.lane_id == lane_id), None)


class Rules(Value):
    """What holds in all of a venue."""

    clearances: Mapping[str, int] = {}  # category -> 0 to 7; a threat level above it keeps the category out
    pin_categories: tuple[str, ...] = ("head-of-state", "head-of-delegation")
    attempt_limit: int | None = None  # refusals within the window after which a badge has to wait; None: any number
    attempt_window_s: int = 60
    top_speed: float = 10.0  # metres a second: whoever is faster between two gates is not one person
    override_reasons: tuple[str, ...] = (
        "photo_verified",
        "wrong_data",
        "protocol_request",
        "escorted_by_host",
        "medical_need",
        "system_fault",
    )
    override_budget: int = 20  # of one supervisor, in 24 hours
    nightly_exit_at: str | None = (
        None  # "03:30" by the venue's time: whoever is still believed inside is taken to be gone
    )


class ZoneDefined(Event):
    schema_version = 2

    zone: Zone
    venue_id: str


class ZoneRetired(Event):
    zone_id: str
    venue_id: str


class GateDefined(Event):
    gate: Gate
    venue_id: str


class GateRetired(Event):
    gate_id: str
    venue_id: str


class RulesSet(Event):
    rules: Rules


class PolicyApplied(Event):
    """A whole policy was applied, in one piece with the events before it. ``digest``: SHA-256 of the file's content."""

    venue_id: str
    policy_version: int
    digest: str
    changes: int


LayoutEvent = ZoneDefined | ZoneRetired | GateDefined | GateRetired | RulesSet | PolicyApplied
EVENTS = (ZoneDefined, ZoneRetired, GateDefined, GateRetired, RulesSet, PolicyApplied)


class Layout(NamedTuple):
    zones: Map[str, Zone] = Map()
    gates: Map[str, Gate] = Map()
    rules: Rules = Rules()
    digest: str = ""  # of the policy applied last

    def within(self, zone_id: str) -> frozenset[str]:
        """A zone and all zones inside it. Not all who are in them are in it: a clinic admits from anywhere."""
        return frozenset(zone.zone_id for zone in self.zones.values() if zone_id in zone.path)


def evolve(layout: Layout, event: LayoutEvent) -> Layout:
    match event:
        case ZoneDefined(zone=zone):
            return layout._replace(zones=layout.zones.set(zone.zone_id, zone))
        case ZoneRetired(zone_id=zone_id):
            return layout._replace(zones=layout.zones.delete(zone_id))
        case GateDefined(gate=gate):
            return layout._replace(gates=layout.gates.set(gate.gate_id, gate))
        case GateRetired(gate_id=gate_id):
            return layout._replace(gates=layout.gates.delete(gate_id))
        case RulesSet(rules=rules):
            return layout._replace(rules=rules)
        case PolicyApplied(digest=digest):
            return layout._replace(digest=digest)
        case _:
            assert_never(event)
