"""A scan: somebody shows a badge at a gate and is admitted, refused, or leaves; or is waved through with a pin."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.log.decider import Decision, Refused
from services.access.domain import checks
from services.access.domain.passing import going_in, going_out, let_in
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Direction, Gate, Lane
from services.access.domain.rules import credential
from services.access.domain.rules.entry import reading_of
from services.access.domain.scan import CLOCK_SKEWED, ScanBadge, entry_of, moved, noticed, place_of, recorded
from services.access.domain.together import together
from services.access.domain.venue import Venue, VenueEvent


@dataclass(frozen=True, slots=True)
class PassPinHolder:
    """A head of State or of delegation walks in or out; the protocol officer taps their name."""

    scan_id: UUID
    gate_id: str
    direction: Direction
    person_id: UUID
    device_id: UUID | None
    now: datetime
    lane_id: str | None = None
    holder_known: bool = False


class PinNotEntitled(Refused):
    """Only heads of State and of delegation with a badge in good standing pass with a pin."""

    __slots__ = ()
    code = "pin_not_entitled"


def decide(command: ScanBadge | PassPinHolder, venue: Venue) -> Decision[VenueEvent]:
    """The scan with its verdict, whoever came with it, and what it means for the zones somebody moved in or out of."""
    place = place_of(command.gate_id, command.lane_id, venue)
    if isinstance(place, Refused):
        return place
    gate, way = place
    if isinstance(command, PassPinHolder):
        return _pin(command, venue, gate, way)
    entry = entry_of(command, venue, gate, way)
    if command.direction == "out":
        passage = going_out(entry)
    elif command.duress:
        passage = let_in(entry, checks.failed(entry))
    else:
        passage = going_in(entry)
    if command.clock_skewed:
        passage = passage.warning(CLOCK_SKEWED)
    record = recorded(command, entry, passage)
    told = noticed(command, entry, record)
    if command.heads is not None or command.companion is not None:
        return [*together(command, entry, record, passage), *told]
    return [record, *moved(venue, passage, entry.badge), *told]


def _pin(command: PassPinHolder, venue: Venue, gate: Gate, way: Gate | Lane) -> Decision[VenueEvent]:
    """Never refused for what the rules say; never asked for a badge."""
    badge = venue.badge_of(command.person_id)
    if badge is None or not passes_with_pin(badge, venue):
        return PinNotEntitled(str(command.person_id))
    scan = ScanBadge(
        scan_id=command.scan_id,
        gate_id=command.gate_id,
        direction=command.direction,
        reading=reading_of(badge),
        device_id=command.device_id,
        source="manual",
        holder_known=command.holder_known,
        scanned_at=command.now,
        now=command.now,
        lane_id=command.lane_id,
    )
    entry = entry_of(scan, venue, gate, way)
    of_the_badge = {code for code, _ in credential.FAMILY.checks}
    if command.direction == "out":
        passage = going_out(entry)
        said = tuple(code for code in passage.warnings if code not in of_the_badge)
        passage = replace(passage, warnings=said)
    else:
        passage = let_in(entry, tuple(code for code in checks.failed(entry) if code not in of_the_badge))
    record = recorded(scan, entry, passage, "pin")
    return [record, *moved(venue, passage, badge), *noticed(scan, entry, record)]


def passes_with_pin(badge: Badge, venue: Venue) -> bool:
    """Whether its holder is one of those who are never asked for a badge. Nobody looks whether it was handed over."""
    return badge.category in venue.layout.rules.pin_categories and not (badge.revoked or badge.suspended)
