"""Every route of access says whom it admits, and admits nobody else."""

import pytest

from contracts.roles import ROLES
from tests.access.routes import answer_of, routes_of
from tests.access.running import Access

PUBLIC = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("POST", "/v1/devices/enrol"),  # the code is what shows that one may
}
SCREENS = frozenset({"device", "supervisor", "operations", "commander", "auditor", "admin", "service"})
EXPECTED: dict[tuple[str, str], frozenset[str]] = {
    ("POST", "/v1/scans"): frozenset({"device", "supervisor"}),
    ("GET", "/v1/scans/{scan_id}"): frozenset({"device", "supervisor", "operations", "auditor", "admin"}),
    ("POST", "/v1/zones"): frozenset({"admin"}),
    ("POST", "/v1/gates"): frozenset({"admin"}),
    ("GET", "/v1/zones"): SCREENS,
    ("GET", "/v1/gates"): SCREENS,
    ("POST", "/v1/lockdowns"): frozenset({"commander", "admin"}),
    ("POST", "/v1/lockdowns/lifting"): frozenset({"commander", "admin"}),
    ("POST", "/v1/devices/codes"): frozenset({"supervisor", "admin"}),
    ("POST", "/v1/devices/{device_id}/cut-off"): frozenset({"supervisor", "admin"}),
    ("GET", "/v1/devices"): frozenset({"supervisor", "operations", "auditor", "admin"}),
    ("GET", "/v1/log"): frozenset({"service", "subscriber", "auditor", "admin"}),
    ("GET", "/v1/dead-letters"): frozenset({"admin", "operations", "auditor"}),
    ("POST", "/v1/dead-letters/retry"): frozenset({"admin"}),
    ("POST", "/v1/dead-letters/discard"): frozenset({"admin"}),
}


async def test_every_route_names_its_roles(centre: Access) -> None:
    found = {route.name: route.open_to for route in routes_of(centre.app)}

    assert {name for name, open_to in found.items() if open_to.to_everybody} == PUBLIC
    named = {name: open_to.roles for name, open_to in found.items() if not open_to.to_everybody}
    assert named == EXPECTED
    assert {role for roles in named.values() for role in roles} <= set(ROLES)


async def test_every_route_is_among_them(centre: Access) -> None:
    """Control: the description of the interface lists the same."""
    paths = {path: set(methods) for path, methods in centre.app.openapi()["paths"].items()}

    assert {(route.method.lower(), route.path) for route in routes_of(centre.app)} == {
        (method, path) for path, methods in paths.items() for method in methods
    }


async def test_only_totals_are_shown_without_sign_in(centre: Access) -> None:
    shown = {route.name for route in routes_of(centre.app) if route.open_to.without_sign_in}

    assert shown == {("GET", "/v1/zones"), ("GET", "/v1/gates")}


async def test_nobody_without_a_token_is_admitted(centre: Access) -> None:
    for route in routes_of(centre.app):
        if route.name not in PUBLIC:
            answer = await answer_of(centre.client, route, {})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), route


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_the_routes_that_name_it_and_no_other(centre: Access, role: str) -> None:
    # A device is one by its own token; the provider's tokens cannot make anybody one.
    shown = (await centre.enrolled("main"))[1] if role == "device" else centre.issuer.headers(role)
    for route in routes_of(centre.app):
        answer = await answer_of(centre.client, route, shown)
        refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
        assert refused == (not route.open_to.to_everybody and role not in route.open_to.roles), route


async def test_a_role_nobody_gives_opens_nothing(centre: Access) -> None:
    for route in routes_of(centre.app):
        if route.name not in PUBLIC:
            answer = await answer_of(centre.client, route, centre.issuer.headers("guest", "Admin", ""))
            assert answer.json()["code"] == "forbidden", route
