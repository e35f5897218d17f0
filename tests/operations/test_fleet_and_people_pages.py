"""The pages of gates, zones, people and delegations in a real browser, before the real operations service.

What they ask of accreditation and access is answered here, by the shapes those have: see ``Others``.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from chassis.run.settings import Settings
from contracts.accreditation import DelegationInvited
from contracts.words import Names
from services.access.explaining import Explanation
from services.access.http.presence import CountBody
from services.accreditation.finding import Named
from services.accreditation.http import people as asked_of_accreditation
from services.accreditation.http.obeying import Reason
from tests.conftest import feed_app, free_port, served
from tests.controls import NOW
from tests.operations import browser as browsers
from tests.operations.browser import UNNAMED, Screen, axe
from tests.operations.conftest import Operations
from tests.operations.test_overview_page import HOSTILE
from tests.operations.told import (
    ANNA,
    BORIS,
    CHIARA,
    SOURCES,
    Told,
    activated,
    device_id,
    enrolled,
    fell_silent,
    gate,
    goes_in,
    goes_out,
    invited,
    issued,
    nominated,
    policy,
    reported,
    turned_away,
    zone,
)

NAMES = {ANNA: "Anna Müller", BORIS: "Boris Petrov", CHIARA: HOSTILE["markup"]}
_SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
_ROWS = "[...document.querySelectorAll('{}')].length"


@dataclass
class Others:
    """Accreditation and access as far as these pages ask them: they take what those take, and note it."""

    heard: list[tuple[str, Any]] = field(default_factory=list)
    names: dict[UUID, str] = field(default_factory=lambda: dict(NAMES))

    def routes(self) -> list[Route]:
        of_accreditation, of_access = "/accreditation/v1", "/access/v1"
        return [
            Route(f"{of_accreditation}/people/search", self._search, methods=["POST"]),
            Route(f"{of_accreditation}/people/names", self._names, methods=["POST"]),
            Route(f"{of_accreditation}/badges/{{badge}}/{{what}}", self._badge, methods=["POST"]),
            Route(f"{of_access}/zones/{{zone}}/count", self._count, methods=["POST"]),
            Route(f"{of_access}/scans/{{scan}}/explanation", self._explain),
        ]

    async def _search(self, request: Request) -> Response:
        body = asked_of_accreditation.Search.model_validate_json(await request.body())
        self.heard.append(("search", (body.text, body.purpose)))
        return self._named([one for one, name in self.names.items() if body.text.lower() in name.lower()])

    async def _names(self, request: Request) -> Response:
        body = asked_of_accreditation.Names.model_validate_json(await request.body())
        self.heard.append(("names", (set(body.person_ids), body.purpose)))
        return self._named(body.person_ids)

    def _named(self, people: Iterable[UUID]) -> Response:
        shown: dict[str, Any] = {"delegation_id": "fr", "category": "delegate", "title": "", "function": "Minister"}
        found = [Named(person_id=one, name=self.names[one], **shown) for one in people]
        return JSONResponse([one.model_dump(mode="json") for one in found])

    async def _badge(self, request: Request) -> Response:
        what, text = request.path_params["what"], await request.body()
        reason = None if what == "reinstatement" else Reason.model_validate_json(text).reason
        self.heard.append((what, (request.path_params["badge"], reason, request.headers["idempotency-key"])))
        return JSONResponse({"holding": "active", "suspended": what == "suspension", "revoked": what == "revocation"})

    async def _count(self, request: Request) -> Response:
        body = CountBody.model_validate_json(await request.body())
        self.heard.append(("count", (request.path_params["zone"], body.counted)))
        return JSONResponse({"zone_id": request.path_params["zone"], "occupancy": body.counted}, 200)

    async def _explain(self, request: Request) -> Response:
        self.heard.append(("explanation", request.path_params["scan"]))
        check: dict[str, Any] = {
            "code": "zone_not_granted", "standard_codes": {}, "decisive": True, "guard": "No access to this zone.",
            "guest": "", "remedy": "A badge with the area pln", "facts": {},
        }  # fmt: skip
        told: dict[str, Any] = {
            "scan_id": UUID(request.path_params["scan"]), "outcome": "refused", "reason": "zone_not_granted",
            "basis": "decided", "because_of": None, "gate_id": "gate-pln", "zone_id": "pln", "decided_at": NOW,
            "position": 7, "policy_version": 3, "decided_on": 6, "decided_again": "refused", "same_again": True,
            "passed": ("credential_unknown", "lockdown"), "failed": [check],
            "would_have_admitted": ("A badge with the area pln",),
        }  # fmt: skip
        assert set(told) == set(Explanation.model_fields), "access explains otherwise by now"
        return JSONResponse({**told, "scan_id": str(told["scan_id"]), "decided_at": NOW.isoformat()})


@pytest.fixture
def others() -> Others:
    return Others()


@pytest.fixture
async def sources(told: Told, settings: Settings, others: Others) -> AsyncIterator[dict[str, str]]:
    feeds = [Mount(f"/{source}", feed_app(source, told.logs[source], settings)) for source in SOURCES]
    async with served(Starlette(routes=[*others.routes(), *feeds]), free_port()) as url:
        yield {f"{source}_url": f"{url}/{source}" for source in SOURCES}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.launched() as launched:
        yield launched


@pytest.fixture
async def room(at_work: Operations, browser: Browser) -> AsyncIterator["Room"]:
    """A morning: two delegations, three scanners of which two want a look, Anna in the hall, Chiara turned away."""
    for event in _a_morning():
        at_work.told.now = getattr(event, "decided_at", NOW)
        await at_work.told.tell(event)
    await at_work.knows_all()
    made = Room(at_work, browser)
    yield made
    assert [trouble for screen in made.screens for trouble in screen.troubles if "ERR_" not in trouble] == []


def _a_morning() -> list[Any]:
    hour = timedelta(hours=1)
    return [
        invited("fr"), invited("vn"),
        nominated(ANNA, "fr", "head-of-delegation"), nominated(BORIS, "fr"), nominated(CHIARA, "vn"),
        issued(ANNA), activated(ANNA), issued(CHIARA),
        zone("per", capacity=4_500), zone("pln", "per", 60),
        gate("gate-per", "per", "North gate"), gate("gate-pln", "pln", "Plenary door"),
        enrolled("a"), enrolled("b"), enrolled("c", "gate-pln"), policy(2),
        reported("a", policy_version=2), reported("b", policy_version=2, battery=15, queue=4), fell_silent("b"),
        reported("c", policy_version=1),
        goes_in("per", BORIS, at=NOW - 3 * hour), goes_in("per", ANNA, at=NOW - 2 * hour),
        goes_in("pln", ANNA, at=NOW - hour), goes_in("per", None, at=NOW - timedelta(minutes=5)),
        turned_away("pln", "zone_not_granted", person=CHIARA, at=NOW - timedelta(minutes=4)),
    ]  # fmt: skip


class Room:
    """Screens before the service, each somebody's."""

    def __init__(self, operations: Operations, browser: Browser) -> None:
        self.operations = operations
        self.screens: list[Screen] = []
        self._browser = browser

    @asynccontextmanager
    async def at(self, path: str, *roles: str, size: str = "desk", **options: Any) -> AsyncIterator[Screen]:
        """The page at ``path``, for somebody who signed in with these roles, or for nobody."""
        context = await self._browser.new_context(**{"viewport": _SIZES[size], "locale": "en-GB", **options})
        screen = Screen(await context.new_page())
        self.screens.append(screen)
        if roles:
            token = self.operations.issuer.token(*roles, sub="duty-1", ttl_s=600)
            own = {"Origin": self.operations.url, "Sec-Fetch-Site": "same-origin"}
            signed_in = await context.request.post(
                f"{self.operations.url}/v1/session/local", data={"token": token}, headers=own
            )
            assert signed_in.status == 204, await signed_in.text()
        await screen.page.goto(f"{self.operations.url}{path}")
        await screen.live()
        await screen.until("document.querySelector('main h1')")
        yield screen
        await context.close()


