"""The policy as one document: read, compared, applied, and tried out on what was recorded."""

from typing import Any, TypeVar

from fastapi import APIRouter
from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from chassis.edge.bodies import Because, Body
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import Problem, of_refusal, unless_refused
from chassis.log.decider import Refused
from services.access.domain.applying import PolicyInvalid
from services.access.domain.policy import digest, policy_of
from services.access.gatekeeper import Gatekeeper
from services.access.http.plans import PolicyBody
from services.access.policies import Policies
from services.access.simulating import Simulator

T = TypeVar("T")


class ApplyBody(Body):
    """``expected_version``: of the policy it was compared with; null: whatever is in force."""

    policy: PolicyBody
    expected_version: int | None = Field(default=None, ge=0)
    dry_run: bool = False
    """Says what would change, and changes nothing."""


class SimulateBody(Body):
    """A policy, and the time whose scans it is tried out on: ``from`` until before ``to``."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    policy: PolicyBody
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to")
    limit: int = Field(default=1_000, ge=0, le=10_000)
    """Scans listed; all are counted."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "SimulateBody":
        if self.until <= self.since:
            raise ValueError("ends before it begins")
        return self


def policy(gatekeeper: Gatekeeper, policies: Policies, simulator: Simulator) -> APIRouter:
    router = APIRouter(prefix="/v1/policy", tags=["policy"])

    @router.get("")
    async def in_force(
        brief: bool = False, _: Principal = allowed("device", "operations", "commander", "auditor", "admin")
    ) -> dict[str, Any]:
        """What is in force, with its version and digest. ``brief``: what is as usual is not written out."""
        venue = gatekeeper.venue
        current = policy_of(venue)
        return {
            "version": venue.policy_version,
            "digest": digest(current),
            "policy": current.model_dump(exclude_defaults=brief),
            "gate_states": {gate_id: gate.state for gate_id, gate in sorted(venue.layout.gates.items())},
        }

    @router.post("")
    async def apply(body: ApplyBody, because: Because, principal: Principal = allowed("admin")) -> dict[str, Any]:
        """Puts a policy in force in one piece: what it does not list is retired or cancelled."""
        plan = body.policy.plan()
        if body.dry_run:
            preview = _unless_invalid(policies.preview(plan, body.expected_version))
            return {
                "applied": False,
                "version": preview.version,
                "digest": preview.digest,
                "change_count": len(preview.changes),
                "changes": preview.changes,
            }
        receipt = _unless_invalid(await policies.apply(plan, body.expected_version, because.metadata(principal)))
        return {
            "applied": True,
            "version": receipt.version,
            "digest": receipt.digest,
            "change_count": receipt.changes,
        }

    @router.post("/simulate")
    async def simulate(
        body: SimulateBody,
        because: Because,
        _: Principal = allowed("admin", "auditor", "commander", "operations"),
    ) -> dict[str, Any]:
        """Runs the recorded scans of a time under another policy, and says which would have been decided otherwise.

        Takes some seconds for a day. Nothing is stored.
        """
        if simulator.busy:
            said = "A policy is being tried out, one at a time."
            raise Problem(429, "simulation_under_way", said, "Ask again.", retry_after_s=5)
        report = _unless_invalid(await simulator.run(body.policy.plan(), body.since, body.until, body.limit))
        return {
            "from": body.since,
            "to": body.until,
            "scans": report.scans,
            "newly_refused": report.newly_refused,
            "newly_admitted": report.newly_admitted,
            "refused_for_another_reason": report.refused_for_another_reason,
            "otherwise": [one._asdict() for one in report.otherwise],
        }

    return router


def _unless_invalid(outcome: T | Refused) -> T:
    """Raises the problem a refusal is; with all that is wrong, where a policy cannot be."""
    if isinstance(outcome, PolicyInvalid):
        errors = [
            {"field": ".".join(map(str, fault.where)), "error": fault.code, "message": fault.detail}
            for fault in outcome.faults
        ]
        raise of_refusal(outcome, errors=errors)
    return unless_refused(outcome)
