"""Access over HTTP: parse, ask, answer. Every route names the roles it admits. A family of routes a file."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.access.enrolment import Enrolment
from services.access.gatekeeper import Gatekeeper
from services.access.http.devices import devices
from services.access.http.layout import layout
from services.access.http.orders import orders
from services.access.http.scans import scan, scans
from services.access.scanning import Scanning


def routes(gatekeeper: Gatekeeper, scanning: Scanning, enrolment: Enrolment) -> Sequence[APIRouter]:
    """All routes, by what they are about."""
    return [
        scan(scanning),
        scans(scanning),
        layout(gatekeeper),
        orders(gatekeeper),
        devices(gatekeeper, enrolment),
    ]
