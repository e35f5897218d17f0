"""The venue as it is planned: zones and gates."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, model_validator

from chassis.edge.bodies import Because, Body, NamesBody, Text
from chassis.edge.identity import Principal, allowed
from contracts.ids import AreaCode, Category, GateId, LaneId, Token, ZoneId
from contracts.words import GateDirection, GateKind, GateState, Passback, ZoneClass
from services.access.domain.layout import DefineGate, DefineZone
from services.access.domain.record.layout import Gate, Zone, ZonePlan, usual_passback
from services.access.domain.venue import Venue
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed

People = Annotated[int, Field(ge=1, le=1_000_000)]
Categories = Annotated[tuple[Category, ...], Field(max_length=100)]
Metres = Annotated[float, Field(ge=-100_000, le=100_000)]


class HoursBody(Body):
    """A time in which a zone may be entered."""

    opens: AwareDatetime
    closes: AwareDatetime

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> "HoursBody":
        if self.closes <= self.opens:
            raise ValueError("closes before it opens")
        return self


class ZoneBody(Body):
    """A zone with its rules; what is not said has no rule. ``passback`` follows from the class if not said."""

    zone_id: ZoneId
    area: AreaCode
    names: NamesBody
    parent_id: ZoneId | None = None
    capacity: People | None = None
    zone_class: ZoneClass
    soft_capacity: People | None = None
    passback: Passback | None = None
    passback_minutes: int = Field(default=0, ge=0, le=24 * 60)
    by_session: bool = False
    hours: tuple[HoursBody, ...] = Field(default=(), max_length=60)
    seats: int | None = Field(default=None, ge=0, le=10_000)
    seats_exempt: Categories = ()
    overlays: dict[Category, Token] = Field(default={}, max_length=100)
    escorted: Categories = ()
    escorts: Categories = ()
    minimum: int = Field(default=0, ge=0, le=100)
    entry_limit: int | None = Field(default=None, ge=1, le=1_000)

    def plan(self) -> ZonePlan:
        """The zone as the decider takes it."""
        return ZonePlan(**{**self.model_dump(), "passback": self.passback or usual_passback(self.zone_class)})


class LaneBody(Body):
    lane_id: LaneId
    direction: GateDirection = "both"
    kind: GateKind = "standard"
    categories: Categories = ()


class InspectionBody(Body):
    """Who is looked at more closely: ``categories`` always, a random ``share`` of the others."""

    share: float = Field(default=0, ge=0, le=1)
    categories: Categories = ()
    exempt: Categories = ()
    valid_minutes: int = Field(default=720, ge=1, le=7 * 24 * 60)


class GateBody(Body):
    """A gate with its rules; what is not said has no rule."""

    gate_id: GateId
    name: Text
    from_zone_id: ZoneId | None = None
    to_zone_id: ZoneId
    direction: GateDirection = "both"
    kind: GateKind = "standard"
    categories: Categories = ()
    lanes: tuple[LaneBody, ...] = Field(default=(), max_length=100)
    state: GateState = "open"
    position: tuple[Metres, Metres] | None = None
    screening: InspectionBody | None = None
    identity_check: InspectionBody | None = None

    @model_validator(mode="after")
    def _names_each_lane_once(self) -> "GateBody":
        if len({lane.lane_id for lane in self.lanes}) < len(self.lanes):
            raise ValueError("two lanes have the same id")
        return self


def layout(gatekeeper: Gatekeeper) -> APIRouter:
    router = APIRouter(tags=["layout"])

    @router.post("/v1/zones", status_code=201)
    async def define_zone(body: ZoneBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Defines a zone, or changes one; parents first."""
        await obeyed(gatekeeper, DefineZone(zone=body.plan()), because.metadata(principal))
        return {"zone_id": body.zone_id}

    @router.post("/v1/gates", status_code=201)
    async def define_gate(body: GateBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Defines a gate between a zone's parent (null: outside) and the zone, or changes one."""
        await obeyed(gatekeeper, DefineGate(gate=Gate(**body.model_dump())), because.metadata(principal))
        return {"gate_id": body.gate_id}

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

    return router


def _zone(venue: Venue, zone: Zone) -> dict[str, Any]:
    locked = any(zone_id in venue.orders.lockdowns for zone_id in zone.path)
    return {
        **zone.model_dump(exclude={"path"}),
        "occupancy": venue.presence.count(zone.zone_id),
        "locked": locked,
    }
