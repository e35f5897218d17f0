"""The venue as it is planned: zones, gates, and the rules that hold everywhere."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed
from contracts.ids import GateId, ZoneId
from contracts.words import GateState
from services.access.domain.layout import DefineGate, DefineZone, RetireGate, RetireZone, SetGateState, SetRules
from services.access.domain.record.layout import Gate, Rules, Zone
from services.access.domain.venue import Venue
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.http.plans import GateBody, RulesBody, ZoneBody
from services.access.verdict_times import Times, VerdictTimes


class StateBody(Body):
    state: GateState


def layout(gatekeeper: Gatekeeper, verdict_times: VerdictTimes) -> APIRouter:
    router = APIRouter(tags=["layout"])

    @router.post("/v1/zones", status_code=201)
    async def define_zone(body: ZoneBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Defines a zone, or changes one; parents first."""
        await obeyed(gatekeeper, DefineZone(zone=body.plan()), because.metadata(principal))
        return {"zone_id": body.zone_id}

    @router.post("/v1/gates", status_code=201)
    async def define_gate(body: GateBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Defines a gate between a zone's parent (null: outside) and the zone, or changes one."""
        gate = Gate(**{**body.model_dump(), "state": body.state or "open"})
        command = DefineGate(gate=gate, keeps_state=body.state is None)
        await obeyed(gatekeeper, command, because.metadata(principal))
        return {"gate_id": body.gate_id}

    @router.post("/v1/zones/{zone_id}/retirement")
    async def retire_zone(zone_id: ZoneId, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Takes a zone away that is empty and that nothing leads to."""
        await obeyed(gatekeeper, RetireZone(zone_id=zone_id), because.metadata(principal))
        return {"zone_id": zone_id, "retired": True}

    @router.post("/v1/gates/{gate_id}/retirement")
    async def retire_gate(gate_id: GateId, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Takes a gate away at which no device stands."""
        await obeyed(gatekeeper, RetireGate(gate_id=gate_id), because.metadata(principal))
        return {"gate_id": gate_id, "retired": True}

    @router.post("/v1/gates/{gate_id}/state")
    async def set_gate_state(
        gate_id: GateId,
        body: StateBody,
        because: Because,
        principal: Principal = allowed("supervisor", "commander", "admin"),
    ) -> dict[str, Any]:
        """Opens a gate, closes it, or takes it out of service. Exits stay free."""
        await obeyed(gatekeeper, SetGateState(gate_id=gate_id, state=body.state), because.metadata(principal))
        return {"gate_id": gate_id, "state": body.state}

    @router.post("/v1/rules")
    async def set_rules(body: RulesBody, because: Because, principal: Principal = allowed("admin")) -> Rules:
        """Sets what holds in all of the venue."""
        rules = body.plan()
        await obeyed(gatekeeper, SetRules(rules=rules), because.metadata(principal))
        return rules

    @router.get("/v1/rules")
    async def rules(
        _: Principal = allowed("device", "supervisor", "operations", "commander", "auditor", "admin"),
    ) -> Rules:
        """What holds in all of the venue."""
        return gatekeeper.venue.layout.rules

    @router.get("/v1/zones")
    async def zones(
        _: Principal = allowed(
            "device", "supervisor", "operations", "commander", "auditor", "admin", "service", without_sign_in=True
        ),
    ) -> list[dict[str, Any]]:
        """Zones with how many people are believed inside. No names of anybody."""
        venue = gatekeeper.venue
        return [_zone(venue, zone) for zone in sorted(venue.layout.zones.values(), key=lambda zone: zone.path)]

    @router.get("/v1/gates")
    async def gates(
        _: Principal = allowed(
            "device", "supervisor", "operations", "commander", "auditor", "admin", "service", without_sign_in=True
        ),
    ) -> list[dict[str, Any]]:
        """Gates, and the zones they join."""
        return [gate.model_dump() for _, gate in sorted(gatekeeper.venue.layout.gates.items())]

    @router.get("/v1/gates/verdict-times")
    async def times(
        _: Principal = allowed("service", "operations", "supervisor", "commander", "auditor", "admin"),
    ) -> Mapping[str, Times]:
        """How long gates waited for verdicts in the last five minutes: by gate, in milliseconds.

        Those that this process gave: a stand-by knows of none.
        """
        return await verdict_times.by_gate() if gatekeeper.leads else {}

    return router


def _zone(venue: Venue, zone: Zone) -> dict[str, Any]:
    locked = any(zone_id in venue.orders.lockdowns for zone_id in zone.path)
    return {
        **zone.model_dump(exclude={"path"}),
        "occupancy": venue.presence.count(zone.zone_id),
        "locked": locked,
    }
