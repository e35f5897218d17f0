"""Orders, the timeline, the record and signing in, in a real browser before the real operations service.

Access takes what it takes of these pages, and tells operations what came of it: see ``Access``.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from chassis.log.log import Shared
from chassis.run.settings import Settings
from contracts.access import LockdownDeclared, LockdownLifted
from contracts.words import Names
from services.access.http.evacuations import EvacuationBody
from services.access.http.orders import LiftBody, LockdownBody, ThreatLevelBody
from tests.conftest import feed_app, free_port, served
from tests.controls import NOW
from tests.operations import browser as browsers
from tests.operations.browser import Screen, axe
from tests.operations.conftest import Operations
from tests.operations.test_overview_page import HOSTILE
from tests.operations.told import (
    ANNA,
    BORIS,
    HALL,
    SOURCES,
    Told,
    all_clear,
    enrolled,
    evacuated,
    gate,
    goes_in,
    mustered,
    reported,
    scan,
    threat,
    zone,
)

_SIZES: dict[str, ViewportSize] = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
_MINUTE = timedelta(minutes=1)
_SLIDER = "input[type=range]"


@dataclass
class Access:
    """What it was asked, and what comes of it. ``fails``: it obeys, and its answer is lost, so many times."""

    told: Told
    heard: list[tuple[str, Any, str]] = field(default_factory=list)
    fails: int = 0

    def routes(self) -> list[Route]:
        posts = {
            "lockdowns": self._lock, "lockdowns/lifting": self._lift, "threat-level": self._threat,
            "evacuations": self._evacuate, "evacuations/{id}/reconciliation": self._reconcile,
            "evacuations/{id}/all-clear": self._clear,
        }  # fmt: skip
        commands = [Route(f"/access/v1/{path}", at, methods=["POST"]) for path, at in posts.items()]
        return [*commands, Route("/access/v1/evacuations/{id}", self._list)]

    async def _lock(self, request: Request) -> Response:
        body = LockdownBody.model_validate_json(await request.body())
        return await self._obey(request, body.model_dump(), LockdownDeclared(**HALL, reason=body.reason), 201)

    async def _lift(self, request: Request) -> Response:
        body = LiftBody.model_validate_json(await request.body())
        return await self._obey(request, body.model_dump(), LockdownLifted(**HALL))

    async def _threat(self, request: Request) -> Response:
        body = ThreatLevelBody.model_validate_json(await request.body())
        return await self._obey(request, body.model_dump(), threat(body.level, body.reason))

    async def _evacuate(self, request: Request) -> Response:
        body = EvacuationBody.model_validate_json(await request.body())
        return await self._obey(request, body.model_dump(), evacuated(body.reason), 201)

    async def _clear(self, request: Request) -> Response:
        return await self._obey(request, await request.json(), all_clear())

    async def _reconcile(self, request: Request) -> Response:
        self._note(request, await request.json())
        numbers = {"expected": 2, "accounted": 1, "missing": 1, "unknown": 0, "unexpected": 0}
        return JSONResponse({"evacuation_id": request.path_params["id"], **numbers})

    async def _list(self, request: Request) -> Response:
        numbers = {"expected": 2, "mustered": 1, "left": 0, "missing": 1}
        people = [
            {"person_id": str(one), "zone_id": "pln", "delegation_id": "fr", "standing": standing}
            for one, standing in ((ANNA, "mustered"), (BORIS, "missing"))
        ]
        told = {
            "evacuation_id": request.path_params["id"], "zones": ["pln"], "reason": "fire_alarm",
            "ordered_at": NOW.isoformat(), **numbers, "unexpected": 0, "nameless": 0, "unknown": 0,
            "by_zone": [{"zone_id": "pln", **numbers}], "by_delegation": [{"delegation_id": "fr", **numbers}],
            "people": people, "unexpected_people": [],
        }  # fmt: skip
        return JSONResponse(told)

    def _note(self, request: Request, body: Any) -> None:
        path = request.url.path.removeprefix("/access/v1/")
        self.heard.append((path, body, request.headers["idempotency-key"]))

    async def _obey(self, request: Request, body: Any, event: Any, status: int = 200) -> Response:
        known = {key for _, _, key in self.heard}
        self._note(request, body)
        if request.headers["idempotency-key"] not in known:
            await self.told.tell(event)
        if self.fails:
            self.fails -= 1
            return JSONResponse({"code": "unavailable", "title": "Not at the moment.", "status": 503}, 503)
        return JSONResponse(body, status)


@pytest.fixture
def access(told: Told) -> Access:
    return Access(told)


@pytest.fixture
async def sources(told: Told, settings: Settings, access: Access) -> AsyncIterator[dict[str, str]]:
    feeds = [Mount(f"/{source}", feed_app(source, told.logs[source], settings)) for source in SOURCES]
    async with served(Starlette(routes=[*access.routes(), *feeds]), free_port()) as url:
        yield {f"{source}_url": f"{url}/{source}" for source in SOURCES}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.launched() as launched:
        yield launched


class Room:
    """Screens before the service, each somebody's."""

    def __init__(self, operations: Operations, browser: Browser) -> None:
        self.operations = operations
        self.screens: list[Screen] = []
        self._browser = browser

    def token(self, *roles: str) -> str:
        return self.operations.issuer.token(*roles, sub="duty-1", ttl_s=600)

    @asynccontextmanager
    async def at(self, path: str, *roles: str, size: str = "desk", **options: Any) -> AsyncIterator[Screen]:
        """The page at ``path``, for somebody with these roles, or for nobody."""
        context = await self._browser.new_context(**{"viewport": _SIZES[size], "locale": "en-GB", **options})
        screen = Screen(await context.new_page())
        self.screens.append(screen)
        if roles:
            address = f"{self.operations.url}/v1/session/local"
            headers = {"Origin": self.operations.url, "Sec-Fetch-Site": "same-origin"}
            answer = await context.request.post(address, data={"token": self.token(*roles)}, headers=headers)
            assert answer.status == 204
        await screen.page.goto(f"{self.operations.url}{path}")
        await screen.page.wait_for_selector("main h1, main p", timeout=8_000)
        yield screen
        await context.close()


