"""Overrides: a supervisor admits somebody against a refusal, with a reason; into most rooms not alone.

Whoever is admitted enters the venue as it is by then. What would refuse them now stands in the record as warnings, and
what nobody may waive refuses the override too.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from chassis.log.decider import Decision, Refused, Unknown
from services.access.domain import checks
from services.access.domain.devices import DeviceUnknown, DeviceWasCutOff
from services.access.domain.passing import let_in
from services.access.domain.record.overrides import (
    BUDGET_OVER,
    EntryOverridden,
    Override,
    OverrideRequested,
)
from services.access.domain.record.scans import BadgeScanned
from services.access.domain.replay import command_of
from services.access.domain.rules.entry import Entry
from services.access.domain.scan import ScanBadge, entry_of, moved, noticed, place_of, recorded
from services.access.domain.venue import Venue, VenueEvent, evolve

AGAINST_WITHIN = timedelta(minutes=15)
"""How old a refusal may be."""
CONFIRMED_WITHIN = timedelta(seconds=60)
NOT_ALONE = frozenset({"controlled", "exclusive"})
"""Classes of zones that take a second person."""
NEVER = frozenset(
    (
        *checks.OF_THE_TEXT,
        checks.UNKNOWN,
        "credential_revoked",
        "credential_stolen",
        "watchlist_block",
        "watchlist_hold",
        "identity_check_required",
        "evacuation",
    )
)
"""What nobody waives. An identity check is made, not waived: or a discreet hold would be known by not being waived."""


@dataclass(frozen=True, slots=True)
class RequestOverride:
    """``scan``: the refused one. ``by``: who asks, as events name them. ``device_id``: from which device, if any."""

    override_id: UUID
    scan: BadgeScanned
    reason: str
    by: str
    device_id: UUID | None
    now: datetime


@dataclass(frozen=True, slots=True)
class ConfirmOverride:
    """By somebody else; ``scan``: the refused one."""

    override_id: UUID
    scan: BadgeScanned
    by: str
    device_id: UUID | None
    now: datetime


OverrideCommand = RequestOverride | ConfirmOverride


class ScanNotRefused(Refused):
    """Only a refused entry is overridden."""

    __slots__ = ()
    code = "scan_not_refused"


class OverrideTooLate(Refused):
    """A refusal is overridden within 15 minutes; after that, scan the badge again."""

    __slots__ = ()
    code = "override_too_late"


class OverrideReasonUnknown(Refused):
    """The reason is not on the list of those for which somebody may be admitted."""

    __slots__ = ()
    code = "override_reason_unknown"


class OverrideNotPossible(Refused):
    """Nobody admits against this refusal."""

    __slots__ = ()
    code = "override_not_possible"


class AlreadyOverridden(Refused):
    """The refusal was overridden already, or an override of it waits to be confirmed."""

    __slots__ = ()
    code = "already_overridden"


class OverrideBudgetExhausted(Refused):
    """The supervisor has admitted as many people as they may in 24 hours."""

    __slots__ = ()
    code = "override_budget_exhausted"


class OverrideUnknown(Unknown):
    """There is no such override."""

    __slots__ = ()
    code = "override_unknown"


class OverrideLapsed(Refused):
    """The second person has 60 seconds to confirm, and they are over."""

    __slots__ = ()
    code = "override_lapsed"


class SecondPersonNeeded(Refused):
    """An override is confirmed by somebody else than whoever asks for it."""

    __slots__ = ()
    code = "second_supervisor_required"


class SecondDeviceNeeded(Refused):
    """An override is confirmed from another device than it was asked for."""

    __slots__ = ()
    code = "second_device_required"


def decide(command: OverrideCommand, venue: Venue) -> Decision[VenueEvent]:
    """Events that make ``command`` true; none if it already is."""
    return _requested(command, venue) if isinstance(command, RequestOverride) else _confirmed(command, venue)


def is_waiting(override: Override, now: datetime) -> bool:
    """Whether a second person can still confirm it."""
    return override.state == "waiting" and override.confirm_by is not None and now <= override.confirm_by


def _requested(command: RequestOverride, venue: Venue) -> Decision[VenueEvent]:
    if command.override_id in venue.overrides.known:
        return []
    scan, now = command.scan, command.now
    refused = _objection(command, venue) or _device_objection(command.device_id, venue)
    entry = refused or _entry(_asked(scan, now, venue), venue)
    if isinstance(entry, Refused):
        return entry
    if refused := _never(checks.failed(entry)):
        return refused
    assert scan.person_id is not None  # refusals that name nobody are never overridden
    override = Override(
        override_id=command.override_id,
        scan_id=scan.scan_id,
        gate_id=scan.gate_id,
        zone_id=scan.zone_id,
        person_id=scan.person_id,
        refused_for=scan.failed,
        reason=command.reason,
        by=command.by,
        device_id=command.device_id,
        asked_at=now,
        confirm_by=now + CONFIRMED_WITHIN if entry.zone.zone_class in NOT_ALONE else None,
    )
    requested = OverrideRequested(override=override, venue_id=venue.venue_id)
    if override.confirm_by is not None:
        return [requested]
    admitted = _admitted(override, None, scan, now, evolve(venue, requested))
    return admitted if isinstance(admitted, Refused) else [requested, *admitted]


def _objection(command: RequestOverride, venue: Venue) -> Refused | None:
    """What is wrong with asking at all."""
    scan = command.scan
    if scan.outcome != "refused":
        return ScanNotRefused(scan.outcome)
    if command.now - scan.decided_at > AGAINST_WITHIN:
        return OverrideTooLate(f"refused at {scan.decided_at.isoformat()}")
    if command.reason not in venue.layout.rules.override_reasons:
        return OverrideReasonUnknown(f"{command.reason}: one of {', '.join(venue.layout.rules.override_reasons)}")
    if refused := _never(scan.failed):
        return refused
    others = [one for one in venue.overrides.known.values() if one.scan_id == scan.scan_id]
    if any(one.state == "admitted" or is_waiting(one, command.now) for one in others):
        return AlreadyOverridden(str(scan.scan_id))
    waiting = sum(one.by == command.by and is_waiting(one, command.now) for one in venue.overrides.known.values())
    return _budget_objection(command.by, waiting, command.now, venue)


def _confirmed(command: ConfirmOverride, venue: Venue) -> Decision[VenueEvent]:
    override = venue.overrides.known.get(command.override_id)
    if override is None:
        return OverrideUnknown(str(command.override_id))
    if override.state == "admitted":
        return []
    if not is_waiting(override, command.now):
        return OverrideLapsed(f"until {override.confirm_by}")
    if command.by == override.by:
        return SecondPersonNeeded(str(command.override_id))
    if command.device_id is not None and command.device_id == override.device_id:
        return SecondDeviceNeeded(str(command.device_id))
    refused = _device_objection(command.device_id, venue) or _budget_objection(override.by, 0, command.now, venue)
    return refused or _admitted(override, command.by, command.scan, command.now, venue)


def _admitted(
    override: Override, confirmed_by: str | None, scan: BadgeScanned, now: datetime, venue: Venue
) -> Decision[VenueEvent]:
    """Into the zone, as the venue is now. Whoever came along shows their own badge."""
    asked = _asked(scan, now, venue)
    entry = _entry(asked, venue)
    if isinstance(entry, Refused):
        return entry
    failed = checks.failed(entry)
    if refused := _never(failed):
        return refused
    passage = let_in(entry, failed)
    admission_id = uuid5(override.override_id, str(override.person_id))
    admits = replace(asked, scan_id=admission_id, source="manual", scanned_at=now, holder_known=False)
    admits = replace(admits, heads=None, absent=())
    record = recorded(admits, entry, passage, "override", override.override_id)
    overridden = EntryOverridden(
        override_id=override.override_id,
        scan_id=override.scan_id,
        admission_id=admission_id,
        venue_id=venue.venue_id,
        gate_id=record.gate_id,
        zone_id=record.zone_id,
        refused_for=override.refused_for,
        reason=override.reason,
        by=override.by,
        confirmed_by=confirmed_by,
    )
    return [overridden, record, *moved(venue, passage, entry.badge), *noticed(admits, entry, record)]


def _asked(scan: BadgeScanned, now: datetime, venue: Venue) -> ScanBadge:
    """The refused scan, as if it was made now. Its id stays, so that no lots are drawn again."""
    command = command_of(scan, venue)
    assert isinstance(command, ScanBadge)  # a pin is never refused
    return replace(command, now=now)


def _entry(asked: ScanBadge, venue: Venue) -> Entry | Refused:
    place = place_of(asked.gate_id, asked.lane_id, venue)
    return place if isinstance(place, Refused) else entry_of(asked, venue, *place)


def _never(failed: tuple[str, ...]) -> OverrideNotPossible | None:
    """The gate is told no more than it saw."""
    waived_by_nobody = next((code for code in checks.shown(failed) if code in NEVER), None)
    return None if waived_by_nobody is None else OverrideNotPossible(waived_by_nobody)


def _device_objection(device_id: UUID | None, venue: Venue) -> Refused | None:
    if device_id is None:
        return None
    device = venue.devices.known.get(device_id)
    if device is None:
        return DeviceUnknown(str(device_id))
    return DeviceWasCutOff(str(device_id)) if device.cut_off else None


def _budget_objection(by: str, waiting: int, now: datetime, venue: Venue) -> OverrideBudgetExhausted | None:
    """``waiting``: overrides of theirs that will count once they are confirmed."""
    budget, spent = venue.layout.rules.override_budget, venue.overrides.spent.get(by, ())
    recent = sum(at > now - BUDGET_OVER for at in spent)
    return None if recent + waiting < budget else OverrideBudgetExhausted(f"{budget} in 24 hours")
