"""What three services tell operations: their logs, and shared events to put into them, named once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4, uuid5

from chassis.log.log import NewEvent, Shared
from chassis.log.memory import MemoryLog
from chassis.log.source import Page
from chassis.stream.feed import Feed
from chassis.stream.reader import Delivered
from contracts.access import (
    BadgeScanned,
    GateDefined,
    LockdownDeclared,
    LockdownLifted,
    ZoneCapacityReached,
    ZoneCapacityRestored,
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
from contracts.words import DelegationKind, Direction, Names, Occupancy, Outcome
from tests.controls import NOW, metadata, to

SOURCES = SERVICES["operations"].consumes
ANNA, BORIS, CHIARA = (UUID(f"018f0000-0000-7000-8000-0000000000a{n}") for n in range(3))
_SCANS = UUID("018f0000-0000-7000-8000-0000000000ff")


class Told:
    """The logs of those operations reads."""

    def __init__(self) -> None:
        self.logs: dict[str, MemoryLog] = {source: MemoryLog() for source in SOURCES}

    async def tell(self, *events: SharedEvent) -> None:
        """Each event is in its owner's log, as its next one."""
        for event in events:
            shared = Shared(event.subject(), event.about(), event.model_dump_json())
            await self.tell_as(event.service, shared)

    async def tell_as(self, source: str, shared: Shared) -> None:
        """Whatever its body says."""
        id_ = uuid4()
        stored = NewEvent(id_, "Told", 1, "{}", metadata(id_).to_json(), shared)
        await self.logs[source].append(to("told", stored))

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


def nominated(person: UUID) -> DelegateNominated:
    return DelegateNominated(nomination_id=person, person_id=person, delegation_id="fr", category="delegate")


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


def zone(
    zone_id: str, parent: str | None = None, capacity: int | None = None, names: Names | None = None
) -> ZoneDefined:
    names = names or Names(en=f"{zone_id} hall", fr=f"salle {zone_id}", vi=f"phòng {zone_id}")
    return ZoneDefined(
        zone_id=zone_id, venue_id="ncc", area=zone_id, names=names, parent_id=parent, capacity=capacity,
        zone_class="open",
    )  # fmt: skip


def gate(gate_id: str, to_zone: str, name: str | None = None) -> GateDefined:
    return GateDefined(gate_id=gate_id, venue_id="ncc", name=name or gate_id, from_zone_id=None, to_zone_id=to_zone)


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
) -> BadgeScanned:
    """A scan at the gate of a zone (``gate-<zone>``); who it moves where is said by ``entered`` and ``left``."""
    unidentified = {} if person else {**dict.fromkeys(entered, 1), **dict.fromkeys(left, -1)}
    direction: Direction = "out" if outcome == "exited" else "in"
    return BadgeScanned(
        scan_id=scan_id or uuid4(), venue_id="ncc", gate_id=gate_id or f"gate-{zone_id}", zone_id=zone_id,
        direction=direction, outcome=outcome, reason=reason, warnings=(),
        badge_id=uuid5(_SCANS, str(person)) if person else None, badge_version=1 if person else None,
        person_id=person, delegation_id="fr" if person else None, category="delegate" if person else None,
        device_id=None, source="scanner", entered=tuple(entered), left=tuple(left), unidentified=unidentified,
        occupancy=None, policy_version=1, scanned_at=at, decided_at=at,
    )  # fmt: skip


def goes_in(zone_id: str, person: UUID | None = None, *, at: datetime = NOW) -> BadgeScanned:
    return scan(zone_id, person, entered=(zone_id,), at=at)


def goes_out(*zones: str, person: UUID | None = None, at: datetime = NOW) -> BadgeScanned:
    """Out of ``zones``, the outermost first; scanned at that one."""
    return scan(zones[0], person, "exited", left=zones, at=at)


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


# --- a day ----------------------------------------------------------------------------------------------------------

PLENARY = Names(en="Plenary hall", fr="Salle plénière", vi="Hội trường chính")
FULL: Any = {"zone_id": "pln", "venue_id": "ncc", "names": PLENARY, "occupancy": Occupancy(count=60, capacity=60)}
"""What a ZoneCapacityReached or -Restored of the plenary hall says."""
LOCKED: Any = {"zone_id": "pln", "venue_id": "ncc", "names": PLENARY}
"""What a LockdownLifted of it says, and a LockdownDeclared beside its reason."""


def a_day(seed: int, steps: int = 160) -> list[SharedEvent]:
    """Some of everything, in a random order that could have happened."""
    chance = Random(seed)
    people = [UUID(int=chance.getrandbits(128), version=4) for _ in range(12)]
    happened: list[SharedEvent] = [zone("per", capacity=200), zone("pln", "per", 60), zone("med", "per")]
    happened += [gate("gate-per", "per"), invited("fr"), invited("vn", "host"), confirmed("fr")]
    for person in people:
        happened += [nominated(person), granted(person), issued(person), activated(person)]
    return happened + [_a_step(chance, people, NOW + timedelta(seconds=2 * step)) for step in range(steps)]


def _a_step(chance: Random, people: Sequence[UUID], at: datetime) -> SharedEvent:
    person, place = chance.choice([*people, None]), chance.choice(["per", "pln", "med"])
    match chance.randrange(8):
        case 0 | 1:
            return goes_in(place, person, at=at)
        case 2 | 3:
            return goes_out(place, person=person, at=at)
        case 4:
            return turned_away(place, chance.choice(["zone_full", "lockdown"]), person=person, at=at)
        case 5:
            return chance.choice([lost, suspended, reinstated, revoked])(chance.choice(people))
        case 6:
            declared, lifted = LockdownDeclared(**LOCKED, reason="drill"), LockdownLifted(**LOCKED)
            return chance.choice([ZoneCapacityReached(**FULL), ZoneCapacityRestored(**FULL), declared, lifted])
        case _:
            return chance.choice([sent(), failed()])