async def shown(screen: Screen, selector: str) -> None:
    await screen.page.wait_for_selector(selector, timeout=8_000)


# --- gates ----------------------------------------------------------------------------------------------------------


async def test_every_gate_has_its_scanners_and_what_is_wrong_with_them(room: Room) -> None:
    picture = await room.operations.snapshot("supervisor")
    async with room.at("/gates", "supervisor") as screen:
        for one in picture["gates"]:
            card = f"[data-gate='{one['gate_id']}']"
            devices = await screen.page.query_selector_all(f"{card} [data-device]")
            assert len(devices) == one["devices"]
            hour = f"{one['admitted_hour']} in · {one['refused_hour']} refused"
            assert hour in await screen.text(f"{card} .hour")
        for one in picture["devices"]:
            line = f"[data-device='{one['device_id']}']"
            assert await screen.text(f"{line} [data-fact='battery'] dd") == f"{one['battery']:.0%}"
            assert await screen.number(f"{line} [data-fact='queue'] dd") == one["queue"]
            assert await screen.number(f"{line} [data-fact='policy'] dd") == one["policy_version"]
        assert await screen.text(f"[data-device='{device_id('a')}'] .chips") == "well"
        assert await screen.text(f"[data-device='{device_id('b')}'] .chips") == "silent battery low"
        assert await screen.text(f"[data-device='{device_id('c')}'] .chips") == "rules behind"
        assert await screen.text("[data-total='silent'] dd") == "1 / 3"
        assert await screen.text("[data-figure='refusals'] dd >> nth=1") == "100%", "nobody else came in the hour"


