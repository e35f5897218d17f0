"""The pages of incidents and shifts in a real browser, before the real service: several people at once, any words."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.operations import browser as browsers
from tests.operations.browser import Screen, axe, signed_in
from tests.operations.conftest import Operations
from tests.operations.desks import AN, BAO, Desks, desks_of
from tests.operations.told import ANNA, gate, zone

SignIn = Callable[..., Awaitable[Page]]

HOSTILE = (
    "<img src=x onerror='document.title=1'><b>b</b>",
    "Z" * 300,
    "מהומה ליד שער 4, مشاجرة",
    "H" + "\u0300\u0301\u0302\u0303" * 50 + "all {count} $& %s",
)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.launched() as launched:
        yield launched


@pytest.fixture
async def desks(at_work: Operations) -> AsyncIterator[Desks]:
    await at_work.told.tell(zone("per"), zone("pln", "per"), gate("north", "per", "North gate", "closed"))
    await at_work.knows_all()
    async with desks_of(at_work) as made:
        yield made


@pytest.fixture
async def sign_in(browser: Browser, at_work: Operations) -> AsyncIterator[SignIn]:
    """Gives somebody's page at an address of the room; nothing may have gone wrong in it by the end."""
    async with AsyncExitStack() as stack:
        screens: list[Screen] = []

        async def sign_in(who: str, path: str, *, role: str = "operations", **options: Any) -> Page:
            context = await signed_in(browser, at_work.url, at_work.issuer.token(role, sub=who, ttl_s=600), **options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            screens.append(Screen(page))
            await page.goto(f"{at_work.url}{path}")
            return page

        yield sign_in
        for screen in screens:
            assert [trouble for trouble in screen.troubles if "409" not in trouble] == []


def button(page: Page, name: str) -> Any:
    """Of a dialog where one is open."""
    return page.get_by_role("button", name=name, exact=True).last


def row(page: Page, number: int) -> Any:
    return page.locator(f"[data-incident='{number}']")


async def said(page: Page) -> list[str]:
    """What entries the log of an incident shows, the first first."""
    return list(reversed(await page.locator(".entries li").evaluate_all("(all) => all.map((one) => one.dataset.what)")))


async def test_from_the_report_to_the_closure_by_two_people(sign_in: SignIn, desks: Desks) -> None:
    an, bao = await asyncio.gather(sign_in(AN, "/incidents"), sign_in(BAO, "/incidents", role="commander"))
    await expect(an.get_by_text("No open incident.")).to_be_visible()

    await button(an, "Report an incident").click()
    await an.get_by_label("What happens").fill("Water on the stairs")
    await an.get_by_label("Kind").last.select_option("medical")
    await an.get_by_role("radio", name="1 \u2013 Critical").check()
    await an.get_by_label("Gate", exact=True).select_option("north")
    await button(an, "Report").click()
    await expect(an.get_by_role("heading", level=1)).to_have_text("Water on the stairs")

    # The other sees it come, hears of it, and decides.
    await expect(row(bao, 1)).to_contain_text("Water on the stairs")
    await expect(bao.locator("p[aria-live]")).to_contain_text("New incident of severity 1, number 1")
    await expect(row(bao, 1).locator(".due")).to_be_visible()
    await row(bao, 1).get_by_role("link", name="Water on the stairs").click()
    await button(bao, "Triage").click()
    await bao.get_by_role("radio", name="2 \u2013 High").check()
    await expect(button(bao, "Triage")).to_be_disabled()
    await bao.get_by_label("Reason").fill("Nobody is hurt")
    await button(bao, "Triage").click()
    await expect(bao.locator(".top")).to_contain_text("Sev 2")
    await button(bao, "Assign").click()
    await bao.get_by_label("Person or team").fill(f"person:{AN}")
    await button(bao, "Assign").click()

    await expect(an.locator(".top")).to_contain_text("With: you")
    await expect(an.locator(".top")).to_contain_text("Sev 2")
    await button(an, "Acknowledge").click()
    await expect(an.locator(".top")).to_contain_text("Acknowledged")
    await button(an, "Start work").click()
    await an.get_by_label("Note").fill("Cleaners called")
    await an.get_by_label("Why, if it is a decision").fill("nearest")
    await button(an, "Add note").click()
    await expect(bao.locator(".entries")).to_contain_text("Why: nearest", timeout=8_000)
    await button(an, "Resolve").click()
    await an.get_by_label("What was done").fill("Mopped")
    await button(an, "Resolve").click()
    await button(bao, "Verify").click()
    await button(bao, "Verify").click()
    await expect(bao.locator(".top")).to_contain_text("Verified")
    await button(bao, "Close").click()
    await bao.get_by_role("dialog").get_by_role("button", name="Close").click()

    await expect(an.locator(".top")).to_contain_text("Closed")
    whole = ["reported", "triaged", "assigned", "acknowledged", "work_started", "noted", "resolved", "verified"]
    await expect(an.locator(".entries li")).to_have_count(9)
    assert await said(an) == [*whole, "closed"]
    found = await desks.eventually("medical")
    assert (found["state"], found["severity"], found["assignee"]) == ("closed", 2, f"person:{AN}")
    assert found["place"] == {"zone_id": "per", "gate_id": "north"}


async def test_who_was_too_late_sees_what_happened_and_loses_nothing(sign_in: SignIn, desks: Desks) -> None:
    id_ = await desks.report(title="A fall")
    an = await sign_in(AN, f"/incidents/{id_}")
    await button(an, "Contain").click()
    await an.get_by_role("dialog").get_by_label("Note").fill("The stairs are closed")
    await desks.move(id_, "start", who=BAO)
    await button(an, "Contain").click()

    told = an.get_by_role("dialog").get_by_role("alert")
    await expect(told).to_contain_text(re.compile("Somebody else moved it meanwhile.*bao.*Work started", re.DOTALL))
    await expect(told).to_contain_text("It is now: \u2068In progress\u2069.")
    await expect(an.get_by_role("dialog").get_by_label("Note")).to_have_value("The stairs are closed")
    assert (await desks.one(id_))["state"] == "in_progress", "it was done over somebody's head"

    # Again too late, and now it is not possible any more: what was written is kept as a note.
    await desks.move(id_, "resolution", who=BAO, resolution="only a bruise")
    await button(an, "Do it all the same").click()
    await expect(told).to_contain_text("only a bruise")
    await expect(told).to_contain_text("not possible any more")
    await button(an, "Add it as a note").click()
    await expect(an.locator(".entries")).to_contain_text("The stairs are closed")
    assert [one["what"] for one in (await desks.one(id_))["log"]] == ["reported", "work_started", "resolved", "noted"]


async def test_of_two_presses_at_once_one_wins_and_the_other_is_told(sign_in: SignIn, desks: Desks) -> None:
    id_ = await desks.report(title="A fall")
    an, bao = await asyncio.gather(sign_in(AN, f"/incidents/{id_}"), sign_in(BAO, f"/incidents/{id_}"))
    for page in (an, bao):
        await expect(button(page, "Acknowledge")).to_be_visible()
    await asyncio.gather(button(an, "Acknowledge").click(), button(bao, "Acknowledge").click())

    winner = (await desks.eventually("medical", lambda one: one["assignee"]))["assignee"]
    late = bao if winner == f"person:{AN}" else an
    await expect(late.get_by_role("dialog")).to_contain_text(winner.removeprefix("person:"))
    assert [one["what"] for one in (await desks.one(id_))["log"]] == ["reported", "acknowledged"]


async def test_the_keyboard_does_everything(sign_in: SignIn, desks: Desks) -> None:
    page = await sign_in(AN, "/incidents")
    keys = page.keyboard
    await button(page, "Report an incident").focus()
    await keys.press("Enter")
    await expect(page.locator("dialog input:focus")).to_be_visible()
    await keys.type("Smoke")
    await keys.press("Tab")
    await keys.type("Intr")
    await keys.press("Tab")
    await keys.press("ArrowUp")  # from severity 3 to 2
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Smoke")
    await page.locator("[data-move='resolution']").focus()
    await keys.press("Enter")
    await expect(page.locator("dialog textarea:focus")).to_be_visible()
    await keys.type("Put out")
    await keys.press("Escape")
    await expect(page.locator("[data-move='resolution']")).to_be_focused()
    await keys.press("Enter")
    await expect(page.locator("dialog textarea:focus")).to_be_visible()
    await keys.type("Put out")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator(".top")).to_contain_text("Resolved")

    found = await desks.eventually("intruder")
    assert (found["severity"], found["state"]) == (2, "resolved")


