"""What a policy consists of, as clients send it: zones, gates, sessions, seats, rules. What is not said has no rule."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from chassis.edge.bodies import Body, Code, NamesBody, Text
from contracts.ids import AreaCode, Category, DelegationId, GateId, LaneId, PersonId, SessionId, Token, ZoneId
from contracts.words import GateDirection, GateKind, GateState, Passback, ZoneClass
from services.access.domain.policy import Policy, SeatPlan
from services.access.domain.record.layout import GatePlan, Rules, ZonePlan, usual_passback
from services.access.domain.record.programme import Session

People = Annotated[int, Field(ge=1, le=1_000_000)]
Seats = Annotated[int, Field(ge=0, le=10_000)]
Categories = Annotated[tuple[Category, ...], Field(max_length=100)]
Metres = Annotated[float, Field(ge=-100_000, le=100_000)]
Clearance = Annotated[int, Field(ge=0, le=7)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_USUAL = Rules()


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
    """A zone with its rules. ``passback`` follows from the class if not said."""

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
    seats: Seats | None = None
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


class GatePlanBody(Body):
    """A gate with its rules."""

    gate_id: GateId
    name: Text
    from_zone_id: ZoneId | None = None
    to_zone_id: ZoneId
    direction: GateDirection = "both"
    kind: GateKind = "standard"
    categories: Categories = ()
    lanes: tuple[LaneBody, ...] = Field(default=(), max_length=100)
    position: tuple[Metres, Metres] | None = None
    screening: InspectionBody | None = None
    identity_check: InspectionBody | None = None

    @model_validator(mode="after")
    def _names_each_lane_once(self) -> "GatePlanBody":
        if len({lane.lane_id for lane in self.lanes}) < len(self.lanes):
            raise ValueError("two lanes have the same id")
        return self


class GateBody(GatePlanBody):
    """``state`` null: as it is; a new gate is open."""

    state: GateState | None = None


class SessionBody(Body):
    """Whom a session admits: any of the lists is enough; with none, whoever the zone's area lets in."""

    session_id: SessionId
    zone_id: ZoneId
    titles: NamesBody
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    doors_minutes: int = Field(default=15, ge=0, le=24 * 60)
    categories: Categories = ()
    delegations: tuple[DelegationId, ...] = Field(default=(), max_length=500)
    people: tuple[PersonId, ...] = Field(default=(), max_length=2_000)

    def plan(self) -> Session:
        return Session(**self.model_dump())


class SeatsBody(Body):
    """How many of a delegation may be in a zone at a time, where it is not as the zone says for everybody."""

    zone_id: ZoneId
    delegation_id: DelegationId
    seats: Seats


class RulesBody(Body):
    """What holds in all of the venue."""

    clearances: dict[Category, Clearance] = Field(default={}, max_length=100)
    pin_categories: Categories = tuple(Category(category) for category in _USUAL.pin_categories)
    attempt_limit: int | None = Field(default=None, ge=1, le=1_000)
    attempt_window_s: int = Field(default=_USUAL.attempt_window_s, ge=1, le=24 * 3_600)
    top_speed: float = Field(default=_USUAL.top_speed, gt=0, le=1_000)
    override_reasons: tuple[Code, ...] = Field(default=_USUAL.override_reasons, max_length=50)
    override_budget: int = Field(default=_USUAL.override_budget, ge=0, le=10_000)
    nightly_exit_at: TimeOfDay | None = None

    def plan(self) -> Rules:
        return Rules(**self.model_dump())


class PolicyBody(Body):
    """A whole policy. What is in force and not listed here is retired or cancelled."""

    zones: tuple[ZoneBody, ...] = Field(max_length=500)
    gates: tuple[GatePlanBody, ...] = Field(max_length=2_000)
    rules: RulesBody = RulesBody()
    sessions: tuple[SessionBody, ...] = Field(default=(), max_length=2_000)
    seats: tuple[SeatsBody, ...] = Field(default=(), max_length=10_000)

    def plan(self) -> Policy:
        """The policy as the decider takes it."""
        return Policy(
            zones=tuple(zone.plan() for zone in self.zones),
            gates=tuple(GatePlan(**gate.model_dump()) for gate in self.gates),
            rules=self.rules.plan(),
            sessions=tuple(session.plan() for session in self.sessions),
            seats=tuple(SeatPlan(**seats.model_dump()) for seats in self.seats),
        )
