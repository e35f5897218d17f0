"""The venue as rows: zones, gates, and what is in force there."""

import json
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from chassis.stream.reader import Delivered
from contracts import access
from services.operations.views.rows import write

_ZONES = """
    INSERT INTO zones (zone_id, venue_id, names, parent_id, capacity, zone_class, defined_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::json[], $4::text[], $5::integer[], $6::text[], $7::bigint[])
    ON CONFLICT (zone_id) DO UPDATE SET
        (venue_id, names, parent_id, capacity, zone_class) =
        (excluded.venue_id, excluded.names, excluded.parent_id, excluded.capacity, excluded.zone_class)
"""
_GATES = """
    INSERT INTO gates (gate_id, venue_id, name, from_zone_id, to_zone_id, state, defined_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
    ON CONFLICT (gate_id) DO UPDATE SET
        (venue_id, name, from_zone_id, to_zone_id, state) =
        (excluded.venue_id, excluded.name, excluded.from_zone_id, excluded.to_zone_id, excluded.state)
"""
_FULL = """
    UPDATE zones SET is_full = change.is_full
    FROM unnest($1::text[], $2::boolean[]) AS change (zone_id, is_full) WHERE zones.zone_id = change.zone_id
"""
_NEARLY_FULL = """
    UPDATE zones SET is_nearly_full = change.is_nearly_full
    FROM unnest($1::text[], $2::boolean[]) AS change (zone_id, is_nearly_full) WHERE zones.zone_id = change.zone_id
"""
_LOCKDOWNS = """
    UPDATE zones SET lockdown = change.reason, lockdown_since = change.since
    FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS change (zone_id, reason, since)
    WHERE zones.zone_id = change.zone_id
"""
_EVACUATIONS = """
    UPDATE zones SET evacuation = change.reason
    FROM unnest($1::text[], $2::text[]) AS change (zone_id, reason) WHERE zones.zone_id = change.zone_id
"""
_THREATS = """
    INSERT INTO venues (venue_id, threat_level, threat_reason, threat_since)
    SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::timestamptz[])
    ON CONFLICT (venue_id) DO UPDATE SET
        (threat_level, threat_reason, threat_since) =
        (excluded.threat_level, excluded.threat_reason, excluded.threat_since)
"""
_POLICIES = """
    INSERT INTO venues (venue_id, policy_version) SELECT * FROM unnest($1::text[], $2::bigint[])
    ON CONFLICT (venue_id) DO UPDATE SET policy_version = excluded.policy_version
"""


_RETIRED_ZONE = """
    WITH cleared AS (DELETE FROM evacuations WHERE zone_id = $1)
    DELETE FROM zones WHERE zone_id = $1
"""
_RETIRED_GATE = "DELETE FROM gates WHERE gate_id = $1"


@dataclass(slots=True)
class Venue:
    """A run of what access tells of the venue, until it is written: the last word on each thing holds."""

    zones: dict[str, access.ZoneDefined] = field(default_factory=dict)
    gates: dict[str, access.GateDefined] = field(default_factory=dict)
    defined_by: dict[str, int] = field(default_factory=dict)
    """The first number of each zone and gate, by what the event is about."""
    full: dict[str, bool] = field(default_factory=dict)
    nearly_full: dict[str, bool] = field(default_factory=dict)
    lockdowns: dict[str, tuple[str | None, datetime | None]] = field(default_factory=dict)
    evacuations: dict[str, str | None] = field(default_factory=dict)
    threats: dict[str, tuple[int, str, datetime]] = field(default_factory=dict)
    policies: dict[str, int] = field(default_factory=dict)

    def take(self, delivered: Delivered) -> None:
        number, at, event = delivered.envelope.number, delivered.envelope.time, delivered.event
        match event:
            case access.ZoneDefined(zone_id=zone):
                self.zones[zone] = event
                self.defined_by.setdefault(event.about(), number)
            case access.GateDefined(gate_id=gate):
                self.gates[gate] = event
                self.defined_by.setdefault(event.about(), number)
            case access.ZoneCapacityWarned(zone_id=zone):
                self.nearly_full[zone] = True
            case access.ZoneCapacityEased(zone_id=zone):
                self.nearly_full[zone] = False
            case access.ZoneCapacityReached(zone_id=zone):
                self.full[zone] = self.nearly_full[zone] = True
            case access.ZoneCapacityRestored(zone_id=zone):
                self.full[zone] = self.nearly_full[zone] = False
            case access.LockdownDeclared(zone_id=zone, reason=reason):
                self.lockdowns[zone] = reason, at
            case access.LockdownLifted(zone_id=zone):
                self.lockdowns[zone] = None, None
            case access.EvacuationOrdered(zone_id=zone, reason=reason):
                self.evacuations[zone] = reason
            case access.AllClearGiven(zone_id=zone):
                self.evacuations[zone] = None
            case access.ThreatLevelSet(venue_id=venue, level=level, reason=reason):
                self.threats[venue] = level, reason, at
            case access.PolicyApplied(venue_id=venue, policy_version=version):
                self.policies[venue] = version

    async def write(self, connection: asyncpg.Connection) -> None:
        """Zones before what befell them: a run may hold both."""
        await write(connection, _ZONES, [self._zone(zone) for zone in self.zones.values()])
        await write(connection, _FULL, self.full.items())
        await write(connection, _NEARLY_FULL, self.nearly_full.items())
        await write(connection, _LOCKDOWNS, [(zone, *lockdown) for zone, lockdown in self.lockdowns.items()])
        await write(connection, _EVACUATIONS, self.evacuations.items())
        await write(connection, _GATES, [self._gate(gate) for gate in self.gates.values()])
        await write(connection, _THREATS, [(venue, *threat) for venue, threat in self.threats.items()])
        await write(connection, _POLICIES, self.policies.items())

    def _zone(self, zone: access.ZoneDefined) -> tuple[object, ...]:
        names = json.dumps(zone.names.model_dump(), ensure_ascii=False)
        defined_by = self.defined_by[zone.about()]
        return zone.zone_id, zone.venue_id, names, zone.parent_id, zone.capacity, zone.zone_class, defined_by

    def _gate(self, gate: access.GateDefined) -> tuple[object, ...]:
        defined_by = self.defined_by[gate.about()]
        return gate.gate_id, gate.venue_id, gate.name, gate.from_zone_id, gate.to_zone_id, gate.state, defined_by


async def retire(connection: asyncpg.Connection, event: access.ZoneRetired | access.GateRetired) -> None:
    """Takes a zone or a gate away. One that is defined again later is another."""
    if isinstance(event, access.ZoneRetired):
        await connection.execute(_RETIRED_ZONE, event.zone_id)
    else:
        await connection.execute(_RETIRED_GATE, event.gate_id)
