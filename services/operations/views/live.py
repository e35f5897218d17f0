"""The live view: who may come, the venue with its orders, notices; scans have a file of their own."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg

from chassis.stream.reader import Delivered
from contracts import access, accreditation, notifications
from services.operations.views.scans import Scans

_DELEGATIONS = """
    INSERT INTO delegations AS known (delegation_id, kind, confirmed)
    SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[])
    ON CONFLICT (delegation_id) DO UPDATE SET confirmed = known.confirmed OR excluded.confirmed
"""
_NOMINATIONS = """
    INSERT INTO nominations (nomination_id, decision) SELECT * FROM unnest($1::uuid[], $2::text[])
    ON CONFLICT (nomination_id) DO UPDATE SET decision = excluded.decision
"""
_BADGES = """
    INSERT INTO badges (badge_id, holding, suspended, revoked)
    SELECT badge_id,
           coalesce(change.holding, known.holding, 'issued'),
           coalesce(change.suspended, known.suspended, false),
           coalesce(change.revoked, known.revoked, false)
    FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[])
         AS change (badge_id, holding, suspended, revoked)
    LEFT JOIN badges AS known USING (badge_id)
    ON CONFLICT (badge_id) DO UPDATE SET
        (holding, suspended, revoked) = (excluded.holding, excluded.suspended, excluded.revoked)
"""
_ZONES = """
    INSERT INTO zones (zone_id, venue_id, names, parent_id, capacity, zone_class, defined_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::json[], $4::text[], $5::integer[], $6::text[], $7::bigint[])
    ON CONFLICT (zone_id) DO UPDATE SET
        (venue_id, names, parent_id, capacity, zone_class) =
        (excluded.venue_id, excluded.names, excluded.parent_id, excluded.capacity, excluded.zone_class)
"""
_FULL = """
    UPDATE zones SET is_full = change.is_full
    FROM unnest($1::text[], $2::boolean[]) AS change (zone_id, is_full) WHERE zones.zone_id = change.zone_id
"""
_LOCKDOWNS = """
    UPDATE zones SET lockdown = change.reason
    FROM unnest($1::text[], $2::text[]) AS change (zone_id, reason) WHERE zones.zone_id = change.zone_id
"""
_GATES = """
    INSERT INTO gates (gate_id, venue_id, name, from_zone_id, to_zone_id, defined_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
    ON CONFLICT (gate_id) DO UPDATE SET
        (venue_id, name, from_zone_id, to_zone_id) =
        (excluded.venue_id, excluded.name, excluded.from_zone_id, excluded.to_zone_id)
"""
_NOTICES = """
    INSERT INTO notices (number, notice_id, template, outcome)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[])