async def test_rows_stay_under_the_fingers_and_filters_find(sign_in: SignIn, desks: Desks) -> None:
    await desks.report(title="A small thing", severity=4)
    page = await sign_in(AN, "/incidents")
    link = row(page, 1).get_by_role("link", name="A small thing")
    await link.focus()
    grave = await desks.report(title="A grave thing", severity=1)
    await desks.report(title="Another small thing", severity=4, kind="protest")
    await expect(row(page, 3)).to_be_visible()
    await expect(link).to_be_focused()

    await page.get_by_label("Severity").select_option("1")
    await expect(page.locator("[data-incident]")).to_have_count(1)
    await page.get_by_label("Severity").select_option("")
    numbers = "(all) => all.map((one) => one.dataset.incident)"
    assert (await page.locator("[data-incident]").evaluate_all(numbers))[0] == "2", "the worst is not first"
    await page.get_by_label("Only mine").check()
    await expect(page.get_by_text("No such incident.")).to_be_visible()
    await desks.move(grave, "acknowledgement")
    await expect(row(page, 2)).to_contain_text("With: you")
    await page.get_by_label("Only mine").uncheck()
    await page.get_by_label("Kind").select_option("protest")
    await expect(page.locator("[data-incident]")).to_have_count(1)


async def test_of_what_is_discreet_a_supervisor_learns_nothing(sign_in: SignIn, desks: Desks) -> None:
    id_ = await desks.report(title="Under duress", kind="duress")
    await desks.report(title="A fall")
    page = await sign_in("chi", "/incidents", role="supervisor")
    await expect(row(page, 2)).to_be_visible()
    await expect(row(page, 1)).to_have_count(0)
    reader = await sign_in("dan", f"/incidents/{id_}", role="auditor")
    await expect(reader.locator(".top")).to_contain_text("Discreet")
    await expect(reader.locator("[data-move]")).to_have_count(0)
    await expect(reader.get_by_label("Note")).to_have_count(0)


