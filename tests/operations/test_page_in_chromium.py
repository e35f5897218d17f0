"""The page in a real browser: true numbers, hostile names, a service that goes away, small and large screens."""

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
from tests.operations.browser import CONTRASTS, UNNAMED, Screen
from tests.operations.conftest import Operations
from tests.operations.days import a_day
from tests.operations.histories import History
from tests.operations.stage import Stage, gate, source, zone
from tests.operations.told import ANNA, BORIS, failed, goes_in, issued, sent

STALE_AFTER_MS = 3_000  # as in page/stream.js
_SIZE: ViewportSize = {"width": 1440, "height": 900}
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

    assert await screen.number("#delegations-confirmed") == picture["delegations"]["states"]["confirmed"]
    assert await screen.number("#delegations-of") == picture["delegations"]["states"]["invited"]
    assert await screen.number("#badges-active") == picture["badges"]["active"]
    assert await screen.number("#badges-of") == picture["badges"]["issued"]
    assert await screen.number("#people-inside") == picture["people"]["inside"]
    assert await screen.number("#scans-last-minute") == sum(picture["scans"]["last_minute"].values())
    assert await screen.number("#notices-sent") == picture["notices"]["sent"]
    assert await screen.number("#notices-failed") == picture["notices"]["failed"]
    for one in picture["zones"]:
        assert await screen.number(f"[data-zone='{one['zone_id']}'] .people b") == one["count"]
    for one in picture["refusals"]:
        row = f"[data-reason='{one['reason']}'] td"
        cells = [int(await cell.inner_text()) for cell in await screen.page.query_selector_all(row)]
        assert cells == [one["last_hour"], one["total"]]
    for outcome, minutes in picture["scans"]["last_hour"].items():
        if outcome != "since":
            assert await screen.number(f"#hour-{outcome}") == sum(minutes)

    await at_work.told.tell(goes_in("per", ANNA), goes_in("per", BORIS), issued(BORIS))
    picture = await at_work.knows_all()
    inside, of = picture["people"]["inside"], picture["badges"]["issued"]
    await screen.until("(n) => document.querySelector('#people-inside').textContent === String(n)", inside)
    assert await screen.number("#badges-of") == of


@pytest.mark.usefixtures("impatient")
async def test_when_the_service_goes_the_page_says_since_when_and_recovers_by_itself(
    operations: Operations, open_page: Open
) -> None:
    async with operations.at_work():
        screen = await open_page(operations.url, clock_at_will=True)
        await screen.live()
        assert await screen.text("#link") == "Live"
        assert await screen.page.is_hidden("#banner")

    await screen.later(STALE_AFTER_MS)
    await screen.until("document.body.dataset.link === 'stale'")
    assert (await screen.text("#link")).startswith("Stale since ")
    assert "cannot be reached" in await screen.text("#banner")

    await operations.told.tell(goes_in("per", ANNA))
    async with operations.at_work():
        await screen.live()
        assert await screen.page.is_hidden("#banner")
        await screen.until("document.querySelector('#people-inside').textContent === '1'")


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
        await screen.until("document.querySelector('#banner').textContent.includes('Sign-in is needed')")
        screen.troubles.clear()  # the browser's own note of the 401


