"""Access over HTTP: parse, ask, answer. Every route names the roles it admits. A family of routes a file."""

import asyncio
from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from chassis.run.clock import Clock
from services.access.enrolment import Enrolment
from services.access.explaining import Explainer
from services.access.fleet import Fleet
from services.access.gatekeeper import Gatekeeper
from services.access.http.devices import devices
from services.access.http.evacuations import evacuations
from services.access.http.inspections import inspections
from services.access.http.journal import journal
from services.access.http.layout import layout
from services.access.http.orders import orders
from services.access.http.overlays import overlays, seats
from services.access.http.overrides import overrides
from services.access.http.parties import parties
from services.access.http.pins import pins
from services.access.http.policy import policy
from services.access.http.presence import presence
from services.access.http.programme import programme
from services.access.http.revocations import revocations
from services.access.http.scans import scan, scans
from services.access.http.undo import undo
from services.access.http.watchlist import watchlist
from services.access.pins import PinHolders
from services.access.policies import Policies
from services.access.revocations import Revocations
from services.access.scanning import Scanning
from services.access.simulating import Simulator
from services.access.uploading import Uploading

_LARGEST = 2 * 1024 * 1024  # bytes
BODY_LIMITS: Mapping[str, int] = {
    "/v1/journal": _LARGEST,
    "/v1/scans/batch": _LARGEST,
    "/v1/policy": _LARGEST,
    "/v1/policy/simulate": _LARGEST,
    "/v1/sessions": 256 * 1024,
}
"""Bytes of a body, where it may be larger than usual."""


def routes(
    gatekeeper: Gatekeeper,
    scanning: Scanning,
    uploading: Uploading,
    enrolment: Enrolment,
    fleet: Fleet,
    revoked: Revocations,
    policies: Policies,
    simulator: Simulator,
    pin_holders: PinHolders,
    clock: Clock,
    stopping: asyncio.Event,
) -> Sequence[APIRouter]:
    """All routes, by what they are about."""
    return [
        scan(scanning),
        scans(scanning, Explainer(gatekeeper.committed)),
        layout(gatekeeper, scanning.verdict_times),
        programme(gatekeeper),
        policy(gatekeeper, policies, simulator),
        orders(gatekeeper),
        evacuations(gatekeeper, scanning),
        presence(gatekeeper),
        watchlist(gatekeeper),
        devices(gatekeeper, enrolment, fleet, revoked, clock),
        revocations(gatekeeper, revoked, stopping),
        journal(gatekeeper, uploading, scanning),
        overlays(gatekeeper, scanning),
        seats(gatekeeper),
        pins(scanning, pin_holders),
        parties(gatekeeper),
        inspections(gatekeeper, scanning),
        overrides(gatekeeper, scanning, clock),
        undo(gatekeeper, scanning),
    ]
