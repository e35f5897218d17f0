"""An app's routes: which there are, whom each admits, and what it answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from chassis.edge.identity import RoleCheck
from tests.controls import walked


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    open_to: RoleCheck

    @property
    def name(self) -> tuple[str, str]:
        return self.method, self.path


def routes_of(app: FastAPI) -> list[Route]:
    """Every route, with the one check that says for whom it is."""
    found = []
    for route in walked(app.routes):
        (check,) = _checks(route.dependant)
        found += [Route(method, route.path, check) for method in sorted(route.methods or ())]
    return found


async def answer_of(client: httpx.AsyncClient, route: Route, headers: Mapping[str, str]) -> httpx.Response:
    """What the route says to somebody who sends nothing sensible."""
    path = "/".join(str(uuid4()) if part.startswith("{") else part for part in route.path.split("/"))
    body = None if route.method == "GET" else b"{}"
    sent = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json", **headers}
    return await client.request(route.method, path, headers=sent, content=body)


def _checks(dependant: Dependant) -> Iterator[RoleCheck]:
    for one in dependant.dependencies:
        if isinstance(one.call, RoleCheck):
            yield one.call
        yield from _checks(one)