@pytest.fixture
async def room(at_work: Operations, browser: Browser) -> AsyncIterator[Room]:
    """Two people in the hall, whose two doors have a scanner each; one of them has been heard of just now."""
    at_work.told.now = NOW - timedelta(minutes=40)
    await at_work.told.tell(
        zone("per", capacity=4_500), zone("pln", "per", 60), zone("store", "per"),
        gate("gate-per", "per", "North gate"), gate("gate-pln", "pln", "Plenary door"),
        gate("gate-back", "pln", "Back door"), enrolled("a", "gate-pln"), enrolled("b", "gate-back"),
        reported("a").model_copy(update={"gate_id": "gate-pln"}),
        *(goes_in(place, who, at=NOW - 30 * _MINUTE) for who in (ANNA, BORIS) for place in ("per", "pln")),
        goes_in("per", None, at=NOW - 10 * _MINUTE),
    )  # fmt: skip
    at_work.told.now = NOW
    await at_work.knows_all()
    made = Room(at_work, browser)
    yield made
    troubles = [one for screen in made.screens for one in screen.troubles]
    # A question that is refused stands in the console; what else does is a fault of the page.
    assert [one for one in troubles if "ERR_" not in one and "Failed to load resource" not in one] == []


# --- signing in -----------------------------------------------------------------------------------------------------