async def test_a_technician_sees_what_wants_attention_and_hears_of_what_falls_silent(room: Room) -> None:
    await room.operations.told.tell(gate("gate-back", "per", "Back door"), reported("b", policy_version=2))
    await room.operations.knows_all()
    async with room.at("/gates?show=attention", "supervisor", size="phone") as screen:
        await screen.until(f"{_ROWS.format('[data-gate]')} === 1")
        assert await screen.text("[data-gate] h2") == "Plenary door"

        await room.operations.told.tell(fell_silent("a"))
        await screen.until("document.querySelector('[role=status]').textContent.includes('North gate')")
        await screen.until(f"{_ROWS.format('[data-gate]')} === 2")

        await screen.page.get_by_label("All 3").check()
        await screen.page.get_by_label("Find a gate").fill("back")
        await screen.until(f"{_ROWS.format('[data-gate]')} === 1")
        assert await screen.text("[data-gate] .devices") == "No scanner is enrolled here."


async def test_nobody_who_is_not_signed_in_sees_a_scanner(room: Room) -> None:
    async with room.at("/gates") as screen:
        assert "Sign in to see each scanner." in await screen.text("main")
        assert await screen.page.query_selector("[data-device]") is None
        assert "2 scanners" in await screen.text("[data-gate='gate-per']")


# --- zones ----------------------------------------------------------------------------------------------------------


async def test_zones_count_what_the_snapshot_counts_and_say_what_is_not_known(room: Room) -> None:
    picture = await room.operations.snapshot("supervisor")
    async with room.at("/zones", "supervisor") as screen:
        for one in picture["zones"]:
            row = f"[data-zone='{one['zone_id']}']"
            range_ = one["uncertain"]
            people = f"{range_['low']}\N{EN DASH}{range_['high']}" if range_ else str(one["count"])
            assert await screen.text(f"{row} .people") == people
            assert await screen.number(f"{row} td >> nth=1") == one["capacity"]
        assert picture["zones"][0]["uncertain"], "a silent scanner is told as if nothing were"
        assert "scans are still to come from \u2068North gate\u2069" in await screen.text("[data-zone='per']")

        await screen.page.click("[data-zone='pln'] a")
        await screen.until("document.querySelector('#zone-count')")
        assert await screen.number("#zone-count .count") == picture["zones"][1]["count"]


async def test_a_zone_over_the_hours_as_a_line_and_as_the_same_in_words(room: Room) -> None:
    async with room.at("/zones/per") as screen:
        await shown(screen, ".occupancy canvas")
        label = await screen.page.get_attribute(".occupancy", "aria-label")
        assert label == "People over time: At most 3 people, at 15:25."

        await screen.page.get_by_label("Table", exact=True).check()
        await screen.page.get_by_label("6 h", exact=True).check()
        await shown(screen, ".occupancy-table td")
        rows = {}
        for row in await screen.page.query_selector_all(".occupancy-table tbody tr"):
            time, people = (await row.inner_text()).split("\t")
            rows[time.split()[-1]] = int(people)
        assert (rows["12:15"], rows["12:30"], rows["13:30"], rows["15:15"], rows["15:30"]) == (0, 1, 2, 2, 3)
        assert await screen.page.query_selector(".who-is-in") is None, "nobody signed in"


