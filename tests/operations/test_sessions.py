"""A browser's session: what opens it, what does not, and when it is over."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.edge import session as edge
from chassis.run.embedded.postgres import EmbeddedPostgres
from services.operations.signing_in.sealing import NotOpenedError, Secret
from tests.conftest import Database, Issuer
from tests.controls import eventually
from tests.operations.conftest import Operations
from tests.operations.signing import COOKIE, Browser, Room, configured, migrated, room


@pytest.fixture(scope="module")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    async with migrated(postgres) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="module")
async def opened(database: Database, issuer: Issuer) -> AsyncIterator[Room]:
    with pytest.MonkeyPatch.context() as hurried:
        hurried.setattr("services.operations.signing_in.sessions._LOOK_S", 0.05)
        hurried.setattr("services.operations.signing_in.sessions._SWEEP_S", 0.05)
        async with room(configured(database, issuer), database) as embedded:
            yield embedded


@pytest.fixture
async def here(opened: Room, database: Database) -> Room:
    """An embedded run at which nobody is signed in yet."""
    await database.pool.execute("DELETE FROM sessions.open")
    return opened


@pytest.fixture
async def officer(here: Room, issuer: Issuer) -> AsyncIterator[Browser]:
    """Somebody of operations, signed in."""
    async with here.browser() as browser:
        assert (await browser.sign_in_here(issuer.token("operations", sub="officer-7"))).status_code == 204
        yield browser


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# --- what a session is ----------------------------------------------------------------------------------------------


async def test_a_token_becomes_a_session_that_only_the_browser_holds(officer: Browser, database: Database) -> None:
    shown = await officer.session()
    assert (shown["signed_in"], shown["actor"], shown["roles"]) == (True, "person:officer-7", ["operations"])
    assert (shown["tier"], shown["methods"], shown["embedded"]) == ("command", ["local"], True)
    assert (await officer.get("/v1/mine")).json() == {"actor": "person:officer-7"}
    assert (await officer.post("/v1/orders")).json() == {"ordered_by": "person:officer-7"}


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(here: Room, issuer: Issuer) -> None:
    async with here.browser() as browser:
        answer = await browser.sign_in_here(issuer.token("operations"))
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_the_database_alone_reveals_no_token(here: Room, issuer: Issuer, database: Database) -> None:
    token = issuer.token("operations")
    async with here.browser() as browser:
        await browser.sign_in_here(token)
        (row,) = await database.pool.fetch("SELECT * FROM sessions.open")
        stored = row["session_id"] + row["sealed"]
        assert token.encode() not in stored
        assert token.split(".")[1].encode() not in stored
        assert (browser.cookie or "").encode() not in stored
        assert row["session_id"] != hashlib.sha256((browser.cookie or "").encode()).digest()
        with pytest.raises(NotOpenedError):
            Secret.new().open(row["sealed"])
        # Control: with the cookie it does.
        assert json.loads(Secret(browser.cookie or "").open(row["sealed"]))["token"] == token


async def test_the_service_cannot_make_a_session_longer(officer: Browser, database: Database) -> None:
    with pytest.raises(Exception, match="permission denied"):
        await database.pool.execute("UPDATE sessions.open SET ends_at = now() + interval '1 year'")


async def test_nobody_signed_in_is_shown_totals_at_this_machine_only(here: Room) -> None:
    async with here.browser() as browser:
        shown = await browser.session()
        assert (shown["signed_in"], shown["actor"], shown["csrf"], shown["tier"]) == (False, None, None, "totals")
        foreign = await browser.http.get("/v1/session", headers={"Host": "rebound.example"})
        assert (foreign.json()["tier"], foreign.json()["methods"]) == (None, [])


# --- who may sign in with a token -----------------------------------------------------------------------------------


async def test_a_token_signs_in_at_an_embedded_run_s_machine_only(database: Database, issuer: Issuer) -> None:
    elsewhere = configured(database, issuer, embedded=False)
    async with room(elsewhere, database) as there, there.browser() as browser:
        assert code(await browser.sign_in_here(issuer.token("operations"))) == (403, "local_sign_in_closed")


async def test_a_page_that_borrows_our_address_signs_nobody_in(here: Room, issuer: Issuer) -> None:
    body = {"token": issuer.token("operations")}
    async with here.browser() as browser:
        rebound = await browser.post("/v1/session/local", body, Host="rebound.example", Origin="http://rebound.example")
        assert code(rebound) == (403, "local_sign_in_closed")
        foreign = await browser.post("/v1/session/local", body, Origin="https://evil.example")
        assert code(foreign) == (403, "csrf")
        assert browser.cookie is None


@pytest.mark.parametrize(
    ("roles", "expected"),
    [(("service",), (403, "not_a_person")), ((), (403, "no_roles")), (("device",), (403, "no_roles"))],
)
async def test_people_with_a_role_sign_in_and_nobody_else(
    here: Room, issuer: Issuer, roles: tuple[str, ...], expected: tuple[int, str]
) -> None:
    async with here.browser() as browser:
        assert code(await browser.sign_in_here(issuer.token(*roles))) == expected


async def test_what_is_no_token_of_ours_signs_nobody_in(here: Room, issuer: Issuer) -> None:
    async with here.browser() as browser:
        assert code(await browser.sign_in_here("nonsense")) == (401, "token_invalid")
        assert code(await browser.sign_in_here(issuer.token("operations", ttl_s=-1))) == (401, "token_expired")
        assert (await browser.session())["signed_in"] is False


# --- what others try ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Placet-Csrf": ""},
        {"X-Placet-Csrf": "guessed"},
        {"X-Placet-Csrf": "g\u00fcessed"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "", "Sec-Fetch-Site": ""},
    ],
)
async def test_what_another_site_makes_the_browser_send_is_not_obeyed(
    officer: Browser, headers: dict[str, str]
) -> None:
    assert code(await officer.post("/v1/orders", **headers)) == (403, "csrf")
    assert (await officer.post("/v1/orders")).status_code == 200  # control


async def test_the_csrf_value_of_one_session_is_worth_nothing_in_another(
    officer: Browser, here: Room, issuer: Issuer
) -> None:
    async with here.browser() as other:
        await other.sign_in_here(issuer.token("operations", sub="other"))
        assert other.csrf != officer.csrf
        assert code(await officer.post("/v1/orders", **{"X-Placet-Csrf": other.csrf})) == (403, "csrf")


async def test_a_forgotten_check_would_be_noticed(officer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: without the middleware's check the forged request is obeyed."""
    monkeypatch.setattr(edge, "_READS", frozenset({"GET", "HEAD", "OPTIONS", "POST"}))
    answer = await officer.post("/v1/orders", **{"X-Placet-Csrf": "", "Origin": "https://evil.example"})
    assert answer.status_code == 200