async def test_one_signs_in_with_a_token_goes_on_and_signs_out(room: Room) -> None:
    async with room.at("/sign-in?next=/orders") as screen:
        page = screen.page
        assert "placet token create" in await screen.text("main")
        await page.fill("main input", "no.such.token")
        await page.click("main button[type=submit]")
        await page.wait_for_selector("main [role=alert]")

        token = room.token("commander")
        await page.fill("main input", token)
        await page.press("main input", "Enter")
        await page.wait_for_selector(".orders-page")
        await page.wait_for_selector("header .chip:has-text('commander')")
        assert not [address for address in [page.url, *screen.asked] if token[:20] in address]

        await page.click("header button:has-text('Sign out')")
        await page.wait_for_selector(".sign-in-page .left")
        assert "signed out" in await screen.text(".sign-in-page")
        await page.goto(f"{room.operations.url}/orders")
        await page.click("main >> text=Sign in")
        assert page.url.endswith("/sign-in?next=%2Forders")


async def test_nobody_is_led_elsewhere_by_signing_in_and_whom_the_provider_refused_reads_why(room: Room) -> None:
    async with room.at("/sign-in?sign_in_error=no_roles") as screen:
        page = screen.page
        await page.wait_for_selector("[data-code=no_roles]")
        assert "may do nothing here" in await screen.text("[data-code=no_roles]")
        await page.goto(f"{room.operations.url}/sign-in?sign_in_error=<b>x</b>")
        await page.wait_for_selector(".sign-in-page form")
        assert await page.query_selector(".sign-in-page .problem") is None

        await page.goto(f"{room.operations.url}/sign-in?next=//evil.example/")
        await page.fill("main input", room.token("operations"))
        await page.press("main input", "Enter")
        await page.wait_for_selector(".overview")
        assert page.url == f"{room.operations.url}/"


async def test_pages_are_for_the_roles_they_are_for(room: Room) -> None:
    async with room.at("/record", "supervisor") as screen:
        assert "does not open this page" in await screen.text("main")
        links = await screen.page.eval_on_selector_all("nav a", "(all) => all.map((one) => one.pathname)")
        assert "/orders" in links
        assert "/record" not in links
        await screen.page.goto(f"{room.operations.url}/orders")
        await screen.page.wait_for_selector(".orders-page")
        assert "given by the commander" in await screen.text(".orders-page")
        assert await screen.page.query_selector(".orders-page button") is None


# --- orders ---------------------------------------------------------------------------------------------------------


async def test_a_lockdown_says_what_it_does_and_is_given_once_it_is_meant(room: Room, access: Access) -> None:
    access.fails = 1
    async with room.at("/orders", "commander") as screen:
        page = screen.page
        await page.click("text=Declare a lockdown …")
        dialog = page.locator("dialog")
        assert await dialog.locator("text=Continue").is_disabled()
        await dialog.get_by_label("Where").select_option("pln")
        await dialog.get_by_label("Why").select_option("suspicious_item")
        said = await screen.text("dialog .effects")
        assert "Entries to 1 zone through 2 gates stop at once. Exits stay free. 2 people are believed" in said
        await dialog.locator("text=Continue").click()

        give = dialog.locator("button[type=submit]")
        await dialog.locator("input").fill("pln")
        assert await give.is_disabled()
        await dialog.locator("input").fill("PLN  hall ")
        await give.click()
        await page.wait_for_selector("dialog [role=alert]")  # obeyed, and nobody knows
        assert "never given twice" in await screen.text("dialog [role=alert]")
        await give.click()
        await dialog.wait_for(state="detached")

        (first, again) = access.heard
        assert first == again
        assert first[:2] == ("lockdowns", {"zone_id": "pln", "reason": "suspicious_item"})
        await page.wait_for_selector("[data-lockdown=pln]")
        shown = await screen.text("[data-lockdown=pln]")
        assert "Suspicious item" in shown
        assert "1 of 2 scanners heard of since" in shown
        assert "Waiting for 1 gate: Back door" in shown
        assert "Lockdown declared: " in await screen.text(".told")

        await page.click("[data-lockdown=pln] >> text=Lift …")
        assert await give.is_disabled()
        await dialog.locator("input[type=checkbox]").check()
        await give.click()
        await page.wait_for_selector("[data-lockdown=pln]", state="detached")
        assert access.heard[-1][:2] == ("lockdowns/lifting", {"zone_id": "pln"})
        assert access.heard[-1][2] != first[2]

        await page.focus("text=Set the threat level …")
        await page.keyboard.press("Enter")
        await page.get_by_label("Level", exact=True).select_option("4")
        await page.get_by_label("Why").select_option("intelligence")
        await page.click("text=Continue")
        await screen.until("document.activeElement.type === 'checkbox'")
        await page.keyboard.press("Space")
        await page.keyboard.press("Escape")  # who leaves gives no order, and is where they were
        await dialog.wait_for(state="detached")
        await screen.until("document.activeElement.textContent.includes('Set the threat level')")
        assert access.heard[-1][0] == "lockdowns/lifting"