async def test_names_come_when_somebody_asks_and_not_before(room: Room, others: Others) -> None:
    async with room.at("/zones/per", "operations") as screen:
        await shown(screen, f"[data-person='{ANNA}']")
        assert await screen.number("[data-share='fr'] td") == 2
        assert "1 more were only counted" in await screen.text(".who-is-in")
        assert "Anna" not in await screen.text("main")
        assert "Every look at a name is recorded." in await screen.text(".show-names")
        assert others.heard == []

        await screen.page.get_by_role("button", name="Show names").click()
        await screen.until("document.querySelector('.people-list').textContent.includes('Anna Müller')")
        assert others.heard == [("names", ({ANNA, BORIS}, "zones"))]
        await screen.page.get_by_role("button", name="Hide names").click()
        assert "Anna" not in await screen.text("main")
    async with room.at("/zones/per", "protocol") as screen:
        await shown(screen, "#zone-count")
        assert await screen.page.query_selector(".who-is-in, .now button") is None


async def test_heads_are_counted_by_those_who_may(room: Room, others: Others) -> None:
    async with room.at("/zones/pln", "supervisor") as screen:
        await screen.page.get_by_role("button", name="Correct by a hand count").click()
        field_ = screen.page.get_by_label("Heads counted")
        await field_.fill("many")
        await screen.page.get_by_role("button", name="Correct the number").click()
        assert "Enter a whole number" in await screen.text("dialog")
        assert others.heard == []
        await field_.fill("44")
        await screen.page.get_by_role("button", name="Correct the number").click()
        await screen.until("!document.querySelector('dialog')")
        assert others.heard == [("count", ("pln", 44))]
    async with room.at("/zones/pln", "commander") as screen:
        assert "Correct by a hand count" not in await screen.text("main")


# --- people ---------------------------------------------------------------------------------------------------------


async def test_somebody_is_found_by_name_by_badge_and_by_id(room: Room, others: Others) -> None:
    async with room.at("/people", "protocol") as screen:
        page = screen.page
        assert "are recorded" in await screen.text(".find-person")
        await page.get_by_role("searchbox", name="Name", exact=True).fill("anna")
        await page.keyboard.press("Enter")
        await shown(screen, f".found [data-person='{ANNA}']")
        assert "Anna Müller" in await screen.text(".found")
        assert others.heard == [("search", ("anna", "people"))]
        assert "anna" not in "".join(screen.asked).lower(), "a name is in an address"

        await page.get_by_role("radio", name="Badge").check()
        box = page.get_by_role("searchbox", name="Badge", exact=True)
        await box.fill("anna")
        await page.keyboard.press("Enter")
        assert "at least eight digits" in await screen.text(".find-person")
        await box.fill(str(CHIARA))
        await page.keyboard.press("Enter")
        await shown(screen, f".found [data-person='{CHIARA}']")
        assert "to be handed over" in await screen.text(".found")

        await page.get_by_role("radio", name="Person id").check()
        await page.get_by_role("searchbox", name="Person id").fill(str(ANNA))
        await page.keyboard.press("Enter")
        await shown(screen, "#inside")
        assert page.url.endswith(f"/people/{ANNA}")
        assert await screen.text("#inside") == "\u2068per hall\u2069 \u203a \u2068pln hall\u2069"


async def test_a_path_is_told_with_reasons_on_request_and_the_look_is_on_record(room: Room, others: Others) -> None:
    async with room.at(f"/people/{CHIARA}", "supervisor") as screen:
        await shown(screen, ".passage")
        passage = await screen.text(".passage")
        assert all(word in passage for word in ("15:26:00", "refused", "pln hall", "No access to this zone"))
        assert others.heard == []
        await screen.page.get_by_role("button", name="Why?").click()
        await shown(screen, ".explanation li")
        explained = await screen.text(".explanation")
        assert all(word in explained for word in ("A badge with the area pln", "2 checks passed", "the same verdict"))
        assert others.heard[0][0] == "explanation"
    looks = await room.operations.database.pool.fetch("SELECT actor, person_id FROM looks.at_people")
    assert [tuple(one) for one in looks] == [("person:duty-1", CHIARA)], (
        "a page that looks more often than somebody does"
    )


