"""Overrides: asked for, confirmed by a second person, reviewed by a third."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Query

from chassis.edge.bodies import Because, Body, Code
from chassis.edge.identity import Principal, allowed
from chassis.edge.problems import of_refusal, unless_refused
from chassis.log.log import Metadata
from chassis.run.clock import Clock
from contracts.ids import DeviceId, ScanId
from services.access.domain import checks
from services.access.domain.overrides import (
    ConfirmOverride,
    OverrideCommand,
    OverrideUnknown,
    RequestOverride,
    is_waiting,
)
from services.access.domain.record.overrides import Finding, Override
from services.access.domain.reviewing import ReviewOverride
from services.access.gatekeeper import Gatekeeper
from services.access.http.obeying import obeyed
from services.access.scanning import Scanning

State = Literal["waiting", "lapsed", "unreviewed", "reviewed"]


class OverrideBody(Body):
    """``scan_id``: the refused one. ``device_id``: the device in the supervisor's hand, if any."""

    scan_id: ScanId
    reason: Code
    device_id: DeviceId | None = None


class ConfirmationBody(Body):
    """``device_id``: the device in the second person's hand, if any."""

    device_id: DeviceId | None = None


class ReviewBody(Body):
    finding: Finding


def overrides(gatekeeper: Gatekeeper, scanning: Scanning, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1/overrides", tags=["overrides"])

    async def done(command: OverrideCommand | ReviewOverride, metadata: Metadata) -> dict[str, Any]:
        await obeyed(gatekeeper, command, metadata)
        return _shown(gatekeeper.venue.overrides.known[command.override_id], clock)

    @router.post("", status_code=201)
    async def ask(body: OverrideBody, because: Because, principal: Principal = allowed("supervisor")) -> dict[str, Any]:
        """Admits somebody who was refused in the last 15 minutes; into controlled zones once somebody else confirms."""
        metadata = because.metadata(principal)
        scan, _ = unless_refused(await scanning.find(body.scan_id))
        command = RequestOverride(
            override_id=uuid5(metadata.command_id, "override"),
            scan=scan,
            reason=body.reason,
            by=principal.actor,
            device_id=body.device_id,
            now=metadata.occurred_at,
        )
        return await done(command, metadata)

    @router.post("/{override_id}/confirmation")
    async def confirm(
        override_id: UUID,
        body: ConfirmationBody,
        because: Because,
        principal: Principal = allowed("supervisor", "commander"),
    ) -> dict[str, Any]:
        """The second person agrees, within 60 seconds and from another device."""
        override = gatekeeper.venue.overrides.known.get(override_id)
        if override is None:
            raise of_refusal(OverrideUnknown(str(override_id)))
        metadata = because.metadata(principal)
        scan, _ = unless_refused(await scanning.find(override.scan_id))
        command = ConfirmOverride(
            override_id=override_id,
            scan=scan,
            by=principal.actor,
            device_id=body.device_id,
            now=metadata.occurred_at,
        )
        return await done(command, metadata)

    @router.post("/{override_id}/review")
    async def review(
        override_id: UUID,
        body: ReviewBody,
        because: Because,
        principal: Principal = allowed("operations", "auditor", "commander"),
    ) -> dict[str, Any]:
        """Whether it was justified; never by whoever asked or confirmed."""
        command = ReviewOverride(override_id=override_id, finding=body.finding, by=principal.actor)
        return await done(command, because.metadata(principal))

    @router.get("")
    async def queue(
        state: Annotated[State | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
        _: Principal = allowed("supervisor", "operations", "commander", "auditor"),
    ) -> list[dict[str, Any]]:
        """The overrides, the latest first."""
        known = sorted(gatekeeper.venue.overrides.known.values(), key=lambda one: one.asked_at, reverse=True)
        shown = (_shown(one, clock) for one in known)
        return [one for one in shown if state in {None, one["state"]}][:limit]

    return router


def _shown(override: Override, clock: Clock) -> dict[str, Any]:
    return {
        **override.model_dump(),
        "refused_for": checks.shown(override.refused_for),
        "state": _state(override, clock),
    }


def _state(override: Override, clock: Clock) -> State:
    if override.state == "admitted":
        return "reviewed" if override.finding else "unreviewed"
    return "waiting" if is_waiting(override, clock.now()) else "lapsed"
