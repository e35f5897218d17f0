"""Signing in through an OIDC provider, which is a real one: the code flow with PKCE, and what others try with it."""

import asyncio
import base64
import hashlib
import re
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from chassis.run.embedded.postgres import EmbeddedPostgres
from services.operations.settings import OperationsSettings
from services.operations.signing_in.cookies import Attempt
from services.operations.signing_in.provider import Provider
from services.operations.signing_in.sealing import Secret
from services.operations.signing_in.sessions import Tokens
from tests.conftest import Database, Issuer, free_port, served
from tests.controls import eventually
from tests.operations.provider import CLIENT, SECRET, Client, TestProvider
from tests.operations.signing import Browser, Room, asked, configured, migrated, room, told


@pytest.fixture(scope="module")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    async with migrated(postgres) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
async def there() -> AsyncIterator[TestProvider]:
    """Between this machine and itself nobody listens, so it does without TLS."""
    port = free_port()
    made = TestProvider(f"http://127.0.0.1:{port}", Client(set()))
    with pytest.MonkeyPatch.context() as plain:
        plain.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        async with served(made.app(), port):
            yield made


@pytest.fixture
def provider(there: TestProvider) -> TestProvider:
    there.begin_again()
    return there


@pytest.fixture(scope="module")
def by_provider(there: TestProvider, database: Database, issuer: Issuer) -> OperationsSettings:
    """Not embedded; every service knows the provider's tokens."""
    secret = issuer.jwks.with_name("oidc-client-secret")
    secret.write_text(f"{SECRET}\n")
    settings = configured(
        database, issuer, embedded=False, jwks=f"{there.url}/jwks", issuer=there.url,
        oidc_client_id=CLIENT, oidc_client_secret_file=secret,
    )  # fmt: skip
    return at(settings, there, f"http://127.0.0.1:{settings.port}")


def at(settings: OperationsSettings, provider: TestProvider, url: str) -> OperationsSettings:
    """The same, where browsers find it at ``url``, which the provider knows."""
    provider.client.redirect_uris.add(f"{url}/sign-in/callback")
    return OperationsSettings(**{**settings.model_dump(), "public_url": url, "oidc_issuer": provider.url})


@pytest.fixture(scope="module")
async def opened(by_provider: OperationsSettings, database: Database) -> AsyncIterator[Room]:
    async with room(by_provider, database) as made:
        yield made


@pytest.fixture
def entrance(opened: Room, provider: TestProvider) -> Room:
    return opened


@pytest.fixture
async def browser(entrance: Room) -> AsyncIterator[Browser]:
    async with entrance.browser() as made:
        yield made


@pytest.fixture
async def stranger(
    by_provider: OperationsSettings, provider: TestProvider, database: Database
) -> AsyncIterator[Browser]:
    """A browser at a service that has not spoken with the provider yet."""
    port = free_port()
    settings = at(by_provider.model_copy(update={"port": port}), provider, f"http://127.0.0.1:{port}")
    async with room(settings, database) as made, made.browser() as browser:
        yield browser


# --- the way in -----------------------------------------------------------------------------------------------------


async def test_a_person_signs_in_and_is_where_they_wanted_to_go(browser: Browser) -> None:
    answer = await browser.sign_in("/incidents/7?tab=log")
    assert (answer.status_code, answer.headers["location"]) == (303, "/incidents/7?tab=log")
    shown = await browser.session()
    assert (shown["signed_in"], shown["actor"], shown["roles"]) == (True, "person:officer-7", ["operations"])
    assert (shown["methods"], shown["embedded"]) == (["oidc"], False)
    assert (await browser.post("/v1/orders")).json() == {"ordered_by": "person:officer-7"}


