"""No route is open because somebody forgot to say for whom it is."""

import pytest
from fastapi import FastAPI

from chassis.edge.care import Record, care
from chassis.edge.feed import feed
from chassis.log.memory import MemoryLog
from tests.conftest import Database
from tests.controls import routes_without_roles, walked


@pytest.fixture
def everything(app: FastAPI, database: Database) -> FastAPI:
    """All routes of the chassis, and the example's."""
    app.include_router(feed("access", MemoryLog()))
    app.include_router(care(Record(database.pool, MemoryLog())))
    return app


def test_every_route_names_its_roles(everything: FastAPI) -> None:
    assert routes_without_roles(everything) == []


def test_every_route_is_walked(everything: FastAPI) -> None:
    assert {route.path for route in walked(everything.router.routes)} == set(everything.openapi()["paths"])


def test_one_that_was_forgotten_is_noticed(everything: FastAPI) -> None:
    """Control."""

    @everything.post("/v1/open")
    async def forgotten() -> None: ...

    assert routes_without_roles(everything) == ["['POST'] /v1/open"]
