"""From a scan as posted to a verdict as answered. Knows nothing of how the two travel."""

import hashlib
import time
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from chassis.log.decider import Refused, Unknown
from chassis.log.log import Metadata
from chassis.run.clock import Clock, ScenarioClock
from contracts.ids import GateId, LaneId, PersonId, ScanId
from contracts.words import Direction, ScanSource, StandardCodes
from services.access import messages, metrics
from services.access.credential import Verifier
from services.access.domain import checks
from services.access.domain.gatekeeping import DisplayHolder
from services.access.domain.passage import ScanBadge
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.gatekeeper import Gatekeeper, scan_command_id
from services.access.holders import Holders

_SKEW_S = 30


Credential = Annotated[str, StringConstraints(max_length=4_096)]


class PartyShown(BaseModel):
    """A party as the guard sees it: how many heads, the leader among them, and which members are not there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heads: Annotated[int, Field(ge=1, le=1_000)]
    absent: Annotated[tuple[PersonId, ...], Field(max_length=1_000)] = ()


class ScanRequest(BaseModel):
    """One badge shown at one gate. ``scan_id`` is chosen by the scanner and makes a repeated request the same scan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scan_id: ScanId
    gate_id: GateId
    direction: Direction
    credential: Credential
    overlay: Credential | None = None
    """The text of an overlay pass, shown beside the badge."""
    companion: Credential | None = None
    """The badge of whoever comes along: an escort, a second person."""
    party: PartyShown | None = None
    """Where the badge is that of a party's leader and they come as a party."""
    lane_id: LaneId | None = None
    duress: bool = False
    """Set by the scanner's silent alarm: the screen shows a welcome, and operations are told."""
    scanned_at: AwareDatetime
    source: ScanSource

    def content_hash(self) -> str:
        """What must be the same for the same ``scan_id``."""
        text = f"{self.gate_id}\n{self.direction}\n{self.source}\n{self.scanned_at.isoformat()}\n{self.credential}"
        if self.overlay or self.companion or self.party or self.lane_id or self.duress:
            text += f"\n{self.overlay}\n{self.companion}\n{self.party}\n{self.lane_id}\n{self.duress}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Check(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str
    ok: bool


_PASSED = {code: Check(code=code, ok=True) for code in checks.CODES}
_FAILED = {code: Check(code=code, ok=False) for code in checks.CODES}


class HolderShown(BaseModel):
    """Who the guard has before them; null until it is known at the gate."""

    person_id: UUID
    name: str
    category: str
    language: str
    photo_url: str | None = None


class ZoneShown(BaseModel):
    id: str
    name: str


class OccupancyShown(BaseModel):
    """People in the zone behind the gate, after this scan; ``capacity`` null: no limit."""

    count: int
    capacity: int | None


class Verdict(BaseModel):
    """The answer to a scan."""

    scan_id: UUID
    outcome: Literal["admitted", "refused", "exited"]
    reason: str | None
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
    message: str
    """To the guard, in the language of the request."""
    guest_message: str
    """To the guest, in theirs as far as it is known, else in the guard's."""
    warning_messages: tuple[str, ...]
    """What each warning says, to the guard."""
    standard_codes: StandardCodes | None
    """The reason as building systems call it."""
    holder: HolderShown | None
    zone: ZoneShown
    occupancy: OccupancyShown | None
    policy_version: int
    decided_at: AwareDatetime
    position: int
    """Of its record in the log."""
    replayed: bool
    """Whether this scan had been answered before, with this verdict."""


class ScanIdReused(Refused):
    """The scan id was used for another scan."""

    __slots__ = ()
    code = "scan_id_reused"


class ScanUnknown(Unknown):
    """No scan has this id."""

    __slots__ = ()
    code = "scan_unknown"


