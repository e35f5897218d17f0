"""From a journal as a device sends it to the record of its scans. Knows nothing of how it travels."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import AwareDatetime, Field, PositiveInt, model_validator

from chassis.edge.bodies import Body
from chassis.log.decider import Refused
from chassis.log.log import Metadata
from chassis.run.clock import Clock
from contracts.ids import BadgeId, GateId, LaneId, ScanId
from contracts.words import Direction, Outcome, ScanSource
from services.access import metrics
from services.access.credential import Verifier
from services.access.domain import checks
from services.access.domain.brought import JournalScan
from services.access.domain.journal import UploadJournal
from services.access.domain.record.journal import JournalUploaded
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading
from services.access.gatekeeper import Gatekeeper, UploadOvertaken
from services.access.verdict import Credential

_AT_A_TIME = 20  # credentials verified before scans that wait get their turn
_LARGEST = 2**53 - 1  # that a browser counts to
_REASONS = frozenset(checks.SHOWN)


class JournalEntry(Body):
    """One scan, as the device decided it by itself. ``sequence``: 1, 2, 3 and so on, since it was enrolled."""

    sequence: PositiveInt = Field(le=_LARGEST)
    scan_id: ScanId
    gate_id: GateId | None = None
    """Null: where the device stands now."""
    lane_id: LaneId | None = None
    direction: Direction
    credential: Credential | None = None
    """As it was read; or ``badge_id`` and ``version``, if the device has verified it and kept no more."""
    badge_id: BadgeId | None = None
    version: PositiveInt | None = Field(default=None, le=_LARGEST)
    decided: Outcome
    reason: str | None = None
    """Of a refusal: one of the codes a gate sees; ``gate_out_of_service`` where its data was too old to decide on."""
    scanned_at: AwareDatetime
    data_age_s: int = Field(ge=0, le=_LARGEST)
    """How old the data was that it was decided on."""
    policy_version: int | None = Field(default=None, ge=0, le=_LARGEST)
    source: ScanSource = "scanner"
    duress: bool = False

    @model_validator(mode="after")
    def _is_consistent(self) -> "JournalEntry":
        if (self.credential is None) == (self.badge_id is None) or (self.badge_id is None) != (self.version is None):
            raise ValueError("either a credential, or a badge_id with its version")
        if (self.decided == "exited") != (self.direction == "out"):
            raise ValueError("whoever goes out has exited; whoever comes in is admitted or refused")
        if (self.decided == "refused") != (self.reason is not None):
            raise ValueError("a refusal has a reason, and nothing else has one")
        if self.reason is not None and self.reason not in _REASONS:
            raise ValueError("the reason is not one of the codes of refusals")
        if not 1970 <= self.scanned_at.year <= 9998:  # a clock that lost its battery starts in 1970
            raise ValueError("scanned_at lies outside of any calendar")
        return self


class JournalBody(Body):
    """Scans in the device's order."""

    entries: tuple[JournalEntry, ...] = Field(min_length=1, max_length=1_000)
    """A hundred at a time is best: live scans wait while an upload is put on record."""


class Uploading:
    """Puts journals on record: all that one upload brings, or nothing of it."""

    def __init__(self, gatekeeper: Gatekeeper, verifier: Verifier, clock: Clock) -> None:
        self._gatekeeper = gatekeeper
        self._verifier = verifier
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()  # live scans get their turn between two uploads

    async def upload(
        self, device_id: UUID, entries: Sequence[JournalEntry], metadata: Metadata
    ) -> JournalUploaded | Refused | None:
        """What was recorded; None if all of it was on record before. Raises UnavailableError."""
        device = self._gatekeeper.venue.devices.known[device_id]
        scans = []
        for index, entry in enumerate(entries):
            scans.append(self._scan(entry, device.gate_id))
            if index % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        async with self._one_at_a_time:
            while True:
                on_record = await self._on_record(device_id, scans)
                command = UploadJournal(device_id, scans, on_record, self._clock.now())
                outcome = await self._gatekeeper.obey(command, metadata)
                if isinstance(outcome, UploadOvertaken):
                    continue
                if isinstance(outcome, Refused):
                    return outcome
                if not outcome.replayed:
                    metrics.count_conflicts(outcome.events)
                uploaded = outcome.events[0] if outcome.events else None
                assert uploaded is None or isinstance(uploaded, JournalUploaded)
                return uploaded

    async def _on_record(self, device_id: UUID, scans: Sequence[JournalScan]) -> Mapping[UUID, BadgeScanned]:
        first = await self._gatekeeper.scans(scan.scan_id for scan in scans)
        second = (scan.second_id(device_id) for scan in scans if scan.scan_id in first)
        return {**first, **await self._gatekeeper.scans(second)}

    def _scan(self, entry: JournalEntry, gate_id: str) -> JournalScan:
        return JournalScan(
            sequence=entry.sequence,
            scan_id=entry.scan_id,
            gate_id=entry.gate_id or gate_id,
            direction=entry.direction,
            reading=self._reading(entry),
            outcome=entry.decided,
            reason=entry.reason,
            scanned_at=entry.scanned_at,
            data_age_s=entry.data_age_s,
            source=entry.source,
            lane_id=entry.lane_id,
            policy_version=entry.policy_version,
            duress=entry.duress,
        )

    def _reading(self, entry: JournalEntry) -> Reading:
        if entry.credential is None:
            return Reading(badge_id=entry.badge_id, version=entry.version or 0)
        return self._verifier.read(entry.credential, self._gatekeeper.venue.badges.issuer_keys)
