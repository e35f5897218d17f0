"""From a scan as posted to a verdict as answered. Knows nothing of how the two travel."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid4

from chassis.log.decider import Refused, Unknown
from chassis.log.log import Metadata
from chassis.run.clock import Clock, ScenarioClock
from services.access import messages, metrics
from services.access.credential import Verifier
from services.access.domain import checks
from services.access.domain.devices import SKEWED_S
from services.access.domain.gatekeeping import DisplayHolder
from services.access.domain.passage import PassPinHolder
from services.access.domain.record.layout import Direction
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.domain.scan import ScanBadge
from services.access.domain.venue import VenueEvent
from services.access.gatekeeper import Gatekeeper, scan_command_id
from services.access.holders import Holders
from services.access.shown_once import hashed
from services.access.verdict import (
    Check,
    HolderShown,
    OccupancyShown,
    PinRequest,
    ScanRequest,
    Together,
    Verdict,
    ZoneShown,
)
from services.access.verdict_times import VerdictTimes

_REMEMBERED = 1_000  # lists of checks


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
        self.verdict_times = VerdictTimes()

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
            clock_skewed=self._is_skewed(request.scanned_at, now),
        )
        metadata = Metadata(
            actor, scan_command_id(request.scan_id), now, request.content_hash(), traceparent=traceparent
        )
        verdict = await self._decided(command, metadata, language, arrived_at)
        if isinstance(verdict, ScanIdReused):
            return await self._brought(command, language) or verdict
        return verdict

    async def pass_with_pin(
        self, request: PinRequest, actor: str, traceparent: str | None = None, language: str = "en"
    ) -> Verdict | Refused:
        """The verdict on somebody who is never asked for a badge. Raises UnavailableError."""
        arrived_at = time.perf_counter()
        now = self._clock.now()
        known = self._holders.get(request.person_id) is not None
        command = PassPinHolder(**dict(request), device_id=None, now=now, holder_known=known)
        metadata = Metadata(
            actor, scan_command_id(request.scan_id), now, request.content_hash(), traceparent=traceparent
        )
        return await self._decided(command, metadata, language, arrived_at)

    def read(self, credential: str) -> Reading:
        """What a badge says that is shown elsewhere than at a gate."""
        return self._verifier.read(credential, self._gatekeeper.venue.badges.issuer_keys)

    async def find(self, scan_id: UUID) -> tuple[BadgeScanned, int] | Refused:
        """The record of a scan, and its position."""
        recorded = await self._gatekeeper.scan(scan_id)
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
        verdict = self._verdict(scan, position, holder, language, replayed=True)
        if _may_bring(scan):
            verdict.together = await self._together(scan)
        return verdict

    async def followers(self, scan: BadgeScanned) -> Sequence[BadgeScanned]:
        """The records of those who came with a scan."""
        return _brought_by(scan, await self._gatekeeper.came_of(scan_command_id(scan.scan_id)))

    async def _decided(
        self, command: ScanBadge | PassPinHolder, metadata: Metadata, language: str, arrived_at: float
    ) -> Verdict | Refused:
        """``arrived_at``: by the performance counter, when the request came."""
        outcome = await self._gatekeeper.obey(command, metadata)
        if isinstance(outcome, Refused):
            return ScanIdReused(str(command.scan_id)) if outcome.code == "idempotency_key_reused" else outcome
        scan = outcome.events[0]
        assert isinstance(scan, BadgeScanned)
        if not outcome.replayed:
            answered_at = time.perf_counter()
            metrics.count(scan, answered_at - arrived_at)
            self.verdict_times.note(scan.gate_id, arrived_at, answered_at)
        # Shown as the record has it: who was not known then is not shown now, for nobody would have written it down.
        holder = self._holder(scan) if scan.holder_displayed else None
        verdict = self._verdict(scan, outcome.position, holder, language, replayed=outcome.replayed)
        if _may_bring(scan):
            verdict.together = await self._together(scan, None if outcome.replayed else outcome.events)
        return verdict

    async def _together(self, scan: BadgeScanned, events: Sequence[VenueEvent] | None = None) -> tuple[Together, ...]:
        """``events``: all that came of the scan, if they are at hand."""
        followers = await self.followers(scan) if events is None else _brought_by(scan, events)
        return tuple(
            Together(
                scan_id=one.scan_id,
                person_id=one.person_id,
                outcome=one.outcome,
                reason=checks.shown(one.failed)[0] if one.failed else None,
            )
            for one in followers
            if one.person_id is not None
        )

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
        reason = failed[0] if scan.outcome == "refused" else None
        zone = self._gatekeeper.venue.layout.zones.get(scan.zone_id)  # it may have been retired since
        names = {} if zone is None else zone.names
        return Verdict(
            scan_id=scan.scan_id,
            outcome=scan.outcome,
            reason=reason,
            checks=_checks((*failed, *warnings), scan.direction),
            warnings=warnings,
            message=messages.guard(language, scan.outcome, reason),
            guest_message=messages.guest(holder.language if holder else language, scan.outcome, reason),
            warning_messages=tuple([messages.warning(language, code) for code in warnings]),
            standard_codes=messages.standard_codes(reason) if reason else None,
            holder=holder,
            zone=ZoneShown(id=scan.zone_id, name=names.get(language, names.get("en", scan.zone_id))),
            occupancy=OccupancyShown(count=scan.count, capacity=scan.capacity),
            policy_version=scan.policy_version,
            decided_at=scan.decided_at,
            position=position,
            replayed=replayed,
        )

    def _is_skewed(self, scanned_at: datetime, now: datetime) -> bool:
        """Whether the scanner's clock is far from ours. A clock that a scenario sets is nobody's."""
        if isinstance(self._clock, ScenarioClock):
            return False
        return abs((now - scanned_at).total_seconds()) > SKEWED_S

    def _holder(self, scan: BadgeScanned) -> HolderShown | None:
        holder = self._holders.get(scan.person_id)
        if holder is None or scan.person_id is None:
            return None
        return HolderShown(
            person_id=scan.person_id, name=holder.name, category=scan.category or "", language=holder.language
        )


def _may_bring(scan: BadgeScanned) -> bool:
    """Whether others may have come with it."""
    return scan.heads is not None or scan.companion_shown


def _brought_by(scan: BadgeScanned, events: Sequence[VenueEvent]) -> list[BadgeScanned]:
    return [one for one in events if isinstance(one, BadgeScanned) and one.because_of == scan.scan_id]


@lru_cache(_REMEMBERED)
def _checks(wrong: tuple[str, ...], direction: Direction) -> tuple[Check, ...]:
    """Those that were made, made once for all scans that came to the same."""
    return tuple([Check(code=code, ok=code not in wrong) for code in checks.made(wrong, direction)])