class Scanning:
    """Answers scans: verifies the credential, asks the gatekeeper, puts the verdict in words."""

    def __init__(self, gatekeeper: Gatekeeper, verifier: Verifier, holders: Holders, clock: Clock) -> None:
        self._gatekeeper = gatekeeper
        self._verifier = verifier
        self._holders = holders
        self._clock = clock

    async def scan(
        self,
        request: ScanRequest,
        actor: str,
        device_id: UUID | None,
        traceparent: str | None = None,
        language: str = "en",
    ) -> Verdict | Refused:
        """The verdict, on record by the time it is returned. ``language``: of the guard. Raises UnavailableError."""
        arrived_at = time.perf_counter()
        venue = self._gatekeeper.venue
        reading = self._verifier.read(request.credential, venue.badges.issuer_keys)
        badge = venue.badges.known.get(reading.badge_id) if reading.badge_id else None
        now = self._clock.now()
        command = ScanBadge(
            scan_id=request.scan_id,
            gate_id=request.gate_id,
            direction=request.direction,
            reading=reading,
            device_id=device_id,
            source=request.source,
            holder_known=badge is not None and self._holders.get(badge.person_id) is not None,
            scanned_at=request.scanned_at,
            now=now,
            lane_id=request.lane_id,
            overlay_hash=None if request.overlay is None else hashed(request.overlay),
            companion=None
            if request.companion is None
            else self._verifier.read(request.companion, venue.badges.issuer_keys),
            heads=request.party.heads if request.party else None,
            absent=request.party.absent if request.party else (),
            duress=request.duress,
            clock_skewed=self._is_skewed(request),
        )
        metadata = Metadata(
            actor, scan_command_id(request.scan_id), now, request.content_hash(), traceparent=traceparent
        )
        outcome = await self._gatekeeper.obey(command, metadata)
        if isinstance(outcome, Refused):
            reused = outcome.code == "idempotency_key_reused"
            return await self._brought(command, language) or ScanIdReused(str(request.scan_id)) if reused else outcome
        scanned = outcome.events[0]
        assert isinstance(scanned, BadgeScanned)
        if not outcome.replayed:
            metrics.count(scanned, time.perf_counter() - arrived_at)
        # Shown as the record has it: who was not known then is not shown now, for nobody would have written it down.
        holder = self._holder(scanned) if scanned.holder_displayed else None
        return self._verdict(scanned, outcome.position, holder, language, replayed=outcome.replayed)

    def read(self, credential: str) -> Reading:
        """What a badge says that is shown elsewhere than at a gate."""
        return self._verifier.read(credential, self._gatekeeper.venue.badges.issuer_keys)

    async def find(self, scan_id: UUID) -> tuple[BadgeScanned, int] | Refused:
        """The record of a scan that was answered before, and its position."""
        recorded = await self._gatekeeper.recorded(scan_command_id(scan_id))
        if recorded is None:
            return ScanUnknown(str(scan_id))
        scan = self._gatekeeper.decode(recorded)
        assert isinstance(scan, BadgeScanned)
        return scan, recorded.position

    async def again(
        self, scan: BadgeScanned, position: int, language: str = "en", *, with_holder_for: str | None
    ) -> Verdict:
        """The verdict of that scan.

        ``with_holder_for``: the actor who is shown whose badge it was, which is recorded; None shows nobody.
        """
        holder = None if with_holder_for is None else self._holder(scan)
        if with_holder_for is not None and holder is not None:
            display = DisplayHolder(scan_id=scan.scan_id, person_id=holder.person_id)
            await self._gatekeeper.obey(display, Metadata(with_holder_for, uuid4(), self._clock.now()))
        return self._verdict(scan, position, holder, language, replayed=True)

    async def _brought(self, command: ScanBadge, language: str) -> Verdict | None:
        """The verdict of the device itself, if it brought this scan in its journal before this came."""
        found = await self.find(command.scan_id)
        if isinstance(found, Refused):
            return None
        scan, position = found
        asked = command.device_id, command.gate_id, command.direction, command.scanned_at, command.reading.badge_id
        brought = scan.device_id, scan.gate_id, scan.direction, scan.scanned_at, scan.badge_id
        if scan.basis != "journal" or asked != brought:
            return None
        return self._verdict(scan, position, None, language, replayed=True)

    def _verdict(
        self, scan: BadgeScanned, position: int, holder: HolderShown | None, language: str, *, replayed: bool
    ) -> Verdict:
        # Under duress the screen shows what a forced guard is meant to see: an ordinary welcome.
        warnings = () if scan.duress else checks.shown(scan.warnings)
        failed = checks.shown(scan.failed)
        wrong = (*failed, *warnings)
        made = checks.made(wrong)
        if scan.direction == "out":
            made = tuple(code for code in made if code in checks.WRONG_WITH_THE_BADGE)
        reason = failed[0] if scan.outcome == "refused" else None
        zone = self._gatekeeper.venue.layout.zones[scan.zone_id]
        return Verdict(
            scan_id=scan.scan_id,
            outcome=scan.outcome,
            reason=reason,
            checks=tuple(_FAILED[code] if code in wrong else _PASSED[code] for code in made),
            warnings=warnings,
            message=messages.guard(language, scan.outcome, reason),
            guest_message=messages.guest(holder.language if holder else language, scan.outcome, reason),
            warning_messages=tuple([messages.warning(language, code) for code in warnings]),
            standard_codes=messages.standard_codes(reason) if reason else None,
            holder=holder,
            zone=ZoneShown(id=zone.zone_id, name=zone.names.get(language, zone.names["en"])),
            occupancy=OccupancyShown(count=scan.count, capacity=scan.capacity),
            policy_version=scan.policy_version,
            decided_at=scan.decided_at,
            position=position,
            replayed=replayed,
        )

    def _is_skewed(self, request: ScanRequest) -> bool:
        """Whether the scanner's clock is far from ours. A clock that a scenario sets is nobody's."""
        if isinstance(self._clock, ScenarioClock):
            return False
        return abs((self._clock.now() - request.scanned_at).total_seconds()) > _SKEW_S

    def _holder(self, scan: BadgeScanned) -> HolderShown | None:
        holder = self._holders.get(scan.person_id)
        if holder is None or scan.person_id is None:
            return None
        return HolderShown(
            person_id=scan.person_id, name=holder.name, category=scan.category or "", language=holder.language
        )


def hashed(secret: str) -> str:
    """As secrets are kept: by their SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