async def test_any_words_are_shown_as_words_on_every_screen(sign_in: SignIn, desks: Desks) -> None:
    for title in HOSTILE:
        id_ = await desks.report(title=title, note=title)
        await desks.move(id_, "notes", text=f"{title}\n{title}")
    await desks.report(title="with people", person_ids=[str(ANNA)], badge_ids=[str(ANNA)])
    page = await sign_in(AN, "/incidents", viewport={"width": 390, "height": 844}, bypass_csp=True)
    await expect(row(page, len(HOSTILE))).to_be_visible()
    for number, title in enumerate(HOSTILE, start=1):
        assert await row(page, number).locator("h2").text_content() == title
    assert await page.locator("main img, main b b").count() == 0
    await fits_and_is_accessible(page)
    schemes: tuple[tuple[int, Literal["light", "dark"]], ...] = ((2, "light"), (5, "dark"))
    for number, scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        await row(page, number).get_by_role("link").first.click()
        await expect(page.locator(".entries li").first).to_be_visible()
        await fits_and_is_accessible(page)
        await page.go_back()
    await button(page, "Report an incident").click()
    await fits_and_is_accessible(page)


async def fits_and_is_accessible(page: Page) -> None:
    assert await Screen(page).overflow_px() <= 0
    assert await axe(page) == []


async def test_a_shift_is_handed_over_item_by_item_from_the_keyboard(sign_in: SignIn, desks: Desks) -> None:
    await desks.report(title=HOSTILE[1])
    await desks.report(title="A fall")
    an, bao = await asyncio.gather(
        sign_in(AN, "/shift"), sign_in(BAO, "/shift", viewport={"width": 390, "height": 844}, bypass_csp=True)
    )
    await button(an, "Start my shift").click()
    await button(an, "Hand over").click()
    await an.get_by_label("Note for whoever comes").fill("The minister comes at ten.")
    await button(an, "Offer the hand-over").click()
    await expect(an.get_by_text("not accepted yet").first).to_be_visible()
    await expect(button(an, "Withdraw the hand-over")).to_be_visible()

    accepts = bao.locator(".items button")
    await expect(accepts.first).to_be_visible()
    count = await accepts.count()
    await fits_and_is_accessible(bao)
    await accepts.first.focus()
    await bao.keyboard.press("ArrowDown")
    await bao.keyboard.press("ArrowUp")
    for left in range(count - 1, 0, -1):
        await bao.keyboard.press("Enter")
        await expect(accepts).to_have_count(left)
        await expect(accepts.first).to_be_focused()
    await expect(an.get_by_text("accepted by \u2068bao\u2069").first).to_be_visible()

    await button(bao, "Complete: I am on duty").click()
    await expect(bao.get_by_role("dialog")).to_contain_text("1 item that you did not accept stays with \u2068an\u2069.")
    await button(bao, "Complete, leave 1").click()
    await expect(bao.locator(".duty")).to_have_text("you")
    await expect(an.locator(".duty")).to_contain_text(BAO)
    await expect(an.get_by_text("The minister comes at ten.").first).to_be_visible()
    await bao.get_by_role("button", name="Take it").click()
    await expect(bao.get_by_text("Left with others")).to_have_count(0)
    await bao.get_by_text(f"{count} of {count} items accepted").click()
    await fits_and_is_accessible(bao)
