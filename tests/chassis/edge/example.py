"""A small service to knock at: one route of each kind."""

from typing import Any

import asyncpg
import httpx
from fastapi import APIRouter, FastAPI
from pydantic import PositiveInt

from chassis.edge.app import create_app
from chassis.edge.bodies import Because, Body
from chassis.edge.identity import ANONYMOUS, Identity, Principal, allowed, bound, public
from chassis.edge.problems import of_refusal
from chassis.log.decider import Refused, Unknown
from chassis.log.obey import UnavailableError
from chassis.run.clock import RealClock
from chassis.run.settings import Settings
from tests.controls import CANARY

LIMIT = 64 * 1024


class Room(Body):
    seats: PositiveInt
    name: str = ""


class HallIsFull(Refused):
    """Every seat is taken."""

    __slots__ = ()
    code = "hall_is_full"


def rooms() -> APIRouter:
    router = APIRouter()

    @router.post("/v1/rooms")
    async def book(room: Room, cause: Because, principal: Principal = allowed("desk")) -> dict[str, Any]:
        metadata = cause.metadata(principal)
        return {
            "command_id": str(metadata.command_id), "body_hash": metadata.body_hash, "actor": metadata.actor,
            "traceparent": metadata.traceparent,
        }  # fmt: skip

    @router.post("/v1/rooms/{room}/keys")
    async def key(room: str, cause: Because, principal: Principal = allowed("desk")) -> dict[str, str]:
        metadata = cause.metadata(principal)
        return {"command_id": str(metadata.command_id), "body_hash": metadata.body_hash}

    @router.get("/v1/delegations/{delegation}")
    async def of_delegation(
        delegation: str, principal: Principal = allowed("desk", "focal_point")
    ) -> dict[str, object]:
        bound(principal, "delegation", delegation)
        return {"actor": principal.actor, "roles": sorted(principal.roles)}

    @router.get("/v1/totals")
    async def totals(principal: Principal = allowed("operations", without_sign_in=True)) -> bool:
        return principal is ANONYMOUS

    @router.get("/v1/{error}")
    async def fail(error: str, _: Principal = public()) -> None:
        match error:
            case "broken":
                raise LookupError(CANARY)
            case "unavailable":
                raise UnavailableError
            case "cut":
                raise asyncpg.ConnectionDoesNotExistError("x")
            case "full":
                raise of_refusal(HallIsFull("12 seats"))
            case _:
                raise of_refusal(Unknown(f"no {error}"))

    return router


def example(settings: Settings) -> FastAPI:
    identity = Identity(settings.jwks, settings.issuer, settings.audience)
    known = Principal("device", "gate-7", frozenset({"device", "desk"}), {"gate": "pln"})
    identity.accept("dev_", {"dev_good": known}.get)
    return create_app(
        "Example", "", settings, RealClock(), identity, [rooms()],
        ready=lambda: True, degraded=lambda: ["nats"], reads=lambda: {"access": 7},
        body_limits={"/v1/rooms": LIMIT},
    )  # fmt: skip


def client_of(app: FastAPI, *, host: str = "127.0.0.1", caller: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client as the app would see it; errors inside come out as the answers they are."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(caller, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")
