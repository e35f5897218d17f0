"""Every route of accreditation says whom it admits, and admits nobody else."""

import pytest

from contracts.roles import ROLES
from tests.access.routes import answer_of, routes_of
from tests.accreditation.running import Desk

PUBLIC = {("GET", "/health"), ("GET", "/ready"), ("GET", "/metrics")}
NOMINATES = frozenset({"desk", "protocol", "focal_point", "admin"})
DECIDES = frozenset({"desk", "protocol", "admin"})
INVITES = frozenset({"protocol", "admin"})
HANDS_OVER = frozenset({"desk", "admin"})
STOPS = frozenset({"desk", "supervisor", "admin"})
LOOKS = frozenset({"desk", "protocol", "focal_point", "auditor", "admin"})
FINDS = frozenset({"desk", "protocol", "focal_point", "supervisor", "operations", "commander", "auditor"})
EXPECTED: dict[tuple[str, str], frozenset[str]] = {
    ("POST", "/v1/delegations"): INVITES,
    ("POST", "/v1/delegations/{delegation_id}/confirmation"): INVITES,
    ("POST", "/v1/delegations/{delegation_id}/quotas"): INVITES,
    ("GET", "/v1/delegations"): LOOKS | {"operations", "service"},
    ("GET", "/v1/delegations/{delegation_id}"): LOOKS | {"operations", "service"},
    ("POST", "/v1/nominations"): NOMINATES,
    ("GET", "/v1/nominations"): LOOKS,
    ("POST", "/v1/rosters"): NOMINATES,
    ("POST", "/v1/vetting"): frozenset({"vetting"}),
    ("GET", "/v1/vetting"): frozenset({"vetting", "desk", "admin"}),
    ("POST", "/v1/accreditations"): DECIDES,
    ("POST", "/v1/accreditations/{nomination_id}/refusal"): DECIDES,
    ("POST", "/v1/matrix"): INVITES,
    ("GET", "/v1/matrix"): LOOKS | {"service"},
    ("POST", "/v1/badges"): HANDS_OVER,
    ("POST", "/v1/badges/{badge_id}/activation"): HANDS_OVER,
    ("POST", "/v1/badges/{badge_id}/loss"): STOPS,
    ("POST", "/v1/badges/{badge_id}/replacement"): HANDS_OVER,
    ("POST", "/v1/badges/{badge_id}/suspension"): STOPS,
    ("POST", "/v1/badges/{badge_id}/reinstatement"): STOPS,
    ("POST", "/v1/badges/{badge_id}/revocation"): frozenset({"desk", "protocol", "commander", "admin"}),
    ("GET", "/v1/badges"): LOOKS,
    ("GET", "/v1/badges/{badge_id}"): LOOKS,
    ("GET", "/v1/badges/{badge_id}/credential"): HANDS_OVER,
    ("GET", "/v1/people"): frozenset({"service", "desk"}),
    ("POST", "/v1/people/search"): FINDS,
    ("POST", "/v1/people/names"): FINDS,
    ("GET", "/v1/people/reads"): frozenset({"auditor"}),
    ("GET", "/v1/people/unnamed"): frozenset({"admin"}),
    ("DELETE", "/v1/people/{person_id}"): frozenset({"admin"}),
    ("GET", "/v1/log"): frozenset({"service", "subscriber", "auditor", "admin"}),
    ("GET", "/v1/care"): frozenset({"admin", "operations", "auditor", "commander"}),
    ("GET", "/v1/dead-letters"): frozenset({"admin", "operations", "auditor", "commander"}),
    ("POST", "/v1/dead-letters/retry"): frozenset({"admin"}),
    ("POST", "/v1/dead-letters/discard"): frozenset({"admin"}),
}


async def test_every_route_names_its_roles(desk: Desk) -> None:
    found = {route.name: route.open_to for route in routes_of(desk.app)}

    assert {name for name, open_to in found.items() if open_to.to_everybody} == PUBLIC
    named = {name: open_to.roles for name, open_to in found.items() if not open_to.to_everybody}
    assert named == EXPECTED
    assert {role for roles in named.values() for role in roles} <= set(ROLES)
    assert not any(open_to.without_sign_in for open_to in found.values())


async def test_every_route_is_among_them(desk: Desk) -> None:
    """Control: the description of the interface lists the same."""
    assert {(route.method.lower(), route.path) for route in routes_of(desk.app)} == {
        (method, path) for path, methods in desk.app.openapi()["paths"].items() for method in methods
    }


async def test_nobody_without_a_token_is_admitted(desk: Desk) -> None:
    for route in routes_of(desk.app):
        if route.name not in PUBLIC:
            answer = await answer_of(desk.client, route, {})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), route


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_the_routes_that_name_it_and_no_other(desk: Desk, role: str) -> None:
    headers = desk.of("fr") if role == "focal_point" else desk.headers(role)
    for route in routes_of(desk.app):
        answer = await answer_of(desk.client, route, headers)
        forbidden = answer.status_code == 403 and answer.json()["code"] == "forbidden"
        assert forbidden == (not route.open_to.to_everybody and role not in route.open_to.roles), route


async def test_a_role_nobody_gives_opens_nothing(desk: Desk) -> None:
    for route in routes_of(desk.app):
        if route.name not in PUBLIC:
            answer = await answer_of(desk.client, route, desk.headers("guest", "Admin", "desk "))
            assert answer.json()["code"] == "forbidden", route