"""


@dataclass(slots=True)
class _BadgeChange:
    """What a run says of a badge; None: nothing, it stays as it was."""

    holding: str | None = None
    suspended: bool | None = None
    revoked: bool | None = None


@dataclass(slots=True)
class _Run:
    """What a run of events amounts to, a row for each thing it is about: the last word on it holds."""

    delegations: dict[str, tuple[str, bool]] = field(default_factory=dict)
    nominations: dict[UUID, str] = field(default_factory=dict)
    badges: dict[UUID, _BadgeChange] = field(default_factory=dict)
    zones: dict[str, access.ZoneDefined] = field(default_factory=dict)
    full: dict[str, bool] = field(default_factory=dict)
    lockdowns: dict[str, str | None] = field(default_factory=dict)
    gates: dict[str, access.GateDefined] = field(default_factory=dict)
    defined_by: dict[str, int] = field(default_factory=dict)
    """The first number of each zone and gate, by what the event is about."""
    notices: list[tuple[int, UUID, str, str]] = field(default_factory=list)
    scans: Scans = field(default_factory=Scans)

    def take(self, delivered: Delivered) -> None:
        number = delivered.envelope.number
        match delivered.event:
            case access.BadgeScanned() as scan:
                self.scans.take(number, scan)
            case access.ZoneDefined(zone_id=zone) as event:
                self.zones[zone] = event
                self.defined_by.setdefault(event.about(), number)
            case access.GateDefined(gate_id=gate) as event:
                self.gates[gate] = event
                self.defined_by.setdefault(event.about(), number)
            case access.ZoneCapacityReached(zone_id=zone):
                self.full[zone] = True
            case access.ZoneCapacityRestored(zone_id=zone):
                self.full[zone] = False
            case access.LockdownDeclared(zone_id=zone, reason=reason):
                self.lockdowns[zone] = reason
            case access.LockdownLifted(zone_id=zone):
                self.lockdowns[zone] = None
            case notifications.NoticeSent(notice_id=notice, template=template):
                self.notices.append((number, notice, template, "sent"))
            case notifications.NoticeFailed(notice_id=notice, template=template):
                self.notices.append((number, notice, template, "failed"))
            case _:
                self._take_of_accreditation(delivered)

    def _take_of_accreditation(self, delivered: Delivered) -> None:
        match delivered.event:
            case accreditation.DelegationInvited(delegation_id=delegation, kind=kind):
                self.delegations.setdefault(delegation, (kind, False))
            case accreditation.DelegationConfirmed(delegation_id=delegation, kind=kind):
                self.delegations[delegation] = (kind, True)
            case accreditation.DelegateNominated(nomination_id=nomination):
                self.nominations[nomination] = "pending"
            case accreditation.AccreditationGranted(nomination_id=nomination):
                self.nominations[nomination] = "granted"
            case accreditation.AccreditationRefused(nomination_id=nomination):
                self.nominations[nomination] = "refused"
            case accreditation.BadgeIssued(badge_id=badge) | accreditation.BadgeReplaced(badge_id=badge):
                self._of(badge).holding = "issued"
            case accreditation.BadgeActivated(badge_id=badge):
                self._of(badge).holding = "active"
            case accreditation.BadgeReportedLost(badge_id=badge):
                self._of(badge).holding = "lost"
            case accreditation.BadgeSuspended(badge_id=badge):
                self._of(badge).suspended = True
            case accreditation.BadgeReinstated(badge_id=badge):
                self._of(badge).suspended = False
            case accreditation.BadgeRevoked(badge_id=badge):
                self._of(badge).revoked = True

    def _of(self, badge: UUID) -> _BadgeChange:
        return self.badges.setdefault(badge, _BadgeChange())


class Live:
    """The view's fold."""

    name = "live"
    tables = Path(__file__).with_suffix(".sql")

    async def project(self, connection: asyncpg.Connection, events: Sequence[Delivered]) -> None:
        run = _Run()
        for one in events:
            run.take(one)
        await _write_who_may_come(connection, run)
        await _write_the_venue(connection, run)
        await run.scans.write(connection)
        await _write(connection, _NOTICES, run.notices)


async def _write_who_may_come(connection: asyncpg.Connection, run: _Run) -> None:
    await _write(connection, _DELEGATIONS, [(key, *known) for key, known in run.delegations.items()])
    await _write(connection, _NOMINATIONS, run.nominations.items())
    badges = [(key, change.holding, change.suspended, change.revoked) for key, change in run.badges.items()]
    await _write(connection, _BADGES, badges)


async def _write_the_venue(connection: asyncpg.Connection, run: _Run) -> None:
    """Zones before what befell them: a run may hold both."""
    zones = [
        (
            zone.zone_id,
            zone.venue_id,
            json.dumps(zone.names.model_dump(), ensure_ascii=False),
            zone.parent_id,
            zone.capacity,
            zone.zone_class,
            run.defined_by[zone.about()],
        )
        for zone in run.zones.values()
    ]
    gates = [
        (gate.gate_id, gate.venue_id, gate.name, gate.from_zone_id, gate.to_zone_id, run.defined_by[gate.about()])
        for gate in run.gates.values()
    ]
    await _write(connection, _ZONES, zones)
    await _write(connection, _FULL, run.full.items())
    await _write(connection, _LOCKDOWNS, run.lockdowns.items())
    await _write(connection, _GATES, gates)


async def _write(connection: asyncpg.Connection, statement: str, rows: Collection[tuple[object, ...]]) -> None:
    """One statement for all rows, given as one array a column; none for none."""
    if rows:
        await connection.execute(statement, *map(list, zip(*rows, strict=True)))