async def test_the_provider_is_asked_with_pkce_and_no_secret_of_the_attempt_is_in_the_address(browser: Browser) -> None:
    sent = asked(address := await browser.to_provider())
    assert (sent["response_type"], sent["code_challenge_method"], sent["scope"]) == ("code", "S256", "openid")
    attempt = Attempt.read(browser.http.cookies["placet_sign_in"])
    assert attempt is not None
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == sent["code_challenge"]
    assert attempt.verifier not in address
    assert len({sent["state"], sent["nonce"], sent["code_challenge"], attempt.verifier}) == 4
    assert asked(await browser.to_provider())["state"] != sent["state"]


async def test_no_token_is_ever_in_an_address(browser: Browser, provider: TestProvider) -> None:
    begun = await browser.to_provider()
    back = await browser.from_provider(begun)
    answer = await browser.get(back)
    addresses = begun + back + answer.headers["location"]
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.", addresses), "what a JWT looks like"
    assert answer.content == b""


async def test_signing_out_says_where_the_provider_s_own_session_ends(browser: Browser, provider: TestProvider) -> None:
    await browser.sign_in()
    await browser.session()
    ended = (await browser.post("/v1/session/end")).json()
    assert ended["provider"].startswith(f"{provider.url}/end?")
    assert asked(ended["provider"]) == {"client_id": CLIENT, "post_logout_redirect_uri": f"{browser.url}/"}
    assert (await browser.session())["signed_in"] is False


async def test_what_would_give_more_tokens_is_given_back_by_whoever_signs_out(
    browser: Browser, provider: TestProvider
) -> None:
    await browser.sign_in()
    (before,) = provider.grants
    await browser.sign_in()
    await eventually(lambda: before not in provider.grants, says="the session before is renewed by whoever has it")
    await browser.session()
    await browser.post("/v1/session/end")
    await eventually(lambda: not provider.grants, says="whoever finds the refresh token is given more")


async def test_one_signs_out_though_the_provider_is_away(
    browser: Browser, provider: TestProvider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("services.operations.signing_in.discovery._ASK_AGAIN_S", 0.0)
    await browser.sign_in()
    await browser.session()
    provider.is_away = True
    assert (await browser.post("/v1/session/end")).status_code == 200
    assert (await browser.session())["signed_in"] is False
    await eventually(lambda: "token_not_revoked" in caplog.text)


async def test_the_token_of_an_embedded_run_opens_nothing_here(browser: Browser, issuer: Issuer) -> None:
    answer = await browser.sign_in_here(issuer.token("operations"))
    assert (answer.status_code, answer.json()["code"]) == (403, "local_sign_in_closed")


# --- what others try ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:alert(1)", "evil", "", "/\r\nSet-Cookie: a=b", "/" + "a" * 600, "/\u2028"],
)  # fmt: skip
async def test_after_signing_in_one_stays_here(browser: Browser, onward: str) -> None:
    answer = await browser.http.get("/sign-in/oidc", params={"next": onward})
    assert told(answer) == "next_not_local"


async def test_a_cookie_that_names_another_site_is_not_followed(browser: Browser) -> None:
    back = await browser.from_provider(await browser.to_provider())
    attempt = browser.http.cookies["placet_sign_in"].partition(".")[0]
    browser.http.cookies.clear()
    cookie = {"Cookie": f"placet_sign_in={attempt}.%2F%2Fevil.example"}
    assert told(await browser.http.get(back, headers=cookie)) == "sign_in_not_begun_here"


async def test_an_answer_to_somebody_else_s_attempt_is_refused(browser: Browser, entrance: Room) -> None:
    """Whoever sends a victim their own callback would have them work under a foreign name."""
    async with entrance.browser() as attacker:
        theirs = await attacker.from_provider(await attacker.to_provider())
        assert told(await browser.get(theirs)) == "sign_in_not_begun_here"  # without an attempt
        await browser.to_provider()
        assert told(await browser.get(theirs)) == "sign_in_not_begun_here"  # with one of their own
        assert browser.cookie is None
        assert (await attacker.get(theirs)).headers["location"] == "/"  # control: it was good