async def test_a_badge_is_revoked_in_two_steps(room: Room, others: Others) -> None:
    async with room.at(f"/people/{ANNA}", "commander") as screen:
        badge, page = f"[data-badge='{ANNA}']", screen.page
        await shown(screen, badge)
        assert "active" in await screen.text(badge)
        assert "Suspend" not in await screen.text(badge), "a commander does not suspend"
        await page.click(f"{badge} .grave")
        send = page.locator("dialog .grave")
        assert await send.is_disabled()
        await page.get_by_label("I have made sure").check()
        await send.click()
        assert "Choose a reason." in await screen.text("dialog")
        assert others.heard == []
        await page.get_by_label("Reason").select_option("misuse")
        await send.click()
        await screen.until("document.querySelector('[data-badge]').textContent.includes('revoked')")
        assert await page.query_selector(f"{badge} button") is None
        assert [(what, said[:2]) for what, said in others.heard] == [("revocation", (str(ANNA), "misuse"))]


async def test_a_delegation_tells_its_liaison_officer_who_is_here_and_where_its_head_is(
    room: Room, others: Others
) -> None:
    async with room.at("/people", "protocol") as screen:
        await shown(screen, "[data-delegation='fr']")
        assert await screen.number("[data-delegation='fr'] .inside") == 2
        await screen.page.click("[data-delegation='fr'] a")
        await shown(screen, "#head-count")
        assert await screen.text("#head-count") == "2 of 2 named"
        assert await screen.text("#head-where") == "\u2068per hall\u2069 \u203a \u2068pln hall\u2069"

        await room.operations.told.tell(goes_out("per", "pln", person=ANNA))
        await screen.until("document.querySelector('#head-where').textContent === 'Not inside'")
        assert await screen.text("#head-count") == "1 of 2 named"
        await screen.page.get_by_role("button", name="Show names").click()
        await screen.until("document.querySelector('.head-of').textContent.includes('Anna Müller')")
        assert others.heard == [("names", ({ANNA, BORIS}, "delegations"))]


# --- every screen, everybody ----------------------------------------------------------------------------------------

PAGES = {
    "/gates": "[data-device]", "/zones": "[data-zone]", "/zones/per": "[data-person]", "/people": "[data-delegation]",
    f"/people/{ANNA}": ".passage", "/delegations/fr": "[data-person]",
}  # fmt: skip


async def test_hostile_names_neither_run_nor_widen_a_page(room: Room, others: Others) -> None:
    for key, name in HOSTILE.items():
        names = Names(en=name, fr=name, vi=name)
        await room.operations.told.tell(
            zone(f"z-{key}", "per", 9, names), gate(f"g-{key}", f"z-{key}", name), enrolled(key, f"g-{key}"),
            reported(key, software=name[:60]), goes_in(f"z-{key}", ANNA),
            DelegationInvited(delegation_id=f"d-{key}", kind="state", names=names, language="en"),
            nominated(UUID(int=len(key)), f"d-{key}"),
        )  # fmt: skip
    others.names |= {ANNA: HOSTILE["markup"], BORIS: HOSTILE["long"]}
    await room.operations.knows_all()
    async with room.at("/gates", "operations") as screen:
        for path, there in {**PAGES, "/zones/z-turned": "[data-person]", "/delegations/d-long": "#head-count"}.items():
            await screen.page.goto(f"{room.operations.url}{path}")
            await shown(screen, there)
            if path in {"/zones/per", "/delegations/fr"}:
                await screen.page.get_by_role("button", name="Show names").click()
                await shown(screen, ".who .name")
            for size in _SIZES.values():
                await screen.page.set_viewport_size(size)  # type: ignore[arg-type]
                assert await screen.overflow_px() <= 0, f"{path} at {size['width']} px"
            assert await screen.page.query_selector("main img, main script, main b b") is None
            assert (await screen.page.title()).endswith(" · Placet")


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.soak)])
async def test_everybody_can_use_every_page(room: Room, scheme: str) -> None:
    size = "desk" if scheme == "light" else "phone"
    async with room.at("/gates", "operations", "supervisor", size=size, color_scheme=scheme, bypass_csp=True) as screen:
        for path, there in PAGES.items():
            await screen.page.goto(f"{room.operations.url}{path}")
            await shown(screen, there)
            assert await axe(screen.page) == [], f"{path}, {scheme}"
            assert await screen.page.evaluate(UNNAMED) == [], path
