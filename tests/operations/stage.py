"""The page before a picture of a test's choosing: the real routes, hub and files, without a store behind them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from chassis.edge.app import create_app
from chassis.edge.identity import Identity, Principal, public
from chassis.run.clock import RealClock
from chassis.run.settings import Settings
from services.operations.dashboard import dashboard
from services.operations.http import routes
from services.operations.hub import Hub
from tests.conftest import served
from tests.controls import running

_NAMES = {
    "per": ("Venue grounds", "Enceinte du site", "Khuôn viên"),
    "pln": ("Plenary hall", "Salle plénière", "Hội trường chính"),
    "exh": ("Exhibition hall", "Hall d'exposition", "Sảnh triển lãm"),
    "med": ("Medical point", "Poste médical", "Trạm y tế"),
}


def zone(zone_id: str, order: int, count: int, capacity: int | None, **more: Any) -> dict[str, Any]:
    """A zone of a picture; ``more`` says what is particular about it."""
    en, fr, vi = _NAMES.get(zone_id, (zone_id, zone_id, zone_id))
    return {
        "zone_id": zone_id, "order": order, "depth": 0 if order == 0 else 1, "names": {"en": en, "fr": fr, "vi": vi},
        "zone_class": "open", "count": count, "capacity": capacity, "full": False, "nearly_full": False,
        "lockdown": None, "locked": False, "evacuation": None, "evacuated": False, "uncertain": None,
        **more,
    }  # fmt: skip


def gate(gate_id: str, order: int, last_scan_at: str | None, **more: Any) -> dict[str, Any]:
    return {
        "gate_id": gate_id, "order": order, "name": gate_id, "from_zone_id": None, "to_zone_id": "per",
        "last_scan_at": last_scan_at, "heard_at": last_scan_at, "state": "open", "silent": False,
        "devices": 1, "silent_devices": 0, "minutes": [(order + minute) % 7 for minute in range(60)],
        "admitted_hour": 170, "refused_hour": 4, "verdict_ms": {"p50": 3.1, "p95": 9.4, "scans": 174}, **more,
    }  # fmt: skip


def source(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {"source": name, "state": "current", "number": number, "lag": 0, "complaint": None, **more}


def service(name: str, state: str = "up") -> dict[str, Any]:
    return {"service": name, "state": state, "degraded": [], "since": "2025-10-25T00:00:00+00:00"}


def session(session_id: str, zone_id: str, starts_at: str, state: str) -> dict[str, Any]:
    titles = {"en": session_id, "fr": session_id, "vi": session_id}
    return {
        "session_id": session_id, "titles": titles, "zone_id": zone_id, "starts_at": starts_at,
        "ends_at": starts_at, "doors_minutes": 15, "state": state,
    }  # fmt: skip


def a_picture() -> dict[str, Any]:
    """A morning with one of everything."""
    return {
        "updated_at": "2025-10-25T01:30:00+00:00",
        "event": "hanoi-2025",
        "pages": "of this build",
        "clock": {"now": "2025-10-25T01:30:00+00:00", "simulated": True, "time_zone": "Asia/Ho_Chi_Minh"},
        "sources": [source("accreditation", 10_226), source("access", 5_513), source("notifications", 314)],
        "delegations": {"states": {"invited": 118, "confirmed": 93}, "others": {"invited": 57, "confirmed": 41}},
        "nominations": {"nominated": 2_703, "pending": 157, "granted": 2_533, "refused": 13},
        "badges": {"issued": 2_533, "awaiting": 423, "active": 2_101, "lost": 6, "suspended": 1, "revoked": 2},
        "people": {"inside": 3_772},
        "scans": {
            "total": 5_428, "admitted": 5_014, "refused": 116, "exited": 298,
            "last_minute": {"admitted": 201, "refused": 3, "exited": 12},
            "last_hour": {
                "since": "2025-10-25T00:31:00+00:00",
                "admitted": [40 + minute for minute in range(60)],
                "refused": [minute % 4 for minute in range(60)],
                "exited": [minute % 9 for minute in range(60)],
            },
        },
        "refusals": [
            {"reason": "zone_not_granted", "total": 49, "last_hour": 37},
            {"reason": "a_code_of_tomorrow", "total": 2, "last_hour": 0},
        ],
        "venues": [{"venue_id": "ncc", "threat_level": 3, "threat_reason": "protest_nearby", "policy_version": 1_041}],
        "zones": [
            zone("per", 0, 3_735, 4_500),
            zone("pln", 1, 1_890, 2_000, nearly_full=True),
            zone("exh", 2, 170, 1_200, lockdown="suspicious_item", locked=True),
            zone("stands", 3, 4, 20, depth=2, locked=True),
            zone("hlr-1", 4, 260, 260, full=True, nearly_full=True),
            zone("med", 5, 2, None),
            zone("bil", 6, 12, 40, evacuation="fire_alarm", evacuated=True),
            zone("booths", 7, 1, None, depth=2, evacuated=True, nearly_full=True),
        ],
        "gates": [
            gate("North gate", 0, "2025-10-25T01:29:58+00:00"),
            gate("South gate", 1, "2025-10-25T01:16:00+00:00", silent=True),
            gate("Press door", 2, None),
            gate("Room door", 3, "2025-10-25T00:30:00+00:00", silent=True, from_zone_id="per", to_zone_id="pln"),
            gate("Back door", 4, "2025-10-25T00:30:00+00:00", state="closed"),
        ],
        "sessions": [
            session("Round table 1", "hlr-1", "2025-10-25T01:15:00+00:00", "running"),
            session("Round table 2", "bil", "2025-10-25T02:00:00+00:00", "upcoming"),
        ],
        "orders": {
            "lockdowns": [
                {
                    "zone_id": "exh", "reason": "suspicious_item", "since": "2025-10-25T01:20:00+00:00",
                    "acknowledged": 3, "of": 4, "waiting": ["South gate"],
                },
            ],
            "evacuations": [
                {
                    "evacuation_id": "5a0f4a80-1dd3-4d5f-8bd5-0a3a1b8f2a11", "zone_id": "bil", "reason": "fire_alarm",
                    "ordered_at": "2025-10-25T01:25:00+00:00", "expected": 12, "unidentified": 1, "mustered": 9,
                    "missing": 3, "acknowledged": 2, "of": 2, "waiting": [],
                },
            ],
            "threat": {"ncc": {"level": 3, "reason": "protest_nearby", "since": "2025-10-25T01:00:00+00:00"}},
        },
        "services": [
            service("accreditation"), service("access"), service("notifications", "degraded"), service("operations"),
        ],
        "notices": {"sent": 312, "failed": 2},
    }  # fmt: skip


def _nobody() -> APIRouter:
    """There is no store to keep sessions in: nobody has signed in."""
    router = APIRouter()

    @router.get("/v1/session")
    async def session(_: Principal = public()) -> dict[str, Any]:
        return {
            "signed_in": False, "actor": None, "roles": [], "tier": "totals", "csrf": None, "expires_at": None,
            "methods": ["local"], "embedded": True,
        }  # fmt: skip

    return router


class Stage:
    """What the page shows. ``show`` changes it; whoever watches sees it within a quarter of a second."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._picture = a_picture()
        self._shown = 0
        self.error: Exception | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def picture(self) -> dict[str, Any]:
        """A copy to change and to give to ``show``."""
        return deepcopy(self._picture)

    def show(self, picture: Mapping[str, Any]) -> None:
        self._picture = dict(picture)
        self._shown += 1

    @asynccontextmanager
    async def on(self) -> AsyncIterator["Stage"]:
        hub = Hub(self._draw, lambda: self._shown)
        identity = Identity(self.settings.jwks, self.settings.issuer, self.settings.audience)
        routers = [routes(hub, self._past, RealClock()), dashboard(), _nobody()]
        app = create_app(
            "operations", "", self.settings, RealClock(), identity, routers,
            ready=lambda: True, degraded=list, reads=dict,
        )  # fmt: skip
        async with running(hub.run()), served(app, self.settings.port):
            yield self
            hub.close()

    async def _past(self, at: datetime) -> Mapping[str, Any]:
        return {**self.picture, "as_of": at.isoformat()}

    async def _draw(self) -> Mapping[str, Any]:
        if self.error is not None:
            raise self.error
        return self.picture
