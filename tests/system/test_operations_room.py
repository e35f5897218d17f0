"""The operations room in a real browser, in the middle of a rehearsal: everything real, and what breaks is broken."""

import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import pytest
from playwright.async_api import Browser

from placet.rehearsal.ledger import rows
from tests.controls import eventually
from tests.operations.browser import Screen, launched, signed_in
from tests.system.guests import Desk
from tests.system.midday import Midday, midday

_MOMENT = datetime.fromisoformat("2026-05-20T13:40:00+02:00")  # the round tables are under way
_INSIDE = "document.querySelector('#people-inside strong').textContent"
_SCANS = "SELECT data->>'outcome', count(*) FROM log.events WHERE type = 'BadgeScanned' GROUP BY 1"


@pytest.fixture(scope="module")
async def gathering() -> AsyncIterator[Midday]:
    async with midday("mini", _MOMENT) as played:
        yield played


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest.fixture
async def screen(gathering: Midday, browser: Browser) -> AsyncIterator[Screen]:
    """The overview, as a commander sees it."""
    context = await signed_in(browser, gathering.room, gathering.token("commander"))
    opened = Screen(await context.new_page())
    await opened.page.goto(gathering.room)
    await opened.live()
    yield opened
    await context.close()


async def test_the_numbers_on_the_page_are_those_of_the_ledger(gathering: Midday, screen: Screen) -> None:
    outcomes: Counter[str] = Counter(dict(await rows(gathering.system, "access", _SCANS)))
    answered = Counter(outcome for outcome, *_ in gathering.journal.outcomes())
    zones = (await gathering.outsider.get("access", "/v1/zones", "operations")).body
    assert answered == outcomes, "what gates were told is not what stands on record"

    detail = "document.querySelector('#scans-minute .detail').textContent"
    total = f"{outcomes.total():,}"
    await screen.until(f"{detail}.includes('In all\u00a0{total}:')")
    for outcome, count in outcomes.items():
        assert f"{outcome}\u00a0{count:,}" in await screen.page.evaluate(detail)
    for zone in zones:
        assert await screen.number(f"[data-zone='{zone['zone_id']}'] .count") == zone["occupancy"]
    assert sum(zone["occupancy"] for zone in zones) > 30, "the rooms are empty: nothing is compared"
    assert screen.troubles == []


async def test_a_badge_revoked_is_refused_and_seen_on_the_page_within_a_second(
    gathering: Midday, screen: Screen
) -> None:
    desk = Desk(gathering.outsider)
    scanner = await desk.scanner("gate-south")
    guests = [await desk.welcome() for _ in range(3)]
    for guest in guests:
        await scanner.admits(guest.text)
    took_s = []
    for number, guest in enumerate(guests, start=1):
        before = await _refusals(screen)
        began = time.monotonic()
        await desk.revoke(guest)

        async def refused(text: str = guest.text) -> bool:
            return bool((await scanner.scan(text)).body["reason"] == "credential_revoked")

        async def shown(before: int = before) -> bool:
            return await _refusals(screen) > before

        await eventually(refused, 5, every_s=0.02, says=f"badge {number} still opens the gate")
        await eventually(shown, 8, every_s=0.02, says="no refusal is shown")
        took_s.append(time.monotonic() - began)
    assert min(took_s) < 1, f"from the revocation to the screen: {took_s} s"


async def _refusals(screen: Screen) -> int:
    found = await screen.page.query_selector("[data-reason='credential_revoked'] td:last-child")
    return int(await found.inner_text()) if found else 0


async def test_while_access_is_gone_the_page_says_so_and_afterwards_counts_right(
    gathering: Midday, screen: Screen
) -> None:
    desk = Desk(gathering.outsider)
    guest, scanner = await desk.welcome(), await desk.scanner("gate-south")
    await scanner.admits(guest.text)
    await gathering.caught_up()
    before = await screen.number("#people-inside strong")
    access = gathering.system.children["access"].process

    access.send_signal(signal.SIGSTOP)
    await screen.until("document.querySelector('#people-inside').classList.contains('doubtful')", within_s=20)
    assert "Access" in await screen.text("#attention")
    await screen.until(
        "document.querySelector(\"[data-service='access'] .chip\").textContent.includes('down')", None, 10
    )
    access.send_signal(signal.SIGKILL)

    assert (await scanner.scan(guest.text)).body["outcome"] == "admitted", "asked again until access is back"
    await screen.until("!document.querySelector('#people-inside').classList.contains('doubtful')", within_s=20)
    await screen.until(f"{_INSIDE} === '{before + 1:,}'")
    assert (await scanner.scan(guest.text, "out")).body["outcome"] == "exited"


