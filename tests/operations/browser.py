"""The system's own Chromium, driven by Playwright; and what is measured in it."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from placet.places import ROOT
from tests.controls import eventually

_WHOLE = ("chromium", "chromium-browser", "google-chrome")
_UNSEEN = "chromium-headless-shell"
"""The same Chromium without windows: pages are the same in it, at a third of the CPU."""
_SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
expect.set_options(timeout=15_000)  # milliseconds: machines of all speeds


def program(*, whole: bool = False) -> str:
    """Where the browser is; ``whole``: the one that people use, even where the lighter one is installed.

    Fails, rather than skips: a page that nobody looked at is not a page that works.
    """
    names = _WHOLE if whole else (_UNSEEN, *_WHOLE)
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found, "No Chromium on this machine. Install it, on Debian with: apt-get install chromium"
    return found


@asynccontextmanager
async def launched(*, whole: bool = False) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(whole=whole), args=list(_SWITCHES))
        try:
            yield browser
        finally:
            await browser.close()


async def signed_in(browser: Browser, url: str, token: str, **options: Any) -> BrowserContext:
    """A browser of its own, in which whoever the token names has signed in. ``options``: of the context."""
    context = await browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options})
    headers = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
    answer = await context.request.post(f"{url}/v1/session/local", data={"token": token}, headers=headers)
    assert answer.ok, await answer.text()
    return context


class Screen:
    """A page on a screen of some size. What went wrong in it is in ``troubles``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.troubles: list[str] = []
        self.asked: list[str] = []
        self._hears: dict[str, Callable[[Any], None]] = {
            "pageerror": lambda error: self.troubles.append(str(error)),
            "console": self._hear,
            "request": lambda request: self.asked.append(request.url),
        }
        for what, hear in self._hears.items():
            page.on(what, hear)  # type: ignore[call-overload]

    def look_away(self) -> None:
        """Hears nothing more of the page, which shows something else from now on."""
        for what, hear in self._hears.items():
            self.page.remove_listener(what, hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(message.text)

    async def text(self, selector: str) -> str:
        return " ".join((await self.page.inner_text(selector)).split())

    async def number(self, selector: str) -> int:
        """The digits of what stands there, however the language divides them."""
        return int("".join(filter(str.isdigit, await self.page.inner_text(selector))))

    async def until(self, script: str, argument: Any = None, within_s: float = 20) -> None:
        """Returns when a JavaScript expression is true. Asked from outside: the page's policy forbids it to eval."""
        await eventually(lambda: self.page.evaluate(script, argument), within_s, every_s=0.05, says=script)

    async def later(self, by_ms: int) -> None:
        """Lets the page believe that so much time has passed. Only for one opened with its clock at will."""
        await self.page.clock.fast_forward(by_ms)

    async def live(self) -> None:
        await self.until("document.body.dataset.link === 'live' && document.querySelector('main > *')")

    async def overflow_px(self) -> int:
        """How much wider the content is than the screen."""
        wider: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider


async def axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, a line each. The page's context was made with ``bypass_csp``."""
    if not await page.evaluate("'axe' in window"):
        await page.add_script_tag(path=ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js")
    found = await page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})).violations.flatMap((one) => one.nodes.map((node) =>"
        " `${one.id}: ${node.html.slice(0, 150)} (${node.failureSummary})`))"
    )
    return list(found)


CONTRASTS = """
() => {
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const parse = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    return parts.length < 4 ? [...parts, 1] : parts;
  };
  const over = (top, below) => below.map((value, index) => top[index] * top[3] + value * (1 - top[3]));
  const ground = (node) => {
    const layers = [];
    for (let one = node; one; one = one.parentElement) layers.push(parse(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const contrast = (node) => {
    const text = luminance(over(parse(getComputedStyle(node).color), ground(node)));
    const [lighter, darker] = [text, luminance(ground(node))].sort((one, other) => other - one);
    return (lighter + 0.05) / (darker + 0.05);
  };
  const isLarge = ({ fontSize, fontWeight }) =>
    parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
  const holdsText = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((node) => holdsText(node) && node.checkVisibility() && !node.closest(".unseen, noscript, option"))
    .filter((node) => contrast(node) < (isLarge(getComputedStyle(node)) ? 3 : 4.5))
    .map((node) => `${node.tagName} ${node.className}: ${node.textContent} (${contrast(node).toFixed(2)})`);
}
"""
"""Texts with less contrast than WCAG 2.2 AA asks for."""

UNNAMED = """
() => {
  const labelled = (node) => document.getElementById(node.getAttribute("aria-labelledby"))?.textContent.trim();
  const named = (node) =>
    node.ariaLabel || node.title || node.labels?.length || node.textContent.trim() || labelled(node);
  const wanted = "a, button, select, input, section, [role=img], [role=meter], th, h1, h2, h3";
  return [...document.querySelectorAll(wanted)]
    .filter((node) => node.checkVisibility() && !named(node))
    .map((node) => node.outerHTML);
}
"""
"""Controls, regions and pictures that a screen reader could only call by their kind."""
