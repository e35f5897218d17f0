"""Signing in through a provider, in a real browser: the page, the service and the provider are three real ones.

The provider is at another host than the room, as it is wherever people use one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser

from services.operations.settings import OperationsSettings
from tests.conftest import free_port, served
from tests.operations import browser as browsers
from tests.operations.browser import Screen
from tests.operations.conftest import Operations
from tests.operations.provider import CLIENT, SECRET, Client, TestProvider

_TO_PROVIDER = "main a[href^='/sign-in/oidc']"


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TestProvider]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # nobody listens between this machine and itself
    port = free_port()
    made = TestProvider(f"http://localhost:{port}", Client(set()))
    async with served(made.app(), port):
        yield made


@pytest.fixture
async def room(operations: Operations, provider: TestProvider, impatient: None) -> AsyncIterator[Operations]:
    """It knows the provider's people, and no others."""
    secret = operations.issuer.jwks.with_name("oidc-client-secret")
    secret.write_text(SECRET)
    provider.client.redirect_uris.add(f"{operations.url}/sign-in/callback")
    oidc = {
        "public_url": operations.url, "oidc_issuer": provider.url, "oidc_client_id": CLIENT,
        "oidc_client_secret_file": secret, "issuer": provider.url, "jwks": f"{provider.url}/jwks",
    }  # fmt: skip
    operations.settings = OperationsSettings(**{**operations.settings.model_dump(), **oidc})
    async with operations.at_work():
        yield operations


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsers.launched() as launched:
        yield launched


@asynccontextmanager
async def opened(browser: Browser, url: str) -> AsyncIterator[Screen]:
    """A page that its service was asked for in English."""
    context = await browser.new_context(locale="en-GB")
    screen = Screen(await context.new_page())
    await screen.page.goto(url)
    yield screen
    await context.close()


async def test_one_is_signed_in_by_the_provider_and_is_where_one_wanted_to_go(
    room: Operations, provider: TestProvider, browser: Browser
) -> None:
    async with opened(browser, f"{room.url}/incidents") as screen:
        await screen.page.click("main >> text=Sign in")
        await screen.page.click(_TO_PROVIDER)
        await screen.page.wait_for_selector("header .chip:has-text('operations')")
        await screen.page.wait_for_selector("main h1:has-text('Incidents')")
        assert screen.page.url == f"{room.url}/incidents"
        assert [one for one in screen.asked if one.startswith(f"{provider.url}/authorize?")], "nobody was asked there"

        await screen.page.click("header button:has-text('Sign out')")
        await screen.page.wait_for_selector(".sign-in-page .left")
        leaving = await screen.page.get_attribute(".left a", "href") or ""
        assert leaving.startswith(f"{provider.url}/end?client_id={CLIENT}&")
        assert screen.troubles == []


async def test_who_was_not_let_in_reads_why_and_goes_on_once_it_is_put_right(
    room: Operations, provider: TestProvider, browser: Browser
) -> None:
    provider.person.roles = ()
    async with opened(browser, f"{room.url}/sign-in?next=/incidents") as screen:
        await screen.page.click(_TO_PROVIDER)
        await screen.page.wait_for_selector("[data-code=no_roles]")
        assert "may do nothing here" in await screen.text("[data-code=no_roles]")

        provider.person.roles = ("operations",)
        await screen.page.click(_TO_PROVIDER)
        await screen.page.wait_for_selector("main h1:has-text('Incidents')")
        assert screen.page.url == f"{room.url}/incidents"


async def test_while_the_provider_is_away_the_page_says_so(
    room: Operations, provider: TestProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.signing_in.discovery._ASK_AGAIN_S", 0.0)
    provider.is_away = True
    async with opened(browser, f"{room.url}/sign-in?next=/incidents") as screen:
        await screen.page.click(_TO_PROVIDER)
        await screen.page.wait_for_selector("[data-code=provider_unreachable]")

        provider.is_away = False
        await screen.page.click(_TO_PROVIDER)
        await screen.page.wait_for_selector("main h1:has-text('Incidents')")
