"""``python -m tests.system.screenshots FOLDER``: every page on the first day of Hanoi, from a real run.

Everything runs as in ``placet up``; what happened until then is played at full speed, which takes some minutes. Each
page on a desk (1440 px) and on a phone (390 px), by day and by night; and the overview as README shows it.
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from playwright.async_api import Browser, BrowserContext, FloatRect

from tests.operations.browser import Screen, launched, signed_in
from tests.system.midday import Midday, midday

_MOMENT = datetime.fromisoformat("2025-10-25T16:05:00+07:00")  # four round tables have begun, one before a full room
_SIZES = {1440: 900, 390: 844}
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_WALL = {"width": 1920, "height": 1080}
_SETTLED_MS = 1_200  # figures drawn, charts laid out


async def take(folder: Path) -> None:
    """Plays the gathering up to the moment and writes what the operations room sees then."""
    folder.mkdir(parents=True, exist_ok=True)
    async with midday("hanoi", _MOMENT, _say) as gathering, launched() as browser:
        await _stir(gathering)
        pages = await _pages(gathering)
        _say("the wall")
        token = gathering.token("commander")
        wall = await signed_in(browser, gathering.room, token, viewport=_WALL, color_scheme="light")
        await _photograph(wall, gathering.room, "/", folder.parent / "dashboard.png")
        await wall.close()
        for width, height in _SIZES.items():
            for scheme in _SCHEMES:
                size = {"width": width, "height": height}
                context = await signed_in(browser, gathering.room, token, viewport=size, color_scheme=scheme)
                for name, path in pages.items():
                    _say(f"{name}, {width} px, {scheme}")
                    await _photograph(context, gathering.room, path, folder / f"{name}-{width}-{scheme}.jpg")
                await context.close()
        await _sign_in_page(browser, gathering.room, folder)


async def _stir(gathering: Midday) -> None:
    """A little of what a room is there for: an order in force, incidents taken, a hand-over under way."""
    outsider = gathering.outsider

    async def post(service: str, path: str, role: str, **body: object) -> dict[str, object]:
        answer = await outsider.post(service, path, role, uuid4().hex, body)
        assert answer.ok, (path, answer.status, answer.body)
        found: dict[str, object] = answer.body
        return found

    await post("access", "/v1/lockdowns", "commander", zone_id="bil-3", reason="suspicious_item")
    await post("operations", "/v1/shift/start", "operations")
    reported = await post(
        "operations", "/v1/incidents", "operations",
        kind="suspicious_item", severity=2, title="Unattended bag beside the door of bilateral room 3", zone_id="bil-3",
    )  # fmt: skip
    path = f"/v1/incidents/{reported['incident_id']}"
    await post("operations", f"{path}/notes", "operations", text="Police informed; the room is empty.")
    taken = await post("operations", f"{path}/acknowledgement", "operations", version=reported["version"])
    await post("operations", f"{path}/start", "operations", version=taken["version"])
    await post("operations", "/v1/shift/handover", "operations", note="Quiet afternoon; one bag under examination.")
    await gathering.caught_up()


async def _pages(gathering: Midday) -> dict[str, str]:
    """Where each page is, with something to see on it."""
    incidents = (await gathering.outsider.get("operations", "/v1/incidents", "commander", state="open")).body
    people = (await gathering.outsider.get("operations", "/v1/zones/pln/people", "commander")).body["people"]
    first = people[0]
    return {
        "overview": "/",
        "gates": "/gates",
        "zones": "/zones",
        "zone": "/zones/pln",
        "people": "/people",
        "person": f"/people/{first['person_id']}",
        "delegation": f"/delegations/{first['delegation_id']}",
        "incidents": "/incidents",
        "incident": f"/incidents/{incidents[-1]['incident_id']}",
        "shift": "/shift",
        "orders": "/orders",
        "timeline": "/timeline",
        "record": "/record",
    }


async def _photograph(context: BrowserContext, room: str, path: str, file: Path) -> None:
    """The wall as it stands there; any other page down to where nobody would scroll in a gallery."""
    screen = Screen(await context.new_page())
    await screen.page.goto(f"{room}{path}")
    await screen.live()
    await screen.page.wait_for_timeout(_SETTLED_MS)
    if file.suffix == ".png":
        await screen.page.screenshot(path=file)
    else:
        tall = await screen.page.evaluate("Math.min(document.documentElement.scrollHeight, 2400)")
        wide = await screen.page.evaluate("document.documentElement.clientWidth")
        clip = FloatRect(x=0, y=0, width=wide, height=tall)
        await screen.page.screenshot(path=file, full_page=True, clip=clip, type="jpeg", quality=60)
    if screen.troubles or await screen.overflow_px() > 0:
        _say(f"{path}: {screen.troubles}, {await screen.overflow_px()} px too wide")
    await screen.page.close()


async def _sign_in_page(browser: Browser, room: str, folder: Path) -> None:
    for width, height in _SIZES.items():
        for scheme in _SCHEMES:
            context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            await _photograph(context, room, "/sign-in", folder / f"sign-in-{width}-{scheme}.jpg")
            await context.close()


_said: list[str] = []


def _say(step: str) -> None:
    """Each step once."""
    if step not in _said[-1:]:
        _said.append(step)
        sys.stderr.write(f"{step}\n")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
