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
    ("GET", "/v1/scans/{scan_id}/explanation"): frozenset(
        {"supervisor", "operations", "commander", "vetting", "auditor", "admin"}
    ),
    ("POST", "/v1/zones"): frozenset({"admin"}),
    ("POST", "/v1/gates"): frozenset({"admin"}),
    ("POST", "/v1/zones/{zone_id}/retirement"): frozenset({"admin"}),
    ("POST", "/v1/gates/{gate_id}/retirement"): frozenset({"admin"}),
    ("POST", "/v1/gates/{gate_id}/state"): frozenset({"supervisor", "commander", "admin"}),
    ("POST", "/v1/rules"): frozenset({"admin"}),
    ("GET", "/v1/rules"): SCREENS - {"service"},
    ("POST", "/v1/sessions"): frozenset({"protocol", "admin"}),
    ("POST", "/v1/sessions/{session_id}/cancellation"): frozenset({"protocol", "admin"}),
    ("GET", "/v1/sessions"): SCREENS - {"service"} | {"protocol"},
    ("GET", "/v1/policy"): frozenset({"device", "operations", "commander", "auditor", "admin"}),
    ("POST", "/v1/policy"): frozenset({"admin"}),
    ("POST", "/v1/policy/simulate"): frozenset({"operations", "commander", "auditor", "admin"}),
    ("GET", "/v1/zones"): SCREENS,
    ("GET", "/v1/gates"): SCREENS,
    ("POST", "/v1/lockdowns"): frozenset({"commander", "admin"}),
    ("POST", "/v1/lockdowns/lifting"): frozenset({"commander", "admin"}),
    ("POST", "/v1/threat-level"): frozenset({"commander", "admin"}),
    ("GET", "/v1/orders"): SCREENS,
    ("POST", "/v1/evacuations"): frozenset({"commander", "admin"}),
    ("GET", "/v1/evacuations/{evacuation_id}"): SCREENS | {"protocol"},
    ("POST", "/v1/evacuations/{evacuation_id}/musters"): frozenset({"device", "supervisor"}),
    ("POST", "/v1/evacuations/{evacuation_id}/reconciliation"): frozenset({"supervisor", "operations", "commander"}),
    ("POST", "/v1/evacuations/{evacuation_id}/all-clear"): frozenset({"commander", "admin"}),
    ("POST", "/v1/zones/{zone_id}/count"): frozenset({"supervisor", "operations"}),
    ("GET", "/v1/zones/{zone_id}/people"): frozenset({"supervisor", "operations", "commander", "auditor"}),
    ("POST", "/v1/presence/inference"): frozenset({"supervisor", "operations"}),
    ("POST", "/v1/passback/forgiveness"): frozenset({"supervisor"}),
    ("POST", "/v1/watchlist"): frozenset({"vetting", "commander", "admin"}),
    ("POST", "/v1/watchlist/lifting"): frozenset({"vetting", "commander", "admin"}),
    ("GET", "/v1/watchlist"): frozenset({"vetting", "commander", "admin"}),
    ("POST", "/v1/devices/codes"): frozenset({"supervisor", "admin"}),
    ("POST", "/v1/devices/{device_id}/cut-off"): frozenset({"supervisor", "admin"}),
    ("GET", "/v1/devices"): frozenset({"supervisor", "operations", "auditor", "admin"}),
    ("POST", "/v1/devices/heartbeat"): frozenset({"device"}),
    ("GET", "/v1/devices/heartbeats"): SCREENS - {"device"},
    ("GET", "/v1/gates/verdict-times"): SCREENS - {"device"},
    ("POST", "/v1/devices/{device_id}/gate"): frozenset({"supervisor", "admin"}),
    ("GET", "/v1/revocations"): frozenset({"device"}),
    ("GET", "/v1/revocations/{badge_id}"): frozenset({"supervisor", "operations", "commander", "auditor", "admin"}),
    ("POST", "/v1/journal"): frozenset({"device"}),
    ("POST", "/v1/scans/batch"): frozenset({"device", "supervisor"}),
    ("POST", "/v1/overlays"): frozenset({"protocol", "admin"}),
    ("POST", "/v1/overlays/{overlay_id}/cancellation"): frozenset({"protocol", "admin"}),
    ("POST", "/v1/overlays/handover"): frozenset({"device", "supervisor"}),
    ("GET", "/v1/overlays"): frozenset({"protocol", "supervisor", "operations", "auditor", "admin"}),
    ("POST", "/v1/seats"): frozenset({"protocol", "admin"}),
    ("GET", "/v1/seats"): SCREENS - {"service"} | {"protocol"},
    ("POST", "/v1/passages/pin"): frozenset({"protocol", "supervisor"}),
    ("GET", "/v1/pin-holders"): frozenset({"protocol", "supervisor"}),
    ("POST", "/v1/parties"): frozenset({"protocol", "admin"}),
    ("POST", "/v1/parties/{party_id}/dissolution"): frozenset({"protocol", "admin"}),
    ("GET", "/v1/parties"): SCREENS - {"service"} | {"protocol"},
    ("POST", "/v1/inspections"): frozenset({"device", "supervisor"}),
    ("POST", "/v1/overrides"): frozenset({"supervisor"}),
    ("POST", "/v1/overrides/{override_id}/confirmation"): frozenset({"supervisor", "commander"}),
    ("POST", "/v1/overrides/{override_id}/review"): frozenset({"operations", "auditor", "commander"}),
    ("GET", "/v1/overrides"): frozenset({"supervisor", "operations", "commander", "auditor"}),
    ("POST", "/v1/scans/{scan_id}/undo"): frozenset({"device", "supervisor"}),
    ("GET", "/v1/log"): frozenset({"service", "subscriber", "auditor", "admin"}),
    ("GET", "/v1/care"): frozenset({"admin", "operations", "auditor", "commander"}),
    ("GET", "/v1/dead-letters"): frozenset({"admin", "operations", "auditor", "commander"}),
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
