"""What other services' events mean to the room: their event to something that is wrong, or is so no more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from contracts import access, accreditation
from contracts.event import SharedEvent
from services.operations.domain.incident_record import DISCREET_KINDS, Kind

VIPS = frozenset({"head-of-state", "head-of-delegation"})
"""Categories of people whom no lane should keep waiting: those who may wear a pin."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is made of a cause."""

    severity: int
    stands: bool = False
    """Whether it goes on until it is told to be over."""
    resolves: bool = False
    """Whether its end resolves an incident that nobody has taken."""


RULES: Mapping[Kind, Rule] = {
    "silent_gate": Rule(3, stands=True, resolves=True),
    "zone_full": Rule(3, stands=True, resolves=True),
    "denied_vip": Rule(2, stands=True),
    "double_entry": Rule(3),
    "admitted_after_revocation": Rule(2),
    "stale_data": Rule(4),
    "duress": Rule(1),
    "watched_person": Rule(2),
    "lost_badge": Rule(2, stands=True),
    "device_clock": Rule(4),
    "override_unreviewed": Rule(4, stands=True, resolves=True),
    "journal_disputed": Rule(3),
    "evacuation": Rule(1, stands=True),
    "lockdown": Rule(2, stands=True, resolves=True),
    "relay_lag": Rule(3, stands=True, resolves=True),
    "dead_letter": Rule(3, stands=True, resolves=True),
    "service_down": Rule(2, stands=True, resolves=True),
}

EVENTS: tuple[type[SharedEvent], ...] = (
    access.BadgeScanned,
    access.DeviceFellSilent,
    access.DeviceReported,
    access.DeviceMoved,
    access.DeviceCutOff,
    access.DoubleEntryDetected,
    access.AdmittedAfterRevocation,
    access.StaleDataAdmitted,
    access.DuressSignalled,
    access.WatchedPersonSeen,
    access.ClockSuspected,
    access.JournalEntryDisputed,
    access.OverrideReviewed,
    access.ZoneCapacityReached,
    access.ZoneCapacityRestored,
    access.LockdownDeclared,
    access.LockdownLifted,
    access.EvacuationOrdered,
    access.AllClearGiven,
    access.ZoneRetired,
    accreditation.BadgeReportedLost,
    accreditation.BadgeReplaced,
    accreditation.BadgeRevoked,
)
"""All that ``findings`` looks at; the others are not even decoded."""
LASTING: frozenset[Kind] = frozenset({"silent_gate", "zone_full", "lockdown", "evacuation"})
"""Of a past that nobody watched: what is so now is wrong, however long ago it began."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something is wrong at ``place``; ``about`` names what exactly."""

    kind: Kind
    place: str
    about: str
    zone_id: str | None = None
    gate_id: str | None = None
    people: tuple[UUID, ...] = ()
    badges: tuple[UUID, ...] = ()

    @property
    def rule(self) -> Rule:
        return RULES[self.kind]

    @property
    def cause(self) -> str:
        """The same again while the incident is not closed repeats it."""
        return f"{self.kind}:{self.place}"

    @property
    def discreet(self) -> bool:
        return self.kind in DISCREET_KINDS


@dataclass(frozen=True, slots=True)
class Over:
    """What was wrong with ``about`` is so no more."""

    kind: Kind
    about: str


Finding = Wrong | Over


def findings(event: SharedEvent) -> list[Finding]:
    """None for nearly every event."""
    match event:
        case access.BadgeScanned(category=category):
            return _of_a_vip(event) if category in VIPS else []
        case event if event.service == "access":
            return _of_a_gate(event) or _of_a_zone(event)
        case accreditation.BadgeReportedLost(badge_id=badge, person_id=person, stolen=True):
            return [Wrong("lost_badge", event.about(), event.about(), people=(person,), badges=(badge,))]
        case accreditation.BadgeReplaced() | accreditation.BadgeRevoked():
            return [Over("lost_badge", event.about())]
        case _:
            return []


def _of_a_vip(scan: access.BadgeScanned) -> list[Finding]:
    if scan.person_id is None or scan.direction != "in":
        return []
    about = f"person-{scan.person_id}"
    if scan.outcome != "refused":
        return [Over("denied_vip", about)]
    badges = (scan.badge_id,) if scan.badge_id else ()
    people = (scan.person_id,)
    return [Wrong("denied_vip", scan.gate_id, about, scan.zone_id, scan.gate_id, people=people, badges=badges)]


def _of_a_gate(event: SharedEvent) -> list[Finding]:
    """Gates and their scanners: the same thing at the same gate is one incident."""
    about = event.about()
    match event:
        case access.DeviceFellSilent(gate_id=gate):
            return [Wrong("silent_gate", gate, about, gate_id=gate)]
        case access.DeviceReported() | access.DeviceMoved() | access.DeviceCutOff():
            return [Over("silent_gate", about)]
        case access.DoubleEntryDetected(gate_id=gate, zone_id=zone, person_id=person):
            return [Wrong("double_entry", gate, about, zone, gate, people=(person,))]
        case access.AdmittedAfterRevocation(gate_id=gate, person_id=person, badge_id=badge):
            return [Wrong("admitted_after_revocation", gate, about, None, gate, people=(person,), badges=(badge,))]
        case access.StaleDataAdmitted(gate_id=gate, zone_id=zone):
            return [Wrong("stale_data", gate, about, zone, gate)]
        case access.DuressSignalled(gate_id=gate, zone_id=zone, person_id=person):
            return [Wrong("duress", gate, about, zone, gate, people=(person,) if person else ())]
        case access.WatchedPersonSeen(gate_id=gate, zone_id=zone, person_id=person):
            return [Wrong("watched_person", about, about, zone, gate, people=(person,))]
        case access.ClockSuspected(gate_id=gate):
            return [Wrong("device_clock", gate, about, gate_id=gate)]
        case access.JournalEntryDisputed(gate_id=gate, badge_id=badge):
            return [Wrong("journal_disputed", gate, about, gate_id=gate, badges=(badge,) if badge else ())]
        case access.OverrideReviewed():
            return [Over("override_unreviewed", about)]
        case _:
            return []


def _of_a_zone(event: SharedEvent) -> list[Finding]:
    """Zones, and the orders in force there."""
    about = event.about()
    match event:
        case access.ZoneCapacityReached(zone_id=zone):
            return [Wrong("zone_full", zone, about, zone)]
        case access.ZoneCapacityRestored():
            return [Over("zone_full", about)]
        case access.LockdownDeclared(zone_id=zone):
            return [Wrong("lockdown", zone, about, zone)]
        case access.LockdownLifted():
            return [Over("lockdown", about)]
        case access.EvacuationOrdered(zone_id=zone, evacuation_id=evacuation):
            return [Wrong("evacuation", str(evacuation), about, zone)]  # of the whole venue: one for all its zones
        case access.AllClearGiven():
            return [Over("evacuation", about)]
        case access.ZoneRetired():
            return [Over("zone_full", about), Over("lockdown", about)]
        case _:
            return []