async def test_a_forged_state_is_refused(browser: Browser) -> None:
    back = asked(await browser.from_provider(await browser.to_provider()))
    for state in ("", "forged", back["state"][:-1], "\u00e9"):
        forged = f"/sign-in/callback?{urlencode({**back, 'state': state})}"
        assert told(await browser.get(forged)) == "sign_in_not_begun_here"
    assert browser.cookie is None


async def test_a_code_is_good_for_one_time(browser: Browser, entrance: Room) -> None:
    back = await browser.from_provider(await browser.to_provider())
    attempt = browser.http.cookies["placet_sign_in"]
    assert (await browser.get(back)).headers["location"] == "/"
    assert told(await browser.get(back)) == "sign_in_not_begun_here"  # the attempt is over
    async with entrance.browser(Cookie=f"placet_sign_in={attempt}") as thief:
        assert told(await thief.get(back)) == "code_refused"  # to whoever kept all of it, too
        assert thief.cookie is None


async def test_a_code_without_its_verifier_is_worth_nothing(browser: Browser, entrance: Room) -> None:
    """A code that was overheard is sent with another attempt's state: the provider compares the verifiers."""
    overheard = asked(await browser.from_provider(await browser.to_provider()))["code"]
    async with entrance.browser() as thief:
        state = asked(await thief.to_provider())["state"]
        injected = f"/sign-in/callback?{urlencode({'code': overheard, 'state': state})}"
        assert told(await thief.get(injected)) == "code_refused"


async def test_a_cookie_planted_before_is_not_the_session(browser: Browser, entrance: Room) -> None:
    planted = Secret.new().text
    browser.http.cookies.set("placet_session", planted, domain="127.0.0.1", path="/")
    await browser.sign_in()
    assert browser.cookie not in {None, planted}
    async with entrance.browser(Cookie=f"placet_session={planted}") as attacker:
        assert (await attacker.get("/v1/mine")).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"iat": time.time() + 3_600},
        {"sub": None},
    ],
)
async def test_an_id_token_that_is_not_for_this_attempt_is_refused(
    browser: Browser, provider: TestProvider, wrong: dict[str, Any]
) -> None:
    provider.id_token = wrong
    assert told(await browser.sign_in()) == "id_token_invalid"
    assert browser.cookie is None


async def test_an_id_token_that_another_key_signed_is_refused(browser: Browser, provider: TestProvider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "provider-1"})
    assert told(await browser.sign_in()) == "id_token_invalid"


async def test_an_answer_of_another_provider_is_refused(browser: Browser, provider: TestProvider) -> None:
    """RFC 9207: who mixes up two providers sends one's code to the other."""
    back = await browser.from_provider(await browser.to_provider())
    assert told(await browser.get(f"{back}&iss=https%3A%2F%2Fevil.example")) == "sign_in_not_begun_here"
    named = f"{await browser.from_provider(await browser.to_provider())}&{urlencode({'iss': provider.url})}"
    assert (await browser.get(named)).headers["location"] == "/"  # control


async def test_a_provider_that_names_itself_must(stranger: Browser, provider: TestProvider) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert told(await stranger.sign_in()) == "sign_in_not_begun_here"


# --- what goes wrong ------------------------------------------------------------------------------------------------