async def test_signing_in_makes_a_session_that_never_was_before(here: Room, issuer: Issuer) -> None:
    planted = Secret.new().text
    async with here.browser() as browser:
        browser.http.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
        assert (await browser.sign_in_here(issuer.token("operations"))).status_code == 204
        assert browser.cookie not in {None, planted}
    async with here.browser(Cookie=f"{COOKIE}={planted}") as whoever_planted_it:
        assert (await whoever_planted_it.get("/v1/mine")).status_code == 401


async def test_signing_in_again_ends_the_session_before(officer: Browser, here: Room, issuer: Issuer) -> None:
    before = officer.cookie
    await officer.sign_in_here(issuer.token("operations", sub="relief"))
    assert (await officer.session())["actor"] == "person:relief"
    async with here.browser(Cookie=f"{COOKIE}={before}") as thief:
        assert (await thief.get("/v1/mine")).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 4_000, "%00", "AAAA=AAAA", "\u00e9"])
async def test_a_made_up_cookie_opens_nothing(here: Room, cookie: str) -> None:
    async with here.browser() as browser:
        answer = await browser.http.get("/v1/mine", headers={b"Cookie": f"{COOKIE}={cookie}".encode()})
        assert code(answer) == (401, "unauthenticated")


async def test_a_row_that_somebody_changed_opens_nothing(officer: Browser, database: Database) -> None:
    await database.pool.execute("UPDATE sessions.open SET sealed = sealed || '\\x00'")
    assert code(await officer.get("/v1/mine")) == (401, "unauthenticated")


async def test_a_program_s_own_token_counts_and_not_a_cookie_beside_it(officer: Browser, issuer: Issuer) -> None:
    headers = issuer.headers("operations", sub="program")
    answer = await officer.http.post("/v1/orders", headers=headers)
    assert answer.json() == {"ordered_by": "person:program"}


# --- how it ends ----------------------------------------------------------------------------------------------------


async def test_a_stolen_cookie_is_worth_nothing_after_signing_out(officer: Browser, here: Room) -> None:
    async with here.browser(Cookie=f"{COOKIE}={officer.cookie}") as thief:
        assert (await thief.get("/v1/mine")).status_code == 200  # control
        answer = await officer.post("/v1/session/end")
        assert answer.json() == {"signed_in": False, "provider": None}
        assert officer.cookie is None
        assert code(await thief.get("/v1/mine")) == (401, "unauthenticated")