async def test_an_evacuation_is_followed_until_all_is_clear(room: Room, access: Access) -> None:
    async with room.at("/orders", "commander") as screen:
        page, dialog = screen.page, screen.page.locator("dialog")
        await page.click("text=Order an evacuation …")
        await dialog.get_by_label("Where").select_option(label="Whole venue")
        await dialog.get_by_label("Why").select_option("fire_alarm")
        await dialog.locator("text=Continue").click()
        await dialog.locator("input").fill("whole venue")
        await dialog.locator("button[type=submit]").click()
        await page.wait_for_selector("[data-evacuation] .muster")
        assert access.heard[-1][:2] == ("evacuations", {"zone_id": None, "reason": "fire_alarm"})

        await room.operations.told.tell(mustered(ANNA))
        await screen.until("document.querySelector('[data-evacuation] .missing').textContent === '1 missing'")
        assert "1 of 2 accounted for" in await screen.text(".muster")
        await page.click("text=Put the comparison on record")
        await page.wait_for_selector(".reconciled")
        assert "1 of 2 accounted for, 1 missing" in await screen.text(".reconciled")

        await page.click("text=All-clear …")
        assert "1 person is still missing." in await screen.text("dialog .effects")
        await dialog.locator("input").fill("pln hall")
        await dialog.locator("button[type=submit]").click()
        await page.wait_for_selector("[data-evacuation]", state="detached")
        assert access.heard[-1][0].endswith("/all-clear")


# --- the timeline ---------------------------------------------------------------------------------------------------


async def test_a_minute_that_is_chosen_is_shown_on_every_page_until_one_goes_back(room: Room) -> None:
    await room.operations.told.tell(LockdownDeclared(**HALL, reason="suspicious_item"))
    await room.operations.knows_all()
    async with room.at("/timeline", "commander") as screen:
        page = screen.page
        await page.wait_for_selector("[data-figure=inside]")
        assert await screen.number("[data-figure=inside] dd") == 3
        for key in ("ArrowLeft", "PageDown", "ArrowLeft", "ArrowLeft", "ArrowUp"):
            await page.press(_SLIDER, key)
        await page.wait_for_selector(".banner.past")
        assert await page.get_attribute(_SLIDER, "aria-valuetext") == "Sat 15:13"  # in Hanoi
        await screen.until("document.querySelector('[data-figure=inside] dd').textContent === '2'")
        asked = [address for address in screen.asked if "/v1/snapshot" in address]
        assert len(asked) < 5, "every key on the way was asked for"

        await page.click("nav >> text=Orders")
        await page.wait_for_selector(".orders-page")
        assert "orders as they were" in await screen.text(".orders-page")
        assert await page.query_selector("[data-lockdown], .orders-page .button") is None
        await page.click("nav >> text=Timeline")
        await page.wait_for_selector(_SLIDER)
        assert await page.get_attribute(_SLIDER, "aria-valuetext") == "Sat 15:13"

        await page.press(_SLIDER, "Home")
        await screen.until("document.querySelector('[data-figure=inside] dd').textContent === '2'")
        await page.press(_SLIDER, "End")
        await page.wait_for_selector(".banner.past", state="detached")
        assert await screen.number("[data-figure=inside] dd") == 3
        await page.click(".to-mark >> text=Lockdown of")
        assert await page.query_selector(".banner.past") is None  # it is of this minute

        await page.press(_SLIDER, "PageDown")
        await page.wait_for_selector(".banner.past")
        await page.get_by_label("Minutes a step").select_option("15")
        await page.click("text=Play")
        await page.wait_for_selector("button[aria-pressed=true]")
        await page.wait_for_selector(".banner.past", state="detached")
        await page.wait_for_selector("button[aria-pressed=true]", state="detached")


