"""From the record of a scan back to the command it was: what was shown, where and when.

On the venue as it was (``decided_on``), deciding it again gives the record again: so verdicts are explained, and tried
out under another policy.
"""

from typing import TypeGuard

from services.access.domain import checks
from services.access.domain.passage import PassPinHolder
from services.access.domain.record.scans import BadgeScanned, Basis
from services.access.domain.rules.entry import Reading, reading_of
from services.access.domain.scan import CLOCK_SKEWED, ScanBadge
from services.access.domain.venue import Venue, VenueEvent

_DECIDED: tuple[Basis, ...] = ("badge", "pin")
"""The other scans follow from one of these, or were decided by somebody else."""
_NO_PASS_OF_OURS = ""  # is the hash of nothing
_NO_BADGE_OF_OURS = Reading(problem="credential_malformed")


def is_decided(event: VenueEvent) -> TypeGuard[BadgeScanned]:
    """Whether it is a scan that was decided by itself."""
    return isinstance(event, BadgeScanned) and event.basis in _DECIDED


def command_of(scan: BadgeScanned, venue: Venue) -> ScanBadge | PassPinHolder:
    """What was asked. ``scan`` was decided by itself; ``venue``: as it was then."""
    if scan.basis == "pin":
        assert scan.person_id is not None
        return PassPinHolder(
            scan_id=scan.scan_id,
            gate_id=scan.gate_id,
            direction=scan.direction,
            person_id=scan.person_id,
            device_id=scan.device_id,
            now=scan.decided_at,
            lane_id=scan.lane_id,
            holder_known=scan.holder_displayed,
        )
    return ScanBadge(
        scan_id=scan.scan_id,
        gate_id=scan.gate_id,
        direction=scan.direction,
        reading=_reading(scan, venue),
        device_id=scan.device_id,
        source=scan.source,
        holder_known=scan.holder_displayed,
        scanned_at=scan.scanned_at,
        now=scan.decided_at,
        lane_id=scan.lane_id,
        overlay_hash=_overlay_hash(scan, venue),
        companion=_companion(scan, venue),
        heads=scan.heads,
        absent=scan.absent,
        duress=scan.duress,
        clock_skewed=CLOCK_SKEWED in scan.warnings,
    )


def _reading(scan: BadgeScanned, venue: Venue) -> Reading:
    said = (*scan.failed, *scan.warnings)
    problem = next((code for code in checks.OF_THE_TEXT if code in said), None)
    badge = venue.badges.known.get(scan.badge_id) if scan.badge_id else None
    return Reading(
        problem=problem,
        badge_id=scan.badge_id,
        version=scan.badge_version or 0,
        not_before=scan.not_before or (badge.valid_from if badge else None),
        expires=scan.expires or (badge.valid_until if badge else None),
    )


def _overlay_hash(scan: BadgeScanned, venue: Venue) -> str | None:
    if not scan.overlay_shown:
        return None
    return _NO_PASS_OF_OURS if scan.overlay_id is None else venue.overlays.known[scan.overlay_id].text_hash


def _companion(scan: BadgeScanned, venue: Venue) -> Reading | None:
    if not scan.companion_shown:
        return None
    if scan.companion_id is None:
        return _NO_BADGE_OF_OURS
    told, badge = scan.companion_reading, venue.badges.known[scan.companion_id]
    if told is None:
        return reading_of(badge)
    return Reading(None, badge.badge_id, told.version, told.not_before, told.expires)
