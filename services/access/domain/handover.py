"""An overlay pass changes hands at the door of a room: one of a delegation leaves, another takes the seat."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from chassis.log.decider import Decision, Refused
from services.access.domain import capacity, checks
from services.access.domain.layout import GateUnknown
from services.access.domain.overlays import OverlayUnknown, in_use
from services.access.domain.passing import going_in, going_out
from services.access.domain.record.badges import Badge
from services.access.domain.record.layout import Gate
from services.access.domain.record.overlays import Overlay, OverlayHandedOver
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.rules.entry import Reading, reading_of
from services.access.domain.scan import ScanBadge, entry_of, noticed, recorded
from services.access.domain.venue import Venue, VenueEvent, evolve


@dataclass(frozen=True, slots=True)
class HandOverOverlay:
    """``receiver``: the badge of whoever takes the pass, verified outside."""

    handover_id: UUID
    gate_id: str
    overlay_hash: str
    receiver: Reading
    device_id: UUID | None
    now: datetime


class OverlayNotInside(Refused):
    """Only a pass that is in the zone behind this gate is handed over here; elsewhere it is shown with a badge."""

    __slots__ = ()
    code = "overlay_not_inside"


class OverlayForeign(Refused):
    """A pass stays within its delegation."""

    __slots__ = ()
    code = "overlay_foreign"


@dataclass(frozen=True, slots=True)
class HandoverRefused(Refused):
    """Whoever is to take the pass would not be admitted with it."""

    failed: tuple[str, ...] = ()
    code = "handover_refused"


def decide(command: HandOverOverlay, venue: Venue) -> Decision[VenueEvent]:
    """Both passages, or none: nothing changes where the receiver may not enter."""
    gate = venue.layout.gates.get(command.gate_id)
    if gate is None:
        return GateUnknown(command.gate_id)
    overlay_id = venue.overlays.texts.get(command.overlay_hash)
    overlay = venue.overlays.known[overlay_id] if overlay_id else None
    if overlay is None or overlay.cancelled:
        return OverlayUnknown("its text is on no pass that is valid")
    use = in_use(overlay.overlay_id, venue)
    if use is None or use.zone_id != gate.to_zone_id:
        return OverlayNotInside(f"{overlay.kind} {overlay.number}")
    giver = venue.badge_of(use.person_id)
    assert giver is not None  # they came in with one
    receiver = venue.badges.known.get(command.receiver.badge_id) if command.receiver.badge_id else None
    if receiver is not None and receiver.person_id == use.person_id:
        return []
    if receiver is not None and receiver.delegation_id != overlay.delegation_id:
        return OverlayForeign(f"{overlay.kind} {overlay.number} of {overlay.delegation_id}")
    return _swapped(command, gate, overlay, giver, receiver, venue)


def _swapped(
    command: HandOverOverlay, gate: Gate, overlay: Overlay, giver: Badge, receiver: Badge | None, venue: Venue
) -> Decision[VenueEvent]:
    out = _left(command, gate, giver, venue)
    between = evolve(venue, out)
    # The room is as full as before: whoever takes somebody's place does not wait until more have left.
    room = between.presence._replace(full=between.presence.full - {gate.to_zone_id})
    scan = _scan(command, command.receiver, receiver)
    entry = entry_of(scan, between._replace(presence=room), gate, gate)
    passage = going_in(entry)
    if receiver is None or passage.outcome == "refused":
        failed = checks.shown(passage.failed)
        return HandoverRefused(", ".join(failed), failed)
    into = recorded(scan, entry, passage, "handover", command.handover_id)
    handed_over = OverlayHandedOver(
        overlay_id=overlay.overlay_id,
        delegation_id=overlay.delegation_id,
        venue_id=venue.venue_id,
        zone_id=gate.to_zone_id,
        from_person_id=giver.person_id,
        to_person_id=receiver.person_id,
    )
    after = evolve(between, into)
    return [handed_over, out, into, *_news(out, into, venue, after), *noticed(scan, entry, into)]


def _left(command: HandOverOverlay, gate: Gate, giver: Badge, venue: Venue) -> BadgeScanned:
    """Nobody saw them go: they gave the pass away."""
    scan = replace(_scan(command, reading_of(giver), giver), direction="out", overlay_hash=None)
    entry = entry_of(scan, venue, gate, gate)
    passage = going_out(entry)
    return recorded(scan, entry, replace(passage, inferred=passage.left), "handover", command.handover_id)


def _scan(command: HandOverOverlay, reading: Reading, badge: Badge | None) -> ScanBadge:
    return ScanBadge(
        scan_id=command.handover_id if badge is None else uuid5(command.handover_id, str(badge.person_id)),
        gate_id=command.gate_id,
        direction="in",
        reading=reading,
        device_id=command.device_id,
        source="manual",
        holder_known=False,
        scanned_at=command.now,
        now=command.now,
        overlay_hash=command.overlay_hash,
    )


def _news(out: BadgeScanned, into: BadgeScanned, before: Venue, after: Venue) -> list[VenueEvent]:
    """Of the zones as they are after both: a place that is taken at once was never free."""
    zones = dict.fromkeys((*out.left, *out.unidentified, *into.entered, *into.left, *into.unidentified))
    return [
        news
        for zone_id in zones
        for news in capacity.news(before, before.layout.zones[zone_id], after.presence.count(zone_id))
    ]
