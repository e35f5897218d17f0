"""What three services tell operations: their logs, and shared events to put into them, named once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from chassis.log.log import NewEvent, Shared
from chassis.log.memory import MemoryLog
from chassis.log.source import Page
from chassis.stream.consumer import Consumer
from chassis.stream.feed import Feed
from chassis.stream.reader import Delivered
from contracts.access import (
    AllClearGiven,
    BadgeScanned,
    ClockSuspected,
    DeviceCutOff,
    DeviceEnrolled,
    DeviceFellSilent,
    DeviceMoved,
    DeviceReported,
    EntryOverridden,
    EvacuationOrdered,
    ExitsInferred,
    GateDefined,
    OccupancyCorrected,
    OverrideRequested,
    OverrideReviewed,
    PassageUndone,
    PersonMustered,
    PolicyApplied,
    RevocationSpread,
    SessionCancelled,
    SessionScheduled,
    ThreatLevelSet,
    ZoneDefined,
)
from contracts.accreditation import (
    AccreditationGranted,
    AccreditationRefused,
    BadgeActivated,
    BadgeIssued,
    BadgeReinstated,
    BadgeReplaced,
    BadgeReportedLost,
    BadgeRevoked,
    BadgeSuspended,
    DelegateNominated,
    DelegationConfirmed,
    DelegationInvited,
)
from contracts.envelope import Envelope
from contracts.event import SharedEvent, event_class
from contracts.notifications import NoticeFailed, NoticeSent
from contracts.topology import SERVICES
from contracts.words import DelegationKind, Direction, GateState, Names, Occupancy, Outcome
from tests.controls import NOW, metadata, to

SOURCES = SERVICES["operations"].consumes
ANNA, BORIS, CHIARA = (UUID(f"018f0000-0000-7000-8000-0000000000a{n}") for n in range(3))
_SCANS = UUID("018f0000-0000-7000-8000-0000000000ff")
_EVACUATION = UUID("018f0000-0000-7000-8000-0000000000fe")
_DEVICES = UUID("018f0000-0000-7000-8000-0000000000fd")


class Told:
    """The logs of those operations reads."""

    def __init__(self) -> None:
        self.logs: dict[str, MemoryLog] = {source: MemoryLog() for source in SOURCES}
        self.now = NOW
        self.consumers: Sequence[Consumer] = ()
        """Those of a service at work, which look at once: it has no broker that would wake them."""

    async def tell(self, *events: SharedEvent) -> None:
        """Each event is in its owner's log, as its next one."""
        for event in events:
            shared = Shared(event.subject(), event.about(), event.model_dump_json())
            await self.tell_as(event.service, shared)

    async def tell_as(self, source: str, shared: Shared) -> None:
        """Whatever its body says."""
        id_ = uuid4()
        data = replace(metadata(id_), occurred_at=self.now)
        stored = NewEvent(id_, "Told", 1, "{}", data.to_json(), shared)
        await self.logs[source].append(to("told", stored))
        for consumer in self.consumers:
            consumer._in_doubt = True

    async def envelopes(self, source: str) -> Sequence[Envelope]:
        return (await LogFeed(source, self.logs[source]).read(0, 100_000)).events

    async def delivered(self, source: str) -> Sequence[Delivered]:
        known = [(one, event_class(one.type)) for one in await self.envelopes(source)]
        return [Delivered(one, kind.model_validate_json(one.data)) for one, kind in known if kind is not None]

    def feeds(self) -> list[Feed]:
        return [LogFeed(source, log) for source, log in self.logs.items()]


class LogFeed(Feed):
    """A feed without the way to it: straight from the log."""

    def __init__(self, source: str, log: MemoryLog) -> None:
        self.name = source
        self._log = log

    async def read(self, after: int, limit: int) -> Page[Envelope]:
        head = await self._log.head()
        recorded = await self._log.read_shared(after, limit)
        envelopes = [event.envelope(self.name, head.log_id) for event in recorded]
        return Page(head.log_id, envelopes, recorded[-1].number or 0 if recorded else after, head.number)


# --- accreditation --------------------------------------------------------------------------------------------------


def invited(delegation: str, kind: DelegationKind = "state") -> DelegationInvited:
    return DelegationInvited(delegation_id=delegation, kind=kind, names=Names(en="A", fr="A", vi="A"), language="en")


def confirmed(delegation: str, kind: DelegationKind = "state") -> DelegationConfirmed:
    return DelegationConfirmed(delegation_id=delegation, kind=kind, note_verbale="NV-1")


def nominated(person: UUID, delegation: str = "fr", category: str = "delegate") -> DelegateNominated:
    return DelegateNominated(nomination_id=person, person_id=person, delegation_id=delegation, category=category)


def granted(person: UUID) -> AccreditationGranted:
    return AccreditationGranted(
        nomination_id=person, person_id=person, delegation_id="fr", category="delegate", areas=("per",), **_VALID
    )


def refused(person: UUID) -> AccreditationRefused:
    return AccreditationRefused(nomination_id=person, person_id=person, delegation_id="fr")


