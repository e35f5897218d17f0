"""The pages as they are served: what they may load, what they may do, and that they have words for every refusal."""

import gzip
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.run.settings import Settings
from contracts.words import LANGUAGES
from placet.places import ROOT
from services.access.domain.checks import SHOWN
from services.operations.dashboard import ASSETS, PAGES
from tests.operations.stage import Stage

FILES = sorted(file for file in ASSETS.rglob("*") if file.is_file() and file.name != "index.html")
SOURCES = sorted(
    file
    for kind in ("ts", "tsx")
    for file in (ROOT / "web").rglob(f"src/**/*.{kind}")
    if "node_modules" not in file.parts and ".test." not in file.name
)
WORDS = ROOT / "web" / "apps" / "room" / "src" / "words"
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
    "connect-src": "'self'", "font-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
    "form-action": "'self'",
}  # fmt: skip
_MOST_SCRIPT = 200_000  # bytes packed: what all pages together may cost somebody on a phone


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with Stage(settings).on() as stage, httpx.AsyncClient(base_url=stage.url) as made:
        yield made


def test_the_pages_are_built() -> None:
    """Fails, rather than skips: `make test` builds them."""
    assert (ASSETS / "index.html").exists(), "make web"
    assert any(file.suffix == ".js" for file in FILES)
    assert any(file.suffix == ".css" for file in FILES)


async def test_every_file_is_served_as_what_it_is_with_a_strict_policy(client: httpx.AsyncClient) -> None:
    kinds = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    for file in FILES:
        answer = await client.get(f"/{file.relative_to(ASSETS).as_posix()}")
        assert answer.status_code == 200
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"] == kinds[file.suffix]
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_every_address_of_the_room_gives_the_page(client: httpx.AsyncClient) -> None:
    index = (ASSETS / "index.html").read_text()
    for path in PAGES:
        answer = await client.get(re.sub(r"\{\w+\}", "pln", path))
        assert (answer.status_code, answer.text) == (200, index), path
        assert answer.headers["cache-control"] == "no-cache", "a new release must be seen"


def test_the_addresses_are_those_of_the_pages() -> None:
    """One list in the service, one in the browser: both the same."""
    routes = (ROOT / "web" / "apps" / "room" / "src" / "routes.ts").read_text()
    there = {re.sub(r":\w+", "{}", path) for path in re.findall(r'path: "([^"]+)"', routes)}
    assert there == {re.sub(r"\{\w+\}", "{}", path) for path in PAGES}


async def test_files_named_by_their_content_are_kept_and_packed_for_who_can_unpack(client: httpx.AsyncClient) -> None:
    script = next(file for file in FILES if file.suffix == ".js" and file.name.startswith("index-"))
    path = f"/{script.relative_to(ASSETS).as_posix()}"

    packed = await client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/index.html", "/../app.py", "/assets/../app.py", "/assets", "/settings.py", "/a/b"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in {307, 404}


def test_the_page_holds_no_script_no_style_and_no_handler_in_its_markup() -> None:
    markup = (ASSETS / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", markup) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", markup) == []


def test_what_comes_from_outside_never_becomes_markup() -> None:
    dangerous = (
        r"dangerouslySetInnerHTML|(?:inner|outer|Adjacent)HTML|document\.write|DOMParser|\beval\(|new Function"
        r"|ContextualFragment|javascript:"
    )
    assert len(SOURCES) > 20
    for file in SOURCES:
        assert re.findall(dangerous, file.read_text()) == [], file.name


def test_all_scripts_together_are_small() -> None:
    packed = sum(len(gzip.compress(file.read_bytes())) for file in FILES if file.suffix == ".js")
    assert packed <= _MOST_SCRIPT


def test_every_reason_a_gate_may_give_has_words_in_every_language() -> None:
    for language in LANGUAGES:
        words = json.loads((WORDS / f"{language}.json").read_text("utf-8"))
        assert {f"reason.{reason}" for reason in SHOWN} <= words.keys(), language


def test_every_word_the_pages_ask_for_exists() -> None:
    words = json.loads((WORDS / "en.json").read_text("utf-8"))
    known = {key.split("|")[0] for key in words}
    asked = {key for file in SOURCES for key in re.findall(r'\bsay\(\s*"([^"]+)"', file.read_text())}
    assert len(asked) > 60
    assert sorted(asked - known) == []
