"""The overview in Chromium: how long until something of it is painted, and how much JavaScript it asks for."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.async_api import Browser

from tests.operations.browser import launched

_TIMES = 5

_FIRST_PAINT = """
() => new Promise((found) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) found(first.startTime);
}).observe({ type: "paint", buffered: true }))
"""
_JAVASCRIPT = """
() => performance.getEntriesByType("resource")
  .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
  .reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0)
"""


@dataclass(frozen=True, slots=True)
class Painted:
    """A page that was opened by a browser that had nothing of it."""

    first_paint_ms: float
    """Contentful, since the address was asked for."""
    picture_ms: float
    """Until the live picture was there."""
    javascript_kb: float
    """All that the page asked for, as it came: packed."""


async def measured(url: str) -> Mapping[str, float]:
    """Of the overview at ``url``, medians of a few times."""
    async with launched(whole=True) as browser:
        each = [await painted(browser, url) for _ in range(_TIMES)]
    return {
        "first_paint_ms": round(statistics.median(one.first_paint_ms for one in each)),
        "first_picture_ms": round(statistics.median(one.picture_ms for one in each)),
        "javascript_kb": round(each[0].javascript_kb, 1),
    }


async def painted(browser: Browser, url: str) -> Painted:
    """Opens the overview and waits for its picture."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    try:
        page = await context.new_page()
        await page.goto(f"{url}/")
        await page.wait_for_selector(".overview")
        picture_ms = await page.evaluate("performance.now()")
        javascript = await page.evaluate(_JAVASCRIPT)
        return Painted(await page.evaluate(_FIRST_PAINT), picture_ms, javascript / 1_000)
    finally:
        await context.close()
