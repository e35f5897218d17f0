"""Why a scan was decided as it was: decided again from the log, and what would have admitted the person."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from pydantic_core import to_jsonable_python

from chassis.log.decider import Refused
from contracts.words import StandardCodes
from services.access import messages
from services.access.committed import Committed
from services.access.domain import checks, passage
from services.access.domain.explanation import facts_of
from services.access.domain.passage import PassPinHolder
from services.access.domain.record.scans import BadgeScanned, Basis, Outcome
from services.access.domain.replay import command_of, is_decided
from services.access.domain.rules.entry import Entry
from services.access.domain.scan import ScanBadge, entry_of, place_of
from services.access.domain.venue import Venue


class FailedCheck(BaseModel):
    """A check that was not passed. ``remedy``: what would have passed it; ``facts``: what it was looked at by."""

    model_config = ConfigDict(frozen=True)

    code: str
    standard_codes: StandardCodes
    decisive: bool
    guard: str
    guest: str
    remedy: str
    facts: dict[str, JsonValue]


class Explanation(BaseModel):
    """A decision, made again on the log as it was. ``would_have_admitted``: all of it together."""

    model_config = ConfigDict(frozen=True)

    scan_id: UUID
    outcome: Outcome
    reason: str | None
    basis: Basis
    because_of: UUID | None
    gate_id: str
    zone_id: str
    decided_at: AwareDatetime
    position: int
    policy_version: int
    decided_on: int
    """Events of the venue's stream that the decision rests on."""
    decided_again: Outcome | None
    """What the same command comes to on the same events now; null: it was not decided by itself."""
    same_again: bool
    passed: tuple[str, ...]
    failed: tuple[FailedCheck, ...]
    would_have_admitted: tuple[str, ...]


class Explainer:
    """Explains the scans of one venue."""

    def __init__(self, committed: Committed) -> None:
        self._committed = committed

    async def explain(self, scan: BadgeScanned, position: int, language: str, *, discreet: bool) -> Explanation:
        """``discreet``: for somebody who may not know whom the watchlist names."""
        again, entry = await self._decided_again(scan)
        # What the gate was not shown under duress, nobody is shown who may not know of it.
        warnings = () if discreet and scan.duress else scan.warnings
        found = (*scan.failed, *(code for code in warnings if code in checks.CODES))
        shown = checks.shown(found) if discreet else found
        decisive = shown[0] if scan.failed else None
        failed = tuple(_failed(code, entry, language, decisive=code == decisive) for code in shown)
        return Explanation(
            scan_id=scan.scan_id,
            outcome=scan.outcome,
            reason=decisive if scan.outcome == "refused" else None,
            basis=scan.basis,
            because_of=scan.because_of,
            gate_id=scan.gate_id,
            zone_id=scan.zone_id,
            decided_at=scan.decided_at,
            position=position,
            policy_version=scan.policy_version,
            decided_on=scan.decided_on,
            decided_again=again.outcome if again else None,
            same_again=again == scan,
            passed=tuple(code for code in checks.made(found, scan.direction) if code not in shown),
            failed=failed,
            would_have_admitted=tuple(check.remedy for check in failed) if scan.outcome == "refused" else (),
        )

    async def _decided_again(self, scan: BadgeScanned) -> tuple[BadgeScanned | None, Entry | None]:
        """The record of deciding it once more, and what the rules look at; nothing where it was not decided itself."""
        if not is_decided(scan):
            return None, None
        venue = await self._committed.at(scan.decided_on)
        command = command_of(scan, venue)
        return _again(command, venue), _entry(command, venue)


def _again(command: ScanBadge | PassPinHolder, venue: Venue) -> BadgeScanned | None:
    decision = passage.decide(command, venue)
    record = None if isinstance(decision, Refused) else decision[0]
    return record if isinstance(record, BadgeScanned) else None


def _entry(command: ScanBadge | PassPinHolder, venue: Venue) -> Entry | None:
    if not isinstance(command, ScanBadge):
        return None
    place = place_of(command.gate_id, command.lane_id, venue)
    return None if isinstance(place, Refused) else entry_of(command, venue, *place)


def _failed(code: str, entry: Entry | None, language: str, *, decisive: bool) -> FailedCheck:
    return FailedCheck(
        code=code,
        standard_codes=messages.standard_codes(code),
        decisive=decisive,
        guard=messages.guard(language, "refused", code),
        guest=messages.guest(language, "refused", code),
        remedy=messages.remedy(language, code),
        facts={} if entry is None else to_jsonable_python(facts_of(code, entry)),
    )