async def test_signing_out_is_not_for_other_sites(officer: Browser) -> None:
    assert code(await officer.post("/v1/session/end", **{"X-Placet-Csrf": ""})) == (403, "csrf")
    assert (await officer.session())["signed_in"] is True
    # Another site's form leads here without the cookie (SameSite), and must not have it taken away.
    foreign = await officer.http.post("/v1/session/end", headers={"Origin": "https://evil.example", "Cookie": ""})
    assert code(foreign) == (403, "csrf")
    assert "set-cookie" not in foreign.headers


async def test_it_ends_with_the_token(here: Room, issuer: Issuer) -> None:
    async with here.browser() as browser:
        await browser.sign_in_here(issuer.token("operations", ttl_s=2))
        assert (await browser.get("/v1/mine")).status_code == 200

        async def is_over() -> bool:
            return not (await browser.session())["signed_in"]

        await eventually(is_over, 4, every_s=0.05)
        assert code(await browser.get("/v1/mine")) == (401, "unauthenticated")
        assert browser.cookie is None  # it was taken back


async def test_it_ends_when_nobody_was_seen_for_long(officer: Browser, database: Database) -> None:
    await database.pool.execute("UPDATE sessions.open SET seen_at = now() - interval '59 minutes'")
    assert (await officer.get("/v1/mine")).status_code == 200  # and is seen by that
    assert await database.pool.fetchval("SELECT now() - seen_at < interval '1 minute' FROM sessions.open")
    await database.pool.execute("UPDATE sessions.open SET seen_at = now() - interval '61 minutes'")
    assert (await officer.get("/v1/mine")).status_code == 401


async def test_what_is_over_is_swept(officer: Browser, here: Room, database: Database, issuer: Issuer) -> None:
    await database.pool.execute("UPDATE sessions.open SET seen_at = now() - interval '2 hours'")
    async with here.browser() as other:
        await other.sign_in_here(issuer.token("operations"))

        async def one_is_left() -> bool:
            return bool(await database.pool.fetchval("SELECT count(*) = 1 FROM sessions.open"))

        await eventually(one_is_left)
        assert (await other.get("/v1/mine")).status_code == 200


# --- streams --------------------------------------------------------------------------------------------------------


async def ends(answer: httpx.Response) -> None:
    async with asyncio.timeout(4):
        async for _ in answer.aiter_raw():
            pass


async def test_a_stream_ends_when_its_session_does(officer: Browser, here: Room) -> None:
    async with officer.http.stream("GET", "/v1/stream") as answer:
        assert answer.status_code == 200
        await eventually(lambda: len(here.streams.sessions) == 1)
        await officer.post("/v1/session/end")
        await ends(answer)
    assert len(here.streams.sessions) == 0


async def test_a_stream_ends_when_its_session_was_ended_by_another_process(
    officer: Browser, here: Room, database: Database
) -> None:
    async with officer.http.stream("GET", "/v1/stream") as answer:
        await eventually(lambda: len(here.streams.sessions) == 1)
        await database.pool.execute("DELETE FROM sessions.open")
        await ends(answer)


async def test_a_stream_ends_with_the_token_it_was_opened_with(here: Room, issuer: Issuer) -> None:
    async with here.browser() as browser:
        await browser.sign_in_here(issuer.token("operations", ttl_s=2))
        async with browser.http.stream("GET", "/v1/stream") as answer:
            assert answer.status_code == 200
            await ends(answer)


async def test_who_watches_is_not_idle(officer: Browser, database: Database) -> None:
    async with officer.http.stream("GET", "/v1/stream"):
        await database.pool.execute("UPDATE sessions.open SET seen_at = now() - interval '30 minutes'")

        async def is_seen() -> bool:
            return bool(await database.pool.fetchval("SELECT now() - seen_at < interval '1 minute' FROM sessions.open"))

        await eventually(is_seen, 4)


# --- the room itself ------------------------------------------------------------------------------------------------


async def test_in_the_room_who_signs_in_sees_more_until_they_sign_out(at_work: Operations) -> None:
    async with Browser(at_work.url, {}) as browser:
        assert (await browser.get("/v1/snapshot")).json()["tier"] == "totals"
        await browser.sign_in_here(at_work.issuer.token("commander"))
        assert (await browser.get("/v1/snapshot")).json()["tier"] == "command"
        assert (await browser.get("/v1/record")).status_code == 200
        async with browser.http.stream("GET", "/v1/live") as live:
            assert live.status_code == 200
            await browser.post("/v1/session/end")
            await ends(live)
        assert (await browser.get("/v1/record")).status_code == 401
        assert (await browser.get("/v1/snapshot")).json()["tier"] == "totals"