def issued(badge: UUID) -> BadgeIssued:
    return BadgeIssued(
        badge_id=badge, version=1, nomination_id=badge, person_id=badge, delegation_id="fr", category="delegate",
        areas=("per",), **_VALID,
    )  # fmt: skip


def activated(badge: UUID) -> BadgeActivated:
    return BadgeActivated(badge_id=badge, version=1, person_id=badge)


def lost(badge: UUID) -> BadgeReportedLost:
    return BadgeReportedLost(badge_id=badge, version=1, person_id=badge, delegation_id="fr")


def replaced(badge: UUID) -> BadgeReplaced:
    return BadgeReplaced(badge_id=badge, version=2, person_id=badge)


def suspended(badge: UUID) -> BadgeSuspended:
    return BadgeSuspended(badge_id=badge, person_id=badge, reason="identity_check")


def reinstated(badge: UUID) -> BadgeReinstated:
    return BadgeReinstated(badge_id=badge, person_id=badge)


def revoked(badge: UUID) -> BadgeRevoked:
    return BadgeRevoked(badge_id=badge, person_id=badge, delegation_id="fr", reason="misuse")


_VALID: Any = {"valid_from": NOW, "valid_until": NOW + timedelta(days=2)}


# --- access ---------------------------------------------------------------------------------------------------------


PLENARY = Names(en="Plenary hall", fr="Salle plénière", vi="Hội trường chính")
HALL: Any = {"zone_id": "pln", "venue_id": "ncc", "names": PLENARY}
"""What everything says that befalls the plenary hall."""
FULL: Any = {**HALL, "occupancy": Occupancy(count=60, capacity=60)}
"""What a ZoneCapacityReached or -Restored, a -Warned or -Eased of it says."""


def zone(
    zone_id: str, parent: str | None = None, capacity: int | None = None, names: Names | None = None
) -> ZoneDefined:
    names = names or Names(en=f"{zone_id} hall", fr=f"salle {zone_id}", vi=f"phòng {zone_id}")
    return ZoneDefined(
        zone_id=zone_id, venue_id="ncc", area=zone_id, names=names, parent_id=parent, capacity=capacity,
        zone_class="open",
    )  # fmt: skip


def gate(gate_id: str, to_zone: str, name: str | None = None, state: GateState = "open") -> GateDefined:
    return GateDefined(
        gate_id=gate_id, venue_id="ncc", name=name or gate_id, from_zone_id=None, to_zone_id=to_zone, state=state
    )


def scan(
    zone_id: str,
    person: UUID | None = None,
    outcome: Outcome = "admitted",
    *,
    reason: str | None = None,
    entered: Sequence[str] = (),
    left: Sequence[str] = (),
    at: datetime = NOW,
    gate_id: str | None = None,
    scan_id: UUID | None = None,
    device: str | None = None,
) -> BadgeScanned:
    """A scan at the gate of a zone (``gate-<zone>``); who it moves where is said by ``entered`` and ``left``."""
    unidentified = {} if person else {**dict.fromkeys(entered, 1), **dict.fromkeys(left, -1)}
    direction: Direction = "out" if outcome == "exited" else "in"
    return BadgeScanned(
        scan_id=scan_id or uuid4(), venue_id="ncc", gate_id=gate_id or f"gate-{zone_id}", zone_id=zone_id,
        direction=direction, outcome=outcome, reason=reason, warnings=(),
        badge_id=uuid5(_SCANS, str(person)) if person else None, badge_version=1 if person else None,
        person_id=person, delegation_id="fr" if person else None, category="delegate" if person else None,
        device_id=device_id(device) if device else None, source="scanner", entered=tuple(entered), left=tuple(left),
        unidentified=unidentified, occupancy=None, policy_version=1, scanned_at=at, decided_at=at,
    )  # fmt: skip


def goes_in(zone_id: str, person: UUID | None = None, *, at: datetime = NOW) -> BadgeScanned:
    return scan(zone_id, person, entered=(zone_id,), at=at)


def goes_out(*zones: str, person: UUID | None = None, at: datetime = NOW) -> BadgeScanned:
    """Out of ``zones``, the outermost first; scanned at that one."""
    return scan(zones[0], person, "exited", left=zones, at=at)


def counted(zone_id: str, more: int) -> OccupancyCorrected:
    """Heads were counted, and there were so many more than believed, or fewer."""
    return OccupancyCorrected(
        zone_id=zone_id, venue_id="ncc", believed=10, counted=10 + more, unidentified=more, reason="hand_count"
    )


def taken_out(zone_id: str, *people: UUID, unidentified: Mapping[str, int] = {}) -> ExitsInferred:
    """People are taken to have left."""
    return ExitsInferred(
        zone_id=zone_id, venue_id="ncc", people=people, unidentified=dict(unidentified), cause="by_hand", reason="swept"
    )