# --- the record -----------------------------------------------------------------------------------------------------


async def test_events_that_cannot_be_applied_are_shown_tried_again_and_given_up(room: Room) -> None:
    bad = scan("pln", ANNA)
    await room.operations.told.tell_as("access", Shared(bad.subject(), bad.about(), "{}"))
    async with room.at("/record", "operations") as screen:
        await screen.page.wait_for_selector(".parked")
        assert await screen.page.query_selector(".parked button") is None, "it is not theirs to give up"
        assert await screen.number("[data-service=operations] tr[data-source=access] td.number") > 0
        await screen.page.wait_for_selector("[data-view=live]")
    async with room.at("/record", "admin") as screen:
        page = screen.page
        parked = ".parked"
        await page.wait_for_selector(parked)
        assert "1 event waits." in await screen.text(parked)
        assert "dead_letters" in await screen.text("[data-service=operations] [data-source=access]")
        await page.click(f"{parked} >> text=Try again")
        await page.wait_for_selector(f"{parked} [role=alert]")
        assert "still cannot be applied" in await screen.text(parked)

        await page.click(f"{parked} >> text=Give up …")
        assert await page.is_disabled("dialog button[type=submit]")
        await page.check("dialog input")
        await page.click("dialog button[type=submit]")
        await page.wait_for_selector(parked, state="detached")
        assert "1 event was given up." in await screen.text(".told")
        assert "Every event was applied." in await screen.text(".dead-letters")


# --- how it looks, and to whom --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "scheme"), [pytest.param("desk", "light", marks=pytest.mark.soak), ("phone", "dark")])
async def test_pages_fit_and_can_be_used_by_everybody(room: Room, access: Access, size: str, scheme: str) -> None:
    bad = scan("pln", ANNA)
    hostile = [Names(en=name, fr=name, vi=name) for name in HOSTILE.values()]
    await room.operations.told.tell(
        *(zone(f"z{number}", "per", 9, names) for number, names in enumerate(hostile)),
        *(LockdownDeclared(**{**HALL, "zone_id": f"z{each}"}, reason="of_tomorrow") for each in range(len(hostile))),
        evacuated(), threat(3),
    )  # fmt: skip
    await room.operations.told.tell_as("access", Shared(bad.subject(), bad.about(), "{}"))
    there = {"/orders": ".muster table", "/timeline": ".to-mark", "/record": ".parked", "/sign-in?next=/": "main a"}
    async with room.at("/orders", "commander", "admin", size=size, color_scheme=scheme, bypass_csp=True) as screen:
        page = screen.page
        for path, wanted in there.items():
            await page.goto(f"{room.operations.url}{path}")
            await page.wait_for_selector(wanted, timeout=8_000)
            assert await screen.overflow_px() <= 0, path
            assert await axe(page) == [], path
        await page.goto(f"{room.operations.url}/orders")
        for order in ("Order an evacuation …", "Set the threat level …"):
            await page.click(f"text={order}")
            if order.startswith("Order"):
                await page.get_by_label("Where").select_option("z1")
                await page.get_by_label("Why").select_option("smoke")
            assert await axe(page) == [], order
            assert await screen.overflow_px() <= 0, order
            await page.keyboard.press("Escape")