async def test_programs_are_told_by_a_problem(browser: Browser) -> None:
    answer = await browser.http.get("/sign-in/callback?state=x", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_not_begun_here")


@pytest.mark.parametrize(
    ("error", "expected"), [("access_denied", "sign_in_denied"), ("server_error", "provider_unsuitable")]
)
async def test_a_provider_that_says_no(browser: Browser, error: str, expected: str) -> None:
    state = asked(await browser.to_provider())["state"]
    assert told(await browser.get(f"/sign-in/callback?{urlencode({'error': error, 'state': state})}")) == expected


async def test_an_account_without_a_role_is_told_so(browser: Browser, provider: TestProvider) -> None:
    provider.person.roles = ()
    assert told(await browser.sign_in()) == "no_roles"
    assert browser.cookie is None


async def test_a_token_for_others_is_not_taken(browser: Browser, provider: TestProvider) -> None:
    provider.person.audience = "payroll"
    assert told(await browser.sign_in()) == "token_not_for_us"


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://evil.example"}, {"code_challenge_methods_supported": ["plain"]}, {"jwks_uri": 1}]
)
async def test_a_provider_that_is_not_who_it_should_be_is_not_used(
    stranger: Browser, provider: TestProvider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert told(await stranger.get("/sign-in/oidc")) == "provider_unreachable"


async def test_a_client_that_the_provider_does_not_know_is_an_operator_s_matter(
    browser: Browser, by_provider: OperationsSettings
) -> None:
    assert by_provider.oidc_client_secret_file is not None
    by_provider.oidc_client_secret_file.write_text("another")
    assert told(await browser.sign_in()) == "provider_unsuitable"
    by_provider.oidc_client_secret_file.write_text(SECRET)  # which is read anew
    assert (await browser.sign_in()).headers["location"] == "/"


async def test_without_a_provider_the_others_work_on(
    browser: Browser, entrance: Room, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.signing_in.discovery._ASK_AGAIN_S", 0.0)
    await browser.sign_in()
    provider.is_away = True
    async with entrance.browser() as late:
        back = await late.from_provider(await late.to_provider())
        assert told(await late.get(back)) == "provider_unreachable"
        assert (await browser.get("/v1/mine")).status_code == 200
        provider.is_away = False
        assert (await late.sign_in()).headers["location"] == "/"


async def test_a_provider_that_was_never_there_is_asked_again(
    stranger: Browser, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.signing_in.discovery._ASK_AGAIN_S", 0.2)
    provider.is_away = True
    program = await stranger.http.get("/sign-in/oidc", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (503, "provider_unreachable")
    assert int(program.headers["retry-after"]) >= 1
    provider.is_away = False

    async def is_back() -> bool:
        return (await stranger.get("/sign-in/oidc")).headers["location"].startswith(provider.url)

    await eventually(is_back, 5, every_s=0.1)


async def test_where_no_provider_is_configured_nobody_is_sent_to_one(
    by_provider: OperationsSettings, database: Database
) -> None:
    none = by_provider.model_copy(update={"oidc_issuer": None, "port": free_port()})
    async with room(none, database) as entrance, entrance.browser() as browser:
        assert told(await browser.get("/sign-in/oidc")) == "oidc_not_configured"
        assert (await browser.session())["methods"] == []


# --- going on -------------------------------------------------------------------------------------------------------


async def test_a_session_outlives_its_token_where_the_provider_gives_a_next_one(
    browser: Browser, provider: TestProvider
) -> None:
    provider.lasts_s = 2
    await browser.sign_in()
    provider.person.roles = ("operations", "commander")
    began = time.monotonic()
    while time.monotonic() < began + 2.2:
        answers = await asyncio.gather(*(browser.get("/v1/mine") for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
    assert (await browser.session())["roles"] == ["commander", "operations"]  # as they are by now
    assert provider.refreshed > 0
    assert provider.refused == 0, "a refresh token was used twice"


async def test_whose_account_was_closed_is_signed_out_with_the_token(browser: Browser, provider: TestProvider) -> None:
    provider.lasts_s = 2
    await browser.sign_in()
    provider.person.is_disabled = True

    async def is_out() -> bool:
        return (await browser.get("/v1/mine")).status_code == 401

    await eventually(is_out, 8, every_s=0.05)
    assert (await browser.session())["signed_in"] is False


async def test_a_token_that_comes_when_one_has_signed_out_is_given_back(
    browser: Browser, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, signed_out = asyncio.Event(), asyncio.Event()
    refreshed = Provider.refreshed

    async def late(self: Provider, refresh_token: str) -> Tokens:
        tokens = await refreshed(self, refresh_token)
        asked.set()
        await signed_out.wait()
        return tokens

    monkeypatch.setattr(Provider, "refreshed", late)
    provider.lasts_s = 20  # less than sessions wait for before they renew
    await browser.sign_in()
    await browser.session()
    await asyncio.wait_for(asked.wait(), 5)
    assert len(provider.grants) == 1
    await browser.post("/v1/session/end")
    signed_out.set()
    await eventually(lambda: not provider.grants, says="whoever finds the refresh token is given more")
    assert provider.refreshed == 1


async def test_a_provider_that_is_away_when_a_token_ends_is_waited_for(
    browser: Browser, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.signing_in.discovery._ASK_AGAIN_S", 0.05)
    provider.lasts_s = 2
    await browser.sign_in()
    provider.is_away = True

    async def cannot_tell() -> bool:
        answer = await browser.get("/v1/mine")
        return answer.status_code == 503 and answer.json()["code"] == "provider_unreachable"

    await eventually(cannot_tell, 8, every_s=0.05)
    provider.is_away = False

    async def goes_on() -> bool:
        return (await browser.get("/v1/mine")).status_code == 200

    await eventually(goes_on, 4, every_s=0.05)


async def test_without_refresh_tokens_a_session_ends_with_its_token(browser: Browser, provider: TestProvider) -> None:
    provider.refreshes, provider.lasts_s = False, 2
    await browser.sign_in()
    assert (await browser.get("/v1/mine")).status_code == 200

    async def is_out() -> bool:
        return (await browser.get("/v1/mine")).status_code == 401

    await eventually(is_out, 8, every_s=0.05)


# --- what is configured ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"public_url": "http://ops.example"}, "https"),
        ({"oidc_issuer": "http://id.example"}, "https"),
        ({"public_url": "https://ops.example/room"}, "without a path"),
        ({"public_url": None}, "PLACET_PUBLIC_URL"),
        ({"oidc_client_id": None}, "PLACET_OIDC_CLIENT_ID"),
    ],
)
def test_a_set_up_that_cannot_be_safe_is_refused_before_anything_starts(
    by_provider: OperationsSettings, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        OperationsSettings(**{**by_provider.model_dump(), **change})


@pytest.mark.parametrize("given", ["https://Ops.Example", "https://ops.example/", "https://ops.example:443"])
def test_our_address_is_taken_as_browsers_name_it(by_provider: OperationsSettings, given: str) -> None:
    assert OperationsSettings(**{**by_provider.model_dump(), "public_url": given}).public_url == "https://ops.example"


async def test_over_https_only_this_host_can_set_the_cookie(
    by_provider: OperationsSettings, database: Database, provider: TestProvider
) -> None:
    secure = at(by_provider.model_copy(update={"port": free_port()}), provider, "https://ops.example")
    async with room(secure, database) as behind_proxy, httpx.AsyncClient(base_url=behind_proxy.url) as client:
        begun = await client.get("/sign-in/oidc")
        attempt = begun.headers["set-cookie"]
        assert attempt.startswith("__Host-placet_sign_in=")
        assert "Secure" in attempt
        async with httpx.AsyncClient() as elsewhere:
            back = (await elsewhere.get(begun.headers["location"])).headers["location"]
        query = back.partition("?")[2]
        ended = await client.get(f"/sign-in/callback?{query}", headers={"Cookie": attempt.partition(";")[0]})
        session = next(one for one in ended.headers.get_list("set-cookie") if "placet_session" in one)
        assert session.startswith("__Host-placet_session=")
        assert "Secure" in session
        cookie = {"Cookie": session.partition(";")[0]}
        shown = (await client.get("/v1/session", headers=cookie)).json()
        sent = {**cookie, "X-Placet-Csrf": shown["csrf"]}
        foreign = await client.post("/v1/orders", headers={**sent, "Origin": behind_proxy.url})
        own = await client.post("/v1/orders", headers={**sent, "Origin": "https://ops.example"})
        assert (foreign.status_code, own.status_code) == (403, 200)
