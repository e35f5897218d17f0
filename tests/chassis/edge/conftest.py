"""The example service, and a client of it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from chassis.run.settings import Settings
from tests.chassis.edge.example import client_of, example


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return example(settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client