async def test_while_the_broker_is_gone_the_page_counts_all_the_same(gathering: Midday, screen: Screen) -> None:
    desk = Desk(gathering.outsider)
    guest, scanner = await desk.welcome(), await desk.scanner("gate-south")
    await scanner.admits(guest.text)
    await gathering.caught_up()
    before = await screen.number("#people-inside strong")

    broker = gathering.system.children["nats"].process
    broker.send_signal(signal.SIGSTOP)  # gone, and nobody starts it again
    assert (await scanner.scan(guest.text)).body["outcome"] == "admitted"
    await screen.until(f"{_INSIDE} === '{before + 1:,}'", within_s=15)
    broker.send_signal(signal.SIGKILL)
    assert (await scanner.scan(guest.text, "out")).body["outcome"] == "exited"
    await screen.until(f"{_INSIDE} === '{before:,}'", within_s=15)
    assert await screen.text("#link") == "Live"


async def test_a_lockdown_is_given_on_the_page_obeyed_at_the_gates_and_lifted(
    gathering: Midday, screen: Screen
) -> None:
    page, room = screen.page, "hlr-2"
    zone = next(
        one
        for one in (await gathering.outsider.get("access", "/v1/zones", "operations")).body
        if one["zone_id"] == room
    )
    await page.click("nav a[href='/orders']")
    await page.click("text=Declare a lockdown …")
    await page.select_option("dialog select >> nth=0", room)
    await page.select_option("dialog select >> nth=1", index=1)
    await page.click("dialog button[type=submit]")
    tick = await page.query_selector("dialog input[type=checkbox]")
    if tick is not None:
        await tick.check()
    else:
        await page.fill("dialog input", zone["names"]["en"])
    await page.click("dialog button[type=submit]")

    await screen.until(f"document.querySelector(\"[data-lockdown='{room}']\")")
    orders = (await gathering.outsider.get("access", "/v1/orders", "operations")).body
    assert room in str(orders), "access has not heard of it"
    given = await rows(
        gathering.system, "access", "SELECT metadata->>'actor' FROM log.events WHERE type = 'LockdownDeclared'"
    )
    assert given[-1] == ("person:rehearsal-commander",), "given by somebody else than who gave it"
    await page.click("nav a[href='/']")
    await screen.until(f"document.querySelector(\"[data-zone='{room}'].lockdown\")")

    await page.click("nav a[href='/orders']")
    await page.click(f"[data-lockdown='{room}'] button")
    await page.check("dialog input[type=checkbox]")
    await page.click("dialog button[type=submit]")
    await screen.until(f"!document.querySelector(\"[data-lockdown='{room}']\")")
    assert screen.troubles == []


async def test_two_officers_on_one_incident_do_not_undo_each_other(gathering: Midday, browser: Browser) -> None:
    body = {"kind": "tailgating", "severity": 3, "title": "Two people on one badge", "zone_id": "hlr-1"}
    made = await gathering.outsider.post("operations", "/v1/incidents", "operations", uuid4().hex, body)
    incident = f"/v1/incidents/{made.body['incident_id']}"
    contexts = [
        await signed_in(browser, gathering.room, gathering.token(who)) for who in ("operations.a", "operations.b")
    ]
    screens = [Screen(await context.new_page()) for context in contexts]
    for one in screens:
        await one.page.goto(f"{gathering.room}/incidents/{made.body['incident_id']}")
        await one.live()
    await gathering.outsider.post(
        "operations", f"{incident}/acknowledgement", "operations.a", uuid4().hex, {"version": made.body["version"]}
    )
    late = await gathering.outsider.post(
        "operations", f"{incident}/acknowledgement", "operations.b", uuid4().hex, {"version": made.body["version"]}
    )
    assert (late.status, late.body["code"]) == (409, "incident_changed")
    for one in screens:
        await one.until("document.querySelector('main').innerText.toLowerCase().includes('acknowledged')")
        assert [trouble for trouble in one.troubles if "409" not in trouble] == []
    for context in contexts:
        await context.close()


async def test_whoever_signs_in_by_token_sees_what_their_role_may_and_after_signing_out_no_more(
    gathering: Midday, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    screen = Screen(await context.new_page())
    page = screen.page
    await page.goto(gathering.room)
    await screen.live()
    assert await page.query_selector("nav a[href='/record']") is None
    assert await page.query_selector("#open-incidents") is None, "incidents are shown to nobody in particular"

    await page.click("text=Sign in")
    await page.fill("main form input", gathering.token("supervisor"))
    await page.click("main form button[type=submit]")
    await screen.until("document.querySelector(\"nav a[href='/incidents']\")")
    assert await page.query_selector("nav a[href='/record']") is None, "a supervisor has no business with the record"
    await screen.until("document.querySelector('#open-incidents')")
    assert gathering.token("supervisor") not in page.url

    await page.click("text=Sign out")
    await screen.until("!document.querySelector(\"nav a[href='/incidents']\")")
    await page.goto(gathering.room)
    await screen.live()
    assert await page.query_selector("#open-incidents") is None
    assert await screen.overflow_px() <= 0
    await context.close()