async def test_a_source_that_is_silent_puts_its_numbers_in_doubt(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    picture["sources"][1] = source("access", 5_513, state="silent")
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    assert "Nothing is heard of Access: its numbers are as of event 5,513." in await screen.text("#attention")
    assert await screen.page.get_attribute(".zones", "data-doubtful") == "true"
    assert await screen.page.get_attribute(".notices", "data-doubtful") == "false"


# --- names that mean harm -------------------------------------------------------------------------------------------


async def test_hostile_names_neither_run_nor_break_the_page(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    for order, (key, name) in enumerate(HOSTILE.items(), start=10):
        names = {"en": name, "fr": name, "vi": name}
        picture["zones"].append(zone(f"z-{key}", order, 99, 100, names=names, full=True, lockdown=name, locked=True))
        picture["gates"].append(gate(f"g-{key}", order, "2025-10-25T01:10:00+00:00", name=name, silent=True))
        picture["refusals"].append({"reason": name, "total": 1, "last_hour": 1})
    picture["event"] = LONG
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    for key, name in HOSTILE.items():
        assert await screen.page.text_content(f"[data-zone='z-{key}'] .name") == name.strip()
        assert await screen.page.text_content(f"[data-gate='g-{key}'] .name") == name
    assert await screen.page.title() == "Placet · Operations"
    assert await screen.page.query_selector("main img, main script, main b b") is None
    for width in (390, 1440):
        await screen.page.set_viewport_size({"width": width, "height": 900})
        assert await screen.overflow_px() <= 0
        heights = await screen.page.evaluate(
            "[...document.querySelectorAll('.zone, .gate')].map((row) => row.getBoundingClientRect().height)"
        )
        root = await screen.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        assert max(heights) < 8 * root, "a name pushes its neighbours away"


async def test_a_name_that_turns_letters_around_turns_only_its_own(stage: Stage, open_page: Open) -> None:
    picture = stage.picture
    picture["zones"][4]["names"]["en"] = TURNED
    stage.show(picture)
    screen = await open_page(stage.url)
    await screen.live()

    isolation = await screen.page.evaluate("getComputedStyle(document.querySelector('.zone .name')).unicodeBidi")
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

    chips = {"pln": "Nearly full", "exh": "Lockdown", "stands": "Entries locked", "hlr-1": "Full"} | {
        "bil": "Evacuation",
        "booths": "Evacuation Nearly full",
    }
    for zone_id, word in chips.items():
        assert await screen.text(f"[data-zone='{zone_id}'] .chips") == word
        assert await screen.page.query_selector(f"[data-zone='{zone_id}'] .chip svg") is not None
    assert await screen.text("[data-zone='per'] .foot") == ""
    assert await screen.text("[data-gate='South gate']") == "South gate quiet 14 min"
    assert await screen.text("[data-gate='Press door']") == "Press door no scan yet"
    assert await screen.text("[data-gate='Back door']") == "Back door closed"
    assert await screen.text("#policy") == "rules version 1041"
    assert await screen.text("[data-reason='zone_not_granted'] th") == "No access to this zone zone_not_granted"
    assert "a_code_of_tomorrow" in await screen.text("[data-reason='a_code_of_tomorrow'] th")
    said = await screen.text("#attention")
    for sentence in (
        "bil\u2069 is being evacuated: fire alarm.",
        "Exhibition hall\u2069 is in lockdown: suspicious item.",
        "Threat level 3 at ncc: protest nearby.",
        "hlr-1\u2069 is full: 260 of 260.",
        "Plenary hall\u2069 is nearly full: 1,890 of 2,000.",
        "booths\u2069 is nearly full: 1 inside.",
        "South gate\u2069 has not scanned for 14 min.",
        "2 notices could not be delivered",
    ):
        assert sentence in said
    assert "Room door" not in said, "rooms are quiet between sessions"
    places = [said.index(word) for word in ("evacuated", "lockdown", "Threat", "is full", "nearly full")]
    assert places == sorted(places), "the gravest first"


async def test_the_clock_is_the_venues_and_says_that_it_is_simulated(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url, clock_at_will=True, timezone_id="America/New_York")
    await screen.live()
    assert await screen.text("#clock") == "08:30:00"
    assert await screen.page.is_visible("#simulated")

    picture = stage.picture
    picture["clock"]["simulated"] = False
    stage.show(picture)
    await screen.until("document.querySelector('#simulated').hidden")
    stage.error = OSError("nothing new")  # real time goes on all the same
    await screen.later(2_000)
    await screen.until("document.querySelector('#clock').textContent > '08:30:01'")


async def test_the_page_speaks_three_languages(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url, locale="vi-VN")
    await screen.live()
    page = screen.page
    assert await page.evaluate("document.documentElement.lang") == "vi"
    assert "Hội trường chính" in await screen.text("#zones")

    seen = {}
    for language, title, name in (
        ("fr", "Délégations confirmées", "Salle plénière"),
        ("vi", "Đoàn đã xác nhận", "Hội trường chính"),
        ("en", "Delegations confirmed", "Plenary hall"),
    ):
        await page.select_option("#language", language)
        assert await page.evaluate("document.documentElement.lang") == language
        assert title in await screen.text("main")
        assert name in await screen.text("#zones")
        seen[language] = await page.evaluate("document.body.innerText")
        assert "undefined" not in seen[language]
        assert "{" not in seen[language], "a gap was not filled"
    assert len(set(seen.values())) == 3

    await page.select_option("#language", "fr")
    await page.reload()
    await screen.live()
    assert await page.evaluate("document.documentElement.lang") == "fr", "the choice is not remembered"


async def test_the_chart_shows_every_minute_and_says_it_to_those_who_do_not_see(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()

    heights = await screen.page.evaluate(
        "[...document.querySelectorAll('#minutes rect.admitted')].map((bar) => Number(bar.getAttribute('height')))"
    )
    assert len(heights) == 60
    assert heights == sorted(heights), "the minutes are not in their order"
    label = await screen.page.get_attribute("#minutes", "aria-label")
    assert label is not None
    assert "4,170 admitted" in label


# --- every screen, everybody ----------------------------------------------------------------------------------------


async def test_nothing_is_wider_than_the_screen(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    for language in ("en", "fr", "vi"):
        await screen.page.select_option("#language", language)
        for width in (390, 768, 1440, 3840):
            await screen.page.set_viewport_size({"width": width, "height": 900})
            assert await screen.overflow_px() <= 0, f"{language}, {width} px"


async def test_a_wall_shows_it_larger(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    sizes = []
    for width in (1440, 3840):
        await screen.page.set_viewport_size({"width": width, "height": 900})
        sizes.append(
            await screen.page.evaluate(
                "parseFloat(getComputedStyle(document.querySelector('#people-inside')).fontSize)"
            )
        )
    assert sizes[0] >= 48
    assert sizes[1] >= 90


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read_by_day_and_by_night(stage: Stage, open_page: Open, scheme: str) -> None:
    screen = await open_page(stage.url, color_scheme=scheme)
    await screen.live()

    ground = await screen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) > 380) == (scheme == "light")
    assert await screen.page.evaluate(CONTRASTS) == []
    picture = stage.picture
    picture["sources"] = [source(one["source"], 1, state="silent") for one in picture["sources"]]
    stage.show(picture)
    await screen.until("document.querySelector('.zones').dataset.doubtful === 'true'")
    assert await screen.page.evaluate(CONTRASTS) == [], "in doubt"


async def test_everything_has_a_name_and_a_role(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    page = screen.page

    assert await page.evaluate(UNNAMED) == []
    levels = await page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), "a level is left out"
    ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    for landmark in ("header", "main"):
        assert len(await page.query_selector_all(landmark)) == 1
    bar = await page.query_selector("[data-zone='pln'] [role=meter]")
    assert bar is not None
    assert await bar.get_attribute("aria-valuenow") == "1890"
    assert await bar.get_attribute("aria-valuetext") == "1,890 of 2,000 people"


async def test_the_keyboard_reaches_what_can_be_changed(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    focused = "document.activeElement.id || document.activeElement.className"

    await screen.page.keyboard.press("Tab")
    assert await screen.page.evaluate(focused) == "skip"
    await screen.page.keyboard.press("Tab")
    assert await screen.page.evaluate(focused) == "language"
    await screen.page.keyboard.press("Shift+Tab")
    await screen.page.keyboard.press("Enter")
    assert await screen.page.evaluate(focused) == "main"


async def test_whoever_listens_is_not_flooded(stage: Stage, open_page: Open) -> None:
    """Six zones fill up one after the other: that is one announcement and not six."""
    screen = await open_page(stage.url)
    await screen.live()
    await screen.page.evaluate(
        "() => { window.said = []; const node = document.querySelector('#announcer');"
        " new MutationObserver(() => said.push(node.textContent)).observe(node, {childList: true, subtree: true}); }"
    )
    picture = stage.picture
    began = time.monotonic()
    for order in range(6):
        picture["zones"].append(zone(f"room-{'abcdef'[order]}", 20 + order, 10, 10, full=True))
        stage.show(picture)
        await screen.until("(id) => document.querySelector(`[data-zone='${id}']`)", picture["zones"][-1]["zone_id"])
    assert time.monotonic() - began < 9, "the machine is too slow to tell"
    said = await screen.page.evaluate("window.said")
    assert len(said) == 1
    assert "is full" in said[0]


async def test_numbers_that_move_are_not_read_out(stage: Stage, open_page: Open) -> None:
    screen = await open_page(stage.url)
    await screen.live()
    picture = stage.picture
    for count in range(1_890, 1_895):
        picture["zones"][1]["count"] = count
        picture["people"]["inside"] = count
        stage.show(picture)
        await screen.until("(n) => document.querySelector('#people-inside').textContent === n", f"{count:,}")
    assert await screen.page.text_content("#announcer") == ""
    regions = await screen.page.query_selector_all("[aria-live], [role=status], [role=alert]")
    assert len(regions) == 1


async def test_who_asked_for_no_motion_gets_none(stage: Stage, open_page: Open) -> None:
    moving = "getComputedStyle(document.querySelector('.fill')).transitionDuration"
    screen = await open_page(stage.url, reduced_motion="reduce")
    await screen.live()
    assert await screen.page.evaluate(moving) == "0s"


async def test_message_after_message_leaves_the_page_as_large_as_it_was(stage: Stage, open_page: Open) -> None:
    """A wall runs for days: what is shown again must not be added again."""
    screen = await open_page(stage.url)
    await screen.live()
    count = "document.querySelectorAll('*').length"
    before = await screen.page.evaluate(count)
    picture = stage.picture
    for inside in range(5):
        picture["people"]["inside"] = inside
        stage.show(picture)
        await screen.until("(n) => document.querySelector('#people-inside').textContent === String(n)", inside)
    assert await screen.page.evaluate(count) == before


def test_without_a_browser_these_tests_fail_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(AssertionError, match="No Chromium on this machine"):
        browsers.program()
