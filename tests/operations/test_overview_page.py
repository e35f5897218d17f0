"""The overview in a real browser: true numbers, hostile names, a service that goes away, small and large screens."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from chassis.run.settings import Settings
from services.operations import hub as hubs
from tests.operations import browser as browsers
from tests.operations.browser import CONTRASTS, UNNAMED, Screen, axe
from tests.operations.conftest import Operations
from tests.operations.days import a_day
from tests.operations.histories import History
from tests.operations.stage import Stage, gate, source, zone
from tests.operations.told import ANNA, BORIS, failed, goes_in, issued, sent

STALE_AFTER_MS = 3_500  # as in web/packages/kit/src/live.ts, and a look at it
_SIZE: ViewportSize = {"width": 1440, "height": 900}
_INSIDE = "document.querySelector('#people-inside strong').textContent"
Open = Callable[..., Awaitable[Screen]]

MARKUP = "<img src=x onerror='document.title=1'><script>document.title=2</script><b>hall</b>"
LONG = "Z" * 300
WORDS = "very long name of a hall " * 12
TURNED = "\u202eevil\u202c קומה ראשונה \u202e"
STACKED = "H" + "\u0300\u0301\u0302\u0303\u0304\u0305" * 40 + "all"
FORMAT = "{count} $& %s \\u0041"
HOSTILE = {"markup": MARKUP, "long": LONG, "words": WORDS, "turned": TURNED, "stacked": STACKED, "format": FORMAT}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.launched() as launched:
        yield launched


@pytest.fixture(scope="module")
async def usual_tab(browser: Browser) -> Page:
    """For tests that want nothing particular: each has its own origin, and a tab of its own takes half a second."""
    return await (await browser.new_context(viewport=_SIZE, locale="en-GB")).new_page()


@pytest.fixture
async def open_page(browser: Browser, usual_tab: Page) -> AsyncIterator[Open]:
    """Gives the page at an address; nothing may have gone wrong in it by the end."""
    async with AsyncExitStack() as stack:
        screens: list[Screen] = []

        async def open_page(url: str, *, clock_at_will: bool = False, **options: Any) -> Screen:
            if screens or clock_at_will or options:
                context = await browser.new_context(viewport=_SIZE, **{"locale": "en-GB", **options})
                stack.push_async_callback(context.close)
                screen = Screen(await context.new_page())
            else:
                await usual_tab.set_viewport_size(_SIZE)
                screen = Screen(usual_tab)
                stack.push_async_callback(usual_tab.goto, "about:blank")
                stack.callback(screen.look_away)
            screens.append(screen)
            if clock_at_will:
                await screen.page.clock.install()
            await screen.page.goto(url)
            return screen

        yield open_page
        for screen in screens:
            assert [trouble for trouble in screen.troubles if "ERR_" not in trouble] == []


@pytest.fixture
async def stage(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(hubs, "INTERVAL_S", 0.02)  # how often it may change is the hub's story, not the page's
    monkeypatch.setattr(hubs, "_LOOK_S", 0.01)
    async with Stage(settings.model_copy(update={"embedded": True})).on() as made:
        yield made


# --- true numbers ---------------------------------------------------------------------------------------------------


async def test_the_numbers_on_the_page_are_those_of_the_snapshot(at_work: Operations, open_page: Open) -> None:
    await at_work.told.tell(*a_day(11, steps=0), *History(11).go_on(300), sent(), sent(), failed())
    picture = await at_work.knows_all()
    screen = await open_page(at_work.url)
    await screen.live()

    await screen.until("(n) => document.querySelector('#notices-sent').textContent === String(n)", 2)
    assert await screen.number("#delegations strong") == picture["delegations"]["states"]["confirmed"]
    assert await screen.number("#delegations .of") == picture["delegations"]["states"]["invited"]
    assert await screen.number("#badges strong") == picture["badges"]["active"]
    assert await screen.number("#badges .of") == picture["badges"]["issued"]
    assert await screen.number("#people-inside strong") == picture["people"]["inside"]
    assert await screen.number("#scans-minute strong") == sum(picture["scans"]["last_minute"].values())
    assert await screen.number("#notices-failed") == picture["notices"]["failed"]
    for one in picture["zones"]:
        assert await screen.number(f"[data-zone='{one['zone_id']}'] .count") == one["count"]
    for one in picture["refusals"][:8]:
        row = f"[data-reason='{one['reason']}'] td"
        cells = [int(await cell.inner_text()) for cell in await screen.page.query_selector_all(row)]
        assert cells == [one["last_hour"], one["total"]]
    for outcome, minutes in picture["scans"]["last_hour"].items():
        if outcome != "since":
            assert await screen.number(f".legend [data-outcome='{outcome}'] b") == sum(minutes)

    await at_work.told.tell(goes_in("per", ANNA), goes_in("per", BORIS), issued(BORIS))
    picture = await at_work.knows_all()
    inside, of = picture["people"]["inside"], picture["badges"]["issued"]
    await screen.until(f"{_INSIDE} === String({inside})")
    assert await screen.number("#badges .of") == of


@pytest.mark.usefixtures("impatient")
async def test_when_the_service_goes_the_page_says_since_when_and_recovers_by_itself(
    operations: Operations, open_page: Open
) -> None:
    async with operations.at_work():
        screen = await open_page(operations.url, clock_at_will=True)
        await screen.live()
        assert await screen.text("#link") == "Live"
        assert await screen.page.query_selector("#banner") is None

    await screen.later(STALE_AFTER_MS)
    await screen.until("document.body.dataset.link === 'stale'")
    assert (await screen.text("#link")).startswith("Stale since ")
    assert "cannot be reached" in await screen.text("#banner")
    assert await screen.page.query_selector("#people-inside .stale") is not None, "an old number looks like a new one"

    await operations.told.tell(goes_in("per", ANNA))
    async with operations.at_work():
        await screen.live()
        assert await screen.page.query_selector("#banner") is None
        await screen.until(f"{_INSIDE} === '1'")


async def test_when_only_the_database_is_away_the_page_says_so(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url, clock_at_will=True)
    await screen.live()
    stage.error = OSError("no database")

    await screen.later(STALE_AFTER_MS)
    await screen.until("document.body.dataset.link === 'stale'")
    assert "has no new picture" in await screen.text("#banner")
    stage.error = None
    await screen.live()


async def test_where_sign_in_is_needed_the_page_says_so(settings: Settings, open_page: Open) -> None:
    async with Stage(settings).on() as stage:
        screen = await open_page(stage.url)
        await screen.until("document.querySelector('#banner')?.textContent.includes('Sign-in is needed')")
        screen.troubles.clear()  # the browser's own note of the 401


async def test_a_source_that_is_silent_puts_its_numbers_in_doubt(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    picture["sources"][1] = source("access", 5_513, state="silent")
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    await screen.until("document.querySelector('#people-inside').classList.contains('doubtful')")
    assert "Nothing is heard of Access: its numbers are as of event 5,513." in await screen.text("#attention")
    assert await screen.page.query_selector("#badges.doubtful") is None


async def test_a_number_that_may_be_wrong_is_shown_as_a_range(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    picture["zones"][1]["uncertain"] = {"low": 1_880, "high": 1_904, "gates": ["North gate"]}
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    await screen.until("document.querySelector(\"[data-zone='pln'] .uncertain\")")
    assert await screen.text("[data-zone='pln'] .count") == "1,880\u20131,904"
    title = await screen.page.get_attribute("[data-zone='pln'] .count", "title")
    assert title == "between 1,880 and 1,904: scans are still to come from \u2068North gate\u2069"


async def test_tabs_of_one_browser_share_one_connection(stage: Stage, open_page: Open) -> None:
    first = await open_page(stage.url)
    await first.live()
    tabs = [Screen(await first.page.context.new_page()) for _ in range(3)]
    for tab in tabs:
        await tab.page.goto(stage.url)
        await tab.live()
    assert sum(url.endswith("/v1/live") for screen in (first, *tabs) for url in screen.asked) == 1

    await first.page.goto("about:blank")  # whoever had the connection leaves
    picture = stage.picture
    picture["people"]["inside"] = 11
    stage.show(picture)
    for tab in tabs:
        await tab.until(f"{_INSIDE} === '11'")
        assert tab.troubles == []
    assert sum(url.endswith("/v1/live") for screen in tabs for url in screen.asked) == 1
    for tab in tabs:
        await tab.page.close()


# --- names that mean harm -------------------------------------------------------------------------------------------


async def test_hostile_names_neither_run_nor_break_the_page(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    for order, (key, name) in enumerate(HOSTILE.items(), start=10):
        names = {"en": name, "fr": name, "vi": name}
        picture["zones"].append(zone(f"z-{key}", order, 99, 100, names=names, full=True, lockdown=name, locked=True))
        picture["gates"].append(gate(f"g-{key}", order, "2025-10-25T01:10:00+00:00", name=name, silent_devices=1))
        picture["refusals"].insert(0, {"reason": name, "total": 1, "last_hour": 1})
    picture["event"] = LONG
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    for key, name in HOSTILE.items():
        assert await screen.page.text_content(f"[data-zone='z-{key}'] .name bdi") == name
        assert await screen.page.text_content(f"[data-gate='g-{key}'] .name") == name
    assert await screen.page.title() == "Overview · Placet"
    assert await screen.page.query_selector("main img, main script, main b b") is None
    for width in (390, 1440):
        await screen.page.set_viewport_size({"width": width, "height": 900})
        await screen.until("document.querySelector('.venue-list') !== null", within_s=3) if width == 390 else None
        assert await screen.overflow_px() <= 0, f"{width} px"


async def test_a_name_that_turns_letters_around_turns_only_its_own(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    picture["zones"][4]["names"]["en"] = TURNED
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    isolation = await screen.page.evaluate("getComputedStyle(document.querySelector('.place .name bdi')).unicodeBidi")
    assert isolation == "isolate"
    assert f"\u2068{TURNED}\u2069" in (await screen.page.text_content("#attention") or "")


async def test_a_script_that_got_in_is_not_run(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    await screen.page.evaluate(
        "() => { const made = document.createElement('script'); made.textContent = 'window.ran = 1';"
        " document.body.append(made); }"
    )
    assert await screen.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in trouble for trouble in screen.troubles)
    screen.troubles.clear()


async def test_the_page_asks_nobody_else(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()

    assert {url for url in screen.asked if not url.startswith((stage.url, "data:"))} == set()


# --- what it shows, and in which words ------------------------------------------------------------------------------


async def test_what_is_in_force_is_said_in_words_and_with_an_icon(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()

    said_of = {"pln": "Nearly full", "exh": "Lockdown", "stands": "Entries locked", "hlr-1": "Full"} | {
        "bil": "Evacuation",
        "booths": "Evacuation, Nearly full",
    }
    for zone_id, words in said_of.items():
        assert await screen.text(f"[data-zone='{zone_id}'] .unseen") == words
        assert await screen.page.query_selector(f"[data-zone='{zone_id}'] svg") is not None
    assert await screen.text("[data-zone='per'] .unseen") == ""
    assert await screen.text("[data-gate='South gate']") == "South gate quiet 14 min"
    assert await screen.text("[data-gate='Press door']") == "Press door no scan yet"
    assert await screen.text("[data-gate='Back door']") == "Back door closed"
    assert "rules version 1041" in await screen.text(".map")
    assert await screen.text("[data-reason='zone_not_granted'] th") == "No access to this zone"
    assert await screen.text("[data-reason='a_code_of_tomorrow'] th") == "a code of tomorrow"
    assert await screen.text("[data-service='notifications'] .chip") == "degraded"
    said = await screen.text("#attention")
    sentences = (
        "bil\u2069 is being evacuated: \u2068Fire alarm\u2069.",
        "Exhibition hall\u2069 is in lockdown: \u2068Suspicious item\u2069.",
        "Threat level 3 at ncc: \u2068Protest nearby\u2069.",
        "hlr-1\u2069 is full: 260 of 260.",
        "Plenary hall\u2069 is nearly full: 1,890 of 2,000.",
        "booths\u2069 is nearly full: 1 inside.",
    )
    for sentence in sentences:
        assert sentence in said
    places = [said.index(sentence) for sentence in sentences]
    assert places == sorted(places), "the gravest first"
    assert "and 2 more" in said
    assert "Room door" not in said, "rooms are quiet between sessions"


async def test_the_clock_is_the_venues_and_says_that_it_is_simulated(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url, clock_at_will=True, timezone_id="America/New_York")
    await screen.live()
    await screen.until("document.querySelector('#clock')?.textContent === '08:30:00'")
    assert "simulated time" in await screen.text(".clock")

    picture = stage.picture
    picture["clock"]["simulated"] = False
    stage.show(picture)
    await screen.until("!document.querySelector('.clock .chip')")
    stage.error = OSError("nothing new")  # real time goes on all the same
    await screen.later(2_000)
    await screen.until("document.querySelector('#clock').textContent > '08:30:01'")


async def choose(page: Page, language: str) -> None:
    """It is behind the name of the language that is spoken now."""
    await page.click("[popovertarget=choices]")
    await page.select_option("#language", language)
    await page.keyboard.press("Escape")


async def test_the_page_speaks_three_languages(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url, locale="vi-VN")
    await screen.live()
    page = screen.page
    assert await page.evaluate("document.documentElement.lang") == "vi"
    await screen.until("document.querySelector('.venue-map')?.textContent.includes('Hội trường chính')")

    seen = {}
    for language, title, name in (
        ("fr", "Délégations confirmées", "Salle plénière"),
        ("vi", "Đoàn đã xác nhận", "Hội trường chính"),
        ("en", "Delegations confirmed", "Plenary hall"),
    ):
        await choose(page, language)
        await screen.until("(language) => document.documentElement.lang === language", language)
        await screen.until("(title) => document.querySelector('main').innerText.includes(title)", title)
        assert name in await screen.text(".venue-map")
        seen[language] = await page.evaluate("document.body.innerText")
        assert "undefined" not in seen[language]
        assert "{" not in seen[language], "a gap was not filled"
    assert len(set(seen.values())) == 3

    await choose(page, "fr")
    await screen.until("document.documentElement.lang === 'fr'")
    await page.reload()
    await screen.live()
    assert await page.evaluate("document.documentElement.lang") == "fr", "the choice is not remembered"


async def test_the_chart_shows_every_minute_and_says_it_to_those_who_do_not_see(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()

    drawn = await screen.page.get_attribute(".minutes path.admitted", "d")
    assert drawn is not None
    heights = [float(height) for height in re.findall(r"v-([\d.]+)", drawn)]
    assert len(heights) == 60
    assert heights == sorted(heights), "the minutes are not in their order"
    label = await screen.page.get_attribute(".minutes svg", "aria-label")
    assert label is not None
    assert "4,170 admitted" in label


async def test_a_page_that_stays_open_while_the_service_is_renewed_loads_itself_anew(
    stage: Stage, open_page: Open
) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    await screen.page.evaluate("window.isOld = true")
    await screen.page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    await screen.page.fill("textarea", "What somebody writes")

    renewed = stage.picture
    renewed |= {"pages": "of the next", "people": {"inside": 7}}
    stage.show(renewed)
    await screen.until(f"{_INSIDE} === '7'")
    assert await screen.page.evaluate("window.isOld"), "what somebody wrote is gone"

    async with screen.page.expect_event("load"):
        await screen.page.fill("textarea", "")
    await screen.live()
    assert not await screen.page.evaluate("window.isOld")


# --- every screen, everybody ----------------------------------------------------------------------------------------


async def test_nothing_is_wider_than_the_screen(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    for language in ("en", "fr", "vi"):
        await choose(screen.page, language)
        await screen.until("(language) => document.documentElement.lang === language", language)
        for width in (390, 768, 1440, 3840):
            await screen.page.set_viewport_size({"width": width, "height": 900})
            assert await screen.overflow_px() <= 0, f"{language}, {width} px"


async def test_a_wall_shows_it_larger(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    sizes = []
    for width in (1440, 3840):
        await screen.page.set_viewport_size({"width": width, "height": 900})
        size = "parseFloat(getComputedStyle(document.querySelector('#people-inside strong')).fontSize)"
        sizes.append(await screen.page.evaluate(size))
    assert sizes[0] >= 40
    assert sizes[1] >= 70


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read_by_day_and_by_night(stage: Stage, open_page: Open, scheme: str) -> None:
    screen = await open_page(stage.url, color_scheme=scheme)
    await screen.live()

    ground = await screen.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) > 380) == (scheme == "light")
    assert await screen.page.evaluate(CONTRASTS) == []
    picture = stage.picture
    picture["sources"] = [source(one["source"], 1, state="silent") for one in picture["sources"]]
    stage.show(picture)
    await screen.until("document.querySelector('#people-inside').classList.contains('doubtful')")
    assert await screen.page.evaluate(CONTRASTS) == [], "in doubt"


async def test_everything_has_a_name_and_a_role(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url, bypass_csp=True)  # the examiner is a script of its own
    await screen.live()
    page = screen.page
    await screen.until("document.querySelector(\"[data-zone='pln']\")")

    for width in (1440, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await axe(page) == [], f"{width} px"
    assert await page.evaluate(UNNAMED) == []
    levels = await page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), "a level is left out"
    bar = await page.query_selector("[data-zone='pln'] [role=meter]")
    assert bar is not None
    assert await bar.get_attribute("aria-valuenow") == "1890"


async def test_the_keyboard_reaches_what_can_be_changed(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    focused = "document.activeElement.id || document.activeElement.className"

    await screen.page.keyboard.press("Tab")
    assert await screen.page.evaluate(focused) == "skip"
    await screen.page.keyboard.press("Enter")
    assert await screen.page.evaluate(focused) == "main"

    await screen.page.focus("[popovertarget=choices]")
    await screen.page.keyboard.press("Enter")
    await screen.page.keyboard.press("Tab")
    assert await screen.page.evaluate(focused) == "language"
    await screen.page.keyboard.press("Escape")
    assert await screen.page.evaluate("document.activeElement.innerText") == "English", "the focus is lost"


async def test_another_page_begins_at_its_top_for_who_cannot_see_it(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    await screen.page.focus("nav a[href='/gates']")
    await screen.page.keyboard.press("Enter")
    await screen.until("document.title === 'Gates · Placet'")
    await screen.until("document.activeElement.id === 'main'")
    assert await screen.page.get_attribute("nav a[href='/gates']", "aria-current") == "page"


async def test_whoever_listens_is_not_flooded(stage: Stage, open_page: Open) -> None:
    """Six zones fill up one after the other: that is an announcement now and one in four seconds, not six."""
    screen = await open_page(stage.url)
    await screen.live()
    await screen.until("document.querySelector('#attention')")
    await screen.page.evaluate(
        "() => { window.said = []; const node = document.querySelector('#announcer');"
        " new MutationObserver(() => said.push(node.textContent))"
        ".observe(node, {childList: true, subtree: true, characterData: true}); }"
    )
    picture = stage.picture
    began = time.monotonic()
    for order in range(6):
        picture["zones"].append(zone(f"room-{'abcdef'[order]}", 20 + order, 10, 10, full=True))
        stage.show(picture)
        await screen.until("(id) => document.querySelector(`[data-zone='${id}']`)", picture["zones"][-1]["zone_id"])
    took_s = time.monotonic() - began
    said = await screen.page.evaluate("window.said")
    assert 1 <= len(said) <= 1 + took_s // 4
    assert "is full" in said[0]


async def test_numbers_that_move_are_not_read_out(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    picture = stage.picture
    for count in range(1_890, 1_895):
        picture["zones"][1]["count"] = count
        picture["people"]["inside"] = count
        stage.show(picture)
        await screen.until(f"{_INSIDE} === '{count:,}'")
    assert await screen.page.text_content("#announcer") == ""
    regions = await screen.page.query_selector_all("[aria-live], [role=status], [role=alert]")
    assert len(regions) == 1


async def test_who_asked_for_no_motion_gets_none(stage: Stage, open_page: Open) -> None:
    moving = "getComputedStyle(document.querySelector('.place .fill')).transitionDuration"
    screen = await open_page(stage.url, reduced_motion="reduce")
    await screen.live()
    await screen.until("document.querySelector('.place .fill')")
    assert await screen.page.evaluate(moving) == "0s"


async def test_message_after_message_leaves_the_page_as_large_as_it_was(stage: Stage, open_page: Open) -> None:
    """A wall runs for days: what is shown again must not be added again."""
    screen = await open_page(stage.url)
    await screen.live()
    await screen.until("document.querySelector('.venue-map .place')")
    count = "document.querySelectorAll('*').length"
    before = await screen.page.evaluate(count)
    picture = stage.picture
    for inside in range(5):
        picture["people"]["inside"] = inside
        stage.show(picture)
        await screen.until(f"{_INSIDE} === '{inside}'")
    assert await screen.page.evaluate(count) == before


def test_without_a_browser_these_tests_fail_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(AssertionError, match="No Chromium on this machine"):
        browsers.program()