def undone(
    zone_id: str,
    person: UUID | None = None,
    *,
    entered: Sequence[str] = (),
    left: Sequence[str] = (),
    unidentified: Mapping[str, int] = {},
) -> PassageUndone:
    """Somebody did not pass after all."""
    return PassageUndone(
        scan_id=uuid4(), venue_id="ncc", gate_id=f"gate-{zone_id}", zone_id=zone_id, person_id=person,
        delegation_id="fr" if person else None, entered=tuple(entered), left=tuple(left),
        unidentified=dict(unidentified), occupancy=Occupancy(count=0), reason="turned_back",
    )  # fmt: skip


def overridden(number: int = 0) -> tuple[OverrideRequested, EntryOverridden, OverrideReviewed]:
    """Asked for, used and reviewed; a second person has a minute to confirm it."""
    override: Any = {"override_id": UUID(int=77 + number), "venue_id": "ncc"}
    at: Any = {**override, "scan_id": uuid4(), "gate_id": "gate-pln", "zone_id": "pln", "refused_for": ("expired",)}
    return (
        OverrideRequested(**at, person_id=ANNA, reason="known", confirm_by=NOW + timedelta(seconds=60)),
        EntryOverridden(**at, admission_id=uuid4(), reason="known"),
        OverrideReviewed(**override, finding="justified"),
    )


def evacuated(reason: str = "fire_alarm") -> EvacuationOrdered:
    """The plenary hall."""
    return EvacuationOrdered(
        **HALL, evacuation_id=_EVACUATION, reason=reason, expected=2, unidentified=0, ordered_at=NOW
    )


def all_clear() -> AllClearGiven:
    return AllClearGiven(**HALL, evacuation_id=_EVACUATION, missing=0)


def threat(level: int, reason: str = "protest_nearby") -> ThreatLevelSet:
    return ThreatLevelSet(venue_id="ncc", level=level, reason=reason)


def policy(version: int) -> PolicyApplied:
    return PolicyApplied(venue_id="ncc", policy_version=version, digest="0" * 64, changes=3)


def mustered(person: UUID | None) -> PersonMustered:
    """Somebody of the plenary hall turned up."""
    return PersonMustered(
        evacuation_id=_EVACUATION, venue_id="ncc", point="car-park", person_id=person, delegation_id=None, expected=True
    )


def device_id(name: str) -> UUID:
    return uuid5(_DEVICES, name)


def enrolled(name: str, gate_id: str = "gate-per") -> DeviceEnrolled:
    return DeviceEnrolled(device_id=device_id(name), gate_id=gate_id)


def moved(name: str, gate_id: str) -> DeviceMoved:
    return DeviceMoved(device_id=device_id(name), gate_id=gate_id, from_gate_id="gate-per")


def cut_off(name: str) -> DeviceCutOff:
    return DeviceCutOff(device_id=device_id(name))


def reported(name: str, at: datetime = NOW, **said: Any) -> DeviceReported:
    usual: dict[str, Any] = {
        "battery": 80, "queue": 0, "skew_s": 1, "policy_version": 1, "revocation_version": 1, "software": "1.0",
    }  # fmt: skip
    where: Any = {"venue_id": "ncc", "gate_id": "gate-per"}
    return DeviceReported(device_id=device_id(name), heard_at=at, **where, **{**usual, **said})


def fell_silent(name: str, at: datetime = NOW) -> DeviceFellSilent:
    return DeviceFellSilent(device_id=device_id(name), venue_id="ncc", gate_id="gate-per", heard_at=at)


def clock_suspected(name: str) -> ClockSuspected:
    return ClockSuspected(
        device_id=device_id(name), venue_id="ncc", gate_id="gate-per", sequence=1, cause="ahead", by_s=90
    )


def spread(version: int, *silent: str, gates: int = 2, reached: int = 2) -> RevocationSpread:
    """How far the list of revocations had come."""
    return RevocationSpread(
        badge_id=uuid4(), venue_id="ncc", version=version, gates=gates, reached=reached, slowest_ms=40,
        silent=tuple(map(device_id, silent)),
    )  # fmt: skip


def scheduled(session_id: str, starts_at: datetime, minutes: int = 60, zone_id: str = "pln") -> SessionScheduled:
    return SessionScheduled(
        session_id=session_id, venue_id="ncc", zone_id=zone_id, titles=PLENARY, starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes), doors_minutes=30, categories=(), delegations=(), people=(),
        moved=False,
    )  # fmt: skip


def cancelled(session_id: str, zone_id: str = "pln") -> SessionCancelled:
    return SessionCancelled(session_id=session_id, venue_id="ncc", zone_id=zone_id)


def turned_away(zone_id: str, reason: str, *, person: UUID | None = None, at: datetime = NOW) -> BadgeScanned:
    return scan(zone_id, person, "refused", reason=reason, at=at)


# --- notifications --------------------------------------------------------------------------------------------------


def sent() -> NoticeSent:
    return NoticeSent(
        notice_id=uuid4(), source_event_id=uuid4(), template="badge_revoked", channel="email", language="fr", attempts=1
    )


def failed() -> NoticeFailed:
    return NoticeFailed(
        notice_id=uuid4(), source_event_id=uuid4(), template="badge_revoked", channel="email", language="fr",
        attempts=8, reason="recipient_refused",
    )  # fmt: skip
